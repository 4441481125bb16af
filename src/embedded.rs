//! The PostgreSQL inside the binary: one server process a data directory, one connection at
//! a time.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use pglite_oxide::PgliteServer;
use sqlx::postgres::PgConnectOptions;

use crate::error::{Error, Kind, Result};

/// File in the data directory that its one user holds locked.
const LOCK: &str = "lock";
/// Directory of the cluster, in the data directory.
const CLUSTER: &str = "postgres";
/// File in the data directory that says where it is being served.
const SERVED_AT: &str = "served-at";

/// How long a server may take to stop.
const PATIENCE: Duration = Duration::from_secs(2);
/// Who connects, and to which of its databases: by socket and when served alike.
const USER: &str = "postgres";
const DATABASE: &str = "postgres";

/// A running embedded PostgreSQL. It stops when dropped.
pub struct Server {
    server: Option<PgliteServer>,
    served_at: Option<std::path::PathBuf>,
    /// Holds the socket; removed with the server.
    _sockets: Option<tempfile::TempDir>,
    _lock: File,
}

impl Server {
    /// A URL under which any client can connect.
    pub fn url(&self) -> String {
        self.server.as_ref().map(PgliteServer::connection_uri).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(path) = self.served_at.take() {
            // A file left behind names an address where nobody listens, and is not believed.
            let _ = std::fs::remove_file(path);
        }
        // Stopping waits for the client that is connected, maybe for ever: a server that is not
        // done soon dies with the process, and what was committed is in its log.
        let server = self.server.take();
        let (done, wait) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            drop(server);
            let _ = done.send(());
        });
        let _ = wait.recv_timeout(PATIENCE);
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(Kind::Unreachable, format!("the embedded PostgreSQL does not start: {error}"))
        .with_hint("its data is in .crm-seed; name a server with --database-url to use another")
}

/// Opens the database in `directory`: starts it there, or joins the `crm-seed serve` that has it.
///
/// # Errors
/// Unreachable, where it does not start or another process has it.
pub fn open(directory: &Path) -> Result<(Option<Server>, PgConnectOptions)> {
    let Some(lock) = lock(directory)? else {
        return served_at(directory).map(|options| (None, options)).ok_or_else(|| in_use(directory));
    };
    // A socket, because over TCP each COPY waits 44 ms for a delayed acknowledgement.
    #[cfg(unix)]
    {
        let sockets = tempfile::Builder::new().prefix("crm-seed-").tempdir().map_err(failed)?;
        let socket = sockets.path().join(".s.PGSQL.5432");
        let server =
            builder(directory).unix(&socket).start().map_err(|error| failed(format!("{error:#}")))?;
        let options = PgConnectOptions::new_without_pgpass()
            .socket(sockets.path())
            .port(5432)
            .username(USER)
            .database(DATABASE);
        let server = Server { server: Some(server), served_at: None, _sockets: Some(sockets), _lock: lock };
        Ok((Some(server), client(options)))
    }
    #[cfg(not(unix))]
    {
        let server = builder(directory).start().map_err(|error| failed(format!("{error:#}")))?;
        let options = PgConnectOptions::from_str(&server.connection_uri()).map_err(failed)?;
        let server = Server { server: Some(server), served_at: None, _sockets: None, _lock: lock };
        Ok((Some(server), client(options)))
    }
}

/// Serves the database in `directory` on `address`, and says so in the directory.
///
/// # Errors
/// Unreachable, where it does not start or another process has it.
pub fn serve(directory: &Path, address: SocketAddr) -> Result<Server> {
    let lock = lock(directory)?.ok_or_else(|| in_use(directory))?;
    // Asked first, as the reason would drown in the server's own.
    std::net::TcpListener::bind(address).map_err(|error| {
        Error::failed(format!("cannot listen on {address}: {error}")).with_hint("take another --port, or 0")
    })?;
    let server = builder(directory).tcp(address).start().map_err(|error| failed(format!("{error:#}")))?;
    let path = directory.join(SERVED_AT);
    std::fs::write(&path, server.connection_uri()).map_err(failed)?;
    Ok(Server { server: Some(server), served_at: Some(path), _sockets: None, _lock: lock })
}

fn builder(directory: &Path) -> pglite_oxide::PgliteServerBuilder {
    PgliteServer::builder()
        .path(directory.join(CLUSTER))
        .username(USER)
        .database(DATABASE)
        // Off by default here: a killed process would lose what it had committed.
        .postgres_config("synchronous_commit", "on")
}

fn in_use(directory: &Path) -> Error {
    Error::refused(format!("another crm-seed is using the embedded PostgreSQL in {}", directory.display()))
        .with_hint("try again when it is done")
}

/// The lock of `directory`, which is made where it is not there; `None` where another has it.
fn lock(directory: &Path) -> Result<Option<File>> {
    let open = || -> std::io::Result<Option<File>> {
        std::fs::create_dir_all(directory)?;
        let file = File::options().create(true).truncate(false).write(true).open(directory.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    };
    open().map_err(|error| failed(format!("{}: {error}", directory.display())))
}

/// Where a `crm-seed serve` has `directory`.
fn served_at(directory: &Path) -> Option<PgConnectOptions> {
    let url = std::fs::read_to_string(directory.join(SERVED_AT)).ok()?;
    PgConnectOptions::from_str(url.trim()).ok().map(client)
}

fn client(options: PgConnectOptions) -> PgConnectOptions {
    options.statement_cache_capacity(0).application_name("crm-seed")
}
