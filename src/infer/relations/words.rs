//! The words by which columns of a row are compared: `fixtures/relations.tsv`.

use std::sync::LazyLock;

use crate::fixture::{fixture, list, some};
use crate::infer::names;

/// How columns are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// One after the other.
    Order,
    /// A part of a whole.
    Within,
    /// What of a whole is left.
    Rest,
}

/// A line of the table.
#[derive(Debug)]
pub(super) struct Compared {
    pub(super) how: How,
    /// It is about times.
    pub(super) of_times: bool,
    /// It is about numbers.
    pub(super) of_numbers: bool,
    pub(super) lesser: Vec<&'static str>,
    pub(super) between: Vec<&'static str>,
    pub(super) greater: Vec<&'static str>,
}

pub(super) static COMPARED: LazyLock<Vec<Compared>> = LazyLock::new(|| {
    let lines = fixture!("relations.tsv", ["what", "of", "lesser", "between", "greater"]);
    let read = |[what, of, lesser, between, greater]: [&'static str; 5]| Compared {
        how: match what {
            "order" => How::Order,
            "within" => How::Within,
            "rest" => How::Rest,
            other => panic!("fixtures/relations.tsv: there is no `{other}`"),
        },
        of_times: of != "number",
        of_numbers: of != "time",
        lesser: list(lesser),
        between: some(between).map(list).unwrap_or_default(),
        greater: list(greater),
    };
    lines.map(read).collect()
});

/// Words of a measure that say nothing of which part of it is meant.
const SILENT: [&str; 10] =
    ["quantity", "qty", "stock", "unit", "amount", "count", "number", "total", "item", "value"];

/// The words of a column's name, singular.
pub(super) fn words(column: &str) -> Vec<String> {
    names::words(column).iter().map(|word| names::singular(word)).collect()
}

/// What is left of a name without one of several phrases.
pub(super) fn without(name: &[String], phrases: &[&str]) -> Option<Vec<String>> {
    let find = |phrase: &&str| {
        let words: Vec<String> = phrase.split(' ').map(names::singular).collect();
        let at = name.windows(words.len()).position(|part| part == words)?;
        Some((words.len(), [&name[..at], &name[at + words.len()..]].concat()))
    };
    // The longest says most.
    phrases.iter().filter_map(find).max_by_key(|(length, _)| *length).map(|(_, rest)| rest)
}

/// The same without the words that say nothing of a part.
pub(super) fn measure(rest: &[String]) -> Vec<&String> {
    rest.iter().filter(|word| !SILENT.contains(&word.as_str())).collect()
}
