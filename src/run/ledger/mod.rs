//! What crm-seed did to a database, recorded in the database: the runs in `crm_seed.ledger`, the rows that they
//! made in `crm_seed.filled`, what was agreed to in `crm_seed.consent`, scenarios in `crm_seed.scenario` (see
//! [`crate::run::registry`]). Each says of which database it speaks.

mod consent;
mod filled;
mod identity;
mod tables;

use serde_json::{Value, json};
use sqlx::{PgConnection, Row};

use crate::calendar::Day;
use crate::catalog::Schema;
use crate::db::query::{error, execute, fetch};
use crate::domain::GENERATOR_VERSION;
use crate::domain::dataset::{Dataset, Origin};
use crate::domain::explicit::GivenCells;
use crate::error::Result;
use crate::infer::overrides::{Concession, Overrides};
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::sink::encode::copy_text;
use crate::sql::quote_literal;
use crate::value::Batch;

pub use consent::{agree, agreed};
pub use filled::{Filled, Made, record as record_filled};
pub use identity::Identity;
pub use tables::{check, ensure, find, may_record, readable};

/// An entry of the ledger.
#[derive(Debug)]
pub struct Entry {
    /// The settings that determine the rows.
    pub spec: Value,
    /// The as-of date of that run.
    pub as_of: Day,
    /// Digest of the rows that it wrote.
    pub digest: String,
}

impl Entry {
    /// Whether its base rows are those of `spec`, whatever stood beside them.
    pub fn has_base_of(&self, spec: &Value) -> bool {
        base(&self.spec) == base(spec)
    }

    /// What gave way in that run.
    pub fn concessions(&self) -> Vec<Concession> {
        serde_json::from_value(self.spec["gave_way"].clone()).unwrap_or_default()
    }
}

/// The part of a spec that is about base rows.
fn base(spec: &Value) -> Option<serde_json::Map<String, Value>> {
    let mut spec = spec.as_object()?.clone();
    spec.remove("scenario");
    spec.remove("explicit");
    Some(spec)
}

