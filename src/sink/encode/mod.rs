//! Rows as bytes: one file a format.

pub mod copy_text;
pub mod csv;
pub mod json_lines;
pub mod sql;

use std::fmt;

use crate::sql::quote_identifier;
use crate::value::Batch;

/// The table whose rows are written: its name as SQL wants it, and its columns.
#[derive(Clone, Debug)]
pub struct Heading {
    /// `schema.table`, quoted where needed.
    pub table: String,
    /// Column names, unquoted.
    pub columns: Vec<String>,
}

impl Heading {
    /// The columns as SQL wants them: `id, name, "order"`.
    pub fn column_list(&self) -> String {
        let quoted: Vec<String> = self.columns.iter().map(|c| quote_identifier(c)).collect();
        quoted.join(", ")
    }
}

/// Writes the rows of one table in one format.
pub trait Encoder: Send + Sync {
    /// What stands before the first row.
    fn begin(&self, heading: &Heading, out: &mut Vec<u8>);
    /// Rows.
    fn rows(&self, heading: &Heading, batch: &Batch, out: &mut Vec<u8>);
    /// What stands after the last row.
    fn end(&self, heading: &Heading, out: &mut Vec<u8>);
    /// Whether its rows are the form that digests are taken of: COPY text.
    fn is_canonical(&self) -> bool {
        false
    }
}

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

/// Appends `value` in decimal.
fn push_int(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends hundredths as a decimal number with two places.
fn push_cents(out: &mut Vec<u8>, cents: i64) {
    if cents < 0 {
        out.push(b'-');
    }
    let cents = cents.unsigned_abs();
    push_int(out, (cents / 100) as i64);
    out.extend_from_slice(&[b'.', b'0' + (cents / 10 % 10) as u8, b'0' + (cents % 10) as u8]);
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.table, self.column_list())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        let mut out = Vec::new();
        for value in [0, -1, i64::MAX, i64::MIN] {
            push_int(&mut out, value);
            out.push(b' ');
        }
        for cents in [0, 5, -5, 12_345, -100] {
            push_cents(&mut out, cents);
            out.push(b' ');
        }
        assert_eq!(
            String::from_utf8(out).expect("ascii"),
            format!("0 -1 {} {} 0.00 0.05 -0.05 123.45 -1.00 ", i64::MAX, i64::MIN)
        );
    }
}
