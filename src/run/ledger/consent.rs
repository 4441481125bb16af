//! What was agreed to for good: that `--clean` may delete, in this database, rows that crm-seed did not make.

use sqlx::{PgConnection, Row};

use crate::catalog::Schema;
use crate::db::query::{error, execute, fetch};
use crate::error::Result;
use crate::run::ledger::identity::Identity;
use crate::run::ledger::tables;
use crate::sql::quote_literal;

/// The schemas of which that was said, in just this database.
pub async fn agreed(
    connection: &mut PgConnection,
    schema: &Schema,
    identity: &Identity,
) -> Result<Vec<String>> {
    if !tables::readable(schema, "consent") {
        return Ok(Vec::new());
    }
    // Another schema that bears the name by now holds other rows.
    let sql = format!(
        "SELECT n.nspname::text FROM crm_seed.consent c JOIN pg_namespace n ON n.oid = c.schema_oid WHERE {}",
        identity.condition()
    );
    let rows = fetch(connection, &sql).await?;
    rows.iter().map(|row| row.try_get(0).map_err(error)).collect()
}

/// Writes down that it was said of these schemas, in the transaction that is open.
pub async fn agree(connection: &mut PgConnection, identity: &Identity, schemas: &[String]) -> Result<()> {
    let names: Vec<String> = schemas.iter().map(|name| quote_literal(name)).collect();
    let sql = format!(
        "INSERT INTO crm_seed.consent (system_identifier, database_oid, schema_name, schema_oid)
         SELECT {}, nspname, oid FROM pg_namespace WHERE nspname IN ({})
         ON CONFLICT (system_identifier, database_oid, schema_name) DO UPDATE SET schema_oid = EXCLUDED.schema_oid",
        identity.values(),
        names.join(", ")
    );
    execute(connection, &sql).await
}
