//! `crm-seed doctor`: what is seen of a database and what would be done to it, and nothing is done.

use crate::cli::args::{ColumnWeights, DataArgs, TargetArgs, rules};
use crate::cli::failure::Json;
use crate::cli::fit::{FitArgs, Triggers};
use crate::db::pooler::Pooler;
use crate::db::target;
use crate::domain::dataset::Origin;
use crate::error::{Error, Result};
use crate::run::doctor::seen::InspectionRequest;
use crate::run::doctor::session::pooler;
use crate::run::doctor::{self, Inspection, Trial};
use crate::scenario::Scenario;
use crate::terminal;

const EXAMPLES: &str = "\
Examples:
  crm-seed doctor --database-url postgres://app@localhost/crm
  crm-seed doctor --verbose                        also what is usually cut short
  crm-seed doctor --exclude audit_log --scale 100  with what seeding would be told
  crm-seed doctor --json | jq .reasons             what stands against it

It reads in a transaction that may only read, and works on a read replica and for a role without
rights. Where the database is on this machine and its tables hold no rows but crm-seed's, it then loads
the rows and rolls them back: only the server knows what its triggers and constraints make of them. What
a rollback does not undo: numbers drawn from sequences, and functions that reach outside the database.

Exit codes: 0 ready, 1 not ready, 2 wrong usage, 4 the database could not be reached.";

/// What is looked at.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, mut_arg("handles", |handles| handles.hide(true)))]
pub struct Args {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    fit: FitArgs,
    /// Load the rows and roll them back, also on a remote host or beside rows of others
    #[arg(long, help_heading = "Target")]
    r#try: bool,
    /// Print one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Also show columns left NULL or at their default, and full lists
    #[arg(long, short, help_heading = "Output")]
    verbose: bool,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

/// Looks, and tells.
///
/// # Errors
/// Something stands against seeding; the database cannot be reached.
pub async fn run(args: Args) -> Result<()> {
    if args.data.handles.is_some() {
        return Err(Error::usage("--handles cannot be used with doctor, which loads no rows"));
    }
    let scenario = args.data.scenario(false)?;
    let as_of = args.data.as_of(&scenario);
    let wanted = args.target.wanted();
    let mut request = doctor::request(args.data.seed, as_of, scenario, args.fit.overrides()?, wanted.wait);
    request.without_triggers = matches!(args.fit.triggers, Triggers::Off);
    let mut dataset = request.dataset(Origin::default())?;
    let mut target = target::connect(&wanted).await?;
    request.overrides.is_local = target.is_local;
    request.migrations = args.fit.bundled.migrations(&args.fit.config, &target)?;
    if let Some(asked) = request.in_target(&mut target, false).await? {
        (request, dataset) = (asked.clone(), asked.dataset(Origin::default())?);
    }
    let mut look = doctor::look(&mut target, &request, &dataset).await?;
    // A server that does not tell is no reason to stop.
    let between = target.ask_pooler().await.unwrap_or(Pooler::Unknown);
    let asked = InspectionRequest {
        pooler: pooler(between).map(str::to_owned),
        notes: target.notes.clone(),
        target: target.description.clone(),
        without_triggers: request.without_triggers,
        data: data(&args),
        overrides: request.overrides.clone(),
    };
    let usual = Scenario::load(&[], None, &rules(), false, false)?.counts;
    let trial = doctor::trial(&mut target, &request, &look, (args.r#try, &usual)).await?;
    // What is told of the tables is what would be done, without what the server rejects.
    if let Trial::Done(_, concessions) = &trial
        && !concessions.is_empty()
    {
        look = doctor::look(&mut target, &request.conceding(concessions), &dataset).await?;
    }
    let seen = Inspection::new(&look, asked).tried(trial);
    match args.json {
        true => terminal::print_data(&seen.json())?,
        false => terminal::print(&seen.text(args.verbose))?,
    }
    match seen.ready {
        true => Ok(()),
        false => Err(Error::failed(format!("database {} is not ready to seed", seen.server.database))),
    }
}

/// The arguments that decide the rows, as they would be typed.
fn data(args: &Args) -> String {
    let DataArgs { seed, scale, .. } = args.data;
    let mut words = vec![format!("--seed {seed}")];
    let mut add = |flag: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("{flag} {value}")));
    };
    for scenario in &args.data.scenario {
        add("--scenario", Some(scenario.clone()));
    }
    add("--as-of", args.data.as_of.map(|day| day.to_string()));
    add("--scale", (scale != 1).then(|| scale.to_string()));
    for (flag, number) in [
        ("--principals", args.data.principals),
        ("--distributors", args.data.distributors),
        ("--customers", args.data.customers),
        ("--opportunities", args.data.opportunities),
    ] {
        add(flag, number.map(|number| number.to_string()));
    }
    for (flag, spread) in [
        ("--contacts-per-customer", args.data.contacts_per_customer),
        ("--products-per-principal", args.data.products_per_principal),
    ] {
        add(flag, spread.map(|spread| format!("{}..{}", spread.min, spread.max)));
    }
    let rows: Vec<String> = args.data.rows.iter().map(|(name, rows)| format!("{name}={rows}")).collect();
    add("--rows", (!rows.is_empty()).then(|| rows.join(",")));
    for ColumnWeights { column, labels } in &args.data.weights {
        let labels: Vec<String> = labels.iter().map(|(label, weight)| format!("{label}:{weight}")).collect();
        add("--weights", Some(format!("{column}={}", labels.join(","))));
    }
    for (flag, list) in
        [("--include", &args.fit.include), ("--exclude", &args.fit.exclude), ("--only", &args.fit.only)]
    {
        add(flag, (!list.is_empty()).then(|| list.join(",")));
    }
    add("--config", args.fit.config.config.as_ref().map(|path| path.display().to_string()));
    add("--triggers", matches!(args.fit.triggers, Triggers::Off).then(|| "off".into()));
    words.join(" ")
}
