//! The connection: how it is made, and what its errors mean.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError};
use sqlx::{Connection, PgConnection};

use crate::error::{Error, Kind, Result};
use crate::pooler::Birth;
use crate::tls;

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

/// Sets for the transaction whatever the meaning of our statements and of the rows' texts hangs on, and what
/// would end them while they work: a role, a database, a URL or a pooler may have set it otherwise. A server
/// that does not know a setting is not asked for it.
///
/// To be sent in a message of its own: the settings change how the statements behind it are read. Statements
/// that nobody answers any more end with our connection, and their locks with them.
pub const SETTINGS: &str = "
SELECT count(set_config(name, value, true)) FROM (VALUES
  ('standard_conforming_strings', 'on'), ('transform_null_equals', 'off'), ('array_nulls', 'on'),
  ('quote_all_identifiers', 'off'), ('exit_on_error', 'off'), ('xmloption', 'content'),
  ('extra_float_digits', '1'), ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'),
  ('TimeZone', 'UTC'), ('bytea_output', 'hex'), ('lc_monetary', 'C'), ('row_security', 'on'),
  ('default_table_access_method', 'heap'), ('jit', 'off'), ('client_min_messages', 'warning'),
  ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
  ('search_path', CASE WHEN current_schemas(false) = '{}' THEN 'public' ELSE current_setting('search_path') END)
) AS setting(name, value) WHERE current_setting(name, true) IS NOT NULL";

/// Has the server look now and then, while a statement runs, whether we are still there (from version 14 on, on
/// most platforms), so that a client that was killed leaves no lock behind.
pub const NOTICE_OUR_END: &str = "DO $$ BEGIN SET LOCAL client_connection_check_interval = '500ms';
   EXCEPTION WHEN OTHERS THEN NULL; END $$";

/// Refuses servers and sessions that only read, by `pg_is_in_recovery()` and `transaction_read_only`.
///
/// # Errors
/// A standby, or a session that is read-only, with what to do about it.
pub fn check_writable(in_recovery: bool, read_only: bool) -> Result<()> {
    if in_recovery {
        return Err(Error::refused("the server is a read replica").with_hint("name the primary instead"));
    }
    if read_only {
        return Err(Error::refused("the session is read-only (default_transaction_read_only is on)")
            .with_hint(
                "if it may be written: add ?options=-cdefault_transaction_read_only%3Doff to the database \
                 URL, or ALTER ROLE or DATABASE ... RESET default_transaction_read_only",
            ));
    }
    Ok(())
}

/// A connection, and how it came to be.
pub struct Made {
    /// The connection.
    pub connection: PgConnection,
    /// When and from where it was made.
    pub birth: Birth,
}

