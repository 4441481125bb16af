//! One run against a database: what is there and whose it is, what is asked, and what is recorded.

pub mod doctor;
pub mod existing_rows;
pub mod expectations;
pub mod handles;
pub mod ledger;
pub mod letters;
pub mod registry;
pub mod rehearsal;
pub mod safety;
pub mod scenario_rows;
pub mod seed;
pub mod template;
