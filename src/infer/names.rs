//! What other schemas call the domain's tables and columns.

mod alias;
mod columns;
mod name_words;
pub mod pattern;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fixture::fixture;
use alias::{Names, Sureness};
use columns::{ADDRESS, COLUMNS, OWN};
pub use name_words::NameWords;
use tables::{called, of_singular};

/// Exactly the name.
const EXACT: u8 = 100;
/// The same words, written differently.
const SAME: u8 = 95;
/// A well-known other name.
const KNOWN: u8 = 80;
/// A name that may mean it.
const WEAK: u8 = 70;

/// Words whose plural is no matter of endings: `fixtures/plurals.tsv`.
struct Plurals {
    of_singular: HashMap<&'static str, &'static str>,
    of_plural: HashMap<&'static str, &'static str>,
}

static PLURALS: LazyLock<Plurals> = LazyLock::new(|| {
    let pairs = || fixture!("plurals.tsv", ["singular", "plural"]);
    Plurals {
        of_singular: pairs().map(|[one, many]| (one, many)).collect(),
        of_plural: pairs().map(|[one, many]| (many, one)).collect(),
    }
});

/// The words of a name in snake, camel, Pascal or kebab case, lower-case: `contactIDs` is `contact`, `ids`.
pub fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or(' ');
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let before = if i > 0 { at(i - 1) } else { ' ' };
        // The plural of an acronym: the `s` of `IDs`.
        let is_plural = before.is_uppercase() && at(i + 1) == 's' && !at(i + 2).is_lowercase();
        let starts = c.is_numeric() != before.is_numeric()
            || (c.is_uppercase() && before.is_lowercase())
            || (c.is_uppercase() && before.is_uppercase() && at(i + 1).is_lowercase() && !is_plural);
        if (starts || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The singular of a lower-case word; that of a singular is itself.
pub fn singular(word: &str) -> String {
    if word.len() <= 2 || PLURALS.of_singular.contains_key(word) {
        return word.to_owned();
    }
    if let Some(one) = PLURALS.of_plural.get(word) {
        return (*one).to_owned();
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    let is_es = ends(&["sses", "shes", "ches", "xes", "zzes", "toes", "roes"])
        || (ends(&["uses", "iases"]) && !ends(&["ouses", "auses", "fuses", "nuses"]))
        || ends(&["bonuses", "menuses"]);
    match word.strip_suffix('s') {
        Some(_) if ends(&["ss", "us", "is"]) => word.to_owned(),
        Some(stem) if is_es => stem.strip_suffix('e').unwrap_or(stem).to_owned(),
        Some(stem) => stem.to_owned(),
        None => word.to_owned(),
    }
}

/// Words in the singular, with blanks between.
pub fn singular_phrase(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| singular(word)).collect();
    words.join(" ")
}

/// The plural of a lower-case word; that of a plural is itself.
pub fn plural(word: &str) -> String {
    if word.is_empty() || singular(word) != word {
        return word.to_owned();
    }
    if let Some(many) = PLURALS.of_singular.get(word) {
        return (*many).to_owned();
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    match word.strip_suffix('y') {
        Some(stem) if !ends(&["ay", "ey", "iy", "oy", "uy"]) && !stem.is_empty() => format!("{stem}ies"),
        _ if ends(&["s", "x", "ch", "sh", "z", "to", "ro"]) => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

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

/// A word with a capital letter.
pub fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// How surely singular words name a table, with nothing around them.
fn base_match(table: &str, words: &[String]) -> Option<u8> {
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

fn plain_match(table: &str, words: &[String]) -> Option<u8> {
    let called = called(table)?;
    let name = words.concat();
    if is_alike(called.singular, &name) {
        return Some(SAME);
    }
    score(&called.names, &name)
}

/// How surely `name` is one of other names.
fn score(names: &Names, name: &str) -> Option<u8> {
    names.sureness(name).map(|sureness| match sureness {
        Sureness::Known => KNOWN,
        Sureness::Weak => WEAK,
    })
}

/// Whether two names have the same letters.
fn is_alike(one: &str, other: &str) -> bool {
    !one.is_empty() && one.bytes().filter(|b| *b != b'_').eq(other.bytes().filter(|b| *b != b'_'))
}

/// How surely the column `target_column` of a table that means `domain_table` means one of its columns.
pub fn column_match(domain_table: &str, domain_column: &str, target_column: &str) -> Option<u8> {
    if domain_column == target_column {
        return Some(EXACT);
    }
    let words = words(target_column);
    let name = words.join("_");
    if is_alike(domain_column, &name) {
        return Some(SAME);
    }
    if words.is_empty() || OWN.contains(&(domain_table, name.as_str())) {
        return None;
    }
    let words = as_key(words);
    let mut best = known_column(domain_table, domain_column, &words);
    // `deal_name` in the table of deals is its `name`.
    let single: Vec<String> = words.iter().map(|word| singular(word)).collect();
    for at in 1..words.len() {
        if base_match(domain_table, &single[..at]) >= Some(KNOWN) {
            best = best.max(known_column(domain_table, domain_column, &words[at..]));
        }
    }
    best
}

/// `company_uuid`, `fk_company` and `company_id_fk` as `company_id`.
fn as_key(mut words: Vec<String>) -> Vec<String> {
    let is_key = |word: &str| matches!(word, "uuid" | "guid" | "fk" | "pk");
    let mut was_key = false;
    while words.len() > 1 && words.last().is_some_and(|word| is_key(word)) {
        words.pop();
        was_key = true;
    }
    if words.len() > 1 && words.first().is_some_and(|word| matches!(word.as_str(), "fk" | "pk")) {
        words.remove(0);
        was_key = true;
    }
    if was_key && words.last().is_some_and(|word| word != "id") {
        words.push("id".to_owned());
    }
    words
}

/// How surely words that may be another name of a column are one.
fn known_column(table: &str, column: &str, words: &[String]) -> Option<u8> {
    let name = words.join("_");
    if is_alike(column, &name) {
        return Some(KNOWN);
    }
    let entries = COLUMNS.iter().filter(|called| called.column == column && called.is_of(table));
    let mut best = entries.filter_map(|called| score(&called.names, &name)).max();
    // `billing_city`, in whatever words.
    if let [first, rest @ ..] = words
        && ADDRESS.contains(&column)
        && let Some(most) = of_address(first)
        && !rest.is_empty()
    {
        best = best.max(known_column(table, column, rest).map(|score| score.min(most)));
    }
    // `company_id` where the domain has `organization_id`.
    if let [base @ .., last] = words
        && last == "id"
        && let Some(referred) = column.strip_suffix("_id")
        && let Some(called) = of_singular(referred)
    {
        let base: Vec<String> = base.iter().map(|word| singular(word)).collect();
        best = best.max(plain_match(called.table, &base).filter(|score| *score >= KNOWN).map(|_| KNOWN));
    }
    best
}

/// How surely columns of the address of this name are those meant.
fn of_address(name: &str) -> Option<u8> {
    let words = NameWords::get();
    match name {
        _ if words.address.contains(name) => Some(KNOWN),
        _ if words.other_address.contains(name) => Some(WEAK),
        _ => None,
    }
}
