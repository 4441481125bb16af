//! `crm-seed init`: a crm-seed.toml for a database, in which everything is commented out.

use std::path::PathBuf;

use crate::calendar::Day;
use crate::cli::args::{TargetArgs, rules};
use crate::db::target;
use crate::domain::dataset::Origin;
use crate::error::{Error, Result};
use crate::infer::config;
use crate::infer::overrides::Overrides;
use crate::run::doctor::draft::draft;
use crate::run::doctor::seen::InspectionRequest;
use crate::run::doctor::{self, Inspection};
use crate::scenario::Scenario;
use crate::terminal;
use crate::whole_file;

const EXAMPLES: &str = "\
Examples:
  crm-seed init --database-url postgres://app@localhost/crm
  crm-seed init --out -                            to look at it first
  crm-seed init --force                            again, after the schema has changed

The file is found by every command that runs in its directory or below. As written it changes
nothing: it says of each table and column what is done with it, and each setting is commented out.";

/// What is written, and where.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Output file, or - for stdout
    #[arg(long, value_name = "FILE", default_value = config::NAME, help_heading = "Output")]
    out: PathBuf,
    /// Overwrite an existing file
    #[arg(long, help_heading = "Output")]
    force: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// The seed by which rows are counted where none is named.
const SEED: u64 = 42;

/// Writes it.
///
/// # Errors
/// There is such a file; the database is empty, or cannot be reached.
pub async fn run(args: Args) -> Result<()> {
    let is_stdout = args.out.as_os_str() == "-";
    if !is_stdout && !args.force && args.out.symlink_metadata().is_ok() {
        return Err(Error::refused(format!("{} already exists", args.out.display()))
            .with_hint("use --force to overwrite it, --out FILE for another file, or --out - for stdout"));
    }
    let scenario = Scenario::load(&[], None, &rules(), false, false)?;
    let wanted = args.target.wanted();
    let mut request = doctor::request(SEED, Day::DEFAULT_AS_OF, scenario, Overrides::default(), wanted.wait);
    let dataset = request.dataset(Origin::default())?;
    let mut target = target::connect(&wanted).await?;
    request.overrides.is_local = target.is_local;
    let look = doctor::look(&mut target, &request, &dataset).await?;
    if look.is_empty {
        return Err(Error::failed(format!("database {} is empty", look.schema.server.database)).with_hint(
            "apply your migrations first; the bundled schema (`crm-seed --bundled`) needs no config file",
        ));
    }
    let asked = InspectionRequest {
        target: target.description,
        pooler: None,
        notes: Vec::new(),
        overrides: request.overrides.clone(),
        without_triggers: false,
        data: String::new(),
    };
    let text = draft(&look, &dataset, &Inspection::new(&look, asked), &request.overrides);
    if is_stdout {
        return terminal::print_data(&text);
    }
    match args.force {
        true => whole_file::replace(&args.out, text.as_bytes())?,
        false => whole_file::create(&args.out, text.as_bytes())?,
    }
    terminal::print(&format!("created {}; every setting in it is commented out\n", args.out.display()))
}
