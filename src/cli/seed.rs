//! `crm-seed`: fills a database, all or nothing.

use std::sync::Arc;
use std::time::Instant;

use sqlx::PgConnection;

use crate::cli::args::{DataArgs, OutputArgs, TargetArgs, WorkArgs};
use crate::crm::GENERATOR_VERSION;
use crate::crm::world::{Origin, World};
use crate::database;
use crate::error::{Error, Kind, Result};
use crate::generate::Generator;
use crate::ledger;
use crate::load::postgres::{self, Method};
use crate::load::rebuild::{self, Rebuild};
use crate::load::safety;
use crate::migrate;
use crate::plan::Plan;
use crate::report::{Report, TableReport};
use crate::scenario::Scenario;
use crate::schema::{self, Schema};
use crate::target::{self, Target};
use crate::ui::{self, Progress};

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum MethodArg {
    /// COPY where the server allows it
    Auto,
    /// COPY
    Copy,
    /// Batched INSERT
    Insert,
}

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: DataArgs,
    /// Empty the tables first, in the same transaction
    #[arg(long, help_heading = "Rows that are there")]
    clean: bool,
    /// With --clean: also empty the tables that refer to them
    #[arg(long, requires = "clean", help_heading = "Rows that are there")]
    cascade: bool,
    /// Add to what is there
    #[arg(long, conflicts_with = "clean", help_heading = "Rows that are there")]
    append: bool,
    /// Do nothing where a table holds rows
    #[arg(long, conflicts_with_all = ["clean", "append"], help_heading = "Rows that are there")]
    if_empty: bool,
    /// Do nothing where the last run was the same
    #[arg(long, conflicts_with_all = ["append", "if_empty"], help_heading = "Rows that are there")]
    if_changed: bool,
    /// Answer yes: --clean a database that crm-seed did not seed
    #[arg(long, short, help_heading = "Rows that are there")]
    yes: bool,
    #[command(flatten)]
    target: TargetArgs,
    /// How rows get in
    #[arg(long, value_enum, default_value_t = MethodArg::Auto, help_heading = "Work")]
    method: MethodArg,
    #[command(flatten)]
    work: WorkArgs,
    /// Keep foreign keys and indexes in place while a large load runs
    #[arg(long, help_heading = "Work")]
    no_rebuild: bool,
    /// Do not record the run in crm_seed.ledger
    #[arg(long, help_heading = "Work")]
    no_ledger: bool,
    /// Print the plan and change nothing
    #[arg(long, help_heading = "Output")]
    dry_run: bool,
    #[command(flatten)]
    output: OutputArgs,
}

pub async fn run(args: Args) -> Result<()> {
    let scenario = args.data.scenario()?;
    // The words are read while the server answers.
    std::thread::spawn(crate::crm::vocabulary::Vocabulary::get);
    let mut target = target::connect(&args.target.wanted()).await?;
    let job = Job { args: &args, scenario: &scenario, started: Instant::now() };
    let outcome = job.run(&mut target).await?;
    if args.output.quiet {
        return Ok(());
    }
    match outcome {
        Outcome::Planned(text) => super::print(&text),
        Outcome::Done(report) => {
            super::print(&if args.output.json { report.json() + "\n" } else { report.text() })
        }
    }
}

enum Outcome {
    Planned(String),
    Done(Box<Report>),
}

/// Why nothing needs to be done.
struct Unchanged {
    digest: String,
    why: &'static str,
}

struct Job<'a> {
    args: &'a Args,
    scenario: &'a Scenario,
    started: Instant,
}

