//! The tables that explicit rows are in: how many are there, who holds on to them, and how they go.

use sqlx::PgConnection;

use super::dependents::{Dependent, Probe, held};
use super::filter::{ScenarioFilter, alone, by_table, not_ours, told};
use super::staged::Staged;
use super::table::ScenarioTable;
use crate::catalog::{self, ForeignKey, Schema};
use crate::db::query::execute;
use crate::domain::TABLES;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::run::ledger::Filled;
use crate::run::registry::Loaded;
use crate::sql::quote_literal;

/// The tables that hold rows of scenarios, children first: the order in which rows may go.
pub struct ScenarioTables<'a> {
    tables: Vec<ScenarioTable<'a>>,
    schema: &'a Schema,
}

impl<'a> ScenarioTables<'a> {
    /// Those that a plan fills.
    pub fn of_plan(schema: &'a Schema, plan: &Plan) -> Self {
        let tables = plan.tables.iter().rev().filter_map(|planned| {
            let target = schema.table(planned.oid()?)?;
            let name = match planned.domain_table() {
                Some(table) => table.info().name.to_owned(),
                None if planned.explicit > 0 => target.qualified(),
                None => return None,
            };
            Some(ScenarioTable { name, target, key: planned.key().to_vec() })
        });
        Self { tables: tables.collect(), schema }
    }

    /// The same with tables of the app in which recorded rows of these scenarios are, but those that are `left_out`.
    #[must_use]
    pub fn and_recorded(mut self, loaded: &[&Loaded], left_out: &dyn Fn(&catalog::Table) -> bool) -> Self {
        let is_of_domain = |name: &str| TABLES.iter().any(|table| table.info().name == name);
        for (name, keys) in loaded.iter().flat_map(|loaded| &loaded.keys) {
            let Some(target) = self.schema.table(keys.oid) else { continue };
            let is_known = self.tables.iter().any(|table| table.target.oid == keys.oid);
            if !is_known && !is_of_domain(name) && !left_out(target) {
                let (name, key) = (name.clone(), keys.columns.clone());
                self.tables.push(ScenarioTable { name, target, key });
            }
        }
        self
    }

