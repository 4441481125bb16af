//! A directory of generated files. They have temporary names until all are whole, and take the place only
//! of files that an earlier run wrote.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;

use crate::sink::files::manifest::{self, Entry, Manifest};

use crate::error::{Error, Result};
use crate::whole_file::{fault, put, temporary};

/// Files under temporary names, and the names that they get in the end.
pub struct Directory {
    path: PathBuf,
    force: bool,
    manifest: Manifest,
    /// Files of ours that are there, as they were when they were looked at.
    ours: BTreeMap<String, Stamp>,
    done: Vec<(NamedTempFile, Entry)>,
    current: Option<Box<Current>>,
}

struct Current {
    file: BufWriter<NamedTempFile>,
    name: String,
    size: u64,
    hasher: blake3::Hasher,
}

/// By what a change of a file shows without reading it again.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl Directory {
    /// Makes the directory where it is not there, for files of these names. With `force` they may take the
    /// place of any file.
    ///
    /// # Errors
    /// Refused where files of these names are there that crm-seed did not write, or that were changed
    /// since, with all their names; a directory that cannot be made.
    pub fn open(path: &Path, names: &[String], force: bool) -> Result<Self> {
        std::fs::create_dir_all(path).map_err(|error| fault(path, error))?;
        let manifest = Manifest::read(path);
        let mut unknown = Vec::new();
        if manifest.is_none() {
            unknown.push(manifest::NAME);
        }
        let manifest = manifest.unwrap_or_default();
        let mut ours = BTreeMap::new();
        for name in names {
            let Ok(metadata) = path.join(name).symlink_metadata() else { continue };
            // A directory in the place of a file is told as such when the file is put there.
            match manifest.has(path, name) {
                true => drop(ours.insert(name.clone(), Stamp::of(&metadata))),
                false if metadata.is_dir() => {}
                false => unknown.push(name),
            }
        }
        if force || unknown.is_empty() {
            let path = path.to_owned();
            return Ok(Self { path, force, manifest, ours, done: Vec::new(), current: None });
        }
        Err(refusal(path, &unknown))
    }

    /// Begins the file of this name.
    pub fn create(&mut self, name: String) -> Result<()> {
        self.close()?;
        let stem = name.split('.').next().unwrap_or_default();
        let file = temporary(stem, &self.path).map_err(|error| fault(&self.path.join(&name), error))?;
        let file = BufWriter::with_capacity(1 << 16, file);
        let hasher = blake3::Hasher::new();
        self.current = Some(Box::new(Current { file, name, size: 0, hasher }));
        Ok(())
    }

    /// Writes into the file that was begun last.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(current) = &mut self.current else { return Ok(()) };
        current.hasher.update(bytes);
        current.size += bytes.len() as u64;
        current.file.write_all(bytes).map_err(|error| fault(&self.path.join(&current.name), error))
    }

    /// Gives all files their names.
    ///
    /// # Errors
    /// Refused where another file has come in the way; what cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.close()?;
        for (_, entry) in &self.done {
            self.check(&entry.name)?;
        }
        let entries: Vec<Entry> = self.done.iter().map(|(_, entry)| entry.clone()).collect();
        // Told before it is done: files of a run that ends in the middle are known as ours.
        self.manifest.announce(&self.path, &entries)?;
        for (file, entry) in self.done {
            let path = self.path.join(&entry.name);
            if self.force || self.ours.contains_key(&entry.name) {
                file.persist(&path).map_err(|error| fault(&path, error.error))?;
            } else {
                put(file, &path)?;
            }
        }
        self.manifest.settle(&self.path, &entries)
    }

    /// Whether what is there under this name may still be replaced.
    fn check(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
        if metadata.is_dir() {
            return Err(Error::failed(format!("cannot write {}: it is a directory", path.display())));
        }
        match self.force || self.ours.get(name) == Some(&Stamp::of(&metadata)) {
            true => Ok(()),
            false => Err(refusal(&self.path, &[name])),
        }
    }

    fn close(&mut self) -> Result<()> {
        if let Some(current) = self.current.take() {
            let Current { file, name, size, hasher } = *current;
            let path = self.path.join(&name);
            let file = file.into_inner().map_err(|error| fault(&path, error.into_error()))?;
            file.as_file().sync_all().map_err(|error| fault(&path, error))?;
            let blake3 = hasher.finalize().to_hex().to_string();
            self.done.push((file, Entry { name, size, blake3 }));
        }
        Ok(())
    }
}

fn refusal(directory: &Path, names: &[impl AsRef<str>]) -> Error {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let (directory, names) = (directory.display(), names.join(", "));
    Error::refused(format!(
        "refusing to overwrite files in {directory} that crm-seed did not write or that were edited: \
         {names}"
    ))
    .with_hint("write to another directory with --out, or overwrite them with --force")
}
