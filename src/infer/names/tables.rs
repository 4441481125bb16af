//! Other names of the domain's tables: `fixtures/table_names.tsv`.

use std::sync::LazyLock;

use super::alias::Names;
use crate::fixture::{fixture, list};

/// A table, or a part that tables' names are made of.
pub struct Called {
    /// The domain's table, or the part in parentheses.
    pub table: &'static str,
    /// The word for one of its rows.
    pub singular: &'static str,
    /// Its other names, singular.
    pub names: Names,
    /// Pairs of tables and parts that it links.
    pub links: Vec<(&'static str, &'static str)>,
}

static CALLED: LazyLock<Vec<Called>> = LazyLock::new(|| {
    let pair = |link: &'static str| {
        link.split_once(' ').unwrap_or_else(|| panic!("fixtures/table_names.tsv: {link} is no pair"))
    };
    fixture!("table_names.tsv", ["table", "singular", "known", "weak", "links"])
        .map(|[table, singular, known, weak, links]| {
            let links = list(links).into_iter().map(pair).collect();
            Called { table, singular, names: Names::read(known, weak), links }
        })
        .collect()
});

/// What the table, or part, is called.
pub fn called(table: &str) -> Option<&'static Called> {
    CALLED.iter().find(|called| called.table == table)
}

/// The table for whose rows this is the word.
pub fn of_singular(word: &str) -> Option<&'static Called> {
    CALLED.iter().find(|called| called.singular == word)
}
