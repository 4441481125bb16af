//! The tables that explicit rows are in: how many are there, who holds on to them, and how they go.

use sqlx::PgConnection;

use super::dependents::{Dependent, Probe, held};
use super::filter::{ScenarioFilter, alone, by_table, not_ours, told};
use super::staged::Staged;
use crate::catalog::{self, Schema};
use crate::db::query::execute;
use crate::domain::TABLES;
use crate::domain::table::Table;
use crate::error::{Error, Result};
use crate::run::ledger::Filled;
use crate::sql::quote_literal;

/// The tables of the domain that a database has, children first: the order in which rows may go.
pub struct DomainTables<'a> {
    tables: Vec<(&'static dyn Table, &'a catalog::Table)>,
    schema: &'a Schema,
}

impl<'a> DomainTables<'a> {
    /// The tables of the domain that `schema` has.
    ///
    /// # Errors
    /// Several schemas have them.
    pub fn of(schema: &'a Schema) -> Result<Self> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.info().name).collect();
        let home = schema.home(&names)?.unwrap_or_default();
        let tables = TABLES.iter().rev().filter_map(|table| {
            let target = schema.find(home, table.info().name)?;
            let has_key = table.info().key.iter().all(|key| target.columns.iter().any(|c| c.name == *key));
            has_key.then_some((*table, target))
        });
        Ok(Self { tables: tables.collect(), schema })
    }

    /// Those of them that are among these (oids): of others nothing is taken, and their rows stay.
    #[must_use]
    pub fn only(mut self, oids: &[u32]) -> Self {
        self.tables.retain(|(_, target)| oids.contains(&target.oid));
        self
    }

    pub fn oids(&self) -> Vec<u32> {
        self.tables.iter().map(|(_, target)| target.oid).collect()
    }

    /// The condition that a row `t` of a table (oid) is of one of these scenarios.
    pub fn conditions(&self, oid: Option<u32>, owns: &[ScenarioFilter<'_>]) -> String {
        let place = self.tables.iter().find(|(_, target)| Some(target.oid) == oid);
        let condition =
            |own: &ScenarioFilter<'_>| place.map(|(domain, target)| own.condition(*domain, target));
        let conditions: Vec<String> = owns.iter().filter_map(condition).collect();
        if conditions.is_empty() { "false".into() } else { conditions.join(" OR ") }
    }

    /// How many rows of a scenario are there, by table.
    pub async fn count(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
    ) -> Result<Vec<(String, i64)>> {
        let counts = self.tables.iter().map(|(table, target)| {
            let (name, condition) = (target.qualified(), own.condition(*table, target));
            let told = quote_literal(&name);
            format!("SELECT {told}, count(*) FROM {} t WHERE {condition} HAVING count(*) > 0", alone(target))
        });
        by_table(connection, counts.collect()).await
    }

    /// How many rows bear a recorded key and are none of ours: somebody put them in the place of one.
    pub async fn replaced(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
        filled: &Filled,
    ) -> Result<Vec<(String, i64)>> {
        let probes = self.tables.iter().filter_map(|(table, target)| {
            let (name, condition) = (target.qualified(), own.condition(*table, target));
            let not_ours = not_ours(*table, target, filled)?;
            let told = quote_literal(&name);
            Some(format!(
                "SELECT {told}, count(*) FROM {} t WHERE {condition} AND {not_ours} HAVING count(*) > 0",
                alone(target)
            ))
        });
        let probes: Vec<String> = if own.keys.is_some() { probes.collect() } else { Vec::new() };
        by_table(connection, probes).await
    }

    /// Who holds on to rows of a scenario: rows of any table whose foreign key leads to one of them and
    /// which are not its own. Where `staged` names a table's new rows, only those that are not among them
    /// count.
    pub async fn holds(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
        staged: Option<&Staged>,
    ) -> Result<Vec<Dependent>> {
        let mut probes = Vec::new();
        for key in &self.schema.foreign_keys {
            let Some((table, parent)) = self.tables.iter().find(|(_, target)| target.oid == key.to) else {
                continue;
            };
            let child = self.tables.iter().find(|(_, target)| target.oid == key.from);
            let is_own =
                child.map_or_else(|| "false".into(), |(table, target)| own.condition(*table, target));
            let stays = staged.and_then(|staged| staged.of(&parent.qualified()));
            let goes = match stays {
                Some(staged) => format!("{} AND NOT {}", own.condition(*table, parent), staged.has()),
                None => own.condition(*table, parent),
            };
            probes.push(Probe { key, parent: alone(parent), goes, is_own });
        }
        held(connection, self.schema, &probes).await
    }

    /// Deletes the rows of a scenario, but those that somebody has put in their place (see [`DomainTables::replaced`]) where
    /// the rows that are ours are `known`.
    pub async fn delete(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
        known: Option<&Filled>,
    ) -> Result<()> {
        let sql: Vec<String> = self
            .tables
            .iter()
            .map(|(table, target)| {
                let not_ours = known.and_then(|filled| not_ours(*table, target, filled));
                let ours = not_ours.map_or_else(String::new, |not_ours| format!(" AND NOT ({not_ours})"));
                let condition = own.condition(*table, target);
                format!("DELETE FROM {} t WHERE {condition}{ours};", alone(target))
            })
            .collect();
        execute(connection, &sql.concat()).await.map_err(|error| error.context("deleting the earlier rows"))
    }
}

/// Checks that no rows of the scenario were replaced by others with the same keys.
///
/// # Errors
/// Some were, which the error lists.
pub fn refuse_replaced(scenario: &str, replaced: &[(String, i64)]) -> Result<()> {
    if replaced.is_empty() {
        return Ok(());
    }
    Err(Error::refused(format!(
        "rows of scenario {scenario} were replaced by other rows with the same ids: {}",
        told(replaced)
    ))
    .with_hint("nothing was changed; to treat them as rows of the scenario, add --yes"))
}
