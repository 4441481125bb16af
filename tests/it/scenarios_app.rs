//! The app's own rows beside a scenario's: they are never touched, and it is told where they hold on.

use crate::harness::{Crm, Database};
use crate::scenarios::rows;

const LOAD: &str = "-s high-value-pipeline";
const UNLOAD: &str = "scenario unload high-value-pipeline";
const DEAL: &str = "(SELECT id FROM opportunities WHERE name = 'Enterprise Deal Q1')";

/// A database with the scenario, in which the app adds `row`. Loading again resets what a tester
/// changed and leaves the app's row; unloading is refused with `told`, until `row` is gone.
#[track_caller]
fn holds_on(prepare: &str, row: &str, find: &str, told: &str) {
    let Some(db) = Database::seeded(LOAD) else { return };
    let (crm, option) = (Crm::new(), db.option());
    db.run(prepare);
    let before = db.digests();
    db.run(row);
    let with_it = db.digests();
    let app = db.run(find);
    assert!(!app.is_empty(), "{row}");

    db.run(&format!("UPDATE opportunities SET amount = 7, description = 'changed' WHERE id = {DEAL}"));
    assert_ne!(db.digests(), with_it);
    crm.ok(&format!("{LOAD} {option}"));
    assert_eq!(db.run(find), app, "loading again leaves the app's row: {row}");
    assert_eq!(db.digests(), with_it, "loading again resets the rest: {row}");

    crm.run(&format!("{UNLOAD} {option}")).fails(3).telling(told).telling("  hint: ");
    crm.run(&format!("{UNLOAD} --yes {option}")).fails(3).telling(told);
    assert_eq!(db.digests(), with_it, "{row}");

    db.run(&format!("DELETE FROM {}", find.split_once("FROM ").expect("a query").1));
    assert_eq!(db.digests(), before);
    crm.ok(&format!("{UNLOAD} {option}"));
    let own = db.counts().into_iter().filter(|(table, rows)| *rows > 0 && table != "ours");
    assert_eq!(own.collect::<Vec<_>>(), []);
}

#[test]
fn a_task_of_the_app_on_a_scenario_s_deal() {
    // It would go with the deal: ON DELETE CASCADE.
    let row = format!("INSERT INTO tasks (title, opportunity_id) VALUES ('Ours', {DEAL})");
    holds_on("", &row, "SELECT * FROM tasks WHERE title = 'Ours'", "1 of tasks (opportunity_id)");
}

#[test]
fn a_deal_of_the_app_with_a_scenario_s_customer() {
    let row = "INSERT INTO opportunities (name, customer_organization_id)
               SELECT 'Ours', customer_organization_id FROM opportunities WHERE name = 'Enterprise Deal Q1'";
    let told = "1 of opportunities (customer_organization_id)";
    holds_on("", row, "SELECT * FROM opportunities WHERE name = 'Ours'", told);
}

#[test]
fn a_participant_of_the_app_in_a_scenario_s_deal() {
    let row = format!(
        "WITH app AS (INSERT INTO organizations (name, organization_type) VALUES ('Ours', 'partner') RETURNING id)
         INSERT INTO opportunity_participants (opportunity_id, organization_id, role)
         SELECT {DEAL}, id, 'partner' FROM app"
    );
    let Some(db) = Database::seeded(LOAD) else { return };
    db.run(&row);
    let before = db.digests();
    Crm::new().ok(&format!("{LOAD} {}", db.option()));
    assert_eq!(db.digests(), before);
    let told = "1 of opportunity_participants (opportunity_id)";
    Crm::new().run(&format!("{UNLOAD} {}", db.option())).fails(3).telling(told);
    assert_eq!(db.digests(), before);
}

