//! The part of the JSON Schema that follows from the tables of the domain: rows, columns, references.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::reference::{LONGEST, MADE};
use super::registry::{self, Known};
use super::rows::{MOST_ROWS, leavable};
use crate::domain::explicit::RowKind;
use crate::domain::table::{ColumnInfo, ColumnSpec};
use crate::value::Kind;

/// The name of the definition of a reference to a row of any table.
pub const ANY_ROW: &str = "row_key";

/// Tables and the handles under them. A table that the domain does not have is a database's.
pub fn rows(_: &mut SchemaGenerator) -> schemars::Schema {
    let tables = registry::tables()
        .iter()
        .map(|known| (known.info.name.to_owned(), table(&row_name(known.info.name), known.info.about)));
    let tables: Map<String, Value> = tables.collect();
    let others = table("row", "Rows of this table of the database.");
    schemars::json_schema!({ "type": "object", "properties": tables, "additionalProperties": others })
}

/// The handles under a table, whose rows have this definition.
pub fn table(definition: &str, about: &str) -> Value {
    json!({
        "type": "object",
        "description": about,
        "patternProperties": { "^[a-z][a-z0-9]*(-[a-z0-9]+)*$": reference_to(definition) },
        "propertyNames": { "maxLength": LONGEST, "not": { "const": MADE } },
        "additionalProperties": false,
    })
}

/// A reference to a definition.
pub fn reference_to(definition: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{definition}") })
}

/// The name of the definition of a row of the domain's table.
pub fn row_name(table: &str) -> String {
    format!("{table}_row")
}

fn key_name(table: &str) -> String {
    format!("{table}_key")
}

/// What the rows refer to: a row of each table, and a reference to a row of each.
pub fn definitions() -> Vec<(String, Value)> {
    let rows = registry::tables().iter().map(|table| (row_name(table.info.name), row(table)));
    let keys = ["organizations", "contacts", "products", "opportunities"];
    let keys = keys.iter().map(|table| (key_name(table), key(Some(table))));
    let any = json!({ "type": "object", "properties": besides(), "description": "Columns of the database's table." });
    rows.chain(keys).chain([("row".to_owned(), any), (ANY_ROW.to_owned(), key(None))]).collect()
}

fn row(table: &Known) -> Value {
    let columns = table.columns.iter().filter(|column| column.name != "id");
    let mut properties: Map<String, Value> =
        columns.map(|column| (column.name.to_owned(), cell(column))).collect();
    properties.extend(besides());
    properties.extend(besides_of(table.info.name));
    let mut shape = json!({ "type": "object", "properties": properties });
    // Other names may be columns that only a database has.
    let reserved =
        ["id", "organization", "without"].into_iter().filter(|name| shape["properties"][name].is_null());
    shape["propertyNames"] = json!({ "not": { "enum": reserved.collect::<Vec<_>>() } });
    shape
}

/// What any row may have besides columns.
pub fn besides() -> Map<String, Value> {
    let comment = json!({ "type": "string", "description": "A comment; crm-seed ignores it." });
    let repeat = json!({
        "type": "integer", "minimum": 1, "maximum": MOST_ROWS,
        "description": "Number of rows like this one; `{n}` in any string is replaced by the row's number.",
    });
    Map::from_iter([("$comment".to_owned(), comment), ("repeat".to_owned(), repeat)])
}

/// What a row of a table of the domain may have besides columns.
pub fn besides_of(table: &str) -> Map<String, Value> {
    let mut properties = Map::new();
    let without = leavable(table);
    if !without.is_empty() {
        let shape = json!({
            "type": "array", "items": { "enum": without }, "uniqueItems": true,
            "description": "Related rows that are not added.",
        });
        properties.insert("without".to_owned(), shape);
    }
    if table == "contacts" {
        properties.insert("organization".to_owned(), reference_to(&key_name("organizations")));
    }
    properties
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
pub const fn pattern(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Date => Some(r"^(as_of([+-][0-9]+[dwmy])*|[0-9]{4}-[0-9]{2}-[0-9]{2})$|\{n\}"),
        Kind::Timestamp => Some(concat!(
            r"^(as_of([+-][0-9]+[dwmy])*|[0-9]{4}-[0-9]{2}-[0-9]{2})",
            r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$|\{n\}"
        )),
        _ => None,
    }
}

/// A reference to a row of `table`, or of any.
fn key(table: Option<&str>) -> Value {
    let number = json!({ "type": "integer", "minimum": 1 });
    let kinds: Vec<RowKind> =
        RowKind::ALL.into_iter().filter(|kind| table.is_none_or(|table| kind.table() == table)).collect();
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let mut shapes = vec![
        json!({ "type": "string", "pattern": "^@", "description": "The row with that handle in this \
                                                                   scenario." }),
        json!({
            "type": "object", "properties": { "some": { "enum": names } }, "required": ["some"],
            "additionalProperties": false, "description": "Any base row of that kind.",
        }),
    ];
    shapes.push(json!({
        "type": "object",
        "properties": {
            "existing": { "type": "string", "minLength": 1, "description": "A table of the database." },
            "where": {
                "type": "object", "minProperties": 1,
                "additionalProperties": { "type": ["boolean", "null", "number", "string"] },
                "description": "Columns and what they hold.",
            },
        },
        "required": ["existing", "where"],
        "additionalProperties": false, "description": "The row that is there already and holds this.",
    }));
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
