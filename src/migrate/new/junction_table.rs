//! `--pattern junction-table`: a table whose rows connect the rows of two others, with keys, index, row-level security
//! and policy.

use crate::error::Result;
use crate::infer::table_key::singular_of;
use crate::migrate::new::draft::Draft;
use crate::migrate::new::name::made_by;
use crate::migrate::new::options::Options;
use crate::migrate::new::template::render;
use crate::migrate::sql::identifier::{Identifier, fitted};
use crate::sql::quote_identifier;

pub const OPTIONS: &[&str] = &["--table", "--left", "--right", "--key-type"];

const LEFT: &str = "opportunities";
const RIGHT: &str = "products";

/// What a line item says beside its keys.
const LINE_ITEM: [(&str, &str); 4] = [
    ("quantity", "bigint NOT NULL DEFAULT 1 CHECK (quantity > 0)"),
    ("unit_price", "numeric(10, 2) NOT NULL"),
    ("discount_percent", "numeric(5, 2) NOT NULL DEFAULT 0 CHECK (discount_percent BETWEEN 0 AND 100)"),
    ("notes", "text"),
];

/// The migration.
///
/// # Errors
/// What is no name or type.
pub fn drafts(name: &str, options: &Options) -> Result<Vec<Draft>> {
    let left = options.identifier("--left", LEFT)?;
    let right = options.identifier("--right", RIGHT)?;
    let table = match options.has_any(&["--left", "--right"]) {
        true => left.sibling(fitted(&format!("{}_{}", singular_of(&left.name), right.name))),
        false => left.sibling(fitted(made_by(name))),
    };
    let table = match options.one("--table") {
        Some(name) => Identifier::parse(name, "--table")?,
        None => table,
    };
    let data_type = options.data_type("--key-type", "bigint")?;
    let left_key = quote_identifier(&key_of(&left, ""));
    // A table may be connected with itself.
    let other = if left.name == right.name { "other_" } else { "" };
    let right_key = quote_identifier(&key_of(&right, other));
    let key =
        |to: &Identifier| format!("{data_type} NOT NULL REFERENCES {} (id) ON DELETE CASCADE", to.sql());
    let mut columns = vec![(left_key.clone(), key(&left)), (right_key.clone(), key(&right))];
    if (left.name.as_str(), right.name.as_str()) == (LEFT, RIGHT) {
        columns.extend(LINE_ITEM.map(|(name, rest)| (name.to_owned(), rest.to_owned())));
    }
    columns.push(("created_at".to_owned(), "timestamptz NOT NULL DEFAULT now()".to_owned()));
    let pairs = [
        ("table", table.sql()),
        ("columns", aligned(&columns)),
        ("left_key", left_key),
        ("index", quote_identifier(&fitted(&format!("idx_{}_{}", table.name, key_of(&right, other))))),
        ("right_key", right_key),
    ];
    let pairs = pairs.each_ref().map(|(key, value)| (*key, value.as_str()));
    let description = format!("Connect {} with {}, with row-level security", left.name, right.name);
    Ok(vec![Draft::new(name, description, render(include_str!("junction_table/up.sql"), &pairs)).undone_by(
        format!("Drop {}, and with it its index and policy", table.name),
        render(include_str!("junction_table/down.sql"), &pairs),
    )])
}

/// The column that refers to a table.
fn key_of(table: &Identifier, before: &str) -> String {
    fitted(&format!("{before}{}_id", singular_of(&table.name)))
}

/// Columns one below the other.
fn aligned(columns: &[(String, String)]) -> String {
    let width = columns.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines = columns.iter().map(|(name, rest)| format!("  {name:width$}  {rest},"));
    lines.collect::<Vec<_>>().join("\n")
}
