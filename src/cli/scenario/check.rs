//! `crm-seed scenario check FILE...`.

use std::fmt::Write;

use crate::cli::args::LibraryArgs;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::scenario::library;
use crate::terminal::print;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scenario files or names
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    library: LibraryArgs,
}

pub fn run(args: &Args) -> Result<()> {
    let (mut told, mut wrong) = (String::new(), Vec::new());
    for file in &args.files {
        // What stands beside scenarios for editors, where all files of a directory are given.
        if library::is_schema(file) {
            let _ = writeln!(told, "--  {file}: a JSON Schema, not a scenario");
            continue;
        }
        match super::open::open(file, &args.library) {
            Ok((scenario, dataset)) => {
                let all = Plan::of_domain(&dataset).rows();
                let given = dataset.explicit.iter().filter(|made| !made.is_implied).count();
                let _ = writeln!(told, "ok  {}: {all} rows, {given} of them from the file", scenario.name);
                for note in scenario.wishes.notes() {
                    let _ = writeln!(told, "      note: {}", note.text);
                }
            }
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    if !args.quiet {
        print(&told)?;
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::usage(wrong.join("\n"))) }
}
