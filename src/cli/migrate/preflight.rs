//! `crm-seed migrate preflight`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::{self, DirectoryArgs};
use crate::db::target::{self, Target};
use crate::error::{Error, Kind, Result};
use crate::migrate::Directory;
use crate::migrate::preflight::{self, Level, Outcome, Report, Request};
use crate::terminal;

const NOTES: &str = "\
Saves the schema as backup_schema_YYYYMMDD.sql, which overwrites no earlier one, and looks at long
queries, sessions idle in a transaction, locks on the tables that the pending files touch, prepared
transactions, replication slots, and disk for tables that are rewritten. Nothing in the database is
changed.

Exit codes: 0 nothing against it (warnings do not count), 2 wrong usage, 4 the database could not
be reached, 5 something stands against it.";

#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub struct Args {
    /// Directory for the schema backup [default: the current directory]
    #[arg(long, value_name = "DIR", conflicts_with = "no_backup")]
    backup: Option<PathBuf>,
    /// Make no schema backup
    #[arg(long)]
    no_backup: bool,
    /// Report queries and idle transactions older than SECONDS
    #[arg(long, value_name = "SECONDS", default_value_t = preflight::OLDER_THAN.as_secs(), allow_negative_numbers = true)]
    older_than: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    directory: DirectoryArgs,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }

    fn backup(&self) -> Result<Option<&Path>> {
        let directory = self.backup.as_deref().unwrap_or(Path::new(""));
        match self.backup.as_deref() {
            Some(path) if !path.is_dir() => {
                Err(Error::usage(format!("--backup {}: no such directory", path.display()))
                    .with_hint("create it, or name another one"))
            }
            _ => Ok((!self.no_backup).then_some(directory)),
        }
    }
}

/// Looks, and tells.
///
/// # Errors
/// Something stands against migrating; the database cannot be reached.
pub async fn run(args: Args) -> Result<()> {
    let named = args.directory.named()?;
    let backup = args.backup()?;
    let mut target = target::connect(&args.target.wanted()).await?;
    let directory = directory::of_target(named, &target)?;
    let report = look(&mut target, &directory, backup, Duration::from_secs(args.older_than)).await?;
    if args.json {
        terminal::print_data(&format!("{:#}\n", json(&report)))?;
    } else {
        terminal::print(&text(&report, &target.description))?;
    }
    refuse(&report)
}

/// Looks before `up` applies what is pending, saves the schema in the current directory, and tells it.
///
/// # Errors
/// As for [`run`].
pub async fn before_up(target: &mut Target, directory: &Directory) -> Result<()> {
    let report = look(target, directory, Some(Path::new("")), preflight::OLDER_THAN).await?;
    terminal::tell(&text(&report, &target.description));
    refuse(&report)
}

async fn look(
    target: &mut Target,
    directory: &Directory,
    backup: Option<&Path>,
    older_than: Duration,
) -> Result<Report> {
    let is_local = target.is_local && !target.is_embedded;
    let request = Request { backup, older_than, is_local, for_libpq: target.for_libpq.as_ref() };
    preflight::preflight(&mut target.connection, directory, request).await
}

fn refuse(report: &Report) -> Result<()> {
    match report.count(Level::Error) {
        0 => Ok(()),
        1 => Err(Error::new(Kind::Violations, "1 finding stands against migrating now")),
        errors => Err(Error::new(Kind::Violations, format!("{errors} findings stand against migrating now"))),
    }
}

/// A line for each outcome, and a summary.
fn text(report: &Report, description: &str) -> String {
    let line = |outcome: &Outcome| {
        let level = match outcome.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        let fix = outcome.fix.as_deref().map(|fix| format!(": {fix}")).unwrap_or_default();
        terminal::name(&format!("{level:8} {:22} {}{fix}", outcome.check, outcome.what)) + "\n"
    };
    let lines: String = report.outcomes.iter().map(line).collect();
    format!("{lines}{} pending, in {description}\n", report.pending.len())
}

fn json(report: &Report) -> serde_json::Value {
    serde_json::json!({
        "errors": report.count(Level::Error),
        "warnings": report.count(Level::Warning),
        "pending": report.pending,
        "checks": report.outcomes,
    })
}
