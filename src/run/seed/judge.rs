//! What the server says of trial rows, before anything is promised. Triggers, policies, exclusion constraints and
//! CHECK constraints that cannot be read are judged by the server alone: rows of each table are loaded behind a
//! savepoint and undone. What is optional gives way (a column is left out, then a table that nothing needs), and each
//! concession is told; what the CRM cannot do without is refused.
//!
//! The trial rows hang on the schema and the seed, never on the counts: growth changes no verdict.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::catalog::{Schema, Table, Trigger, Unique};
use crate::db::query::{execute, is_in_function, undo};
use crate::domain::counts::Counts;
use crate::domain::dataset::{Dataset, Origin};
use crate::domain::explicit;
use crate::error::{Error, Result};
use crate::infer::overrides::{Concession, Overrides};
use crate::infer::table_selection::ExistingRows;
use crate::letters::Letters;
use crate::plan::{Plan, TablePlan};
use crate::run::safety;
use crate::run::seed::before::Prepared;
use crate::run::seed::permission::Beside;
use crate::run::seed::planning;
use crate::run::seed::request::{Existing, Request, progress};
use crate::sink::generate::RowStream;
use crate::sink::postgres::{self, LoadError, Method, deferred_keys, triggers};

/// A CRM is nothing without these: their tables are never left out.
const ESSENTIAL: [&str; 4] = ["organizations", "contacts", "products", "opportunities"];
/// So many columns are tried one by one, for each refusal.
const SINGLES: usize = 16;
/// So long is tried in all.
const PATIENCE: Duration = Duration::from_secs(60);
/// Words of a trigger's function without which it can refuse no row: it only sets columns of the new one.
const CAN_REFUSE: &[&str] =
    &["raise", "assert", "perform", "execute", "call", "select", "insert", "update", "delete", "return null"];

/// What came of a trial.
enum Tried {
    /// The server takes the rows.
    Loaded,
    /// It refuses those of a table.
    Refused(Box<Refusal>),
    /// There is no plan without what was left out.
    NoPlan,
}

/// Rows that the server refuses.
struct Refusal {
    error: LoadError,
    /// Position of the table among those of the plan; `None` where it cannot be told.
    at: Option<usize>,
    /// The plan that was tried.
    plan: Plan,
}

impl Request {
    /// Whether the plan alone cannot tell if the server takes the rows.
    pub(super) fn is_uncertain(&self, prepared: &Prepared) -> bool {
        let Prepared { plan, schema, keeps_base, .. } = prepared;
        if *keeps_base || self.existing == Existing::Append || plan.base_rows() == 0 {
            return false;
        }
        let is_strange = |table: &Table| {
            table.uniques.iter().any(Unique::is_exclusion)
                || !self.without_triggers
                    && table.triggers.iter().any(|trigger| trigger.is_on_insert() && can_refuse(trigger))
        };
        let tables = || plan.tables.iter().filter_map(|table| table.target.as_ref());
        !plan.unread_checks.is_empty()
            || tables().any(|table| table.rls_applies)
            || tables().filter_map(|table| schema.table(table.oid)).any(is_strange)
    }

    /// What gives way so that the server takes the rows, and what it was given, for the run to go on with where
    /// nothing does: the trial has left nothing in the transaction.
    ///
    /// # Errors
    /// The server refuses what cannot give way; whatever it says against the trial itself.
    pub(super) async fn judge(
        &self,
        connection: &mut PgConnection,
        prepared: Prepared,
        beside: &Beside,
        method: Method,
    ) -> Result<(Prepared, Vec<Concession>)> {
        let Prepared { schema, there, ref plan, .. } = prepared;
        let letters = plan.letters.clone();
        let planned = plan.tables.iter().map(|table| table.header.table.clone());
        let emptied: Vec<String> = planned.chain(beside.also.iter().cloned()).collect();
        let occupied = safety::occupied(connection, plan).await?;
        let mut judge = Judge {
            request: self,
            connection,
            rows: Some((schema, there)),
            emptied: &emptied,
            occupied: &occupied,
            is_empty: &beside.empty,
            method,
            letters,
            until: Instant::now() + PATIENCE,
            with_explicit: false,
        };
        let mut given = Vec::new();
        loop {
            match judge.attempt(&given).await? {
                Tried::Loaded if judge.next_with_explicit() => {}
                Tried::Refused(refusal) if judge.with_explicit => {
                    return Err(refusal.error.explained(judge.schema()));
                }
                Tried::Loaded | Tried::NoPlan => {
                    let (schema, there) = judge.rows.expect("no planning has them");
                    return Ok((Prepared { schema, there, ..prepared }, given));
                }
                Tried::Refused(refusal) => match judge.concede(&given, &refusal).await? {
                    Some(more) => given.extend(more),
                    None => return Err(refusal.error.explained(judge.schema())),
                },
            }
        }
    }
}

