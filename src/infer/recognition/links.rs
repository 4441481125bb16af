//! Tables that link rows of others and say little else, by what they refer to, whatever they are called.

use crate::infer::names::pattern::Pattern;
use crate::infer::recognition::evidence::{ColumnEvidence, TableEvidence};
use crate::infer::recognition::graph::{Edge, Graph};
use crate::infer::scalar_type::ScalarType;
use crate::infer::table_key::own_key;
use crate::infer::word_lists::words;
use std::sync::LazyLock;

/// What a link says of itself without being about anything more than what it links, by the scalar of the type.
struct Beside {
    times: Vec<Pattern>,
    numbers: Vec<Pattern>,
    texts: Vec<Pattern>,
}

static BESIDE: LazyLock<Beside> = LazyLock::new(|| {
    let read = |list| -> Vec<Pattern> {
        let words = words(list).unwrap_or_else(|error| panic!("fixtures/word_lists.tsv: {error}"));
        words.into_iter().map(Pattern::read).collect()
    };
    Beside { times: read("@link_times"), numbers: read("@link_numbers"), texts: read("@link_texts") }
});

/// The tables that a table links, column by column, if that is what it is for; pairs of a type and an id count as one
/// that leads anywhere. References to `aside` (a tenant) are none.
pub fn ends<'a>(
    at: usize,
    table: &TableEvidence<'_>,
    graph: &'a Graph,
    aside: &[usize],
) -> Option<Vec<Option<&'a Edge>>> {
    let key = own_key(table.table).map(|key| key.name.as_str());
    let mut ends = Vec::new();
    for column in &table.columns {
        let name = column.column.name.as_str();
        let edges = || graph.from(at).filter(|edge| edge.column == name);
        if edges().any(|edge| aside.contains(&edge.to)) {
            continue;
        }
        if let Some(edge) = edges().next() {
            if !column.is_who() {
                ends.push(Some(edge));
            }
        } else if is_pair(table, column) {
            ends.push(None);
        } else if Some(name) != key && !is_beside(table, column) {
            return None;
        }
    }
    (ends.len() > 1).then_some(ends)
}

/// Whether a column is the id of a row whose table another column names.
fn is_pair(table: &TableEvidence<'_>, column: &ColumnEvidence<'_>) -> bool {
    let Some((last, stem)) = column.words.split_last() else { return false };
    let is_type = |other: &ColumnEvidence<'_>| {
        other.words.split_last().is_some_and(|(last, of)| last == "type" && of == stem)
    };
    last == "id" && !stem.is_empty() && table.columns.iter().any(is_type)
}

/// Whether a column says no more than how and since when rows are linked.
fn is_beside(table: &TableEvidence<'_>, column: &ColumnEvidence<'_>) -> bool {
    let fits = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.fits(&column.phrase));
    let is_type_of_pair = || {
        let words = column.words.split_last().filter(|(last, _)| *last == "type");
        words.is_some_and(|(_, stem)| {
            let is_id = |other: &ColumnEvidence<'_>| {
                other.words.split_last().is_some_and(|(last, of)| last == "id" && of == stem)
            };
            table.columns.iter().any(is_id)
        })
    };
    column.column.generated
        || column.is_who()
        || match column.scalar {
            ScalarType::Bool => true,
            ScalarType::Date | ScalarType::Timestamp => fits(&BESIDE.times),
            ScalarType::Integer | ScalarType::Decimal => fits(&BESIDE.numbers),
            ScalarType::Uuid => column.words.len() == 1,
            ScalarType::Text | ScalarType::Json => fits(&BESIDE.texts) || is_type_of_pair(),
            _ => false,
        }
}

/// Whether a table that links `ends` others has no column but what it needs for that.
pub fn is_bare(table: &TableEvidence<'_>, ends: usize) -> bool {
    let key = own_key(table.table).map(|key| key.name.as_str());
    let is_time = |column: &ColumnEvidence<'_>| {
        matches!(column.scalar, ScalarType::Date | ScalarType::Timestamp) || column.is_who()
    };
    let others =
        table.columns.iter().filter(|column| Some(column.column.name.as_str()) != key && !is_time(column));
    others.count() == ends
}

/// Whether a table has two columns at least that may be keys of others.
pub fn may_link(table: &TableEvidence<'_>) -> bool {
    let key = own_key(table.table).map(|key| key.name.as_str());
    let is_key = |column: &&ColumnEvidence<'_>| {
        matches!(column.last(), "id" | "ids" | "uuid" | "fk") && Some(column.column.name.as_str()) != key
    };
    table.columns.iter().filter(is_key).count() > 1 || table.columns.len() < 4
}
