//! `crm-seed migrate --dir`: migrations of one's own.

use crate::harness::{Crm, Database};

fn up(crm: &Crm, db: &Database) -> crate::harness::Outcome {
    crm.run(&format!("migrate up --dir own {}", db.option()))
}

fn status(crm: &Crm, db: &Database) -> Vec<(String, String, bool)> {
    let status = crm.json(&format!("migrate status --dir own {}", db.option()));
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let entry = |e: &serde_json::Value| (text(&e["name"]), text(&e["status"]), e["changed"] == true);
    status.as_array().expect("an array").iter().map(entry).collect()
}

const FIRST: &str = "own/20250301090000_create_visits.sql";
const FIRST_DOWN: &str = "own/20250301090000_create_visits.down.sql";
const SECOND: &str = "own/20250302090000_add_visit_notes.sql";

#[test]
fn a_directory_of_ones_own_goes_up_and_down() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FIRST, "CREATE TABLE visits (id int PRIMARY KEY, note text DEFAULT 'a;b'); -- a; b\n");
    crm.write(FIRST_DOWN, "DROP TABLE visits;\n");
    crm.write(SECOND, "ALTER TABLE visits ADD COLUMN day date;");
    crm.write("own/README.md", "not a migration");
    up(&crm, &db).exits(0).printing("2 applied");
    assert_eq!(db.number("SELECT count(*) FROM information_schema.columns WHERE table_name = 'visits'"), 3);
    // The second one came without a rollback.
    let outcome = crm.run(&format!("migrate down --dir own {}", db.option())).fails(1);
    outcome.telling("20250302090000_add_visit_notes: no rollback SQL was stored");
    db.run("ALTER TABLE visits DROP COLUMN day; UPDATE migration_history SET rolled_back_at = now() WHERE id = 2");
    crm.ok(&format!("migrate down --dir own {}", db.option())).printing("1 rolled back");
    assert_eq!(db.run("SELECT to_regclass('visits')"), "");
}

#[test]
fn a_statement_that_fails_undoes_its_whole_file_and_no_other() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FIRST, "CREATE TABLE visits (id int);");
    crm.write(SECOND, "CREATE TABLE notes (id int);\nALTER TABLE visits ADD COLUMN id int;");
    crm.write("own/20250303090000_add_third.sql", "CREATE TABLE third (id int);");
    let outcome = up(&crm, &db).fails(1).telling("applied 20250301090000_create_visits\n");
    outcome
        .telling("own/20250302090000_add_visit_notes.sql:2:1: `ALTER TABLE visits ADD COLUMN id int`")
        .telling("already exists");
    assert_eq!(
        db.run("SELECT to_regclass('visits'), to_regclass('notes'), to_regclass('third')"),
        "visits\t\t"
    );
    let states: Vec<String> = status(&crm, &db).into_iter().map(|(_, state, _)| state).collect();
    assert_eq!(states, ["applied", "pending", "pending"]);
    crm.write(SECOND, "CREATE TABLE notes (id int);");
    up(&crm, &db).exits(0).printing("2 applied");
}

#[test]
fn the_rollback_is_that_of_the_day_it_was_applied() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FIRST, "CREATE TABLE visits (id int);");
    crm.write(FIRST_DOWN, "-- as it was: it's \\ there\nDROP TABLE visits;\nCREATE TABLE undone (id int);");
    up(&crm, &db).exits(0);
    let stored = db.run("SELECT rollback_sql FROM migration_history");
    assert_eq!(stored, "-- as it was: it's \\ there\nDROP TABLE visits;\nCREATE TABLE undone (id int);");
    crm.write(FIRST_DOWN, "SELECT 1 / 0;");
    crm.write(FIRST, "CREATE TABLE visits (id int, changed text);");
    assert_eq!(status(&crm, &db), [("20250301090000_create_visits".into(), "applied".into(), true)]);
    crm.ok(&format!("migrate down --dir own {}", db.option()));
    assert_eq!(db.run("SELECT to_regclass('visits'), to_regclass('undone')"), "\tundone");
    // Neither does it need the file, nor its directory.
    crm.write(FIRST_DOWN, "DROP TABLE visits;");
    up(&crm, &db).exits(0);
    crm.ok(&format!("migrate down {}", db.option())).printing("1 rolled back");
}

#[test]
fn a_rollback_that_fails_leaves_all_as_it_was() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FIRST, "CREATE TABLE visits (id int);");
    crm.write(FIRST_DOWN, "DROP TABLE visits; DROP TABLE no_such_table;");
    up(&crm, &db).exits(0);
    let outcome = crm.run(&format!("migrate down --dir own {}", db.option())).fails(1);
    outcome.telling("rollback of 20250301090000_create_visits:1:20: `DROP TABLE no_such_table`");
    assert_eq!(db.run("SELECT to_regclass('visits')"), "visits");
    assert_eq!(status(&crm, &db)[0].1, "applied");
}

#[test]
fn a_file_may_ask_for_no_transaction() {
    let Some(db) = Database::migrated() else { return };
    let crm = Crm::new();
    crm.write(
        "own/20250301090000_add_indexes.sql",
        "-- Migration: 20250301090000_add_indexes.sql\n-- Transaction: none\n\n\
         CREATE INDEX CONCURRENTLY first_index ON tasks (title);\n\
         CREATE INDEX CONCURRENTLY second_index ON tasks (notes);\n",
    );
    crm.write(
        "own/20250301090000_add_indexes.down.sql",
        "-- Transaction: none\nDROP INDEX CONCURRENTLY first_index;\nDROP INDEX CONCURRENTLY second_index;\n",
    );
    let before = db.schema();
    up(&crm, &db).exits(0).printing("1 applied");
    assert_eq!(db.number("SELECT count(*) FROM pg_indexes WHERE indexname ~ '^(first|second)_index$'"), 2);
    crm.ok(&format!("migrate down --dir own {}", db.option())).printing("1 rolled back");
    assert_eq!(db.schema(), before);
}

