//! The JSON Schema of scenario files, for editors: the top is derived from Rust types, the rows
//! follow from the tables of the domain.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::base::HEAVIEST;
use super::document::NEEDED;
use super::reference::LONGEST;
use super::schema_rows;
use super::wishes::{MOST_ROWS, WEIGHTED, weighable};
use crate::domain::counts::CountRange;

const HANDLE: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";

/// A crm-seed scenario; see docs/scenarios.md.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Scenario {
    /// Path of this schema, for editors.
    #[schemars(rename = "$schema")]
    schema: String,
    /// A comment; crm-seed ignores it.
    #[schemars(rename = "$comment")]
    comment: String,
    /// Name for `--scenario`: lower-case words separated by hyphens. Must match the file name.
    #[schemars(regex(pattern = HANDLE), length(max = LONGEST))]
    name: String,
    /// One line for lists of scenarios.
    #[schemars(length(min = 1))]
    title: String,
    /// What the data looks like.
    #[schemars(length(min = 1))]
    description: String,
    /// The kind of bug that the scenario catches.
    #[schemars(length(min = 1))]
    catches: String,
    /// Scenarios that this one is based on: names, or paths relative to this file.
    extends: Extends,
    /// Reference date for all generated dates; --as-of overrides it.
    #[schemars(regex(pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2}|today)$"))]
    as_of: String,
    /// Numbers of base rows; command-line options override them.
    counts: Counts,
    /// Relative frequencies of values. A value that is not listed never occurs.
    #[schemars(schema_with = "weights")]
    weights: Value,
    /// Explicit rows, by table and handle.
    #[schemars(schema_with = "schema_rows::rows")]
    rows: Value,
    /// Queries with their expected results, checked before the load is committed.
    expect: Vec<Expectation>,
    /// Consistency rules (see crm-seed verify) that the rows violate on purpose.
    breaks: Breaks,
}

/// One scenario or several.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum Extends {
    /// One scenario.
    One(#[schemars(length(min = 1))] String),
    /// Several scenarios.
    Several(#[schemars(extend("uniqueItems" = true))] Vec<String>),
}

/// Rules, or for each rule the rows that violate it.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum Breaks {
    /// Names of rules that any row of the scenario may violate.
    Rules(#[schemars(extend("uniqueItems" = true))] Vec<String>),
    /// For each rule the handles of the rows that violate it.
    Rows(#[schemars(schema_with = "broken_rows")] Value),
}

/// Numbers of base rows. A number that is omitted is 0; other names are tables of the database.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
struct Counts {
    /// A comment; crm-seed ignores it.
    #[schemars(rename = "$comment")]
    comment: Value,
    /// Manufacturers that the broker represents.
    #[schemars(range(max = crate::domain::counts::MOST_PRINCIPALS))]
    principals: u64,
    /// Distributors.
    #[schemars(range(max = crate::domain::counts::MOST))]
    distributors: u64,
    /// Customers: restaurants, schools, grocers, hotels, hospitals.
    #[schemars(range(max = crate::domain::counts::MOST))]
    customers: u64,
    /// Opportunities.
    #[schemars(range(max = crate::domain::counts::MOST))]
    opportunities: u64,
    /// Contacts per customer (2 to 5 if omitted).
    contacts_per_customer: CountRange,
    /// Products per principal (10 to 20 if omitted).
    products_per_principal: CountRange,
    /// Contacts in all, instead of a number for each customer.
    #[schemars(range(max = MOST_ROWS))]
    contacts: u64,
    /// Products in all, instead of a number for each principal.
    #[schemars(range(max = MOST_ROWS))]
    products: u64,
}

/// A query and its expected result: exactly one of `equals`, `at_least` and `at_most`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Expectation {
    /// A comment; crm-seed ignores it.
    #[schemars(rename = "$comment")]
    comment: Value,
    /// Name of the expectation, unique in the scenario.
    #[schemars(length(min = 1))]
    name: String,
    /// The query; `@handle` stands for the id of a row.
    #[schemars(length(min = 1))]
    sql: String,
    /// Expected result: a value, an array of values or an array of objects.
    equals: Value,
    /// Smallest allowed result.
    at_least: f64,
    /// Largest allowed result.
    at_most: f64,
    /// If the query cannot be asked of the target's schema, the scenario is not loaded; otherwise that is a note.
    required: bool,
}

/// The JSON Schema (draft 2020-12) of scenario files.
pub fn json_schema() -> Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<Scenario>().to_value();
    // Derived fields are all needed: what really is, is said here.
    schema["required"] = json!(NEEDED);
    schema["title"] = json!("crm-seed scenario");
    for (name, shape) in schema_rows::definitions() {
        schema["$defs"][name] = shape;
    }
    let counts = &mut schema["$defs"]["Counts"];
    counts["required"] = json!([]);
    counts["additionalProperties"] = json!({
        "type": "integer", "minimum": 0, "maximum": MOST_ROWS,
        "description": "Rows of this table of the database.",
    });
    let expectation = &mut schema["$defs"]["Expectation"];
    expectation["required"] = json!(["name", "sql"]);
    expectation["oneOf"] =
        json!([{"required": ["equals"]}, {"required": ["at_least"]}, {"required": ["at_most"]}]);
    schema.sort_all_objects();
    schema
}

fn broken_rows(_: &mut SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "properties": { "$comment": {} },
        "additionalProperties": {
            "type": "array", "items": { "type": "string" }, "minItems": 1, "uniqueItems": true,
        },
    })
}

fn weights(_: &mut SchemaGenerator) -> schemars::Schema {
    let columns = WEIGHTED.iter().map(|column| {
        let weight = json!({"type": "integer", "minimum": 0, "maximum": HEAVIEST});
        let values = weighable(column).iter().map(|value| ((*value).to_owned(), weight.clone()));
        let values: serde_json::Map<String, Value> = values.collect();
        let shape =
            json!({"type": "object", "properties": values, "additionalProperties": false, "minProperties": 1});
        ((*column).to_owned(), shape)
    });
    let mut columns: serde_json::Map<String, Value> = columns.collect();
    columns.insert("$comment".to_owned(), json!({}));
    let others = json!({
        "type": "object", "minProperties": 1,
        "additionalProperties": {"type": "integer", "minimum": 0, "maximum": HEAVIEST},
        "description": "Weights of the labels of this column of the database.",
    });
    let names = json!({ "anyOf": [{ "const": "$comment" }, { "pattern": "[.]" }] });
    schemars::json_schema!({
        "type": "object", "properties": columns, "additionalProperties": others, "propertyNames": names
    })
}
