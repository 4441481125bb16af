//! Scenario files of one's own.

use serde_json::{Value, json};

use crate::harness::{Crm, Database};
use crate::scenarios::{broken, own, text};

fn customer(name: &str) -> Value {
    json!({ "name": name, "organization_type": "customer" })
}

fn named(db: &Database) -> String {
    db.run("SELECT name FROM organizations WHERE id >= 2000000000 AND organization_type = 'customer' ORDER BY name")
}

#[test]
fn a_file_is_found_by_its_path_or_in_a_directory() {
    let Some(db) = Database::empty() else { return };
    let rows = json!({ "rows": { "organizations": { "a": customer("Blue Plate Diner") } } });
    let crm = Crm::new();
    crm.write("mine/plate.json", &text("plate", &rows));
    let from_variable =
        Crm::new().with("CRM_SEED_SCENARIOS", &crm.directory().join("mine").display().to_string());
    let from_path = crm.directory().join("mine/plate.json");
    let ways = [
        (&crm, "-s mine/plate.json".to_owned()),
        (&crm, "--scenario ./mine/plate.json".to_owned()),
        (&crm, format!("-s {}", from_path.display())),
        (&crm, "--scenario-dir mine -s plate".to_owned()),
        (&crm, "-s plate --scenario-dir mine/".to_owned()),
        (&from_variable, "-s plate".to_owned()),
    ];
    for (crm, way) in ways {
        let report = crm.json(&format!("{way} {}", db.option()));
        assert_eq!(report["scenarios"][0]["name"], "plate", "{way}");
        assert_eq!(named(&db), "Blue Plate Diner", "{way}");
        crm.ok(&format!("scenario unload plate {}", db.option()));
        assert_eq!(named(&db), "", "{way}");
    }
    crm.run(&format!("-s plate {}", db.option())).fails(2).telling("unknown scenario `plate`");
    crm.run(&format!("-s plate.json {}", db.option())).fails(2).telling("cannot read `plate.json`");
    crm.run(&format!("-s mine {}", db.option())).fails(2).telling("unknown scenario `mine`");
    crm.run(&format!("-s plate --scenario-dir mien {}", db.option())).fails(2).telling("no such directory");
}

#[test]
fn a_file_takes_the_place_of_a_built_in_scenario() {
    let crm = Crm::new();
    crm.write(
        "mine/demo.json",
        &text("demo", &json!({ "rows": { "organizations": { "a": customer("A") } } })),
    );
    let rows = |arguments: &str| {
        let report = crm.json(&format!("generate --out files {arguments}"));
        report["rows"].as_i64().expect("a number")
    };
    assert!(rows("-s demo --scenario-dir mine") < 10);
    assert!(rows("-s demo") > 1000);
}

#[test]
fn values_left_out_are_coherent_with_what_is_given() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    own(
        &crm,
        "coherent",
        &json!({ "rows": {
            "organizations": {
                "diner": { "organization_type": "customer", "industry": "Restaurants", "state": "OH" },
                "school": { "organization_type": "customer", "industry": "Education", "state": "TX" },
            },
            "contacts": { "cook": { "organization": "@diner" } },
            "opportunities": {
                "won": { "stage": "closed_won", "customer_organization_id": "@diner" },
                "renewal": { "stage": "feedback_logged", "category": "Renewal", "customer_organization_id": "@school", "amount": 18500 },
            },
            "tasks": { "call": { "opportunity_id": "@renewal", "completed_at": null } },
        } }),
    );
    crm.ok(&format!("-s coherent.json {}", db.option()));
    assert_eq!(broken(&crm, &db.option()).len(), 0);
    assert_eq!(
        db.run("SELECT amount FROM opportunities WHERE category = 'Renewal' AND stage = 'feedback_logged'"),
        "18500.00"
    );
    assert_eq!(
        db.run("SELECT status, probability FROM opportunities WHERE stage = 'closed_won'"),
        "closed\t100"
    );
    assert_eq!(
        db.run("SELECT DISTINCT state FROM organizations WHERE organization_type = 'customer' ORDER BY 1"),
        "OH\nTX"
    );
}

