//! How names of columns say what they hold.

use rust_decimal::Decimal;

use crate::calendar::DAY;
use crate::infer::kinds::TableKind;
use crate::infer::scalar_type::ScalarType;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// The percentage of NULL of what is better left NULL.
pub(super) const ALWAYS_NULL: u64 = 100;

/// What columns of some names hold.
#[derive(Debug)]
pub(super) struct Rule {
    /// Words of names, singular, parted by `|`. `=` before them: the whole name; `^`: its beginning; `~`:
    /// anywhere in it; nothing: its end.
    pub(super) names: &'static str,
    /// The kind of its table, where it takes a certain one.
    pub(super) kind: Option<TableKind>,
    /// What it is, for people.
    pub(super) about: &'static str,
    /// In how many of 100 rows it is NULL.
    pub(super) null: u64,
    /// What others decide by.
    pub(super) tag: Option<Tag>,
    /// Makes a value.
    pub(super) make: fn(&RuleContext<'_>) -> Value,
}

/// What others decide by, of what a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// A number that stands for one of a few.
    Code,
    /// When something was done, which may not have been.
    WhenDone,
    /// What people quote of a document.
    DocumentNumber,
}

impl Rule {
    /// The same with a tag.
    pub(super) const fn tagged(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }
}

/// A rule for any table.
pub(super) const fn rule(
    names: &'static str,
    about: &'static str,
    null: u64,
    make: fn(&RuleContext<'_>) -> Value,
) -> Rule {
    Rule { names, kind: None, about, null, tag: None, make }
}

/// A rule for tables of a kind.
pub(super) const fn rule_of(
    kind: TableKind,
    names: &'static str,
    about: &'static str,
    null: u64,
    make: fn(&RuleContext<'_>) -> Value,
) -> Rule {
    Rule { names, kind: Some(kind), about, null, tag: None, make }
}

/// The row that a value is made for.
pub struct Context<'a> {
    /// The present, in seconds.
    pub now: i64,
    /// When the row was made, where it says so.
    pub created: Option<i64>,
    /// The number of the row.
    pub number: u64,
    /// What its table is.
    pub kind: TableKind,
    /// The values that the row has already, by the name of their column.
    pub known: &'a dyn Fn(&str) -> Option<Value>,
    /// Those of them that were not made up.
    pub given: &'a dyn Fn(&str) -> Option<Value>,
    /// What the columns that are about one person, or one place, are all made of: see `together`.
    pub hidden: Slot,
}

/// What a value is made of.
#[derive(Clone, Copy)]
pub(super) struct RuleContext<'a> {
    pub(super) slot: Slot,
    pub(super) context: &'a Context<'a>,
    pub(super) family: ScalarType,
}

/// Days before the present in which rows without a time of their own were made.
const PAST: i64 = 400;

impl RuleContext<'_> {
    /// One of words.
    pub(super) fn word(&self, words: &'static str) -> Value {
        self.one_of(words).into()
    }

    /// One of words that `|` parts.
    pub(super) fn one_of(&self, words: &'static str) -> &'static str {
        let count = words.split('|').count() as u64;
        words.split('|').nth(self.slot.below(count) as usize).unwrap_or(words)
    }

    /// The text of a column that the row has already.
    pub(super) fn known(&self, names: &[&str]) -> Option<String> {
        self.text_of(self.context.known, names)
    }

    /// The same, where it was not made up.
    pub(super) fn given(&self, names: &[&str]) -> Option<String> {
        self.text_of(self.context.given, names)
    }

    fn text_of(&self, of: &dyn Fn(&str) -> Option<Value>, names: &[&str]) -> Option<String> {
        let text = |name: &&str| match of(name)? {
            Value::Text(text) => Some(text).filter(|text| !text.trim().is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        names.iter().find_map(text)
    }

    /// A number, whole or with two decimals as the type has it, between two whole ones.
    pub(super) fn number(&self, low: i64, high: i64) -> Value {
        if self.family == ScalarType::Decimal {
            return Value::Number(Decimal::new(self.slot.between(low * 100, high * 100), 2));
        }
        self.slot.between(low, high).into()
    }

    /// A whole number, whatever the type.
    pub(super) fn whole(&self, low: i64, high: i64) -> Value {
        self.slot.between(low, high).into()
    }

    /// When the row was made, never after the present.
    pub(super) fn created(&self) -> i64 {
        self.context.created.unwrap_or(self.context.now - PAST * DAY).min(self.context.now)
    }

    /// A second as the type has it.
    pub(super) fn at(&self, second: i64) -> Value {
        match self.family {
            ScalarType::Date => Value::Date(second.div_euclid(DAY).clamp(-719_162, 2_932_896) as i32),
            ScalarType::Timestamp => Value::Timestamp(second),
            ScalarType::Integer | ScalarType::Decimal => second.into(),
            _ => {
                let mut text = Vec::new();
                let day = second.div_euclid(DAY).clamp(-719_162, 2_932_896) as i32;
                crate::calendar::write_date(&mut text, day);
                String::from_utf8_lossy(&text).into_owned().into()
            }
        }
    }
}
