//! How surely names mean columns of the domain.

use super::columns::{ADDRESS, COLUMNS, OWN, dimension};
use super::field::{self, FieldName};
use super::moment::without_moment;
use super::name_words::NameWords;
use super::table_match::{EXACT, KNOWN, SAME, WEAK, base_match, is_alike, plain_match, score};
use super::tables::of_singular;
use super::words::singular;
use crate::infer::unit::{Dimension, Unit};

/// How surely a column of a table that means `domain_table` means one of its columns.
pub fn column_match(domain_table: &str, domain_column: &str, target: &FieldName) -> Option<u8> {
    if domain_column == target.name {
        return Some(EXACT);
    }
    let name = target.joined();
    let measures = dimension(domain_column);
    let is_told_in = |unit: Option<&Unit>| unit.is_none_or(|unit| measures == Some(unit.dimension));
    if is_alike(domain_column, &name) && is_told_in(target.unit) {
        return Some(SAME);
    }
    if name.is_empty() || OWN.contains(&(domain_table, name.as_str())) {
        return None;
    }
    let readings = target.readings(domain_table).into_iter();
    let scores = readings.filter(|reading| is_told_in(reading.unit)).filter_map(|reading| {
        // An amount that is taken off is no percentage.
        let is_bare = reading.most == field::WITHOUT_SILENT && measures == Some(Dimension::Share);
        let score = reading_match(domain_table, domain_column, reading.words).filter(|_| !is_bare)?;
        Some(score.min(reading.most))
    });
    scores.max()
}

/// The same of a day or a moment, whose name may say so or not.
pub fn moment_match(domain_table: &str, domain_column: &str, target: &FieldName) -> Option<u8> {
    let says = |words: &[String]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(moment) = without_moment(&words) else { return false };
        let own = without_moment(&domain_column.split('_').collect::<Vec<_>>());
        let mut entries =
            COLUMNS.iter().filter(|called| called.column == domain_column && called.is_of(domain_table));
        own.as_ref() == Some(&moment) || entries.any(|called| called.names.says_moment(&moment))
    };
    let found = column_match(domain_table, domain_column, target);
    let is_other = OWN.contains(&(domain_table, target.joined().as_str()));
    let is_said = || target.readings(domain_table).iter().any(|reading| says(&reading.words));
    found.or_else(|| (!is_other && is_said()).then_some(field::MOMENT))
}

/// How surely words, as one reading of a name has them, mean a column.
fn reading_match(domain_table: &str, domain_column: &str, words: Vec<String>) -> Option<u8> {
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
