//! `crm-seed scenario new NAME`.

use std::path::Path;

use crate::cli::args::LibraryArgs;
use crate::cli::print;
use crate::error::{Error, Result};
use crate::load::files::replace;
use crate::scenario::{check_name, json_schema, library};

/// What a scenario begins with; `NAME` stands for its name.
const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/new_scenario.json"));
/// The name under which files refer to the schema.
const SCHEMA: &str = "scenario.schema.json";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Lower-case words parted by hyphens; the file is NAME.json
    name: String,
    #[command(flatten)]
    library: LibraryArgs,
}

pub fn run(args: &Args) -> Result<()> {
    check_name(&args.name)?;
    // Without a directory, here; of a path that is only a name, nothing is to be made.
    let directory = args.library.scenario_dir.as_deref().unwrap_or(Path::new(""));
    if !directory.as_os_str().is_empty() {
        std::fs::create_dir_all(directory)
            .map_err(|error| Error::failed(format!("cannot make {}: {error}", directory.display())))?;
    }
    let file = directory.join(format!("{}.json", args.name));
    if file.exists() {
        return Err(Error::refused(format!("{} is there already", file.display())));
    }
    replace(&file, TEXT.replace("NAME", &args.name).as_bytes())?;
    let schema = directory.join(SCHEMA);
    replace(&schema, format!("{:#}\n", json_schema()).as_bytes())?;
    if library::BUILTIN.iter().any(|(name, _)| *name == args.name) {
        eprintln!(
            "note: it stands for the built-in scenario {} where its directory is --scenario-dir",
            args.name
        );
    }
    print(&format!(
        "{} is yours to change; {} tells editors what may stand in it.\n\
         check it:  crm-seed scenario check {0}\nload it:   crm-seed --scenario {0}\n",
        file.display(),
        schema.display(),
    ))
}
