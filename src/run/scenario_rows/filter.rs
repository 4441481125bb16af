//! Which rows are a scenario's, and which are ours at all, as conditions of SQL on a row `t`.

use serde_json::Value;
use sqlx::{PgConnection, Row};

use super::table::ScenarioTable;
use crate::catalog::{self, ForeignKey, RelationKind, Schema};
use crate::db::query::{error, fetch};
use crate::domain::explicit::ids;
use crate::error::Result;
use crate::run::ledger::Filled;
use crate::run::registry::{Keys, Loaded};
use crate::sql::{quote_identifier, quote_literal};

/// Which rows are a scenario's.
pub struct ScenarioFilter<'a> {
    first: u64,
    pub(super) keys: Option<&'a Keys>,
}

impl<'a> ScenarioFilter<'a> {
    /// Those of the scenario called `name`: the recorded ones; without a record those in its range of ids, and
    /// those without an id of which both ends are.
    pub fn of(name: &str, loaded: &'a [Loaded]) -> Self {
        let record = loaded.iter().find(|loaded| loaded.name == name);
        Self { first: ids::first(name), keys: record.map(|loaded| &loaded.keys) }
    }

    /// The recorded keys of a table; none where another table bears its name by now.
    fn recorded(&self, table: &ScenarioTable<'_>) -> Option<&'a [Vec<Value>]> {
        let keys = self.keys?.get(&table.name).filter(|keys| keys.oid == table.target.oid);
        Some(keys.map_or(&[], |keys| &keys.rows))
    }

    /// The condition that the row `t` of a table of the app is recorded as the scenario's; `None` where none is.
    pub fn of_app(&self, table: &catalog::Table) -> Option<String> {
        let keys = self.keys?.get(&table.qualified()).filter(|keys| keys.oid == table.oid)?;
        let columns: Vec<String> =
            keys.columns.iter().map(|column| format!("t.{}", quote_identifier(column))).collect();
        Some(among(&columns, &keys.rows))
    }

    /// Conditions that triggers made the row `t` of a table for a row of the scenario, with which the server deletes it.
    pub fn made_for(&self, schema: &Schema, table: &catalog::Table, filled: &Filled) -> Vec<String> {
        if !filled.has_by_triggers(table.oid) {
            return Vec::new();
        }
        let keys = schema.foreign_keys.iter().filter(|key| key.from == table.oid && key.deletes());
        let of_key = |key: &ForeignKey| {
            let parent = schema.table(key.to)?;
            let condition = self.of_table(parent)?;
            Some(key.leads_to(&parent.qualified(), &condition))
        };
        keys.filter_map(of_key).collect()
    }

    /// The condition that the row `t` of a table, the domain's or the app's, is recorded as the scenario's; `None` where none
    /// is.
    pub fn of_table(&self, table: &catalog::Table) -> Option<String> {
        let keys = self.keys?.values().find(|keys| keys.oid == table.oid && !keys.columns.is_empty())?;
        let columns: Vec<String> =
            keys.columns.iter().map(|column| format!("t.{}", quote_identifier(column))).collect();
        Some(among(&columns, &keys.rows))
    }

    /// The condition that the row `t` of a table meets.
    pub(super) fn condition(&self, table: &ScenarioTable<'_>) -> String {
        let key: Vec<String> =
            table.key.iter().map(|column| format!("t.{}", quote_identifier(column))).collect();
        match self.recorded(table) {
            Some(rows) => among(&key, rows),
            None if table.is_numbered() => {
                let ends: Vec<String> = key.iter().map(|column| self.is_in_range(column)).collect();
                format!("({})", ends.join(" AND "))
            }
            // Nothing tells them from others.
            None => "false".to_owned(),
        }
    }

    fn is_in_range(&self, column: &str) -> String {
        format!("{column} BETWEEN {} AND {}", self.first, self.first + ids::PLACES - 1)
    }
}

/// A table without those that inherit from it, whose rows are not the scenario's.
pub(super) fn alone(target: &catalog::Table) -> String {
    match target.kind {
        RelationKind::Table => format!("ONLY {}", target.qualified()),
        _ => target.qualified(),
    }
}

/// The condition that these columns have one of these values: whole numbers, or texts of whatever type.
pub fn among(columns: &[String], rows: &[Vec<Value>]) -> String {
    let literal = |value: &Value| match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => quote_literal(text),
        _ => "NULL".to_owned(),
    };
    let row = |row: &Vec<Value>| format!("({})", row.iter().map(literal).collect::<Vec<_>>().join(", "));
    let rows: Vec<String> = rows.iter().map(row).collect();
    if rows.is_empty() {
        "false".into()
    } else {
        format!("({}) IN ({})", columns.join(", "), rows.join(", "))
    }
}

/// The condition that the row `t` of a table is none of ours, though it has the key of one. None where a key is made of
/// those of other rows and nothing says when it was made: then it means the same, whoever wrote it.
pub(super) fn not_ours(key: &[String], target: &catalog::Table, filled: &Filled) -> Option<String> {
    match key {
        [_] => Some(filled.not_ours(target)),
        _ => filled.not_ours_by_creation(target),
    }
}

/// The condition that the row `t` is in a table `stage`, by these columns.
pub(super) fn is_in(stage: &str, columns: &[String]) -> String {
    let same = columns.iter().map(|column| quote_identifier(column));
    let same: Vec<String> = same.map(|column| format!("s.{column} = t.{column}")).collect();
    format!("EXISTS (SELECT FROM {stage} s WHERE {})", same.join(" AND "))
}

/// Numbers of rows by table, as these queries tell them.
pub(super) async fn by_table(
    connection: &mut PgConnection,
    queries: Vec<String>,
) -> Result<Vec<(String, i64)>> {
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    let rows = fetch(connection, &queries.join(" UNION ALL ")).await?;
    rows.iter().map(|row| Ok((row.try_get(0).map_err(error)?, row.try_get(1).map_err(error)?))).collect()
}

/// `1 of tasks, 2 of contacts`.
pub fn told(rows: &[(String, i64)]) -> String {
    rows.iter().map(|(table, rows)| format!("{rows} of {table}")).collect::<Vec<_>>().join(", ")
}
