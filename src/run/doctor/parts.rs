//! The parts of what was seen, as they are printed and as the JSON has them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::run::safety::MissingRights;

#[derive(Debug, Serialize)]
pub struct Server {
    /// `server_version`.
    pub version: String,
    /// Name of the database.
    pub database: String,
    /// It is a read replica.
    pub in_recovery: bool,
    /// The session may only read.
    pub read_only: bool,
    /// The server got the connection encrypted; null where that is not known.
    pub tls: Option<bool>,
    /// As `TLSv1.3`.
    pub tls_version: Option<String>,
    /// What stands between us and the server.
    pub pooler: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Role {
    pub name: String,
    pub superuser: bool,
    /// Row-level security does not apply to it.
    pub bypass_rls: bool,
    /// Number of the tables to be filled that it owns.
    pub owns: usize,
}

/// A table that would be filled.
#[derive(Debug, Serialize)]
pub struct Filled {
    /// Its name in the target.
    pub target: String,
    /// The CRM table that it is recognised as.
    pub is: Option<String>,
    /// Why it is filled.
    pub why: String,
    /// Rows; null where nothing could be planned.
    pub rows: Option<u64>,
    /// Columns that are written.
    pub columns: usize,
    /// Columns that it has.
    pub of: usize,
    /// Columns that are left NULL, or at their default: name and why.
    pub left: Vec<(String, String)>,
    /// Columns of the CRM table that it does not have.
    pub lacks: Vec<String>,
}

/// What was decided of a table that might have been something else.
#[derive(Debug, Serialize)]
pub struct Choice {
    /// What was decided.
    pub what: String,
    /// The line of crm-seed.toml that says otherwise.
    pub setting: String,
    /// Another table would have been about as good.
    pub close: bool,
    /// It decides whose all rows are.
    pub tenant: bool,
}

/// A table whose existing rows are kept and referenced.
#[derive(Debug, Serialize)]
pub struct Referred {
    pub target: String,
    /// Number of rows that were read; there may be more.
    pub rows: usize,
}

/// A table that would not be filled.
#[derive(Debug, Serialize)]
pub struct Unfilled {
    pub target: String,
    pub why: String,
    /// Nothing is against filling it.
    #[serde(skip)]
    pub is_unasked: bool,
}

/// Where row-level security applies to the role.
#[derive(Debug, Default, Serialize)]
pub struct Rls {
    /// How rows are written: `copy` or `insert`.
    pub method: &'static str,
    /// Where it applies to the role: the table, and the policies for INSERT that do.
    pub tables: BTreeMap<String, Vec<String>>,
}

/// A trigger that fires when rows are inserted.
#[derive(Debug, Serialize)]
pub struct Trigger {
    pub table: String,
    pub name: String,
    /// The function that it calls.
    pub function: String,
    /// It may change the row.
    pub changes: bool,
    /// Tables to which it may add rows.
    pub adds_to: Vec<String>,
    /// Tables of which it may change or delete rows.
    pub touches: Vec<String>,
    /// It may have effects that its source does not show.
    pub opaque: bool,
    /// What it writes differs from run to run.
    pub unstable: bool,
}

/// A foreign key in a circle.
#[derive(Debug, Serialize)]
pub struct Circle {
    pub table: String,
    /// Columns that are set after all rows are loaded.
    pub late: Vec<String>,
    /// A foreign key that is altered to wait until the end of the transaction.
    pub made_deferrable: Option<String>,
}

/// A CHECK constraint that is not supported.
#[derive(Debug, Serialize)]
pub struct Unread {
    pub table: String,
    pub name: String,
    /// `CHECK (...)`.
    pub definition: String,
    /// The part that is not supported.
    pub why: String,
}

/// A reason why the database cannot be seeded.
#[derive(Debug, Serialize)]
pub struct Reason {
    /// What prevents seeding.
    pub why: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The server's code for it, where the server says it.
    pub sqlstate: Option<String>,
    /// It prevents `--clean` only.
    pub clean: bool,
    /// The rights that are missing, where it is that.
    #[serde(skip)]
    pub rights: Option<MissingRights>,
}
