//! The integration tests: the built binary against PostgreSQL servers that the tests start
//! themselves, against the embedded one, and against files. One binary, so that the crate is
//! linked once.

#[cfg_attr(
    not(feature = "embedded"),
    expect(dead_code, unused_imports, reason = "for the embedded database")
)]
mod harness;

mod address;
mod asked;
mod bad_input;
mod beside;
mod cases;
mod catalog;
mod contract;
mod corners;
mod counts;
mod dependencies;
mod determinism;
mod docs;
mod doctor;
mod drift;
#[cfg(feature = "embedded")]
mod embedded;
#[cfg(feature = "embedded")]
mod embedded_damage;
#[cfg(feature = "embedded")]
mod embedded_kills;
#[cfg(feature = "embedded")]
mod embedded_serve;
mod empty_databases;
mod encodings;
mod failure;
#[cfg(feature = "embedded")]
mod faults;
mod files;
mod golden;
mod growth;
mod held_rows;
mod init;
mod interrupt;
mod json;
mod layers;
mod local_database;
mod migrate;
mod migrate_commands;
mod migrate_cut_off;
mod migrate_deprecate;
mod migrate_directory;
mod migrate_down;
mod migrate_layouts;
mod migrate_lint;
mod migrate_new;
mod migrate_odd_files;
mod migrate_preflight;
mod migrate_rehearse;
mod migrate_settings;
mod migrate_stepwise;
mod migrate_try;
mod migrate_validate;
mod migrate_waiting;
mod odd_files;
mod odd_types;
mod overrule;
mod overwriting;
mod ownership;
mod plan;
mod planning;
mod poolers;
mod properties;
mod random_schemas;
mod recognition;
mod replica;
mod reset;
mod rights;
mod safety;
mod scenarios;
mod scenarios_again;
mod scenarios_app;
mod scenarios_built_in;
mod scenarios_commands;
#[cfg(feature = "embedded")]
mod scenarios_embedded;
mod scenarios_errors;
mod scenarios_expectations;
mod scenarios_files;
mod scenarios_handles;
mod scenarios_matrix;
mod scenarios_on_purpose;
mod scenarios_own;
mod scenarios_own_shapes;
mod scenarios_playbook;
mod scenarios_same;
mod secrets;
mod seeding;
mod settings;
mod shown;
mod snapshots;
mod summary;
mod templates;
mod terminal;
mod test_runners;
mod tls;
mod troubles;
mod trusted;
mod verify;
mod violations;
mod waiting;
mod whose_rows;
