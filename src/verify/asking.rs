//! How a query of a rule is put to the server.

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::db::query::{error, execute};
use crate::error::Result;
use crate::verify::Rule;

/// Violations shown of each rule.
pub const SHOWN: usize = 5;

/// What came of a query.
pub enum Checked {
    /// The first violations, and the number of all.
    Rows(Vec<PgRow>),
    /// The columns are there, but of types that the query cannot read.
    OtherTypes(String),
}

/// SQLSTATEs of a query that meets columns of other types than ours: no such operator, types
/// that do not match or cannot be cast, and texts that are no number, date or JSON, and collations that
/// take no pattern or do not go together.
const OTHER_TYPES: [&str; 9] =
    ["42883", "42804", "42846", "22P02", "22007", "22008", "0A000", "42P21", "42P22"];

/// Asks in a savepoint, so that the others are still checked where it cannot be.
pub async fn ask(connection: &mut PgConnection, rule: &Rule, sql: String) -> Result<Checked> {
    execute(connection, "SAVEPOINT rule").await?;
    match sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *connection).await {
        Ok(rows) => {
            execute(connection, "RELEASE SAVEPOINT rule").await?;
            Ok(Checked::Rows(rows))
        }
        Err(sqlx::Error::Database(e)) if OTHER_TYPES.contains(&e.code().unwrap_or_default().as_ref()) => {
            execute(connection, "ROLLBACK TO SAVEPOINT rule").await?;
            Ok(Checked::OtherTypes(format!("columns have other types: {}", e.message())))
        }
        Err(e) => Err(error(e).context(format!("rule {}", rule.name))),
    }
}
