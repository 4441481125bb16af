//! The part of a run that writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgConnection;

use crate::catalog::Schema;
use crate::catalog::table_locks::Deadline;
use crate::db::query;
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::explicit::ids;
use crate::error::Result;
use crate::infer::domain_views::DomainViews;
use crate::interrupt::{self, Committing};
use crate::migrate;
use crate::note::{Note, NoteKind};
use crate::plan::{ExplicitKeys, Given, Plan, TablePlan};
use crate::report::TableReport;
use crate::run::expectations::{self, Held};
use crate::run::handles::Handles;
use crate::run::ledger::{self, Entry, Filled, Identity, Made};
use crate::run::registry::{self, Broken, Home, Keys, Loaded};
use crate::run::scenario_rows::{self, ScenarioFilter, ScenarioTables, Staged};
use crate::run::seed::before::Prepared;
use crate::run::seed::permission::Beside;
use crate::run::seed::request::{Existing, Request, digests, progress};
use crate::scenario::Break;
use crate::sink::generate::RowStream;
use crate::sink::postgres::rebuild::{self, Rebuild};
use crate::sink::postgres::written;
use crate::sink::postgres::{self, Method};
use crate::sink::postgres::{deferred_keys, sequences, triggers};
use crate::sql::quote_identifier;
use crate::ui::Progress;

/// What was written.
pub struct Written {
    pub tables: Vec<TableReport>,
    /// Of all rows that were sent.
    pub digest: String,
    /// Of all rows that are there then, where that was asked for.
    pub digest_from_database: Option<String>,
}

/// The part of a run that writes.
pub struct Load<'a> {
    pub request: &'a Request,
    pub method: Method,
    pub handles: &'a Handles,
    /// The keys of the explicit rows.
    pub keys: &'a ExplicitKeys,
    /// What stands beside the rows.
    pub beside: Beside,
    /// Until then locks are waited for.
    pub deadline: Deadline,
}

