//! `crm-seed migrate deprecate`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::cli::args::TargetArgs;
use crate::cli::failure::Json;
use crate::cli::migrate::directory::OwnDirectoryArgs;
use crate::cli::migrate::written;
use crate::db::target;
use crate::error::Result;
use crate::migrate::deprecation::{self, Column, Request};
use crate::migrate::new;
use crate::ui;

const EXAMPLES: &str = "\
Examples:
  crm-seed migrate deprecate opportunities.competition --after 2026-12-31
  crm-seed migrate deprecate contacts.department --after 2026-12-31 --keep view
  crm-seed migrate deprecate crm.deals.notes --after 2026-12-31 --keep column --database-url URL

The column is renamed to COLUMN_deprecated and keeps its values; its comment says until when.
`migrate up` refuses to drop it before. With --database-url, and for --keep column, the column is
looked up first.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum KeepArg {
    /// Nothing: whatever reads the old name fails
    None,
    /// A view TABLE_with_COLUMN that has both names, for readers who can read another table
    View,
    /// A generated column under the old name: readers need no change; rewrites the table
    Column,
}

impl From<KeepArg> for deprecation::Keep {
    fn from(keep: KeepArg) -> Self {
        match keep {
            KeepArg::None => Self::None,
            KeepArg::View => Self::View,
            KeepArg::Column => Self::Column,
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The column: TABLE.COLUMN or SCHEMA.TABLE.COLUMN
    #[arg(value_name = "TABLE.COLUMN")]
    column: String,
    /// Last day on which it stays: YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = date)]
    after: Date,
    /// What stays for readers of the old name
    #[arg(long, value_enum, default_value_t = KeepArg::None)]
    keep: KeepArg,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    directory: OwnDirectoryArgs,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "it must be a day of the calendar, as in 2026-12-31".to_owned())
}

/// Writes the migration.
///
/// # Errors
/// A day that is not to come; a column that cannot be deprecated; a directory that cannot be written.
pub async fn run(args: Args) -> Result<()> {
    let column = Column::parse(&args.column)?;
    let directory = args.directory.path()?;
    let now = Zoned::new(Timestamp::now(), TimeZone::UTC);
    let today = now.date();
    let mut request = Request { column, until: args.after, keep: args.keep.into(), found: None };
    request.check(today)?;
    // Without need the database is not asked: it may not be there, or have no such column yet.
    if args.keep == KeepArg::Column || args.target.database_url.is_some() {
        let mut target = target::connect(&args.target.wanted()).await?;
        request.found = Some(deprecation::look_up(&mut target.connection, &request.column).await?);
    }
    let draft = deprecation::draft(&request, today)?;
    let files = new::write(&directory, &[draft], &new::author(), now.timestamp())?;
    if request.found.is_none() {
        ui::tell(&format!(
            "note: {} was not looked up in the database; add --database-url to have it checked",
            request.column.label()
        ));
    }
    for function in request.found.iter().flat_map(|found| &found.functions) {
        ui::tell(&format!(
            "note: the code of {function} seems to use {}: it fails once the column is renamed; change it in the same \
             migration",
            request.column.label()
        ));
    }
    written::print(&files, args.json)
}
