//! The PostgreSQL inside the binary: one process at a time has a data directory, with one connection.
//!
//! A directory is taken by its lock (`directory`), its program is unpacked (`program_cache`), its
//! cluster is made (`cluster`) and a server is started on it (`engine`). `crm-seed serve` puts a
//! public address before the server (`front`) and writes down where (`served`); other runs go through
//! that one.

mod chance;
mod cluster;
mod control;
mod directory;
mod engine;
mod fault;
mod front;
mod leavings;
mod program_cache;
mod served;
#[cfg(unix)]
mod socket_directory;
mod wire;

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use self::cluster::Cluster;
use self::control::ControlFile;
use self::engine::Engine;
use self::front::Front;
use self::leavings::Relations;
use self::program_cache::ProgramCache;
use self::served::{Served, ServedAt};
use crate::db::connect::{self, Made};
use crate::db::pooler::ConnectionOrigin;
use crate::error::{Error, Kind, Result};

/// Pause between two looks at a directory that another process has.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a directory that is taken is looked at in any case: a process that was killed has it until the
/// system has cleared it away.
const GRACE: Duration = Duration::from_secs(1);

/// A server of this process. It stops when dropped, and the directory is free then.
pub struct Server {
    engine: Engine,
    directory: PathBuf,
    /// Declared after the server, so that nobody takes the directory before it has stopped.
    lock: File,
}

/// A connection to a local database.
pub struct Opened {
    /// The connection. Declared before the server, so that it closes first.
    pub made: Made,
    /// The server; `None` where a `crm-seed serve` has it.
    pub server: Option<Server>,
    /// The address of that `crm-seed serve`, without a password: there is none.
    pub served_at: Option<String>,
}

