//! The private cluster: how it is made, started and stopped. It is made whole or not at all: beside, and put into place by a
//! rename.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::account::Account;
use super::binaries::Binaries;
use super::names::{PORT, ROLE};
use super::running::Running;
use crate::error::{Error, Kind, Result};

/// Its data directory.
const DATA: &str = "cluster";
/// One that is still being made.
const UNFINISHED: &str = "cluster.new";
/// The directory of its socket.
const SOCKETS: &str = "run";
/// What is said about where it listens; written at each start.
const CONFIG: &str = "crm-seed.conf";
/// Its password, for clients that come over TCP.
const PASSWORD: &str = "password";
/// What it says.
const LOG: &str = "server.log";
/// Ports that are tried where the usual one is taken: by another project's.
const PORTS: u16 = 64;
/// The longest path that every system takes for a socket (104 bytes on macOS, with the final NUL).
const LONGEST_SOCKET: usize = 103;
/// Lines of the server's log that an error repeats.
const TOLD: usize = 3;

/// What stands in its configuration beside where it listens. It is for one machine's tests: a crash of the machine may cost
/// the last moments, nothing more.
const SETTINGS: &str = "
# crm-seed
include_if_exists = 'crm-seed.conf'
listen_addresses = '127.0.0.1'
max_connections = 100
synchronous_commit = off
logging_collector = off
log_timezone = 'UTC'
timezone = 'UTC'
";
/// Who may come in: by the socket, whose directory is the user's alone; over TCP with the password.
const CLIENTS: &str = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";

/// The cluster of a directory.
pub struct Cluster {
    directory: PathBuf,
    binaries: Binaries,
    account: Account,
}

/// Whether there is one.
pub fn exists(directory: &Path) -> bool {
    directory.join(DATA).join("PG_VERSION").is_file()
}

/// Whether a server has noted itself there, running or killed.
pub fn is_noted(directory: &Path) -> bool {
    Running::is_noted(&directory.join(DATA))
}

/// The major version by which it was made, where there is one.
pub fn version(directory: &Path) -> Option<u32> {
    std::fs::read_to_string(directory.join(DATA).join("PG_VERSION")).ok()?.trim().parse().ok()
}

impl Cluster {
    /// Of a directory, which is there.
    ///
    /// # Errors
    /// The directory has no absolute path.
    pub fn of(directory: &Path, binaries: Binaries, account: Account) -> Result<Self> {
        Ok(Self { directory: std::fs::canonicalize(directory)?, binaries, account })
    }

    fn data(&self) -> PathBuf {
        self.directory.join(DATA)
    }

    /// The server, where it runs.
    pub fn running(&self) -> Option<Running> {
        let running = Running::read(&self.data())?;
        // A file that a killed server has left behind tells of none.
        let status = self.program("pg_ctl").arg("status").arg("-D").arg(self.data()).output().ok()?;
        status.status.success().then_some(running)
    }

    /// Makes it, where it is not there.
    ///
    /// # Errors
    /// Failed, with what initdb says.
    pub fn create(&self) -> Result<()> {
        if exists(&self.directory) {
            return Ok(());
        }
        let unfinished = self.directory.join(UNFINISHED);
        let told = |error: std::io::Error| {
            Error::failed(format!("cannot create the local database in {}", self.directory.display()))
                .with_source(error)
        };
        remove_tree(&unfinished).map_err(told)?;
        make_private(&unfinished, self.account).map_err(told)?;
        let password = tempfile::Builder::new().tempfile().map_err(told)?;
        let secret = random_password();
        std::fs::write(password.path(), &secret).map_err(told)?;
        self.account.own(password.path()).map_err(told)?;
        let mut initdb = self.program("initdb");
        initdb.arg("-D").arg(&unfinished).args([
            "-U",
            ROLE,
            "-E",
            "UTF8",
            "--locale=C",
            "-A",
            "trust",
            "--no-sync",
        ]);
        initdb.arg("--pwfile").arg(password.path());
        self.run(&mut initdb, "initdb")?;
        let append = |name: &str, text: &str| -> std::io::Result<()> {
            use std::io::Write;
            let mut file = std::fs::File::options().append(true).open(unfinished.join(name))?;
            file.write_all(text.as_bytes())
        };
        append("postgresql.conf", SETTINGS).map_err(told)?;
        std::fs::write(unfinished.join("pg_hba.conf"), CLIENTS).map_err(told)?;
        write_private(&self.directory.join(PASSWORD), &secret).map_err(told)?;
        std::fs::rename(&unfinished, self.data()).map_err(told)
    }

