//! What the tests of named scenarios share: which are built in, files of one's own, and what
//! stands beside explicit rows.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Crm, Database};

/// Explicit rows have ids from here on.
pub const FIRST_ID: i64 = 2_000_000_000;

/// A server that nobody reaches: whoever does not ask it for anything does not fail.
pub const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/nothing";

/// The built-in scenarios, as `scenario list --json` has them.
pub fn built_in() -> Vec<Value> {
    let list = Crm::new().json("scenario list");
    list.as_array().expect("an array").clone()
}

/// The names of the built-in scenarios.
pub fn names() -> Vec<String> {
    built_in().iter().map(|line| line["name"].as_str().expect("a name").to_owned()).collect()
}

/// The fields of a scenario as the text of a file.
pub fn text(name: &str, fields: &Value) -> String {
    let mut file = json!({ "name": name, "title": "One of ours", "description": "What a test needs." });
    let fields = fields.as_object().expect("fields").clone();
    file.as_object_mut().expect("an object").extend(fields);
    file.to_string()
}

/// Writes the file of a scenario into the working directory.
pub fn own(crm: &Crm, name: &str, fields: &Value) -> PathBuf {
    crm.write(&format!("{name}.json"), &text(name, fields))
}

/// The names of the rules that are broken, on purpose or not.
#[track_caller]
pub fn broken(crm: &Crm, target: &str) -> BTreeSet<String> {
    let outcome = crm.run(&format!("verify --strict --json {target}"));
    let outcomes = outcome.json();
    let rules = outcomes.as_array().expect("an array").iter();
    let broken = rules.filter(|rule| rule["violations"].as_i64().expect("a number") > 0);
    let names: BTreeSet<String> =
        broken.map(|rule| rule["name"].as_str().expect("a name").to_owned()).collect();
    outcome.exits(if names.is_empty() { 0 } else { 5 });
    names
}

/// The rules that a scenario says it breaks.
pub fn declared(name: &str) -> BTreeSet<String> {
    let shown = Crm::new().json(&format!("scenario show {name}"));
    let breaks = shown["breaks"].as_array().expect("an array");
    breaks.iter().map(|rule| rule.as_str().expect("a name").to_owned()).collect()
}

/// A digest of every table's rows that are not explicit, and where the sequences stand.
#[track_caller]
pub fn base(db: &Database) -> String {
    db.run(&format!(
        "SELECT format($$SELECT %L, count(*), md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), ''))
                         FROM %s AS t WHERE NOT (%s)$$, c.oid::regclass, c.oid::regclass, k.is_explicit)
         FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary,
           LATERAL (SELECT string_agg(format('%I >= {FIRST_ID}', a.attname), ' OR ') AS is_explicit
                    FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND a.atttypid = 'bigint'::regtype) AS k
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migration_history'
           AND k.is_explicit IS NOT NULL
         ORDER BY c.relname \\gexec
         SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
    ))
}

/// How many rows all tables have.
#[track_caller]
pub fn rows(db: &Database) -> i64 {
    db.counts().values().sum()
}
