//! What a column holds that the domain does not know, by its name, its table and its type.

mod context;
mod files;
mod generator;
mod lookup;
mod numbers;
mod people;
mod places;
mod products;
mod rules;
mod sentences;
mod sign_ins;
mod template;
#[cfg(test)]
mod tests;
mod things;
mod times;
mod together;
mod unique;

use std::collections::BTreeSet;

use crate::infer::kinds::TableKind;
use crate::infer::names;
use crate::infer::names::pattern::Pattern;
use crate::infer::scalar_type::ScalarType;
use crate::random::Slot;
use crate::sqlexpr::value::Value;
use context::RuleContext;
use generator::Generator;
use rules::{Rule, Tag};
use things::NamesOf;

pub use context::Context;
pub use people::ascii;
pub use places::{state_code, state_facts};
pub use things::{are_people, for_people, listed, thing};
pub use together::{Addresses, is_done, is_of_other, together, whose};
pub use unique::unique_text;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub struct Semantics {
    rule: &'static Rule,
    scalar: ScalarType,
    /// The names of the thing that it calls, where they are known.
    names: Option<&'static [&'static str]>,
}

/// What a column whose name has these words holds, in a table of `kind`.
pub fn meaning(kind: TableKind, words: &[String], scalar: ScalarType) -> Semantics {
    let singular: Vec<String> = words.iter().map(|word| names::singular(word)).collect();
    let spellings = [singular.join(" "), words.join(" ")];
    // A number whose name says yes or no is one: frameworks keep them so.
    if scalar == ScalarType::Integer && lookup::is_flag(&spellings, kind) {
        let rule = lookup::find(&spellings, kind, ScalarType::Bool);
        return Semantics { rule, scalar, names: None };
    }
    let rule = lookup::find(&spellings, kind, scalar);
    let of_thing = (rule.tag == Some(Tag::Name)).then(|| things::names_of(&singular)).flatten();
    match of_thing {
        None => Semantics { rule, scalar, names: None },
        Some(NamesOf::List(names)) => Semantics { rule, scalar, names: Some(names) },
        Some(NamesOf::Rule(rule)) => Semantics { rule, scalar, names: None },
    }
}

/// Names of columns of a type that mean something.
pub fn names_of(scalar: ScalarType) -> Vec<String> {
    let patterns = rules::rules_of(scalar).iter().flat_map(|rule| &rule.patterns);
    patterns.filter(|pattern| pattern.is_closed()).map(Pattern::name).collect()
}

/// What an amount is that is counted in cents or the like, by the other words of its name.
pub fn amount(kind: TableKind, words: &[String], scalar: ScalarType) -> Semantics {
    // It is made in the currency's own unit.
    let made = if scalar == ScalarType::Integer { ScalarType::Decimal } else { scalar };
    let found = meaning(kind, words, made);
    if found.is_unknown() { meaning(kind, &["amount".to_owned()], made) } else { found }
}

impl Semantics {
    /// What that is, for people.
    pub fn about(self) -> &'static str {
        self.rule.about
    }

    /// Whether it is better left NULL.
    pub fn is_always_null(self) -> bool {
        self.rule.null >= rules::ALWAYS_NULL
    }

    /// Whether another name means the same.
    pub fn is_same(self, other: Self) -> bool {
        std::ptr::eq(self.rule, other.rule)
    }

    /// Whether the name says nothing.
    pub fn is_unknown(self) -> bool {
        self.rule.patterns.is_empty() || self.rule.tag == Some(Tag::Unknown)
    }

    /// Whether it is each row's own, as names, mailboxes and sentences are, rather than one of a few.
    pub fn is_individual(self) -> bool {
        /// Rows that are looked at, and of them those that say something else: fewer where they say it in sentences.
        const ROWS: u64 = 16;
        const OTHERS: usize = 10;
        const SENTENCES: usize = 4;
        /// Words of a sentence.
        const WORDS: usize = 3;
        if self.rule.generator.is_prose() || self.rule.tag == Some(Tag::Name) {
            return true;
        }
        let made = (1..=ROWS).map(|number| format!("{:?}", self.sample(number)));
        let made: BTreeSet<String> = made.collect();
        let sentences = made.iter().filter(|text| text.split_whitespace().count() >= WORDS).count();
        !self.is_unknown() && (made.len() >= OTHERS || sentences >= SENTENCES)
    }

    /// A value of no certain row.
    pub fn sample(self, number: u64) -> Value {
        let nothing = |_: &str| None;
        let slot = Slot::of(number);
        let context = Context {
            now: 0,
            created: None,
            number,
            kind: self.rule.kind.unwrap_or(TableKind::Other),
            thing: "Thing",
            known: &nothing,
            certain: &nothing,
            hidden: slot,
            is_of_other: false,
        };
        self.make(slot, &context)
    }

    /// Whether it is a number that stands for one of a few.
    pub fn is_code(self) -> bool {
        self.rule.tag == Some(Tag::Code)
    }

    /// Whether it says when something was done, which may not have been.
    pub fn is_when_done(self) -> bool {
        self.rule.tag == Some(Tag::WhenDone)
    }

    /// Whether it is what people quote of a document.
    pub fn is_number_of_document(self) -> bool {
        self.rule.tag == Some(Tag::DocumentNumber)
    }

    /// Whether it is a number, as a text says it.
    pub fn is_number(self) -> bool {
        self.rule.tag == Some(Tag::Number)
    }

    /// Whether it is a document whose members must be there, whatever is read of it.
    pub fn is_whole_document(self) -> bool {
        self.rule.tag == Some(Tag::Whole)
    }

    /// What all columns that tell of it are made of together, whatever their names are: the row's file, its last
    /// change.
    pub fn group(self) -> Option<&'static str> {
        match self.rule.generator {
            Generator::File(_) => Some("file"),
            Generator::SignIn(_) => Some("sign in"),
            Generator::LastChange => Some("last change"),
            _ => None,
        }
    }

    /// Whether it calls a person.
    pub fn is_person(self) -> bool {
        self.rule.tag == Some(Tag::Person)
    }

    /// Whether it calls something of which its name says no more than that.
    pub fn is_name_of_thing(self) -> bool {
        self.rule.tag == Some(Tag::Name) && self.names.is_none()
    }

    /// All that it says of a thing in a table of `kind`, where that is one of a few texts; each once.
    pub fn all(self, kind: TableKind, thing: &str) -> Option<Vec<String>> {
        let mut all = match self.names {
            Some(names) => names.iter().map(|name| things::for_people(name)).collect(),
            None => self.rule.generator.all(self.rule.kind.unwrap_or(kind), thing)?,
        };
        let mut seen = BTreeSet::new();
        all.retain(|text| seen.insert(text.clone()));
        Some(all)
    }

    /// In how many of 100 rows it is NULL.
    pub fn null_percent(self) -> u64 {
        self.rule.null.min(100)
    }

    /// A value of a row.
    pub fn make(self, slot: Slot, context: &Context<'_>) -> Value {
        if let Some(names) = self.names {
            return things::for_people(slot.word(names)).into();
        }
        let value = self.rule.generator.make(&RuleContext {
            slot,
            context,
            scalar: self.scalar,
            of_kind: self.rule.kind,
        });
        match value {
            Value::Bool(yes) if self.scalar == ScalarType::Integer => Value::from(i64::from(yes)),
            value => value,
        }
    }
}
