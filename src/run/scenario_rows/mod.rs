//! The explicit rows of scenarios in a database: which are there, who holds on to them, how they go
//! and how they are put in the place of an earlier copy.
//!
//! A scenario's rows are found by their keys, which are recorded in `crm_seed.scenario`: the app may have put others
//! into its range of ids (see [`crate::domain::explicit::ids`]).

mod dependents;
mod filter;
mod staged;
mod staged_keys;
mod table;
mod tables;

pub use dependents::{Dependent, refuse_held};
pub use filter::{ScenarioFilter, among, told};
pub use staged::{Staged, refuse_taken};
pub use staged_keys::StagedKeys;
pub use tables::{ScenarioTables, refuse_replaced};
