//! Rows as bytes: one file a format.

pub mod copy_text;
pub mod csv;
pub mod encoder;
pub mod json_lines;
mod numbers;
pub mod sql;

pub use encoder::Encoder;

/// The formats of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// INSERT statements.
    Sql,
    /// COPY blocks for psql.
    Copy,
    /// A JSON object a line.
    JsonLines,
}

impl Format {
    /// Its encoder; `batch_size` is the number of rows in an INSERT statement.
    pub fn encoder(self, batch_size: usize) -> Box<dyn Encoder> {
        match self {
            Self::Csv => Box::new(csv::Csv),
            Self::Sql => Box::new(sql::Inserts { rows: batch_size }),
            Self::Copy => Box::new(copy_text::CopyScript),
            Self::JsonLines => Box::new(json_lines::JsonLines),
        }
    }

    /// The ending of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Sql | Self::Copy => "sql",
            Self::JsonLines => "jsonl",
        }
    }

    /// Whether all tables go into one script, as their order matters.
    pub const fn is_script(self) -> bool {
        matches!(self, Self::Sql | Self::Copy)
    }
}
