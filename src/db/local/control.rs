//! Starting and stopping the server of a directory: one command at a time.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::account::Account;
use super::binaries::Binaries;
use super::cluster::{Cluster, exists, version};
use super::names::WATCH_COMMAND;
use super::running::Running;
use crate::error::{Error, Kind, Result};

/// File that is locked while a server is started or stopped.
const LOCK: &str = "cluster.lock";
/// Pause between two looks at a lock that another process has.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest that a server which was killed takes to be gone.
const LONGEST_END: Duration = Duration::from_secs(10);
/// The longest that another command takes to start or stop the server.
const LONGEST: Duration = Duration::from_secs(60);

/// Why the installed PostgreSQL cannot run the local database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// There is none.
    NotInstalled,
    /// We are root, which PostgreSQL refuses, and there is no other account for it.
    OnlyRoot,
    /// The account that PostgreSQL would run as cannot enter the directory.
    NotReachable,
}

impl Unfit {
    /// Why, for people.
    pub const fn why(self) -> &'static str {
        match self {
            Self::NotInstalled => "no PostgreSQL is installed",
            Self::OnlyRoot => "PostgreSQL does not run as root, and there is no account postgres",
            Self::NotReachable => "the account postgres cannot enter this directory",
        }
    }
}

/// Whether the installed PostgreSQL can run the local database of a directory.
///
/// # Errors
/// Why it cannot.
pub fn fit(directory: &Path) -> std::result::Result<(Binaries, Account), Unfit> {
    let binaries = Binaries::find(version(directory)).ok_or(Unfit::NotInstalled)?;
    let account = Account::for_server().ok_or(Unfit::OnlyRoot)?;
    match account.reaches(directory) {
        true => Ok((binaries, account)),
        false => Err(Unfit::NotReachable),
    }
}

/// The server of the directory, started where it does not run; `port` is wanted where it is started.
///
/// # Errors
/// Unreachable: it does not start, with what it says.
pub fn start(directory: &Path, port: Option<u16>) -> Result<(Running, bool)> {
    let (binaries, account) = fit(directory).map_err(|unfit| cannot_run(directory, unfit))?;
    std::fs::create_dir_all(directory).map_err(|error| {
        Error::failed(format!("cannot create {}", directory.display())).with_source(error)
    })?;
    keep_out_of_git(directory);
    let _lock = lock(directory)?;
    let cluster = Cluster::of(directory, binaries, account)?;
    if let Some(running) = at_work(&cluster) {
        return Ok((running, false));
    }
    cluster.create()?;
    let running = cluster.start(port)?;
    watch_over(directory);
    Ok((running, true))
}

/// The server, where it runs. One that was killed is waited for until it is gone.
fn at_work(cluster: &Cluster) -> Option<Running> {
    let deadline = Instant::now() + LONGEST_END;
    loop {
        let running = cluster.running()?;
        if running.answers() || Instant::now() > deadline {
            return Some(running);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Stops the server of the directory; whether one was running.
///
/// # Errors
/// It does not stop.
pub fn stop(directory: &Path) -> Result<bool> {
    if !exists(directory) {
        return Ok(false);
    }
    let (binaries, account) = fit(directory).map_err(|unfit| cannot_run(directory, unfit))?;
    let _lock = lock(directory)?;
    let cluster = Cluster::of(directory, binaries, account)?;
    match cluster.running() {
        Some(_) => cluster.stop().map(|()| true),
        None => Ok(false),
    }
}

fn cannot_run(directory: &Path, unfit: Unfit) -> Error {
    let made_by = version(directory);
    let version = made_by.map_or_else(String::new, |version| format!(" (PostgreSQL {version})"));
    Error::new(
        Kind::Unreachable,
        format!("cannot start the local database in {}{version}: {}", directory.display(), unfit.why()),
    )
    .with_hint(match made_by {
        Some(_) => {
            "install that version of PostgreSQL, or use another database: --engine embedded, --database-url"
        }
        None => "use --engine embedded, or name a server with --database-url",
    })
}

/// What is in the directory is nobody's but this machine's.
fn keep_out_of_git(directory: &Path) {
    let file = directory.join(".gitignore");
    if !file.exists() {
        // A directory that git sees is a nuisance, and no reason to stop.
        let _ = std::fs::write(file, "*\n");
    }
}

/// Waits until no other command starts or stops the server.
fn lock(directory: &Path) -> Result<File> {
    let told = |error: std::io::Error| {
        Error::failed(format!("cannot lock {}", directory.join(LOCK).display())).with_source(error)
    };
    let file =
        File::options().create(true).truncate(false).write(true).open(directory.join(LOCK)).map_err(told)?;
    let deadline = Instant::now() + LONGEST;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(told(error)),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::failed(format!(
                    "another command is starting or stopping the local database in {}",
                    directory.display()
                ))
                .with_hint("try again when it has ended"));
            }
        }
    }
}

/// Starts the process that looks after the server, which outlives this one. Where it cannot be started the server goes on until it is stopped.
fn watch_over(directory: &Path) {
    let Ok(program) = std::env::current_exe() else { return };
    let Ok(directory) = std::fs::canonicalize(directory) else { return };
    let mut command = Command::new(program);
    command.arg(WATCH_COMMAND).arg(directory).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C in the terminal is not meant for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let _ = command.spawn();
}
