//! A PgBouncer before a test's server, which lives no longer than the test process.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::binaries::skipped;
use super::leavings;
use super::server::{Server, free_port, unprivileged};

/// Runs it until its standard input ends, which it does when the test process does.
const WATCH: &str = r#"
program=$1 root=$2
"$program" "$root/pgbouncer.ini" >>"$root/log" 2>&1 &
read -r word
kill -INT $!
wait
rm -rf "$root"
"#;

/// A pooler of its own: port, directory, log.
pub struct PgBouncer {
    root: PathBuf,
    port: u16,
    watch: Child,
}

impl PgBouncer {
    /// One before `server`, with these lines in its file; `None`, and a word, where none is installed.
    ///
    /// # Panics
    /// Where none is installed and the environment has `CI`: there nothing is skipped.
    pub fn start(server: &Server, settings: &str) -> Option<Self> {
        let program = find();
        if program.is_none() {
            let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
            assert!(!in_ci, "no PgBouncer found, and in CI no test is skipped");
            skipped("no PgBouncer found");
        }
        let program = program?;
        // Somebody else may take the port that was free.
        (0..5)
            .find_map(|_| Self::try_start(&program, server, settings))
            .or_else(|| panic!("it does not start"))
    }

    fn try_start(program: &PathBuf, server: &Server, settings: &str) -> Option<Self> {
        let root = tempfile::Builder::new().prefix("crm-seed-it-").tempdir().expect("a directory").keep();
        leavings::owned(&root);
        let port = free_port();
        // Whoever comes is let in, and is the server's superuser.
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\n{settings}\n",
            server.port()
        );
        fs::write(root.join("pgbouncer.ini"), text).expect("pgbouncer.ini");
        let mut command = Command::new("sh");
        command.args(["-c", WATCH, "watch"]).arg(program).arg(&root).current_dir(&root).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // It refuses to run as root.
        if let Some((user, group)) = unprivileged(&std::env::temp_dir()) {
            chown(&root, Some(user), Some(group)).expect("the directory for the pooler's user");
            command.uid(user).gid(group);
        }
        let pooler = Self { root, port, watch: command.spawn().expect("sh") };
        pooler.becomes_ready().then_some(pooler)
    }

    fn becomes_ready(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if self.log().contains("process up") && TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            if self.log().contains("FATAL") || self.log().contains("ERROR") {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    fn log(&self) -> String {
        fs::read_to_string(self.root.join("log")).unwrap_or_default()
    }

    /// What names a database of its server to crm-seed, by way of it.
    pub fn option(&self, database: &str) -> String {
        format!("--database-url {}", self.url(database))
    }

    /// The URL of a database of its server, by way of it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://app@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        // It may be dead already.
        let _ = self.watch.wait();
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    places.map(|directory| directory.join("pgbouncer")).find(|program| program.is_file())
}
