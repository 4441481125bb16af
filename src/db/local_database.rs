//! The local database, which is used where no other is named. The PostgreSQL that is installed runs it, or the one inside
//! the binary where none is, or where its data is of that one. What one of them has made the other never opens.

use std::path::Path;
use std::time::Duration;

use sqlx::{Connection, PgConnection};

use crate::db::local::{self, Cluster, DATABASE, ROLE, Running};
use crate::db::query::{self, execute, fetch};
use crate::error::{Error, Result};
use crate::sql::quote_identifier;

/// Who runs the local database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// The one whose data is there, else PostgreSQL as it is installed, else the embedded one
    #[default]
    Auto,
    /// PostgreSQL as it is installed on this machine
    Installed,
    /// The PostgreSQL inside crm-seed: one connection at a time
    Embedded,
}

/// The directory of the embedded PostgreSQL's data.
const EMBEDDED_DATA: &str = "postgres";
/// Pause between two looks at a server that is served.
const PAUSE: Duration = Duration::from_millis(500);

impl Engine {
    /// Whether the installed PostgreSQL is to run the local database of a directory.
    pub fn is_installed(self, directory: &Path) -> bool {
        match self {
            Self::Installed => true,
            Self::Embedded => false,
            Self::Auto if local::exists(directory) => true,
            Self::Auto if !cfg!(feature = "embedded") => true,
            Self::Auto => !directory.join(EMBEDDED_DATA).exists() && local::fit(directory).is_ok(),
        }
    }
}

/// A server of the installed PostgreSQL.
pub struct Started {
    pub running: Running,
    /// This command has started it.
    pub is_new: bool,
    /// Its major version.
    pub version: u32,
}

impl Started {
    /// A URL for this process, by the socket: it needs no password.
    pub fn socket_url(&self) -> String {
        let Running { port, sockets, .. } = &self.running;
        let sockets: String = sockets.display().to_string().bytes().map(escaped).collect();
        format!("postgres://{ROLE}@/{DATABASE}?host={sockets}&port={port}")
    }

    /// A URL under which any client of this machine can connect.
    ///
    /// # Errors
    /// The file with the password is gone.
    pub fn url(&self, directory: &Path) -> Result<String> {
        let password = Cluster::password(directory)?;
        Ok(format!(
            "postgresql://{ROLE}:{password}@127.0.0.1:{}/{DATABASE}?sslmode=disable",
            self.running.port
        ))
    }

    /// What starts psql on it.
    pub fn psql(&self) -> String {
        let Running { port, sockets, .. } = &self.running;
        let sockets = sockets.display().to_string();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        let sockets = match sockets.chars().all(is_plain) {
            true => sockets,
            false => format!("'{}'", sockets.replace('\'', r"'\''")),
        };
        format!("psql -h {sockets} -p {port} -U {ROLE} {DATABASE}")
    }
}

/// A byte of a path as a URL has it.
fn escaped(byte: u8) -> String {
    match byte {
        b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}

/// Starts the installed PostgreSQL on the local database of a directory where it does not run, and makes the database.
///
/// # Errors
/// Unreachable: it does not start.
pub async fn start(directory: &Path, port: Option<u16>) -> Result<Started> {
    let path = directory.to_owned();
    let started = tokio::task::spawn_blocking(move || local::start(&path, port)).await;
    let (running, is_new) = started.map_err(|panic| Error::failed(panic.to_string()))??;
    let version = local::version(directory).unwrap_or_default();
    make_database(&running).await?;
    Ok(Started { running, is_new, version })
}

/// A connection beside the database.
async fn connect(running: &Running) -> Result<PgConnection> {
    PgConnection::connect_with(&running.options()).await.map_err(query::error)
}

/// Uses a server, so that it goes on, until it is stopped.
///
/// # Errors
/// It has ended otherwise.
pub async fn until_stopped(directory: &Path, running: &Running) -> Result<()> {
    if let Ok(mut connection) = connect(running).await {
        while connection.ping().await.is_ok() {
            tokio::time::sleep(PAUSE).await;
        }
    }
    // A server that stops takes a moment to be gone.
    for _ in 0..10 {
        if !local::is_noted(directory) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Error::failed(format!("the server of the local database in {} has crashed", directory.display()))
        .with_hint("the next command starts it again, with what was committed"))
}

/// Makes the database, where it is not there.
async fn make_database(running: &Running) -> Result<()> {
    let mut connection = connect(running).await?;
    let there =
        fetch(&mut connection, &format!("SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'")).await?;
    if there.is_empty() {
        let made = execute(&mut connection, &format!("CREATE DATABASE {}", quote_identifier(DATABASE))).await;
        // Another command may have made it meanwhile.
        let is_there = |error: &Error| matches!(error.sqlstate(), Some("42P04" | "23505"));
        made.or_else(|error| if is_there(&error) { Ok(()) } else { Err(error) })?;
    }
    // What is not seen off is ended by the server.
    let _ = connection.close().await;
    Ok(())
}

/// Stops the installed PostgreSQL of a directory; whether it was running.
///
/// # Errors
/// It does not stop.
pub async fn stop(directory: &Path) -> Result<bool> {
    let path = directory.to_owned();
    let stopped = tokio::task::spawn_blocking(move || local::stop(&path)).await;
    stopped.map_err(|panic| Error::failed(panic.to_string()))?
}

/// Stops the server when it is dropped: Ctrl-C ends a command in the middle of an await.
pub struct StopAtEnd<'a>(pub &'a Path);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        // One that does not stop now stops when nobody uses it.
        let _ = local::stop(self.0);
    }
}

/// Looks after the server of a directory until it is gone, and stops it when nobody has used it for a while.
///
/// # Errors
/// It cannot be stopped.
pub async fn watch(directory: &Path, patience: Option<Duration>) -> Result<()> {
    local::watch(directory, patience.unwrap_or(local::PATIENCE)).await
}
