//! A value on its way into a column that the domain does not know, or that is not of the type that the
//! domain has in mind.

use rust_decimal::Decimal;

/// A value of a row, whatever the type of its column is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// A number, whole or not.
    Number(Decimal),
    /// Text; also everything that is written as the server reads it: UUIDs, addresses, intervals, bytes.
    Text(String),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since 1970-01-01 00:00:00 UTC; of a type without a time zone, too.
    Timestamp(i64),
    /// A JSON document.
    Json(String),
    List(Vec<Value>),
    Range(Box<Range>),
}

/// A range. An empty one has no bounds and is said to be so.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Where it begins; NULL for a range without a beginning.
    pub lower: Value,
    /// Where it ends; NULL for a range without an end.
    pub upper: Value,
    /// The beginning is part of it.
    pub has_lower: bool,
    /// The end is part of it.
    pub has_upper: bool,
    /// Nothing is part of it.
    pub is_empty: bool,
}

impl Value {
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Its text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::from)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Range> for Value {
    fn from(range: Range) -> Self {
        Self::Range(Box::new(range))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
