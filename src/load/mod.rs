//! Where bytes go: one file a sink; and what surrounds a load into a database.

pub mod circles;
pub mod directory;
pub mod expectations;
pub mod files;
pub mod manifest;
pub mod postgres;
pub mod rebuild;
pub mod safety;
pub mod sequences;
pub mod situations;
pub mod there;
pub mod triggers;
pub mod written;