#[test]
fn a_contact_of_the_app_on_a_scenario_s_deal() {
    // A link without an id of its own.
    let Some(db) = Database::seeded(LOAD) else { return };
    db.run(&format!(
        "WITH app AS (INSERT INTO contacts (name) VALUES ('Ours') RETURNING id)
         INSERT INTO opportunity_contacts (opportunity_id, contact_id) SELECT {DEAL}, id FROM app"
    ));
    let before = db.digests();
    Crm::new().ok(&format!("{LOAD} {}", db.option()));
    assert_eq!(db.digests(), before, "the app's link is as it was");
    let told = "1 of opportunity_contacts";
    Crm::new().run(&format!("{UNLOAD} {}", db.option())).fails(3).telling(told);
    assert_eq!(db.digests(), before);
}

#[test]
fn a_row_of_a_table_of_the_app() {
    let table = "CREATE TABLE ours (id int PRIMARY KEY, deal bigint REFERENCES opportunities (id))";
    let row = format!("INSERT INTO ours VALUES (1, {DEAL})");
    holds_on(table, &row, "SELECT * FROM ours WHERE id = 1", "1 of ours (deal)");
}

#[test]
fn a_row_of_a_table_of_the_app_that_would_go_with_the_deal() {
    let table = "CREATE SCHEMA app; CREATE TABLE app.\"Ours\" (
                   id int PRIMARY KEY, \"the Deal\" bigint REFERENCES opportunities (id) ON DELETE CASCADE)";
    let Some(db) = Database::seeded(LOAD) else { return };
    db.run(table);
    db.run(&format!("INSERT INTO app.\"Ours\" VALUES (1, {DEAL})"));
    let before = db.digests();
    Crm::new().ok(&format!("{LOAD} {}", db.option()));
    let outcome = Crm::new().run(&format!("{UNLOAD} {}", db.option())).fails(3);
    outcome.telling("1 of app.\"Ours\" (the Deal)");
    assert_eq!(db.digests(), before);
    assert_eq!(db.number("SELECT count(*) FROM app.\"Ours\""), 1);
}

#[test]
fn rows_of_another_scenario_hold_on_too() {
    let Some(db) = Database::seeded(&format!("{LOAD} -s multi-stakeholder")) else { return };
    db.run(&format!(
        "UPDATE tasks SET opportunity_id = {DEAL}; UPDATE opportunities SET
        customer_organization_id = (SELECT customer_organization_id FROM opportunities WHERE id = {DEAL})
        WHERE name = 'Complex Multi-Party Deal'"
    ));
    let before = db.digests();
    let told = "other rows still reference rows of scenario high-value-pipeline: 1 of opportunities";
    Crm::new().run(&format!("{UNLOAD} {}", db.option())).fails(3).telling(told);
    assert_eq!(db.digests(), before);
}

#[test]
fn the_app_s_rows_beside_a_scenario_are_nobody_s_business() {
    let Some(db) = Database::migrated() else { return };
    db.run(
        "INSERT INTO organizations (name, organization_type) VALUES ('Ours', 'customer');
         INSERT INTO opportunities (name, customer_organization_id) SELECT 'Ours', id FROM organizations",
    );
    let before = db.digests();
    let crm = Crm::new();
    for _ in 0..2 {
        crm.ok(&format!("{LOAD} {}", db.option()));
    }
    assert!(rows(&db) > 10);
    crm.ok(&format!("{UNLOAD} {}", db.option()));
    assert_eq!(db.digests(), before);
}

#[test]
fn a_row_that_left_the_file_and_is_held_is_told() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let customer = serde_json::json!({ "organization_type": "customer" });
    let file = |handles: &[&str]| {
        let rows: serde_json::Map<String, serde_json::Value> =
            handles.iter().map(|handle| ((*handle).to_owned(), customer.clone())).collect();
        crate::scenarios::own(&crm, "mine", &serde_json::json!({ "rows": { "organizations": rows } }));
    };
    file(&["a", "b"]);
    crm.ok(&format!("-s mine.json --handles ids.json {}", db.option()));
    let ids = std::fs::read_to_string(crm.directory().join("ids.json")).expect("the ids");
    let ids: serde_json::Value = serde_json::from_str(&ids).expect("JSON");
    db.run(&format!(
        "INSERT INTO opportunities (name, customer_organization_id) VALUES ('Ours', {})",
        ids["b"]["id"]
    ));
    let before = db.digests();
    file(&["a"]);
    crm.run(&format!("-s mine.json {}", db.option()))
        .fails(3)
        .telling("still reference rows of scenario mine: 1 of opportunities (customer_organization_id)");
    assert_eq!(db.digests(), before);
}

