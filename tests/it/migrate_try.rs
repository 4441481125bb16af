//! `crm-seed migrate try`: what a file would do to a database, without doing it.

use serde_json::Value;

use crate::harness::{Crm, Database, Outcome, Session};

const FILE: &str = "own/20250301090000_widen.sql";

fn with_visits(file: &str) -> Option<(Crm, Database)> {
    let (crm, db) = (Crm::new(), Database::empty()?);
    db.run(
        "CREATE TABLE visits (id int PRIMARY KEY, note text);
         INSERT INTO visits SELECT i, 'note ' || i FROM generate_series(1, 100) i;",
    );
    crm.write(FILE, file);
    Some((crm, db))
}

fn run(crm: &Crm, db: &Database, arguments: &str) -> Outcome {
    crm.run(&format!("migrate try {FILE} {arguments} {}", db.option()))
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().expect("an array").iter().filter_map(Value::as_str).collect()
}

#[test]
fn what_a_file_does_is_told_and_nothing_of_it_stays() {
    let file = "BEGIN;\nALTER TABLE visits ALTER id TYPE bigint;\nCREATE INDEX visits_note ON visits (note);\n\
                UPDATE visits SET note = 'x' WHERE id <= 40; -- some\nDELETE FROM visits WHERE id > 90;\n\
                CREATE TABLE more (id int);\nCOMMIT;\n";
    let Some((crm, db)) = with_visits(file) else { return };
    let (schema, rows) = (db.schema(), db.run("SELECT * FROM visits ORDER BY id"));
    let report = run(&crm, &db, "--json").exits(0).json();
    assert_eq!((db.schema(), db.run("SELECT * FROM visits ORDER BY id")), (schema, rows));
    assert_eq!(db.run("SELECT to_regclass('migration_history')"), "");
    let statements = report["statements"].as_array().expect("statements");
    assert_eq!(statements.len(), 5);
    assert_eq!(statements[0]["location"], format!("{FILE}:2:1"));
    assert_eq!(names(&statements[0]["rewritten"]), ["visits"]);
    let lock = &statements[0]["locks"][0];
    assert_eq!((&lock["relation"], &lock["mode"]), (&"visits".into(), &"ACCESS EXCLUSIVE".into()));
    assert_eq!((&lock["blocks_writes"], &lock["observed"]), (&true.into(), &true.into()));
    // It is held to the end of the transaction.
    assert!(lock["held_ms"].as_f64() > statements[0]["ms"].as_f64(), "{report:#}");
    assert_eq!(statements[1]["indexes"][0]["index"], "visits_note");
    assert_eq!(statements[1]["indexes"][0]["definition"], "btree (note)");
    assert_eq!(statements[1]["locks"].as_array().map(Vec::len), Some(0), "it is held already: {report:#}");
    assert_eq!(
        (&statements[2]["rows"][0]["updated"], &statements[3]["rows"][0]["deleted"]),
        (&40.into(), &10.into())
    );
    // Nobody else sees a table that is new.
    assert_eq!(statements[4]["locks"].as_array().map(Vec::len), Some(0), "{report:#}");
    let outcome = run(&crm, &db, "").exits(0).printing("5 statements in ").printing("rolled back, in ");
    outcome
        .printing("locks visits: ACCESS EXCLUSIVE for ")
        .printing("blocks reads and writes")
        .printing("rewrites visits\n")
        .printing("updates 40 rows of visits");
}

#[test]
fn a_relation_that_is_dropped_is_named_as_it_was() {
    let Some((crm, db)) = with_visits("DROP TABLE visits;") else { return };
    let report = run(&crm, &db, "--json").exits(0).json();
    let locks = report["statements"][0]["locks"].as_array().expect("locks");
    let told: Vec<_> = locks.iter().map(|lock| (lock["relation"].as_str(), lock["mode"].as_str())).collect();
    assert_eq!(
        told,
        [(Some("visits"), Some("ACCESS EXCLUSIVE")), (Some("visits_pkey"), Some("ACCESS EXCLUSIVE"))]
    );
    assert_eq!(locks[1]["table"], "visits");
}

#[test]
fn what_no_rollback_takes_back_is_refused_before_anything_runs() {
    for (file, why) in [
        (
            "-- Transaction: none\nDELETE FROM visits;\nCREATE INDEX CONCURRENTLY i ON visits (note);",
            "no transaction may be around it",
        ),
        ("DELETE FROM visits;\nVACUUM visits;", "no transaction may be around it"),
        ("CREATE SEQUENCE s;\nSELECT setval('s', 5);", "no ROLLBACK takes back"),
        ("CREATE TYPE mood AS ENUM ('a');\nDO $$ BEGIN COMMIT; END $$;", "no transaction may be around it"),
    ] {
        let Some((crm, db)) = with_visits(file) else { return };
        let before = db.schema();
        let outcome = run(&crm, &db, "").fails(3).telling(why).telling("crm-seed migrate rehearse");
        outcome.telling(&format!("{FILE}:"));
        assert_eq!((db.schema(), db.number("SELECT count(*) FROM visits")), (before, 100), "{file}");
    }
}

#[test]
fn a_statement_that_fails_is_told_by_its_place() {
    let Some((crm, db)) = with_visits("SELECT 1;\nALTER TABLE visits ADD note text;") else { return };
    run(&crm, &db, "").fails(1).telling(&format!("{FILE}:2:1: `ALTER TABLE visits ADD note text`"));
    let outcome = crm.run(&format!("migrate try nowhere.sql {}", db.option())).fails(2);
    outcome.telling("nowhere.sql");
    // What only the COMMIT checks is checked.
    crm.write(
        FILE,
        "CREATE TABLE a (id int REFERENCES visits DEFERRABLE INITIALLY DEFERRED); INSERT INTO a VALUES (0);",
    );
    run(&crm, &db, "").fails(1).telling("foreign key");
}

#[test]
fn another_sessions_lock_is_waited_for_and_named() {
    let Some((crm, db)) = with_visits("ALTER TABLE visits ADD day date;") else { return };
    let _reader = Session::holding(&db, "BEGIN; SELECT count(*) FROM visits;");
    let outcome = run(&crm, &db, "--wait 3").fails(1);
    outcome.telling("could not get a lock within 3 s: process ").telling("nothing was changed");
}

#[test]
fn a_rollback_can_be_tried_and_a_file_of_any_name() {
    let Some((crm, db)) = with_visits("ALTER TABLE visits ADD day date;") else { return };
    crm.write("own/20250301090000_widen.down.sql", "ALTER TABLE visits DROP COLUMN note;");
    let command = format!("migrate try own/20250301090000_widen.down.sql {}", db.option());
    crm.ok(&command).printing("own/20250301090000_widen.down.sql:1:1: `ALTER TABLE visits DROP COLUMN note`");
    crm.write("later/Some idea.sql", "CREATE INDEX ON visits (note);");
    let arguments = ["migrate", "try", "later/Some idea.sql", "--database-url", db.url()];
    crm.run_with(&arguments).exits(0).printing("locks visits: SHARE for ").printing("blocks writes\n");
}
