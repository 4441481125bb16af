//! Takes the rows of a scenario out of a database: the explicit ones, found by their ids, and the base
//! rows where the last recorded run says that they are its own.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sqlx::PgConnection;

use crate::calendar::Day;
use crate::catalog::Schema;
use crate::catalog::table_locks::{self, Deadline};
use crate::db::query;
use crate::db::target::Target;
use crate::domain::GENERATOR_VERSION;
use crate::domain::counts::{Counts, Weights};
use crate::domain::dataset::{Dataset, Origin};
use crate::error::{Error, Result};
use crate::infer::overrides::Overrides;
use crate::infer::recognition;
use crate::infer::table_selection::ExistingRows;
use crate::note::{Note, NoteKind};
use crate::plan::Plan;
use crate::run::ledger::{self, Entry, Filled, Identity};
use crate::run::registry::{self, Home};
use crate::run::safety;
use crate::run::scenario_rows::{ScenarioFilter, ScenarioTables, StagedKeys, refuse_held, told};
use crate::run::seed::locks;
use crate::run::seed::request::progress;
use crate::run::seed::write::commit;
use crate::sink::generate::RowStream;
use crate::sink::postgres::{self, Method};

/// The settings of an unload.
#[derive(Clone, Copy, Debug)]
pub struct Unload<'a> {
    /// Name of the scenario.
    pub name: &'a str,
    /// It has base rows, as far as is known.
    pub has_base: bool,
    /// Also remove explicit rows that are not recorded.
    pub yes: bool,
    /// Time to wait for another run and for locks of others.
    pub wait: Duration,
    /// Print errors only.
    pub quiet: bool,
}

/// What was removed.
#[derive(Clone, Debug, Default)]
pub struct Unloaded {
    /// Number of explicit rows removed.
    pub explicit: u64,
    /// Number of base rows removed.
    pub base: u64,
    /// Rows that were kept, and why.
    pub notes: Vec<Note>,
}

