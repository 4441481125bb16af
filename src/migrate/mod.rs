//! Schema migrations: files, their history in the database, up and down.
//!
//! `run` holds the lock, the transactions and the waiting; `up` and `down` are what a run does, by
//! transaction or `stepwise`; `trial` finds what a rollback deletes before it does.

mod account;
mod concurrent_index;
mod config;
mod data_loss;
mod down;
mod failure;
mod files;
mod history;
mod layout;
pub mod lint;
mod run;
mod script;
mod statements;
mod status;
mod stepwise;
mod trial;
mod up;
mod waiting;

pub use config::MigrationConfig;
pub use data_loss::Losses;
pub use down::Rollback;
pub use files::{Migration, Source};
pub use layout::{BUNDLED, Directory, Layout, bundled, read_directory};
pub use run::{Run, Settings};
pub use status::{Status, status};
pub use up::apply;

/// The table that records what was applied.
pub const HISTORY: &str = "migration_history";