#[test]
fn without_a_transaction_what_is_done_stays_and_is_told() {
    let Some(db) = Database::migrated() else { return };
    let crm = Crm::new();
    let text =
        "-- Transaction: none\nCREATE INDEX CONCURRENTLY IF NOT EXISTS first_index ON tasks (title);\n";
    crm.write(
        "own/20250301090000_add_indexes.sql",
        &format!("{text}CREATE INDEX CONCURRENTLY x ON tasks (nothing);"),
    );
    let outcome = up(&crm, &db).fails(1);
    outcome.telling("column \"nothing\" does not exist").telling("1 of its 2 statements are done and stay");
    let states = status(&crm, &db);
    assert!(
        states.contains(&("20250301090000_add_indexes".into(), "partly_applied".into(), false)),
        "{states:?}"
    );
    crm.write("own/20250301090000_add_indexes.sql", text);
    up(&crm, &db).exits(0).printing("1 applied");
}

#[test]
fn a_transaction_around_the_file_is_taken_over() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FIRST, "-- Migration: x\nBEGIN;\nCREATE TABLE visits (id int);\nCOMMIT;\n");
    crm.write(FIRST_DOWN, "BEGIN;\nDROP TABLE visits;\nCOMMIT;\n");
    crm.write(SECOND, "START TRANSACTION;\nCREATE TABLE notes (id int);\nSELECT 1 / 0;\nCOMMIT;\n");
    up(&crm, &db).fails(1).telling("division by zero");
    assert_eq!(db.run("SELECT to_regclass('visits'), to_regclass('notes')"), "visits\t");
    crm.ok(&format!("migrate down --dir own {}", db.option())).printing("1 rolled back");
    crm.write(SECOND, "CREATE TABLE notes (id int);\nCOMMIT;\nCREATE TABLE more (id int);");
    up(&crm, &db).fails(1).telling("`commit` is not allowed in a migration");
    assert_eq!(db.run("SELECT to_regclass('notes'), to_regclass('more')"), "\t");
}

#[test]
fn files_that_are_not_named_as_migrations_are_wrong_usage() {
    let Some(db) = Database::empty() else { return };
    let before = db.schema();
    for (name, message) in [
        ("own/create_visits.sql", "create_visits.sql is not named YYYYMMDDHHMMSS_descriptive_name.sql"),
        ("own/20251301090000_create_visits.sql", "is not named"),
        ("own/20250301090000_Create_Visits.sql", "is not named"),
        ("own/20250301090000_create visits.sql", "is not named"),
        ("own/20250303090000_gone.down.sql", "which does not exist"),
        ("own/20250301090000_another.sql", "has the same timestamp as another migration"),
    ] {
        let crm = Crm::new();
        crm.write(FIRST, "CREATE TABLE visits (id int);");
        crm.write(name, "SELECT 1;");
        for action in ["up", "status"] {
            crm.run(&format!("migrate {action} --dir own {}", db.option())).fails(2).telling(message);
        }
    }
    Crm::new().run(&format!("migrate up --dir nowhere {}", db.option())).fails(2).telling("nowhere");
    assert_eq!(db.schema(), before);
}

#[test]
fn a_history_that_another_tool_made_is_gone_on_with() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE visits (id int);
         CREATE TABLE migration_history (id int PRIMARY KEY, migration_name varchar(255) NOT NULL,
           applied_at timestamp DEFAULT now(), rollback_sql text, rolled_back_at timestamp);
         INSERT INTO migration_history VALUES (7, '20250301090000_create_visits.sql', now(), 'DROP TABLE visits', NULL)",
    );
    let crm = Crm::new();
    crm.write(FIRST, "CREATE TABLE visits (id int);");
    crm.write(SECOND, "ALTER TABLE visits ADD COLUMN note text;");
    crm.write(&SECOND.replace(".sql", ".down.sql"), "ALTER TABLE visits DROP COLUMN note;");
    up(&crm, &db).exits(0).printing("1 applied");
    assert_eq!(db.run("SELECT id FROM migration_history ORDER BY id"), "7\n8");
    crm.ok(&format!("migrate down --count 2 --dir own {}", db.option())).printing("2 rolled back");
    assert_eq!(db.run("SELECT to_regclass('visits')"), "");
}

#[test]
fn what_only_psql_could_run_or_would_end_the_transaction_is_refused_before_it_runs() {
    for (script, why) in [
        ("CREATE TABLE a (i int);\nCOPY a FROM stdin;\n", "`COPY a FROM stdin` works in psql only"),
        ("CREATE TABLE a (i int);\nCOPY a FROM STDIN(FORMAT csv);\n1\n\\.\n", "works in psql only"),
        ("CREATE TABLE a (i int);\nCOPY a TO stdout;\n", "works in psql only"),
        ("CREATE TABLE a (i int);\ncommit/**/;\nSELECT 1/0;", "`commit` is not allowed in a migration"),
        ("CREATE TABLE a (atomic int); COMMIT; SELECT 1/0;", "`commit` is not allowed in a migration"),
        ("-- Transaction: none\nBEGIN; CREATE TABLE a (i int);", "`begin` is not allowed in a migration"),
    ] {
        let Some(db) = Database::empty() else { return };
        let crm = Crm::new();
        crm.write("own/20250101000000_a.sql", script);
        crm.run(&format!("migrate up --dir own {}", db.option())).fails(1).telling(why);
        assert_eq!(db.run("SELECT to_regclass('a')"), "", "{script}");
    }
}
