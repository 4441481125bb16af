//! Which scenarios' explicit rows a database holds, recorded in it: `crm_seed.scenario`.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use crate::database::{error, execute, fetch};
use crate::error::Result;
use crate::ledger::SCHEMA;
use crate::schema::{Schema, Table};
use crate::sql::quote_literal;

const TABLE: &str = "scenario";

const CREATE: &str = "CREATE SCHEMA IF NOT EXISTS crm_seed;
CREATE TABLE IF NOT EXISTS crm_seed.scenario (
  name text PRIMARY KEY,
  first_id bigint NOT NULL UNIQUE,
  loaded_at timestamptz NOT NULL DEFAULT now(),
  digest text NOT NULL,
  row_count bigint NOT NULL,
  breaks jsonb NOT NULL,
  links jsonb NOT NULL
)";

/// A scenario whose explicit rows are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its name.
    pub name: String,
    /// The first of its ids.
    pub first_id: u64,
    /// Digest of its rows.
    pub digest: String,
    /// How many rows.
    pub rows: u64,
    /// Coherence rules that they break on purpose.
    pub breaks: Vec<String>,
    /// Keys of its rows in tables without an id: one of their ends may be anybody's.
    pub links: Links,
}

/// Keys of rows, by table.
pub type Links = BTreeMap<String, Vec<Vec<i64>>>;

fn find(schema: &Schema) -> Option<&Table> {
    schema.tables.iter().find(|table| table.schema == SCHEMA && table.name == TABLE)
}

/// What is recorded, by name.
///
/// # Errors
/// Whatever the server says.
pub async fn all(connection: &mut PgConnection, schema: &Schema) -> Result<Vec<Loaded>> {
    if !find(schema).is_some_and(|table| table.may_select) {
        return Ok(Vec::new());
    }
    let sql = "SELECT name, first_id, digest, row_count, breaks::text, links::text FROM crm_seed.scenario ORDER BY name";
    let rows = fetch(connection, sql).await?;
    rows.iter()
        .map(|row| {
            let number = |at: usize| row.try_get::<i64, _>(at).map_err(error).map(|n| n.unsigned_abs());
            let breaks: &str = row.try_get(4).map_err(error)?;
            let links: &str = row.try_get(5).map_err(error)?;
            Ok(Loaded {
                name: row.try_get(0).map_err(error)?,
                first_id: number(1)?,
                digest: row.try_get(2).map_err(error)?,
                rows: number(3)?,
                breaks: serde_json::from_str(breaks).unwrap_or_default(),
                links: serde_json::from_str(links).unwrap_or_default(),
            })
        })
        .collect()
}

/// Whether the role may keep the record.
pub fn may_record(schema: &Schema) -> bool {
    match find(schema) {
        Some(table) => table.may_insert,
        None => schema.server.may_create,
    }
}

/// Records that scenarios are there, in the transaction that is open.
///
/// # Errors
/// Whatever the server says.
pub async fn record(connection: &mut PgConnection, schema: &Schema, loaded: &[Loaded]) -> Result<()> {
    let mut sql = String::new();
    if find(schema).is_none() {
        sql.push_str(CREATE);
        sql.push(';');
    }
    for Loaded { name, first_id, digest, rows, breaks, links } in loaded {
        let breaks = serde_json::Value::from(breaks.clone()).to_string();
        sql.push_str(&format!(
            "DELETE FROM crm_seed.scenario WHERE name = {name};
             INSERT INTO crm_seed.scenario (name, first_id, digest, row_count, breaks, links)
             VALUES ({name}, {first_id}, '{digest}', {rows}, {}, {});",
            quote_literal(&breaks),
            quote_literal(&serde_json::json!(links).to_string()),
            name = quote_literal(name),
        ));
    }
    execute(connection, &sql).await
}

/// Forgets scenarios: those of these names, or all.
///
/// # Errors
/// Whatever the server says.
pub async fn forget(connection: &mut PgConnection, schema: &Schema, names: Option<&[&str]>) -> Result<()> {
    if find(schema).is_none() {
        return Ok(());
    }
    let which = match names {
        None => String::new(),
        Some(names) => {
            let names: Vec<String> = names.iter().map(|name| quote_literal(name)).collect();
            format!(" WHERE name IN ({})", names.join(", "))
        }
    };
    execute(connection, &format!("DELETE FROM crm_seed.scenario{which}")).await
}
