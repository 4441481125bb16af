//! As whom the server runs: as we are; or where we are root, which PostgreSQL refuses, as the account postgres.

use std::path::Path;
use std::process::Command;

/// The account that packages of PostgreSQL make.
const NAME: &str = "postgres";

/// Who runs the server and owns its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// We do.
    Own,
    /// Another account, by the numbers of its user and its group.
    Other { user: u32, group: u32 },
}

#[cfg(unix)]
impl Account {
    /// Who may run a server; `None` where we are root and there is nobody else.
    pub fn for_server() -> Option<Self> {
        if own_user()? != 0 {
            return Some(Self::Own);
        }
        let (user, group) = named(&std::fs::read_to_string("/etc/passwd").ok()?)?;
        Some(Self::Other { user, group })
    }

    /// The number of the user whose files the server's are.
    pub fn user(self) -> Option<u32> {
        match self {
            Self::Own => own_user(),
            Self::Other { user, .. } => Some(user),
        }
    }

    /// Makes a program run as this account, from a directory that it may enter.
    pub fn run(self, command: &mut Command) {
        use std::os::unix::process::CommandExt;
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
        command.current_dir("/");
    }

    /// Gives it a file or directory.
    ///
    /// # Errors
    /// As for `chown`.
    pub fn own(self, path: &Path) -> std::io::Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => std::os::unix::fs::chown(path, Some(user), Some(group)),
        }
    }

    /// Whether it may enter a directory: whether all that leads there lets others through. What is not there yet is made
    /// so that it may.
    pub fn reaches(self, directory: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let Self::Other { user, group } = self else { return true };
        let Ok(path) = std::path::absolute(directory) else { return false };
        path.ancestors().filter_map(|ancestor| ancestor.metadata().ok()).all(|about| {
            let mode = about.mode();
            about.uid() == user && mode & 0o100 != 0
                || about.gid() == group && mode & 0o010 != 0
                || mode & 0o001 != 0
        })
    }
}

#[cfg(not(unix))]
impl Account {
    pub fn for_server() -> Option<Self> {
        Some(Self::Own)
    }

    pub fn user(self) -> Option<u32> {
        None
    }

    pub fn run(self, _: &mut Command) {}

    pub fn own(self, _: &Path) -> std::io::Result<()> {
        Ok(())
    }

    pub fn reaches(self, _: &Path) -> bool {
        true
    }
}

/// The number of our user: that of a file that we make.
#[cfg(unix)]
fn own_user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    Some(tempfile::tempfile().ok()?.metadata().ok()?.uid())
}

/// User and group of the account in a file like `/etc/passwd`.
#[cfg(unix)]
fn named(passwd: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(NAME))?;
    let mut fields = line.split(':').skip(2);
    let mut number = || fields.next()?.parse().ok();
    Some((number()?, number()?))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_found_by_its_name() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\npostgres-old:x:5:5::/:\npostgres:x:105:110:,,,:/var/lib:/bin/bash\n";
        assert_eq!(named(passwd), Some((105, 110)));
        assert_eq!(named("root:x:0:0::/:\n"), None);
    }

    #[test]
    fn another_account_does_not_reach_what_is_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let other = Account::Other { user: 4_000_001, group: 4_000_001 };
        let mode = |mode| std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(mode));
        mode(0o700).expect("closed");
        assert!(!other.reaches(&directory.path().join("below")) && Account::Own.reaches(directory.path()));
        mode(0o711).expect("open");
        assert!(other.reaches(&directory.path().join("below")));
    }
}
