//! What a scenario file can put into a column.

use crate::calendar::{DAY, Day};
use crate::domain::explicit::row_kind::RowKind;
use crate::value::Batch;

/// A value that owns its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// true or false.
    Bool(bool),
    /// A whole number; keys too.
    Int(i64),
    /// Hundredths.
    Cents(i64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since 1970-01-01 00:00:00 UTC.
    Timestamp(i64),
    /// Text without NUL.
    Text(String),
    /// A JSON document.
    Json(String),
}

/// A value as a file gives it: some are known only once the as-of date and the ids are.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    /// A value that the file contains.
    Value(Value),
    /// A date, fixed or relative to the as-of date.
    Date(When),
    /// A timestamp, fixed or relative to the as-of date.
    Timestamp(When),
    /// The key of another row.
    Reference(Reference),
}

/// A date or a time, fixed or relative to the as-of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The day; `None` is the as-of date.
    pub day: Option<Day>,
    /// Months to add first.
    pub months: i32,
    /// Days to add then.
    pub days: i32,
    /// Seconds after that day's midnight UTC. (An offset from UTC may make it negative, or more
    /// than a day.)
    pub seconds: i64,
}

impl When {
    /// The day that it means, for an as-of date. `None` out of the years 1 to 9999.
    pub fn day(&self, as_of: Day) -> Option<Day> {
        self.day.unwrap_or(as_of).plus_months(self.months)?.plus_days(self.days)
    }

    /// The moment that it means, in seconds since 1970-01-01 UTC. `None` out of the years 1 to 9999.
    pub fn second(&self, as_of: Day) -> Option<i64> {
        let second = self.day(as_of)?.midnight() + self.seconds;
        let day = i32::try_from(second.div_euclid(DAY)).ok()?;
        Day(0).plus_days(day).map(|_| second)
    }
}

/// A reference to another row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The row of the scenario with this handle.
    Handle(String),
    /// A base row, by its number.
    Nth(Nth),
    /// Any base row of a kind.
    Some(RowKind),
    /// A row that is there.
    Existing(Lookup),
}

/// What columns of a row hold that is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lookup {
    /// The table, as the file calls it.
    pub table: String,
    /// Columns and what they hold, as the server reads it; `None` for NULL.
    pub conditions: Vec<(String, Option<String>)>,
}

/// A base row by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nth {
    pub kind: RowKind,
    /// Which one, from 1.
    pub number: u64,
    /// Of a contact the customer, of a product the principal, from 1; else 0.
    pub of: u64,
}

impl Nth {
    /// That there is none.
    pub fn missing(&self) -> String {
        let of = if self.of > 0 { format!(" of number {}", self.of) } else { String::new() };
        format!("there is no {}{of} number {} among the base rows", self.kind.name(), self.number)
    }
}

impl Value {
    /// Appends it to a row of `batch`.
    pub fn put(&self, batch: &mut Batch) {
        match self {
            Self::Null => batch.null(),
            Self::Bool(value) => batch.bool(*value),
            Self::Int(value) => batch.int(*value),
            Self::Cents(value) => batch.cents(*value),
            Self::Date(day) => batch.date(*day),
            Self::Timestamp(second) => batch.timestamp(*second),
            Self::Text(text) => batch.compose(|s| s.push_str(text)),
            Self::Json(text) => batch.json(|s| s.push_str(text)),
        }
    }

    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Its text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Json(text) => Some(text),
            _ => None,
        }
    }

    /// Its number: whole, hundredths, days or seconds.
    pub const fn as_number(&self) -> Option<i64> {
        match self {
            Self::Int(n) | Self::Cents(n) | Self::Timestamp(n) => Some(*n),
            Self::Date(n) => Some(*n as i64),
            _ => None,
        }
    }

    pub const fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
