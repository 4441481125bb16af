//! Prefixes that tables share, and that say nothing of them: `crm_Accounts`, `tbl_customers`, `sugar_contacts`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::catalog::{Schema, Table};
use crate::domain::TABLES;
use crate::infer::kinds::{self, TableKind};
use crate::infer::names;
use crate::infer::word_lists::words;

/// So many tables make the first word of their names a prefix.
const LEAST: usize = 3;

/// What each table is called without such a prefix.
pub fn names(schema: &Schema) -> Vec<String> {
    let split: Vec<Vec<String>> = schema.tables.iter().map(|table| names::words(&table.name)).collect();
    let mut groups: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, (table, words)) in schema.tables.iter().zip(&split).enumerate() {
        if let [first, _, ..] = &words[..] {
            groups.entry((&table.schema, first)).or_default().push(at);
        }
    }
    let whole: BTreeSet<(&str, String)> = schema
        .tables
        .iter()
        .zip(&split)
        .map(|(table, words)| (table.schema.as_str(), names::singular_phrase(words)))
        .collect();
    let mut names: Vec<String> = schema.tables.iter().map(|table| table.name.clone()).collect();
    for ((home, prefix), tables) in groups {
        let is_table = whole.contains(&(home, names::singular(prefix)));
        if tables.len() < LEAST || is_table || is_word(prefix) {
            continue;
        }
        let says = |at: &&usize| is_telling(&split[**at][1..].join("_"));
        if 2 * tables.iter().filter(says).count() < tables.len() {
            continue;
        }
        for at in tables.iter().filter(|at| !is_framework(&schema.tables[**at])) {
            names[*at] = split[*at][1..].join("_");
        }
    }
    names
}

/// First words that belong to what a table is about.
static TELLING: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    words("@telling_prefixes").unwrap_or_else(|error| panic!("fixtures/word_lists.tsv: {error}"))
});

/// Whether a word says something of the table whose name begins with it.
fn is_word(word: &str) -> bool {
    let one = names::singular(word);
    kinds::is_word_of_table(&one) || TELLING.contains(&one.as_str())
}

/// Whether a name says what a table is.
fn is_telling(name: &str) -> bool {
    let is_domain =
        |table: &&&dyn crate::domain::table::Table| names::table_match(table.info().name, name).is_some();
    kinds::kind("", name) != TableKind::Other || TABLES.iter().any(|table| is_domain(&table))
}

fn is_framework(table: &Table) -> bool {
    kinds::kind(&table.schema, &table.name) == TableKind::Migrations
}
