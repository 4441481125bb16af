//! Where PostgreSQL's programs are installed: on PATH, where Debian, Red Hat, Homebrew and Postgres.app put them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Directories with one directory for each version, and what leads from there to the programs.
const LAYOUTS: [(&str, &str); 7] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr/libexec", "postgresql"),
    ("/usr", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "bin"),
];
/// The oldest version on which the bundled schema runs.
const OLDEST: u32 = 12;

/// The programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    directory: PathBuf,
    /// The major version.
    pub version: u32,
}

impl Binaries {
    /// The newest that are installed, or those of a version.
    pub fn find(version: Option<u32>) -> Option<Self> {
        let mut found: Vec<Self> = directories().into_iter().filter_map(Self::in_directory).collect();
        found.retain(|binaries| {
            version.map_or(binaries.version >= OLDEST, |wanted| binaries.version == wanted)
        });
        // Of one version the first, as PATH has it.
        found.into_iter().rev().max_by_key(|binaries| binaries.version)
    }

    fn in_directory(directory: PathBuf) -> Option<Self> {
        let has = |program: &str| directory.join(program).is_file();
        if !["initdb", "pg_ctl"].into_iter().all(has) {
            return None;
        }
        let output = Command::new(directory.join("pg_ctl")).arg("--version").output().ok()?;
        // Where Debian's programs are links, the server is beside what they lead to.
        let directory = std::fs::canonicalize(directory.join("pg_ctl")).ok()?.parent()?.to_owned();
        let version = major(&String::from_utf8_lossy(&output.stdout))?;
        directory.join("postgres").is_file().then_some(Self { directory, version })
    }

    /// The path of a program.
    pub fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }
}

/// `pg_ctl (PostgreSQL) 15.18 (Debian 15.18-0)` is 15.
fn major(text: &str) -> Option<u32> {
    let number = text.split_once("(PostgreSQL)")?.1.trim_start();
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Directories in which the programs may be, those of PATH first.
fn directories() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    for (parent, bin) in LAYOUTS {
        let mut versions: Vec<PathBuf> = std::fs::read_dir(parent)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| is_of_version(path, parent))
            .collect();
        versions.sort();
        all.extend(versions.into_iter().rev().flat_map(|path| [path.join(bin), path]));
    }
    all
}

/// Of directories that hold much besides, those that are PostgreSQL's.
fn is_of_version(path: &Path, parent: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_theirs = parent.ends_with("postgresql") || parent.contains("Postgres.app");
    is_theirs || name.starts_with("postgresql") || name.starts_with("pgsql-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_told_by_the_program() {
        assert_eq!(major("pg_ctl (PostgreSQL) 15.18 (Debian 15.18-0)\n"), Some(15));
        assert_eq!(major("pg_ctl (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("pg_ctl 9"), None);
    }

    #[test]
    fn a_directory_without_a_server_has_none() {
        assert_eq!(Binaries::in_directory("/nowhere".into()), None);
        assert_eq!(Binaries::find(Some(7)), None);
    }
}
