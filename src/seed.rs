//! One run against a database, from the first look at its catalog to the report: what is asked,
//! in which order, inside the one transaction.

use std::sync::Arc;
use std::time::Instant;

use sqlx::PgConnection;

use crate::calendar::Day;
use crate::crm::GENERATOR_VERSION;
use crate::crm::world::{Origin, World};
use crate::database;
use crate::error::{Error, Kind, Result};
use crate::generate::Generator;
use crate::ledger::{self, Entry};
use crate::load::postgres::{self, Method};
use crate::load::rebuild::{self, Rebuild};
use crate::load::safety;
use crate::migrate;
use crate::plan::Plan;
use crate::report::{Report, TableReport};
use crate::scenario::Scenario;
use crate::schema::{self, Schema};
use crate::target::Target;
use crate::ui::{self, Progress};

/// What happens to rows that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// They are a reason to refuse.
    Refuse,
    /// They go first.
    Clean {
        /// Those of tables that refer to the filled ones too.
        cascade: bool,
        /// Without a question, whoever made them.
        yes: bool,
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
    /// Counts and weights.
    pub scenario: Scenario,
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
    /// No progress.
    pub quiet: bool,
}

/// What came of a run.
pub struct Outcome {
    report: Report,
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
}

/// Why nothing needs to be done.
struct Unchanged {
    digest: String,
    why: &'static str,
}

/// What is known before a row is touched.
struct Prepared {
    schema: Schema,
    world: World,
    plan: Plan,
    last: Option<Entry>,
    origin: Origin,
}

impl Request {
    /// Does it.
    ///
    /// # Errors
    /// Whatever stands against it; the database is as it was then.
    pub async fn run(&self, target: &mut Target) -> Result<Outcome> {
        let started = Instant::now();
        let connection = &mut target.connection;
        let mut notes = Vec::new();
        let prepared = self.prepare(connection, &mut notes).await?;
        safety::check_writable(&prepared.schema)?;
        let method = self.method(&prepared.plan, &mut notes);
        let entry = prepared.spec(self);
        if let Some(unchanged) = self.unchanged(connection, &prepared, &entry).await? {
            notes.push(unchanged.why.into());
            let mut report = self.report(Vec::new(), unchanged.digest, &target.description, method, started);
            (report.changed, report.notes) = (false, notes);
            return Ok(Outcome { report });
        }
        let sole = self.check_rows(connection, &prepared, &mut notes).await?;
        notes
            .extend(prepared.plan.skipped.iter().map(|s| format!("table {} is skipped: {}", s.table, s.why)));
        let load = Load { request: self, method, spec: entry, sole };
        let (tables, digest) = load.run(connection, prepared, &mut notes).await?;
        let mut report = self.report(tables, digest, &target.description, method, started);
        report.notes = notes;
        Ok(Outcome { report })
    }

    /// Says what would be done, and leaves nothing behind.
    ///
    /// # Errors
    /// Whatever stands against it.
    pub async fn preview(&self, target: &mut Target) -> Result<Preview> {
        let prepared = self.prepare(&mut target.connection, &mut Vec::new()).await?;
        let is_clean = matches!(self.existing, Existing::Clean { .. });
        let emptied = match is_clean {
            true => prepared.plan.tables.iter().map(|table| table.heading.table.clone()).collect(),
            false => Vec::new(),
        };
        let reached = if is_clean { safety::reached(&prepared.plan, &prepared.schema) } else { Vec::new() };
        Ok(Preview { plan: prepared.plan, emptied, reached })
    }

