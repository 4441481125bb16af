//! `crm-seed migrate preflight`: what stands against migrating now, and the backup of the schema.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Crm, Database, Server, Session};

const PENDING: &str = "own/20250301090000_change_visits.sql";

/// A database with two tables, and a pending migration that touches one of them.
fn scene(db: &Database) -> Crm {
    db.run("CREATE TABLE visits (id int PRIMARY KEY, note text); CREATE TABLE others (id int);");
    with_migration("ALTER TABLE visits ADD COLUMN day date;")
}

/// A working directory with a pending migration.
fn with_migration(text: &str) -> Crm {
    let crm = Crm::new();
    crm.write(PENDING, text);
    crm
}

/// The PATH with a server's programs before all others.
fn path_of(db: &Database) -> String {
    let program = db.program("pg_dump").get_program().to_owned();
    let directory = Path::new(&program).parent().expect("a directory").display().to_string();
    format!("{directory}:{}", std::env::var("PATH").unwrap_or_default())
}

fn command(db: &Database, more: &str) -> String {
    format!("migrate preflight --dir own {more} {}", db.option())
}

/// What is not ok, as `level check`.
fn against(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().expect("checks").iter();
    let text = |check: &Value, field: &str| check[field].as_str().expect("a text").to_owned();
    let bad = checks.filter(|check| check["level"] != "ok");
    bad.map(|check| format!("{} {}", text(check, "level"), text(check, "check"))).collect()
}

#[test]
fn nothing_stands_against_a_quiet_database() {
    let Some(db) = Database::empty() else { return };
    let crm = scene(&db);
    let before = db.schema();
    let outcome = crm.ok(&command(&db, "--no-backup"));
    for line in [
        "ok       long-queries           no query is older than 5 min\n",
        "ok       idle-in-transaction    no session",
        "ok       locks                  none in the way of visits\n",
        "ok       prepared-transactions  none\n",
        "ok       replication-slots      none\n",
        "ok       disk-space             no existing table",
        "1 pending, in ",
    ] {
        assert!(outcome.stdout.contains(line), "{line}: {outcome:#?}");
    }
    let report = crm.json(&command(&db, "--no-backup"));
    assert_eq!((against(&report), &report["errors"]), (vec![], &Value::from(0)), "{report:#}");
    assert_eq!(report["pending"], serde_json::json!(["20250301090000_change_visits"]));
    assert_eq!(db.schema(), before);
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    crm.ok(&command(&db, "")).printing("nothing is pending").printing("0 pending");
}

#[test]
fn a_lock_stands_against_it_only_on_a_table_that_is_touched() {
    let Some(db) = Database::empty() else { return };
    let crm = scene(&db);
    let other = Session::holding(&db, "BEGIN; LOCK TABLE others IN ACCESS EXCLUSIVE MODE");
    let report = crm.json(&command(&db, "--no-backup"));
    // It lies idle, but not for long.
    assert_eq!(against(&report), ["warning idle-in-transaction"], "{report:#}");
    drop(other);
    let mut reader = Session::holding(&db, "BEGIN; SELECT * FROM visits");
    let pid = reader.run("SELECT pg_backend_pid()").expect("psql answers").concat();
    let outcome = crm.run(&command(&db, "--no-backup")).exits(5);
    outcome
        .printing("error    locks                  process")
        .printing("holds ACCESS SHARE on visits for ")
        .printing("the migration needs ACCESS EXCLUSIVE: wait for it, or SELECT pg_terminate_backend(")
        .printing(&format!("pg_terminate_backend({pid})"))
        .telling("1 finding stands against migrating now");
    // Who reads is not in the way of an index.
    crm.write(PENDING, "CREATE INDEX ON visits (note);");
    let report = crm.json(&command(&db, "--no-backup"));
    assert_eq!(against(&report), ["warning idle-in-transaction"], "{report:#}");
    // A concurrent build takes a weak lock, and waits for whoever writes all the same.
    drop(reader);
    let writer = Session::holding(&db, "BEGIN; LOCK TABLE visits IN ROW EXCLUSIVE MODE");
    crm.write(PENDING, "-- Transaction: none\nCREATE INDEX CONCURRENTLY noted ON visits (note);");
    crm.run(&command(&db, "--no-backup"))
        .exits(5)
        .printing("holds ROW EXCLUSIVE on visits for ")
        .printing("; the migration waits until its transaction ends: wait for it, or ");
    drop(writer);
    let _reader = Session::holding(&db, "BEGIN; SELECT * FROM visits");
    // A table that is found by its index, and as the child of another.
    db.run("CREATE INDEX named ON visits (note)");
    crm.write(PENDING, "DROP INDEX named;");
    assert!(
        against(&crm.run(&command(&db, "--no-backup --json")).exits(5).json())
            .contains(&"error locks".into())
    );
    crm.write(PENDING, "CREATE TABLE more (id int); ALTER TABLE more ADD x int;");
    crm.ok(&command(&db, "--no-backup")).printing("the pending files touch no existing table");
}

