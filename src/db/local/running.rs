//! A server that runs: what it has written about itself in its data directory.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

use super::names::ROLE;

/// The file of a server that runs.
const FILE: &str = "postmaster.pid";

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its process.
    pub pid: u32,
    /// Its port on 127.0.0.1, which its socket is called by, too.
    pub port: u16,
    /// The directory of its socket.
    pub sockets: PathBuf,
}

impl Running {
    /// The server of a data directory, if it is ready and its process is there.
    pub fn read(data: &Path) -> Option<Self> {
        let running = Self::parse(&std::fs::read_to_string(data.join(FILE)).ok()?)?;
        running.socket().exists().then_some(running)
    }

    /// How we connect to it: by the socket, beside the database that is filled.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.sockets)
            .port(self.port)
            .username(ROLE)
            .database("postgres")
            .application_name("crm-seed")
    }

    /// Whether somebody listens there: for a moment a server that was killed still counts as a process.
    pub fn answers(&self) -> bool {
        #[cfg(unix)]
        return std::os::unix::net::UnixStream::connect(self.socket()).is_ok();
        #[cfg(not(unix))]
        return std::net::TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, self.port)).is_ok();
    }

    fn socket(&self) -> PathBuf {
        self.sockets.join(format!(".s.PGSQL.{}", self.port))
    }

    /// Whether a server has written about itself, and not seen it off: it runs, or was killed.
    pub fn is_noted(data: &Path) -> bool {
        data.join(FILE).exists()
    }

    /// The lines are: process, data directory, when it was started, port, sockets, addresses, memory, state.
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let ["ready", ..] = lines.get(7..)? else { return None };
        let sockets = lines[4].split(',').next().filter(|sockets| !sockets.is_empty())?;
        Some(Self { pid: lines[0].parse().ok()?, port: lines[3].parse().ok()?, sockets: sockets.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_when_it_is_ready() {
        let text = "4711\n/x/data\n1700000000\n54329\n/x/run\n127.0.0.1\n  54329 12\nready   \n";
        let running = Running { pid: 4711, port: 54_329, sockets: "/x/run".into() };
        assert_eq!(Running::parse(text), Some(running));
        assert_eq!(Running::parse(&text.replace("ready", "starting")), None);
        assert_eq!(Running::parse("4711\n"), None);
    }
}
