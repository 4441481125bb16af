//! crm-seed: deterministic, coherent data for a PostgreSQL CRM, at bulk speed.
//!
//! Data flows one way: `cli -> scenario -> plan -> generate -> encode -> load -> report`, with
//! `schema` (what the target really is) beside `plan`, and `crm` (the domain) beneath `generate`.
//! `seed` sees the whole flow. Otherwise a module imports only what stands to its left, or `error`,
//! `random`, `value`, `calendar` and `sql`; `docs/architecture.md` has the rest.

// Texts for people leave by `terminal`, which masks secrets.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod adapt;
pub mod address;
pub mod calendar;
pub mod cli;
pub mod crm;
pub mod database;
pub mod doctor;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod encode;
pub mod error;
pub mod generate;
pub mod handles;
pub mod interrupt;
pub mod ledger;
pub mod load;
pub mod migrate;
pub mod plan;
pub mod pooler;
pub mod project;
pub mod random;
pub mod redact;
pub mod registry;
pub mod report;
pub mod scenario;
pub mod schema;
pub mod seed;
pub mod sql;
pub mod target;
pub mod terminal;
pub mod text_file;
pub mod tls;
pub mod ui;
pub mod url;
pub mod value;
pub mod verify;
pub mod waiting;
pub mod whole_file;
