//! What is recorded about a run: whose rows are whose, the run itself, and the scenarios that are loaded.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use crate::catalog::Schema;
use crate::db::query;
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::explicit::ids;
use crate::error::Result;
use crate::migrate;
use crate::note::{Note, NoteKind};
use crate::plan::{ExplicitKeys, Plan, TablePlan};
use crate::run::ledger::{self, Entry, Identity, Made};
use crate::run::registry::{self, Broken, Home, Keys, Loaded};
use crate::run::scenario_rows;
use crate::run::seed::permission::Beside;
use crate::run::seed::request::Request;
use crate::scenario::Break;
use crate::sink::postgres::written;
use crate::sql::quote_identifier;

/// What is recorded about a run.
pub(super) struct Record<'a> {
    pub(super) request: &'a Request,
    /// The keys of the explicit rows.
    pub(super) keys: &'a ExplicitKeys,
    pub(super) beside: &'a Beside,
    pub(super) schema: &'a Schema,
    pub(super) plan: &'a Plan,
    pub(super) dataset: &'a Dataset,
    pub(super) home: Home<'a>,
    /// What was recorded before.
    pub(super) earlier: &'a [Loaded],
    /// Tables (oids) into which migrations of this transaction have put rows.
    pub(super) brought: &'a BTreeSet<u32>,
    /// What the transaction had written to tables (oids) before: a trial of rows that was undone, migrations.
    pub(super) before: BTreeMap<u32, written::Written>,
}

