//! `crm-seed scenario check FILE...`.

use std::fmt::Write;

use super::in_database::InDatabaseArgs;
use crate::cli::args::LibraryArgs;
use crate::error::{Error, Kind, Result};
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
    #[command(flatten)]
    database: InDatabaseArgs,
}

pub async fn run(args: &Args) -> Result<()> {
    let (mut lines, mut wrong) = (String::new(), Vec::new());
    let mut database = args.database.connect().await?;
    for file in &args.files {
        // What stands beside scenarios for editors, where all files of a directory are given.
        if library::is_schema(file) {
            let _ = writeln!(lines, "--  {file}: a JSON Schema, not a scenario");
            continue;
        }
        let checked = match &mut database {
            Some(database) => database.check(file, &args.library).await.map(|(name, checked)| {
                told(&name, checked.rows, checked.notes.into_iter().map(|note| note.text))
            }),
            None => alone(file, &args.library),
        };
        match checked {
            Ok(text) => lines.push_str(&text),
            // What is wrong with the server is not wrong with the file.
            Err(error) if error.kind() == Kind::Unreachable => return Err(error),
            Err(error) => wrong.push(error),
        }
    }
    if !args.quiet {
        print(&lines)?;
    }
    match wrong.len() {
        0 => Ok(()),
        1 => Err(wrong.remove(0)),
        _ => {
            let all: Vec<String> = wrong.iter().map(|error| format!("{error:#}")).collect();
            Err(Error::usage(all.join("\n")))
        }
    }
}

/// What to tell of a file without a database.
fn alone(file: &str, library: &LibraryArgs) -> Result<String> {
    let (scenario, dataset) = super::open::open(file, library)?;
    let all = Plan::of_domain(&dataset).rows();
    let given = dataset.explicit.iter().filter(|made| !made.is_implied).count();
    let notes = scenario.wishes.notes().into_iter().chain(scenario.notes);
    Ok(told(&scenario.name, (all, given as u64), notes.map(|note| note.text)))
}

/// The lines of a file that is right.
fn told(name: &str, (all, given): (u64, u64), notes: impl IntoIterator<Item = String>) -> String {
    let mut told = format!("ok  {name}: {all} rows, {given} of them from the file\n");
    for note in notes {
        let _ = writeln!(told, "      note: {note}");
    }
    told
}
