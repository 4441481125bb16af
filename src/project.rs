//! The project that a command is run in: where its `.env` and `crm-seed.toml` are looked for.
//!
//! They decide which database is emptied, so that neither may come from a place where somebody else can
//! put it: not from above the repository, not from a directory like `/tmp`, not from another user.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::terminal;

/// The nearest file called `name`: in the current directory, or above it as far as the root of the
/// repository; as a path from the current directory, so that what is told of it holds on every machine. A pipe counts
/// as one, which the reader may refuse. What may not be believed is passed by, and told.
///
/// # Errors
/// There is no current directory.
pub fn find(name: &str) -> Result<Option<PathBuf>> {
    let current = std::env::current_dir()?;
    for (steps, directory) in within_repository(&current).into_iter().enumerate() {
        let file = directory.join(name);
        let Ok(metadata) = file.metadata() else { continue };
        // A directory `.env` is somebody's Python.
        if !metadata.is_file() && !is_pipe(&metadata) {
            continue;
        }
        match distrust(directory, &metadata) {
            None => return Ok(Some(Path::new(&"../".repeat(steps)).join(name))),
            Some(why) => terminal::tell(&format!("note: ignored {}: {why}\n", file.display())),
        }
    }
    Ok(None)
}

/// `directory` and those above it, to the first that is a repository (or a worktree or submodule, where
/// `.git` is a file); `directory` alone where none is.
fn within_repository(directory: &Path) -> Vec<&Path> {
    let depth = directory.ancestors().position(|above| above.join(".git").symlink_metadata().is_ok());
    directory.ancestors().take(depth.unwrap_or(0) + 1).collect()
}

/// Why a file is not to be believed.
#[cfg(unix)]
fn distrust(directory: &Path, file: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    const ROOT: u32 = 0;
    const WRITABLE_BY_ALL: u32 = 0o002;
    let place = directory.metadata().ok()?;
    let is_open = place.mode() & WRITABLE_BY_ALL != 0;
    if file.uid() == ROOT && !is_open {
        return None;
    }
    // Where even that is not known, nobody is believed.
    let us = our_id();
    if is_open && us != Some(place.uid()) {
        return Some("its directory belongs to another user and is writable by everybody".to_owned());
    }
    if file.uid() != ROOT && us != Some(file.uid()) {
        return Some(format!("it belongs to another user ({})", file.uid()));
    }
    None
}

#[cfg(not(unix))]
fn distrust(_: &Path, _: &Metadata) -> Option<String> {
    None
}

/// The user as whom we run: the owner of what we make, as the standard library has no other way to tell.
#[cfg(unix)]
fn our_id() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    Some(tempfile::tempfile().ok()?.metadata().ok()?.uid())
}

#[cfg(unix)]
fn is_pipe(file: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    file.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_looked_for_above_the_repository() {
        let root = tempfile::tempdir().expect("a directory");
        let deep = root.path().join("outer/repository/src/deep");
        std::fs::create_dir_all(&deep).expect("directories");
        let names = |directory: &Path| {
            let name = |path: &&Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
            within_repository(directory).iter().filter_map(name).collect::<Vec<_>>()
        };
        assert_eq!(names(&deep), ["deep"]);
        std::fs::create_dir(root.path().join("outer/.git")).expect("a repository");
        assert_eq!(names(&deep), ["deep", "src", "repository", "outer"]);
        std::fs::write(root.path().join("outer/repository/.git"), "gitdir: elsewhere").expect("a worktree");
        assert_eq!(names(&deep), ["deep", "src", "repository"]);
        assert_eq!(names(deep.ancestors().nth(1).expect("src")), ["src", "repository"]);
    }
}
