//! What `generate` has written into a directory, noted there: a file that is not as it was written belongs
//! to somebody else, or was changed, and is not replaced.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::text_file;
use crate::whole_file::replace;

/// The name of the note.
pub const NAME: &str = ".crm-seed-files.json";

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Their BLAKE3 hash, in hex.
    pub blake3: String,
}

/// The files of one directory. While files are replaced, a name has two entries: the old and the new.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    files: Vec<Entry>,
}

impl Manifest {
    /// That of a directory, empty where there is none; `None` where the file is not of ours.
    pub fn read(directory: &Path) -> Option<Self> {
        let path = directory.join(NAME);
        if path.symlink_metadata().is_err() {
            return Some(Self::default());
        }
        let text = text_file::text(&path, text_file::MOST_BYTES).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Whether the file of this name is one that was written and is as it was then.
    pub fn has(&self, directory: &Path, name: &str) -> bool {
        let path = directory.join(name);
        let Ok(metadata) = path.symlink_metadata() else { return false };
        let mut entries = self.files.iter().filter(|entry| entry.name == name).peekable();
        if !metadata.is_file() || entries.peek().is_none() {
            return false;
        }
        let mut entries = entries.filter(|entry| entry.size == metadata.len()).peekable();
        entries.peek().is_some() && hash(&path).is_ok_and(|hash| entries.any(|entry| entry.blake3 == hash))
    }

    /// Adds `new` beside the old entries of those names, and writes it.
    pub fn announce(&mut self, directory: &Path, new: &[Entry]) -> Result<()> {
        self.files.extend(new.iter().cloned());
        self.write(directory)
    }

    /// Leaves of the names in `new` only their new entries, and writes it.
    pub fn settle(&mut self, directory: &Path, new: &[Entry]) -> Result<()> {
        self.files.retain(|entry| new.iter().all(|new| new.name != entry.name));
        self.files.extend(new.iter().cloned());
        self.files.sort_by(|a, b| a.name.cmp(&b.name));
        self.write(directory)
    }

    fn write(&self, directory: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        replace(&directory.join(NAME), text.as_bytes())
    }
}

fn hash(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().to_hex().to_string()),
            length => hasher.update(&buffer[..length]),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, bytes: &[u8]) -> Entry {
        Entry {
            name: name.into(),
            size: bytes.len() as u64,
            blake3: blake3::hash(bytes).to_hex().to_string(),
        }
    }

    #[test]
    fn a_file_is_ours_while_it_is_as_it_was_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let directory = directory.path();
        let write = |text: &str| std::fs::write(directory.join("a.csv"), text).expect("a file");
        let mut manifest = Manifest::read(directory).expect("none yet");
        write("old");
        assert!(!manifest.has(directory, "a.csv"));
        manifest.settle(directory, &[entry("a.csv", b"old"), entry("b.csv", b"b")]).expect("written");
        assert!(manifest.has(directory, "a.csv") && !manifest.has(directory, "b.csv"));
        // Of a run that ended in the middle either may be there.
        manifest.announce(directory, &[entry("a.csv", b"new")]).expect("written");
        for (text, is_ours) in [("old", true), ("new", true), ("odd", false), ("older", false)] {
            write(text);
            assert_eq!(manifest.has(directory, "a.csv"), is_ours, "{text}");
        }
        manifest.settle(directory, &[entry("a.csv", b"new")]).expect("written");
        write("old");
        assert!(!manifest.has(directory, "a.csv"));
        assert_eq!(Manifest::read(directory), Some(manifest));
        std::fs::write(directory.join(NAME), "{\"mine\": true}").expect("a file");
        assert_eq!(Manifest::read(directory), None);
    }
}
