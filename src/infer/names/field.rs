//! A column's name, taken apart: `[path] [attribute] [unit]`. What carries nothing falls away: a path that the attribute
//! says again (`amount` of `amountAmountMicros`), the parts of composite fields, the name of the column's own table.

use std::sync::LazyLock;

use super::name_words::NameWords;
use super::table_match::{KNOWN, base_match};
use super::words::{singular, words};
use crate::fixture::fixture;
use crate::infer::unit::{Dimension, Unit};

/// How surely a name that lost something on the way is what is left of it.
const IN_PARTS: u8 = 79;
const WITHOUT_TABLE: u8 = 78;
const OTHER_UNIT: u8 = 77;
pub(super) const MOMENT: u8 = 76;
pub(super) const WITHOUT_SILENT: u8 = 75;

/// The part of a composite field, and what it means.
struct Part {
    words: Vec<&'static str>,
    means: Vec<&'static str>,
}

static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| {
    let words = |text: &'static str| text.split(' ').collect();
    fixture!("composite_parts.tsv", ["part", "means"])
        .map(|[part, means]| Part { words: words(part), means: words(means) })
        .collect()
});

/// What is left of a column's name, and its unit.
#[derive(Clone, Debug)]
pub struct FieldName {
    /// The name as it stands.
    pub(super) name: String,
    /// It in words; an amount's without its unit.
    plain: Vec<String>,
    /// The words that say something.
    pub words: Vec<String>,
    /// In what its amounts are counted, where it says that.
    pub unit: Option<&'static Unit>,
    /// The words of its table's name, singular, where that is known.
    table: Vec<String>,
}

/// One way to read a name.
pub struct Reading {
    pub words: Vec<String>,
    pub unit: Option<&'static Unit>,
    /// How sure it is at most.
    pub most: u8,
}

impl FieldName {
    pub fn of(column: &str) -> Self {
        let mut plain = words(column);
        // Salesforce marks custom fields with `__c`.
        if plain.len() > 1 && column.ends_with("__c") {
            plain.pop();
        }
        let unit = Unit::ending(&plain).filter(|(unit, _)| unit.dimension == Dimension::Money);
        if let Some((_, count)) = unit {
            plain.truncate(plain.len() - count);
        }
        let words = told_once(of_composite(plain.clone()));
        Self { name: column.to_owned(), plain, words, unit: unit.map(|(unit, _)| unit), table: Vec::new() }
    }

    /// Of a column of a table.
    pub fn of_table(column: &str, table: &str) -> Self {
        let table = words(table).iter().map(|word| singular(word)).collect();
        Self { table, ..Self::of(column) }
    }

    /// The name as it stands, with `_` between its words.
    pub(super) fn joined(&self) -> String {
        self.plain.join("_")
    }

    /// The ways to read it as a column of a table that means `domain_table`, the surest first.
    pub fn readings(&self, domain_table: &str) -> Vec<Reading> {
        let mut readings = vec![self.reading(self.plain.clone(), u8::MAX)];
        let mut add = |reading: Reading| {
            let is_known = |known: &Reading| known.words == reading.words && known.unit == reading.unit;
            if !reading.words.is_empty() && !readings.iter().any(is_known) {
                readings.push(reading);
            }
        };
        add(self.reading(self.words.clone(), IN_PARTS));
        let own = self.without_table(domain_table);
        add(self.reading(own.clone(), WITHOUT_TABLE));
        let mut bare = own;
        if let Some((unit, count)) = Unit::ending(&bare).filter(|_| self.unit.is_none()) {
            bare.truncate(bare.len() - count);
            add(Reading { words: bare.clone(), unit: Some(unit), most: OTHER_UNIT });
        }
        let unit = readings.last().and_then(|reading| reading.unit);
        let without = without_silent(&bare);
        let reading = Reading { words: without.to_vec(), unit, most: WITHOUT_SILENT };
        if !reading.words.is_empty() && readings.iter().all(|known| known.words != reading.words) {
            readings.push(reading);
        }
        readings
    }

    fn reading(&self, words: Vec<String>, most: u8) -> Reading {
        Reading { words, unit: self.unit, most }
    }

    /// `lead_value` of the table of leads is its value, whatever that table means; `deal_value` of the deals, too.
    fn without_table(&self, domain_table: &str) -> Vec<String> {
        let single: Vec<String> = self.words.iter().map(|word| singular(word)).collect();
        let is_own = |at: &usize| {
            let begin = &single[..*at];
            // Of a table that links two, a key is one of those.
            let is_key = self.words[*at..] == ["id"] && self.table.len() > begin.len();
            (self.table.ends_with(begin) && !is_key) || base_match(domain_table, begin) >= Some(KNOWN)
        };
        let at = (1..self.words.len()).rev().find(is_own).unwrap_or(0);
        self.words[at..].to_vec()
    }
}

/// The name of a composite field's part, as it would be called alone.
fn of_composite(words: Vec<String>) -> Vec<String> {
    let is_end = |part: &&Part| {
        let before = words.len().checked_sub(part.words.len()).filter(|before| *before > 0);
        before.is_some_and(|before| {
            words[before..].iter().map(|word| singular(word)).eq(part.words.iter().copied())
        })
    };
    let Some(part) = PARTS.iter().filter(is_end).max_by_key(|part| part.words.len()) else { return words };
    let path = &words[..words.len() - part.words.len()];
    path.iter().cloned().chain(part.means.iter().map(|word| (*word).to_owned())).collect()
}

/// Without what is said again: `phones primary phone` is `primary phone`, `billing address address city` has one address.
fn told_once(words: Vec<String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for word in words {
        if once.last().is_some_and(|last| singular(last) == singular(&word)) {
            once.pop();
        }
        once.push(word);
    }
    let again = |word: &String| once[1..].iter().any(|other| singular(other) == singular(word));
    // `id` at the end: the first word may say whose key it is.
    let is_key = once.last().is_some_and(|last| matches!(last.as_str(), "id" | "ids" | "uuid"));
    if once.len() > 2 && !is_key && again(&once[0]) {
        once.remove(0);
    }
    once
}

/// Without the words at both ends that carry nothing.
fn without_silent(mut words: &[String]) -> &[String] {
    let silent = NameWords::get();
    loop {
        words = match words {
            [first, rest @ ..] if !rest.is_empty() && silent.before_field.contains(first.as_str()) => rest,
            [rest @ .., last] if !rest.is_empty() && silent.behind_field.contains(last.as_str()) => rest,
            _ => return words,
        };
    }
}
