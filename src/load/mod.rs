//! Where bytes go: one file a sink.

pub mod circles;
pub mod expectations;
pub mod files;
pub mod postgres;
pub mod rebuild;
pub mod safety;
pub mod situations;
pub mod there;
pub mod triggers;
