//! What the local database and its parts are called.

/// The port on 127.0.0.1, where it is free.
pub const PORT: u16 = 54_329;
/// The name of the database, and of the role that owns it.
pub const DATABASE: &str = "crm";
/// The role of the private cluster.
pub const ROLE: &str = "postgres";

/// The command by which the process that looks after a server is started; it is not for people.
pub const WATCH_COMMAND: &str = "watch-local-database";
