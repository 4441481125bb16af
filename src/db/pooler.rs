//! Whether a pooler stands between us and the server.
//!
//! A pooler hands out server processes that it has already, so the age of ours tells: one that began
//! before we connected, or after we were let in, was not begun for our connection. Both ages are
//! durations, each by one clock, so clocks that differ do not matter. That a pooler has none ready and
//! begins one for us looks like a connection of our own; then only the addresses tell something: where the
//! server sees the very port that we connect from, nothing is between. Another port may be a pooler's,
//! or that of a container's or a tunnel's forwarding.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use sqlx::Row;
use sqlx::postgres::{PgConnectOptions, PgRow};

use crate::error::Result;
use crate::note::{Note, NoteKind};

/// Two expressions to be selected along with other columns.
pub const PROBE: &str = "extract(epoch FROM clock_timestamp() - (pg_stat_get_activity(pg_backend_pid())).backend_start)::float8 \
     AS backend_age, inet_client_port() AS client_port";

/// Tolerance for clocks that are adjusted while they run.
const SLACK: Duration = Duration::from_millis(5);

/// Whether a connection pooler is between crm-seed and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooler {
    /// Nothing: the server sees our own address.
    None,
    /// A pooler, for certain: the server's process is not one that was begun for our connection. Whether
    /// it lends it for a transaction or for the session is not known.
    Seen,
    /// The address is that of such a pooler, which is a guess.
    Supposed(&'static str),
    /// The session does not say enough to decide.
    Unknown,
}

/// When and from where our end of a connection was made.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionOrigin {
    /// Before the first byte was sent.
    pub began: Instant,
    /// We were let in.
    pub done: Instant,
    /// Our own port; `None` for a socket file.
    pub port: Option<u16>,
    /// The address of the other end; `None` for a socket file, or where it cannot be told.
    pub peer: Option<IpAddr>,
}

/// What the server says of its end, and when it was asked.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    sent: Instant,
    received: Instant,
    age: Option<Duration>,
    port: Option<u16>,
}

impl Answer {
    /// Reads the columns of [`PROBE`] from a row that was asked for at `sent`, and has just come.
    pub fn read(row: &PgRow, sent: Instant) -> Self {
        let age: Option<f64> = row.try_get("backend_age").unwrap_or_default();
        let port: Option<i32> = row.try_get("client_port").unwrap_or_default();
        Self {
            sent,
            received: Instant::now(),
            age: age.and_then(|age| Duration::try_from_secs_f64(age.max(0.0)).ok()),
            port: port.and_then(|port| u16::try_from(port).ok()),
        }
    }
}

/// The pooler that host and port of a URL suggest.
pub fn by_address(options: &PgConnectOptions) -> Option<&'static str> {
    let host = options.get_host().to_ascii_lowercase();
    match options.get_port() {
        6543 if host.ends_with(".pooler.supabase.com") => {
            Some("Supavisor in transaction mode, judging by host and port")
        }
        _ if host.ends_with(".pooler.supabase.com") => {
            Some("Supavisor in session mode, judging by host and port")
        }
        _ if host.split('.').next().is_some_and(|name| name.ends_with("-pooler")) => {
            Some("in transaction mode, judging by the host name")
        }
        6543 => Some("in transaction mode, judging by port 6543"),
        6432 => Some("PgBouncer, judging by port 6432"),
        _ => None,
    }
}

impl Pooler {
    /// What `answer` tells of the connection that was made as `origin` says.
    pub fn detect(origin: &ConnectionOrigin, answer: &Answer, by_address: Option<&'static str>) -> Self {
        if let Some(age) = answer.age {
            let most = answer.received.duration_since(origin.began) + SLACK;
            let least = answer.sent.duration_since(origin.done).saturating_sub(SLACK);
            if age > most || age < least {
                return Self::Seen;
            }
        }
        if origin.port.is_some() && origin.port == answer.port {
            return Self::None;
        }
        by_address.map_or(Self::Unknown, Self::Supposed)
    }

    /// The note about it, if there is a pooler.
    pub fn note(self) -> Option<Note> {
        let how = match self {
            Self::None | Self::Unknown => return None,
            Self::Seen => "connected through a connection pooler (the server process was not started for \
                           this connection)"
                .to_owned(),
            Self::Supposed(what) => format!("probably connected through a connection pooler ({what})"),
        };
        let text = format!(
            "{how}: everything ran in one transaction, which a pooler keeps on one server connection"
        );
        Some(Note::new(NoteKind::Pooler, text))
    }

    /// Whether what belongs to a session can be relied on: two transactions are surely the same
    /// server process's.
    pub fn keeps_session(self) -> bool {
        self == Self::None
    }
}

/// Reads the probe with a separate query.
pub async fn ask(connection: &mut sqlx::PgConnection) -> Result<Option<Answer>> {
    let sent = Instant::now();
    let rows = crate::db::query::fetch(connection, &format!("SELECT {PROBE}")).await?;
    Ok(rows.first().map(|row| Answer::read(row, sent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Connected from second 1 to second 2, asked from 10 to 11.
    fn judged(age: Option<f64>, ports: (Option<u16>, Option<u16>)) -> Pooler {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let origin = ConnectionOrigin { began: at(1), done: at(2), port: ports.0, peer: None };
        let age = age.map(Duration::from_secs_f64);
        let answer = Answer { sent: at(10), received: at(11), age, port: ports.1 };
        Pooler::detect(&origin, &answer, Some("by port"))
    }

    #[test]
    fn the_age_of_the_servers_process_tells_a_pooler() {
        let same = (Some(4321), Some(4321));
        for age in [7.999, 8.0, 9.0, 10.0, 10.001] {
            assert_eq!(judged(Some(age), same), Pooler::None, "{age}");
            assert_eq!(judged(Some(age), (Some(1), Some(2))), Pooler::Supposed("by port"), "{age}");
        }
        // Begun before we connected, or after we were let in.
        for age in [0.0, 7.9, 10.1, 3600.0] {
            assert_eq!(judged(Some(age), same), Pooler::Seen, "{age}");
        }
        assert_eq!(judged(None, (None, None)), Pooler::Supposed("by port"));
    }

    #[test]
    fn known_addresses_are_told() {
        let at = |host: &str, port: u16| {
            by_address(&PgConnectOptions::new_without_pgpass().host(host).port(port)).is_some()
        };
        assert!(at("aws-0-eu-central-1.pooler.supabase.com", 6543));
        assert!(at("aws-0-eu-central-1.pooler.supabase.com", 5432));
        assert!(at("ep-cool-rain-123456-pooler.eu-central-1.aws.neon.tech", 5432));
        assert!(at("db.example.com", 6543));
        assert!(!at("db.example.com", 5432));
        assert!(!at("pooler.example.com", 5432));
    }
}
