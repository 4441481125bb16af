//! `crm-seed verify`: the coherence rules, held against a live database.

use crate::calendar::Day;
use crate::cli::args::TargetArgs;
use crate::error::{Error, Kind, Result};
use crate::{database, ledger, schema, target, verify};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The as-of date of the data [default: that of the last run, else 2026-01-01]
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// A JSON array instead of lines
    #[arg(long)]
    json: bool,
    /// Only what is broken or was not checked
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    target: TargetArgs,
}

pub async fn run(args: Args) -> Result<()> {
    let mut target = target::connect(&args.target.wanted()).await?;
    let connection = &mut target.connection;
    database::execute(connection, "BEGIN READ ONLY").await?;
    let schema = schema::introspect(connection).await?;
    let as_of = match args.as_of {
        Some(day) => day,
        None => ledger::last(connection, &schema).await?.map_or(Day::DEFAULT_AS_OF, |entry| entry.as_of),
    };
    let outcomes = verify::run(connection, &schema, as_of).await?;
    database::execute(connection, "ROLLBACK").await?;
    if outcomes.iter().all(|outcome| outcome.skipped.is_some()) {
        return Err(Error::failed("no rule could be checked: the database has none of the CRM's tables")
            .with_hint("is it the right database? `crm-seed migrate up` creates the tables"));
    }
    let text = if args.json {
        serde_json::to_string_pretty(&outcomes).unwrap_or_default() + "\n"
    } else {
        let told = outcomes.iter().filter(|o| !args.quiet || o.violations > 0 || o.skipped.is_some());
        told.map(ToString::to_string).collect()
    };
    super::print(&text)?;
    let broken = outcomes.iter().filter(|outcome| outcome.violations > 0).count();
    if broken > 0 {
        return Err(Error::new(Kind::Violations, format!("{broken} of {} rules are broken", outcomes.len())));
    }
    if !args.json && !args.quiet {
        let checked = outcomes.iter().filter(|outcome| outcome.skipped.is_none()).count();
        super::print(&format!("{checked} rules hold, in {}\n", target.description))?;
    }
    Ok(())
}
