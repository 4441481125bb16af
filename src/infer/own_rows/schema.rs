//! The JSON Schema of scenario files for one database: beside the domain's tables those of the target, with their columns.

use serde_json::{Map, Value, json};

use super::cell::is_number;
use crate::calendar::Day;
use crate::catalog::{Column, LEDGER, Schema, Table};
use crate::domain::TABLES;
use crate::error::Result;
use crate::infer::column_type::ColumnType;
use crate::infer::overrides::Overrides;
use crate::infer::recognition::{self, domain_at};
use crate::infer::scalar_type::ScalarType;
use crate::infer::target_names::TargetNames;
use crate::scenario::{self, schema_rows};
use crate::sqlexpr::{self, Expression};
use crate::value::Kind;

/// The JSON Schema (draft 2020-12) of scenario files for a target with this catalog.
///
/// # Errors
/// Several schemas have the domain's tables.
pub fn json_schema(schema: &Schema, overrides: &Overrides) -> Result<Value> {
    let recognition = recognition::recognize(schema, overrides)?;
    let chosen: Vec<usize> = recognition.roles.iter().flatten().map(|found| found.at).collect();
    let names = TargetNames { schema, recognition: &recognition, chosen: &chosen, overrides };
    let mut made = scenario::json_schema();
    made["title"] = json!(format!("crm-seed scenario for database {}", schema.server.database));
    for (at, table) in schema.tables.iter().enumerate() {
        if !table.is_fillable() || table.schema == LEDGER {
            continue;
        }
        let domain = domain_at(&recognition.roles, at).map(|domain| TABLES[domain].info().name);
        let columns = columns(&names, at, table);
        let name =
            if table.visible { table.name.clone() } else { format!("{}.{}", table.schema, table.name) };
        if let Some(domain) = domain {
            let own = &mut made["$defs"][schema_rows::row_name(domain)]["properties"];
            let own = own.as_object_mut();
            own.into_iter().for_each(|own| {
                columns.iter().for_each(|(name, shape)| {
                    own.entry(name.clone()).or_insert_with(|| shape.clone());
                })
            });
        }
        if domain != Some(name.as_str()) {
            let definition = definition(&name, at);
            made["$defs"][&definition] = row(columns, domain);
            let about = match domain {
                Some(domain) => format!("Rows of {name}, which is taken for {domain}."),
                None => format!("Rows of {name}."),
            };
            made["properties"]["rows"]["properties"][&name] = schema_rows::table(&definition, &about);
        }
    }
    // What the database lacks is wrong: nothing else is left open.
    made["properties"]["rows"]["additionalProperties"] = json!(false);
    for table in TABLES.iter().map(|table| table.info().name) {
        made["$defs"][schema_rows::row_name(table)]["additionalProperties"] = json!(false);
    }
    made.sort_all_objects();
    Ok(made)
}

/// The name of the definition of a row of a table: a reference is a URI, which takes no other letters.
fn definition(table: &str, at: usize) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("{}_{at}_row", table.chars().map(plain).collect::<String>())
}

/// A row of a table of the target.
fn row(columns: Map<String, Value>, domain: Option<&str>) -> Value {
    let mut properties = schema_rows::besides();
    if let Some(domain) = domain {
        properties.extend(schema_rows::besides_of(domain));
    }
    properties.extend(columns);
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// The columns of a table that can be set.
fn columns(names: &TargetNames<'_>, at: usize, table: &Table) -> Map<String, Value> {
    let mut left = sqlexpr::ALL_PATTERNS;
    let checks: Vec<Expression> = table
        .checks
        .iter()
        .filter_map(|check| sqlexpr::read_within(&check.definition, &mut left).ok())
        .collect();
    let id = names.of_domain(at).into_iter().find(|(_, info)| info.name == "id").map(|(own, _)| own);
    let settable =
        table.columns.iter().enumerate().filter(|(own, column)| !column.generated && Some(*own) != id);
    let shape = |(_, column): (usize, &Column)| {
        let about: Vec<&Expression> =
            checks.iter().filter(|check| check.columns().contains(&column.name)).collect();
        let column_type = ColumnType::new(column, &about, Day::DEFAULT_AS_OF.midnight());
        let is_key = names.schema.is_part_of_key(table, &column.name);
        let mut shape = cell(column, &column_type, is_key);
        let leads: Vec<String> = names
            .schema
            .foreign_keys
            .iter()
            .filter(|key| key.from == table.oid && key.columns.contains(&column.name))
            .filter_map(|key| Some(names.schema.table(key.to)?.qualified()))
            .collect();
        if !leads.is_empty() {
            let about =
                format!("{}, a row of {}. If omitted: one that fits.", column.type_name, leads.join(" or "));
            shape["description"] = json!(about);
        }
        (column.name.clone(), shape)
    };
    settable.map(shape).collect()
}

/// A value for a column.
fn cell(column: &Column, column_type: &ColumnType, is_key: bool) -> Value {
    let mut shape = match column_type.is_list {
        true => json!({ "anyOf": [
            { "type": "array", "items": { "anyOf": [value(column_type), { "type": ["array", "null"] }] } },
            { "type": "string", "pattern": "^\\{" },
        ] }),
        false => value(column_type),
    };
    if is_key || is_number(column_type) {
        shape = json!({ "anyOf": [schema_rows::reference_to(schema_rows::ANY_ROW), shape] });
    }
    if !column.not_null {
        shape = json!({ "anyOf": [shape, { "type": "null" }] });
    }
    shape["description"] = json!(format!("{}. If omitted: a value that fits.", column.type_name));
    shape
}

/// A single value, or an item of an array.
fn value(column_type: &ColumnType) -> Value {
    if let Some(labels) = &column_type.labels {
        return json!({ "enum": labels });
    }
    let dated = |kind: Kind| json!({ "type": "string", "pattern": schema_rows::pattern(kind) });
    match column_type.scalar {
        ScalarType::Bool => json!({ "type": "boolean" }),
        ScalarType::Integer => json!({ "type": ["integer", "string"], "pattern": "^-?[0-9{}n]+$" }),
        ScalarType::Decimal => json!({ "type": ["number", "string"] }),
        ScalarType::Date => dated(Kind::Date),
        ScalarType::Timestamp => dated(Kind::Timestamp),
        ScalarType::Json => json!({}),
        ScalarType::Other => json!({ "type": ["number", "string"] }),
        _ => match column_type.max_length {
            Some(most) => json!({ "type": "string", "maxLength": most }),
            None => json!({ "type": "string" }),
        },
    }
}
