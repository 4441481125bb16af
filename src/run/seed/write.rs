//! The part of a run that writes.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgConnection;

use crate::catalog::Schema;
use crate::catalog::table_locks::Deadline;
use crate::db::query;
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::error::Result;
use crate::infer::domain_views::DomainViews;
use crate::interrupt::{self, Committing};
use crate::note::{Note, NoteKind};
use crate::plan::{ExplicitKeys, InexactColumns, Plan, TablePlan};
use crate::report::TableReport;
use crate::run::expectations::{self, Held};
use crate::run::handles::Handles;
use crate::run::ledger::Filled;
use crate::run::registry::{self, Home, Loaded};
use crate::run::scenario_rows::{self, ScenarioFilter, ScenarioTables, Staged};
use crate::run::seed::before::Prepared;
use crate::run::seed::later;
use crate::run::seed::permission::Beside;
use crate::run::seed::record::Record;
use crate::run::seed::request::{Existing, Request, digests, progress};
use crate::sink::generate::RowStream;
use crate::sink::postgres::rebuild::{self, Rebuild};
use crate::sink::postgres::written;
use crate::sink::postgres::{self, Method};
use crate::sink::postgres::{deferred_keys, sequences, triggers};
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
    /// Columns that explicit rows do not hold as they were meant.
    pub inexact: InexactColumns,
    /// What stands beside the rows.
    pub beside: Beside,
    /// Until then locks are waited for.
    pub deadline: Deadline,
}

/// Rows that are staged to be laid over an earlier copy, and what is recorded of that.
type Over<'a> = (Staged, (&'a [Loaded], &'a Filled));

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
        if keeps_base {
            plan.keep_base();
            notes.push(Note::new(NoteKind::RowsKept, "the base rows already exist and were kept"));
        }
        self.make_room(connection, &plan, &schema, &home, (&loaded, &filled)).await?;
        let staged = match self.request.is_clean() {
            true => None,
            false => self.clear_earlier(connection, &mut plan, &schema, (&loaded, &filled)).await?,
        };
        // What went to make room is no row of anybody's that was moved.
        let written_before = written::by_table(connection).await?;
        let dataset = Arc::new(dataset);
        let mut progress = progress(&plan, self.request.quiet);
        let has_guests = staged.is_some();
        let staged = staged.map(|staged| (staged, (&loaded[..], &filled)));
        let (tables, digest, plan) =
            self.rows(connection, &dataset, (plan, staged), &schema, &mut progress, notes).await?;
        later::set(connection, &plan, &dataset, self.keys).await?;
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
            request: self.request,
            keys: self.keys,
            beside: &self.beside,
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
        let held = Held { handles: self.handles, views, inexact: &self.inexact, missing, has_guests };
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
        (loaded, filled): (&[Loaded], &Filled),
    ) -> Result<()> {
        if self.request.is_clean() {
            if self.request.without_triggers {
                triggers::switch(connection, false).await?;
            }
            postgres::truncate(connection, plan, &self.beside.also).await?;
            self.clear_recorded(connection, schema, (loaded, filled)).await?;
            if self.request.without_triggers {
                triggers::switch(connection, true).await?;
            }
            registry::forget(connection, schema, home, None).await?;
        }
        Ok(())
    }

    /// Deletes the recorded rows of scenarios in tables that are not emptied, as they hold rows of the app.
    async fn clear_recorded(
        &self,
        connection: &mut PgConnection,
        schema: &Schema,
        (loaded, filled): (&[Loaded], &Filled),
    ) -> Result<()> {
        for one in loaded {
            let places = ScenarioTables::of_record(schema, Some(one))?;
            let own = ScenarioFilter::of(&one.name, loaded);
            if places.count(connection, &own).await?.is_empty() {
                continue;
            }
            scenario_rows::refuse_held(&one.name, &places.holds(connection, &own, filled, None).await?)?;
            places.delete(connection, &own, Some(filled)).await?;
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
        let places = self.places(schema, plan, loaded);
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
                is_held |= !places.holds(connection, &own, filled, None).await?.is_empty();
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
        (loaded, filled): (&[Loaded], &Filled),
    ) -> Result<()> {
        let places = self.places(schema, plan, loaded);
        scenario_rows::refuse_taken(&staged.in_the_way(connection).await?)?;
        for part in &self.request.scenario.scenario_rows {
            let own = ScenarioFilter::of(&part.scenario, loaded);
            let held = places.holds(connection, &own, filled, Some(&staged)).await?;
            scenario_rows::refuse_held(&part.scenario, &held)?;
        }
        let (before, after) = places.not_in(plan);
        for part in &self.request.scenario.scenario_rows {
            before.delete(connection, &ScenarioFilter::of(&part.scenario, loaded), None).await?;
        }
        staged.finish(connection, plan).await?;
        for part in &self.request.scenario.scenario_rows {
            after.delete(connection, &ScenarioFilter::of(&part.scenario, loaded), None).await?;
        }
        Ok(())
    }

    /// The tables that rows of the scenarios are in, and those in which an earlier copy has rows that are in the files no
    /// more. What is left out of this run stays.
    fn places<'s>(&self, schema: &'s Schema, plan: &Plan, loaded: &[Loaded]) -> ScenarioTables<'s> {
        let parts = &self.request.scenario.scenario_rows;
        let is_loaded = |loaded: &&Loaded| parts.iter().any(|part| part.scenario == loaded.name);
        let earlier: Vec<&Loaded> = loaded.iter().filter(is_loaded).collect();
        ScenarioTables::of_plan(schema, plan)
            .and_recorded(&earlier, &|table| self.request.overrides.leaves_out(table))
    }

    /// Sends the rows of all tables, and what must follow them in the transaction; those that are staged are laid over the
    /// earlier ones before foreign keys that lead in a circle are written and held.
    async fn rows(
        &self,
        connection: &mut PgConnection,
        dataset: &Arc<Dataset>,
        (plan, staged): (Plan, Option<Over<'_>>),
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
        if let Some((staged, earlier)) = staged {
            self.lay_over(connection, staged, &mut plan, schema, earlier).await?;
            for (report, table) in tables.iter_mut().zip(&plan.tables) {
                report.target.clone_from(&table.header.table);
            }
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
