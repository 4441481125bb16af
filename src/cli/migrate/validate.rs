//! `crm-seed migrate validate`.

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::fit::ConfigArgs;
use crate::db::target;
use crate::error::{Error, Kind, Result};
use crate::migrate::validation::{self, Finding, Level, Report, Skipped};
use crate::terminal;

const NOTES: &str = "\
Errors: constraints that are NOT VALID or not checked, invalid indexes, rows without their parent
(of every foreign key, and of references that crm-seed knows without one), tables without row level
security where most others have it, policies that permit everything, materialized views never
populated, sequences behind their columns. Warnings: row level security without a policy, disabled
triggers, unlogged tables, duplicate indexes, rows without a parent that names alone suggest.

It reads in a transaction that cannot write.

Exit codes: 0 no errors (warnings do not count), 2 wrong usage, 4 the database could not be
reached, 5 errors.";

#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

/// Validates the database.
///
/// # Errors
/// Something was found; the database cannot be reached or read.
pub async fn run(args: Args) -> Result<()> {
    let overrides = args.config.overrides()?;
    let wanted = args.target.wanted();
    let mut target = target::connect(&wanted).await?;
    let report = validation::validate(&mut target.connection, &overrides, wanted.wait).await?;
    let (errors, warnings) = (report.count(Level::Error), report.count(Level::Warning));
    if args.json {
        terminal::print_data(&format!("{:#}\n", json(&report)))?;
    } else {
        let summary = format!(
            "{}, {}; {} checked, in {}\n",
            plural(errors, "error"),
            plural(warnings, "warning"),
            plural(report.references, "reference"),
            target.description
        );
        terminal::print(&(text(&report) + &summary))?;
    }
    match errors {
        0 => Ok(()),
        _ => Err(Error::new(Kind::Violations, format!("validation found {}", plural(errors, "error")))),
    }
}

fn plural(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// A line for each finding, and for each that was not looked at.
fn text(report: &Report) -> String {
    let finding = |finding: &Finding| {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let Finding { check, object, what, fix, .. } = finding;
        // `a on b is INVALID`, but `a on b: 2 rows refer to nothing`.
        let colon = if what.starts_with(|c: char| c.is_ascii_digit()) { ":" } else { "" };
        terminal::name(&format!("{level:8} {check:26} {object}{colon} {what}: {fix}")) + "\n"
    };
    let skipped = |skipped: &Skipped| {
        let Skipped { check, object, why } = skipped;
        terminal::name(&format!("skipped  {check:26} {object}: {why}")) + "\n"
    };
    report.findings.iter().map(finding).chain(report.skipped.iter().map(skipped)).collect()
}

fn json(report: &Report) -> serde_json::Value {
    serde_json::json!({
        "errors": report.count(Level::Error),
        "warnings": report.count(Level::Warning),
        "references_checked": report.references,
        "findings": report.findings,
        "skipped": report.skipped,
    })
}
