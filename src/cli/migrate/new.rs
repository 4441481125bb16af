//! `crm-seed migrate new`.

use jiff::Timestamp;

use crate::cli::failure::Json;
use crate::cli::migrate::directory::OwnDirectoryArgs;
use crate::cli::migrate::written;
use crate::error::Result;
use crate::migrate::new::{self, Options, Pattern};

const EXAMPLES: &str = "\
Examples:
  crm-seed migrate new add_forecast_category --pattern add-column
  crm-seed migrate new add_tier --pattern add-column --table contacts --values gold,silver
  crm-seed migrate new link_contacts --pattern junction-table --left contacts --right products
  crm-seed migrate new more_priorities --pattern enum-type --type task_priority \\
      --add-value critical --before urgent

The files pass a strict linter as they are. What would block readers or writers for long is put
into a second migration behind the first.";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum PatternArg {
    /// A column with a default for the existing rows, and a CHECK that is validated afterwards
    AddColumn,
    /// A table that connects two others: keys, index, row-level security and policy
    JunctionTable,
    /// A JSONB column with a GIN index
    JsonbField,
    /// A materialized view by column and month, with the unique index for concurrent refreshes
    MaterializedView,
    /// An enum type and a column of it; with --add-value, another value for a type
    EnumType,
    /// A column of a few values, filled in from a number, with CHECK and partial index
    SegmentColumn,
}

impl From<PatternArg> for Pattern {
    fn from(pattern: PatternArg) -> Self {
        match pattern {
            PatternArg::AddColumn => Self::AddColumn,
            PatternArg::JunctionTable => Self::JunctionTable,
            PatternArg::JsonbField => Self::JsonbField,
            PatternArg::MaterializedView => Self::MaterializedView,
            PatternArg::EnumType => Self::EnumType,
            PatternArg::SegmentColumn => Self::SegmentColumn,
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What the migration does, in a few words: add_customer_tier
    #[arg(value_name = "NAME")]
    name: String,
    /// Description for the header [default: what the pattern does, or NAME]
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    directory: OwnDirectoryArgs,
    #[command(flatten)]
    pattern: PatternArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Pattern")]
struct PatternArgs {
    /// Generate this change instead of empty files
    #[arg(long, value_enum)]
    pattern: Option<PatternArg>,
    /// Table, or SCHEMA.TABLE [default: that of the bundled example of the pattern]
    #[arg(long)]
    table: Option<String>,
    /// Column [default: NAME without add_ or create_; for materialized-view: stage]
    #[arg(long)]
    column: Option<String>,
    /// Type of the column (add-column), or name of the enum (enum-type)
    #[arg(long = "type", value_name = "TYPE")]
    data_type: Option<String>,
    /// Value for existing rows, a constant [default: the first of --values]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    default: Option<String>,
    /// Values that the column or the enum may have
    #[arg(long, value_name = "VALUE", value_delimiter = ',')]
    values: Vec<String>,
    /// junction-table: the table whose key comes first [default: opportunities]
    #[arg(long, value_name = "TABLE")]
    left: Option<String>,
    /// junction-table: the other table [default: products]
    #[arg(long, value_name = "TABLE")]
    right: Option<String>,
    /// junction-table: type of both keys [default: bigint]
    #[arg(long, value_name = "TYPE")]
    key_type: Option<String>,
    /// materialized-view: name of the view [default: NAME without create_]
    #[arg(long)]
    view: Option<String>,
    /// Rows that the view or the partial index has; '' for all [default: deleted_at IS NULL]
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// segment-column: column with the number that decides [default: employee_count]
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// segment-column: the number above which each value but the last holds [default: 1000,100,10]
    #[arg(long, value_name = "NUMBER", value_delimiter = ',', allow_hyphen_values = true)]
    above: Vec<String>,
    /// enum-type: add this value to the existing type
    #[arg(long, value_name = "VALUE")]
    add_value: Option<String>,
    /// enum-type: the value before which it sorts [default: it sorts last]
    #[arg(long, value_name = "VALUE")]
    before: Option<String>,
    /// enum-type: the value after which it sorts
    #[arg(long, value_name = "VALUE")]
    after: Option<String>,
}

impl PatternArgs {
    fn options(self) -> Options {
        Options::default()
            .with("--table", self.table)
            .with("--column", self.column)
            .with("--type", self.data_type)
            .with("--default", self.default)
            .with("--values", self.values)
            .with("--left", self.left)
            .with("--right", self.right)
            .with("--key-type", self.key_type)
            .with("--view", self.view)
            .with("--where", self.condition)
            .with("--by", self.by)
            .with("--above", self.above)
            .with("--add-value", self.add_value)
            .with("--before", self.before)
            .with("--after", self.after)
    }
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

/// Writes the files.
///
/// # Errors
/// A name or option that means nothing; a directory that cannot be written.
pub fn run(args: Args) -> Result<()> {
    let name = new::normalised(&args.name)?;
    let pattern = args.pattern.pattern.map(Pattern::from);
    let options = args.pattern.options();
    let mut drafts = match pattern {
        Some(pattern) => pattern.drafts(&name, &options)?,
        None => {
            options.check_none()?;
            vec![new::blank(&name)]
        }
    };
    if let (Some(first), Some(description)) = (drafts.first_mut(), args.description) {
        first.description = description;
    }
    let directory = args.directory.path()?;
    let files = new::write(&directory, &drafts, &new::author(), Timestamp::now())?;
    written::print(&files, args.json)
}