    /// Starts the server, on `port` or the first free one from the usual one on.
    ///
    /// # Errors
    /// Unreachable, with the last that the server says; a port that is taken.
    pub fn start(&self, port: Option<u16>) -> Result<Running> {
        let port = match port {
            Some(0) | None => free_port(port.unwrap_or(PORT))?,
            Some(port) if is_free(port) => port,
            Some(port) => {
                return Err(Error::failed(format!("cannot listen on 127.0.0.1:{port}: it is in use"))
                    .with_hint("use another --port, or 0 for a free one"));
            }
        };
        let told = |error: std::io::Error| self.cannot_start(&error.to_string());
        let sockets = self.sockets().map_err(told)?;
        let config = format!(
            "port = {port}\nunix_socket_directories = '{}'\nunix_socket_permissions = 0700\n",
            sockets.display().to_string().replace('\'', "''")
        );
        let file = self.data().join(CONFIG);
        std::fs::write(&file, config).map_err(told)?;
        self.account.own(&file).map_err(told)?;
        let log = self.directory.join(LOG);
        write_private(&log, "").map_err(told)?;
        self.account.own(&log).map_err(told)?;
        let mut start = self.program("pg_ctl");
        start.args(["start", "-w", "-t", "60", "-s", "-D"]).arg(self.data()).arg("-l").arg(&log);
        // The server outlives this command, and keeps what it inherits open.
        start
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let status = start.status().map_err(told)?;
        match self.running().filter(|_| status.success()) {
            Some(running) => Ok(running),
            None => Err(self.cannot_start(&last_lines(&log))),
        }
    }

    /// Stops the server: sessions are ended, and what they had not committed is undone.
    ///
    /// # Errors
    /// It does not stop.
    pub fn stop(&self) -> Result<()> {
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "-m", "fast", "-w", "-s", "-D"]).arg(self.data());
        self.run(&mut stop, "pg_ctl stop").map(drop)
    }

    /// The password for clients that come over TCP.
    ///
    /// # Errors
    /// Its file is gone.
    pub fn password(directory: &Path) -> Result<String> {
        let file = directory.join(PASSWORD);
        std::fs::read_to_string(&file)
            .map(|password| password.trim().to_owned())
            .map_err(|error| Error::failed(format!("cannot read {}", file.display())).with_source(error))
    }

    /// The directory of the socket, which is the user's alone: beside the data, or where that path is too long in the
    /// system's directory for temporary files.
    fn sockets(&self) -> std::io::Result<PathBuf> {
        let beside = self.directory.join(SOCKETS);
        let longest = beside.as_os_str().len() + "/.s.PGSQL.65535.lock".len();
        let path = match longest <= LONGEST_SOCKET {
            true => beside,
            false => {
                let hash = blake3::hash(self.directory.as_os_str().as_encoded_bytes()).to_hex();
                Path::new("/tmp").join(format!("crm-seed-{}", &hash[..16]))
            }
        };
        if !path.exists() {
            make_private(&path, self.account)?;
        }
        match is_private(&path, self.account) {
            true => Ok(path),
            false => Err(std::io::Error::other(format!(
                "{} is not a private directory of its own",
                path.display()
            ))),
        }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.path(name));
        // Messages are read by people of any language, and by nobody else; what is set for other servers is not for this.
        for variable in ["PGDATA", "PGPORT", "PGHOST", "PGOPTIONS", "PGUSER", "PGDATABASE", "PGSERVICE"] {
            command.env_remove(variable);
        }
        self.account.run(&mut command);
        command
    }

    fn run(&self, command: &mut Command, name: &str) -> Result<Output> {
        let output = command
            .output()
            .map_err(|error| Error::failed(format!("cannot run {name}")).with_source(error))?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = said.iter().rev().take(TOLD).rev().copied().collect::<Vec<_>>().join("; ");
        Err(Error::failed(format!("{name} failed: {last}")))
    }

    fn cannot_start(&self, why: &str) -> Error {
        let directory = self.directory.display();
        Error::new(Kind::Unreachable, format!("cannot start the local database in {directory}: {why}"))
            .with_hint(format!(
                "{} has all that it says; --engine embedded does without it",
                self.directory.join(LOG).display()
            ))
    }
}

/// The last lines of a log.
fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    match lines.is_empty() {
        true => "it says nothing".to_owned(),
        false => lines.iter().rev().take(TOLD).rev().copied().collect::<Vec<_>>().join("; "),
    }
}

/// The first free port from one on; any where that is 0.
fn free_port(first: u16) -> Result<u16> {
    if first == 0 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        return Ok(listener.local_addr()?.port());
    }
    let mut ports = first..first.saturating_add(PORTS);
    ports.find(|port| is_free(*port)).ok_or_else(|| {
        Error::failed(format!("no port from {first} to {} is free for the local database", first + PORTS - 1))
    })
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// 128 bits in letters that need no quotes anywhere.
fn random_password() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let part = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", part(), part())
}

fn remove_tree(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a directory that nobody but the account may look into.
fn make_private(directory: &Path, account: Account) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    account.own(directory)
}

/// Whether a directory is the account's alone, and no link.
#[cfg(unix)]
fn is_private(directory: &Path, account: Account) -> bool {
    use std::os::unix::fs::MetadataExt;
    let about = std::fs::symlink_metadata(directory);
    about
        .is_ok_and(|about| about.is_dir() && Some(about.uid()) == account.user() && about.mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(directory: &Path, _: Account) -> bool {
    directory.is_dir()
}

/// Writes a file that only we may read.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    remove_file(path)?;
    let mut options = std::fs::File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn remove_file(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_passed_by() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("its address").port();
        assert!(!is_free(port));
        assert!(free_port(port).is_ok_and(|free| free > port) || port > u16::MAX - PORTS);
        assert!(free_port(0).is_ok_and(|port| port > 0));
    }

    #[test]
    fn passwords_differ_and_need_no_quotes() {
        let (one, other) = (random_password(), random_password());
        assert!(one != other && one.len() == 32 && one.bytes().all(|b| b.is_ascii_alphanumeric()));
    }
}
