//! JSON documents in the shape that the app reads: what views, trigger functions, CHECKs, generated columns, indexes,
//! defaults and comments show of a column.

mod document;
mod lexer;
mod path;
mod reader;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::catalog::{Column, Schema, Table};
pub use document::{Document, placeholder, template};
pub use shape::{Scalar, Shape};

/// What the target's SQL shows of a column's documents.
pub fn shape_of(schema: &Schema, table: &Table, column: &Column) -> Shape {
    let mut shape = Shape::default();
    if let Some(example) = column.comment.as_deref().and_then(example_in) {
        shape.learn(&example, false);
    }
    let others: BTreeSet<&str> = schema
        .tables
        .iter()
        .flat_map(|table| &table.columns)
        .filter(|other| other.is_json() && other.name != column.name)
        .map(|other| other.name.as_str())
        .collect();
    let mut read = |text: &str, name: &str| reader::read(&mut shape, text, name, &others);
    for text in texts_of(table) {
        read(text, &column.name);
    }
    for check in column.domain_checks.iter().flatten() {
        read(check, "value");
    }
    for used in schema.json_uses.iter().filter(|used| used.table.is_none_or(|oid| oid == table.oid)) {
        // A function says of no table which one it reads, but by its name.
        if used.table.is_some() || used.text.contains(&table.name) {
            read(&used.text, &column.name);
        }
    }
    shape
}

/// What the documents show that are in a column.
pub fn shape_of_rows(column: &Column) -> Shape {
    let documents = column.examples.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let mut shape = Shape::default();
    for document in documents.iter().filter_map(serde_json::Value::as_array).flatten() {
        shape.learn(document, false);
    }
    shape
}

/// What the default of a column shows.
pub fn example(default: &str) -> Shape {
    let mut shape = Shape::default();
    if let Some(example) = example_in(default) {
        shape.learn(&example, false);
    }
    shape
}

/// Texts of a table's own that may read its columns.
fn texts_of(table: &Table) -> impl Iterator<Item = &str> {
    let checks = table.checks.iter().map(|check| &check.definition);
    let generated = table.columns.iter().filter_map(|column| column.generated_as.as_ref());
    let keys = table.uniques.iter().flat_map(|key| key.expressions.iter().flatten().chain(&key.predicate));
    let triggers = table.triggers.iter().map(|trigger| &trigger.source);
    let policies = table.policies.iter().flat_map(|policy| policy.using.iter().chain(&policy.check));
    checks.chain(generated).chain(keys).chain(triggers).chain(policies).map(String::as_str)
}

/// The first document in a text for people.
fn example_in(text: &str) -> Option<serde_json::Value> {
    let starts = text.char_indices().filter(|(_, c)| matches!(c, '[' | '{'));
    let mut examples = starts.filter_map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<serde_json::Value>();
        values.next()?.ok()
    });
    examples.next()
}
