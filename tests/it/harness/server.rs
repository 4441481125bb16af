//! A PostgreSQL server that lives no longer than the test process, however that ends.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::binaries::Binaries;
use super::database::Database;
use super::leavings;

/// Runs a cluster until its standard input ends, which it does when the test process does.
/// A process group of its own keeps the terminal's Ctrl-C away. `keep` leaves the files.
const WATCH: &str = r#"
bin=$1 root=$2 port=$3
(
  if ! [ -e "$root/data/PG_VERSION" ]; then
    "$bin/initdb" -D "$root/data" -U postgres -A trust -N -E UTF8 --locale=C || exit 1
    cp "$root/pg_hba.conf" "$root/data/pg_hba.conf"
    cat "$root/settings.conf" >>"$root/data/postgresql.conf"
  fi
  exec "$bin/postgres" -D "$root/data" -p "$port" -k "$root"
) >>"$root/log" 2>&1 &
read -r word
trap '' QUIT
kill -QUIT 0
wait
[ "$word" = keep ] || rm -rf "$root"
"#;

/// Who gets in how: everybody but the role `locked`, which needs its password.
const HBA: &str = "local all all trust
host all locked 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
";

/// Nothing of a test's cluster has to survive the machine.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
max_connections = 60
shared_buffers = 64MB
";

/// A cluster of its own: data directory, socket directory, port.
pub struct Server {
    binaries: Binaries,
    root: PathBuf,
    port: u16,
    watch: Option<Child>,
    databases: AtomicU32,
}

