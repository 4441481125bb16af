//! Every built-in scenario on every schema of `fixtures/schemas`: loaded with handles that lead to rows, or refused for a
//! reason that is listed here; loaded again and taken out beside rows of the app.

use serde_json::Value;

use crate::drift::{SCHEMAS, database, server};
use crate::harness::{Crm, Database};
use crate::scenarios::names;

/// What is refused, and the reason that a person accepts: the schema, the scenario, and what is told.
const REFUSED: &[(&str, &str, &str)] = &[
    ("all_checks", "every-combination", "has no label of its own for active"),
    ("all_checks", "multi-stakeholder", "has no label of its own for partner"),
    ("all_checks", "soft-deleted", "contacts has no such column"),
    ("all_enums", "duplicates-to-merge", "organizations_name_key does not allow"),
    ("all_enums", "every-combination", "has no label of its own for closed"),
    ("all_enums", "multi-stakeholder", "has no label of its own for partner"),
    ("all_enums", "soft-deleted", "organizations has no such column"),
    ("camel_case", "duplicates-to-merge", "Company_name_key does not allow"),
    ("camel_case", "multi-stakeholder", "has no label of its own for partner"),
    ("camel_case", "soft-deleted", "Company_name_key does not allow"),
    ("companies", "multi-stakeholder", "has no label of its own for partner"),
    ("companies", "soft-deleted", "companies has no such column"),
    ("cycles", "multi-stakeholder", "has no label of its own for partner"),
    ("cycles", "soft-deleted", "organizations has no such column"),
    ("documents", "soft-deleted", "companies has no such column"),
    ("lookups", "soft-deleted", "organizations has no such column"),
    ("partitioned", "soft-deleted", "crm.contacts has no such column"),
    ("supabase_users", "soft-deleted", "tasks has no such column"),
    ("uniques", "duplicates-to-merge", "organizations_lower_name_key does not allow"),
    ("uniques", "multi-stakeholder", "has no label of its own for partner"),
    ("uniques", "soft-deleted", "contacts has no such column"),
    ("uuid_keys", "soft-deleted", "products has no such column"),
];

/// Why a scenario is refused, if it is.
fn refusal(schema: &str, scenario: &str) -> Option<&'static str> {
    REFUSED.iter().find(|(at, name, _)| *at == schema && *name == scenario).map(|(.., why)| *why)
}

/// A key as SQL has it.
fn literal(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("'{text}'"))
}

/// Handles that lead to no row.
fn lost(db: &Database, handles: &Value) -> Vec<String> {
    let mut queries = Vec::new();
    for (handle, row) in handles.as_object().expect("handles") {
        let row = row.as_object().expect("a row");
        let table = row["table"].as_str().expect("a table").replace('.', "\".\"");
        let key = row.iter().filter(|(column, _)| *column != "table");
        let key: Vec<String> =
            key.map(|(column, value)| format!("\"{column}\" = {}", literal(value))).collect();
        queries.push(format!(
            "SELECT '{handle}' WHERE (SELECT count(*) FROM \"{table}\" WHERE {}) <> 1",
            key.join(" AND ")
        ));
    }
    db.run(&format!("SET search_path = public, crm; {}", queries.join(" UNION ALL ")))
        .lines()
        .map(str::to_owned)
        .collect()
}

/// All scenarios on one schema.
fn each_is_loaded(schema: &str) {
    let (Some(server), Some(template)) = (server(schema), database(schema)) else { return };
    for scenario in names() {
        let (db, crm) = (server.database_like(&template), Crm::new());
        let outcome = crm.run(&format!("--scenario {scenario} --handles ids.json {}", db.option()));
        match refusal(schema, &scenario) {
            Some(why) => {
                outcome.fails(3).telling(why);
            }
            None => {
                outcome.exits(0);
                let ids = std::fs::read_to_string(crm.directory().join("ids.json")).expect("handles");
                let ids: Value = serde_json::from_str(&ids).expect("JSON");
                assert_eq!(lost(&db, &ids), [""; 0], "{schema} {scenario}");
            }
        }
    }
}

#[test]
fn each_is_loaded_where_keys_are_uuids() {
    each_is_loaded("uuid_keys");
}

#[test]
fn each_is_loaded_where_names_are_in_camel_case() {
    each_is_loaded("camel_case");
}

