//! The server's program, unpacked in the user's cache directory: compiled code, its data files, and the
//! empty cluster that new ones are copied from.
//!
//! `pglite-oxide` unpacks it once and then believes what it finds: a process that was killed while it
//! unpacked, or a byte that changed, would break every later start. So what was unpacked is written down
//! with its hashes, and held to them before each start. What does not match is unpacked again.

use std::fmt::Write;
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use pglite_oxide::PglitePaths;

use super::fault;
use crate::error::Result;

/// Names that `pglite-oxide` 0.5.1 gives to what it unpacks: the SHA-256 of its archives, from the
/// metadata in its `Cargo.toml`. A test compares them with what is there after a start.
const RUNTIME: &str = "86290d461e59cca2c4a8024b6d9ce6792f29d737d233a301552a4cf944958b70";
const TEMPLATE: &str = "1c82a3c64c81d20952ebe6b9a14fae3a1c380af506a978a72deba7541a0dfd9b";
/// Directory of the compiled code. Its files bear the hash of their content: there is none to replace.
const CODE: &str = "wasmer-aot";

/// File that lists what was unpacked.
const MANIFEST: &str = "crm-seed-0.5.1.manifest";
/// File that is locked while it is unpacked.
const LOCK: &str = "crm-seed.lock";
/// Files that `pglite-oxide` writes anew at each start.
const REWRITTEN: [&str; 2] = [".pglite-oxide-runtime-layout.json", "password"];

/// An unpacked program that is as it was unpacked.
#[derive(Debug)]
pub struct ProgramCache {
    root: PathBuf,
}

impl ProgramCache {
    /// Finds it, and unpacks it where it is not there or not sound. Processes that come at the same time
    /// wait for the one that unpacks.
    pub fn ready() -> Result<Self> {
        let root = root().ok_or_else(|| {
            fault::cannot_unpack(Path::new("a cache directory"), "this user has no home directory")
        })?;
        let cache = Self { root };
        if !cache.is_sound() {
            cache.unpack_alone().map_err(|reason| fault::cannot_unpack(&cache.root, reason))?;
        }
        Ok(cache)
    }

    /// Loads the code into this process, so that servers start faster.
    pub fn load(&self) {
        // What is wrong with it shows when a server starts. The paths are not used.
        let _ = pglite_oxide::preload_runtime_module(&PglitePaths::with_root(&self.root));
    }

    /// The cluster that new ones are copied from: shut down, and empty.
    pub fn template(&self) -> PathBuf {
        self.root.join("pgdata-template/v2").join(TEMPLATE).join("base")
    }

