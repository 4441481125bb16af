//! What was agreed to for good: that `--clean` may delete, in this database, rows that crm-seed did not make.

use sqlx::{PgConnection, Row};

use crate::catalog::Schema;
use crate::db::query::{error, execute, fetch};
use crate::error::Result;
use crate::run::ledger::identity::Identity;
use crate::run::ledger::tables;
use crate::sql::quote_literal;

/// The schemas of which that was said, in just this database.
///
/// # Errors
/// Whatever the server says.
pub async fn agreed(
    connection: &mut PgConnection,
    schema: &Schema,
    identity: &Identity,
) -> Result<Vec<String>> {
    if !tables::readable(schema, "consent") {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT schema_name FROM crm_seed.consent WHERE {}", identity.condition());
    let rows = fetch(connection, &sql).await?;
    rows.iter().map(|row| row.try_get(0).map_err(error)).collect()
}

/// Writes down that it was said of these schemas, in the transaction that is open.
///
/// # Errors
/// Whatever the server says.
pub async fn agree(connection: &mut PgConnection, identity: &Identity, schemas: &[String]) -> Result<()> {
    let values: Vec<String> =
        schemas.iter().map(|name| format!("({}, {})", identity.values(), quote_literal(name))).collect();
    let sql = format!(
        "INSERT INTO crm_seed.consent (system_identifier, database_oid, schema_name) VALUES {} ON CONFLICT DO NOTHING",
        values.join(", ")
    );
    execute(connection, &sql).await
}