impl Record<'_> {
    /// The rows that were made, the ledger where `spec` tells all base rows that are there, and the scenarios.
    pub(super) async fn run(
        &self,
        connection: &mut PgConnection,
        spec: Option<serde_json::Value>,
        digest: &str,
        notes: &mut Vec<Note>,
    ) -> Result<()> {
        if !self.request.ledger {
            return Ok(());
        }
        if !ledger::may_record(self.schema) {
            let role = &self.schema.server.role;
            let text = format!("the run was not recorded: role {role} cannot write to crm_seed.ledger");
            notes.push(Note::new(NoteKind::NotRecorded, text));
            return Ok(());
        }
        // A rule of the database may keep everybody from making or writing tables: the rows are what counts.
        query::execute(connection, "SAVEPOINT crm_seed_ledger").await?;
        match self.write(connection, spec, digest).await {
            Ok(()) => query::execute(connection, "RELEASE SAVEPOINT crm_seed_ledger").await,
            Err(error) if query::is_refusal(&error) => {
                let text = format!("the run was not recorded (--no-ledger does not try): {error:#}");
                notes.push(Note::new(NoteKind::NotRecorded, text));
                query::undo(connection, "crm_seed_ledger").await
            }
            Err(error) => Err(error),
        }
    }

    /// Writes it down.
    async fn write(
        &self,
        connection: &mut PgConnection,
        spec: Option<serde_json::Value>,
        digest: &str,
    ) -> Result<()> {
        ledger::ensure(connection, self.schema).await?;
        // It may hang on the ledger, which was not there before.
        let identity = &Identity::of(connection).await?;
        self.filled(connection, identity).await?;
        if let Some(spec) = spec {
            let entry = Entry { spec, as_of: self.request.as_of, digest: digest.to_owned() };
            ledger::record(connection, identity, &self.plan.oids(), &entry, self.plan.rows()).await?;
        }
        if !self.beside.agreed.is_empty() {
            ledger::agree(connection, identity, &self.beside.agreed).await?;
        }
        let (loaded, home) = (self.loaded(), Home { identity, schema: self.home.schema });
        if loaded.is_empty() { Ok(()) } else { registry::record(connection, &home, &loaded).await }
    }

    /// Which rows of each table are ours.
    async fn filled(&self, connection: &mut PgConnection, identity: &Identity) -> Result<()> {
        let written = written::since(connection, &self.before).await?;
        let planned = self.plan.oids();
        // A trigger may have moved rows of others into a table of ours.
        let moves = written.iter().any(|(oid, written)| written.deleted > 0 && !planned.contains(oid));
        for planned in &self.plan.tables {
            let Some(table) = planned.oid().and_then(|oid| self.schema.table(oid)) else { continue };
            if let Some(made) = self.made(planned, written.get(&table.oid), moves) {
                ledger::record_filled(connection, identity, table, planned.all_rows(), &made).await?;
            }
        }
        for (oid, written) in written {
            let Some(table) = self.schema.table(oid) else { continue };
            // Records of ours, and rows of the app's migrations.
            let is_other = table.schema == crate::catalog::LEDGER
                || table.name == migrate::HISTORY
                || self.brought.contains(&oid);
            if !planned.contains(&oid)
                && written.is_inserted_only()
                && !moves
                && !is_other
                && table.may_select
            {
                let made = Made::ByTriggers;
                ledger::record_filled(connection, identity, table, written.inserted, &made).await?;
            }
        }
        Ok(())
    }

    /// Which rows of a planned table are ours; none can be told where a trigger of its own has written over
    /// rows that were there before.
    fn made(&self, planned: &TablePlan, written: Option<&written::Written>, moves: bool) -> Option<Made> {
        let oid = planned.oid()?;
        let is_more = written.is_some_and(|written| written.inserted > planned.all_rows());
        if self.beside.empty.contains(&oid) && !(moves && is_more) {
            return Some(Made::All);
        }
        if planned.all_rows() == 0 || self.brought.contains(&oid) {
            return None;
        }
        if !moves && written.is_some_and(written::Written::is_inserted_only) {
            return Some(Made::Written);
        }
        let name = planned.domain_table().map_or(&planned.header.table[..], |table| table.info().name);
        let keys = self.keys(None).remove(name)?;
        let columns: Vec<String> =
            keys.columns.iter().map(|column| format!("t.{}", quote_identifier(column))).collect();
        Some(Made::Those(scenario_rows::among(&columns, &keys.rows)))
    }

    /// A rule that rows of a scenario break on purpose, with the keys of those that are named.
    fn broken(&self, scenario_index: usize, rule: &Break) -> Broken {
        if rule.handles.is_none() {
            return Broken::Rule(rule.rule.clone());
        }
        let mut rows: BTreeMap<String, Vec<Vec<serde_json::Value>>> = BTreeMap::new();
        for (made, key) in self.keys.written(self.dataset) {
            if made.scenario_index == scenario_index && rule.is_of(&made.handle) {
                let key = key.key.iter().map(|(_, value)| value.clone()).collect();
                rows.entry(TABLES[made.table].info().name.to_owned()).or_default().push(key);
            }
        }
        Broken::Rows { rule: rule.rule.clone(), rows }
    }

    fn loaded(&self) -> Vec<Loaded> {
        let scenario = &self.request.scenario;
        let breaks = |number: usize, name: &str| {
            let found = scenario.breaks.iter().find(|(scenario, _)| scenario == name);
            found.map_or_else(Vec::new, |(_, rules)| {
                rules.iter().map(|rule| self.broken(number, rule)).collect()
            })
        };
        let scenario_rows = scenario.scenario_rows.iter().enumerate();
        scenario_rows
            .map(|(number, part)| {
                let mut made = self.keys(Some(number));
                let earlier = self.earlier.iter().find(|earlier| earlier.name == part.scenario);
                // What this run does not fill is there as it was.
                for (table, keys) in earlier.filter(|_| !self.request.is_clean()).iter().flat_map(|e| &e.keys)
                {
                    let is_it =
                        |planned: &TablePlan| planned.name() == table || planned.header.table == *table;
                    // Elsewhere the rows that are in the file no more are gone.
                    let is_left = TABLES.iter().any(|known| known.info().name == table)
                        || self
                            .schema
                            .table(keys.oid)
                            .is_some_and(|table| self.request.overrides.leaves_out(table));
                    if is_left && !self.plan.tables.iter().any(is_it) {
                        made.insert(table.clone(), keys.clone());
                    }
                }
                Loaded {
                    name: part.scenario.clone(),
                    first_id: ids::first(&part.scenario),
                    digest: ledger::explicit_digest(self.dataset, number),
                    rows: self.keys.rows_of_scenario(self.dataset, number),
                    breaks: breaks(number, &part.scenario),
                    keys: made,
                }
            })
            .collect()
    }

    /// The keys of the explicit rows of a scenario, or of all, by table.
    fn keys(&self, scenario_index: Option<usize>) -> Keys {
        let mut keys = Keys::new();
        let of_domain = self
            .keys
            .written(self.dataset)
            .map(|(made, key)| (made.scenario_index, TABLES[made.table].info().name.to_owned(), key));
        let beside = self.keys.added().map(|row| (row.scenario_index, row.key.qualified.clone(), &row.key));
        for (scenario, name, key) in of_domain.chain(beside) {
            if scenario_index.is_some_and(|number| scenario != number) {
                continue;
            }
            let of_table = keys.entry(name).or_default();
            of_table.oid = key.oid;
            of_table.columns = key.key.iter().map(|(column, _)| column.clone()).collect();
            of_table.rows.push(key.key.iter().map(|(_, value)| value.clone()).collect());
        }
        keys
    }
}
