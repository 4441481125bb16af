//! Lines of crm-seed.toml, as they are proposed.

use std::fmt::Write;

use crate::catalog::{Schema, Table};

/// The line that says which table of the domain a table is.
pub fn is(schema: &Schema, table: &Table, role: &str) -> String {
    format!("tables.{}.is = {}", key(schema, table), quoted(role))
}

/// The line that gives all rows of a column one value.
pub fn value(schema: &Schema, table: &Table, column: &str) -> String {
    format!("tables.{}.columns.{} = {{ value = ... }}", key(schema, table), word(column))
}

/// The line that maps the labels of a column to the app's words: as it is written, to themselves.
pub fn labels(schema: &Schema, table: &Table, column: &str, labels: &[String]) -> String {
    let pairs: Vec<String> =
        labels.iter().map(|label| format!("{} = {}", word(label), quoted(label))).collect();
    format!(
        "tables.{}.columns.{} = {{ labels = {{ {} }} }}",
        key(schema, table),
        word(column),
        pairs.join(", ")
    )
}

/// A table's name as a key: with its schema where the name alone would not find it, or also another one.
pub fn key(schema: &Schema, table: &Table) -> String {
    let namesakes = schema.tables.iter().filter(|other| other.name == table.name).count();
    match table.visible && namesakes == 1 {
        true => word(&table.name),
        false => quoted(&format!("{}.{}", table.schema, table.name)),
    }
}

/// A name as a key.
pub fn word(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_quoted_where_they_must_be() {
        assert_eq!(word("deal_notes"), "deal_notes");
        assert_eq!(word("Company"), "Company");
        assert_eq!(word("a b"), "\"a b\"");
        assert_eq!(word("Straße"), "\"Straße\"");
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000A\"");
    }
}
