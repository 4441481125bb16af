//! `crm-seed reset`: an empty database, its migrations, its rows.

use crate::cli::failure::Json;
use crate::cli::seed::LoadArgs;
use crate::db::target::Target;
use crate::domain::dataset::Origin;
use crate::error::{Error, Result};
use crate::migrate::{self, Chosen, Directory, Run, Settings};
use crate::run::seed::{Existing, Request};
use crate::ui;

const NOTES: &str = "\
Drops what the role of the connection owns (extensions stay), applies the migrations that dir in
[migrations] of crm-seed.toml names (or the bundled ones) and fills the tables: in one transaction,
unless a migration needs its own.

Rows that crm-seed did not create are asked about, as with --clean; without a terminal they are a
reason to refuse, unless --yes or crm-seed.toml agrees.

Examples:
  crm-seed reset --database-url postgres://app@localhost/crm
  crm-seed reset --bundled --yes --scenario multi-stakeholder --handles ids.json";

#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub struct Args {
    #[command(flatten)]
    load: LoadArgs,
}

impl Args {
    pub fn json(&self) -> Json {
        self.load.json()
    }
}

/// Drops what the database holds, applies the migrations and fills the tables: in one transaction where the migrations
/// bear one.
///
/// # Errors
/// No migrations are named; rows that nobody agreed to lose; whatever stands against dropping, migrating or seeding.
pub async fn run(args: Args) -> Result<()> {
    // Rows that migrations bring stay.
    let mut request = args.load.request(Existing::Refuse, false)?;
    let (dataset, mut target) = args.load.begin(&mut request).await?;
    let directory = request.migrations.clone().ok_or_else(|| {
        Error::usage("nothing says what the database is to hold after the reset").with_hint(
            "name your migrations as dir in [migrations] of crm-seed.toml, or take the bundled schema with --bundled",
        )
    })?;
    request.reset = Some(request.agree_to_reset(&mut target).await?);
    let bears_transaction = directory.migrations.iter().all(|migration| migration.up.in_transaction);
    if bears_transaction {
        match args.load.load(&request, &mut target, dataset).await {
            // Nothing was changed, and nobody knew before the server did.
            Err(error) if migrate::needs_a_commit(&error) => {
                if args.load.is_dry_run() {
                    return Err(untried().with_source(error));
                }
                if !args.load.is_quiet() {
                    ui::tell(&format!(
                        "note: dropping, migrating and seeding do not fit into one transaction: {error:#}"
                    ));
                }
            }
            loaded => return loaded,
        }
    } else if args.load.is_dry_run() {
        return Err(untried());
    }
    apart(&request, &mut target, &directory, &args.load).await?;
    request.reset = None;
    let dataset = request.dataset(Origin::default())?;
    args.load.load(&request, &mut target, dataset).await
}

fn untried() -> Error {
    Error::refused("some migrations need transactions of their own, so that a reset cannot be tried")
        .with_hint("`crm-seed migrate up --dry-run` lists the migrations")
}

/// Drops and migrates in transactions of their own.
async fn apart(request: &Request, target: &mut Target, directory: &Directory, load: &LoadArgs) -> Result<()> {
    directory.migrations.iter().try_for_each(migrate::check)?;
    request.reset_alone(target).await?;
    let keeps_session = target.ask_pooler().await?.keeps_session();
    let settings = Settings { keeps_session, wait: load.wait() };
    let is_quiet = load.is_quiet();
    let mut told = |line: &str| {
        if !is_quiet {
            ui::tell(line);
        }
    };
    let mut run = Run::open(&mut target.connection, settings, &mut told).await?;
    let pending = run.plan_up(directory, &Chosen::All).await?;
    let applied = run.up(&pending).await;
    run.close().await;
    applied
        .map(drop)
        .map_err(|error| error.context("the database was emptied, and its migrations were not all applied"))
}
