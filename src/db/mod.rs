//! The database: which one is meant, how it is reached, and statements on it. Knows nothing of what is in it.

pub mod address;
pub mod connect;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod encoding;
pub mod libpq;
pub mod local;
pub mod local_database;
pub mod pooler;
pub mod probe;
pub mod query;
pub mod scratch;
pub mod target;
pub mod throwaway;
pub mod tls;
pub mod url;
