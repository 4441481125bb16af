//! Files that come into being whole: written beside their place under another name, then put there at once.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Links that lead from one to the next.
const MOST_LINKS: usize = 16;

/// Puts a file where none is.
///
/// # Errors
/// Refused where there is something by now; what cannot be written.
pub fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let file = whole(path, bytes).map_err(|error| fault(path, error))?;
    put(file, path)
}

/// Puts several files where none are: all of them, or none.
///
/// # Errors
/// Refused where there is something of one of the names by now; what cannot be written.
pub fn create_all(files: &[(PathBuf, String)]) -> Result<()> {
    let whole =
        |(path, text): &(PathBuf, String)| whole(path, text.as_bytes()).map_err(|error| fault(path, error));
    let written = files.iter().map(whole).collect::<Result<Vec<_>>>()?;
    for (at, (file, (path, _))) in written.into_iter().zip(files).enumerate() {
        if let Err(error) = put(file, path) {
            // What cannot be removed is not what is to be told.
            files[..at].iter().for_each(|(path, _)| drop(std::fs::remove_file(path)));
            return Err(error);
        }
    }
    Ok(())
}

/// Puts a file in the place of another, or where none is. What a link leads to is replaced, not the link,
/// and keeps its permissions.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.is_dir() {
        return Err(Error::failed(format!("cannot write {}: it is a directory", path.display())));
    }
    let place = behind_links(path);
    let write = || {
        let file = whole(&place, bytes)?;
        if let Ok(metadata) = place.metadata() {
            file.as_file().set_permissions(metadata.permissions())?;
        }
        file.persist(&place).map_err(|error| error.error)
    };
    write().map(drop).map_err(|error| fault(path, error))
}

/// Gives a whole file its name, unless there is something of that name.
///
/// # Errors
/// Refused where there is; what cannot be written.
pub fn put(file: NamedTempFile, path: &Path) -> Result<()> {
    file.persist_noclobber(path).map(drop).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => Error::refused(format!("{} already exists", path.display())),
        _ => fault(path, error.error),
    })
}

/// Where a file lies that is reached by `path`, whether it is there yet or not.
pub fn behind_links(path: &Path) -> PathBuf {
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(link) = place.read_link() else { break };
        place = place.parent().map_or_else(|| link.clone(), |parent| parent.join(&link));
    }
    place
}

/// A file that does not have its name yet.
pub fn temporary(name: &str, directory: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What an ordinary file gets, before the umask; a temporary one is for its owner only.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.prefix(&format!(".{name}-")).suffix(".part").tempfile_in(directory)
}

/// The error of a file that cannot be written.
pub fn fault(path: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("cannot write {}", path.display())).with_source(error)
}

fn whole(path: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut file = temporary("crm-seed", parent.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_created_over() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.json");
        create(&path, b"one").expect("nothing is there");
        let error = create(&path, b"two").expect_err("it is there");
        assert!(error.to_string().contains("already exists"), "{error}");
        assert_eq!(std::fs::read(&path).expect("a file"), b"one");
        replace(&path, b"two").expect("a file");
        assert_eq!(std::fs::read(&path).expect("a file"), b"two");
        assert_eq!(directory.path().read_dir().expect("a directory").count(), 1);
    }

    #[test]
    fn several_files_are_created_or_none() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = |name: &str| (directory.path().join(name), name.to_owned());
        create_all(&[file("a"), file("b")]).expect("nothing is there");
        create_all(&[file("c"), file("d"), file("b")]).expect_err("b is there");
        let names =
            directory.path().read_dir().expect("a directory").flatten().map(|entry| entry.file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(std::fs::read_to_string(directory.path().join("b")).expect("a file"), "b");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        std::fs::create_dir(at("shared")).expect("a directory");
        symlink("shared/ids.json", at("ids.json")).expect("a link");
        assert_eq!(behind_links(&at("ids.json")), at("shared/ids.json"));
        // A link that leads nowhere yet is something that is there.
        assert!(create(&at("ids.json"), b"one").is_err());
        replace(&at("ids.json"), b"one").expect("a file");
        let mode = |mode| std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(at("shared/ids.json"), mode(0o640)).expect("permissions");
        replace(&at("ids.json"), b"two").expect("a file");
        assert!(at("ids.json").is_symlink());
        assert_eq!(std::fs::read(at("shared/ids.json")).expect("a file"), b"two");
        let kept = at("shared/ids.json").metadata().expect("a file").permissions().mode();
        assert_eq!(kept & 0o777, 0o640);
    }
}