    /// Opens the transaction and finds out what can be done in it.
    async fn prepare(&self, connection: &mut PgConnection, notes: &mut Vec<String>) -> Result<Prepared> {
        postgres::begin(connection).await?;
        let schema = schema_of(connection, notes).await?;
        let mut origin = Origin::default();
        let mut world =
            World::new(self.seed, self.as_of, &self.scenario.counts, &self.scenario.weights, origin)?;
        let mut plan = Plan::of_target(&world, &schema)?;
        safety::check_rights(&plan, &schema, matches!(self.existing, Existing::Clean { .. }))?;
        let last = ledger::last(connection, &schema).await?;
        if self.existing == Existing::Append {
            let highest = postgres::highest_ids(connection, &plan).await?;
            origin = Origin::above(|table| {
                highest.iter().find(|(name, _)| name == table).map_or(0, |(_, highest)| *highest)
            });
            world = World::new(self.seed, self.as_of, &self.scenario.counts, &self.scenario.weights, origin)?;
            plan = Plan::of_target(&world, &schema)?;
        }
        Ok(Prepared { schema, world, plan, last, origin })
    }

    fn method(&self, plan: &Plan, notes: &mut Vec<String>) -> Method {
        if let Some(method) = self.method {
            return method;
        }
        let barred = plan.tables.iter().find(|t| t.target.as_ref().is_some_and(|t| t.rls_applies));
        let Some(table) = barred else { return Method::Copy };
        notes.push(format!(
            "INSERT instead of COPY: row-level security applies to the role on {}",
            table.heading.table
        ));
        Method::Insert { rows: self.batch_size }
    }

    /// Whether there is nothing to do, and why.
    async fn unchanged(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
        spec: &serde_json::Value,
    ) -> Result<Option<Unchanged>> {
        let last = prepared.last.as_ref();
        if self.if_changed
            && let Some(last) = last.filter(|last| last.spec == *spec)
            && safety::holds_all(connection, &prepared.plan).await?
        {
            let why = "nothing to do: the last run was the same (--if-changed)";
            return Ok(Some(Unchanged { digest: last.digest.clone(), why }));
        }
        if self.existing == Existing::Keep && !safety::occupied(connection, &prepared.plan).await?.is_empty()
        {
            let why = "nothing to do: there are rows already (--if-empty)";
            let digest = last.map_or_else(String::new, |last| last.digest.clone());
            return Ok(Some(Unchanged { digest, why }));
        }
        Ok(None)
    }

    /// Whether the rows that are there may go or may stay. True where all rows will be ours.
    async fn check_rows(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
        notes: &mut Vec<String>,
    ) -> Result<bool> {
        let Prepared { schema, plan, last, .. } = prepared;
        let is_ours = last.as_ref().is_some_and(|last| last.knows(plan));
        match self.existing {
            Existing::Clean { cascade, yes } => {
                let reached = safety::check_blast_radius(plan, schema, cascade)?;
                if !reached.is_empty() {
                    notes.push(format!("--cascade emptied also {}", reached.join(", ")));
                }
                if !is_ours && !yes {
                    confirm_clean(connection, plan, &reached, schema).await?;
                }
                Ok(true)
            }
            Existing::Append => {
                if let Some(last) = last.as_ref().filter(|last| last.as_of != self.as_of) {
                    return Err(Error::refused(format!(
                        "the rows that are there are as of {}, those to be added as of {}",
                        last.as_of, self.as_of
                    ))
                    .with_hint(format!("add rows of the same day: --as-of {}", last.as_of)));
                }
                Ok(is_ours || safety::occupied(connection, plan).await?.is_empty())
            }
            Existing::Refuse | Existing::Keep => {
                let occupied = safety::occupied(connection, plan).await?;
                if occupied.is_empty() {
                    return Ok(true);
                }
                Err(Error::refused(format!("there are rows already in {}", occupied.join(", "))).with_hint(
                    "--clean empties the tables first, --append adds to them, --if-empty leaves them as they are",
                ))
            }
        }
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

impl Prepared {
    fn spec(&self, request: &Request) -> serde_json::Value {
        ledger::spec(request.seed, request.as_of, &request.scenario, self.origin, &self.plan)
    }
}

/// The target's schema; on an empty database the bundled one, made in our transaction.
async fn schema_of(connection: &mut PgConnection, notes: &mut Vec<String>) -> Result<Schema> {
    let schema = schema::introspect(connection).await?;
    if !schema.holds_nothing_but(ledger::SCHEMA, migrate::HISTORY) {
        return Ok(schema);
    }
    safety::check_writable(&schema)?;
    let migrations = migrate::bundled();
    for migration in &migrations {
        migrate::apply(connection, migration).await?;
    }
    notes.push(format!("the database was empty: applied the {} bundled migrations", migrations.len()));
    schema::introspect(connection).await
}

/// The part of a run that writes.
struct Load<'a> {
    request: &'a Request,
    method: Method,
    spec: serde_json::Value,
    sole: bool,
}

impl Load<'_> {
    async fn run(
        &self,
        connection: &mut PgConnection,
        prepared: Prepared,
        notes: &mut Vec<String>,
    ) -> Result<(Vec<TableReport>, String)> {
        let Prepared { schema, world, plan, .. } = prepared;
        let (world, plan) = (Arc::new(world), Arc::new(plan));
        let mut progress = progress(&plan, self.request.quiet);
        let mut generator = Generator::start(&world, &plan, self.method.encoder(), self.request.jobs);
        if let Existing::Clean { cascade, .. } = self.request.existing {
            postgres::truncate(connection, &plan, cascade).await?;
        }
        // Where rows stay, an index would have to be built over those too.
        let rebuild = match self.request.rebuild && self.request.existing != Existing::Append {
            true => rebuild::begin(connection, &plan).await?,
            false => Rebuild::default(),
        };
        let mut tables =
            postgres::load(connection, &plan, &mut generator, self.method, &mut progress).await?;
        progress.then("checking foreign keys, building indexes");
        notes.extend(rebuild.finish(connection).await?);
        postgres::restart_sequences(connection, &plan).await?;
        let digest = digests(&generator, &mut tables);
        self.record(connection, &schema, &plan, &digest, notes).await?;
        notes.extend(postgres::refresh_views(connection, &plan, &schema).await?);
        database::execute(connection, "COMMIT").await?;
        progress.finish();
        if let Err(error) = postgres::analyze(connection, &plan).await {
            notes.push(format!("the rows are in, but ANALYZE failed: {error}"));
        }
        Ok((tables, digest))
    }

