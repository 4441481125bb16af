//! The JSON Schema of scenario files, for editors: the top is derived from Rust types, the rows
//! follow from the tables of the domain.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::base::{HEAVIEST, WEIGHTED, weighable};
use super::document::NEEDED;
use super::reference::LONGEST;
use super::schema_rows;
use crate::domain::counts::CountRange;

const HANDLE: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";

/// A scenario of crm-seed: docs/scenarios.md.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Scenario {
    /// Where this schema is, for editors.
    #[schemars(rename = "$schema")]
    schema: String,
    /// For people.
    #[schemars(rename = "$comment")]
    comment: String,
    /// What `--scenario` takes: lower-case words parted by hyphens. It is the file's name.
    #[schemars(regex(pattern = HANDLE), length(max = LONGEST))]
    name: String,
    /// A line for lists.
    #[schemars(length(min = 1))]
    title: String,
    /// What the situation is.
    #[schemars(length(min = 1))]
    description: String,
    /// Which bug it catches.
    #[schemars(length(min = 1))]
    catches: String,
    /// The scenarios that this one begins with: names, or paths relative to the file.
    extends: Extends,
    /// The as-of date; --as-of overrides it.
    #[schemars(regex(pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2}|today)$"))]
    as_of: String,
    /// Base rows; flags override them.
    counts: Counts,
    /// How likely values are. A value that is left out never occurs.
    #[schemars(schema_with = "weights")]
    weights: Value,
    /// Explicit rows, by table and handle.
    #[schemars(schema_with = "schema_rows::rows")]
    rows: Value,
    /// Queries and their answers, held inside the loading transaction.
    expect: Vec<Expectation>,
    /// Names of coherence rules (crm-seed verify) that the rows break on purpose.
    #[schemars(extend("uniqueItems" = true))]
    breaks: Vec<String>,
}

/// A scenario, or several.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum Extends {
    /// One.
    One(#[schemars(length(min = 1))] String),
    /// Several.
    Several(#[schemars(extend("uniqueItems" = true))] Vec<String>),
}

/// Base rows. Without a field there are none of its kind.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Counts {
    /// For people.
    #[schemars(rename = "$comment")]
    comment: Value,
    /// Manufacturers that the broker represents.
    #[schemars(range(max = crate::domain::counts::MOST_PRINCIPALS))]
    principals: u64,
    /// Distributors that deliver.
    #[schemars(range(max = crate::domain::counts::MOST))]
    distributors: u64,
    /// Restaurants, schools, grocers, hotels, hospitals.
    #[schemars(range(max = crate::domain::counts::MOST))]
    customers: u64,
    /// Deals.
    #[schemars(range(max = crate::domain::counts::MOST))]
    opportunities: u64,
    /// People at each customer.
    contacts_per_customer: CountRange,
    /// Products of each principal.
    products_per_principal: CountRange,
}

/// A query and its answer: one of `equals`, `at_least` and `at_most`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is used")]
struct Expectation {
    /// For people.
    #[schemars(rename = "$comment")]
    comment: Value,
    /// Its name, the only one such in the scenario.
    #[schemars(length(min = 1))]
    name: String,
    /// The query; `@handle` is the id of a row.
    #[schemars(length(min = 1))]
    sql: String,
    /// What it must answer: a value, an array of values or an array of objects.
    equals: Value,
    /// The least that it may answer.
    at_least: f64,
    /// The most that it may answer.
    at_most: f64,
}

/// The JSON Schema (draft 2020-12) of scenario files.
pub fn json_schema() -> Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<Scenario>().to_value();
    // Derived fields are all needed: what really is, is said here.
    schema["required"] = json!(NEEDED);
    schema["title"] = json!("Scenario of crm-seed");
    for (name, shape) in schema_rows::definitions() {
        schema["$defs"][name] = shape;
    }
    let counts = &mut schema["$defs"]["Counts"];
    counts["required"] = json!([]);
    let expectation = &mut schema["$defs"]["Expectation"];
    expectation["required"] = json!(["name", "sql"]);
    expectation["oneOf"] =
        json!([{"required": ["equals"]}, {"required": ["at_least"]}, {"required": ["at_most"]}]);
    schema.sort_all_objects();
    schema
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
    schemars::json_schema!({ "type": "object", "properties": columns, "additionalProperties": false })
}