/// Everything that decides what a run makes.
pub fn spec(
    dataset: &Dataset,
    scenario: &Scenario,
    origin: Origin,
    plan: &Plan,
    overrides: &Overrides,
) -> Value {
    let columns: serde_json::Map<String, Value> =
        plan.tables.iter().map(|table| (table.name().to_owned(), json!(table.header.columns))).collect();
    let mut spec = json!({
        "generator_version": GENERATOR_VERSION,
        "seed": dataset.seed.to_string(),
        "as_of": dataset.as_of.to_string(),
        "scenario": scenario.name,
        "counts": scenario.counts,
        "weights": scenario.weights,
        "origin": [origin.organizations, origin.opportunities],
        "columns": columns,
    });
    if overrides.about_rows() != Overrides::default() {
        spec["wishes"] = overrides_digest(&overrides.about_rows()).into();
    }
    if !overrides.concessions.is_empty() {
        spec["gave_way"] = json!(overrides.concessions);
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
    if !scenario.scenario_rows.is_empty() {
        let digests = scenario.scenario_rows.iter().enumerate();
        let digests: serde_json::Map<String, Value> = digests
            .map(|(number, part)| (part.scenario.clone(), json!(explicit_digest(dataset, number))))
            .collect();
        spec["explicit"] = Value::Object(digests);
    }
    spec
}

/// Digest of what was overruled, so that another configuration is another run.
fn overrides_digest(overrides: &Overrides) -> String {
    blake3::hash(format!("{overrides:?}").as_bytes()).to_hex()[..32].to_owned()
}

/// Digest of the rows of one scenario, as COPY text: 128 bits in hex.
pub fn explicit_digest(dataset: &Dataset, scenario_index: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    let (mut batch, mut bytes) = (Batch::default(), Vec::new());
    for made in dataset.explicit.iter().filter(|made| made.scenario_index == scenario_index) {
        batch.reset(made.values.len());
        made.values.iter().for_each(|value| value.put(&mut batch));
        bytes.clear();
        copy_text::write_rows(&batch, &mut bytes);
        hasher.update(&bytes);
        own(&mut hasher, &made.own);
    }
    for row in dataset.added.iter().filter(|row| row.scenario_index == scenario_index) {
        hasher.update(row.handle.as_bytes());
        hasher.update(&row.number.to_le_bytes());
        own(&mut hasher, &row.cells);
    }
    // Which rows are meant is part of what was asked for.
    for row in dataset.existing.iter().filter(|_| dataset.rows_of_scenario(scenario_index) > 0) {
        hasher.update(format!("{:?}", row.columns.first()).as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// What was given of columns of the target.
fn own(hasher: &mut blake3::Hasher, cells: &GivenCells) {
    for (column, value) in cells {
        hasher.update(format!("{column}={value:?};").as_bytes());
    }
}

/// The last run in this database that was about any of these tables (oids), where there is a ledger that we may
/// read: other schemas of the database have runs of their own.
pub async fn last(
    connection: &mut PgConnection,
    schema: &Schema,
    identity: &Identity,
    tables: &[u32],
) -> Result<Option<Entry>> {
    if !readable(schema, "ledger") {
        return Ok(None);
    }
    let sql = format!(
        "SELECT spec::text, as_of - DATE '1970-01-01', digest FROM crm_seed.ledger
         WHERE {} AND table_oids && {} ORDER BY id DESC LIMIT 1",
        identity.condition(),
        oids(tables)
    );
    let rows = fetch(connection, &sql).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let spec: &str = row.try_get(0).map_err(error)?;
    Ok(Some(Entry {
        spec: serde_json::from_str(spec).unwrap_or_default(),
        as_of: Day(row.try_get(1).map_err(error)?),
        digest: row.try_get(2).map_err(error)?,
    }))
}

/// The day that dates hang on, by the last run about these tables (oids), else by any that is recorded: a copy of the
/// database has its rows, too.
pub async fn last_as_of(
    connection: &mut PgConnection,
    schema: &Schema,
    identity: &Identity,
    tables: &[u32],
) -> Result<Option<Day>> {
    if !readable(schema, "ledger") {
        return Ok(None);
    }
    let sql = format!(
        "SELECT as_of - DATE '1970-01-01' FROM crm_seed.ledger
         ORDER BY coalesce({} AND table_oids && {}, false) DESC, id DESC LIMIT 1",
        identity.condition(),
        oids(tables)
    );
    let rows = fetch(connection, &sql).await?;
    rows.first().map(|row| row.try_get(0).map(Day).map_err(error)).transpose()
}

/// Writes an entry about these tables (oids), in the transaction that is open.
pub async fn record(
    connection: &mut PgConnection,
    identity: &Identity,
    tables: &[u32],
    entry: &Entry,
    rows: u64,
) -> Result<()> {
    let Entry { spec, as_of, digest } = entry;
    // Counted here, under the run's lock: a sequence may stand too low after a crash.
    let sql = format!(
        "INSERT INTO crm_seed.ledger (id, as_of, generator_version, spec, digest, row_count,
                                      system_identifier, database_oid, table_oids)
         OVERRIDING SYSTEM VALUE
         VALUES ((SELECT coalesce(max(id), 0) + 1 FROM crm_seed.ledger), '{as_of}', {GENERATOR_VERSION}, {}, '{digest}', {rows}, {}, {})",
        quote_literal(&spec.to_string()),
        identity.values(),
        oids(tables)
    );
    execute(connection, &sql).await
}

/// An array of oids.
fn oids(tables: &[u32]) -> String {
    let tables: Vec<String> = tables.iter().map(u32::to_string).collect();
    format!("ARRAY[{}]::oid[]", tables.join(", "))
}
