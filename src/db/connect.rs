//! The connection: how it is made, and what its errors mean.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgSslMode};
use sqlx::{Connection, PgConnection};

use crate::db::pooler::ConnectionOrigin;
use crate::db::query;
use crate::db::tls;
use crate::error::{Error, Kind, Result};

/// Time after which a server that does not answer at all is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two tries while waiting for a server.
const PAUSE: Duration = Duration::from_millis(250);

/// A new connection and its origin.
pub struct Made {
    pub connection: PgConnection,
    /// When and from where it was made.
    pub origin: ConnectionOrigin,
}

/// Connects, in the first of `attempts` that leads in; where the server is not there yet, tries again for
/// `wait`. An answer is waited for as long as `timeout` says, else for a usual time.
///
/// # Errors
/// Unreachable, with what to do about it. A wrong password is not tried again.
pub async fn connect(
    attempts: &[PgConnectOptions],
    wait: Duration,
    timeout: Option<Duration>,
) -> Result<Made> {
    let deadline = Instant::now() + wait;
    let timeout = timeout.unwrap_or_else(|| PATIENCE.max(wait));
    loop {
        let mut failure: Option<(sqlx::Error, &PgConnectOptions)> = None;
        for way in attempts {
            let error = match connect_once(way, timeout).await {
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
        let Some((error, way)) = failure else {
            return Err(Error::failed("no server address to connect to"));
        };
        if !may_come_up(&error) || Instant::now() >= deadline {
            return Err(connect_error(&error, way));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn connect_once(way: &PgConnectOptions, timeout: Duration) -> Result<Made, sqlx::Error> {
    let began = Instant::now();
    // Another connection of ours may lead to such a port, too.
    let earlier = sockets(way.get_port());
    let connection = tokio::time::timeout(timeout, PgConnection::connect_with(way))
        .await
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer"))??;
    let done = Instant::now();
    let ends = sockets(way.get_port()).into_iter().find(|ends| !earlier.contains(ends));
    let origin = ConnectionOrigin {
        began,
        done,
        port: ends.map(|ends| ends.own.port()),
        peer: ends.map(|ends| ends.peer.ip()),
    };
    Ok(Made { connection, origin })
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

/// How far a failed attempt got: later stages give better messages.
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
                || refused_by_pooler(error.downcast_ref()) == Some(RefusedByPooler::NoServer)
        }
        // What TLS has against a server is told as data that is not as it should be.
        sqlx::Error::Io(io) => io.kind() != std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

fn connect_error(error: &sqlx::Error, options: &PgConnectOptions) -> Error {
    let cause = |why: String| Error::new(Kind::Unreachable, why);
    let unreachable = |cause: Error| cause.context(format!("cannot connect to {}", describe(options)));
    if let Some((why, hint)) = tls::reason(error, options) {
        return unreachable(cause(why)).with_hint(hint);
    }
    match error {
        sqlx::Error::Database(database) => {
            let server = database.downcast_ref::<PgDatabaseError>();
            let error = unreachable(cause(server.message().to_owned()).of_server(query::fields(server)));
            match connect_hint(server, options) {
                Some(hint) => error.with_hint(hint),
                None => error,
            }
        }
        sqlx::Error::Io(io) => unreachable(cause(io_reason(io))).with_hint(
            "check that the server is running; --wait SECONDS waits for it to start; without a database \
             URL, a local database is used",
        ),
        other => unreachable(cause(other.to_string())),
    }
}

/// Why a pooler rejected the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RefusedByPooler {
    /// It does not pass `options` on.
    Options,
    /// It does not know a parameter of the startup packet.
    Parameter,
    /// Supavisor does not know the user.
    Tenant,
    /// It does not reach the server.
    NoServer,
}

impl RefusedByPooler {
    const fn hint(self) -> &'static str {
        match self {
            Self::Options => {
                "PgBouncer does not pass `options` on: set search_path for the role instead (ALTER ROLE \
                 ... SET), or connect to the server directly"
            }
            Self::Parameter => {
                "add it to ignore_startup_parameters in pgbouncer.ini, or connect to the server directly"
            }
            Self::Tenant => "Supavisor needs a user of the form postgres.PROJECT",
            Self::NoServer => "the pooler cannot reach the server: wait for it with --wait SECONDS",
        }
    }
}

/// Read from the message: PgBouncer and Supavisor have one SQLSTATE for most of what they say (08P01, XX000), no other
/// field, and one language.
fn refused_by_pooler(said: &PgDatabaseError) -> Option<RefusedByPooler> {
    let says = |words: &str| said.message().contains(words);
    Some(match () {
        () if says("unsupported startup parameter: options") => RefusedByPooler::Options,
        () if says("unsupported startup parameter") => RefusedByPooler::Parameter,
        () if says("Tenant or user not found") => RefusedByPooler::Tenant,
        () if said.code() == "08P01" && says("server login") => RefusedByPooler::NoServer,
        () => return None,
    })
}

/// Whether the server asks for a client's certificate. It reports that by the SQLSTATE (28000) and from the routine
/// that it has for every connection which pg_hba.conf does not let in, so that only the message tells: where
/// `lc_messages` of the server is not English, the hint is the one for a wrong user or password.
fn wants_certificate(server: &PgDatabaseError) -> bool {
    server.message().contains("certificate")
}

/// What to do where the server, or the pooler before it, lets us not in.
fn connect_hint(server: &PgDatabaseError, options: &PgConnectOptions) -> Option<String> {
    if let Some(refused) = refused_by_pooler(server) {
        return Some(refused.hint().to_owned());
    }
    // pg_hba.conf has no line for a connection like ours.
    let is_barred = server.routine() == Some("ClientAuthentication");
    let is_plain = options.get_socket().is_none() && matches!(options.get_ssl_mode(), PgSslMode::Disable);
    let hint = match server.code() {
        "28000" if is_barred && is_plain => "the server requires TLS: use sslmode=require",
        "28000" if wants_certificate(server) => {
            "the server requires a client certificate: set sslcert and sslkey"
        }
        "28P01" | "28000" => {
            "check the user and the password of the database URL (or of PGPASSWORD, PGPASSFILE, ~/.pgpass)"
        }
        "3D000" => {
            let database = options.get_database().unwrap_or_default();
            return Some(format!("create it with `createdb {database}`, or use another database"));
        }
        "57P03" => "the server is starting: wait for it with --wait SECONDS",
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