#[test]
fn old_transactions_and_queries_are_told_with_who_they_are() {
    let Some(db) = Database::empty() else { return };
    let crm = scene(&db);
    let idle = Session::holding(&db, "BEGIN; INSERT INTO others VALUES (1)");
    let report = crm.run(&command(&db, "--no-backup --json --older-than 0")).exits(5).json();
    assert_eq!(against(&report), ["error idle-in-transaction"], "{report:#}");
    drop(idle);
    // A statement that has not come back.
    let mut psql = db.program("psql");
    psql.args(["-XqAt", "-c", "/* long */ SELECT pg_sleep(600), 'PASSWORD secret'\n-- second line"]);
    let mut child = psql.spawn().expect("psql");
    let is_running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '/* long%'";
    crate::harness::wait_for("the query", || (db.number(is_running) > 0).then_some(()));
    let outcome = crm.run(&command(&db, "--no-backup --older-than 0")).exits(5);
    outcome
        .printing("error    long-queries           process")
        .printing("(role postgres, psql) has been active for")
        .printing("pg_cancel_backend(")
        .silent_about("secret")
        .silent_about("second line");
    crm.ok(&command(&db, "--no-backup --older-than 3600"));
    child.kill().and_then(|()| child.wait()).expect("psql ends");
    db.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '/* long%'");
}

#[test]
fn slots_and_prepared_transactions_stand_against_it() {
    let Some(mut server) = Server::prepare() else { return };
    server.set("wal_level = replica\nmax_wal_senders = 2\nmax_prepared_transactions = 2\n");
    server.run();
    let db = server.database();
    let crm = scene(&db);
    db.run("SELECT pg_create_physical_replication_slot('gone', true)");
    db.run("BEGIN; INSERT INTO visits VALUES (1); PREPARE TRANSACTION 'it''s';");
    let outcome = crm.run(&command(&db, "--no-backup")).exits(5);
    outcome
        .printing("physical slot gone is inactive; it keeps ")
        .printing("SELECT pg_drop_replication_slot('gone')")
        .printing("COMMIT PREPARED 'it''s' or ROLLBACK PREPARED 'it''s'")
        .printing("prepared transaction it's holds ROW EXCLUSIVE on visits")
        .telling("3 findings stand against");
    db.run("ROLLBACK PREPARED 'it''s'");
    db.run("SELECT pg_drop_replication_slot('gone')");
    crm.ok(&command(&db, "--no-backup"));
}

#[test]
fn a_rewrite_is_held_against_the_free_disk() {
    let Some(db) = Database::empty() else { return };
    let crm = scene(&db);
    db.run("INSERT INTO visits SELECT i, 'note' FROM generate_series(1, 5000) i");
    crm.write(PENDING, "ALTER TABLE visits ALTER COLUMN id TYPE bigint;");
    let outcome = crm.ok(&command(&db, "--no-backup"));
    outcome
        .printing("disk-space             likely to be rewritten: visits (")
        .printing(" kB); needs up to ");
}

