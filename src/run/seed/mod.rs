//! One run against a database, from the first look at its catalog to the report: what is asked,
//! in which order, inside the one transaction. `before` is what must be known first, `locks` what keeps it so,
//! `clearance` whose rows `--clean` would delete, `permission` whether they may go, `named` which tables are meant by name, `question` who is asked, `write`
//! what is written then.

mod before;
mod checked;
pub mod clearance;
mod given;
mod judge;
mod later;
mod locks;
mod lookups;
mod named;
mod own_rows;
mod permission;
pub mod planning;
mod question;
mod record;
mod request;
mod reset;
mod unload;
mod write;

use std::borrow::Cow;
use std::time::Instant;

use crate::catalog::table_locks::Deadline;
use crate::db::query;
use crate::db::target::Target;
use crate::domain::GENERATOR_VERSION;
use crate::domain::dataset::{Dataset, Origin};
use crate::error::{Error, Result};
use crate::infer::overrides::Concession;
use crate::migrate;
use crate::note::{Note, NoteKind};
use crate::plan::{ExplicitKeys, Plan, Skipped};
use crate::report::{Report, TableReport};
use crate::run::handles::Handles;
use crate::run::ledger::Entry;
use crate::run::safety;
use crate::sink::postgres::triggers::{self, Effect};
use crate::sink::postgres::{Method, digest};
use before::Prepared;
pub use checked::Checked;
use clearance::{Agreed, Clearance, TableRows, told};
use permission::Allowed;
use question::Question;
pub use request::{Existing, Request, dataset, digests, progress, scenarios};
pub use unload::{Unload, Unloaded};
use write::Load;

/// The result of a run.
pub struct Outcome {
    report: Report,
    handles: Handles,
    concessions: Vec<Concession>,
}

/// What would be done.
pub struct Preview {
    pub plan: Plan,
    /// What `--clean` would do with the existing rows.
    pub clearance: Option<Clearance>,
    /// Why it would be refused, where nobody is there to answer.
    pub refusal: Option<Error>,
}

/// The result of one attempt.
enum Tried {
    Done(Box<Outcome>),
    /// Somebody must be asked first; nothing was changed and no lock is held.
    Asks(Question),
    /// The server was asked first: this gives way. Nothing was changed.
    Judged(Vec<Concession>),
    /// The last run says what gave way then.
    Recorded(Vec<Concession>),
    /// Something has changed since: the server is to be asked again.
    Stale,
}

/// Whether the server takes the planned rows, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is not known.
    Open,
    /// What gave way at the last run: good enough to tell whether anything has changed since.
    Recorded,
    /// What the last run says does not count.
    Stale,
    /// What the server says now.
    Judged,
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

    /// What was left out because the server rejects it.
    pub fn concessions(&self) -> &[Concession] {
        &self.concessions
    }
}

/// Says what to do where the migrations of an empty database need a COMMIT before rows come: rows in a database that is not
/// empty never do.
fn apply_first(error: Error) -> Error {
    if migrate::needs_a_commit(&error) { error.with_hint(migrate::APPLY_FIRST) } else { error }
}

impl Request {
    /// Does it, for the [`dataset`](Self::dataset) of the first origin.
    ///
    /// # Errors
    /// Whatever stands against it; the database is as it was then.
    pub async fn run(&self, target: &mut Target, dataset: Dataset) -> Result<Outcome> {
        match self.in_target(target, true).await? {
            Some(asked) => asked.run_named(target, asked.dataset(Origin::default())?).await,
            None => self.run_named(target, dataset).await,
        }
    }