    async fn record(
        &self,
        connection: &mut PgConnection,
        schema: &Schema,
        plan: &Plan,
        digest: &str,
        notes: &mut Vec<String>,
    ) -> Result<()> {
        if !self.request.ledger {
            return Ok(());
        }
        if !ledger::may_record(schema) {
            let role = &schema.server.role;
            notes.push(format!("the run is not recorded: role {role} may not write crm_seed.ledger"));
            return Ok(());
        }
        let entry = Entry {
            spec: self.spec.clone(),
            as_of: self.request.as_of,
            digest: digest.to_owned(),
            is_sole: self.sole,
        };
        ledger::record(connection, schema, &entry, plan.rows()).await
    }
}

/// Asks whether rows that crm-seed did not make may go.
async fn confirm_clean(
    connection: &mut PgConnection,
    plan: &Plan,
    reached: &[String],
    schema: &Schema,
) -> Result<()> {
    let occupied = safety::occupied(connection, plan).await?;
    if occupied.is_empty() {
        return Ok(());
    }
    let all: Vec<String> = occupied.iter().chain(reached).cloned().collect();
    let counts = safety::count_rows(connection, &all).await?;
    let database = &schema.server.database;
    let question = format!(
        "Database {database} holds rows that crm-seed has no record of making. Delete them ({counts})?"
    );
    // On a thread of its own, as a signal must be heard while nobody answers.
    let answer = tokio::task::spawn_blocking(move || ui::confirm(&question)).await;
    match answer.ok().flatten() {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(Kind::Refused, "nothing was changed")),
        None => Err(Error::refused(format!(
            "database {database} holds rows that crm-seed has no record of making, and --clean would delete them ({counts})"
        ))
        .with_hint("if they may go, say so with --yes")),
    }
}

/// Progress over a plan.
pub fn progress(plan: &Plan, quiet: bool) -> Progress {
    Progress::new(plan.tables.iter().map(|t| (t.name().to_owned(), t.rows)), quiet)
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
