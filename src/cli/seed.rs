//! `crm-seed`: fills a database, all or nothing.

use std::time::Duration;

use crate::cli::args::{DataArgs, OutputArgs, TargetArgs, WorkArgs};
use crate::cli::failure::Json;
use crate::cli::fit::{FitArgs, Triggers};
use crate::cli::template::TemplateArgs;
use crate::db::target::{self, Target, Wanted};
use crate::domain::dataset::{Dataset, Origin};
use crate::error::{Error, Kind, Result};
use crate::report::Report;
use crate::run::handles::Format;
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
    load: LoadArgs,
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
    #[command(flatten)]
    template: TemplateArgs,
}

/// What is loaded, where and how, whatever is there.
#[derive(Debug, clap::Args)]
pub struct LoadArgs {
    #[command(flatten)]
    data: DataArgs,
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
        self.load.json()
    }

    const fn existing(&self) -> Existing {
        match (self.clean, self.append, self.if_empty) {
            (true, _, _) => Existing::Clean { cascade: self.cascade },
            (_, true, _) => Existing::Append,
            (_, _, true) => Existing::Keep,
            _ => Existing::Refuse,
        }
    }
}

impl LoadArgs {
    pub fn json(&self) -> Json {
        Json::new(self.output.json, self.data.are_handles_on_stdout())
    }

    /// What is asked for.
    ///
    /// # Errors
    /// Scenarios, counts or a configuration that are wrong.
    pub fn request(&self, existing: Existing, if_changed: bool) -> Result<Request> {
        let insert = Method::Insert { rows: self.work.batch_size };
        self.data.check_handles()?;
        let scenario = self.data.scenario(false)?;
        Ok(Request {
            seed: self.data.seed,
            as_of: self.data.as_of(&scenario),
            is_named: !self.data.scenario.is_empty(),
            scenario,
            existing,
            if_changed,
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
            reset: None,
            trial: false,
        })
    }

    /// Connects, and makes ready what is asked for.
    ///
    /// # Errors
    /// What is wrong with the scenario; a target that cannot be reached; migrations that cannot be read.
    pub async fn begin(&self, request: &mut Request) -> Result<(Dataset, Target)> {
        let (dataset, target) = begin(request, &self.target.wanted()).await?;
        request.overrides.is_local = target.is_local;
        request.migrations = self.fit.bundled.migrations(&self.fit.config, &target)?;
        Ok((dataset, target))
    }

    /// Does what is asked for, or shows it.
    ///
    /// # Errors
    /// Whatever stands against it.
    pub async fn load(&self, request: &Request, target: &mut Target, dataset: Dataset) -> Result<()> {
        if self.dry_run {
            let tries = self.r#try || target.is_local;
            let preview = request.preview(target, dataset, tries).await?;
            match (self.output.quiet, self.output.json) {
                (true, _) => {}
                (false, true) => terminal::print_data(&preview.json())?,
                (false, false) => terminal::print(&preview.text())?,
            }
            return preview.plan.feasible().map(drop);
        }
        let outcome = request.run(target, dataset).await?;
        self.tell(&outcome).map_err(|error| untold(error, "the rows were loaded"))
    }

    pub const fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    pub const fn is_quiet(&self) -> bool {
        self.output.quiet
    }

    pub const fn wait(&self) -> Duration {
        Duration::from_secs(self.target.wait as u64)
    }

    /// What was typed that decides the rows; the files that it names may say something else the next time.
    fn asked(&self) -> String {
        let data = DataArgs { handles: None, ..self.data.clone() };
        format!("{data:?} {:?}", self.fit)
    }

    fn tell(&self, outcome: &Outcome) -> Result<()> {
        self.tell_report(outcome.report(), |format| outcome.handles().text(format))
    }

    /// Writes the handles where they are wanted, and tells what happened.
    ///
    /// # Errors
    /// A file that cannot be written.
    fn tell_report(&self, report: &Report, handles: impl FnOnce(Format) -> String) -> Result<()> {
        let is_stdout_taken = self.data.write_handles(handles)?;
        if self.output.quiet {
            return Ok(());
        }
        let text = report.print(self.output.json, self.output.verbose);
        if is_stdout_taken {
            terminal::tell_report(&text, self.output.json);
            return Ok(());
        }
        terminal::print_report(&text, self.output.json).map_err(|error| match error.kind() {
            Kind::BrokenPipe => error,
            _ => error.context("cannot print the report"),
        })
    }
}

/// The error of a report or file that cannot be written, which takes nothing back.
fn untold(error: Error, done: &str) -> Error {
    match error.kind() {
        Kind::BrokenPipe => error,
        _ => error.of_kind(Kind::Failed).reworded(|message| format!("{done}, but {message}")),
    }
}

pub async fn run(args: Args) -> Result<()> {
    let mut request = args.load.request(args.existing(), args.if_changed)?;
    let (dataset, mut target) = args.load.begin(&mut request).await?;
    if let Some(wanted) = args.template.wanted(args.load.asked(), args.load.wait()) {
        let record = wanted.make(&request, target, dataset).await?;
        let told = args.load.tell_report(&record.report, |format| record.handles(format));
        return told.map_err(|error| untold(error, "the database was made"));
    }
    args.load.load(&request, &mut target, dataset).await
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
