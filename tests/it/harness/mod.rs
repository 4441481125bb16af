//! A dataset of its own for every test: a database, a working directory, an environment.

mod binaries;
pub mod campaign;
mod crm;
mod database;
mod disk;
mod leavings;
mod pgbouncer;
mod rows;
mod server;
mod session;
mod state;
mod terminal;

use std::time::{Duration, Instant};

pub use binaries::{Binaries, skipped};
pub use crm::{Crm, Outcome, Running, is_run_by_root};
pub use database::Database;
pub use disk::Small;
pub use leavings::directory as directory_of_all;
pub use pgbouncer::PgBouncer;
pub use rows::{Rows, read_rows};
pub use server::Server;
pub use session::Session;
pub use state::{MARK, Sequence, State};

/// Asks `probe` until it answers, for at most half a minute.
///
/// # Panics
/// Where it never does.
#[track_caller]
pub fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = probe() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
