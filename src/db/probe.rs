//! Queries of an app's tables, each in a savepoint: one that may not be run does not keep the others from it.

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::db::query::{execute, fetch, undo};
use crate::error::Result;

/// What came of a query.
pub enum Probed {
    Rows(Vec<PgRow>),
    /// Why there are none.
    Refused(String),
}

/// Runs a query inside the transaction.
///
/// # Errors
/// The connection is lost, or the server ends it.
pub async fn probe(connection: &mut PgConnection, sql: &str) -> Result<Probed> {
    execute(connection, "SAVEPOINT crm_seed_probe").await?;
    match fetch(connection, sql).await {
        Ok(rows) => {
            execute(connection, "RELEASE SAVEPOINT crm_seed_probe").await?;
            Ok(Probed::Rows(rows))
        }
        Err(error) if error.sqlstate().is_some_and(is_passing) => {
            undo(connection, "crm_seed_probe").await?;
            let why = match error.sqlstate() {
                Some("42501") => format!("{error:#}"),
                Some("55P03") => "another session has it locked".to_owned(),
                _ => format!("{error:#}"),
            };
            Ok(Probed::Refused(why))
        }
        Err(error) => Err(error),
    }
}

/// Rights, locks, types that do not compare, values that cannot be read: nothing that ends the others.
fn is_passing(state: &str) -> bool {
    state.starts_with("42") || state.starts_with("22") || state == "55P03" || state == "0A000"
}
