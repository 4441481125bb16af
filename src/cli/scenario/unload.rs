//! `crm-seed scenario unload NAME`.

use crate::cli::args::{LibraryArgs, TargetArgs};
use crate::db::target;
use crate::error::{Error, Result};
use crate::run::seed::{Unload, Unloaded};
use crate::scenario::library;
use crate::terminal::print;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scenario name or file path
    name: String,
    /// Also remove rows of a scenario that is not recorded as loaded
    #[arg(long, short)]
    yes: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    library: LibraryArgs,
    #[command(flatten)]
    target: TargetArgs,
}

pub async fn run(args: Args) -> Result<()> {
    // Rows are found by the name alone, so that those of a file that is gone can go too.
    let name = if library::is_path(&args.name) { library::stem(&args.name) } else { args.name.clone() };
    let known = library::find(&args.name, args.library.directory()?, Some(library::HERE.as_ref()));
    // A file that is gone or wrong by now does not keep its rows from going.
    let has_base =
        super::open::open(&args.name, &args.library).is_ok_and(|(scenario, _)| !scenario.counts.is_none());
    let wanted = args.target.wanted();
    let mut target = target::connect(&wanted).await?;
    let unload = Unload { name: &name, has_base, yes: args.yes, wait: wanted.wait, quiet: args.quiet };
    let Unloaded { explicit, base, notes } = unload.run(&mut target).await?;
    let text = match (explicit + base, known) {
        (0, Err(why)) => {
            return Err(Error::usage(why).with_hint(
                "the database has no rows of that scenario either; `crm-seed scenario list` lists the \
                 scenarios",
            ));
        }
        (0, Ok(_)) => format!("nothing to do: scenario {name} is not loaded"),
        (1, _) => format!("removed 1 row of scenario {name}"),
        (rows, _) => format!("removed {rows} rows of scenario {name}"),
    };
    if args.quiet {
        return Ok(());
    }
    let notes: Vec<String> = notes.into_iter().map(|note| note.text).collect();
    let note = if notes.is_empty() { String::new() } else { format!("  note: {}\n", notes.join("; ")) };
    print(&format!("{text}, in {}\n{note}", target.description))
}
