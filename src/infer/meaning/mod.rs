//! What a column holds that the domain does not know, by its name, its table and its type.

mod contact;
mod numbers;
mod people;
mod places;
mod rules;
mod sentences;
mod technical;
#[cfg(test)]
mod tests;
mod texts;
mod times;
mod unique;

use crate::infer::kinds::{self, TableKind};
use crate::infer::names;
use crate::random::Slot;
use crate::sqlexpr::value::Value;
use rules::{Draw, Rule};

pub use people::ascii;
pub use unique::unique_text;

/// What types are alike to those who make values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// true or false.
    Bool,
    /// Whole numbers.
    Integer,
    /// Numbers with a fraction.
    Decimal,
    /// Text.
    Text,
    /// Days.
    Date,
    /// Points in time.
    Timestamp,
    /// Times of day.
    Time,
    /// Lengths of time.
    Interval,
    /// JSON documents.
    Json,
    /// UUIDs.
    Uuid,
    /// Bytes.
    Bytes,
    /// Addresses in a network.
    Address,
    /// Ranges.
    Range,
    /// Anything else.
    Other,
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
    /// What the columns that are about one person, or one place, are all made of: see [`together`].
    pub hidden: Slot,
}

/// Words of a column that say what it tells of a person or a place; the others say of whom, or of which.
const TELLING: &str = "first last full given family middle sur name surname firstname lastname fname lname display \
     nick user username login email mail address phone number mobile cell tel telephone fax work personal primary \
     secondary main alternate url link linkedin twitter facebook instagram avatar photo image picture signature \
     initial title job handle slug city town municipality locality state province zip zipcode postal postcode code \
     street line county country region company organization account business employer dba latitude longitude lat lng lon timezone time zone tz area abbr 1 2";

/// Words that say that something was done, of which several columns may tell: `responded`, `responded_at`.
const DONE: &str = "completed closed resolved paid shipped opened replied responded won sent clicked contacted delivered \
     received approved converted answered viewed accepted signed";

/// What several columns of a row are made of together: a person, a place, or whether something was done.
pub fn together(column: &str) -> String {
    let words = names::words(column);
    let done = words.iter().find_map(|word| match word.as_str() {
        "complete" | "done" | "finished" => Some("completed"),
        word => DONE.split_whitespace().find(|done| *done == word),
    });
    done.map_or_else(|| whose(column), |done| format!("whether {done}"))
}

/// Of whom, or of which place, a column tells: `billing` for `billing_city`, nothing for `city`.
fn whose(column: &str) -> String {
    let words = names::words(column);
    let is_telling = |word: &&String| TELLING.split_whitespace().any(|telling| telling == word.as_str());
    words.iter().filter(|word| !is_telling(word)).cloned().collect::<Vec<_>>().join(" ")
}

/// Whether what several columns tell of was done.
pub fn is_done(hidden: Slot) -> bool {
    hidden.child(9).chance(60)
}

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    rule: &'static Rule,
    family: Family,
}

/// What `column` of `table` holds.
pub fn meaning(table: &str, column: &str, family: Family) -> Meaning {
    let words = names::words(column);
    let singular: Vec<String> = words.iter().map(|word| names::singular(word)).collect();
    let kind = kinds::kind("public", table);
    let spellings = [singular.join(" "), words.join(" ")];
    // A number whose name says yes or no is one: frameworks keep them so.
    if family == Family::Integer && rules::is_flag(&spellings) {
        return Meaning { rule: rules::find(&spellings, kind, Family::Bool), family };
    }
    Meaning { rule: rules::find(&[singular.join(" "), words.join(" ")], kind, family), family }
}

impl Meaning {
    /// What that is, for people.
    pub fn about(self) -> &'static str {
        self.rule.about
    }

    /// Whether it is better left NULL.
    pub fn is_noise(self) -> bool {
        self.rule.null >= rules::NOISE
    }

    /// Whether it is a number that stands for one of a few.
    pub fn is_code(self) -> bool {
        self.rule.about == numbers::CODE
    }

    /// Whether it says when something was done, which may not have been.
    pub fn is_when_done(self) -> bool {
        self.rule.about == times::DONE
    }

    /// Whether it is what people quote of a document.
    pub fn is_number_of_document(self) -> bool {
        self.rule.about == texts::NUMBER
    }

    /// In how many of 100 rows it is NULL.
    pub fn null_percent(self) -> u64 {
        self.rule.null.min(100)
    }

    /// A value of a row.
    pub fn make(self, slot: Slot, context: &Context<'_>) -> Value {
        let value = (self.rule.make)(&Draw { slot, context, family: self.family });
        match value {
            Value::Bool(yes) if self.family == Family::Integer => Value::from(i64::from(yes)),
            value => value,
        }
    }
}
