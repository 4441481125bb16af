//! `migrate to`, `redo`, `--dry-run`, `--json` and `status --check`.

use crate::address::{other_address, server_at};
use crate::harness::{Crm, Database, Outcome};

const FILES: [(&str, &str, &str); 3] = [
    ("20250301090000_visits", "CREATE TABLE visits (id int PRIMARY KEY);", "DROP TABLE visits;"),
    ("20250302090000_day", "ALTER TABLE visits ADD COLUMN day date;", "ALTER TABLE visits DROP COLUMN day;"),
    (
        "20250303090000_note",
        "ALTER TABLE visits ADD COLUMN note text;",
        "ALTER TABLE visits DROP COLUMN note;",
    ),
];

fn project() -> Crm {
    let crm = Crm::new();
    for (name, up, down) in FILES {
        crm.write(&format!("own/{name}.sql"), up);
        crm.write(&format!("own/{name}.down.sql"), down);
    }
    crm
}

fn run(crm: &Crm, db: &Database, arguments: &str) -> Outcome {
    crm.run(&format!("migrate {arguments} --dir own {}", db.option()))
}

fn columns(db: &Database) -> String {
    db.run("SELECT coalesce(string_agg(column_name, ' ' ORDER BY ordinal_position), '') FROM information_schema.columns
            WHERE table_name = 'visits'")
}

#[test]
fn to_goes_up_or_down_until_a_migration_is_the_latest() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    run(&crm, &db, "to 20250302090000_day").exits(0).printing("2 applied");
    assert_eq!(columns(&db), "id day");
    run(&crm, &db, "to 20250303090000").exits(0).printing("1 applied");
    run(&crm, &db, "to 20250301090000_visits.sql").exits(0).printing("2 rolled back");
    assert_eq!(columns(&db), "id");
    run(&crm, &db, "to 20250301090000_visits").exits(0).printing("0 rolled back");
    run(&crm, &db, "to 20250302090000_dya")
        .fails(2)
        .telling("there is no migration")
        .telling("20250302090000_day");
    run(&crm, &db, "to 0").exits(0).printing("1 rolled back");
    assert_eq!(columns(&db), "");
}

#[test]
fn redo_rolls_back_and_applies_the_file_as_it_is_now() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    run(&crm, &db, "up").exits(0);
    crm.write("own/20250303090000_note.sql", "ALTER TABLE visits ADD COLUMN remark text;");
    crm.write("own/20250303090000_note.down.sql", "ALTER TABLE visits DROP COLUMN remark;");
    run(&crm, &db, "redo").exits(0).printing("1 rolled back, 1 applied");
    assert_eq!(columns(&db), "id day remark");
    run(&crm, &db, "redo --count 3").exits(0).printing("3 rolled back, 3 applied");
    // A file that cannot be run is no reason to roll back.
    crm.write("own/20250303090000_note.sql", "\\connect other");
    run(&crm, &db, "redo").fails(1).telling("own/20250303090000_note.sql:1:1").telling("psql command");
    crm.write("own/20250303090000_note.sql", "SELECT 1 / 0;");
    run(&crm, &db, "redo").fails(1).telling("rolled back, and not applied again");
    assert_eq!(columns(&db), "id day");
    std::fs::remove_file(crm.directory().join("own/20250302090000_day.sql")).expect("a file");
    std::fs::remove_file(crm.directory().join("own/20250302090000_day.down.sql")).expect("a file");
    run(&crm, &db, "redo").fails(3).telling("20250302090000_day has no file here");
    assert_eq!(columns(&db), "id day");
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    let outcome = run(&crm, &db, "up --dry-run --count 2").exits(0);
    outcome
        .printing("would apply 20250302090000_day (1 statement, one transaction)")
        .printing("2 to be applied");
    assert_eq!(db.run("SELECT to_regclass('migration_history')"), "");
    run(&crm, &db, "up").exits(0);
    db.run("INSERT INTO visits VALUES (1, '2025-01-01', 'x')");
    let outcome = run(&crm, &db, "down --dry-run --count 2").exits(0);
    outcome.printing("would roll back 20250303090000_note: deletes ").printing("2 to be rolled back");
    run(&crm, &db, "redo --dry-run").exits(0);
    run(&crm, &db, "to 0 --dry-run").exits(0).printing("3 to be rolled back");
    assert_eq!(columns(&db), "id day note");
}

