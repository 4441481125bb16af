//! crm-seed: deterministic, coherent data for a PostgreSQL CRM, at bulk speed.
//!
//! Imports run one way, from the first line to the last:
//!
//! ```text
//! cli -> verify -> run -> migrate -> sink -> plan -> infer -> scenario -> domain, catalog, sqlexpr -> db -> the rest
//! ```
//!
//! `docs/architecture.md` says what each is; `tests/it/layers.rs` holds it.

// Texts for people leave by `terminal`, which masks secrets.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod calendar;
pub mod catalog;
pub mod cli;
pub mod db;
pub mod domain;
pub mod error;
pub mod fixture;
pub mod infer;
pub mod interrupt;
pub mod letters;
pub mod migrate;
pub mod note;
pub mod plan;
pub mod project;
pub mod random;
pub mod redact;
pub mod report;
pub mod run;
pub mod scenario;
pub mod sink;
pub mod sql;
pub mod sqlexpr;
pub mod stream_labels;
pub mod suggestion;
pub mod terminal;
pub mod text_file;
pub mod ui;
pub mod value;
pub mod verify;
pub mod whole_file;