impl Load<'_> {
    pub async fn run(
        &self,
        connection: &mut PgConnection,
        prepared: Prepared,
        notes: &mut Vec<Note>,
    ) -> Result<Written> {
        let Prepared {
            schema, identity, filled, dataset, mut plan, spec, loaded, keeps_base, before, ..
        } = prepared;
        let home = Home::of(&schema, &identity)?;
        let written_before = written::by_table(connection).await?;
        if keeps_base {
            plan.keep_base();
            notes.push(Note::new(NoteKind::RowsKept, "the base rows already exist and were kept"));
        }
        self.make_room(connection, &plan, &schema, &home).await?;
        let staged = match self.request.is_clean() {
            true => None,
            false => self.clear_earlier(connection, &mut plan, &schema, (&loaded, &filled)).await?,
        };
        let dataset = Arc::new(dataset);
        let mut progress = progress(&plan, self.request.quiet);
        let has_guests = staged.is_some();
        let staged = staged.map(|staged| (staged, &loaded[..]));
        let (tables, digest, plan) =
            self.rows(connection, &dataset, (plan, staged), &schema, &mut progress, notes).await?;
        // What triggers do at the end they do now: it counts for whose rows are whose, and waits under our deadline.
        query::execute(connection, "SET CONSTRAINTS ALL IMMEDIATE").await?;
        // Explicit ids are above all sequences, which stay where they are when nothing else is written.
        if self.request.is_clean() || plan.base_rows() > 0 {
            let how = (self.request.is_clean(), self.request.trial);
            notes.extend(sequences::restart(connection, &plan, &schema, how).await?);
        }
        // Beside rows that we do not know, explicit ones tell nothing of the base.
        // Base rows that stay are recorded already.
        let is_base_known = !keeps_base && (plan.base_rows() > 0 || self.beside.were_none);
        let record = Record {
            load: self,
            schema: &schema,
            plan: &plan,
            dataset: &dataset,
            home,
            earlier: &loaded,
            brought: &before.brought,
            before: written_before,
        };
        record.run(connection, is_base_known.then_some(spec), &digest, notes).await?;
        query::execute(connection, &self.deadline.setting(Duration::MAX)).await?;
        notes.extend(postgres::refresh_views(connection, &plan, &schema).await?);
        self.expect(connection, (&plan, &schema, &dataset), has_guests, notes).await?;
        let digest_from_database = match self.request.digest_from_database {
            true => Some(postgres::digest::of_tables(connection, &plan, &schema).await?),
            false => None,
        };
        let written = Written { tables, digest, digest_from_database };
        if self.request.trial {
            progress.finish();
            query::execute(connection, "ROLLBACK").await?;
            return Ok(written);
        }
        let committing = commit(connection).await?;
        progress.finish();
        self.analyze(connection, &plan, notes).await;
        // What is told now is what was done: a signal is too late to change it.
        std::mem::forget(committing);
        Ok(written)
    }

    /// Checks the expectations of the scenario.
    async fn expect(
        &self,
        connection: &mut PgConnection,
        (plan, schema, dataset): (&Plan, &Schema, &Dataset),
        has_guests: bool,
        notes: &mut Vec<Note>,
    ) -> Result<()> {
        if self.request.scenario.expectations.is_empty() {
            return Ok(());
        }
        let views = match plan.is_bundled() {
            true => None,
            false => Some(DomainViews::of(schema, &self.request.overrides, dataset.now())?),
        };
        let is_missing = |table: &&str| match &views {
            Some(views) => {
                views.table(table).is_none() && schema.tables.iter().all(|other| other.name != **table)
            }
            None => plan.skipped.iter().any(|skipped| skipped.table == **table),
        };
        let missing = TABLES.iter().map(|table| table.info().name).filter(is_missing).collect();
        let inexact = Given::of(plan, dataset, schema, &[]).inexact;
        let held = Held { handles: self.handles, views, inexact, missing, has_guests };
        notes.extend(expectations::hold(connection, &self.request.scenario, &held).await?);
        Ok(())
    }

    /// Runs ANALYZE; a signal ends it.
    async fn analyze(&self, connection: &mut PgConnection, plan: &Plan, notes: &mut Vec<Note>) {
        tokio::select! {
            biased;
            () = interrupt::wanted() => {}
            done = postgres::analyze(connection, plan) => {
                if let Err(error) = done {
                    let text = format!("the rows were loaded, but ANALYZE failed: {error:#}");
                    notes.push(Note::new(NoteKind::NotAnalyzed, text));
                }
            }
        }
    }

    /// Empties the tables, where that was asked for; with them go the rows of all scenarios.
    async fn make_room(
        &self,
        connection: &mut PgConnection,
        plan: &Plan,
        schema: &Schema,
        home: &Home<'_>,
    ) -> Result<()> {
        if self.request.is_clean() {
            if self.request.without_triggers {
                triggers::switch(connection, false).await?;
            }
            postgres::truncate(connection, plan, &self.beside.also).await?;
            if self.request.without_triggers {
                triggers::switch(connection, true).await?;
            }
            registry::forget(connection, schema, home, None).await?;
        }
        Ok(())
    }

    /// Makes way for explicit rows of which there is an earlier copy: it goes, or is overlaid where
    /// others hold on to it.
    async fn clear_earlier(
        &self,
        connection: &mut PgConnection,
        plan: &mut Plan,
        schema: &Schema,
        (loaded, filled): (&[Loaded], &Filled),
    ) -> Result<Option<Staged>> {
        let places = ScenarioTables::of_plan(schema, plan);
        let (mut owns, mut is_held) = (Vec::new(), false);
        for part in &self.request.scenario.scenario_rows {
            let own = ScenarioFilter::of(&part.scenario, loaded);
            let rows = places.count(connection, &own).await?;
            self.request.check_owner(&part.scenario, &rows, loaded)?;
            if !rows.is_empty() {
                if !self.request.yes {
                    let replaced = places.replaced(connection, &own, filled).await?;
                    scenario_rows::refuse_replaced(&part.scenario, &replaced)?;
                }
                is_held |= !places.holds(connection, &own, None).await?.is_empty();
                owns.push(own);
            }
        }
        if is_held {
            return Staged::begin(connection, plan, |oid| places.conditions(oid, &owns)).await.map(Some);
        }
        for own in owns {
            places.delete(connection, &own, None).await?;
        }
        Ok(None)
    }

    /// Puts explicit rows in the place of an earlier copy to which others hold on.
    async fn lay_over(
        &self,
        connection: &mut PgConnection,
        staged: Staged,
        plan: &mut Plan,
        schema: &Schema,
        loaded: &[Loaded],
    ) -> Result<()> {
        let places = ScenarioTables::of_plan(schema, plan);
        scenario_rows::refuse_taken(&staged.in_the_way(connection).await?)?;
        for part in &self.request.scenario.scenario_rows {
            let own = ScenarioFilter::of(&part.scenario, loaded);
            let held = places.holds(connection, &own, Some(&staged)).await?;
            scenario_rows::refuse_held(&part.scenario, &held)?;
        }
        staged.finish(connection, plan).await
    }

    /// Sends the rows of all tables, and what must follow them in the transaction; those that are staged are laid over the
    /// earlier ones before foreign keys that lead in a circle are written and held.
    async fn rows(
        &self,
        connection: &mut PgConnection,
        dataset: &Arc<Dataset>,
        (plan, staged): (Plan, Option<(Staged, &[Loaded])>),
        schema: &Schema,
        progress: &mut Progress,
        notes: &mut Vec<Note>,
    ) -> Result<(Vec<TableReport>, String, Plan)> {
        let plan = Arc::new(plan);
        let mut generator = RowStream::start(dataset, &plan, self.method.encoder(), self.request.jobs);
        // Where rows stay, an index would have to be built over those too.
        let rebuild = match self.request.rebuild && self.request.existing != Existing::Append {
            true => rebuild::begin(connection, &plan).await?,
            false => Rebuild::default(),
        };
        let has_triggers = !triggers::effects(&plan, schema).is_empty();
        deferred_keys::begin(connection, &plan).await?;
        if self.request.without_triggers {
            triggers::switch(connection, false).await?;
        }
        // Only what was empty under our lock: whatever is there now was put there by this run's triggers.
        let may_clear = has_triggers && !self.request.without_triggers;
        let clears =
            |table: &TablePlan| may_clear && table.oid().is_some_and(|oid| self.beside.empty.contains(&oid));
        let loaded = postgres::load(connection, &plan, &mut generator, self.method, progress, clears).await;
        let mut tables = loaded.map_err(|failure| failure.explained(schema))?;
        progress.then("checking foreign keys, building indexes");
        let mut digest = digests(&generator, &mut tables);
        drop(generator);
        let mut plan = Arc::into_inner(plan).expect("the generator's threads are done");
        if let Some((staged, loaded)) = staged {
            self.lay_over(connection, staged, &mut plan, schema, loaded).await?;
        }
        if self.request.without_triggers {
            triggers::switch(connection, true).await?;
        }
        if let Some(deferred) =
            deferred_keys::finish(connection, dataset, &mut plan, self.method, self.request.jobs).await?
        {
            digest = crate::sink::generate::joined(&digest, &deferred);
        }
        notes.extend(rebuild.finish(connection).await?);
        if may_clear && self.beside.were_none {
            notes.extend(triggers::count(connection, &plan, &mut tables).await?);
        }
        Ok((tables, digest, plan))
    }
}