/// Whether a trigger may refuse a row: its function does more than set columns, or cannot be read.
fn can_refuse(trigger: &Trigger) -> bool {
    let source = trigger.source.to_lowercase();
    source.is_empty() || CAN_REFUSE.iter().any(|word| source.contains(word))
}

struct Judge<'a> {
    request: &'a Request,
    connection: &'a mut PgConnection,
    /// The schema and the rows of others, while no planning has them.
    rows: Option<(Schema, ExistingRows)>,
    /// Tables that `--clean` empties, whatever gives way.
    emptied: &'a [String],
    /// Those that hold rows: they are not left out, which would be to empty them for nothing.
    occupied: &'a [String],
    /// Tables (oids) from which rows that triggers add may go, as they hold no others.
    is_empty: &'a BTreeSet<u32>,
    method: Method,
    /// The letters in which the database keeps its texts.
    letters: Letters,
    until: Instant,
    /// Explicit rows are tried besides: nothing gives way for them.
    with_explicit: bool,
}

impl Judge<'_> {
    fn schema(&self) -> &Schema {
        &self.rows.as_ref().expect("planning gives the schema back").0
    }

    /// Loads the trial rows with what gives way, and undoes it.
    async fn attempt(&mut self, given: &[Concession]) -> Result<Tried> {
        let dataset = self.dataset()?;
        let overrides = self.request.overrides.conceding(given).without_asked_rows();
        let (schema, there) = self.rows.take().expect("planning gives the schema back");
        let (dataset, schema, there, plan) = planning::plan(dataset, schema, &overrides, there).await?;
        self.rows = Some((schema, there));
        let Ok(mut plan) = plan.and_then(Plan::feasible) else { return Ok(Tried::NoPlan) };
        plan.letters = self.letters.clone();
        execute(self.connection, "SAVEPOINT crm_seed_trial").await?;
        let (plan, loaded) = self.load(dataset, plan).await;
        undo(self.connection, "crm_seed_trial").await?;
        match loaded {
            Ok(()) => Ok(Tried::Loaded),
            // What says nothing of the rows ends the run: a lost connection, a lock, a full disk.
            Err(LoadError { error, .. }) if !is_of_rows(&error) => Err(error),
            Err(error) => {
                let at = self.refusing(&plan, &error);
                Ok(Tried::Refused(Box::new(Refusal { error, at, plan })))
            }
        }
    }

    /// Goes on with explicit rows, after those that may give way; `false` where there are none, or that was done.
    fn next_with_explicit(&mut self) -> bool {
        let is_next = !self.with_explicit && !self.request.scenario.scenario_rows.is_empty();
        self.with_explicit |= is_next;
        is_next
    }

    /// As many rows for each scale.
    fn dataset(&self) -> Result<Dataset> {
        let Request { seed, as_of, scenario, .. } = self.request;
        let counts = if scenario.counts.is_none() { Counts::NONE } else { Counts::TRIAL };
        let base = || Dataset::new(*seed, *as_of, &counts, &scenario.weights, Origin::default());
        if !self.with_explicit {
            return base();
        }
        // Those that refer to base rows behind the trial ones are not tried.
        explicit::with_rows(base()?, &scenario.rows_of_domain()).or_else(|_| base())
    }

    async fn load(&mut self, dataset: Dataset, plan: Plan) -> (Plan, Result<(), LoadError>) {
        let (dataset, plan) = (Arc::new(dataset), Arc::new(plan));
        let sent = self.send(&dataset, &plan).await;
        let mut plan = Arc::into_inner(plan).expect("the generator's threads are done");
        if sent.is_err() {
            return (plan, sent);
        }
        let rest = async {
            deferred_keys::finish(self.connection, &dataset, &mut plan, self.method, 1).await?;
            execute(self.connection, "SET CONSTRAINTS ALL IMMEDIATE").await?;
            Ok(())
        };
        let rest = rest.await;
        (plan, rest)
    }

    async fn send(&mut self, dataset: &Arc<Dataset>, plan: &Arc<Plan>) -> Result<(), LoadError> {
        let without_triggers = self.request.without_triggers;
        if without_triggers {
            triggers::switch(self.connection, false).await?;
        }
        if self.request.is_clean() {
            let is_planned = |name: &&String| plan.tables.iter().any(|table| table.header.table == **name);
            let others = self.emptied.iter().filter(|name| !is_planned(name));
            let others: Vec<String> = others.cloned().collect();
            postgres::truncate(self.connection, plan, &others).await?;
        }
        deferred_keys::begin(self.connection, plan).await?;
        let mut generator = RowStream::start(dataset, plan, self.method.encoder(), 1);
        let mut progress = progress(plan, true);
        let may_clear = !without_triggers && !triggers::effects(plan, self.schema()).is_empty();
        let is_empty = self.is_empty;
        let clears = |table: &TablePlan| may_clear && table.oid().is_some_and(|oid| is_empty.contains(&oid));
        postgres::load(self.connection, plan, &mut generator, self.method, &mut progress, clears).await?;
        if without_triggers {
            triggers::switch(self.connection, true).await?;
        }
        Ok(())
    }

    /// The table whose rows are refused: what is checked at the end names a function or a constraint only.
    fn refusing(&self, plan: &Plan, error: &LoadError) -> Option<usize> {
        if let Some(table) = &error.table {
            return plan.tables.iter().position(|planned| planned.header.table == *table);
        }
        let server = error.error.server()?;
        let context = server.context.as_deref().unwrap_or_default();
        let is_it = |planned: &TablePlan| {
            let Some(table) = planned.oid().and_then(|oid| self.schema().table(oid)) else { return false };
            let constraint = server.constraint.as_deref();
            table.triggers.iter().any(|trigger| is_in_function(context, &trigger.function))
                || table.uniques.iter().any(|unique| Some(unique.name.as_str()) == constraint)
                || table.checks.iter().any(|check| Some(check.name.as_str()) == constraint)
        };
        plan.tables.iter().position(is_it)
    }

    /// What of a refusing table may give way so that its rows are taken; `None` where nothing may.
    async fn concede(&mut self, given: &[Concession], refusal: &Refusal) -> Result<Option<Vec<Concession>>> {
        let Some(at) = refusal.at else { return Ok(None) };
        let planned = &refusal.plan.tables[at];
        let Some(table) = planned.oid().and_then(|oid| self.schema().table(oid)) else { return Ok(None) };
        let why = refusal.error.error.message().to_owned();
        let concession = |column: Option<&str>| Concession {
            schema: table.schema.clone(),
            table: table.name.clone(),
            column: column.map(str::to_owned),
            why: why.clone(),
        };
        let overrides = &self.request.overrides;
        let is_asked = overrides.table(&table.schema, &table.name).is_some_and(|said| said.asked.is_some());
        let is_wanted = is_asked || Overrides::names(&overrides.include, &table.schema, &table.name);
        let is_occupied = self.occupied.contains(&planned.header.table);
        let whole = (!is_essential(planned) && !is_wanted && !is_occupied).then(|| concession(None));
        let columns: Vec<Vec<Concession>> =
            candidates(self.schema(), &self.request.overrides, planned, refusal)
                .iter()
                .map(|group| group.iter().map(|column| concession(Some(column))).collect())
                .collect();
        let oid = table.oid;
        for group in columns {
            if self.helps(given, &group, oid, refusal).await? {
                return self.least(given, group, oid, refusal).await.map(Some);
            }
        }
        match whole {
            Some(whole) if self.helps(given, std::slice::from_ref(&whole), oid, refusal).await? => {
                Ok(Some(vec![whole]))
            }
            _ => Ok(None),
        }
    }

    /// Whether the rows of the refusing table are taken, once this gives way too.
    async fn helps(
        &mut self,
        given: &[Concession],
        more: &[Concession],
        oid: u32,
        refusal: &Refusal,
    ) -> Result<bool> {
        if Instant::now() > self.until {
            return Ok(false);
        }
        let all: Vec<Concession> = given.iter().chain(more).cloned().collect();
        Ok(match self.attempt(&all).await? {
            Tried::Loaded => true,
            Tried::NoPlan => false,
            Tried::Refused(next) => {
                let order: Vec<Option<u32>> = refusal.plan.tables.iter().map(TablePlan::oid).collect();
                let place = |oid| order.iter().position(|other| *other == Some(oid));
                let refused = next.at.and_then(|at| next.plan.tables[at].oid());
                // One that comes later has its own reasons.
                refused.is_some_and(|refused| refused != oid && place(refused) > place(oid))
            }
        })
    }

    /// As few of a group that helps as do.
    async fn least(
        &mut self,
        given: &[Concession],
        group: Vec<Concession>,
        oid: u32,
        refusal: &Refusal,
    ) -> Result<Vec<Concession>> {
        let mut kept = group;
        let mut at = 0;
        while kept.len() > 1 && at < kept.len() {
            let mut fewer = kept.clone();
            fewer.remove(at);
            match self.helps(given, &fewer, oid, refusal).await? {
                true => kept = fewer,
                false => at += 1,
            }
        }
        Ok(kept)
    }
}

