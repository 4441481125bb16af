//! `crm-seed verify`: the consistency rules, held against a live database.

use crate::calendar::Day;
use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::fit::ConfigArgs;
use crate::db::target;
use crate::error::{Error, Kind, Result};
use crate::terminal;
use crate::verify::{self, Outcome};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Reference date of the data [default: that of the last run, else 2026-01-01]
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    /// Also report violations that loaded scenarios plant on purpose
    #[arg(long)]
    strict: bool,
    /// Print only violations and rules that were not checked
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

pub async fn run(args: Args) -> Result<()> {
    let wanted = args.target.wanted();
    let mut target = target::connect(&wanted).await?;
    let waits = (wanted.wait, args.quiet);
    let outcomes = verify::run(&mut target, args.as_of, &args.config.overrides()?, waits).await?;
    let text = if args.json {
        serde_json::to_string_pretty(&outcomes).unwrap_or_default() + "\n"
    } else {
        let told = outcomes.iter().filter(|o| !args.quiet || o.violations > 0 || o.skipped.is_some());
        told.map(ToString::to_string).collect()
    };
    terminal::print_report(&text, args.json)?;
    let is_broken = |outcome: &&Outcome| outcome.is_broken() || args.strict && outcome.violations > 0;
    let broken = outcomes.iter().filter(is_broken).count();
    if broken > 0 {
        return Err(Error::new(Kind::Violations, format!("{broken} of {} rules violated", outcomes.len())));
    }
    if !args.json && !args.quiet {
        let hold = outcomes.iter().filter(|o| o.skipped.is_none() && o.violations == 0).count();
        let meant = outcomes.iter().filter(|outcome| outcome.violations > 0).count();
        let meant = if meant > 0 { format!(", {meant} violated on purpose") } else { String::new() };
        terminal::print(&format!("{hold} rules pass{meant}, in {}\n", target.description))?;
    }
    Ok(())
}
