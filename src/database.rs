//! The connection: how it is made, and what its errors mean.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgDatabaseError};
use sqlx::{Connection, PgConnection};

use crate::error::{Error, Kind, Result};

/// A server that does not answer at all is given up after this long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two tries while waiting for a server.
const PAUSE: Duration = Duration::from_millis(250);

/// Advisory lock that one crm-seed holds on a database: the letters `crm-seed`.
pub const LOCK_KEY: i64 = 0x6372_6d2d_7365_6564;

/// Somebody else holds the lock.
pub fn busy() -> Error {
    Error::refused("another crm-seed is working on this database").with_hint("try again when it is done")
}

/// Connects; where the server is not there yet, tries again for `wait`.
///
/// # Errors
/// Unreachable, with what to do about it. A wrong password is not tried again.
pub async fn connect(options: &PgConnectOptions, wait: Duration) -> Result<PgConnection> {
    let deadline = Instant::now() + wait;
    loop {
        let tried = tokio::time::timeout(PATIENCE.max(wait), PgConnection::connect_with(options)).await;
        let error = match tried {
            Ok(Ok(connection)) => {
                send_at_once(options.get_port());
                return Ok(connection);
            }
            Ok(Err(error)) => error,
            Err(_) => sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer")),
        };
        if !may_come_up(&error) || Instant::now() >= deadline {
            return Err(connect_error(&error, options));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sets TCP_NODELAY on our connections to `port`.
///
/// A COPY ends with a small message right after a large one, which Nagle's algorithm holds back
/// until the server's delayed acknowledgement: 44 ms a table. sqlx neither sets the option nor
/// hands out its socket, so it is found among our own file descriptors. Where it is not found,
/// nothing is lost but that time.
#[cfg(unix)]
fn send_at_once(port: u16) {
    use std::os::fd::BorrowedFd;
    let Ok(entries) = std::fs::read_dir("/dev/fd") else { return };
    let fds: Vec<i32> = entries.flatten().filter_map(|e| e.file_name().to_str()?.parse().ok()).collect();
    for fd in fds.into_iter().filter(|fd| *fd > 2) {
        // SAFETY: the descriptor was open a moment ago, and is only asked whether it is a socket
        // to the server; one that was closed since answers with an error. It is not kept.
        #[expect(unsafe_code, reason = "a descriptor of our own, borrowed for two calls")]
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        let socket = socket2::SockRef::from(&fd);
        let peer = socket.peer_addr().ok().and_then(|peer| peer.as_socket());
        if peer.is_some_and(|peer| peer.port() == port) {
            // A socket that refuses stays slower, no more.
            let _ = socket.set_tcp_nodelay(true);
        }
    }
}

#[cfg(not(unix))]
fn send_at_once(_: u16) {}

/// Whether waiting may help: nobody listens yet, or the server says that it is starting.
fn may_come_up(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "53300" | "3D000")),
        sqlx::Error::Io(_) => true,
        _ => false,
    }
}

fn connect_error(error: &sqlx::Error, options: &PgConnectOptions) -> Error {
    let place = describe(options);
    let unreachable =
        |why: String| Error::new(Kind::Unreachable, format!("cannot connect to {place}: {why}"));
    match error {
        sqlx::Error::Database(database) => {
            let error = unreachable(database.message().to_owned());
            match database.code().as_deref() {
                Some("28P01" | "28000") => {
                    error.with_hint("check the user and the password of the database URL")
                }
                Some("3D000") => error.with_hint(format!(
                    "create it with `createdb {}`, or name another",
                    options.get_database().unwrap_or_default()
                )),
                Some("57P03") => error.with_hint("the server is starting: `--wait SECONDS` waits for it"),
                _ => error,
            }
        }
        sqlx::Error::Io(io) => unreachable(io_reason(io)).with_hint(
            "is the server running there? `--wait SECONDS` waits for one that is starting; \
             without a database URL the embedded PostgreSQL is used",
        ),
        other => unreachable(other.to_string()),
    }
}

fn io_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused".into(),
        std::io::ErrorKind::NotFound => "no such socket".into(),
        std::io::ErrorKind::TimedOut => "no answer".into(),
        _ => error.to_string(),
    }
}

/// Where `options` lead, without the password: `postgres://user@host:5432/database`.
pub fn describe(options: &PgConnectOptions) -> String {
    let user = options.get_username();
    let database = options.get_database().unwrap_or(user);
    match options.get_socket() {
        Some(socket) => {
            format!("postgres://{user}@/{database}?host={}&port={}", socket.display(), options.get_port())
        }
        None => {
            let host = options.get_host();
            let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
            format!("postgres://{user}@{host}:{}/{database}", options.get_port())
        }
    }
}

/// An error of a statement.
pub fn error(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default().into_owned();
            let server = database.downcast_ref::<PgDatabaseError>();
            let mut message = server.message().to_owned();
            if let Some(detail) = server.detail() {
                message.push_str(&format!(" ({detail})"));
            }
            if let Some(place) = server.r#where().filter(|place| place.starts_with("COPY")) {
                message.push_str(&format!(" [{}]", place.lines().next().unwrap_or_default()));
            }
            let error = Error::failed(message);
            match (code.as_str(), server.hint()) {
                ("53100", _) => error.with_hint("the server's disk is full; nothing was changed"),
                ("55P03", _) => error.with_hint("another session holds a lock on it; nothing was changed"),
                ("57P01", _) => error.with_hint("the server ended the connection; nothing was changed"),
                ("42501", None) => error.with_hint("the role of the database URL lacks this right"),
                (_, Some(hint)) => error.with_hint(hint),
                _ => error,
            }
        }
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => {
            Error::failed(format!("the connection to the database was lost: {error}"))
                .with_hint("the server undoes what was not committed")
        }
        other => Error::failed(other.to_string()),
    }
}

/// Runs one or several statements by the simple protocol, and forgets their rows.
///
/// # Errors
/// Whatever the server says.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<()> {
    // Made of quoted identifiers and literals, or a migration that the user wants run as it is.
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop).map_err(error)
}

/// Runs statements and returns all their rows.
///
/// # Errors
/// Whatever the server says.
pub async fn fetch(connection: &mut PgConnection, sql: &str) -> Result<Vec<sqlx::postgres::PgRow>> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await.map_err(error)
}