/// Whether an error is about the rows: a constraint (class 23), a value (22), a refusal of a function (P0, or any code
/// that it raises), a policy or a right (42).
fn is_of_rows(error: &Error) -> bool {
    let Some(code) = error.sqlstate() else { return false };
    !error.is_connection_lost() && !["08", "40", "53", "55", "57", "58", "XX"].contains(&&code[..2])
}

fn is_essential(planned: &TablePlan) -> bool {
    planned.domain_table().is_some_and(|table| ESSENTIAL.contains(&table.info().name))
}

/// Groups of columns to leave out, the likeliest first: those that the refusing constraint or function names, then
/// references, each alone and then together.
fn candidates(
    schema: &Schema,
    overrides: &Overrides,
    planned: &TablePlan,
    refusal: &Refusal,
) -> Vec<Vec<String>> {
    let Some(table) = planned.oid().and_then(|oid| schema.table(oid)) else { return Vec::new() };
    let is_overridden = |column: &str| overrides.column(&table.schema, &table.name, column).is_some();
    let is_optional = |name: &&String| {
        let column = table.columns.iter().find(|column| column.name == **name);
        column.is_some_and(|column| !column.not_null || column.has_default)
            && !planned.key().contains(name)
            && !is_overridden(name)
    };
    let optional: Vec<&String> = planned.header.columns.iter().filter(is_optional).collect();
    let keys = || schema.foreign_keys.iter().filter(|key| key.from == table.oid);
    let is_key = |column: &String| keys().any(|key| key.columns.contains(column));
    let is_self = |column: &String| keys().any(|key| key.to == table.oid && key.columns.contains(column));
    let words = named(table, refusal);
    let is_named = |column: &String| words.contains(&column.to_lowercase());
    // What leads to a row of the same table says least; what the CRM knows itself, most.
    let is_known = |column: &String| {
        let found = planned.columns.iter().find(|found| found.name == *column);
        found.is_some_and(|found| found.source.kind() == "domain")
    };
    let rank = |column: &String| (!is_named(column), !is_self(column), !is_key(column), is_known(column));
    let mut sorted = optional;
    sorted.sort_by_key(|column| rank(column));
    let likely: Vec<&String> =
        sorted.iter().copied().filter(|column| is_named(column) || is_key(column)).collect();
    let named: Vec<&String> = likely.iter().copied().filter(|column| is_named(column)).collect();
    let mut groups: Vec<Vec<&String>> = likely.iter().take(SINGLES).map(|column| vec![*column]).collect();
    groups.extend([named, likely, sorted].into_iter().filter(|group| group.len() > 1));
    groups.dedup();
    groups.into_iter().map(|group| group.into_iter().cloned().collect()).collect()
}

/// The words of what refuses: of the constraint's definition, or of the functions of triggers that were at work.
fn named(table: &Table, refusal: &Refusal) -> BTreeSet<String> {
    let Some(server) = refusal.error.error.server() else { return BTreeSet::new() };
    let mut text = String::new();
    if let Some(name) = &server.constraint {
        for check in table.checks.iter().filter(|check| check.name == *name) {
            text.push_str(&check.definition);
        }
        for unique in table.uniques.iter().filter(|unique| unique.name == *name) {
            let columns = unique.columns.iter().flatten().cloned();
            let predicate = unique.predicate.clone().filter(|_| unique.is_exclusion());
            let expressions = unique.expressions.iter().flatten().cloned().chain(predicate);
            text.push_str(&columns.chain(expressions).collect::<Vec<_>>().join(" "));
        }
    }
    if let Some(context) = &server.context {
        for trigger in table.triggers.iter().filter(|trigger| is_in_function(context, &trigger.function)) {
            text.push_str(&trigger.source);
        }
    }
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