#[test]
fn what_was_done_is_told_as_json() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    let json = run(&crm, &db, "up --json").exits(0).json();
    assert_eq!(json["applied"][1]["name"], "20250302090000_day");
    assert_eq!(json["applied"].as_array().map(Vec::len), Some(3));
    let json = run(&crm, &db, "down --json").exits(0).json();
    assert_eq!(json["rolled_back"][0]["name"], "20250303090000_note");
    let json = run(&crm, &db, "to 20250302090000_nothing --json").exits(2);
    assert!(json.stdout.contains("\"error\"") || json.stderr.contains("\"error\""), "{json:?}");
}

#[test]
fn status_check_tells_by_its_exit_code() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    run(&crm, &db, "status --check").exits(5).telling("error: pending: 20250301090000_visits and 2 more\n  hint: apply what is pending with `crm-seed migrate up`");
    run(&crm, &db, "up").exits(0);
    run(&crm, &db, "status --check").exits(0);
    crm.write("own/20250302090000_day.sql", "-- why\r\nALTER TABLE   visits\r\n  ADD COLUMN day date;\r\n");
    run(&crm, &db, "status --check").exits(0);
    crm.write("own/20250302090000_day.sql", "ALTER TABLE visits ADD COLUMN day timestamptz;");
    let outcome = run(&crm, &db, "status --check").exits(5);
    outcome
        .printing("-ALTER TABLE visits ADD COLUMN day date;")
        .printing("+ALTER TABLE visits ADD COLUMN day timestamptz;")
        .telling("error: edited after it was applied: 20250302090000_day\n")
        .telling("hint: put an edited file back as it was, and the change into a new migration");
}

#[test]
fn a_statement_that_wants_no_transaction_is_refused_before_any_file_runs() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.write("own/20250304090000_index.sql", "-- an index\n\nCREATE INDEX CONCURRENTLY i ON visits (day);");
    let outcome = run(&crm, &db, "up").fails(1);
    outcome.telling("own/20250304090000_index.sql:3:1: ").telling("`-- Transaction: none`");
    assert_eq!(columns(&db), "");
    crm.write(
        "own/20250304090000_index.sql",
        "CREATE TYPE mood AS ENUM ('good');\nALTER TYPE mood ADD VALUE 'bad';\nSELECT 'bad'::mood;",
    );
    db.run("CREATE TYPE other AS ENUM ('good')");
    crm.write("own/20250304090000_index.sql", "ALTER TYPE other ADD VALUE 'bad';\nSELECT 'bad'::other;");
    run(&crm, &db, "up")
        .fails(1)
        .telling("own/20250304090000_index.sql:2:8: ")
        .telling("`-- Transaction: none`");
}

#[test]
fn quiet_hours_hold_for_other_machines() {
    let Some(address) = other_address() else { return };
    let Some(server) = server_at(&address.to_string()) else { return };
    let crm = project();
    let Some(local) = Database::empty() else { return };
    let url = format!("postgres://postgres@{address}:{}/postgres", server.port());
    let remote = format!("--allow-remote {address} --database-url {url}");
    let run = |arguments: &str| crm.run(&format!("migrate {arguments} --dir own"));
    crm.write("crm-seed.toml", "[migrations]\nquiet_hours = \"00:00-24:00\"\n");
    run(&format!("up {remote}")).fails(3).telling("it is within the quiet hours (00:00-24:00)");
    run(&format!("up --dry-run {remote}")).exits(0);
    run(&format!("status {remote}")).exits(0);
    run(&format!("up --count 1 --during-quiet-hours {remote}")).exits(0).printing("1 applied");
    run(&format!("down {remote}")).fails(3);
    run(&format!("redo {remote}")).fails(3);
    run(&format!("to 0 {remote}")).fails(3);
    run(&format!("up {}", local.option())).exits(0).printing("3 applied");
    crm.write("crm-seed.toml", "[migrations]\nquiet_hours = \"noon\"\n");
    run(&format!("up {remote}"))
        .fails(2)
        .telling("crm-seed.toml:2: quiet_hours = \"noon\" is not of the form");
    crm.write("crm-seed.toml", "[migrations]\nquiet_hours = \"01:00-02:00 Mars/Olympus\"\n");
    run(&format!("up {remote}")).fails(1).telling("Mars/Olympus");
}
