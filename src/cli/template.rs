//! Arguments of a database for a test: `--into NAME --template`.

use std::time::Duration;

use crate::run::template::{Wanted, name};

/// What says that a database of its own is wanted.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Test databases")]
pub struct TemplateArgs {
    /// Create or replace database NAME on the target's server, with the target's schema and this data
    #[arg(
        long,
        value_name = "NAME",
        value_parser = database,
        requires = "template",
        conflicts_with_all = [
            "clean", "append", "if_empty", "if_changed", "dry_run", "no_ledger", "digest_from_database", "yes",
        ]
    )]
    into: Option<String>,
    /// With --into: copy a template, which is seeded when there is none for this schema and data
    #[arg(long, requires = "into")]
    template: bool,
    /// With --into: also copy the rows that these tables have in the target
    #[arg(long, value_name = "TABLE", value_delimiter = ',', requires = "into")]
    with_rows: Vec<String>,
}

impl TemplateArgs {
    /// The same for the module that does it; `None` where the target itself is filled. `asked` is what else was typed.
    pub fn wanted(&self, asked: String, wait: Duration) -> Option<Wanted> {
        let (database, with_rows) = (self.into.clone()?, self.with_rows.clone());
        Some(Wanted { database, with_rows, asked, wait })
    }
}

fn database(text: &str) -> Result<String, String> {
    name::fault(text).map_or_else(|| Ok(text.to_owned()), Err)
}
