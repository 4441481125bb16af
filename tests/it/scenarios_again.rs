//! Loading a scenario again, and taking it out.

use serde_json::json;

use crate::harness::{Crm, Database};
use crate::scenarios::{base, own, rows};

const NAME: &str = "-s high-value-pipeline";

/// Runs crm-seed on `db`, and expects it to fail like this and to change nothing.
#[track_caller]
fn refuses(db: &Database, code: i32, arguments: &str, message: &str) {
    let before = (db.digests(), db.schema());
    Crm::new().run(&format!("{arguments} {}", db.option())).fails(code).telling(message);
    assert_eq!((db.digests(), db.schema()), before, "{arguments}");
}

#[test]
fn rows_that_a_tester_changed_are_as_they_were_again() {
    let Some(db) = Database::seeded(NAME) else { return };
    let before = db.digests();
    db.run(
        "UPDATE opportunities SET stage = 'closed_won', amount = 1;
         DELETE FROM opportunity_participants;
         UPDATE organizations SET deleted_at = now()",
    );
    assert_ne!(db.digests(), before);
    Crm::new().ok(&format!("{NAME} {}", db.option()));
    assert_eq!(db.digests(), before);
}

#[test]
fn rows_that_left_the_file_leave_the_database() {
    let Some(db) = Database::seeded("") else { return };
    let (crm, before) = (Crm::new(), db.digests());
    let customer = |name: &str| json!({ "name": name, "organization_type": "customer" });
    own(
        &crm,
        "mine",
        &json!({ "rows": { "organizations": { "a": customer("One"), "b": customer("Two") } } }),
    );
    crm.ok(&format!("-s mine.json {}", db.option()));
    let named = "SELECT name FROM organizations WHERE id >= 2000000000 ORDER BY name";
    assert_eq!(db.run(named), "One\nTwo");
    let a = db.run("SELECT id FROM organizations WHERE name = 'One'");

    own(&crm, "mine", &json!({ "rows": { "organizations": { "a": customer("Three") } } }));
    crm.ok(&format!("-s mine.json {}", db.option()));
    assert_eq!(db.run(named), "Three");
    assert_eq!(db.run("SELECT id FROM organizations WHERE name = 'Three'"), a, "a handle keeps its id");

    // The file is not needed to take its rows out.
    std::fs::remove_file(crm.directory().join("mine.json")).expect("the file");
    crm.ok(&format!("scenario unload mine {}", db.option()));
    assert_eq!(db.digests(), before);
    crm.run(&format!("scenario unload mine {}", db.option())).fails(2).telling("unknown scenario `mine`");
}

#[test]
fn a_scenario_that_is_not_there_is_nothing_to_do() {
    let Some(db) = Database::seeded("") else { return };
    let (crm, before) = (Crm::new(), db.digests());
    crm.ok(&format!("scenario unload task-inbox {}", db.option())).printing("nothing to do");
    let outcome = crm.run(&format!("scenario unload task-inbux {}", db.option()));
    outcome.fails(2).telling("did you mean `task-inbox`?");
    assert_eq!(db.digests(), before);
}

#[test]
fn unload_tells_how_many_rows_went() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    let loaded = crm.json(&format!("{NAME} {}", db.option()));
    let told = format!("removed {} rows of scenario high-value-pipeline", loaded["rows"]);
    crm.ok(&format!("scenario unload high-value-pipeline {}", db.option())).printing(&told);
}

#[test]
fn unload_takes_the_base_of_a_scenario_with_it() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.ok(&format!("-s no-opportunities {}", db.option()));
    // The app's own row, below.
    db.run("INSERT INTO organizations (name, organization_type) VALUES ('Ours', 'customer')");
    crm.ok(&format!("scenario unload no-opportunities {}", db.option()));
    assert_eq!(db.run("SELECT name FROM organizations"), "Ours");
    assert_eq!(rows(&db), 1);
}

#[test]
fn unload_leaves_a_base_that_another_run_made() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    let before = db.digests();
    crm.ok(&format!("-s default -s task-inbox {}", db.option()));
    crm.ok(&format!("scenario unload task-inbox {}", db.option()));
    assert_eq!(db.digests(), before);
}

#[test]
fn if_changed_sees_what_changed() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let load = |more: &str| {
        crm.json(&format!("{NAME} --if-changed {more} {}", db.option()))["changed"] == json!(true)
    };
    assert!(load(""));
    let before = db.digests();
    assert!(!load("") && !load("--jobs 1 --method insert"));
    assert!(load("--seed 43"), "another seed");
    assert!(load(""));
    assert!(load("--as-of 2026-02-02"), "another day");
    assert!(load(""));
    assert_eq!(db.digests(), before);
    db.run("DELETE FROM opportunity_participants WHERE id = (SELECT min(id) FROM opportunity_participants)");
    assert!(load(""), "a row is gone");
    assert_eq!(db.digests(), before);
    assert!(!load(""));
    Crm::new().ok(&format!("scenario unload high-value-pipeline {}", db.option()));
    assert!(load(""), "it was taken out");
    // Another scenario in between takes nothing away.
    crm.ok(&format!("-s task-inbox {}", db.option()));
    assert!(!load(""));
}