#[test]
fn the_schema_is_saved_and_no_backup_is_overwritten() {
    let Some(db) = Database::empty() else { return };
    let crm = scene(&db).with("PATH", &path_of(&db));
    db.run("INSERT INTO visits VALUES (1, 'a row')");
    let backups = |directory: &str| -> Vec<String> {
        let names = crm.names_in(directory).into_iter();
        names.filter(|name| name.contains("backup_schema")).collect()
    };
    crm.ok(&command(&db, "")).printing("ok       schema-backup          backup_schema_");
    crm.ok(&command(&db, ""));
    let names = backups("");
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(
        names[0].len() == "backup_schema_20260101.sql".len() && names[1].ends_with("_2.sql"),
        "{names:?}"
    );
    let dump = std::fs::read_to_string(crm.directory().join(&names[0])).expect("a dump");
    assert!(dump.contains("CREATE TABLE public.visits") && !dump.contains("a row"), "{dump}");
    std::fs::create_dir(crm.directory().join("there")).expect("a directory");
    crm.ok(&command(&db, "--backup there"));
    assert_eq!((backups("there").len(), backups("").len()), (1, 2));
    crm.run(&command(&db, "--backup nowhere")).fails(2).telling("no such directory");
    crm.run(&command(&db, "--backup there --no-backup")).exits(2);
}

#[test]
fn a_backup_needs_a_password_that_nobody_sees() {
    let Some(server) = Server::start() else { return };
    let db = server.database();
    let crm = scene(&db).with("PATH", &path_of(&db));
    db.run("CREATE ROLE locked LOGIN SUPERUSER PASSWORD 'p@ss word'");
    let url = db.url_of("locked:p%40ss%20word");
    let outcome = crm.run(&format!("migrate preflight --dir own --database-url {url}")).exits(0);
    outcome.printing("backup_schema_").silent_about("p@ss").silent_about("p%40ss");
    let name =
        crm.names_in("").into_iter().find(|name| name.starts_with("backup_schema_")).expect("a backup");
    let dump = std::fs::read_to_string(crm.directory().join(name)).expect("a dump");
    assert!(dump.contains("visits") && !dump.contains("p@ss"), "{dump}");
}

#[test]
fn a_backup_that_cannot_be_made_is_told() {
    let Some(db) = Database::empty() else { return };
    let crm = scene(&db).with("PATH", "/nowhere");
    let outcome = crm.run(&command(&db, "")).exits(5);
    outcome
        .printing("error    schema-backup          not made: pg_dump is not installed: install ")
        .printing("--no-backup");
    assert_eq!(crm.names_in("").len(), 1, "only the migrations");
    // A pg_dump that fails, and one that is too old.
    for (script, told) in [
        (
            "echo 'pg_dump (PostgreSQL) 99.1'; [ \"$1\" = --version ] || { echo 'broken pipe dream' >&2; exit 1; }",
            "broken pipe dream",
        ),
        ("echo 'pg_dump (PostgreSQL) 9.6.1'", "pg_dump 9 is older than the server"),
    ] {
        use std::os::unix::fs::PermissionsExt;
        let program = crm.write("bin/pg_dump", &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
        let mut run = crm.command(&command(&db, ""));
        run.env("PATH", program.parent().expect("a directory"));
        let outcome = crm.start(run, "preflight").wait().exits(5);
        outcome.printing("not made: ").printing(told);
        assert_eq!(crm.names_in("").len(), 2, "no half of a backup stays");
    }
}

#[test]
fn a_file_that_cannot_be_run_is_refused() {
    let Some(db) = Database::empty() else { return };
    let crm = with_migration("CREATE TABLE a (i int);\n\\connect x\n");
    crm.run(&command(&db, "--no-backup")).fails(1).telling("own/20250301090000_change_visits.sql:2:1: ");
}

#[test]
fn a_role_that_does_not_see_other_sessions_is_told_so() {
    let Some(db) = Database::empty() else { return };
    let crm = scene(&db);
    let _other = Session::holding(&db, "BEGIN; SELECT 1");
    let role = db.role("");
    let line = format!("migrate preflight --dir own --no-backup --database-url {}", db.url_of(&role));
    let outcome = crm.ok(&line);
    outcome
        .printing(&format!("warning  rights                 role {role} does not see what 1 session"))
        .printing("GRANT pg_read_all_stats TO");
    // What is locked is seen by everybody.
    let _lock = Session::holding(&db, "BEGIN; LOCK TABLE visits");
    crm.run(&line).exits(5).printing("holds ACCESS EXCLUSIVE on visits");
    // Neither is the size of a locked table waited for.
    crm.write(PENDING, "ALTER TABLE visits ALTER COLUMN id TYPE bigint;");
    crm.run(&line).exits(5).printing("likely to be rewritten: visits (");
}
