//! The programs of an installed PostgreSQL server.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The directory that holds `initdb`, `postgres`, `psql` and `pg_dump`.
#[derive(Clone, Debug)]
pub struct Binaries(PathBuf);

impl Binaries {
    /// Those of the newest server, as Debian lays them out, else those on the PATH; looked for
    /// once. Where there are none the test is skipped, and says so.
    ///
    /// # Panics
    /// Where there are none and the environment has `CI`: there nothing is skipped.
    pub fn find() -> Option<Self> {
        static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
        let found = FOUND.get_or_init(|| newest_of_debian().or_else(on_path));
        if found.is_none() {
            let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
            assert!(!in_ci, "no PostgreSQL server binaries found, and in CI no test is skipped");
            skipped("no PostgreSQL server binaries found");
        }
        found.clone().map(Self)
    }

    /// The path of one of them.
    pub fn path(&self, program: &str) -> PathBuf {
        self.0.join(program)
    }
}

/// Says that the test is skipped, on the terminal itself: what is printed by a test that passes is not shown.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let text = format!("SKIPPED {}: {why}\n", thread.name().unwrap_or("a test"));
    // Nobody to tell is no reason to fail.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}

fn is_server(directory: &Path) -> bool {
    ["initdb", "postgres", "psql", "pg_dump"].iter().all(|program| directory.join(program).is_file())
}

fn newest_of_debian() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let servers = versions.filter(|version| is_server(&version.path().join("bin")));
    let number = |name: &str| name.parse::<u32>().unwrap_or(0);
    let newest = servers.max_by_key(|version| number(&version.file_name().to_string_lossy()))?;
    Some(newest.path().join("bin"))
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|directory| is_server(directory))
}