/// Opens the database in `directory`: starts it there, or joins the `crm-seed serve` that has it. Where
/// another process has it and does not serve it, that one is waited for, up to `wait`.
///
/// # Errors
/// Refused, where another process still has it; unreachable, where it does not start.
pub async fn open(directory: &Path, wait: Duration) -> Result<Opened> {
    let deadline = Instant::now() + wait.max(GRACE);
    loop {
        if let Some(lock) = directory::take(directory)? {
            let (server, made) = Server::start(directory, lock).await?;
            return Ok(Opened { made, server: Some(server), served_at: None });
        }
        if let Some(served) = Served::find(directory).await {
            let remaining = deadline.saturating_duration_since(Instant::now());
            return join(&served, remaining).await;
        }
        if Instant::now() >= deadline {
            return Err(fault::in_use(directory));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Connects through the process that serves the database.
async fn join(served: &Served, wait: Duration) -> Result<Opened> {
    let (host, port) = (served.address.ip().to_string(), served.address.port());
    let options = PgConnectOptions::new_without_pgpass().host(&host).port(port);
    let options = engine::client(options.username(engine::USER).database(engine::DATABASE));
    let made = connect::connect(std::slice::from_ref(&options), wait, None).await.map_err(|error| {
        error.with_hint(
            "`crm-seed serve` has the database open and takes one connection at a time: disconnect the \
             other client, or stop `crm-seed serve`",
        )
    })?;
    // It listened before and listens now, so it has listened in between: this is its connection.
    if !served.is_proved().await {
        return Err(Error::new(
            Kind::Unreachable,
            "`crm-seed serve`, which had the database open, has ended",
        )
        .with_hint("run the command again; it starts the embedded PostgreSQL itself"));
    }
    Ok(Opened { made, server: None, served_at: Some(connect::describe(&options)) })
}

impl Server {
    /// Starts a server in `directory`, which `lock` holds, and connects to it.
    async fn start(directory: &Path, lock: File) -> Result<(Self, Made)> {
        let path = directory.to_owned();
        let prepared = tokio::task::spawn_blocking(move || Self::prepare(path, lock)).await;
        let (mut server, was_shut_down) =
            prepared.map_err(|error| fault::cannot_start(directory, error))??;
        let mut made = server.connect().await?;
        if !was_shut_down {
            made = server.clear_away(made).await?;
        }
        Ok((server, made))
    }

    /// Makes everything ready, starts the server, and tells whether the last one had been shut down.
    fn prepare(directory: PathBuf, lock: File) -> Result<(Self, bool)> {
        let program = ProgramCache::ready()?;
        let told = |error: std::io::Error| fault::cannot_start(&directory, error);
        let cluster = std::thread::scope(|scope| {
            // Takes as long as a first cluster; what is wrong with it shows when the server starts.
            scope.spawn(|| program.load());
            Cluster::ready(&directory, &program).map_err(told)
        })?;
        cluster.check().map_err(told)?;
        let was_shut_down = cluster.control().map_err(told)?.was_shut_down();
        if !was_shut_down {
            // What cannot be removed takes room, and is in nobody's way.
            let _ = leavings::remove_temporary(&cluster.pgdata());
        }
        let engine = Engine::start(cluster).map_err(|reason| fault::cannot_start(&directory, reason))?;
        Ok((Self { engine, directory, lock }, was_shut_down))
    }

    /// Connects for as long as it takes: a server that was killed first recovers what it had committed.
    async fn connect(&mut self) -> Result<Made> {
        let began = Instant::now();
        match PgConnection::connect_with(&self.engine.options()).await {
            Ok(connection) => Ok(Made {
                connection,
                origin: ConnectionOrigin { began, done: Instant::now(), port: None, peer: None },
            }),
            Err(sqlx::Error::Database(error)) => Err(fault::cannot_start(&self.directory, error.message())),
            // The server's own reason says more than that it hung up.
            Err(error) => {
                let reason = self.engine.stop().unwrap_or_else(|| error.to_string());
                Err(fault::cannot_start(&self.directory, reason))
            }
        }
    }

    /// Removes the files of transactions that a killed server had not committed. It takes a restart, as no
    /// server may be running meanwhile.
    async fn clear_away(&mut self, mut made: Made) -> Result<Made> {
        // A catalog that cannot be read is told by whoever needs it.
        let Ok(relations) = Relations::ask(&mut made.connection).await else { return Ok(made) };
        // A server that does not see us off is stopped all the same.
        let _ = made.connection.close().await;
        self.engine.stop_soon().await;
        let cluster = self.engine.cluster();
        if cluster.control().is_ok_and(|control| control.was_shut_down()) {
            // What cannot be removed is removed after the next kill.
            let _ = relations.remove_others(&cluster.pgdata());
        }
        self.engine.restart().await.map_err(|reason| fault::cannot_start(&self.directory, reason))?;
        self.connect().await
    }
}

/// A server with a public address. It stops when dropped, and the directory is free then.
pub struct Serving {
    served: Served,
    /// Removed first, so that nobody comes to a server that is stopping.
    _served_at: ServedAt,
    front: Front,
    _lock: File,
}

/// Serves the database in `directory` on `address`, and says so in the directory.
///
/// # Errors
/// Refused, where another process has it; unreachable, where it does not start.
pub async fn serve(directory: &Path, address: SocketAddr) -> Result<Serving> {
    let lock = directory::take(directory)?.ok_or_else(|| fault::in_use(directory))?;
    let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
        let failed = Error::failed(format!("cannot listen on {address}")).with_source(error);
        failed.with_hint("use another --port, or 0 for a free one")
    })?;
    // What is wrong with the database shows now, and not with the first client.
    let (server, made) = Server::start(directory, lock).await?;
    let _ = made.connection.close().await;
    let served = Served::here(listener.local_addr()?);
    let served_at = served.write(directory).map_err(|error| fault::cannot_start(directory, error))?;
    let Server { engine, lock, .. } = server;
    let front = Front::new(listener, served.clone(), engine);
    Ok(Serving { served, _served_at: served_at, front, _lock: lock })
}

impl Serving {
    /// A URL under which any client can connect.
    pub fn url(&self) -> String {
        let (user, database) = (engine::USER, engine::DATABASE);
        format!("postgresql://{user}@{}/{database}?sslmode=disable", self.served.address)
    }

    /// Serves clients for as long as there is a server; gives the reason why there is none any more.
    pub async fn run(&self) -> Error {
        let reason = self.front.run().await;
        Error::failed(format!("the embedded PostgreSQL ended and cannot restart: {reason}"))
            .with_hint("committed data is safe in .crm-seed/; run `crm-seed serve` again")
    }
}

/// The number that tells the database in `directory` from every other, as PostgreSQL's system identifier:
/// `SELECT system_identifier FROM pg_control_system()` gives the same one.
///
/// # Errors
/// There is no database there, or its control file is damaged.
pub fn identity(directory: &Path) -> Result<String> {
    let control = ControlFile::read(&cluster::pgdata(directory));
    let control = control.map_err(|error| fault::cannot_start(directory, error))?;
    Ok(control.system_identifier().to_string())
}