#[test]
fn null_is_null_and_dates_hang_on_the_as_of_date() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    own(
        &crm,
        "dated",
        &json!({
            "as_of": "2024-03-31",
            "rows": {
                "organizations": { "a": { "organization_type": "customer", "website": null } },
                "opportunities": { "deal": {
                    "customer_organization_id": "@a", "stage": "new_lead", "description": null,
                    "created_at": "as_of-3d 14:30", "estimated_close_date": "as_of+2w",
                } },
                "tasks": {
                    "a-month-ago": { "opportunity_id": "@deal", "title": "one", "due_date": "as_of-1m" },
                    "fixed": { "opportunity_id": "@deal", "title": "two", "due_date": "2024-02-29" },
                },
            },
        }),
    );
    let deal = "SELECT created_at, estimated_close_date, description IS NULL FROM opportunities";
    let tasks = "SELECT due_date FROM tasks ORDER BY title";
    assert_eq!(crm.json(&format!("-s dated.json {}", db.option()))["as_of"], "2024-03-31");
    assert_eq!(db.run(deal), "2024-03-28 14:30:00+00\t2024-04-14\tt");
    assert_eq!(db.run(tasks), "2024-02-29\n2024-02-29");
    assert_eq!(
        db.number(
            "SELECT count(*) FROM organizations WHERE organization_type = 'customer' AND website IS NULL"
        ),
        1
    );
    // The flag overrides it.
    assert_eq!(crm.json(&format!("-s dated.json --as-of 2025-06-30 {}", db.option()))["as_of"], "2025-06-30");
    assert_eq!(db.run(deal), "2025-06-27 14:30:00+00\t2025-07-14\tt");
    assert_eq!(db.run(tasks), "2025-05-30\n2024-02-29");
}

#[test]
fn repeated_rows_are_numbered() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    own(
        &crm,
        "many",
        &json!({ "rows": {
            "organizations": { "shop": { "repeat": 12, "name": "Shop {n} of 12", "organization_type": "customer" } },
            "opportunities": { "deal": { "repeat": 12, "name": "Deal {n}", "customer_organization_id": "@shop-{n}" } },
        } }),
    );
    crm.ok(&format!("-s many.json --handles ids.json {}", db.option()));
    let pairs = db.run(
        "SELECT d.name, o.name FROM opportunities d JOIN organizations o ON o.id = d.customer_organization_id ORDER BY d.id",
    );
    let wanted: Vec<String> = (1..=12).map(|n| format!("Deal {n}\tShop {n} of 12")).collect();
    assert_eq!(pairs, wanted.join("\n"));
    let ids = std::fs::read_to_string(crm.directory().join("ids.json")).expect("the ids");
    let ids: Value = serde_json::from_str(&ids).expect("JSON");
    assert_eq!(ids["deal-12"]["id"], db.number("SELECT id FROM opportunities WHERE name = 'Deal 12'"));
    assert_eq!(ids["deal-13"], Value::Null);
    // What was repeated more often keeps the ids that it had.
    let before = db.run("SELECT id, name FROM organizations WHERE name LIKE 'Shop%' ORDER BY id");
    own(
        &crm,
        "many",
        &json!({ "rows": { "organizations": {
        "shop": { "repeat": 14, "name": "Shop {n} of 12", "organization_type": "customer" } } } }),
    );
    crm.ok(&format!("-s many.json {}", db.option()));
    let after = db.run("SELECT id, name FROM organizations WHERE name LIKE 'Shop%' ORDER BY id");
    assert!(after.starts_with(&before) && after.lines().count() == 14, "{before}\n{after}");
}

#[test]
fn a_scenario_begins_with_what_it_extends() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    own(
        &crm,
        "derived",
        &json!({
            "extends": "high-value-pipeline",
            "rows": {
                "opportunities": { "enterprise-deal": { "description": "Changed by the tester." } },
                "tasks": { "follow-up": { "opportunity_id": "@mid-market", "title": "Follow up" } },
            },
        }),
    );
    let outcome = crm.run(&format!("-s derived.json --json {}", db.option())).exits(0);
    let report = outcome.json();
    assert_eq!(report["scenarios"][0]["name"], "derived");
    assert_eq!(
        db.run("SELECT name, amount FROM opportunities WHERE description LIKE 'Changed%'"),
        "Enterprise Deal Q1\t500000.00"
    );
    assert_eq!(db.run("SELECT d.name FROM tasks t JOIN opportunities d ON d.id = t.opportunity_id WHERE t.title = 'Follow up'"), "Mid-Market Expansion");
    assert_eq!(db.number("SELECT count(*) FROM opportunities"), 3);
    // It has ids of its own, so that both may stand side by side.
    crm.ok(&format!("-s high-value-pipeline {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM opportunities"), 6);
    // Its expectations and what it breaks are those of the other.
    let shown = crm.json("scenario show derived.json");
    let base = crm.json("scenario show high-value-pipeline");
    assert_eq!((&shown["expect"], &shown["breaks"]), (&base["expect"], &base["breaks"]));
    // Files extend one another by paths relative to themselves.
    crm.write("deeper/still.json", &text("still", &json!({ "extends": ["../derived.json"] })));
    assert_eq!(crm.json("scenario show deeper/still.json")["rows"], shown["rows"]);
}

