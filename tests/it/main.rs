//! The integration tests: the built binary against PostgreSQL servers that the tests start
//! themselves, against the embedded one, and against files. One binary, so that the crate is
//! linked once.

#[cfg_attr(
    not(feature = "embedded"),
    expect(dead_code, unused_imports, reason = "for the embedded database")
)]
mod harness;

mod address;
mod bad_input;
mod catalog;
mod contract;
mod corners;
mod counts;
mod determinism;
mod doctor;
mod drift;
#[cfg(feature = "embedded")]
mod embedded;
mod failure;
mod files;
mod golden;
mod growth;
mod init;
mod interrupt;
mod migrate;
mod migrate_directory;
mod odd_types;
mod overrule;
mod plan;
mod planning;
mod poolers;
mod properties;
mod random_schemas;
mod replica;
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
mod scenarios_playbook;
mod scenarios_same;
mod seeding;
mod tls;
mod verify;
mod violations;
