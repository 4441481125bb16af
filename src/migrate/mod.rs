//! Schema migrations: files, their history in the database, up and down.
//!
//! `run` holds the lock, the transactions and the waiting; `up` and `down` are what a run does, by
//! transaction or `stepwise`; `trial` finds what a rollback deletes before it does.

mod account;
mod catalog_dump;
mod cluster_wide;
mod concurrent_index;
mod config;
mod data_loss;
pub mod deprecation;
mod down;
mod failure;
mod files;
mod history;
mod layout;
pub mod lint;
pub mod new;
mod observe;
pub mod preflight;
mod quiet_hours;
pub mod rehearsed;
mod run;
mod script;
mod sql;
mod status;
mod stepwise;
mod trial;
mod up;
pub mod validation;
mod waiting;

pub use catalog_dump::{Catalog, Line};
pub use cluster_wide::check_stays_in_database;
pub use config::MigrationConfig;
pub use data_loss::Losses;
pub use down::Rollback;
pub use failure::needs_a_commit;
pub use files::{Migration, Source};
pub use history::Baseline;
pub use layout::{BUNDLED, Directory, Layout, bundled, read_directory};
pub use observe::{Lock, Named, Observed};
pub use run::{Run, Settings};
pub use sql::lock_mode::LockMode;
pub use status::{Status, indented, status};
pub use up::{APPLY_FIRST, Chosen, Pending, apply, check, nothing_to_apply};

/// The table that records what was applied.
pub const HISTORY: &str = "migration_history";