#[test]
fn rows_of_the_app_that_got_the_keys_of_base_rows_stay() {
    let Some(db) = Database::seeded("-s default") else { return };
    // What test suites do between runs.
    db.run("TRUNCATE organizations, contacts, products, opportunities, tasks RESTART IDENTITY CASCADE");
    db.run(
        "INSERT INTO organizations (name, organization_type) SELECT 'App ' || n, 'customer' FROM generate_series(1, 40) n",
    );
    let before = db.digests();
    Crm::new().ok(&format!("scenario unload default {}", db.option())).printing("nothing to do");
    assert_eq!(db.digests(), before);
    // Nor are they taken for the base that a scenario wants.
    Crm::new().run(&format!("-s default {}", db.option())).fails(3).telling("already contain");
    assert_eq!(db.digests(), before);
}

#[test]
fn a_column_of_the_app_that_must_have_a_value_keeps_no_scenario_from_loading_again() {
    let Some(db) = Database::seeded(LOAD) else { return };
    db.run("ALTER TABLE organizations ADD COLUMN tenant_id int NOT NULL DEFAULT 1");
    db.run(&format!("INSERT INTO tasks (title, opportunity_id) VALUES ('Ours', {DEAL})"));
    let before = db.digests();
    db.run(&format!("UPDATE opportunities SET amount = 7 WHERE id = {DEAL}"));
    Crm::new().ok(&format!("{LOAD} {}", db.option()));
    assert_eq!(db.digests(), before);
}

#[test]
fn files_of_a_scenario_leave_sequences_below_its_ids() {
    let crm = Crm::new();
    crm.ok("generate --quiet --format copy --out files -s high-value-pipeline");
    let Some(db) = Database::migrated() else { return };
    let script = std::fs::read_to_string(crm.directory().join("files/crm.sql")).expect("the script");
    db.run(&script);
    let id = db.number(
        "INSERT INTO organizations (name, organization_type) VALUES ('New', 'customer') RETURNING id",
    );
    assert!(id < 1000, "{id}");
    // Nobody recorded that those rows are the scenario's.
    crm.run(&format!("{LOAD} {}", db.option())).fails(3).telling("no record").telling("--yes");
    crm.ok(&format!("{LOAD} --yes {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM organizations WHERE name = 'New'"), 1);
}

#[test]
fn a_second_load_waits_where_it_is_told_to() {
    let Some(db) = Database::migrated() else { return };
    let holder = format!("SELECT pg_advisory_lock({})", 0x6372_6d2d_7365_6564_i64);
    let mut psql = db.program("psql");
    let mut session = psql
        .args(["-Xq", "-c", &holder, "-c", "SELECT pg_sleep(600)"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("psql");
    // Other tests hold such locks in other databases of the server.
    let held = "FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while db.number(&format!("SELECT count(*) {held}")) == 0 {
        std::thread::yield_now();
    }
    Crm::new().run(&format!("{LOAD} {}", db.option())).fails(3).telling("another crm-seed");
    let pid = db.number(&format!("SELECT pid {held}"));
    let crm = Crm::new();
    let running = crm.spawn(&format!("{LOAD} --wait 60 {}", db.option()));
    db.run(&format!("SELECT pg_terminate_backend({pid})"));
    running.wait().exits(0);
    session.wait().expect("psql ends");
}
