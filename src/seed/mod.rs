//! One run against a database, from the first look at its catalog to the report: what is asked,
//! in which order, inside the one transaction. `before` is what must be known first, `write` what is
//! written then.

mod before;
mod unload;
mod write;

use std::time::{Duration, Instant};

use crate::adapt::wishes::Wishes;
use crate::calendar::Day;
use crate::crm::GENERATOR_VERSION;
use crate::crm::world::{Origin, World};
use crate::error::Result;
use crate::generate::Generator;
use crate::handles::Handles;
use crate::load::postgres::Method;
use crate::load::safety;
use crate::load::triggers::{self, Effect};
use crate::plan::Plan;
use crate::report::{Report, ScenarioReport, TableReport};
use crate::scenario::Scenario;
use crate::target::Target;
use crate::ui::Progress;
pub use unload::{Unload, Unloaded};
use write::Load;

/// What happens to rows that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// They are a reason to refuse.
    Refuse,
    /// They go first.
    Clean {
        /// Those of tables that refer to the filled ones too.
        cascade: bool,
    },
    /// Rows are added behind them.
    Append,
    /// They are a reason to do nothing.
    Keep,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The seed.
    pub seed: u64,
    /// The as-of date.
    pub as_of: Day,
    /// Counts, weights and explicit rows.
    pub scenario: Scenario,
    /// A scenario was named: loading it again is no mistake.
    pub is_named: bool,
    /// What happens to rows that are there.
    pub existing: Existing,
    /// Nothing is done where the last run was the same and its rows are there.
    pub if_changed: bool,
    /// How rows get in; `None` lets the server's rules decide.
    pub method: Option<Method>,
    /// Rows in an INSERT statement.
    pub batch_size: usize,
    /// Generator threads.
    pub jobs: usize,
    /// Foreign keys and indexes may be made again after a large load.
    pub rebuild: bool,
    /// The run is recorded.
    pub ledger: bool,
    /// Questions are answered with yes.
    pub yes: bool,
    /// So long another crm-seed on the same database is waited for.
    pub wait: Duration,
    /// What is overruled of the tables and columns of the target.
    pub wishes: Wishes,
    /// Triggers do not fire.
    pub without_triggers: bool,
    /// No progress.
    pub quiet: bool,
}

/// What came of a run.
pub struct Outcome {
    report: Report,
    handles: Handles,
}

/// What would be done.
pub struct Preview {
    /// The plan.
    pub plan: Plan,
    /// Tables that `--clean` would empty.
    pub emptied: Vec<String>,
    /// Tables that refer to them, and would be emptied with `--cascade`.
    pub reached: Vec<String>,
}

impl Outcome {
    /// What to tell of it.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The ids of explicit rows.
    pub const fn handles(&self) -> &Handles {
        &self.handles
    }
}

impl Request {
    /// Does it, for the [`world`](Self::world) of the first origin.
    ///
    /// # Errors
    /// Whatever stands against it; the database is as it was then.
    pub async fn run(&self, target: &mut Target, world: World) -> Result<Outcome> {
        let started = Instant::now();
        let mut notes = self.scenario.notes.clone();
        let prepared = self.prepare(target, world, &mut notes).await?;
        let connection = &mut target.connection;
        safety::check_writable(&prepared.schema)?;
        let method = self.method(&prepared.plan, &mut notes);
        let mut handles = Handles::of(&prepared.world, &self.scenario);
        handles.put_in(&prepared.plan);
        let scenarios = scenarios(&prepared.world, &self.scenario);
        if let Some(unchanged) = self.unchanged(connection, &prepared).await? {
            notes.push(unchanged.why.into());
            let mut report = self.report(Vec::new(), unchanged.digest, &target.description, method, started);
            (report.changed, report.notes, report.scenarios) = (false, notes, scenarios);
            return Ok(Outcome { report, handles });
        }
        let rows = self.check_rows(connection, &prepared, &mut notes).await?;
        notes
            .extend(prepared.plan.skipped.iter().map(|s| format!("table {} is skipped: {}", s.table, s.why)));
        notes.extend(prepared.plan.notes.iter().cloned());
        if !self.without_triggers {
            notes.extend(triggers::effects(&prepared.plan, &prepared.schema).iter().map(Effect::note));
        }
        let load = Load { request: self, method, handles: &handles, rows };
        let (tables, digest) = load.run(connection, prepared, &mut notes).await?;
        let mut report = self.report(tables, digest, &target.description, method, started);
        (report.notes, report.scenarios) = (notes, scenarios);
        Ok(Outcome { report, handles })
    }