    /// Those that a plan does not fill: which go before what it fills, and which after, as that may refer to them.
    pub fn not_in(self, plan: &Plan) -> (Self, Self) {
        let (planned, schema) = (plan.oids(), self.schema);
        let is_referred = |table: &ScenarioTable<'_>| {
            let mut keys = schema.foreign_keys.iter().filter(|key| key.to == table.target.oid);
            keys.any(|key| planned.contains(&key.from))
        };
        let others = self.tables.into_iter().filter(|table| !planned.contains(&table.target.oid));
        let (after, before) = others.partition(is_referred);
        (Self { tables: before, schema }, Self { tables: after, schema })
    }

    /// Those that are recorded to hold rows of a scenario, or bear the names of the domain's tables.
    ///
    /// # Errors
    /// Several schemas have tables of those names.
    pub fn of_record(schema: &'a Schema, loaded: Option<&Loaded>) -> Result<Self> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.info().name).collect();
        let home = schema.home(&names)?.unwrap_or_default();
        let has = |target: &catalog::Table, key: &[String]| {
            key.iter().all(|key| target.columns.iter().any(|column| column.name == *key))
        };
        let tables = TABLES.iter().rev().filter_map(|table| {
            let info = table.info();
            let of_domain = || info.key.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
            let recorded = loaded.and_then(|loaded| loaded.keys.get(info.name));
            let (target, key) = match recorded.and_then(|keys| Some((schema.table(keys.oid)?, keys))) {
                Some((target, keys)) if keys.columns.is_empty() => (target, of_domain()),
                Some((target, keys)) => (target, keys.columns.clone()),
                None => (schema.find(home, info.name)?, of_domain()),
            };
            has(target, &key).then(|| ScenarioTable { name: info.name.to_owned(), target, key })
        });
        let of_app = loaded.iter().flat_map(|loaded| &loaded.keys).filter_map(|(name, keys)| {
            let target = schema.table(keys.oid)?;
            let is_it = !names.contains(&name.as_str()) && has(target, &keys.columns);
            is_it.then(|| ScenarioTable { name: name.clone(), target, key: keys.columns.clone() })
        });
        Ok(Self { tables: tables.chain(of_app).collect(), schema })
    }

    pub fn oids(&self) -> Vec<u32> {
        self.tables.iter().map(|table| table.target.oid).collect()
    }

    /// The condition that a row `t` of a table (oid) is of one of these scenarios.
    pub fn conditions(&self, oid: Option<u32>, owns: &[ScenarioFilter<'_>]) -> String {
        let place = self.tables.iter().find(|table| Some(table.target.oid) == oid);
        let condition = |own: &ScenarioFilter<'_>| place.map(|table| own.condition(table));
        let conditions: Vec<String> = owns.iter().filter_map(condition).collect();
        if conditions.is_empty() { "false".into() } else { conditions.join(" OR ") }
    }

    /// How many rows of a scenario are there, by table.
    pub async fn count(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
    ) -> Result<Vec<(String, i64)>> {
        let counts = self.tables.iter().map(|table| {
            let (name, condition) = (table.target.qualified(), own.condition(table));
            let told = quote_literal(&name);
            let rows = alone(table.target);
            format!("SELECT {told}, count(*) FROM {rows} t WHERE {condition} HAVING count(*) > 0")
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
        let probes = self.tables.iter().filter_map(|table| {
            let (name, condition) = (table.target.qualified(), own.condition(table));
            let not_ours = not_ours(&table.key, table.target, filled)?;
            let told = quote_literal(&name);
            Some(format!(
                "SELECT {told}, count(*) FROM {} t WHERE {condition} AND {not_ours} HAVING count(*) > 0",
                alone(table.target)
            ))
        });
        let probes: Vec<String> = if own.keys.is_some() { probes.collect() } else { Vec::new() };
        by_table(connection, probes).await
    }

    /// Who holds on to rows of a scenario: rows of any table whose foreign key leads to one of them and
    /// which are not its own, nor made by triggers for it and going with it. Where `staged` names a table's new rows, only
    /// those that are not among them count.
    pub async fn holds(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
        filled: &Filled,
        staged: Option<&Staged>,
    ) -> Result<Vec<Dependent>> {
        let goes = |table: &ScenarioTable<'a>| {
            let stays = staged.and_then(|staged| staged.of(&table.target.qualified()));
            let goes = match stays {
                Some(staged) => format!("{} AND NOT {}", own.condition(table), staged.has()),
                None => own.condition(table),
            };
            Going { target: table.target, is_own: own.condition(table), goes }
        };
        let mut going: Vec<Going<'a>> = self.tables.iter().map(goes).collect();
        let mut at = 0;
        while at < going.len() {
            let more = self.made_for(&going[at], filled);
            let is_new = |made: &Going<'a>| going.iter().all(|known| known.target.oid != made.target.oid);
            let more: Vec<Going<'a>> = more.into_iter().filter(is_new).collect();
            going.extend(more);
            at += 1;
        }
        let of = |oid: u32| going.iter().find(|table| table.target.oid == oid);
        let probe = |key| {
            let key: &ForeignKey = key;
            let parent = of(key.to)?;
            let is_own = of(key.from).map_or_else(|| "false".into(), |child| child.is_own.clone());
            Some(Probe { key, parent: alone(parent.target), goes: parent.goes.clone(), is_own })
        };
        let probes: Vec<Probe<'_>> = self.schema.foreign_keys.iter().filter_map(probe).collect();
        held(connection, self.schema, &probes).await
    }

    /// Rows that triggers of a run of ours made for rows that go, and that the server deletes with these.
    fn made_for(&self, parent: &Going<'a>, filled: &Filled) -> Vec<Going<'a>> {
        let keys = self.schema.foreign_keys.iter();
        let goes_along = |key: &&ForeignKey| {
            key.to == parent.target.oid && key.deletes() && filled.has_by_triggers(key.from)
        };
        let made = |key: &ForeignKey| {
            let target = self.schema.table(key.from).filter(|table| table.may_select)?;
            let leads = key.leads_to(&alone(parent.target), &parent.goes);
            let is_own = format!("({leads} AND NOT ({}))", filled.not_ours(target));
            Some(Going { target, goes: is_own.clone(), is_own })
        };
        keys.filter(goes_along).filter_map(made).collect()
    }

    /// Deletes the rows of a scenario, but those that somebody has put in their place (see [`ScenarioTables::replaced`]) where
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
            .enumerate()
            .map(|(at, table)| {
                let not_ours = known.and_then(|filled| not_ours(&table.key, table.target, filled));
                let ours = not_ours.map_or_else(String::new, |not_ours| format!(" AND NOT ({not_ours})"));
                let condition = own.condition(table);
                format!("gone_{at} AS (DELETE FROM {} t WHERE {condition}{ours})", alone(table.target))
            })
            .collect();
        if sql.is_empty() {
            return Ok(());
        }
        // One statement: foreign keys that lead in a circle are held when all rows are gone.
        execute(connection, &format!("WITH {} SELECT", sql.join(", ")))
            .await
            .map_err(|error| error.context("deleting the earlier rows"))
    }
}

/// Rows of a table that go with a scenario.
struct Going<'a> {
    target: &'a catalog::Table,
    /// The condition that a row `t` is among its rows.
    is_own: String,
    /// The same, and that it goes.
    goes: String,
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
