//! The server: a thread of this process that speaks PostgreSQL's protocol at a private address, with one
//! client at a time, each of which gets a fresh backend.
//!
//! The thread ends with the first client that breaks the protocol or its connection. Nothing committed is
//! lost by that; the next client has it started again.

use std::time::Duration;

use pglite_oxide::{PgliteServer, PgliteServerBuilder};
use sqlx::postgres::PgConnectOptions;

use super::cluster::Cluster;
#[cfg(unix)]
use super::socket_directory::{self, SocketDirectory};

/// User and database of all connections.
pub const USER: &str = "postgres";
pub const DATABASE: &str = "postgres";

/// How long a server may take to stop before it is left to die with the process.
const PATIENCE: Duration = Duration::from_secs(2);

/// Settings that differ from what `pglite-oxide` starts a server with.
const SETTINGS: [(&str, &str); 3] = [
    // Off by default there: a killed process would lose what it had committed.
    ("synchronous_commit", "on"),
    // Segments that are kept for reuse, 16 MB each: up to 1 GB of them would stay after one large load.
    ("min_wal_size", "32MB"),
    ("max_wal_size", "64MB"),
];

/// A connection to it.
#[cfg(unix)]
pub type Stream = tokio::net::UnixStream;
#[cfg(not(unix))]
pub type Stream = tokio::net::TcpStream;

/// A server, running or not.
pub struct Engine {
    cluster: Cluster,
    server: Option<PgliteServer>,
    /// Why its thread had ended when it was started again, the last time.
    failure: Option<String>,
    /// Removed after the server has stopped.
    #[cfg(unix)]
    sockets: SocketDirectory,
}

impl Engine {
    /// Starts a server on `cluster`.
    ///
    /// # Errors
    /// What is wrong with the cluster, or what `pglite-oxide` says.
    pub fn start(cluster: Cluster) -> Result<Self, String> {
        let mut engine = Self {
            cluster,
            server: None,
            failure: None,
            #[cfg(unix)]
            sockets: SocketDirectory::new().map_err(|error| {
                format!(
                    "cannot create a directory for its socket in {}: {error}",
                    std::env::temp_dir().display()
                )
            })?,
        };
        engine.server = Some(start(&engine.cluster, engine.builder())?);
        Ok(engine)
    }

    fn builder(&self) -> PgliteServerBuilder {
        let builder = PgliteServer::builder().path(self.cluster.root()).username(USER).database(DATABASE);
        let builder = builder.postgres_configs(SETTINGS);
        // A socket, because over TCP each COPY waits 44 ms for a delayed acknowledgement.
        #[cfg(unix)]
        let builder = builder.unix(self.sockets.socket());
        builder
    }

    /// The cluster that it runs on.
    pub const fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Where a client of this process connects.
    pub fn options(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass().username(USER).database(DATABASE);
        #[cfg(unix)]
        let options = options.socket(self.sockets.path()).port(socket_directory::PORT);
        #[cfg(not(unix))]
        let options = match self.server.as_ref().and_then(PgliteServer::tcp_addr) {
            Some(address) => options.host(&address.ip().to_string()).port(address.port()),
            None => options,
        };
        client(options)
    }

    /// Connects to it without saying anything yet; starts it again where its thread has ended.
    ///
    /// # Errors
    /// It cannot be started again.
    pub async fn connect(&mut self) -> Result<Stream, String> {
        if let Ok(stream) = self.try_connect().await {
            return Ok(stream);
        }
        self.restart().await?;
        self.try_connect().await.map_err(|error| error.to_string())
    }

    async fn try_connect(&self) -> std::io::Result<Stream> {
        #[cfg(unix)]
        return Stream::connect(self.sockets.socket()).await;
        #[cfg(not(unix))]
        match self.server.as_ref().and_then(PgliteServer::tcp_addr) {
            Some(address) => Stream::connect(address).await,
            None => Err(std::io::ErrorKind::ConnectionRefused.into()),
        }
    }

    /// Why its thread had ended when it was last started again.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Stops it where it still runs, and starts it again.
    ///
    /// # Errors
    /// It does not stop, or does not start.
    pub async fn restart(&mut self) -> Result<(), String> {
        let (server, cluster, builder) = (self.server.take(), self.cluster.clone(), self.builder());
        let restart = move || {
            let failure = match server.map_or(Stopped::Now, stop) {
                Stopped::Now => None,
                Stopped::Before(reason) => Some(reason),
                Stopped::Not => return Err("its previous session does not end".to_owned()),
            };
            Ok((start(&cluster, builder)?, failure))
        };
        let started = tokio::task::spawn_blocking(restart).await.map_err(|error| error.to_string())?;
        let (server, failure) = started?;
        (self.server, self.failure) = (Some(server), failure);
        Ok(())
    }

    /// Stops it, and lets others go on meanwhile.
    pub async fn stop_soon(&mut self) {
        if let Some(server) = self.server.take() {
            // A server that cannot be stopped cannot be started again either, which is told then.
            let _ = tokio::task::spawn_blocking(move || stop(server)).await;
        }
    }

    /// Stops it, and says why its thread had ended already, if it had.
    pub fn stop(&mut self) -> Option<String> {
        match stop(self.server.take()?) {
            Stopped::Before(reason) => Some(reason),
            Stopped::Now | Stopped::Not => None,
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts a server on a cluster that is whole: of another, `pglite-oxide` would make an empty one.
fn start(cluster: &Cluster, builder: PgliteServerBuilder) -> Result<PgliteServer, String> {
    cluster.check().map_err(|error| error.to_string())?;
    builder.start().map_err(|error| format!("{error:#}"))
}

/// How a server stopped.
enum Stopped {
    /// As requested.
    Now,
    /// Its thread had ended already, for this reason.
    Before(String),
    /// It is busy with a client.
    Not,
}

/// Stopping waits for the client that is connected, maybe for ever: a server that is not done soon dies
/// with the process, and what was committed is in its log.
fn stop(server: PgliteServer) -> Stopped {
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = done.send(server.shutdown());
    });
    match wait.recv_timeout(PATIENCE) {
        Ok(Ok(())) => Stopped::Now,
        Ok(Err(reason)) => Stopped::Before(format!("{reason:#}")),
        Err(_) => Stopped::Not,
    }
}

/// Options of every connection of this process.
pub fn client(options: PgConnectOptions) -> PgConnectOptions {
    options.statement_cache_capacity(0).application_name("crm-seed")
}
