//! What ends a command, or what it hangs on.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Database, Running, Server, Session};

/// What is ended, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// crm-seed is killed.
    Kill,
    /// crm-seed is asked to end.
    Terminate,
    /// Ctrl-C.
    Interrupt,
    /// The server is asked to end the process that works for crm-seed.
    Backend,
    /// That process is killed, and the server restarts with all its others.
    BackendKill,
    /// The server stops, as at a power failure, and is started again.
    Stop,
}

/// What can be done to crm-seed itself.
pub const CLIENT: &[Kind] = &[Kind::Kill, Kind::Terminate, Kind::Interrupt];
/// What can be done where there is a server.
pub const ALL: &[Kind] =
    &[Kind::Kill, Kind::Terminate, Kind::Interrupt, Kind::Backend, Kind::BackendKill, Kind::Stop];

impl Kind {
    /// What it is called in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "SIGKILL",
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::Backend => "backend terminated",
            Self::BackendKill => "backend SIGKILL",
            Self::Stop => "server stopped",
        }
    }

    /// crm-seed hears of it, and can end in good order.
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::Terminate | Self::Interrupt)
    }
}

/// Waits for the moment, and strikes. Where the command has ended by then nothing is done to it.
pub fn strike(
    server: &mut Server,
    db: Option<&Database>,
    kind: Kind,
    moment: Duration,
    running: &mut Running,
) {
    std::thread::sleep(moment);
    match (kind, db) {
        (Kind::Kill, _) => running.signal("KILL"),
        (Kind::Terminate, _) => running.signal("TERM"),
        (Kind::Interrupt, _) => running.signal("INT"),
        (Kind::Stop, _) => {
            server.stop();
            server.run();
        }
        (_, Some(db)) => backend(&server.database_called("postgres"), db.name(), kind, running),
        (_, None) => unreachable!("what has no server cannot lose it"),
    }
}

/// Ends the server's process that works for a crm-seed in the database called `name`: as soon as there is one.
fn backend(postgres: &Database, name: &str, kind: Kind, running: &mut Running) {
    let mut session = Session::open(postgres);
    let what = if kind == Kind::Backend { "pg_terminate_backend(pid)" } else { "pid" };
    let find = format!(
        "SELECT {what} FROM pg_stat_activity WHERE application_name = 'crm-seed' AND datname = '{name}'"
    );
    while running.is_running() {
        let found = session.run(&find).expect("the server answers");
        if let Some(pid) = found.first() {
            if kind == Kind::BackendKill {
                let mut kill = Command::new("kill");
                // It may have ended by now.
                let _ = kill.args(["-KILL", pid]).stderr(Stdio::null()).status();
                // The server ends all its processes as soon as it has noticed; before, it still answers.
                let deadline = Instant::now() + Duration::from_secs(2);
                while session.run("SELECT 1").is_some() && Instant::now() < deadline {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