#[test]
fn each_is_loaded_where_tables_are_called_otherwise() {
    each_is_loaded("companies");
    each_is_loaded("documents");
}

#[test]
fn each_is_loaded_where_labels_are_enums() {
    each_is_loaded("all_enums");
}

#[test]
fn each_is_loaded_where_everything_is_held_to_a_check() {
    each_is_loaded("all_checks");
}

#[test]
fn each_is_loaded_where_users_sign_in() {
    each_is_loaded("supabase_users");
}

#[test]
fn each_is_loaded_into_partitions_and_lists() {
    each_is_loaded("partitioned");
    each_is_loaded("lookups");
}

#[test]
fn each_is_loaded_where_keys_lead_in_circles() {
    each_is_loaded("cycles");
}

#[test]
fn each_is_loaded_where_all_must_be_unique() {
    each_is_loaded("uniques");
}

#[test]
fn every_schema_is_tried() {
    let text = include_str!("scenarios_matrix.rs");
    for (schema, _) in SCHEMAS {
        assert!(text.contains(&format!("each_is_loaded(\"{schema}\")")), "{schema}");
    }
}

#[test]
fn one_beside_rows_is_loaded_again_and_taken_out_by_keys_that_are_uuids() {
    let Some(db) = database("uuid_keys") else { return };
    let (crm, option) = (Crm::new(), db.option());
    crm.ok(&format!("--seed 7 {option}"));
    let before = db.digests();
    let load = format!("--scenario high-value-pipeline {option}");
    crm.ok(&load);
    let with_it = db.digests();
    assert_ne!(with_it, before);
    // What a tester changed is reset; a second scenario is beside the first.
    db.run("UPDATE opportunities SET amount = 7 WHERE name = 'Enterprise Deal Q1'");
    crm.ok(&load);
    assert_eq!(db.digests(), with_it);
    crm.ok(&format!("--scenario multi-stakeholder {option}"));
    crm.ok(&format!("scenario unload multi-stakeholder {option}"));
    assert_eq!(db.digests(), with_it);
    // A row of the app holds on to it.
    db.run(
        "INSERT INTO tasks SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'title', 'Ours',
           'opportunity_id', (SELECT id FROM opportunities WHERE name = 'Enterprise Deal Q1')))).* FROM tasks t LIMIT 1",
    );
    let held = db.digests();
    crm.ok(&load);
    assert_eq!(db.digests(), held);
    crm.run(&format!("scenario unload high-value-pipeline {option}")).fails(3).telling("1 of tasks");
    assert_eq!(db.digests(), held);
    db.run("DELETE FROM tasks WHERE title = 'Ours'");
    crm.ok(&format!("scenario unload high-value-pipeline {option}"));
    assert_eq!(db.digests(), before);
}

/// A scenario is loaded again, by these arguments, while a row of the app holds on to it.
#[track_caller]
fn is_reset_while_the_app_holds_on(schema: &str, app: &str) {
    let Some(db) = database(schema) else { return };
    let (crm, option) = (Crm::new(), db.option());
    let load = format!("--scenario high-value-pipeline {option}");
    crm.ok(&load);
    db.run(app);
    let held = db.digests();
    db.run("UPDATE opportunities SET name = name || ' changed' WHERE name <> 'Ours'");
    assert_ne!(db.digests(), held, "{schema}");
    crm.ok(&load);
    assert_eq!(db.digests(), held, "{schema}");
}

#[test]
fn rows_that_the_app_holds_on_to_are_reset_where_keys_lead_in_circles() {
    is_reset_while_the_app_holds_on(
        "cycles",
        "INSERT INTO opportunities SELECT (jsonb_populate_record(o, '{\"id\": 5, \"name\": \"Ours\"}')).*
         FROM opportunities o WHERE name = 'Enterprise Deal Q1'",
    );
}

#[test]
fn rows_that_the_app_holds_on_to_are_reset_with_the_lists_that_they_need() {
    is_reset_while_the_app_holds_on(
        "lookups",
        "INSERT INTO products SELECT (jsonb_populate_record(p, '{\"id\": 5, \"name\": \"Ours\", \"sku\": \"OURS\"}')).*
         FROM products p LIMIT 1",
    );
}
