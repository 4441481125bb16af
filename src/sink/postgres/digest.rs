//! A digest of what is in the database: of all rows of the filled tables, whoever wrote them, in the order of their
//! keys. Equal for every method and for two servers, as all that decides how values are written is set.

use sqlx::{PgConnection, Row};

use crate::catalog::{Column, Schema, Table};
use crate::db::query::{error, fetch};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::sql::quote_identifier;

/// Rows whose hashes are hashed together: of a table of any size no value grows large.
const TOGETHER: u64 = 65_536;

/// The digest of the planned tables: 32 hex digits.
///
/// # Errors
/// Whatever the server says; that the role may not read a table.
pub async fn of_tables(connection: &mut PgConnection, plan: &Plan, schema: &Schema) -> Result<String> {
    let mut all = blake3::Hasher::new();
    for planned in &plan.tables {
        let Some(table) = planned.oid().and_then(|oid| schema.table(oid)) else { continue };
        let told = |failure: Error| failure.context(format!("the digest of {}", table.qualified()));
        let rows = fetch(connection, &query(table)).await.map_err(told)?;
        let digest: Option<String> = match rows.first() {
            Some(row) => row.try_get(0).map_err(error)?,
            None => None,
        };
        all.update(table.name.as_bytes());
        all.update(b"\0");
        all.update(digest.unwrap_or_default().as_bytes());
        all.update(b"\n");
    }
    Ok(all.finalize().to_hex()[..32].to_owned())
}

fn query(table: &Table) -> String {
    let mut columns: Vec<&Column> = table.columns.iter().collect();
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    let texts: Vec<String> =
        columns.iter().map(|column| format!("t.{}::text", quote_identifier(&column.name))).collect();
    let row = format!("ROW({})::text", texts.join(", "));
    format!(
        "SELECT encode(sha256(string_agg(part.hash, ''::bytea ORDER BY part.n)), 'hex') FROM (
           SELECT line.n / {TOGETHER} AS n,
             sha256(string_agg(sha256(convert_to(line.text, 'UTF8')), ''::bytea ORDER BY line.n)) AS hash
           FROM (SELECT row_number() OVER (ORDER BY {}) - 1 AS n, {row} AS text FROM {} t) AS line
           GROUP BY line.n / {TOGETHER}) AS part",
        order(table, &row),
        table.qualified()
    )
}

/// By the key, texts byte by byte; all of a row where there is none.
fn order(table: &Table, row: &str) -> String {
    let primary = table.uniques.iter().find(|unique| unique.primary);
    let key = primary.iter().flat_map(|unique| unique.columns.iter().flatten());
    let by = |name: &String| {
        let column = format!("t.{}", quote_identifier(name));
        let is_text = table.columns.iter().any(|other| other.name == *name && other.category == 'S');
        if is_text { format!("{column}::text COLLATE \"C\"") } else { column }
    };
    let key: Vec<String> = key.map(by).collect();
    if key.is_empty() { format!("{row} COLLATE \"C\"") } else { key.join(", ") }
}
