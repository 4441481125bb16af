//! The JSON Schema: that it is the one in the repository, and agrees with the reader.

use std::path::Path;

use serde_json::Value;

use super::{RULES, example, file};
use crate::scenario::{json_schema, library::BUILTIN, parse};

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&json_schema()).expect("a schema")
}

#[test]
fn the_schema_in_the_repository_is_the_one_that_is_made() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
    let made = format!("{:#}\n", json_schema());
    if std::env::var_os("CRM_SEED_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &made).expect("scenarios/scenario.schema.json");
    }
    let held = std::fs::read_to_string(&path).expect("scenarios/scenario.schema.json");
    assert_eq!(held, made, "write it anew: CRM_SEED_BLESS=1 cargo test --release --lib scenario");
}

#[test]
fn the_schema_is_a_schema_and_sound_files_fit_it() {
    jsonschema::meta::validate(&json_schema()).expect("of draft 2020-12");
    let validator = validator();
    let all = file(
        r#""$schema": "s", "$comment": "c", "extends": ["default"], "as_of": "today", "breaks": ["tasks-done-in-time"],
        "counts": {"principals": 1, "customers": 1, "$comment": "c", "contacts_per_customer": {"min": 1, "max": 2}, "products": 30,
          "notes": 20, "crm.Meeting": 0},
        "weights": {"opportunities.stage": {"new_lead": 1}, "crm.Deal.stage": {"Closed: won": 3, "lost": 0}},
        "rows": {"opportunities": {"deal": {"repeat": 3, "$comment": "c", "without": ["contacts"], "category": null,
            "customer_organization_id": {"customer": 1}, "principal_organization_id": "@made.principal",
            "distributor_organization_id": null, "amount": 1.15, "created_at": "as_of-{n}d 14:30"}},
          "contacts": {"jane": {"email": [{"a": 1}], "organization": {"some": "customer"}}},
          "tasks": {"t": {"contact_id": {"contact": 1, "of": 1}, "due_date": "as_of-1y+2m"}}},
        "expect": [{"name": "e", "sql": "SELECT 1", "equals": [1, {"a": null}], "$comment": "c"}]"#,
    );
    let files = BUILTIN.iter().map(|(_, text)| *text).chain([example(), &all]);
    for text in files {
        let json: Value = serde_json::from_str(text).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{text}: {errors:?}");
    }
    parse("x.json", &all, &RULES).expect("the reader takes it too");
    let rows = file(
        r#""rows": {"tasks": {"call": {}}}, "breaks": {"tasks-done-in-time": ["call"], "$comment": "c"}"#,
    );
    assert!(validator.is_valid(&serde_json::from_str(&rows).expect("JSON")), "{rows}");
    parse("x.json", &rows, &RULES).expect("rows of a rule");
}

#[test]
fn what_the_schema_refuses_the_reader_refuses_too() {
    let row = |table: &str, columns: &str| file(&format!(r#""rows": {{"{table}": {{"r": {{{columns}}}}}}}"#));
    let samples = [
        "[]".to_owned(),
        r#"{"name": "x"}"#.to_owned(),
        r#"{"name": "X", "title": "t", "description": "d"}"#.to_owned(),
        file(r#""titel": "t""#),
        file(r#""catches": null"#),
        file(r#""as_of": "tomorrow""#),
        file(r#""extends": 7"#),
        file(r#""extends": ["a", "a"]"#),
        file(r#""counts": {"notes": -1}"#),
        file(r#""counts": {"customers": -1}"#),
        file(r#""counts": {"contacts_per_customer": {"min": 1}}"#),
        file(r#""counts": {"contacts_per_customer": {"min": 0, "max": 1}}"#),
        file(r#""weights": {"deals.stage": {}}"#),
        file(r#""weights": {"stage": {"won": 1}}"#),
        file(r#""weights": {"opportunities.stage": {"new_leed": 1}}"#),
        file(r#""weights": {"opportunities.stage": {"new_lead": -1}}"#),
        file(r#""rows": {"tasks": {"A": {}}}"#),
        file(r#""rows": {"tasks": {"made": {}}}"#),
        file(&format!(r#""rows": {{"tasks": {{"{}": {{}}}}}}"#, "a".repeat(64))),
        row("tasks", r#""id": 7"#),
        row("tasks", r#""title": null"#),
        row("tasks", r#""title": 7"#),
        row("tasks", r#""repeat": 10000"#),
        row("tasks", r#""without": ["contacts"]"#),
        row("tasks", r#""organization": "@a""#),
        row("tasks", r#""priority": "now""#),
        row("tasks", r#""due_date": "as_of+3x""#),
        row("tasks", r#""completed_at": "yesterday""#),
        row("tasks", r#""contact_id": "jane""#),
        row("tasks", r#""contact_id": {"contact": 1}"#),
        row("tasks", r#""contact_id": {"customer": 1}"#),
        row("tasks", r#""contact_id": 7"#),
        row("opportunities", r#""amount": "12""#),
        row("opportunities", r#""amount": -1"#),
        row("opportunities", r#""probability": 101"#),
        row("opportunities", r#""without": ["contact"]"#),
        row("organizations", r#""is_principal": 1"#),
        file(r#""expect": {}"#),
        file(r#""expect": [{"name": "a", "sql": "SELECT 1"}]"#),
        file(r#""expect": [{"name": "a", "sql": "SELECT 1", "equals": 1, "at_most": 1}]"#),
        file(r#""expect": [{"name": "a", "sql": "SELECT 1", "at_most": "1"}]"#),
        file(r#""expect": [{"sql": "SELECT 1", "equals": 1}]"#),
        file(r#""breaks": ["tasks-done-in-time", "tasks-done-in-time"]"#),
        file(r#""breaks": {"tasks-done-in-time": []}"#),
        file(r#""breaks": {"tasks-done-in-time": "call"}"#),
    ];
    let validator = validator();
    for text in samples {
        let json: Value = serde_json::from_str(&text).expect("JSON");
        assert!(!validator.is_valid(&json), "the schema takes {text}");
        assert!(parse("x.json", &text, &RULES).is_err(), "the reader takes {text}");
    }
}
