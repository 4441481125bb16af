//! What a rollback would delete or write over: rows of tables and values of columns.

use std::collections::BTreeMap;
use std::fmt;

use crate::migrate::sql::statements::{headline, may_delete};

/// Rows and values are counted up to here: more than that is as bad, and the tables are locked meanwhile.
pub const COUNTED: u64 = 1_000_000;
/// Tables and columns named in a message.
const NAMED: usize = 40;

/// How many rows or values, in the order of how bad it is to lose them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(u64);

impl Count {
    /// Unknown, which compares greater than any number.
    pub const UNKNOWN: Self = Self(u64::MAX);

    /// A count of `number`.
    pub const fn of(number: u64) -> Self {
        Self(number)
    }

    /// The difference to `other`, at least 0.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        if self.0 == u64::MAX { self } else { Self(self.0.saturating_sub(other.0)) }
    }

    const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As in `3 rows`.
    fn text(self, what: &str) -> String {
        match self.0 {
            u64::MAX => format!("an unknown number of {what}s"),
            1 => format!("1 {what}"),
            number if number > COUNTED => format!("more than {COUNTED} {what}s"),
            number => format!("{number} {what}s"),
        }
    }
}

/// What is lost.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LostData {
    /// Rows of a table, named with its schema.
    Table(String),
    /// Values of a column that are not NULL.
    Column {
        /// The table, with its schema.
        table: String,
        column: String,
    },
    /// Rows of a table, named with its schema, that get other values.
    Overwritten(String),
    /// Values of a column that gets another type, and that read otherwise then.
    Converted {
        /// The table, with its schema.
        table: String,
        column: String,
    },
    /// Whatever a statement deletes that could not be tried.
    Statement(String),
}

/// Rows and values that a rollback would lose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(BTreeMap<LostData, Count>);

impl Losses {
    /// Adds a loss, unless the count is 0.
    pub fn add(&mut self, what: LostData, count: Count) {
        if !count.is_zero() {
            let sum = self.0.entry(what).or_default();
            *sum = Count(sum.0.saturating_add(count.0));
        }
    }

    /// Adds all of `other`.
    pub fn add_all(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            self.add(what.clone(), *count);
        }
    }

    /// Whether nothing is lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a statement that could not be tried, where its words tell that it may delete something.
    pub fn add_untried(&mut self, statement: &str) {
        if may_delete(statement) {
            self.add(LostData::Statement(headline(statement)), Count::UNKNOWN);
        }
    }

    /// Whether this statement is among those that could not be tried.
    pub fn has_untried(&self, statement: &str) -> bool {
        self.0.contains_key(&LostData::Statement(headline(statement)))
    }

    /// Whether any statement could not be tried.
    pub fn has_any_untried(&self) -> bool {
        self.0.keys().any(|what| matches!(what, LostData::Statement(_)))
    }

    /// The losses that exceed `agreed`.
    #[must_use]
    pub fn beyond(&self, agreed: &Self) -> Self {
        let is_more =
            |(what, count): &(&LostData, &Count)| agreed.0.get(what).is_none_or(|agreed| count > &agreed);
        Self(self.0.iter().filter(is_more).map(|(what, count)| (what.clone(), *count)).collect())
    }

    /// Subtracts losses that have happened from those that may still happen.
    pub fn take(&mut self, lost: &Self) {
        for (what, count) in &lost.0 {
            if let Some(agreed) = self.0.get_mut(what) {
                *agreed = agreed.without(*count);
            }
        }
    }
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |(what, count): (&LostData, &Count)| match what {
            LostData::Table(table) => format!("{table}: {}", count.text("row")),
            LostData::Column { table, column } => {
                format!("column {column} of table {table}: {}", count.text("value"))
            }
            LostData::Overwritten(table) => format!("{table}: {} overwritten", count.text("row")),
            LostData::Converted { table, column } => {
                format!("column {column} of table {table}: {} converted", count.text("value"))
            }
            LostData::Statement(statement) => format!("unknown effect of `{statement}`"),
        };
        let all: Vec<String> = self.0.iter().map(text).collect();
        let named = all.len().min(NAMED);
        f.write_str(&all[..named].join(", "))?;
        if all.len() > named { write!(f, " and {} more", all.len() - named) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(table: &str, count: u64) -> Losses {
        let mut losses = Losses::default();
        losses.add(LostData::Table(table.into()), Count::of(count));
        losses
    }

    #[test]
    fn what_goes_beyond_is_more_than_was_agreed_to() {
        assert!(rows("a", 3).beyond(&rows("a", 3)).is_empty());
        assert_eq!(rows("a", 4).beyond(&rows("a", 3)), rows("a", 4));
        assert_eq!(rows("b", 1).beyond(&rows("a", 3)), rows("b", 1));
        let mut unknown = Losses::default();
        unknown.add(LostData::Table("a".into()), Count::UNKNOWN);
        assert!(rows("a", COUNTED + 1).beyond(&unknown).is_empty());
        assert!(!unknown.beyond(&rows("a", COUNTED + 1)).is_empty());
        let mut agreed = rows("a", 3);
        agreed.take(&rows("a", 2));
        assert!(!rows("a", 2).beyond(&agreed).is_empty());
    }

    #[test]
    fn losses_are_told_by_what_is_lost_and_number() {
        let mut losses = rows("public.a", 1);
        let column = LostData::Column { table: "public.b".into(), column: "x".into() };
        losses.add(column, Count::of(2));
        losses.add(LostData::Table("public.c".into()), Count::of(COUNTED + 1));
        losses.add(LostData::Table("public.d".into()), Count::UNKNOWN);
        losses.add(LostData::Table("public.e".into()), Count::of(0));
        losses.add(LostData::Overwritten("public.f".into()), Count::of(1));
        let column = LostData::Converted { table: "public.g".into(), column: "x".into() };
        losses.add(column, Count::of(4));
        assert_eq!(
            losses.to_string(),
            "public.a: 1 row, public.c: more than 1000000 rows, public.d: an unknown number of rows, \
             column x of table public.b: 2 values, public.f: 1 row overwritten, column x of table \
             public.g: 4 values converted"
        );
    }
}
