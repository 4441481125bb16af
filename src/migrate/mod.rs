//! Schema migrations: files, their history in the database, up and down.

mod files;
mod runner;
mod statements;

pub use files::{BUNDLED, Migration, bundled, read_directory};
pub use runner::{Applied, Status, apply, down, status, up};

/// The table that records what was applied.
pub const HISTORY: &str = "migration_history";
