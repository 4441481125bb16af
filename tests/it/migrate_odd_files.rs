//! Files that are not what they look like: comments without an end, other encodings, names that are nearly right,
//! directories that are nearly the right one, files that were renamed.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::harness::{Crm, Database, Outcome};

const FILE: &str = "own/20250101000000_a.sql";

fn run(crm: &Crm, db: &Database, arguments: &str) -> Outcome {
    crm.run(&format!("migrate {arguments} --dir own {}", db.option()))
}

fn bytes(crm: &Crm, name: &str, bytes: &[u8]) {
    crm.write(name, "");
    std::fs::write(crm.directory().join(name), bytes).expect("a file");
}

#[test]
fn a_comment_without_an_end_hides_nothing() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FILE, "CREATE TABLE a (i int);\n/* later: /* not yet */\nCREATE TABLE b (i int);\n");
    run(&crm, &db, "up").fails(1).telling("own/20250101000000_a.sql:2:1: this comment does not end");
    assert_eq!(db.run("SELECT to_regclass('a')"), "");
    crm.write(FILE, "CREATE TABLE a (i int);\n/* later: /* not yet */ */\n");
    run(&crm, &db, "up").exits(0).printing("1 applied");
}

#[test]
fn other_encodings_are_told_by_file_and_line() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    bytes(&crm, FILE, b"\xFF\xFES\0E\0L\0E\0C\0T\0 \0\x001\0");
    run(&crm, &db, "up").fails(2).telling("own/20250101000000_a.sql: it is UTF-16; save the file as UTF-8");
    bytes(&crm, FILE, b"S\0E\0L\0E\0C\0T\0 \0\x001\0");
    run(&crm, &db, "status").fails(2).telling("own/20250101000000_a.sql:1: it has a zero byte");
    bytes(&crm, FILE, b"SELECT 1;\nSELECT '\xE9';");
    run(&crm, &db, "up")
        .fails(2)
        .telling("own/20250101000000_a.sql: it is not valid UTF-8: byte 19 (0xE9, in line 2)");
    bytes(&crm, FILE, b"\xEF\xBB\xBF-- one\r\nCREATE TABLE a (i int);\r\n");
    run(&crm, &db, "up").exits(0).printing("1 applied");
    bytes(&crm, FILE, b"CREATE TABLE a (i int);\n");
    run(&crm, &db, "status --check").exits(0);
}

#[test]
fn a_file_that_is_nearly_named_as_a_migration_is_told_and_not_passed_by() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FILE, "SELECT 1;");
    crm.write("own/20250102000000_b.SQL", "SELECT 2;");
    run(&crm, &db, "up").fails(2).telling("20250102000000_b.SQL does not end in .sql");
    let outcome = run(&crm, &db, "up --layout supabase").exits(0);
    outcome.telling("note: 20250102000000_b.SQL is passed over");
    let crm = Crm::new();
    crm.write(FILE, "SELECT 1;");
    let name = OsStr::from_bytes(b"20250102000000_\xFF.sql");
    std::fs::write(crm.directory().join("own").join(name), "SELECT 2;").expect("a file");
    run(&crm, &db, "up").fails(2).telling("the name is not UTF-8");
}

#[test]
fn the_directory_above_is_not_taken_for_one_without_migrations() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write("own/migrations/20250101000000_a.sql", "SELECT 1;");
    for action in ["up", "status", "lint"] {
        let database = if action == "lint" { String::new() } else { db.option() };
        let outcome = crm.run(&format!("migrate {action} --dir own {database}")).fails(2);
        outcome.telling("there are no migrations here").telling("--dir own/migrations");
    }
    std::fs::remove_dir_all(crm.directory().join("own/migrations")).expect("a directory");
    run(&crm, &db, "up").exits(0).printing("0 applied");
}

