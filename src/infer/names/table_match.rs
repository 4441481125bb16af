//! How surely names mean tables of the domain.

use super::alias::{Names, Sureness};
use super::name_words::NameWords;
use super::tables::called;
use super::words::{singular, words};

/// Exactly the name.
pub(super) const EXACT: u8 = 100;
/// The same words, written differently.
pub(super) const SAME: u8 = 95;
/// A well-known other name.
pub(super) const KNOWN: u8 = 80;
/// A name that may mean it.
pub(super) const WEAK: u8 = 70;

/// How surely `target`, the name of a table or the word for one of its rows, means a table of the domain.
pub fn table_match(domain_table: &str, target: &str) -> Option<u8> {
    if domain_table == target {
        return Some(EXACT);
    }
    let words: Vec<String> = words(target).iter().map(|word| singular(word)).collect();
    let mut rest = match &words[..] {
        // `contacts_contact`, `accounts_account`: an app, and its model of the same name.
        [app, model, ..] if app == model => &words[1..],
        words => words,
    };
    if let Some(score) = base_match(domain_table, rest) {
        return Some(score);
    }
    let silent = NameWords::get();
    loop {
        rest = match rest {
            [first, rest @ ..] if silent.before_domain.contains(first.as_str()) => rest,
            [rest @ .., last] if silent.behind_domain.contains(last.as_str()) => rest,
            [first, rest @ ..] if silent.qualifiers.contains(first.as_str()) => rest,
            _ => return None,
        };
        if base_match(domain_table, rest).is_some() {
            return Some(WEAK);
        }
    }
}

/// How surely singular words name a table, with nothing around them.
pub(super) fn base_match(table: &str, words: &[String]) -> Option<u8> {
    let is_part = |part: &str, words: &[String]| plain_match(part, words) >= Some(KNOWN);
    let is_junction = |left: &str, right: &str| {
        (1..words.len()).any(|at| {
            let (first, second) = words.split_at(at);
            let second = match second {
                [word, rest @ ..] if NameWords::get().between.contains(word.as_str()) => rest,
                _ => second,
            };
            (is_part(left, first) && is_part(right, second))
                || (is_part(right, first) && is_part(left, second))
        })
    };
    let links = called(table).map_or(&[][..], |called| &called.links);
    let is_link = links.iter().any(|(left, right)| is_junction(left, right));
    plain_match(table, words).max(is_link.then_some(KNOWN))
}

pub(super) fn plain_match(table: &str, words: &[String]) -> Option<u8> {
    let called = called(table)?;
    let name = words.concat();
    if is_alike(called.singular, &name) {
        return Some(SAME);
    }
    score(&called.names, &name)
}

/// How surely `name` is one of other names.
pub(super) fn score(names: &Names, name: &str) -> Option<u8> {
    names.sureness(name).map(|sureness| match sureness {
        Sureness::Known => KNOWN,
        Sureness::Weak => WEAK,
    })
}

/// Whether two names have the same letters.
pub(super) fn is_alike(one: &str, other: &str) -> bool {
    !one.is_empty() && one.bytes().filter(|b| *b != b'_').eq(other.bytes().filter(|b| *b != b'_'))
}