    /// The same, where nothing is asked of tables by name any more.
    async fn run_named(&self, target: &mut Target, dataset: Dataset) -> Result<Outcome> {
        let (mut dataset, mut answered) = (Some(dataset), Agreed::default());
        let (mut request, mut verdict) = (Cow::Borrowed(self), Verdict::Open);
        loop {
            let first = match dataset.take() {
                Some(dataset) => dataset,
                None => self.dataset(Origin::default())?,
            };
            let tried = request.attempt(target, first, &answered, verdict).await;
            if !matches!(&tried, Ok(Tried::Done(outcome)) if outcome.report.changed) {
                // Now, so that the next command finds no lock of ours. A dead connection has ended it already.
                let _ = query::execute(&mut target.connection, "ROLLBACK").await;
            }
            match tried.map_err(apply_first)? {
                Tried::Done(outcome) => return Ok(*outcome),
                // Rows may come while the question waits: they are looked for again.
                Tried::Asks(question) => answered = question.ask().await?,
                Tried::Judged(given) => {
                    self.check_strict(&given)?;
                    (request, verdict) = (Cow::Owned(self.conceding(&given)), Verdict::Judged);
                }
                Tried::Recorded(given) => {
                    (request, verdict) = (Cow::Owned(self.conceding(&given)), Verdict::Recorded);
                }
                Tried::Stale => (request, verdict) = (Cow::Borrowed(self), Verdict::Stale),
            }
        }
    }

    /// The same, where this gives way.
    #[must_use]
    pub fn conceding(&self, given: &[Concession]) -> Self {
        Self { overrides: self.overrides.conceding(given), ..self.clone() }
    }

    async fn attempt(
        &self,
        target: &mut Target,
        dataset: Dataset,
        answered: &Agreed,
        verdict: Verdict,
    ) -> Result<Tried> {
        let (started, deadline) = (Instant::now(), Deadline::within(self.wait));
        let mut notes = self.scenario.notes.clone();
        let mut prepared = self.prepare(target, dataset, deadline, &mut notes).await?;
        prepared.plan = prepared.plan.feasible()?;
        let connection = &mut target.connection;
        safety::check_writable(&prepared.schema)?;
        let is_open = verdict != Verdict::Judged && self.is_uncertain(&prepared);
        if verdict == Verdict::Open && is_open && self.if_changed {
            let given = prepared.last.as_ref().map(Entry::concessions).unwrap_or_default();
            if !given.is_empty() {
                return Ok(Tried::Recorded(given));
            }
        }
        if let Some(unchanged) = self.unchanged(connection, &prepared).await? {
            let method = self.method(&prepared.plan, &mut notes);
            notes.push(Note::new(NoteKind::NothingToDo, unchanged.why));
            let mut report = self.report(Vec::new(), unchanged.digest, &target.description, method, started);
            (report.changed, report.notes) = (false, notes);
            if self.digest_from_database {
                let (plan, schema) = (&prepared.plan, &prepared.schema);
                report.digest_from_database = Some(digest::of_tables(connection, plan, schema).await?);
            }
            let (keys, handles) = self.handles(&prepared);
            report.scenarios = scenarios(&prepared.dataset, &self.scenario, Some(&keys));
            return Ok(Tried::Done(self.outcome(report, handles)));
        }
        if verdict == Verdict::Recorded {
            return Ok(Tried::Stale);
        }
        let mut prepared = self.lock(connection, prepared, deadline).await?;
        self.check_lookups(connection, &prepared).await?;
        let (fitted, inexact) = self.check_given(&prepared)?;
        let beside = match self.check_rows(connection, &prepared, answered, &mut notes).await? {
            Allowed::Run(beside) => beside,
            Allowed::Ask(question) => return Ok(Tried::Asks(question)),
        };
        let method = self.method(&prepared.plan, &mut notes);
        if is_open {
            let given;
            (prepared, given) = self.judge(connection, prepared, &beside, method).await?;
            // What is planned and locked stays right where nothing gives way.
            if !given.is_empty() {
                return Ok(Tried::Judged(given));
            }
        }
        notes.extend(fitted);
        notes.extend(self.overrides.concessions.iter().map(Concession::note));
        let gave_way: Vec<&str> =
            self.overrides.concessions.iter().filter_map(Concession::whole_table).collect();
        let is_told = |skipped: &&Skipped| gave_way.contains(&skipped.table.as_str());
        notes.extend(prepared.plan.skipped.iter().filter(|skipped| !is_told(skipped)).map(Skipped::note));
        notes.extend(prepared.plan.notes().cloned());
        notes.extend(prepared.plan.letters.note());
        if !self.without_triggers {
            notes.extend(triggers::effects(&prepared.plan, &prepared.schema).iter().map(Effect::note));
        }
        let (keys, handles) = self.handles(&prepared);
        let scenarios = scenarios(&prepared.dataset, &self.scenario, Some(&keys));
        let load = Load { request: self, method, handles: &handles, keys: &keys, inexact, beside, deadline };
        let written = load.run(connection, prepared, &mut notes).await?;
        let mut report = self.report(written.tables, written.digest, &target.description, method, started);
        report.digest_from_database = written.digest_from_database;
        (report.notes, report.scenarios) = (notes, scenarios);
        Ok(Tried::Done(self.outcome(report, handles)))
    }

