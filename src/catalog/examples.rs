//! JSON documents that are there: a few of each column, as examples of what the app keeps.

use sqlx::{PgConnection, Row};

use super::{LEDGER, Schema};
use crate::db::query::{error, execute, fetch, is_refusal};
use crate::error::Result;
use crate::sql::{quote_identifier, quote_literal};

/// Rows of a table that are looked at.
const ROWS: usize = 5;
/// What the reading sets for itself: it waits for nobody, and keeps no lock.
const BEGIN: &str = "SAVEPOINT crm_seed_examples; SET LOCAL transaction_read_only = on; \
     SET LOCAL statement_timeout = 2000; SET LOCAL lock_timeout = 500; SET LOCAL synchronize_seqscans = off";
const END: &str = "ROLLBACK TO SAVEPOINT crm_seed_examples; RELEASE SAVEPOINT crm_seed_examples";

/// Reads them. What cannot be read has none.
///
/// # Errors
/// Whatever the server says of anything but the rows.
pub async fn ask(connection: &mut PgConnection, schema: &mut Schema) -> Result<()> {
    let is_bypassing = schema.server.superuser || schema.server.bypass_rls;
    let is_read = |table: &&mut super::Table| {
        table.is_fillable() && table.may_select && table.schema != LEDGER && (!table.rls || is_bypassing)
    };
    let mut queries = Vec::new();
    for table in schema.tables.iter_mut().filter(is_read) {
        let qualified = format!("{}.{}", quote_identifier(&table.schema), quote_identifier(&table.name));
        for column in table.columns.iter().filter(|column| column.is_json() && !column.generated) {
            let name = quote_identifier(&column.name);
            queries.push(format!(
                "SELECT {}::bigint AS oid, {} AS name, (SELECT json_agg(e.d)::text FROM (SELECT {name} AS d FROM \
                 {qualified} WHERE {name} IS NOT NULL LIMIT {ROWS}) e) AS documents",
                table.oid,
                quote_literal(&column.name)
            ));
        }
    }
    if queries.is_empty() {
        return Ok(());
    }
    execute(connection, BEGIN).await?;
    let answered = fetch(connection, &queries.join(" UNION ALL ")).await;
    execute(connection, END).await?;
    let rows = match answered {
        Ok(rows) => rows,
        Err(failure) if is_refusal(&failure) || matches!(failure.sqlstate(), Some("57014" | "55P03")) => {
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    for row in rows {
        let (oid, name): (i64, String) = (row.try_get(0).map_err(error)?, row.try_get(1).map_err(error)?);
        let documents: Option<String> = row.try_get(2).map_err(error)?;
        let mut columns = schema
            .tables
            .iter_mut()
            .filter(|table| i64::from(table.oid) == oid)
            .flat_map(|table| &mut table.columns);
        if let Some(column) = columns.find(|column| column.name == name) {
            column.examples = documents;
        }
    }
    Ok(())
}