    /// The SHA-256 of the archive that the template comes from.
    pub const fn template_hash() -> &'static str {
        TEMPLATE
    }

    fn unpack_alone(&self) -> Result<(), String> {
        let told = |error: std::io::Error| error.to_string();
        std::fs::create_dir_all(&self.root).map_err(told)?;
        let lock = File::create(self.root.join(LOCK)).map_err(told)?;
        lock.lock().map_err(told)?;
        // The one that was waited for has unpacked it.
        if self.is_sound() {
            return Ok(());
        }
        // A full disk needs the room.
        self.unpack().inspect_err(|_| drop(self.remove()))
    }

    fn unpack(&self) -> Result<(), String> {
        let told = |error: std::io::Error| error.to_string();
        self.remove()?;
        let scratch = tempfile::tempdir_in(&self.root).map_err(told)?;
        pglite_oxide::install_into(scratch.path()).map_err(|error| format!("{error:#}"))?;
        let paths = PglitePaths::with_root(scratch.path());
        pglite_oxide::preload_runtime_module(&paths).map_err(|error| format!("{error:#}"))?;
        self.write_manifest(&self.describe().map_err(told)?).map_err(told)
    }

    fn remove(&self) -> Result<(), String> {
        for part in self.parts() {
            remove(&part).map_err(|error| format!("{}: {error}", part.display()))?;
        }
        Ok(())
    }

    /// What is unpacked, a directory each.
    fn parts(&self) -> [PathBuf; 3] {
        let template = self.root.join("pgdata-template/v2").join(TEMPLATE);
        [self.root.join(CODE), self.root.join("runtime").join(RUNTIME), template]
    }

    /// Whether every file is as it was when it was unpacked. Code is read, which takes 10 ms for 33 MB;
    /// the many small files are read only if their size or times say that they were written to.
    fn is_sound(&self) -> bool {
        let Ok(text) = std::fs::read_to_string(self.root.join(MANIFEST)) else { return false };
        let Some(listed) = parse(&text) else { return false };
        let mut is_touched = false;
        for file in &listed {
            let path = self.root.join(&file.path);
            let Ok(about) = std::fs::symlink_metadata(&path) else { return false };
            if !about.is_file() || about.len() != file.size {
                return false;
            }
            let is_touched_here = Times::of(&about) != file.times;
            if (is_touched_here || file.path.starts_with(CODE)) && hash(&path).ok() != Some(file.hash) {
                return false;
            }
            is_touched |= is_touched_here;
        }
        if is_touched {
            // A copied cache, say. Where it cannot be written down, the next start reads the files again.
            let _ = self.describe().and_then(|listed| self.write_manifest(&listed));
        }
        !listed.is_empty()
    }

    /// Every file that is unpacked, as it is now.
    fn describe(&self) -> std::io::Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for part in self.parts() {
            self.describe_in(&part, &mut listed)?;
        }
        Ok(listed)
    }

    fn describe_in(&self, directory: &Path, listed: &mut Vec<Listed>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let (path, about) = (entry.path(), entry.metadata()?);
            if about.is_dir() {
                self.describe_in(&path, listed)?;
            } else if about.is_file() && !REWRITTEN.iter().any(|name| entry.file_name() == *name) {
                let hash = hash(&path)?;
                let relative = path.strip_prefix(&self.root).unwrap_or(&path).to_owned();
                listed.push(Listed { hash, size: about.len(), times: Times::of(&about), path: relative });
            }
        }
        Ok(())
    }

    fn write_manifest(&self, listed: &[Listed]) -> std::io::Result<()> {
        let mut text = String::new();
        for Listed { hash, size, times, path } in listed {
            let path = path.display();
            let _ = writeln!(text, "{hash} {size} {} {} {path}", times.modified, times.changed);
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.root)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(self.root.join(MANIFEST))?;
        Ok(())
    }
}

/// A file of the manifest: a line of it, its path below the cache directory.
struct Listed {
    hash: blake3::Hash,
    size: u64,
    times: Times,
    path: PathBuf,
}

/// When a file was last written to, in nanoseconds since 1970. The second one cannot be set back.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Times {
    modified: i128,
    changed: i128,
}

impl Times {
    fn of(about: &Metadata) -> Self {
        let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = modified.and_then(|time| i128::try_from(time.as_nanos()).ok()).unwrap_or(-1);
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            i128::from(about.ctime()) * 1_000_000_000 + i128::from(about.ctime_nsec())
        };
        #[cfg(not(unix))]
        let changed = 0;
        Self { modified, changed }
    }
}

/// `None` where the text was cut or is not ours.
fn parse(text: &str) -> Option<Vec<Listed>> {
    if !text.ends_with('\n') {
        return None;
    }
    let line = |line: &str| {
        let mut fields = line.splitn(5, ' ');
        let hash = blake3::Hash::from_hex(fields.next()?).ok()?;
        let size = fields.next()?.parse().ok()?;
        let times = Times { modified: fields.next()?.parse().ok()?, changed: fields.next()?.parse().ok()? };
        Some(Listed { hash, size, times, path: PathBuf::from(fields.next()?) })
    };
    text.lines().map(line).collect()
}

fn hash(path: &Path) -> std::io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize())
}

fn remove(directory: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Where `pglite-oxide` unpacks: what `directories::ProjectDirs` gives as its cache directory.
fn root() -> Option<PathBuf> {
    #[cfg(windows)]
    {
        let local = PathBuf::from(std::env::var_os("LOCALAPPDATA")?);
        Some(local.join("pglite-oxide/pglite-oxide/cache"))
    }
    #[cfg(target_os = "macos")]
    {
        Some(std::env::home_dir()?.join("Library/Caches/dev.pglite-oxide.pglite-oxide"))
    }
    #[cfg(not(any(windows, target_os = "macos")))]
    {
        let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = match named {
            Some(caches) => caches,
            None => std::env::home_dir().filter(|home| !home.as_os_str().is_empty())?.join(".cache"),
        };
        Some(caches.join("pglite-oxide"))
    }
}