    fn outcome(&self, report: Report, handles: Handles) -> Box<Outcome> {
        Box::new(Outcome { report, handles, concessions: self.overrides.concessions.clone() })
    }

    fn handles(&self, prepared: &Prepared) -> (ExplicitKeys, Handles) {
        let Prepared { dataset, plan, .. } = prepared;
        let keys = ExplicitKeys::of(plan, dataset);
        let handles = Handles::in_target(dataset, &self.scenario, &keys, plan);
        (keys, handles)
    }

    /// Plans the run without changing anything. Where it `tries`, trial rows are loaded and rolled back, unless
    /// somebody would have to be asked about rows that are there.
    pub async fn preview(&self, target: &mut Target, dataset: Dataset, tries: bool) -> Result<Preview> {
        match self.in_target(target, true).await? {
            Some(asked) => {
                let dataset = asked.dataset(Origin::default())?;
                asked.preview_named(target, dataset, tries).await
            }
            None => self.preview_named(target, dataset, tries).await,
        }
    }

    async fn preview_named(&self, target: &mut Target, dataset: Dataset, tries: bool) -> Result<Preview> {
        let (given, refusal) = match tries {
            true => match self.previewed(target, self.dataset(Origin::default())?).await? {
                Ok(given) => (given, None),
                Err(refusal) => (Vec::new(), Some(refusal)),
            },
            false => (Vec::new(), None),
        };
        let mut preview = self.conceding(&given).look_ahead(target, dataset).await?;
        preview.refusal = preview.refusal.or(refusal).or_else(|| self.check_strict(&given).err());
        Ok(preview)
    }

    /// What the server takes, for a look ahead: nothing is asked, and nothing stays.
    async fn previewed(&self, target: &mut Target, dataset: Dataset) -> Result<Result<Vec<Concession>>> {
        let tried = match self.is_beside() {
            true => {
                let trial = Self { trial: true, quiet: true, ..self.clone() };
                Ok(trial.run(target, dataset).await.map(|_| Vec::new()))
            }
            false => self.judged(target, dataset).await,
        };
        // A connection that is gone has ended its transaction.
        let _ = query::execute(&mut target.connection, "ROLLBACK").await;
        tried
    }

