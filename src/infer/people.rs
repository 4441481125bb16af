//! Which people a column means that says who did something: where several tables hold people, those to whom the
//! foreign keys of columns of that name lead, else those to whom most such keys lead.

use std::collections::{BTreeMap, HashMap};

use crate::catalog::Schema;
use crate::infer::names;
use crate::infer::table_key::who;

/// To which tables the foreign keys lead that say who did something.
#[derive(Debug, Default)]
pub struct PeopleMeant {
    /// By the words of the column, tables by their oids and how many keys lead there.
    named: HashMap<String, BTreeMap<u32, usize>>,
    all: BTreeMap<u32, usize>,
}

impl PeopleMeant {
    /// Of all tables of a target.
    pub fn of(schema: &Schema) -> Self {
        let mut meant = Self::default();
        for key in schema.foreign_keys.iter().filter(|key| key.from != key.to) {
            let Some(words) = who(schema, key).and_then(|column| person(&names::words(column))) else {
                continue;
            };
            *meant.named.entry(words).or_default().entry(key.to).or_default() += 1;
            *meant.all.entry(key.to).or_default() += 1;
        }
        meant
    }

    /// The table that the keys of columns called so lead to, or most of them.
    pub fn named(&self, column: &[String]) -> Option<u32> {
        most(self.named.get(&person(column)?)?)
    }

    /// How many keys that say who did something lead to a table.
    pub fn count(&self, oid: u32) -> usize {
        self.all.get(&oid).copied().unwrap_or_default()
    }
}

fn most(tables: &BTreeMap<u32, usize>) -> Option<u32> {
    // Of as many the first.
    tables.iter().max_by_key(|(oid, count)| (**count, std::cmp::Reverse(**oid))).map(|(oid, _)| *oid)
}

/// What a column says of a person: its words without `id`; `None` where it says nothing of one.
pub fn person(words: &[String]) -> Option<String> {
    let is_key = |word: &String| matches!(word.as_str(), "id" | "ids" | "uuid" | "fk");
    let bare = match words.split_last() {
        Some((last, base)) if is_key(last) => base,
        _ => words,
    };
    let last = bare.last()?;
    let is_person = match bare.len() == words.len() {
        true => WHO.contains(&last.as_str()) || bare == ["assigned", "to"],
        false => {
            WHO.contains(&last.as_str()) || PEOPLE.contains(&last.as_str()) || bare == ["assigned", "to"]
        }
    };
    is_person.then(|| bare.join(" "))
}

/// Last words of columns that say who, even without `id`.
const WHO: [&str; 5] = ["by", "owner", "assignee", "rep", "author"];
/// The same before `id`.
const PEOPLE: [&str; 18] = [
    "user",
    "manager",
    "creator",
    "salesperson",
    "agent",
    "assigner",
    "organizer",
    "organiser",
    "reviewer",
    "approver",
    "requester",
    "submitter",
    "uploader",
    "editor",
    "supervisor",
    "coordinator",
    "representative",
    "handler",
];
