//! Where rows go: made in parallel, encoded in order, written into files or a database.

pub mod encode;
pub mod files;
pub mod generate;
pub mod postgres;
