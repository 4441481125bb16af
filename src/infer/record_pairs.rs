//! Pairs of columns of which one names a table and the other one of its rows: `record_type` and `record_id`.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::catalog::{Column, Table};
use crate::infer::column_type::ColumnType;
use crate::infer::names::{self, NameWords};
use crate::infer::scalar_type::ScalarType;
use crate::infer::word_lists::words;

/// What a pair may lead to, by what its columns are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairOf {
    /// A row of any table.
    Records,
    /// Somebody who did something.
    People,
    /// What its name says nothing of: only the labels of the type can tell that it is such a pair.
    Unknown,
}

static RECORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| read("@any_records"));
static PEOPLE: LazyLock<Vec<&'static str>> = LazyLock::new(|| read("@any_people"));

fn read(list: &'static str) -> Vec<&'static str> {
    words(list).unwrap_or_else(|error| panic!("fixtures/word_lists.tsv: {error}"))
}

/// Words of the column that names the table.
const TYPES: [&str; 5] = ["type", "kind", "table", "class", "model"];
/// The same, where they stand beside `record_id` and are called after nothing.
const TABLE_NAMES: [&str; 4] = ["table name", "model name", "table", "model"];

/// What the key column of a pair is called, without the word for the key.
fn stem(id: &Column) -> Option<(Vec<String>, bool)> {
    let mut words = names::words(&id.name);
    let is_key = words.last().is_some_and(|last| matches!(last.as_str(), "id" | "uuid" | "key"));
    if is_key {
        words.pop();
    }
    (!words.is_empty() && id.category != 'A').then_some((words, is_key))
}

/// `taggable`, as frameworks call the side of a pair that may be a row of any table.
fn is_able(stem: &[String]) -> bool {
    matches!(stem, [only] if only.len() > 5 && (only.ends_with("able") || only.ends_with("ible")))
}

/// Whether a column is the key of such a pair, whatever tables are called like it: `noteables` has `noteable_id`.
pub fn is_of_any(table: &Table, id: &Column) -> bool {
    stem(id).is_some_and(|(stem, _)| is_able(&stem)) && partner(table, id).is_some()
}

/// What a pair with this stem leads to.
fn pair_of(stem: &[String]) -> PairOf {
    let phrase = stem.join(" ");
    match () {
        () if PEOPLE.contains(&phrase.as_str()) => PairOf::People,
        () if is_able(stem) || RECORDS.contains(&phrase.as_str()) => PairOf::Records,
        () => PairOf::Unknown,
    }
}

/// The column beside `id` that says of which table it is a key, and what the pair leads to.
pub fn partner<'a>(table: &'a Table, id: &Column) -> Option<(&'a Column, PairOf)> {
    let (stem, is_key) = stem(id)?;
    if is_content(&stem) && is_of_files(table) {
        return None;
    }
    let of = pair_of(&stem);
    if !is_key && of == PairOf::Unknown {
        return None;
    }
    let is_text = |column: &&Column| {
        column.name != id.name
            && column.category != 'A'
            && ColumnType::new(column, &[], 0).scalar == ScalarType::Text
    };
    let columns = || table.columns.iter();
    let is_type = |column: &&Column| {
        let name = &column.name;
        // Of most names the end says that they are none, without a look at their words.
        TYPES.iter().any(|word| ends_with(name, word)) && {
            let words = names::words(name);
            words.split_last().is_some_and(|(last, of)| of == stem && TYPES.contains(&last.as_str()))
        }
    };
    let is_plain = |column: &&Column| {
        let words = names::words(&column.name);
        words == stem || TABLE_NAMES.contains(&words.join(" ").as_str())
    };
    let typed = columns().filter(is_type).find(is_text);
    let plain = || columns().filter(is_plain).find(is_text).filter(|_| is_key && of == PairOf::Records);
    typed.or_else(plain).map(|column| (column, of))
}

/// Whether columns called so are about what is in a file.
fn is_content(stem: &[String]) -> bool {
    matches!(stem, [only] if matches!(only.as_str(), "content" | "mime" | "media" | "file"))
}

/// Whether a table's rows are files, or have one.
fn is_of_files(table: &Table) -> bool {
    let known = &NameWords::get().file;
    let is_of_file =
        |name: &str| names::words(name).iter().any(|word| known.contains(names::singular(word).as_str()));
    is_of_file(&table.name) || table.columns.iter().any(|column| is_of_file(&column.name))
}

/// Whether a name ends with a word, whatever its letter case.
fn ends_with(name: &str, word: &str) -> bool {
    let start = name.len().checked_sub(word.len());
    start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// Whether a column is the key of a pair that says who did something.
pub fn is_of_people(table: &Table, id: &Column) -> bool {
    let is_called_so = stem(id).is_some_and(|(stem, _)| pair_of(&stem) == PairOf::People);
    is_called_so && partner(table, id).is_some()
}

/// The columns of a table that are of a pair that leads to a row of any table, by what they are called.
pub fn columns_of_pairs(table: &Table) -> HashSet<&str> {
    let pairs = table.columns.iter().filter_map(|id| {
        let (of_type, of) = partner(table, id)?;
        (of != PairOf::Unknown).then_some([id.name.as_str(), of_type.name.as_str()])
    });
    pairs.flatten().collect()
}

/// The column beside one that names a kind of record by its key in a list (`content_type_id`) that holds the key of the
/// row: `object_id`, with what stands before both.
pub fn object_of<'a>(table: &'a Table, of_type: &Column) -> Option<&'a Column> {
    let words = names::words(&of_type.name);
    let [stem @ .., last] = &words[..] else { return None };
    let typed = match last.as_str() {
        "id" => stem,
        _ => &words[..],
    };
    let (kind, stem) = typed.split_last()?;
    if kind != "type" && kind != "model" {
        return None;
    }
    let before = match stem.split_last() {
        Some((last, before)) if last == "content" => before,
        _ => stem,
    };
    let of = |name: &[&str]| {
        table.columns.iter().find(|column| {
            let words = names::words(&column.name);
            words
                .strip_prefix(before)
                .is_some_and(|rest| rest.iter().map(String::as_str).eq(name.iter().copied()))
        })
    };
    let own: Vec<&str> = stem[before.len()..].iter().map(String::as_str).chain(["id"]).collect();
    of(&["object", "id"])
        .or_else(|| of(&["object", "pk"]))
        .or_else(|| of(&["object", "uuid"]))
        .or_else(|| of(&own))
        .or_else(|| of(&["id"]).filter(|_| !before.is_empty()))
}