impl Job<'_> {
    async fn run(&self, target: &mut Target) -> Result<Outcome> {
        let connection = &mut target.connection;
        postgres::begin(connection).await?;
        let mut notes = Vec::new();
        let schema = self.schema(connection, &mut notes).await?;
        safety::check_writable(&schema)?;
        let mut world = self.args.data.world(self.scenario, Origin::default())?;
        let mut plan = Plan::of_target(&world, &schema)?;
        safety::check_rights(&plan, &schema, self.args.clean)?;
        if self.args.append {
            let highest = postgres::highest_ids(connection, &plan).await?;
            let of = |table: &str| highest.iter().find(|(name, _)| name == table).map_or(0, |(_, id)| *id);
            world = self.args.data.world(self.scenario, Origin::above(of))?;
            plan = Plan::of_target(&world, &schema)?;
        }
        let method = self.method(&plan, &mut notes);
        if self.args.dry_run {
            let text = if self.args.output.json { plan.json() } else { plan.text() };
            return Ok(Outcome::Planned(text));
        }
        if let Some(unchanged) = self.check_rows(connection, &plan, &schema, &mut notes).await? {
            notes.push(unchanged.why.into());
            return Ok(Outcome::Done(Box::new(self.report(
                Vec::new(),
                unchanged.digest,
                false,
                target,
                method,
                notes,
            ))));
        }
        notes.extend(plan.skipped.iter().map(|s| format!("table {} is skipped: {}", s.table, s.why)));
        let (tables, digest) = self.load(connection, world, plan, &schema, method, &mut notes).await?;
        Ok(Outcome::Done(Box::new(self.report(tables, digest, true, target, method, notes))))
    }

    /// The target's schema; on an empty database the bundled one, made in our transaction.
    async fn schema(&self, connection: &mut PgConnection, notes: &mut Vec<String>) -> Result<Schema> {
        let schema = schema::introspect(connection).await?;
        if !schema.is_empty() {
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

    fn method(&self, plan: &Plan, notes: &mut Vec<String>) -> Method {
        let insert = Method::Insert { rows: self.args.work.batch_size };
        match self.args.method {
            MethodArg::Copy => Method::Copy,
            MethodArg::Insert => insert,
            MethodArg::Auto => {
                let barred = plan.tables.iter().find(|t| t.target.as_ref().is_some_and(|t| t.rls_applies));
                match barred {
                    Some(table) => {
                        notes.push(format!(
                            "INSERT instead of COPY: row-level security applies to the role on {}",
                            table.heading.table
                        ));
                        insert
                    }
                    None => Method::Copy,
                }
            }
        }
    }

    /// Whether the rows that are there may go, must stay, or make the run needless.
    async fn check_rows(
        &self,
        connection: &mut PgConnection,
        plan: &Plan,
        schema: &Schema,
        notes: &mut Vec<String>,
    ) -> Result<Option<Unchanged>> {
        let last = ledger::last(connection, schema).await?;
        // Rows of ours may go unseen; whether there are others is asked only where it matters.
        let is_ours = self.args.clean && !self.args.if_changed && last.is_some();
        let occupied = if is_ours { Vec::new() } else { safety::occupied(connection, plan).await? };
        if self.args.if_changed
            && let Some(last) = &last
            && !occupied.is_empty()
            && last.spec == ledger::spec(self.args.data.seed, self.args.data.as_of, self.scenario, plan)
        {
            let why = "nothing to do: the last run was the same (--if-changed)";
            return Ok(Some(Unchanged { digest: last.digest.clone(), why }));
        }
        if self.args.clean {
            let reached = safety::check_blast_radius(plan, schema, self.args.cascade)?;
            if !reached.is_empty() {
                notes.push(format!("--cascade emptied also {}", reached.join(", ")));
            }
            if !occupied.is_empty() && last.is_none() && !self.args.yes {
                confirm_clean(connection, &occupied, &reached, schema).await?;
            }
            return Ok(None);
        }
        if occupied.is_empty() || self.args.append {
            return Ok(None);
        }
        if self.args.if_empty {
            let why = "nothing to do: there are rows already (--if-empty)";
            let digest = last.map_or_else(String::new, |last| last.digest);
            return Ok(Some(Unchanged { digest, why }));
        }
        Err(Error::refused(format!("there are rows already in {}", occupied.join(", "))).with_hint(
            "--clean empties the tables first, --append adds to them, --if-empty leaves them as they are",
        ))
    }

    async fn load(
        &self,
        connection: &mut PgConnection,
        world: World,
        plan: Plan,
        schema: &Schema,
        method: Method,
        notes: &mut Vec<String>,
    ) -> Result<(Vec<TableReport>, String)> {
        let (world, plan) = (Arc::new(world), Arc::new(plan));
        let mut progress = progress(&plan, self.args.output.quiet);
        let mut generator = Generator::start(&world, &plan, method.encoder(), self.args.work.jobs());
        if self.args.clean {
            postgres::truncate(connection, &plan, self.args.cascade).await?;
        }
        // Where rows stay, an index would have to be built over those too.
        let rebuild = match self.args.append || self.args.no_rebuild {
            true => Rebuild::default(),
            false => rebuild::begin(connection, &plan).await?,
        };
        let mut tables = postgres::load(connection, &plan, &mut generator, method, &mut progress).await?;
        progress.then("checking foreign keys, building indexes");
        notes.extend(rebuild.finish(connection).await?);
        postgres::restart_sequences(connection, &plan).await?;
        let digest = digests(&generator, &mut tables);
        if self.args.no_ledger {
        } else if ledger::may_record(schema) {
            let spec = ledger::spec(self.args.data.seed, self.args.data.as_of, self.scenario, &plan);
            let rows = plan.rows();
            ledger::record(connection, schema, &spec, self.args.data.as_of, &digest, rows).await?;
        } else {
            notes.push(format!(
                "the run is not recorded: role {} may not write crm_seed.ledger",
                schema.server.role
            ));
        }
        notes.extend(postgres::refresh_views(connection, &plan, schema).await?);
        database::execute(connection, "COMMIT").await?;
        progress.finish();
        if let Err(error) = postgres::analyze(connection, &plan).await {
            notes.push(format!("the rows are in, but ANALYZE failed: {error}"));
        }
        Ok((tables, digest))
    }

    fn report(
        &self,
        tables: Vec<TableReport>,
        digest: String,
        changed: bool,
        target: &Target,
        method: Method,
        notes: Vec<String>,
    ) -> Report {
        let (place, method) = (target.description.clone(), method.name().to_owned());
        let mut report = report(&self.args.data, self.scenario, tables, digest, place, method, self.started);
        report.changed = changed;
        report.notes = notes;
        report
    }
}

/// Asks whether rows that crm-seed did not make may go.
async fn confirm_clean(
    connection: &mut PgConnection,
    occupied: &[String],
    reached: &[String],
    schema: &Schema,
) -> Result<()> {
    let all: Vec<String> = occupied.iter().chain(reached).cloned().collect();
    let counts = safety::count_rows(connection, &all).await?;
    let database = &schema.server.database;
    let question = format!("crm-seed did not seed database {database}. Delete its rows ({counts})?");
    match ui::confirm(&question) {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(Kind::Refused, "nothing was changed")),
        None => Err(Error::refused(format!(
            "crm-seed did not seed database {database}, and --clean would delete its rows ({counts})"
        ))
        .with_hint("if they may go, say so with --yes")),
    }
}

