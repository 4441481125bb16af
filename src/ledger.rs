//! What crm-seed did to a database, recorded in the database: `crm_seed.ledger`.

use serde_json::{Value, json};
use sqlx::{PgConnection, Row};

use crate::adapt::wishes::Wishes;
use crate::calendar::Day;
use crate::crm::GENERATOR_VERSION;
use crate::crm::world::{Origin, World};
use crate::database::{error, execute, fetch};
use crate::encode::copy_text;
use crate::error::Result;
use crate::plan::{Plan, TablePlan};
use crate::scenario::Scenario;
use crate::schema::{Schema, Table};
use crate::sql::quote_literal;
use crate::value::Batch;

/// The schema of the ledger.
pub const SCHEMA: &str = "crm_seed";
const TABLE: &str = "ledger";

const CREATE: &str = "CREATE SCHEMA IF NOT EXISTS crm_seed;
CREATE TABLE IF NOT EXISTS crm_seed.ledger (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seeded_at timestamptz NOT NULL DEFAULT now(),
  as_of date NOT NULL,
  generator_version integer NOT NULL,
  spec jsonb NOT NULL,
  digest text NOT NULL,
  row_count bigint NOT NULL,
  is_sole boolean NOT NULL
)";

/// The last entry.
#[derive(Debug)]
pub struct Entry {
    /// What was asked for.
    pub spec: Value,
    /// The as-of date of that run.
    pub as_of: Day,
    /// What it made.
    pub digest: String,
    /// All rows of the filled tables were crm-seed's then.
    pub is_sole: bool,
}

impl Entry {
    /// Whether the rows of all of the plan's tables were crm-seed's: a table that it did not fill
    /// then may hold anybody's.
    pub fn knows(&self, plan: &Plan) -> bool {
        self.knows_besides(plan, &[])
    }

    /// The same, but for tables (named as SQL wants them) of which the rows may go whoever made them.
    pub fn knows_besides(&self, plan: &Plan, agreed: &[String]) -> bool {
        let is_known = |table: &TablePlan| self.filled(table.name()) || agreed.contains(&table.heading.table);
        self.is_sole && plan.tables.iter().all(is_known)
    }

    /// Whether that run filled the table of this name.
    pub fn filled(&self, table: &str) -> bool {
        !self.spec["columns"][table].is_null()
    }

    /// Whether its base rows are those of `spec`, whatever stood beside them.
    pub fn has_base_of(&self, spec: &Value) -> bool {
        base(&self.spec) == base(spec)
    }
}

/// A spec without what is not about base rows.
fn base(spec: &Value) -> Option<serde_json::Map<String, Value>> {
    let mut spec = spec.as_object()?.clone();
    spec.remove("scenario");
    spec.remove("explicit");
    Some(spec)
}

/// Everything that decides what a run makes.
pub fn spec(world: &World, scenario: &Scenario, origin: Origin, plan: &Plan, wishes: &Wishes) -> Value {
    let columns: serde_json::Map<String, Value> =
        plan.tables.iter().map(|table| (table.name().to_owned(), json!(table.heading.columns))).collect();
    let mut spec = json!({
        "generator_version": GENERATOR_VERSION,
        "seed": world.seed.to_string(),
        "as_of": world.as_of.to_string(),
        "scenario": scenario.name,
        "counts": scenario.counts,
        "weights": scenario.weights,
        "origin": [origin.organizations, origin.opportunities],
        "columns": columns,
    });
    if *wishes != (Wishes { is_local: wishes.is_local, ..Wishes::default() }) {
        spec["wishes"] = wishes_digest(wishes).into();
    }
    let others: serde_json::Map<String, Value> = plan
        .tables
        .iter()
        .filter(|table| !table.is_domain())
        .map(|table| (table.name().to_owned(), json!(table.rows)))
        .collect();
    if !others.is_empty() {
        spec["others"] = Value::Object(others);
    }
    if !scenario.situations.is_empty() {
        let digests = scenario.situations.iter().enumerate();
        let digests: serde_json::Map<String, Value> = digests
            .map(|(number, situation)| (situation.scenario.clone(), json!(explicit_digest(world, number))))
            .collect();
        spec["explicit"] = Value::Object(digests);
    }
    spec
}

/// Digest of what was overruled, so that another configuration is another run.
fn wishes_digest(wishes: &Wishes) -> String {
    blake3::hash(format!("{wishes:?}").as_bytes()).to_hex()[..32].to_owned()
}

/// Digest of the rows of one situation, as COPY text: 128 bits in hex.
pub fn explicit_digest(world: &World, situation: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    let (mut batch, mut bytes) = (Batch::default(), Vec::new());
    for made in world.explicit.iter().filter(|made| made.situation == situation) {
        batch.reset(made.values.len());
        made.values.iter().for_each(|value| value.put(&mut batch));
        bytes.clear();
        copy_text::write_rows(&batch, &mut bytes);
        hasher.update(&bytes);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

fn find(schema: &Schema) -> Option<&Table> {
    schema.tables.iter().find(|table| table.schema == SCHEMA && table.name == TABLE)
}

/// The last entry, where there is a ledger that we may read.
///
/// # Errors
/// Whatever the server says.
pub async fn last(connection: &mut PgConnection, schema: &Schema) -> Result<Option<Entry>> {
    if !find(schema).is_some_and(|table| table.may_select) {
        return Ok(None);
    }
    let sql = "SELECT spec::text, as_of - DATE '1970-01-01', digest, is_sole
               FROM crm_seed.ledger ORDER BY id DESC LIMIT 1";
    let rows = fetch(connection, sql).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let spec: &str = row.try_get(0).map_err(error)?;
    Ok(Some(Entry {
        spec: serde_json::from_str(spec).unwrap_or_default(),
        as_of: Day(row.try_get(1).map_err(error)?),
        digest: row.try_get(2).map_err(error)?,
        is_sole: row.try_get(3).map_err(error)?,
    }))
}

/// Whether the role may write an entry, or create the ledger first.
pub fn may_record(schema: &Schema) -> bool {
    match find(schema) {
        Some(table) => table.may_insert,
        None => schema.server.may_create,
    }
}

/// Writes an entry, in the transaction that is open.
///
/// # Errors
/// Whatever the server says.
pub async fn record(connection: &mut PgConnection, schema: &Schema, entry: &Entry, rows: u64) -> Result<()> {
    if find(schema).is_none() {
        execute(connection, CREATE).await?;
    }
    let Entry { spec, as_of, digest, is_sole } = entry;
    let sql = format!(
        "INSERT INTO crm_seed.ledger (as_of, generator_version, spec, digest, row_count, is_sole)
         VALUES ('{as_of}', {GENERATOR_VERSION}, {}, '{digest}', {rows}, {is_sole})",
        quote_literal(&spec.to_string())
    );
    execute(connection, &sql).await
}