#[test]
fn a_begin_without_its_commit_is_told_as_that() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FILE, "BEGIN;\nCREATE TABLE a (i int);\n");
    run(&crm, &db, "up")
        .fails(1)
        .telling("own/20250101000000_a.sql:1:1")
        .telling("or end the file with COMMIT");
}

#[test]
fn a_renamed_file_is_not_applied_once_more() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FILE, "CREATE TABLE IF NOT EXISTS a (i int); INSERT INTO a VALUES (1);");
    crm.write("own/20250102000000_b.sql", "-- nothing yet");
    run(&crm, &db, "up").exits(0);
    let at = |name: &str| crm.directory().join(name);
    std::fs::rename(at(FILE), at("own/20250101000000_rows.sql")).expect("a file");
    run(&crm, &db, "status").exits(0).printing("(no such file; 20250101000000_rows has the same statements)");
    let outcome = run(&crm, &db, "up").fails(3);
    outcome
        .telling("20250101000000_rows has the statements of 20250101000000_a, which is applied")
        .telling("UPDATE migration_history SET migration_name = '20250101000000_rows'");
    assert_eq!(db.run("SELECT count(*) FROM a"), "1");
    db.run(
        "UPDATE migration_history SET migration_name = '20250101000000_rows' WHERE migration_name = '20250101000000_a'",
    );
    run(&crm, &db, "up").exits(0).printing("0 applied");
    run(&crm, &db, "status --check").exits(0);
    // Files that do nothing are all the same, and none of them is another.
    std::fs::rename(at("own/20250102000000_b.sql"), at("own/20250103000000_c.sql")).expect("a file");
    run(&crm, &db, "up").exits(0).printing("1 applied");
}

#[test]
fn a_file_that_drops_the_history_is_told_as_that_and_undone() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FILE, "CREATE TABLE a (i int);");
    crm.write("own/20250102000000_b.sql", "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;");
    let outcome = run(&crm, &db, "up").fails(1).telling("applied 20250101000000_a");
    outcome.telling("own/20250102000000_b.sql: it dropped migration_history").telling("crm-seed reset");
    assert_eq!(db.run("SELECT to_regclass('a'), to_regclass('migration_history')"), "a\tmigration_history");
}

#[test]
fn a_history_in_a_schema_that_the_role_may_not_use_is_not_taken_for_none() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FILE, "CREATE TABLE a (i int);");
    run(&crm, &db, "up").exits(0);
    let role = db.role("");
    db.run("REVOKE ALL ON SCHEMA public FROM PUBLIC");
    for action in ["up", "status"] {
        let outcome =
            crm.run(&format!("migrate {action} --dir own --database-url {}", db.url_of(&role))).fails(3);
        outcome.telling("the role may not use schema public").telling("GRANT USAGE ON SCHEMA public");
    }
}

#[test]
fn both_directions_in_one_file_are_never_run_at_once() {
    let Some(db) = Database::empty() else { return };
    for (up, down, tool) in
        [("-- MIGRATE:UP", "-- migrate:down", "dbmate"), ("--+goose", "--+goose Down", "goose")]
    {
        let crm = Crm::new();
        crm.write(FILE, &format!("{up}\nCREATE TABLE a (i int);\n{down}\nDROP TABLE a;\n"));
        let outcome = run(&crm, &db, "up").fails(2);
        outcome.telling("own/20250101000000_a.sql").telling(tool);
        assert_eq!(db.run("SELECT to_regclass('migration_history')"), "");
    }
}

#[test]
fn a_repeatable_migration_that_was_applied_twice_has_its_file() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write("own/V1__a.sql", "CREATE TABLE a (i int);");
    for number in [1, 2] {
        crm.write("own/R__v.sql", &format!("CREATE OR REPLACE VIEW v AS SELECT {number} AS i;"));
        run(&crm, &db, "up").exits(0);
    }
    run(&crm, &db, &format!("rehearse --scratch {}", db.url())).exits(0).silent_about("no such file");
}
