//! As-of dates in files.

use std::fmt;

use crate::calendar::Day;

/// An as-of date in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// A fixed day.
    Day(Day),
    /// The day of the run.
    Today,
}

impl AsOf {
    pub fn day(self) -> Day {
        match self {
            Self::Day(day) => day,
            Self::Today => Day::today(),
        }
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Today => f.write_str("today"),
        }
    }
}
