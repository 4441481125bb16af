//! The integration tests: the built binary against PostgreSQL servers that the tests start
//! themselves, against the embedded one, and against files. One binary, so that the crate is
//! linked once.

#[cfg_attr(
    not(feature = "embedded"),
    expect(dead_code, unused_imports, reason = "for the embedded database")
)]
mod harness;

mod bad_input;
mod catalog;
mod contract;
mod counts;
mod determinism;
#[cfg(feature = "embedded")]
mod embedded;
mod failure;
mod files;
mod golden;
mod growth;
mod interrupt;
mod migrate;
mod migrate_directory;
mod plan;
mod properties;
mod rights;
mod safety;
mod seeding;
mod verify;
mod violations;
