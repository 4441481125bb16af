//! What several columns of a row are made of together.

use std::collections::{BTreeSet, HashSet};

use crate::infer::names::{self, NameWords};
use crate::random::Slot;

/// The addresses of a table's rows, by what its columns say of which one they are.
#[derive(Debug, Default)]
pub struct Addresses {
    /// Those that have a town.
    with_town: BTreeSet<String>,
    /// Those that have a part of their own.
    with_parts: BTreeSet<String>,
    /// Those that have a street.
    with_street: BTreeSet<String>,
}

impl Addresses {
    /// Those of columns of these words.
    pub fn of<'a>(columns: impl Iterator<Item = &'a [String]>) -> Self {
        let known = NameWords::get();
        let mut found = Self::default();
        for words in columns.filter(|words| words.last().is_none_or(|last| last != "id")) {
            let has = |of: &HashSet<&str>| words.iter().any(|word| of.contains(word.as_str()));
            if has(&known.town) {
                found.with_town.insert(whose(words));
            }
            let is = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
            if is(&["street", "line"]) && !is(&["2", "3"]) {
                found.with_street.insert(whose(words));
            }
            if has(&known.town) || has(&known.address_part) {
                found.with_parts.insert(whose(words));
            }
        }
        found
    }

    /// Whether a column is the street of an address: that has a town of its own, and no other street.
    pub fn lacks_street(&self, words: &[String]) -> bool {
        let name = whose(words);
        let address = the_one(&self.with_town, &name);
        address.is_some_and(|address| !self.with_street.contains(address))
    }

    /// Whether one has a town.
    pub fn has_any(&self) -> bool {
        !self.with_town.is_empty()
    }

    /// Whether a column is of the address of a town by its own name.
    pub fn is_named(&self, words: &[String]) -> bool {
        self.with_town.contains(&whose(words))
    }
}

/// The address that is meant: that of the name, else the only one.
fn the_one<'a>(addresses: &'a BTreeSet<String>, name: &'a str) -> Option<&'a str> {
    match addresses.len() {
        1 => addresses.first().map(String::as_str),
        _ => addresses.get(name).map(String::as_str),
    }
}

/// What several columns of a row are made of together: a person, a place, or whether something was done.
pub fn together(words: &[String], addresses: &Addresses) -> String {
    let known = NameWords::get();
    let has = |of: &HashSet<&str>| words.iter().any(|word| of.contains(word.as_str()));
    let whose = whose(words);
    let is_whole = words.last().is_some_and(|last| known.whole_address.contains(last.as_str()))
        || has(&known.whole_address) && has(&known.whole);
    if let Some(address) = the_one(&addresses.with_parts, &whose).filter(|_| is_whole) {
        return address.to_owned();
    }
    match words.iter().find_map(|word| known.done.get(word.as_str())) {
        Some(done) => format!("whether {done}"),
        None => whose,
    }
}

/// Of whom, or of which place, a column tells: `billing` for `billing_city`, nothing for `city`.
pub fn whose(words: &[String]) -> String {
    let telling = &NameWords::get().telling;
    let is_telling =
        |word: &&String| telling.contains(word.as_str()) || telling.contains(names::singular(word).as_str());
    words.iter().filter(|word| !is_telling(word)).cloned().collect::<Vec<_>>().join(" ")
}

/// Whether a column is about another person than the row's.
pub fn is_of_other(words: &[String]) -> bool {
    words.iter().any(|word| NameWords::get().other_people.contains(word.as_str()))
}

/// Whether what several columns tell of was done.
pub fn is_done(hidden: Slot) -> bool {
    hidden.child(9).chance(60)
}