/// Progress over a plan.
pub(super) fn progress(plan: &Plan, quiet: bool) -> Progress {
    Progress::new(plan.tables.iter().map(|t| (t.name().to_owned(), t.rows)), quiet)
}

/// Puts each table's digest into its report; returns that of all.
fn digests(generator: &Generator, tables: &mut [TableReport]) -> String {
    let (each, all) = generator.digests();
    for (table, digest) in tables.iter_mut().zip(each) {
        table.digest = digest;
    }
    all
}

/// The report of a run whose generator is done.
pub(super) fn finished(
    data: &DataArgs,
    scenario: &Scenario,
    generator: &Generator,
    mut tables: Vec<TableReport>,
    target: String,
    method: String,
    started: Instant,
) -> Report {
    let digest = digests(generator, &mut tables);
    report(data, scenario, tables, digest, target, method, started)
}

fn report(
    data: &DataArgs,
    scenario: &Scenario,
    tables: Vec<TableReport>,
    digest: String,
    target: String,
    method: String,
    started: Instant,
) -> Report {
    Report {
        seed: data.seed,
        as_of: data.as_of.to_string(),
        generator_version: GENERATOR_VERSION,
        scenario: scenario.name.clone(),
        digest,
        target,
        method,
        changed: true,
        rows: tables.iter().map(|t| t.rows).sum(),
        bytes: tables.iter().map(|t| t.bytes).sum(),
        seconds: started.elapsed().as_secs_f64(),
        tables,
        notes: Vec::new(),
    }
}