    /// What gives way, or why the server rejects the rows.
    ///
    /// # Errors
    /// Nothing could be tried.
    async fn judged(&self, target: &mut Target, dataset: Dataset) -> Result<Result<Vec<Concession>>> {
        let deadline = Deadline::within(self.wait);
        let mut notes = Vec::new();
        let prepared = self.prepare(target, dataset, deadline, &mut notes).await?;
        if !prepared.plan.troubles.is_empty() {
            // The look ahead tells of them.
            return Ok(Ok(Vec::new()));
        }
        let is_certain = !self.is_uncertain(&prepared) && self.scenario.scenario_rows.is_empty();
        if is_certain || prepared.keeps_base || safety::check_writable(&prepared.schema).is_err() {
            return Ok(Ok(Vec::new()));
        }
        let connection = &mut target.connection;
        let prepared = self.lock(connection, prepared, deadline).await?;
        match self.check_rows(connection, &prepared, &Agreed::default(), &mut notes).await {
            Ok(Allowed::Run(beside)) => {
                let method = self.method(&prepared.plan, &mut notes);
                Ok(self.judge(connection, prepared, &beside, method).await.map(|(_, given)| given))
            }
            // The look ahead tells of it.
            Ok(Allowed::Ask(_)) | Err(_) => Ok(Ok(Vec::new())),
        }
    }

    /// `--strict` takes no concession.
    fn check_strict(&self, given: &[Concession]) -> Result<()> {
        if !self.strict || given.is_empty() {
            return Ok(());
        }
        let told: Vec<String> =
            given.iter().map(|given| format!("{}: {}", given.about(), given.why)).collect();
        Err(Error::refused(format!(
            "the server refuses rows, and --strict lets nothing give way: {}",
            told.join("; ")
        ))
        .with_hint("leave --strict out to load without them, or mend the trigger or constraint"))
    }

    async fn look_ahead(&self, target: &mut Target, dataset: Dataset) -> Result<Preview> {
        let deadline = Deadline::within(self.wait);
        let prepared = self.prepare(target, dataset, deadline, &mut Vec::new()).await?;
        let connection = &mut target.connection;
        let clearance = match self.is_clean() {
            true => Some(self.clearance(connection, &prepared).await?),
            false => None,
        };
        let refusal = match self.check_rows(connection, &prepared, &Agreed::default(), &mut Vec::new()).await
        {
            Ok(Allowed::Run(_)) => None,
            Ok(Allowed::Ask(question)) => Some(question.refusal()),
            Err(error) => Some(error),
        };
        let refusal = refusal.or_else(|| self.check_given(&prepared).err());
        // What would be done again is done by the run itself: nothing is left of this look.
        query::execute(connection, "ROLLBACK").await?;
        Ok(Preview { plan: prepared.plan, clearance, refusal })
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

impl Preview {
    /// The plan, what `--clean` would empty, and the refusal, as text.
    pub fn text(&self) -> String {
        let mut text = self.plan.text();
        if let Some(clearance) = &self.clearance {
            text.push_str(&format!("--clean would first empty: {}\n", clearance.emptied.join(", ")));
            if !clearance.cascaded.is_empty() {
                text.push_str(&format!("--cascade would also empty: {}\n", told(&clearance.cascaded)));
            }
        }
        if let Some(refusal) = &self.refusal {
            text.push_str(&format!("this run would be refused: {refusal:#}\n"));
            text.extend(refusal.hint().map(|hint| format!("  hint: {hint}\n")));
        }
        text
    }

    /// The same as `--dry-run --json` prints it.
    pub fn json(&self) -> String {
        let mut plan = self.plan.json();
        let none = Clearance::default();
        let clearance = self.clearance.as_ref().unwrap_or(&none);
        let rows = |tables: &[TableRows]| -> serde_json::Value {
            tables.iter().map(|t| serde_json::json!({ "table": t.table, "rows": t.rows })).collect()
        };
        plan["emptied"] = clearance.emptied.clone().into();
        let reached = clearance.cascaded.iter().chain(&clearance.in_the_way);
        plan["reached"] = reached.map(|rows| rows.table.clone()).collect();
        plan["cascaded"] = rows(&clearance.cascaded);
        plan["in_the_way"] = rows(&clearance.in_the_way);
        plan["not_ours"] = rows(&clearance.not_ours);
        plan["refusal"] = self.refusal.as_ref().map(|refusal| format!("{refusal:#}")).into();
        format!("{plan:#}\n")
    }
}
