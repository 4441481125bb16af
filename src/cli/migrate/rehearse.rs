//! `crm-seed migrate rehearse`.

use std::time::Duration;

use crate::calendar::Day;
use crate::cli::args::{TargetArgs, rules};
use crate::cli::failure::Json;
use crate::cli::migrate::directory::DirectoryArgs;
use crate::db::scratch::Scratch;
use crate::db::target::{self, Wanted};
use crate::error::{Error, Kind, Result};
use crate::migrate::{Baseline, Migration, rehearsed};
use crate::run::rehearsal::{self, Plan, Rehearsal, TableSizes};
use crate::run::seed::{Existing, Request};
use crate::scenario::{AsOf, Scenario};
use crate::{terminal, ui};

const AFTER_HELP: &str = "\
With --database-url, what that database has applied is applied first, the rest is rehearsed, and times are \
estimated for the sizes of its tables; nothing is written to it. Without, the last N migrations are rehearsed.

The throwaway database is the embedded PostgreSQL, or a new database on the server of --scratch. It is dropped \
afterwards. Migrations that pass are recorded in .crm-seed/rehearsed.json.

Exit code 5 if a rollback is missing or does not restore what was, if a migration cannot be applied again after \
it, or if a lock blocks writes for too long.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Rehearse the last N migrations
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..),
        conflicts_with = "database_url"
    )]
    pending: u32,
    /// Random seed of the rows
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Multiply the base counts of rows
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    scale: u64,
    /// Server to create the throwaway database on [default: the embedded PostgreSQL]
    #[arg(long, value_name = "URL")]
    scratch: Option<String>,
    /// Database on that server whose copy it is: what a platform provides, such as auth and its roles
    #[arg(long, value_name = "DATABASE", requires = "scratch")]
    template: Option<String>,
    /// Fail if a lock blocks writes for longer than SECONDS
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    max_lock: Duration,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    directory: DirectoryArgs,
    #[command(flatten)]
    target: TargetArgs,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "it must be a number of seconds, such as 0.5".into())
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }

    /// What `crm-seed --clean` would be asked for.
    fn seeding(&self) -> Result<Request> {
        let mut scenario = Scenario::load(&[], None, &rules(), false, false)?;
        scenario.counts = scenario.counts.scaled(self.scale)?;
        Ok(Request {
            seed: self.seed,
            as_of: scenario.as_of.map_or(Day::DEFAULT_AS_OF, AsOf::day),
            is_named: false,
            scenario,
            existing: Existing::Clean { cascade: false },
            if_changed: false,
            method: None,
            batch_size: 500,
            jobs: std::thread::available_parallelism().map_or(1, |n| n.get().min(8)),
            rebuild: true,
            // Nothing of ours is to be in the catalog that is compared.
            ledger: false,
            // Whatever is there, the migrations have put there a moment ago.
            yes: true,
            wait: self.target.wanted().wait,
            overrides: self.directory.overrides()?,
            strict: false,
            without_triggers: false,
            digest_from_database: false,
            quiet: true,
            migrations: None,
            reset: None,
            trial: false,
        })
    }

    async fn plan(&self) -> Result<Plan> {
        let directory = self.directory.read()?;
        let has_rollbacks = directory.has_rollbacks();
        let seeding = self.seeding()?;
        let (migrations, sizes) = match self.target.database_url {
            Some(_) => {
                let mut target = target::connect(&self.target.wanted()).await?;
                let pending = Baseline::of_target(&mut target.connection, directory).await?;
                (pending, Some(TableSizes::read(&mut target.connection).await?))
            }
            None => (Baseline::last(directory.migrations, self.pending as usize), None),
        };
        Ok(Plan { migrations, has_rollbacks, sizes, seeding, max_lock: self.max_lock })
    }

    async fn scratch(&self) -> Result<Scratch> {
        match &self.scratch {
            Some(url) => {
                let wanted = Wanted { url: Some(url.clone()), ..self.target.wanted() };
                Scratch::on_server(&wanted, self.template.as_deref()).await
            }
            None => Scratch::embedded().await,
        }
    }
}

/// Rehearses what is pending.
///
/// # Errors
/// A migration that cannot be applied; what the rehearsal found wrong, after its report.
pub async fn run(args: Args) -> Result<()> {
    let plan = args.plan().await?;
    plan.migrations.notes.iter().for_each(|note| ui::tell(note));
    if plan.migrations.pending.is_empty() {
        return match args.json {
            true => terminal::print_data("{\n  \"passed\": true,\n  \"files\": []\n}\n"),
            false => terminal::print("nothing is pending: nothing to rehearse\n"),
        };
    }
    let mut scratch = args.scratch().await?;
    let rehearsed = match scratch.target() {
        Ok(target) => plan.rehearse(target).await,
        Err(error) => Err(error),
    };
    let removed = scratch.remove().await;
    let rehearsal = rehearsed?;
    tell(&args, &rehearsal)?;
    let is_passed = |migration: &&Migration| rehearsal.passed().any(|name| *name == migration.name);
    rehearsed::add(plan.migrations.pending.iter().filter(is_passed))?;
    removed?;
    match rehearsal.faults() {
        0 => Ok(()),
        1 => Err(Error::new(Kind::Violations, "the rehearsal found 1 fault")),
        faults => Err(Error::new(Kind::Violations, format!("the rehearsal found {faults} faults"))),
    }
}

fn tell(args: &Args, rehearsal: &Rehearsal) -> Result<()> {
    match args.json {
        true => terminal::print_data(&format!("{:#}\n", rehearsal::json(rehearsal))),
        false => terminal::print(&rehearsal::text(rehearsal)),
    }
}