/// Connects, in the first of `ways` that leads in; where the server is not there yet, tries again for
/// `wait`. An answer is waited for as long as `patience` says, else for a usual time.
///
/// # Errors
/// Unreachable, with what to do about it. A wrong password is not tried again.
pub async fn connect(ways: &[PgConnectOptions], wait: Duration, patience: Option<Duration>) -> Result<Made> {
    let deadline = Instant::now() + wait;
    let patience = patience.unwrap_or_else(|| PATIENCE.max(wait));
    loop {
        let mut failure: Option<(sqlx::Error, &PgConnectOptions)> = None;
        for way in ways {
            let error = match connect_once(way, patience).await {
                Ok(made) => return Ok(made),
                Err(error) => error,
            };
            let may_differ = may_differ(&error);
            // Which got farther tells more.
            if failure.as_ref().is_none_or(|(earlier, _)| stage(&error) > stage(earlier)) {
                failure = Some((error, way));
            }
            if !may_differ {
                break;
            }
        }
        let Some((error, way)) = failure else { return Err(Error::failed("no way to connect")) };
        if !may_come_up(&error) || Instant::now() >= deadline {
            return Err(connect_error(&error, way));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn connect_once(way: &PgConnectOptions, patience: Duration) -> Result<Made, sqlx::Error> {
    let began = Instant::now();
    // Another connection of ours may lead to such a port, too.
    let earlier = sockets(way.get_port());
    let connection = tokio::time::timeout(patience, PgConnection::connect_with(way))
        .await
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer"))??;
    let done = Instant::now();
    let ends = sockets(way.get_port()).into_iter().find(|ends| !earlier.contains(ends));
    let birth =
        Birth { began, done, port: ends.map(|ends| ends.own.port()), peer: ends.map(|ends| ends.peer.ip()) };
    Ok(Made { connection, birth })
}

/// Whether another way, encrypted or not, may lead in where this one did not: TLS failed, or the server
/// lets nobody in this way. A wrong password stays wrong, and is not sent again.
fn may_differ(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().as_deref() == Some("28000"),
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::TimedOut,
        _ => false,
    }
}

/// How far a failed try got.
fn stage(error: &sqlx::Error) -> u8 {
    match error {
        sqlx::Error::Database(error) if error.code().as_deref() == Some("28000") => 1,
        sqlx::Error::Database(_) => 2,
        _ => 0,
    }
}

/// The two ends of a TCP connection.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends {
    own: SocketAddr,
    peer: SocketAddr,
}

/// Our connections to `port`, each with TCP_NODELAY set.
///
/// A COPY ends with a small message right after a large one, which Nagle's algorithm holds back
/// until the server's delayed acknowledgement: 44 ms a table. sqlx neither sets the option nor
/// hands out its socket, so it is found among our own file descriptors. Where it is not found,
/// that time is lost, and whether the server is local is judged by the host's name.
#[cfg(unix)]
fn sockets(port: u16) -> Vec<Ends> {
    use std::os::fd::BorrowedFd;
    let entries = std::fs::read_dir("/dev/fd").into_iter().flatten().flatten();
    let fds: Vec<i32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let ends = |fd: i32| {
        // SAFETY: the descriptor was open a moment ago, and is only asked whether it is a socket
        // to the server; one that was closed since answers with an error. It is not kept.
        #[expect(unsafe_code, reason = "a descriptor of our own, borrowed for three calls")]
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        let socket = socket2::SockRef::from(&fd);
        let peer = socket.peer_addr().ok()?.as_socket().filter(|peer| peer.port() == port)?;
        let own = socket.local_addr().ok()?.as_socket()?;
        // A socket that refuses stays slower, no more.
        let _ = socket.set_tcp_nodelay(true);
        Some(Ends { own, peer })
    };
    fds.into_iter().filter(|fd| *fd > 2).filter_map(ends).collect()
}

#[cfg(not(unix))]
fn sockets(_: u16) -> Vec<Ends> {
    Vec::new()
}

/// Whether waiting may help: nobody listens yet, the server says that it is starting, or a pooler that it
/// does not reach it.
fn may_come_up(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P03" | "53300" | "3D000"))
                || error.code().as_deref() == Some("08P01") && error.message().contains("server login")
        }
        // What TLS has against a server is told as data that is not as it should be.
        sqlx::Error::Io(io) => io.kind() != std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

fn connect_error(error: &sqlx::Error, options: &PgConnectOptions) -> Error {
    let place = describe(options);
    let unreachable =
        |why: String| Error::new(Kind::Unreachable, format!("cannot connect to {place}: {why}"));
    if let Some((why, hint)) = tls::reason(error, options) {
        return unreachable(why).with_hint(hint);
    }
    match error {
        sqlx::Error::Database(database) => {
            let error = unreachable(database.message().to_owned());
            match connect_hint(database.as_ref(), options) {
                Some(hint) => error.with_hint(hint),
                None => error,
            }
        }
        sqlx::Error::Io(io) => unreachable(io_reason(io)).with_hint(
            "is the server running there? `--wait SECONDS` waits for one that is starting; \
             without a database URL the embedded PostgreSQL is used",
        ),
        other => unreachable(other.to_string()),
    }
}

/// What to do where the server, or the pooler before it, lets us not in.
fn connect_hint(error: &dyn DatabaseError, options: &PgConnectOptions) -> Option<String> {
    let says = |words: &str| error.message().contains(words);
    let hint = match error.code().as_deref() {
        _ if says("unsupported startup parameter: options") => {
            "PgBouncer does not pass `options` on: set search_path for the role instead (ALTER ROLE ... SET), \
             or connect to the server itself"
        }
        _ if says("unsupported startup parameter") => {
            "name it in ignore_startup_parameters of pgbouncer.ini, or connect to the server itself"
        }
        _ if says("Tenant or user not found") => "Supavisor asks for a user like postgres.PROJECT",
        Some("28000") if says("no encryption") => "the server asks for TLS: sslmode=require",
        Some("28000") if says("certificate") => "name the client's certificate: sslcert and sslkey",
        Some("28P01" | "28000") => {
            "check the user and the password of the database URL (or of PGPASSWORD, PGPASSFILE, ~/.pgpass)"
        }
        Some("3D000") => {
            let database = options.get_database().unwrap_or_default();
            return Some(format!("create it with `createdb {database}`, or name another"));
        }
        Some("57P03") => "the server is starting: `--wait SECONDS` waits for it",
        Some("08P01") if says("server login") => {
            "the pooler does not reach the server: `--wait SECONDS` waits"
        }
        _ => return None,
    };
    Some(hint.to_owned())
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
            if let Some(place) = server.r#where().filter(|place| place.contains("PL/pgSQL function")) {
                let line = place.lines().find(|line| line.contains("PL/pgSQL function")).unwrap_or_default();
                message.push_str(&format!(" [{line}]"));
            }
            if message.contains("statement pooling mode") {
                return Error::refused(format!("the pooler refuses transactions: {message}")).with_hint(
                    "name one with pool_mode = transaction or session, or the server itself: \
                     all or nothing takes a transaction",
                );
            }
            if message.contains("query_wait_timeout") {
                return Error::failed(format!(
                    "the pooler has no connection to the server to lend: {message}"
                ))
                .with_hint("is the server up, and default_pool_size large enough? nothing was changed");
            }
            let error = Error::failed(message).with_sqlstate(code.clone());
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

/// Runs one statement, and says how many rows it changed.
///
/// # Errors
/// Whatever the server says.
pub async fn affected(connection: &mut PgConnection, sql: &str) -> Result<u64> {
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map_err(error)?;
    Ok(done.rows_affected())
}

/// Runs statements and returns all their rows.
///
/// # Errors
/// Whatever the server says.
pub async fn fetch(connection: &mut PgConnection, sql: &str) -> Result<Vec<sqlx::postgres::PgRow>> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await.map_err(error)
}