#[test]
fn clean_asks_nothing_where_all_is_ours() {
    let Some(db) = Database::seeded("") else { return };
    let (crm, before) = (Crm::new(), db.digests());
    crm.ok(&format!("-s multi-stakeholder -s task-inbox {}", db.option()));
    crm.ok(&format!("-s high-value-pipeline {}", db.option()));
    crm.ok(&format!("--clean {}", db.option()));
    assert_eq!(db.digests(), before);
    crm.ok(&format!("scenario unload task-inbox {}", db.option())).printing("nothing to do");
    // And a scenario where there was nothing else.
    crm.ok(&format!("--clean -s task-inbox {}", db.option()));
    crm.ok(&format!("--clean -s high-value-pipeline {}", db.option()));
    let alone = Database::seeded("-s high-value-pipeline").expect("a server");
    assert_eq!(db.digests(), alone.digests());
}

#[test]
fn clean_asks_where_the_app_s_rows_would_go_with_a_scenario() {
    let Some(db) = Database::migrated() else { return };
    db.run("INSERT INTO organizations (name, organization_type) VALUES ('Ours', 'customer')");
    Crm::new().ok(&format!("{NAME} {}", db.option()));
    refuses(&db, 3, &format!("--clean {NAME}"), "crm-seed did not create");
    Crm::new().ok(&format!("--clean --yes {NAME} {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM organizations WHERE name = 'Ours'"), 0);
}

#[test]
fn explicit_rows_are_not_appended() {
    let Some(db) = Database::seeded("") else { return };
    refuses(&db, 2, &format!("--append {NAME}"), "--append cannot be used with scenario");
    // One that has none may be.
    Crm::new().ok(&format!("--append -s default {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM opportunities"), 100);
}

#[test]
fn rows_without_a_record_are_not_replaced_without_a_word() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.ok(&format!("{NAME} --no-ledger {}", db.option()));
    let before = db.digests();
    refuses(&db, 3, NAME, "no record of creating them");
    refuses(&db, 3, &format!("{NAME} --no-ledger"), "no record of creating them");
    refuses(&db, 3, "scenario unload high-value-pipeline", "no record of loading it");
    crm.ok(&format!("{NAME} --no-ledger --yes {}", db.option()));
    assert_eq!(db.digests(), before);
    crm.ok(&format!("scenario unload high-value-pipeline --yes {}", db.option()));
    assert_eq!(rows(&db), 0);
}

#[test]
fn a_plan_changes_nothing() {
    let Some(db) = Database::seeded("") else { return };
    let before = (db.digests(), db.schema());
    let crm = Crm::new();
    crm.ok(&format!("{NAME} --dry-run {}", db.option())).printing("opportunities");
    let plan = crm.json(&format!("{NAME} --dry-run {}", db.option()));
    assert_eq!(plan["emptied"], json!([]));
    assert_eq!((db.digests(), db.schema()), before);
    let empty = Database::empty().expect("a server");
    crm.ok(&format!("{NAME} --dry-run {}", empty.option()));
    assert_eq!(empty.counts(), std::collections::BTreeMap::new());
}

#[test]
fn base_rows_and_sequences_never_shift() {
    let (Some(db), Some(plain)) = (Database::empty(), Database::seeded("--seed 42")) else { return };
    let crm = Crm::new();
    let before = base(&plain);
    // In one run, and in another before it.
    let both = "--clean --seed 42 -s default -s multi-stakeholder -s task-inbox";
    crm.ok(&format!("{both} {}", db.option()));
    assert_eq!(base(&db), before);
    crm.ok(&format!("-s big-customer {}", db.option()));
    assert_eq!(base(&db), before);
    crm.ok(&format!("{both} {}", db.option()));
    assert_eq!(base(&db), before);
}

#[test]
fn the_app_s_next_rows_stay_below() {
    let next = "INSERT INTO organizations (name, organization_type) VALUES ('Next', 'customer') RETURNING id";
    let Some(alone) = Database::seeded(NAME) else { return };
    assert_eq!(alone.run(next), "1");
    Crm::new().ok(&format!("{NAME} {}", alone.option()));
    assert_eq!(alone.run(next), "2");

    let (beside, plain) = (Database::seeded(""), Database::seeded(""));
    let (beside, plain) = (beside.expect("a server"), plain.expect("a server"));
    Crm::new().ok(&format!("{NAME} {}", beside.option()));
    assert_eq!(beside.run(next), plain.run(next));

    let together = Database::seeded("-s default -s high-value-pipeline").expect("a server");
    Crm::new().ok(&format!("scenario unload high-value-pipeline {}", together.option()));
    assert_eq!(together.run(next), plain.run("SELECT max(id) FROM organizations"));
    assert!(together.number("SELECT max(last_value) FROM pg_sequences") < 2_000_000_000);
}