#[test]
fn scenarios_that_extend_one_another_are_told() {
    let crm = Crm::new();
    own(&crm, "a", &json!({ "extends": "b.json" }));
    own(&crm, "b", &json!({ "extends": "c.json" }));
    own(&crm, "c", &json!({ "extends": "a.json" }));
    crm.run("scenario check a.json").fails(2).telling("a -> b -> c -> a");
    own(&crm, "self", &json!({ "extends": "self.json" }));
    crm.run("scenario check self.json").fails(2).telling("self -> self");
}

#[test]
fn scenarios_are_loaded_together_only_where_they_agree() {
    let crm = Crm::new();
    let rows = json!({ "organizations": { "shop": customer("A") } });
    own(&crm, "one", &json!({ "rows": rows }));
    own(&crm, "two", &json!({ "rows": rows }));
    // Each has handles of its own.
    crm.ok("generate --quiet --out files -s one.json -s two.json --handles ids.json");
    let ids = std::fs::read_to_string(crm.directory().join("ids.json")).expect("the ids");
    assert!(ids.contains("\"one/shop\"") && ids.contains("\"two/shop\""), "{ids}");
    own(&crm, "early", &json!({ "as_of": "2024-01-01" }));
    own(&crm, "late", &json!({ "as_of": "2025-01-01" }));
    let both = "generate --out files -s early.json -s late.json";
    crm.run(both).fails(2).telling("2024-01-01").telling("set --as-of");
    crm.ok(&format!("{both} --as-of 2026-01-01"));
    // The same twice is once.
    let once = crm.json("generate --out files -s one.json");
    assert_eq!(crm.json("generate --out files -s one.json -s one.json")["digest"], once["digest"]);
}

#[test]
fn flags_override_the_counts_of_a_scenario() {
    let crm = Crm::new();
    own(
        &crm,
        "small",
        &json!({
            "counts": { "principals": 2, "distributors": 1, "customers": 3, "opportunities": 4,
                        "contacts_per_customer": { "min": 1, "max": 1 } },
            "weights": { "opportunities.stage": { "closed_won": 1 } },
            "rows": { "opportunities": { "deal": { "customer_organization_id": { "customer": 2 }, "stage": "new_lead" } } },
        }),
    );
    let rows = |arguments: &str, table: &str| {
        let report = crm.json(&format!("generate --out files -s small.json {arguments}"));
        let tables = report["tables"].as_array().expect("tables").clone();
        let table = tables.iter().find(|t| t["name"] == table).expect("the table").clone();
        table["rows"].as_i64().expect("a number")
    };
    assert_eq!(rows("", "opportunities"), 5);
    assert_eq!(rows("", "organizations"), 6);
    assert_eq!(rows("--opportunities 9", "opportunities"), 10);
    assert_eq!(rows("--customers 30", "organizations"), 33);
    assert_eq!(rows("--customers 30 --contacts-per-customer 2", "contacts"), 60);
    assert_eq!(rows("--scale 3", "organizations"), 18);
}

#[test]
fn a_base_row_that_flags_take_away_is_told() {
    let crm = Crm::new();
    own(
        &crm,
        "small",
        &json!({
            "counts": { "principals": 2, "distributors": 1, "customers": 3, "opportunities": 4 },
            "rows": { "opportunities": { "deal": { "customer_organization_id": { "customer": 2 }, "stage": "new_lead" } } },
        }),
    );
    let outcome = crm.run("generate --out files -s small.json --customers 1").fails(2);
    outcome.telling("small.json:1:").telling("`deal`: there is no customer number 2 among the base rows");
}

#[test]
fn weights_of_a_scenario_decide_what_occurs() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    own(
        &crm,
        "won",
        &json!({
            "counts": { "principals": 2, "distributors": 1, "customers": 5, "opportunities": 40 },
            "weights": { "opportunities.stage": { "closed_won": 1, "new_lead": 1, "closed_lost": 0 } },
        }),
    );
    crm.ok(&format!("-s won.json {}", db.option()));
    assert_eq!(db.run("SELECT DISTINCT stage FROM opportunities ORDER BY 1"), "closed_won\nnew_lead");
}
