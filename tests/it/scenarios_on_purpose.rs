//! What a scenario breaks on purpose, and what is broken besides; files beside scenarios.

use serde_json::json;

use crate::harness::{Crm, Database};
use crate::scenarios::own;

/// The line of a rule.
fn rule(crm: &Crm, db: &Database, name: &str) -> serde_json::Value {
    let outcomes = crm.run(&format!("verify --json {}", db.option())).json();
    let rules = outcomes.as_array().expect("an array");
    rules.iter().find(|rule| rule["name"] == name).expect("the rule").clone()
}

fn late(breaks: &serde_json::Value) -> serde_json::Value {
    json!({
        "extends": "default",
        "rows": {
            "organizations": {
                "one": { "name": "Blue Plate Diner", "organization_type": "customer", "state": "OH" },
                "two": { "name": "Blue Plate Diner", "organization_type": "customer", "state": "OH" },
            },
            "opportunities": {
                "big": { "stage": "new_lead", "probability": 95, "customer_organization_id": "@one" },
                "odd": { "stage": "new_lead", "probability": 5, "customer_organization_id": "@two" },
            },
        },
        "breaks": breaks,
    })
}

#[test]
fn a_rule_that_is_broken_on_purpose_is_still_told_of_other_rows() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let names = "organization-names-unique";
    own(&crm, "late", &late(&json!(["probability-of-its-stage", names])));
    crm.ok(&format!("--bundled -s late {}", db.option()));
    crm.ok(&format!("verify {}", db.option())).printing("on purpose in scenario late");
    let told = rule(&crm, &db, "probability-of-its-stage");
    assert_eq!(
        (&told["violations"], &told["accidental"], &told["on_purpose"]),
        (&1.into(), &0.into(), &json!(["late"]))
    );
    // Two more, of rows that no scenario made.
    db.run("UPDATE opportunities SET probability = 99 WHERE id IN (SELECT id FROM opportunities WHERE stage = 'new_lead' AND id < 2000000000 ORDER BY id LIMIT 2)");
    crm.run(&format!("verify {}", db.option()))
        .exits(5)
        .printing("violations: 2 (and 1 on purpose in scenario late)")
        .telling("rules violated");
    let told = rule(&crm, &db, "probability-of-its-stage");
    assert_eq!((&told["violations"], &told["accidental"]), (&3.into(), &2.into()));
    assert!(
        told["examples"]
            .as_array()
            .expect("examples")
            .iter()
            .all(|example| !example.to_string().contains("opportunity 2000")),
        "{told}"
    );
    // Names: those of the scenario are alike on purpose, two others are not.
    db.run("UPDATE organizations SET name = 'Twins' WHERE id IN (9, 10)");
    let told = rule(&crm, &db, names);
    assert_eq!((&told["violations"], &told["accidental"]), (&2.into(), &1.into()), "{told}");
    // A name of the scenario that others have taken too is an accident again.
    db.run("UPDATE organizations SET name = 'Blue Plate Diner' WHERE id IN (9, 10)");
    let told = rule(&crm, &db, names);
    assert_eq!((&told["violations"], &told["accidental"]), (&1.into(), &1.into()), "{told}");
}

#[test]
fn a_scenario_may_name_the_rows_that_break_a_rule() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    own(&crm, "late", &late(&json!({ "probability-of-its-stage": ["big"] })));
    crm.ok("scenario show late").printing("probability-of-its-stage (by big)");
    let shown = crm.json("scenario show late");
    assert_eq!(
        (&shown["breaks"], &shown["broken_by"]),
        (&json!(["probability-of-its-stage"]), &json!({ "probability-of-its-stage": ["big"] }))
    );
    crm.ok(&format!("--bundled -s late {}", db.option()));
    let told = rule(&crm, &db, "probability-of-its-stage");
    assert_eq!((&told["violations"], &told["accidental"]), (&1.into(), &0.into()));
    // Another row of the same scenario is none of those that were named.
    let other = db.run("SELECT max(id) FROM opportunities WHERE probability = 5 AND id >= 2000000000");
    db.run(&format!("UPDATE opportunities SET probability = 96 WHERE id = {other}"));
    let told = rule(&crm, &db, "probability-of-its-stage");
    assert_eq!((&told["violations"], &told["accidental"]), (&2.into(), &1.into()));
    assert!(told["examples"][0].as_str().is_some_and(|text| text.contains(&other)), "{told}");
    own(&crm, "wrong", &late(&json!({ "probability-of-its-stage": ["bigg"] })));
    crm.run("scenario check wrong").fails(2).telling("unknown handle `@bigg`; did you mean `@big`?");
}

#[test]
fn a_name_finds_the_file_that_is_here_after_those_that_are_known() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let rows = json!({ "rows": { "organizations": { "a": { "name": "Blue Plate Diner", "organization_type": "customer" } } } });
    own(&crm, "plate", &rows);
    own(&crm, "demo", &rows);
    for command in ["scenario check plate", "scenario show plate", "generate --out files -s plate"] {
        crm.ok(command);
    }
    crm.ok(&format!("--bundled -s plate {}", db.option()));
    crm.ok(&format!("scenario unload plate {}", db.option())).printing("of scenario plate");
    // What a directory has, and what is built in, is not hidden by a file that happens to be here.
    crm.ok("scenario show demo").printing("base     ").silent_about("Blue Plate Diner");
    own(&crm, "child", &json!({ "extends": "plate", "rows": {} }));
    crm.ok("scenario check child");
    crm.run("scenario check plat").fails(2).telling("unknown scenario `plat`");
}

#[test]
fn schemas_beside_scenarios_are_passed_by() {
    let crm = Crm::new();
    crm.ok("scenario new overdue-renewal");
    let schema = crm.ok("scenario schema");
    crm.write("form.json", &schema.stdout);
    crm.ok("scenario check overdue-renewal.json scenario.schema.json form.json")
        .printing("ok  overdue-renewal")
        .printing("scenario.schema.json: a JSON Schema, not a scenario")
        .printing("form.json: a JSON Schema, not a scenario");
    crm.run("scenario check gone.schema.json").fails(2).telling("cannot read `gone.schema.json`");
}
