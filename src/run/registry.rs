//! Which scenarios' explicit rows a schema of a database holds, recorded in it: `crm_seed.scenario`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};

use crate::catalog::Schema;
use crate::db::query::{error, execute, fetch};
use crate::domain::TABLES;
use crate::error::Result;
use crate::infer::overrides::Overrides;
use crate::infer::recognition;
use crate::run::ledger::{self, Identity};
use crate::sql::quote_literal;

/// A scenario that is recorded as loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub name: String,
    pub first_id: u64,
    /// Digest of its rows.
    pub digest: String,
    /// Number of explicit rows.
    pub rows: u64,
    /// Consistency rules that they break on purpose.
    pub breaks: Vec<Broken>,
    /// The keys of its rows.
    pub keys: Keys,
}

/// A consistency rule that rows break on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Broken {
    /// Any row of the scenario may.
    Rule(String),
    /// These rows do: their keys in the target, by the domain's tables.
    Rows { rule: String, rows: BTreeMap<String, Vec<Vec<serde_json::Value>>> },
}

impl Broken {
    /// The name of the rule.
    pub fn rule(&self) -> &str {
        match self {
            Self::Rule(rule) | Self::Rows { rule, .. } => rule,
        }
    }
}

/// The keys of a scenario's rows by the domain's tables: other rows with ids in its range are not its own.
pub type Keys = BTreeMap<String, TableKeys>;

/// Keys of rows of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableKeys {
    /// Oid of the table in the target: another one of that name holds other rows.
    pub oid: u32,
    /// The columns of its key; those of the domain's table where none are recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The keys, column by column: whole numbers, or texts.
    pub rows: Vec<Vec<serde_json::Value>>,
}

/// Scopes the registry: the records of one schema of one database.
pub struct Home<'a> {
    pub identity: &'a Identity,
    /// The schema that contains the CRM tables.
    pub schema: &'a str,
}

impl<'a> Home<'a> {
    /// The schema that contains the CRM tables.
    ///
    /// # Errors
    /// Several schemas contain them, none of which is on the search path.
    pub fn of(schema: &'a Schema, identity: &'a Identity) -> Result<Self> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.info().name).collect();
        let named = schema.home(&names)?;
        let recognized = || {
            let roles = recognition::roles(schema, &Overrides::default()).unwrap_or_default();
            Some(schema.tables[roles.iter().flatten().next()?.at].schema.as_str())
        };
        Ok(Self { identity, schema: named.or_else(recognized).unwrap_or_default() })
    }

    fn condition(&self) -> String {
        format!("{} AND schema_name = {}", self.identity.condition(), quote_literal(self.schema))
    }
}

/// What is recorded, by name.
pub async fn all(connection: &mut PgConnection, schema: &Schema, home: &Home<'_>) -> Result<Vec<Loaded>> {
    if !ledger::readable(schema, "scenario") {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT name, first_id, digest, row_count, breaks::text, keys::text FROM crm_seed.scenario
         WHERE {} ORDER BY name",
        home.condition()
    );
    let rows = fetch(connection, &sql).await?;
    rows.iter()
        .map(|row| {
            let number = |at: usize| row.try_get::<i64, _>(at).map_err(error).map(|n| n.unsigned_abs());
            let breaks: &str = row.try_get(4).map_err(error)?;
            let keys: &str = row.try_get(5).map_err(error)?;
            Ok(Loaded {
                name: row.try_get(0).map_err(error)?,
                first_id: number(1)?,
                digest: row.try_get(2).map_err(error)?,
                rows: number(3)?,
                breaks: serde_json::from_str(breaks).unwrap_or_default(),
                keys: serde_json::from_str(keys).unwrap_or_default(),
            })
        })
        .collect()
}

/// Records that scenarios are there, in the transaction that is open.
pub async fn record(connection: &mut PgConnection, home: &Home<'_>, loaded: &[Loaded]) -> Result<()> {
    let mut sql = String::new();
    for Loaded { name, first_id, digest, rows, breaks, keys } in loaded {
        let breaks = serde_json::json!(breaks).to_string();
        sql.push_str(&format!(
            "DELETE FROM crm_seed.scenario WHERE name = {name} AND {};
             INSERT INTO crm_seed.scenario (name, system_identifier, database_oid, schema_name, first_id, digest,
                                            row_count, breaks, keys)
             VALUES ({name}, {}, {}, {first_id}, '{digest}', {rows}, {}, {});",
            home.condition(),
            home.identity.values(),
            quote_literal(home.schema),
            quote_literal(&breaks),
            quote_literal(&serde_json::json!(keys).to_string()),
            name = quote_literal(name),
        ));
    }
    execute(connection, &sql).await
}

/// Forgets scenarios: those of these names, or all.
pub async fn forget(
    connection: &mut PgConnection,
    schema: &Schema,
    home: &Home<'_>,
    names: Option<&[&str]>,
) -> Result<()> {
    // Where the role may not, the records stay, of rows that are gone.
    if ledger::find(schema, "scenario").is_none_or(|table| !table.may_delete) {
        return Ok(());
    }
    let which = match names {
        None => String::new(),
        Some(names) => {
            let names: Vec<String> = names.iter().map(|name| quote_literal(name)).collect();
            format!(" AND name IN ({})", names.join(", "))
        }
    };
    execute(connection, &format!("DELETE FROM crm_seed.scenario WHERE {}{which}", home.condition())).await
}
