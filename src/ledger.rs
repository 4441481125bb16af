//! What crm-seed did to a database, recorded in the database: `crm_seed.ledger`.

use serde_json::{Value, json};
use sqlx::{PgConnection, Row};

use crate::calendar::Day;
use crate::crm::GENERATOR_VERSION;
use crate::database::{error, execute, fetch};
use crate::encode::quote_literal;
use crate::error::{Error, Kind, Result};
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::schema::Schema;

/// The schema of the ledger.
pub const SCHEMA: &str = "crm_seed";
const TABLE: &str = "ledger";

/// Advisory lock that one crm-seed holds on a database: the letters `crm-seed`.
pub const LOCK_KEY: i64 = 0x6372_6d2d_7365_6564;

const CREATE: &str = "CREATE SCHEMA IF NOT EXISTS crm_seed;
CREATE TABLE IF NOT EXISTS crm_seed.ledger (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seeded_at timestamptz NOT NULL DEFAULT now(),
  as_of date NOT NULL,
  generator_version integer NOT NULL,
  spec jsonb NOT NULL,
  digest text NOT NULL,
  row_count bigint NOT NULL
)";

/// Somebody else holds the lock.
pub fn busy() -> Error {
    Error::new(Kind::Refused, "another crm-seed is working on this database")
        .with_hint("try again when it is done")
}

/// The last entry.
#[derive(Debug)]
pub struct Entry {
    /// What was asked for.
    pub spec: Value,
    /// The as-of date of that run.
    pub as_of: Day,
    /// What it made.
    pub digest: String,
}

/// Everything that decides what a run makes.
pub fn spec(seed: u64, as_of: Day, scenario: &Scenario, plan: &Plan) -> Value {
    let columns: serde_json::Map<String, Value> =
        plan.tables.iter().map(|table| (table.name().to_owned(), json!(table.heading.columns))).collect();
    json!({
        "generator_version": GENERATOR_VERSION,
        "seed": seed.to_string(),
        "as_of": as_of.to_string(),
        "scenario": scenario.name,
        "counts": scenario.counts,
        "weights": scenario.weights,
        "columns": columns,
    })
}

fn exists(schema: &Schema) -> bool {
    schema.tables.iter().any(|table| table.schema == SCHEMA && table.name == TABLE && table.may_select)
}

/// The last entry, where there is a ledger that we may read.
///
/// # Errors
/// Whatever the server says.
pub async fn last(connection: &mut PgConnection, schema: &Schema) -> Result<Option<Entry>> {
    if !exists(schema) {
        return Ok(None);
    }
    let sql =
        "SELECT spec::text, as_of - DATE '1970-01-01', digest FROM crm_seed.ledger ORDER BY id DESC LIMIT 1";
    let rows = fetch(connection, sql).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let spec: &str = row.try_get(0).map_err(error)?;
    Ok(Some(Entry {
        spec: serde_json::from_str(spec).unwrap_or_default(),
        as_of: Day(row.try_get(1).map_err(error)?),
        digest: row.try_get(2).map_err(error)?,
    }))
}

/// Whether the role may write an entry, or create the ledger first.
pub fn may_record(schema: &Schema) -> bool {
    match schema.tables.iter().find(|table| table.schema == SCHEMA && table.name == TABLE) {
        Some(table) => table.may_insert,
        None => schema.server.may_create,
    }
}

/// Writes an entry, in the transaction that is open.
///
/// # Errors
/// Whatever the server says.
pub async fn record(
    connection: &mut PgConnection,
    schema: &Schema,
    spec: &Value,
    as_of: Day,
    digest: &str,
    rows: u64,
) -> Result<()> {
    if !exists(schema) {
        execute(connection, CREATE).await?;
    }
    let sql = format!(
        "INSERT INTO crm_seed.ledger (as_of, generator_version, spec, digest, row_count)
         VALUES ('{as_of}', {GENERATOR_VERSION}, {}, '{digest}', {rows})",
        quote_literal(&spec.to_string())
    );
    execute(connection, &sql).await
}