/// Sends COMMIT. From then on a signal waits for what comes of it, as long as the result lives.
///
/// # Errors
/// That nobody knows, where the connection is lost.
pub async fn commit(connection: &mut PgConnection) -> Result<Committing> {
    let committing = interrupt::committing();
    match query::execute(connection, "COMMIT").await {
        Ok(()) => Ok(committing),
        // The server has answered, and has undone it.
        Err(error) if error.sqlstate().is_some() => Err(error),
        Err(error) => Err(error
            .reworded(|message| format!("{message} during COMMIT: the rows may or may not have been saved"))
            .with_hint("run the same command again with --if-changed: it does nothing if they were saved")),
    }
}

/// What is recorded about a run.
struct Record<'a> {
    load: &'a Load<'a>,
    schema: &'a Schema,
    plan: &'a Plan,
    dataset: &'a Dataset,
    home: Home<'a>,
    /// What was recorded before.
    earlier: &'a [Loaded],
    /// Tables (oids) into which migrations of this transaction have put rows.
    brought: &'a BTreeSet<u32>,
    /// What the transaction had written to tables (oids) before: a trial of rows that was undone, migrations.
    before: BTreeMap<u32, written::Written>,
}

impl Record<'_> {
    /// The rows that were made, the ledger where `spec` tells all base rows that are there, and the scenarios.
    async fn run(
        &self,
        connection: &mut PgConnection,
        spec: Option<serde_json::Value>,
        digest: &str,
        notes: &mut Vec<Note>,
    ) -> Result<()> {
        if !self.load.request.ledger {
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
            let entry = Entry { spec, as_of: self.load.request.as_of, digest: digest.to_owned() };
            ledger::record(connection, identity, &self.plan.oids(), &entry, self.plan.rows()).await?;
        }
        if !self.load.beside.agreed.is_empty() {
            ledger::agree(connection, identity, &self.load.beside.agreed).await?;
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
        if self.load.beside.empty.contains(&oid) && !(moves && is_more) {
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
        for (made, key) in self.load.keys.written(self.dataset) {
            if made.scenario_index == scenario_index && rule.is_of(&made.handle) {
                let key = key.key.iter().map(|(_, value)| value.clone()).collect();
                rows.entry(TABLES[made.table].info().name.to_owned()).or_default().push(key);
            }
        }
        Broken::Rows { rule: rule.rule.clone(), rows }
    }

    fn loaded(&self) -> Vec<Loaded> {
        let scenario = &self.load.request.scenario;
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
                for (table, keys) in
                    earlier.filter(|_| !self.load.request.is_clean()).iter().flat_map(|e| &e.keys)
                {
                    let is_it =
                        |planned: &TablePlan| planned.name() == table || planned.header.table == *table;
                    if !self.plan.tables.iter().any(is_it) {
                        made.insert(table.clone(), keys.clone());
                    }
                }
                Loaded {
                    name: part.scenario.clone(),
                    first_id: ids::first(&part.scenario),
                    digest: ledger::explicit_digest(self.dataset, number),
                    rows: self.dataset.explicit.iter().filter(|made| made.scenario_index == number).count()
                        as u64,
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
            .load
            .keys
            .written(self.dataset)
            .map(|(made, key)| (made.scenario_index, TABLES[made.table].info().name.to_owned(), key));
        let beside = self.load.keys.beside().map(|(scenario, key)| (scenario, key.qualified.clone(), key));
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
