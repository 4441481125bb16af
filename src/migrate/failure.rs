//! A statement that fails, with what decides whether it is tried again.

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::db::query;
use crate::error::Error;
use crate::migrate::sql::statements::command;

/// A failure of one statement of a migration, or of something else.
pub struct Failure {
    /// The statement; empty where it is something else that failed.
    pub statement: String,
    /// The migration and the statement, for messages; empty where nothing was said of them.
    pub doing: String,
    /// The error to report.
    pub error: Error,
    /// Its hint says already what is left of the migration.
    pub tells_what_is_left: bool,
}

impl Failure {
    /// The server's code for what is wrong with the statement.
    pub fn sqlstate(&self) -> Option<&str> {
        self.error.sqlstate().filter(|_| !self.statement.is_empty())
    }

    /// Another session's locks were in the way: lock_not_available, deadlock_detected.
    pub fn is_lock(&self) -> bool {
        matches!(self.sqlstate(), Some("55P03" | "40P01"))
    }

    /// No transaction may be around the statement: active_sql_transaction, or a procedure that commits.
    pub fn wants_no_transaction(&self) -> bool {
        matches!(self.sqlstate(), Some("25001" | "2D000"))
    }

    /// A value of an enum was added in the same transaction: unsafe_new_enum_value_usage.
    pub fn is_new_enum_value(&self) -> bool {
        self.sqlstate() == Some("55P04")
    }

    /// Whether the statement begins with this word.
    pub fn statement_is(&self, word: &str) -> bool {
        command(&self.statement).split(' ').next() == Some(word)
    }

    /// It fails as it was done already: what it makes is there, what it drops is not.
    pub fn is_done_already(&self) -> bool {
        let drops = self.statement_is("drop");
        match self.sqlstate() {
            // duplicate object, relation, column, database, schema, function
            Some("42710" | "42P07" | "42701" | "42P04" | "42P06" | "42723") => !drops,
            // undefined object, relation, database
            Some("42704" | "42P01" | "3D000") => drops,
            _ => false,
        }
    }

    /// The same, saying first what was being done.
    #[must_use]
    pub fn context(mut self, what: impl std::fmt::Display) -> Self {
        self.doing = what.to_string();
        self.error = self.error.context(&self.doing);
        self
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.error = self.error.with_hint(hint);
        self
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { statement: String::new(), doing: String::new(), error, tells_what_is_left: false }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// Whether a statement fails for want of the COMMIT that `up` and `down` have between two migrations: a new value of an enum
/// in use, an object that is still in use.
pub fn needs_a_commit(error: &Error) -> bool {
    matches!(error.sqlstate(), Some("55P04" | "55006"))
}

/// Runs a statement by the simple protocol, and forgets its rows.
pub async fn execute(connection: &mut PgConnection, statement: &str) -> Result<(), Failure> {
    // A migration that the user wants run as it is, or made of quoted names and literals.
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await;
    done.map(drop).map_err(|error| failure(error, statement))
}

/// Runs a statement and returns all its rows.
pub async fn fetch(connection: &mut PgConnection, statement: &str) -> Result<Vec<PgRow>, Failure> {
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).fetch_all(connection).await;
    rows.map_err(|error| failure(error, statement))
}

fn failure(error: sqlx::Error, statement: &str) -> Failure {
    Failure { statement: statement.to_owned(), ..query::error(error).into() }
}
