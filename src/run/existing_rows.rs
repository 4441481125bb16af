//! Rows of other tables that are there already and are not ours: they are read and referred to, never
//! touched.

use sqlx::{PgConnection, Row};

use crate::catalog::{Schema, Table};
use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::infer::table_selection::{ExistingRows, ExistingTable};
use crate::run::ledger::Filled;
use crate::sql::quote_identifier;

/// Rows of each table that are read.
const MOST: usize = 1000;
/// Columns that are read besides those that are referred to: by these a row is known by name.
const NAMES: usize = 4;

/// Reads the tables among `candidates` (positions in the schema) that hold rows, but for those `t` that meet a condition of
/// what goes.
pub async fn read(
    connection: &mut PgConnection,
    schema: &Schema,
    candidates: &[usize],
    goes: &dyn Fn(&Table) -> Vec<String>,
) -> Result<ExistingRows> {
    let tables: Vec<&Table> =
        candidates.iter().map(|at| &schema.tables[*at]).filter(|table| table.may_select).collect();
    let mut there = ExistingRows::new();
    if tables.is_empty() {
        return Ok(there);
    }
    let probes: Vec<String> = tables
        .iter()
        .map(|table| {
            let (oid, name, stays) = (table.oid, table.qualified(), stays(&goes(table)));
            format!("SELECT {oid}::bigint WHERE EXISTS (SELECT FROM {name} t WHERE {stays})")
        })
        .collect();
    let occupied = fetch(connection, &probes.join(" UNION ALL ")).await?;
    let occupied: Vec<i64> =
        occupied.iter().map(|row| row.try_get(0).map_err(error)).collect::<Result<_>>()?;
    for table in tables.into_iter().filter(|table| occupied.contains(&table.oid.into())) {
        there.insert(table.oid, rows(connection, schema, table, &stays(&goes(table))).await?);
    }
    Ok(there)
}

/// Whether a table holds rows that recorded runs made, but for those `t` that meet a condition of what is a scenario's, or
/// none at all: then it is ours to fill again.
pub async fn has_ours(
    connection: &mut PgConnection,
    table: &Table,
    filled: &Filled,
    of_scenarios: &[String],
) -> Result<bool> {
    if !table.may_select {
        return Ok(true);
    }
    let (name, not_ours, stays) = (table.qualified(), filled.not_ours(table), stays(of_scenarios));
    let sql = format!(
        "SELECT EXISTS (SELECT FROM {name} t WHERE NOT ({not_ours}) AND {stays}) OR NOT EXISTS (SELECT FROM {name} t WHERE {stays})"
    );
    let rows = fetch(connection, &sql).await?;
    rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(error))
}

/// The condition that a row `t` meets none of these.
fn stays(goes: &[String]) -> String {
    if goes.is_empty() { "true".to_owned() } else { format!("NOT ({})", goes.join(" OR ")) }
}

async fn rows(
    connection: &mut PgConnection,
    schema: &Schema,
    table: &Table,
    stays: &str,
) -> Result<ExistingTable> {
    let mut columns: Vec<String> = Vec::new();
    let primary = table.uniques.iter().find(|unique| unique.primary);
    let keys =
        schema.foreign_keys.iter().filter(|key| key.to == table.oid).flat_map(|key| key.to_columns.clone());
    for column in primary.into_iter().flat_map(|unique| unique.columns.iter().flatten().cloned()).chain(keys)
    {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let key = columns.len();
    let texts = table.columns.iter().filter(|column| column.category == 'S' || column.category == 'E');
    columns.extend(
        texts
            .map(|column| column.name.clone())
            .filter(|name| !columns.contains(name))
            .take(NAMES)
            .collect::<Vec<_>>(),
    );
    if columns.is_empty() {
        return Ok(ExistingTable::default());
    }
    let selected: Vec<String> =
        columns.iter().map(|column| format!("{}::text", quote_identifier(column))).collect();
    let by: Vec<String> = columns[..key.max(1)].iter().map(|column| quote_identifier(column)).collect();
    let sql = format!(
        "SELECT {} FROM {} t WHERE {stays} ORDER BY {} LIMIT {MOST}",
        selected.join(", "),
        table.qualified(),
        by.join(", ")
    );
    let rows = fetch(connection, &sql).await?;
    let row = |row: &sqlx::postgres::PgRow| -> Result<Vec<Option<String>>> {
        (0..columns.len()).map(|at| row.try_get(at).map_err(error)).collect()
    };
    Ok(ExistingTable { rows: rows.iter().map(row).collect::<Result<_>>()?, columns })
}
