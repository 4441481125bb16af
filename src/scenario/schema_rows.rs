//! The part of the JSON Schema that follows from the tables of the domain: rows, columns, references.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::reference::{LONGEST, MADE};
use super::registry::{self, Known};
use super::rows::{MOST_ROWS, leavable};
use crate::domain::explicit::RowKind;
use crate::domain::table::{ColumnInfo, ColumnSpec};
use crate::value::Kind;

/// Tables and the handles under them.
pub fn rows(_: &mut SchemaGenerator) -> schemars::Schema {
    let tables = registry::tables().iter().map(|table| {
        let rows = json!({
            "type": "object",
            "description": table.info.about,
            "patternProperties": { "^[a-z][a-z0-9]*(-[a-z0-9]+)*$": reference_to(&row_name(table)) },
            "propertyNames": { "maxLength": LONGEST, "not": { "const": MADE } },
            "additionalProperties": false,
        });
        (table.info.name.to_owned(), rows)
    });
    let tables: Map<String, Value> = tables.collect();
    schemars::json_schema!({ "type": "object", "properties": tables, "additionalProperties": false })
}

fn reference_to(definition: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{definition}") })
}

fn row_name(table: &Known) -> String {
    format!("{}_row", table.info.name)
}

fn key_name(table: &str) -> String {
    format!("{table}_key")
}

/// What the rows refer to: a row of each table, and a reference to a row of each.
pub fn definitions() -> Vec<(String, Value)> {
    let rows = registry::tables().iter().map(|table| (row_name(table), row(table)));
    let keys = ["organizations", "contacts", "products", "opportunities"];
    let keys = keys.iter().map(|table| (key_name(table), key(table)));
    rows.chain(keys).collect()
}

fn row(table: &Known) -> Value {
    let columns = table.columns.iter().filter(|column| column.name != "id");
    let mut properties: Map<String, Value> =
        columns.map(|column| (column.name.to_owned(), cell(column))).collect();
    properties.insert(
        "$comment".to_owned(),
        json!({ "type": "string", "description": "A comment; crm-seed ignores it." }),
    );
    properties.insert(
        "repeat".to_owned(),
        json!({
            "type": "integer", "minimum": 1, "maximum": MOST_ROWS,
            "description": "Number of rows like this one; `{n}` in any string is replaced by the row's \
                            number.",
        }),
    );
    let without = leavable(table.info.name);
    if !without.is_empty() {
        properties.insert(
            "without".to_owned(),
            json!({
                "type": "array", "items": { "enum": without }, "uniqueItems": true,
                "description": "Related rows that are not added.",
            }),
        );
    }
    if table.info.name == "contacts" {
        properties.insert("organization".to_owned(), reference_to(&key_name("organizations")));
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn cell(column: &ColumnInfo) -> Value {
    let mut shape = match column.holds.refers_to {
        Some(table) if column.holds.not_null => reference_to(&key_name(table)),
        Some(table) => json!({ "anyOf": [reference_to(&key_name(table)), { "type": "null" }] }),
        None => value(&column.holds),
    };
    let needed = if column.holds.needed { " Required." } else { "" };
    shape["description"] = json!(format!("If omitted: {}.{needed}", column.about));
    shape
}

fn value(holds: &ColumnSpec) -> Value {
    let types: &[&str] = match holds.kind {
        Kind::Bool => &["boolean"],
        Kind::Int => &["integer"],
        Kind::Decimal => &["number"],
        Kind::Text | Kind::Date | Kind::Timestamp => &["string"],
        Kind::Json => &["array", "boolean", "number", "object", "string"],
    };
    let null: &[&str] = if holds.not_null { &[] } else { &["null"] };
    let types: Vec<&str> = types.iter().chain(null).copied().collect();
    let mut shape = match types[..] {
        [one] => json!({ "type": one }),
        _ => json!({ "type": types }),
    };
    if let Some((least, most)) = holds.range {
        let bound = |bound: i64| match holds.kind {
            Kind::Decimal => json!(bound as f64 / 100.0),
            _ => json!(bound),
        };
        shape["minimum"] = bound(least);
        shape["maximum"] = bound(most);
    }
    if !holds.labels.is_empty() {
        let null = (!holds.not_null).then_some(Value::Null);
        shape["enum"] = holds.labels.iter().map(|label| json!(label)).chain(null).collect();
    }
    if let Some(pattern) = pattern(holds.kind) {
        shape["pattern"] = json!(pattern);
    }
    shape
}

/// What dates and times look like. With `repeat`, `{n}` may be any part of them.
const fn pattern(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Date => Some(r"^(as_of([+-][0-9]+[dwmy])*|[0-9]{4}-[0-9]{2}-[0-9]{2})$|\{n\}"),
        Kind::Timestamp => Some(concat!(
            r"^(as_of([+-][0-9]+[dwmy])*|[0-9]{4}-[0-9]{2}-[0-9]{2})",
            r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$|\{n\}"
        )),
        _ => None,
    }
}

/// A reference to a row of `table`.
fn key(table: &str) -> Value {
    let number = json!({ "type": "integer", "minimum": 1 });
    let kinds: Vec<RowKind> = RowKind::ALL.into_iter().filter(|kind| kind.table() == table).collect();
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let mut shapes = vec![
        json!({ "type": "string", "pattern": "^@", "description": "The row with that handle in this \
                                                                   scenario." }),
        json!({
            "type": "object", "properties": { "some": { "enum": names } }, "required": ["some"],
            "additionalProperties": false, "description": "Any base row of that kind.",
        }),
    ];
    for kind in kinds {
        let mut properties = Map::from_iter([(kind.name().to_owned(), number.clone())]);
        if matches!(kind, RowKind::Contact | RowKind::Product) {
            properties.insert("of".to_owned(), number.clone());
        }
        let needed: Vec<String> = properties.keys().cloned().collect();
        shapes.push(json!({
            "type": "object", "properties": properties, "required": needed,
            "additionalProperties": false, "description": "The base row with that number.",
        }));
    }
    json!({ "oneOf": shapes })
}