impl Server {
    /// The one that most tests share; `None` where none is installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        if SHARED.get_or_init(Self::start).is_none() {
            // Tells it for each test.
            Binaries::find();
        }
        SHARED.get().and_then(Option::as_ref)
    }

    /// One for a test that stops it; `None` where none is installed.
    pub fn start() -> Option<Self> {
        let mut server = Self::prepare()?;
        server.run();
        Some(server)
    }

    /// One that does not run yet, in a fresh directory.
    pub fn prepare() -> Option<Self> {
        Self::prepare_in(&std::env::temp_dir())
    }

    /// The same, with its files below `directory`.
    pub fn prepare_in(directory: &Path) -> Option<Self> {
        let binaries = Binaries::find()?;
        let root = tempfile::Builder::new().prefix("crm-seed-it-").tempdir_in(directory);
        let root = root.expect("a directory for the cluster").keep();
        leavings::owned(&root);
        fs::write(root.join("pg_hba.conf"), HBA).expect("pg_hba.conf");
        fs::write(root.join("settings.conf"), SETTINGS).expect("settings.conf");
        if let Some((user, group)) = unprivileged(&root) {
            chown(&root, Some(user), Some(group)).expect("the directory for the server's user");
        }
        Some(Self { binaries, root, port: free_port(), watch: None, databases: AtomicU32::new(0) })
    }

    /// Starts it, on another port where somebody has taken this one.
    pub fn run(&mut self) {
        for _ in 0..5 {
            // What an earlier run has logged is not this one's failure.
            let _ = fs::remove_file(self.root.join("log"));
            self.watch = Some(self.watcher().spawn().expect("sh"));
            if self.becomes_ready() {
                return;
            }
            self.stop();
            self.port = free_port();
        }
        panic!("the server does not start: {}", self.log());
    }

    fn watcher(&self) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", WATCH, "watch"]).arg(self.binaries.path("")).arg(&self.root);
        command.arg(self.port.to_string()).current_dir(&self.root).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if let Some((user, group)) = unprivileged(&std::env::temp_dir()) {
            command.uid(user).gid(group);
        }
        command
    }

    fn becomes_ready(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            let status = fs::read_to_string(self.root.join("data/postmaster.pid")).unwrap_or_default();
            if status.lines().nth(7).is_some_and(|line| ["ready", "standby"].contains(&line.trim())) {
                return true;
            }
            if self.log().contains("FATAL") {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// Stops it at once, as a crash would; the files stay for another [`Server::run`].
    pub fn stop(&mut self) {
        if let Some(mut watch) = self.watch.take() {
            if let Some(mut stdin) = watch.stdin.take() {
                stdin.write_all(b"keep\n").expect("the watcher reads");
            }
            watch.wait().expect("the watcher ends");
        }
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.root.join("log")).unwrap_or_default()
    }

    /// Adds lines to its settings; to be called before it runs.
    pub fn set(&self, settings: &str) {
        self.append("settings.conf", settings);
    }

    /// Who gets in how: lines that replace the usual ones; to be called before it runs.
    pub fn let_in(&self, lines: &str) {
        fs::write(self.root.join("pg_hba.conf"), lines).expect("pg_hba.conf");
    }

    fn append(&self, name: &str, text: &str) {
        let file = fs::OpenOptions::new().append(true).open(self.root.join(name));
        file.and_then(|mut file| file.write_all(text.as_bytes())).expect("a file of the server's");
    }

    /// Gives a file in its directory to the user that it runs as, and to nobody else.
    pub fn own(&self, file: &Path) {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("the rights to a file");
        let owner = self.root.metadata().expect("the directory's owner");
        chown(file, Some(owner.uid()), Some(owner.gid())).expect("a file for the server's user");
    }

    /// A streaming standby of it, which runs; it must have been told to have any.
    pub fn standby(&self) -> Self {
        let mut standby = Self::prepare().expect("a server is installed");
        let mut copy = Command::new(self.binaries.path("pg_basebackup"));
        copy.args(["-R", "-c", "fast", "-X", "stream", "-U", "postgres", "-h", "127.0.0.1"]);
        copy.args(["-p", &self.port.to_string()]).arg("-D").arg(standby.root.join("data"));
        if let Some((user, group)) = unprivileged(&std::env::temp_dir()) {
            copy.uid(user).gid(group);
        }
        let output = copy.current_dir(&standby.root).output().expect("pg_basebackup");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        standby.run();
        standby
    }

    /// Where its files are.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The process that all its others hang on.
    pub fn postmaster(&self) -> u32 {
        let status = fs::read_to_string(self.root.join("data/postmaster.pid")).expect("postmaster.pid");
        status.lines().next().and_then(|line| line.parse().ok()).expect("a process id")
    }

    /// A database that is there already.
    pub fn database_called(&self, name: &str) -> Database {
        Database::new(self.binaries.clone(), self.port, name.to_owned())
    }

    /// A new and empty database, which goes when the handle does.
    pub fn database(&self) -> Database {
        self.database_from("template1")
    }

    /// A new database with all that `template` has, to which nobody may be connected.
    pub fn database_like(&self, template: &Database) -> Database {
        self.database_from(template.name())
    }

    fn database_from(&self, template: &str) -> Database {
        let name = format!("crm_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.database_called("postgres").run(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        self.database_called(&name).owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match self.watch.take() {
            Some(mut watch) => {
                drop(watch.stdin.take());
                // It may be dead already, with the server.
                let _ = watch.wait();
            }
            None => {
                // It was never run, or was stopped.
                let _ = fs::remove_dir_all(&self.root);
            }
        }
    }
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Whom the server runs as where we are root, which it refuses to.
pub(super) fn unprivileged(ours: &Path) -> Option<(u32, u32)> {
    let probe = tempfile::NamedTempFile::new_in(ours).expect("a file of ours");
    if probe.as_file().metadata().expect("its owner").uid() != 0 {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let ids = |name: &str| {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(|field| field.parse().ok());
        Some((fields.next()??, fields.next()??))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).expect("a user other than root"))
}

#[test]
fn a_server_ends_with_the_process_that_holds_it() {
    let Some(mut server) = Server::start() else { return };
    let postmaster = Path::new("/proc").join(server.postmaster().to_string());
    let root = server.root().to_owned();
    let mut watch = server.watch.take().expect("it runs");
    assert!(root.join("data").is_dir());
    // All that is left of a process that was killed: its end of the pipe is closed.
    drop(watch.stdin.take());
    super::wait_for("the server to end", || (!postmaster.exists()).then_some(()));
    watch.wait().expect("the watcher ends");
    assert!(!root.exists());
}