    /// The world that is asked for.
    ///
    /// # Errors
    /// Counts out of range; everything that is wrong with explicit rows.
    pub fn world(&self, origin: Origin) -> Result<World> {
        world(self.seed, self.as_of, &self.scenario, origin)
    }

    /// Says what would be done, and leaves nothing behind.
    ///
    /// # Errors
    /// Whatever stands against it.
    pub async fn preview(&self, target: &mut Target, world: World) -> Result<Preview> {
        let prepared = self.prepare(target, world, &mut Vec::new()).await?;
        let is_clean = matches!(self.existing, Existing::Clean { .. });
        let emptied = match is_clean {
            true => prepared.plan.tables.iter().map(|table| table.heading.table.clone()).collect(),
            false => Vec::new(),
        };
        let reached = if is_clean { safety::reached(&prepared.plan, &prepared.schema) } else { Vec::new() };
        Ok(Preview { plan: prepared.plan, emptied, reached })
    }

    fn report(
        &self,
        tables: Vec<TableReport>,
        digest: String,
        target: &str,
        method: Method,
        started: Instant,
    ) -> Report {
        Report::new(
            (self.seed, self.as_of, GENERATOR_VERSION, &self.scenario.name),
            (tables, digest),
            (target.to_owned(), method.name().to_owned()),
            started.elapsed(),
        )
    }
}

/// The world of a scenario, with its explicit rows.
///
/// # Errors
/// Counts out of range; everything that is wrong with explicit rows, with its place in the file.
pub fn world(seed: u64, as_of: Day, scenario: &Scenario, origin: Origin) -> Result<World> {
    let world = World::new(seed, as_of, &scenario.counts, &scenario.weights, origin)?;
    world.with(&scenario.situations).map_err(|faults| scenario.faults(&faults))
}

/// What to tell of the explicit rows of `world`.
pub fn scenarios(world: &World, scenario: &Scenario) -> Vec<ScenarioReport> {
    let situations = scenario.situations.iter().enumerate();
    situations
        .map(|(number, situation)| ScenarioReport {
            name: situation.scenario.clone(),
            rows: world.explicit.iter().filter(|made| made.situation == number).count() as u64,
        })
        .collect()
}

/// Progress over a plan.
pub fn progress(plan: &Plan, quiet: bool) -> Progress {
    Progress::new(plan.tables.iter().map(|t| (t.name().to_owned(), t.all_rows())), quiet)
}

/// Puts each table's digest into its report; returns that of all.
pub fn digests(generator: &Generator, tables: &mut [TableReport]) -> String {
    let (each, all) = generator.digests();
    for (table, digest) in tables.iter_mut().zip(each) {
        table.digest = digest;
    }
    all
}

impl Preview {
    /// For people.
    pub fn text(&self) -> String {
        let mut text = self.plan.text();
        if !self.emptied.is_empty() {
            text.push_str(&format!("--clean would empty first: {}\n", self.emptied.join(", ")));
        }
        if !self.reached.is_empty() {
            text.push_str(&format!(
                "it would be refused without --cascade, as these refer to them: {}\n",
                self.reached.join(", ")
            ));
        }
        text
    }

    /// For machines.
    pub fn json(&self) -> String {
        let mut plan = self.plan.json();
        plan["emptied"] = self.emptied.clone().into();
        plan["reached"] = self.reached.clone().into();
        format!("{plan:#}\n")
    }
}
