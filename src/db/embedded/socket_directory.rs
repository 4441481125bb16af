//! The directory of a server's socket, in the system's directory for temporary files.
//!
//! A process that is killed leaves its own behind, and the next one removes it. That nobody uses it any
//! more is certain from a lock, which ends with the process that holds it; its owner takes it before the
//! directory gets the name under which others look for it.

use std::fs::File;
use std::io::Result;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How its name begins.
const PREFIX: &str = "crm-seed-";
/// How it begins until the lock is taken.
const UNLOCKED_PREFIX: &str = ".crm-seed-";
const LOCK: &str = "crm-seed.lock";
const SOCKET: &str = ".s.PGSQL.5432";
/// The port in the socket's name.
pub const PORT: u16 = 5432;
/// The longest path that every system takes for a socket (104 bytes on macOS, with the final NUL).
const LONGEST_SOCKET: usize = 103;

/// A directory that only we may enter. It is removed when dropped.
#[derive(Debug)]
pub struct SocketDirectory {
    path: PathBuf,
    _lock: File,
}

impl SocketDirectory {
    /// Makes one, and removes those of processes that were killed.
    pub fn new() -> Result<Self> {
        let parent = parent();
        let made = tempfile::Builder::new().prefix(UNLOCKED_PREFIX).tempdir_in(&parent)?;
        let lock = File::create_new(made.path().join(LOCK))?;
        lock.lock()?;
        let name = made.path().file_name().unwrap_or_default().to_string_lossy();
        let path = parent.join(name.replacen(UNLOCKED_PREFIX, PREFIX, 1));
        std::fs::rename(made.path(), &path)?;
        // Its name is another now; this one is dropped instead.
        let _ = made.keep();
        let directory = Self { path, _lock: lock };
        directory.remove_dead();
        Ok(directory)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where its socket is.
    pub fn socket(&self) -> PathBuf {
        self.path.join(SOCKET)
    }

    /// Removes the directories beside this one that a killed process of ours left. One that cannot be
    /// removed stays: it is in nobody's way.
    fn remove_dead(&self) {
        let Ok(ours) = self.path.metadata() else { return };
        let entries = self.path.parent().and_then(|parent| std::fs::read_dir(parent).ok());
        for entry in entries.into_iter().flatten().flatten() {
            let is_candidate = entry.file_name().to_string_lossy().starts_with(PREFIX)
                // Of the entry itself, not of what a link leads to.
                && entry.metadata().is_ok_and(|about| about.is_dir() && about.uid() == ours.uid());
            if is_candidate && entry.path() != self.path {
                let _ = remove_if_dead(&entry.path());
            }
        }
    }
}

impl Drop for SocketDirectory {
    fn drop(&mut self) {
        // What is left is removed by the next process.
        let _ = remove(&self.path);
    }
}

/// Removes `directory` where it is a socket's and its lock is free.
fn remove_if_dead(directory: &Path) -> Result<()> {
    // Without our lock in it, it is something else of a similar name.
    let lock = File::open(directory.join(LOCK))?;
    lock.try_lock()?;
    remove(directory)
}

/// Removes the two files that we put there, and the directory; not if there is anything else in it.
fn remove(directory: &Path) -> Result<()> {
    for name in [SOCKET, LOCK] {
        match std::fs::remove_file(directory.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    std::fs::remove_dir(directory)
}

/// The directory for temporary files, or `/tmp` where the path of a socket in it would be too long.
fn parent() -> PathBuf {
    let parent = std::env::temp_dir();
    let longest = parent.join(PREFIX).as_os_str().len() + "abcdef".len() + "/".len() + SOCKET.len();
    if longest <= LONGEST_SOCKET { parent } else { PathBuf::from("/tmp") }
}
