//! `crm-seed`: fills a database, all or nothing.

use crate::cli::args::{DataArgs, OutputArgs, TargetArgs, WorkArgs};
use crate::cli::failure::Json;
use crate::cli::fit::{FitArgs, Triggers};
use crate::db::target::{self, Target, Wanted};
use crate::domain::dataset::{Dataset, Origin};
use crate::error::{Error, Kind, Result};
use crate::run::seed::{Existing, Outcome, Request};
use crate::sink::postgres::Method;
use crate::terminal;

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum MethodArg {
    /// COPY where the server allows it, else INSERT
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
    #[arg(long, help_heading = "Existing data")]
    clean: bool,
    /// With --clean: also empty tables that reference them
    #[arg(long, requires = "clean", help_heading = "Existing data")]
    cascade: bool,
    /// Add rows to the existing ones
    #[arg(long, conflicts_with = "clean", help_heading = "Existing data")]
    append: bool,
    /// Do nothing if any target table has rows
    #[arg(long, conflicts_with_all = ["clean", "append"], help_heading = "Existing data")]
    if_empty: bool,
    /// Do nothing if the last run used the same settings and its rows still exist
    #[arg(long, conflicts_with_all = ["append", "if_empty"], help_heading = "Existing data")]
    if_changed: bool,
    /// Do not ask before deleting or replacing rows crm-seed did not create
    #[arg(long, short, help_heading = "Existing data")]
    yes: bool,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    fit: FitArgs,
    /// Refuse to leave out optional columns or tables that the server rejects
    #[arg(long, help_heading = "Tables")]
    strict: bool,
    /// How rows are written
    #[arg(long, value_enum, default_value_t = MethodArg::Auto, help_heading = "Work")]
    method: MethodArg,
    #[command(flatten)]
    work: WorkArgs,
    /// Keep foreign keys and indexes in place during a large load
    #[arg(long, help_heading = "Work")]
    no_rebuild: bool,
    /// Do not record the run in crm_seed.ledger
    #[arg(long, help_heading = "Work")]
    no_ledger: bool,
    /// Show the plan without changing anything
    #[arg(long, help_heading = "Output")]
    dry_run: bool,
    /// With --dry-run: load trial rows on a remote server too, and roll them back
    #[arg(long, requires = "dry_run", help_heading = "Output")]
    r#try: bool,
    /// Also print a digest that the database computes of all rows of the filled tables
    #[arg(long, help_heading = "Output")]
    digest_from_database: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Args {
    pub fn json(&self) -> Json {
        Json::new(self.output.json, self.data.are_handles_on_stdout())
    }

    fn request(&self) -> Result<Request> {
        let existing = match (self.clean, self.append, self.if_empty) {
            (true, _, _) => Existing::Clean { cascade: self.cascade },
            (_, true, _) => Existing::Append,
            (_, _, true) => Existing::Keep,
            _ => Existing::Refuse,
        };
        let insert = Method::Insert { rows: self.work.batch_size };
        self.data.check_handles()?;
        let scenario = self.data.scenario()?;
        Ok(Request {
            seed: self.data.seed,
            as_of: self.data.as_of(&scenario),
            is_named: !self.data.scenario.is_empty(),
            scenario,
            existing,
            if_changed: self.if_changed,
            method: match self.method {
                MethodArg::Auto => None,
                MethodArg::Copy => Some(Method::Copy),
                MethodArg::Insert => Some(insert),
            },
            batch_size: self.work.batch_size,
            jobs: self.work.jobs(),
            rebuild: !self.no_rebuild,
            ledger: !self.no_ledger,
            yes: self.yes,
            wait: self.target.wanted().wait,
            overrides: self.fit.overrides()?,
            strict: self.strict,
            without_triggers: matches!(self.fit.triggers, Triggers::Off),
            digest_from_database: self.digest_from_database,
            quiet: self.output.quiet,
            migrations: None,
            trial: false,
        })
    }
}

pub async fn run(args: Args) -> Result<()> {
    let mut request = args.request()?;
    let (dataset, mut target) = begin(&request, &args.target.wanted()).await?;
    request.overrides.is_local = target.is_local;
    request.migrations = args.fit.bundled.migrations(&args.fit.config, &target)?;
    if args.dry_run {
        let tries = args.r#try || target.is_local;
        let preview = request.preview(&mut target, dataset, tries).await?;
        match (args.output.quiet, args.output.json) {
            (true, _) => {}
            (false, true) => terminal::print_data(&preview.json())?,
            (false, false) => terminal::print(&preview.text())?,
        }
        return preview.plan.feasible().map(drop);
    }
    let outcome = request.run(&mut target, dataset).await?;
    tell(&args, &outcome).map_err(|error| match error.kind() {
        Kind::BrokenPipe => error,
        _ => error.of_kind(Kind::Failed).reworded(|message| format!("the rows were loaded, but {message}")),
    })
}

/// The dataset and the database, made ready at the same time. What is wrong with a scenario is told whether
/// the database can be reached or not.
async fn begin(request: &Request, wanted: &Wanted) -> Result<(Dataset, Target)> {
    let asked = request.clone();
    let mut dataset = tokio::task::spawn_blocking(move || asked.dataset(Origin::default()));
    let target = target::connect(wanted);
    tokio::pin!(target);
    let joined = |dataset| {
        Result::unwrap_or_else(dataset, |error| Err(Error::failed("internal error").with_source(error)))
    };
    tokio::select! {
        biased;
        dataset = &mut dataset => Ok((joined(dataset)?, target.await?)),
        target = &mut target => Ok((joined(dataset.await)?, target?)),
    }
}

fn tell(args: &Args, outcome: &Outcome) -> Result<()> {
    let is_stdout_taken = args.data.write_handles(outcome.handles())?;
    if args.output.quiet {
        return Ok(());
    }
    let text = outcome.report().print(args.output.json, args.output.verbose);
    if is_stdout_taken {
        terminal::tell_report(&text, args.output.json);
        return Ok(());
    }
    terminal::print_report(&text, args.output.json).map_err(|error| match error.kind() {
        Kind::BrokenPipe => error,
        _ => error.context("cannot print the report"),
    })
}