impl Unload<'_> {
    /// Removes the rows of the scenario.
    ///
    /// # Errors
    /// Rows that are not its own hold on to them; whatever the server says. Nothing is changed then.
    pub async fn run(&self, target: &mut Target) -> Result<Unloaded> {
        let deadline = Deadline::within(self.wait);
        let connection = &mut target.connection;
        postgres::begin(connection, self.wait, deadline).await?;
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        safety::check_writable(&schema)?;
        let identity = Identity::of(connection).await?;
        let home = Home::of(&schema, &identity)?;
        let loaded = registry::all(connection, &schema, &home).await?;
        let recorded = loaded.iter().find(|loaded| loaded.name == self.name);
        let places = ScenarioTables::of_record(&schema, recorded)?;
        let mut locks = locks::against_writers(&places.oids(), &schema, true);
        locks.extend(table_locks::views(&schema, &places.oids()));
        table_locks::lock(connection, locks, deadline, self.quiet).await?;
        // Another run may have loaded it anew until the tables were locked.
        let loaded = registry::all(connection, &schema, &home).await?;
        let own = ScenarioFilter::of(self.name, &loaded);
        let rows = places.count(connection, &own).await?;
        let is_recorded = loaded.iter().any(|loaded| loaded.name == self.name);
        if !rows.is_empty() && !is_recorded && !self.yes {
            return Err(Error::refused(format!(
                "rows with the ids of scenario {} exist, but crm-seed has no record of loading it: {}",
                self.name,
                told(&rows)
            ))
            .with_hint("to delete them, add --yes"));
        }
        let filled = Filled::read(connection, &schema, &identity).await?;
        let known = (is_recorded && !self.yes).then_some(&filled);
        let replaced = match known {
            Some(filled) => places.replaced(connection, &own, filled).await?,
            None => Vec::new(),
        };
        refuse_held(self.name, &places.holds(connection, &own, &filled, None).await?)?;
        places.delete(connection, &own, known).await?;
        if is_recorded {
            registry::forget(connection, &schema, &home, Some(&[self.name])).await?;
        }
        let mut unloaded = self.base(connection, &schema, &identity, &filled).await?;
        let total = |rows: &[(String, i64)]| -> i64 { rows.iter().map(|(_, rows)| rows).sum() };
        unloaded.explicit = (total(&rows) - total(&replaced)).unsigned_abs();
        if !replaced.is_empty() {
            let text = format!("kept rows that replaced rows of the scenario: {}", told(&replaced));
            unloaded.notes.push(Note::new(NoteKind::RowsKept, text));
        }
        query::execute(connection, &deadline.setting(Duration::MAX)).await?;
        postgres::refresh_views_of(connection, &places.oids(), &schema).await?;
        // What is told now is what was done: a signal is too late to change it.
        std::mem::forget(commit(connection).await?);
        Ok(unloaded)
    }

    /// Whether the base rows that are recorded were made for this scenario: it was loaded alone, or it is
    /// the one of those that were loaded together that has any.
    fn owns_base(&self, spec: &Value) -> bool {
        let names = spec["scenario"].as_str().unwrap_or_default();
        names == self.name || self.has_base && names.split('+').any(|name| name == self.name)
    }

    /// Removes the base rows, if the last recorded run made them for this scenario. Rows that have their
    /// keys but were made at another time are the app's, and stay.
    async fn base(
        &self,
        connection: &mut PgConnection,
        schema: &Schema,
        identity: &Identity,
        filled: &Filled,
    ) -> Result<Unloaded> {
        let none = Unloaded::default();
        let tables = recognition::oids(schema, &Overrides::default())?;
        let Some(last) = ledger::last(connection, schema, identity, &tables).await? else { return Ok(none) };
        if !self.owns_base(&last.spec) {
            return Ok(none);
        }
        let Some(dataset) = dataset(&last.spec, last.as_of) else {
            let text = "kept its base rows, which another version of crm-seed created (use --clean to \
                        empty the tables)";
            return Ok(Unloaded { notes: vec![Note::new(NoteKind::RowsKept, text)], ..none });
        };
        let mut plan =
            Plan::of_target(&dataset, schema, &Overrides::default(), &ExistingRows::new())?.feasible()?;
        if plan.base_rows() == 0 {
            return Ok(none);
        }
        let keys = StagedKeys::begin(connection, &mut plan, schema, filled).await?;
        let (dataset, plan) = (Arc::new(dataset), Arc::new(plan));
        let mut generator = RowStream::start(&dataset, &plan, Method::Copy.encoder(), 1);
        let mut progress = progress(&plan, true);
        postgres::load(connection, &plan, &mut generator, Method::Copy, &mut progress, |_| false).await?;
        refuse_held(self.name, &keys.holds(connection, schema).await?)?;
        let stays = keys.replaced(connection).await?;
        let base = keys.delete(connection).await?;
        if ledger::may_record(schema) {
            // The next run of the same spec has something to do.
            let spec = serde_json::json!({ "unloaded": self.name });
            let entry = Entry { spec, as_of: last.as_of, digest: String::new() };
            ledger::ensure(connection, schema).await?;
            ledger::record(connection, identity, &tables, &entry, 0).await?;
        }
        let mut notes = Vec::new();
        if !stays.is_empty() {
            let told = told(&stays);
            let text =
                format!("kept rows with the ids of base rows that were created or changed by others: {told}");
            notes.push(Note::new(NoteKind::RowsKept, text));
        }
        Ok(Unloaded { base, notes, ..none })
    }
}

/// The dataset of a recorded run; `None` where another version of the generator made it.
fn dataset(spec: &Value, as_of: Day) -> Option<Dataset> {
    if spec["generator_version"] != GENERATOR_VERSION {
        return None;
    }
    let seed = spec["seed"].as_str()?.parse().ok()?;
    let counts: Counts = serde_json::from_value(spec["counts"].clone()).ok()?;
    let weights: Weights = serde_json::from_value(spec["weights"].clone()).ok()?;
    let origin =
        Origin { organizations: spec["origin"][0].as_u64()?, opportunities: spec["origin"][1].as_u64()? };
    Dataset::new(seed, as_of, &counts, &weights, origin).ok()
}
