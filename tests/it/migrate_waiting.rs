//! `crm-seed migrate` behind other sessions' locks, and behind another run.

use std::time::{Duration, Instant};

use crate::harness::{Crm, Database, Session, wait_for};

const FIRST: &str = "own/20250301090000_first.sql";
const ALTER: &str = "ALTER TABLE visits ADD COLUMN day date;";

fn up(db: &Database, arguments: &str) -> String {
    format!("migrate up --dir own {arguments} {}", db.option())
}

fn with_visits(file: &str) -> Option<(Crm, Database)> {
    let (crm, db) = (Crm::new(), Database::empty()?);
    db.run("CREATE TABLE visits (id int); INSERT INTO visits VALUES (1);");
    crm.write(FIRST, file);
    Some((crm, db))
}

#[test]
fn a_reader_in_the_way_is_named_and_those_behind_us_are_let_pass() {
    let Some((crm, db)) = with_visits(ALTER) else { return };
    let mut reader = Session::holding(&db, "BEGIN; SELECT 'report' FROM visits;");
    let running = crm.spawn(&up(&db, ""));
    let queued = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'visits'::regclass";
    wait_for("the migration to queue", || (db.number(queued) > 0).then_some(()));
    let began = Instant::now();
    assert_eq!(db.run("SELECT id FROM visits"), "1");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    wait_for("the wait to be told", || running.told().contains("waiting for a lock").then_some(()));
    // Who was queued behind us is not in the way.
    let told = running.told();
    assert_eq!(told.lines().next().unwrap_or_default().matches("process ").count(), 1, "{told}");
    reader.run("COMMIT;");
    let outcome = running.wait().exits(0).printing("1 applied");
    outcome
        .telling("own/20250301090000_first.sql:1:1: `ALTER TABLE visits ADD COLUMN day date`: process ")
        .telling("role postgres, psql, idle in transaction for ")
        .telling("query `SELECT 'report' FROM visits;`) holds visits");
}

#[test]
fn a_wait_ends_with_who_is_in_the_way_and_nothing_changed() {
    let Some((crm, db)) = with_visits(&format!("CREATE TABLE more (id int);\n{ALTER}")) else { return };
    let _writer = Session::holding(&db, "BEGIN; INSERT INTO visits VALUES (2);");
    let before = db.schema();
    let outcome = crm.run(&up(&db, "--wait 3")).fails(1);
    outcome
        .telling("could not get a lock within 3 s: process ")
        .telling("holds visits")
        .telling(
            "hint: its transaction was rolled back; wait for that session, end it (SELECT \
             pg_terminate_backend(",
        )
        .telling("--wait SECONDS");
    assert_eq!(db.schema(), before);
}

#[test]
fn an_index_build_names_beforehand_whom_it_waits_for_and_ends_in_time() {
    let build = "-- Transaction: none\nCREATE INDEX CONCURRENTLY visits_id ON visits (id);";
    let Some((crm, db)) = with_visits(build) else { return };
    let mut writer = Session::holding(&db, "BEGIN; INSERT INTO visits VALUES (2);");
    let outcome = crm.run(&up(&db, "--wait 3")).fails(1).telling("could not get a lock within 3 s: process ");
    let told =
        outcome.telling("waiting for a lock: 20250301090000_first: `CREATE INDEX CONCURRENTLY visits_id");
    told.telling("index public.visits_id is left INVALID")
        .telling("0 of its 1 statements are done")
        .telling("--wait SECONDS");
    // Whoever wrote in the meantime was let pass.
    writer.run("INSERT INTO visits VALUES (3); COMMIT;");
    crm.ok(&up(&db, "")).printing("1 applied");
    assert_eq!(db.run("SELECT indisvalid FROM pg_index WHERE indrelid = 'visits'::regclass"), "t");
}

#[test]
fn timeouts_that_a_role_has_for_its_queries_are_set_aside() {
    let Some(db) = Database::empty() else { return };
    let role =
        db.role("GRANT CREATE ON SCHEMA public TO ROLE; ALTER USER ROLE SET statement_timeout = '200ms';");
    let url = format!("--database-url {}", db.url_of(&role));
    let crm = Crm::new();
    crm.write(FIRST, "SELECT pg_sleep(0.5);");
    crm.write("own/20250302090000_second.sql", "-- Transaction: none\nSELECT pg_sleep(0.5);\nVACUUM;");
    crm.write("own/20250302090000_second.down.sql", "SELECT pg_sleep(0.5);");
    crm.ok(&format!("migrate up --dir own {url}")).printing("2 applied");
    crm.ok(&format!("migrate down {url}")).printing("1 rolled back");
    // What a file says itself counts.
    crm.write("own/20250303090000_third.sql", "SET statement_timeout = '50ms';\nSELECT pg_sleep(0.5);");
    crm.run(&format!("migrate up --dir own --count 2 {url}")).fails(1).telling("statement timeout");
}

#[test]
fn a_second_run_is_waited_for_where_wait_says_so() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FIRST, "SELECT pg_sleep(2);\nCREATE TABLE visits (id int);");
    crm.write("own/20250302090000_second.sql", "CREATE TABLE more (id int);");
    let first = crm.spawn(&up(&db, ""));
    let held = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE locktype = 'advisory' AND granted AND datname = current_database()";
    wait_for("the first run", || (db.number(held) > 0).then_some(()));
    let refused = crm.run(&up(&db, "")).fails(3).telling("another crm-seed is working on this database");
    refused.telling("hint: it is process ").telling("--wait SECONDS");
    crm.ok(&up(&db, "--wait 60")).printing("0 applied");
    first.wait().exits(0).printing("2 applied");
    crm.ok(&format!("migrate down --dir own --wait 1 --count 0 {}", db.option())).printing("0 rolled back");
}

#[test]
fn a_run_that_is_killed_gives_its_lock_back() {
    for file in ["SELECT pg_sleep(300);", "-- Transaction: none\nSELECT pg_sleep(300);"] {
        let Some(db) = Database::empty() else { return };
        let crm = Crm::new();
        crm.write(FIRST, file);
        let running = crm.spawn(&up(&db, ""));
        let sleeping =
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(300)%' AND state = 'active'
                 AND query NOT LIKE '%migration_history%'
                        AND datname = current_database() AND pid <> pg_backend_pid()";
        wait_for("the statement", || (db.number(sleeping) > 0).then_some(()));
        running.signal("KILL");
        drop(running);
        crm.write(FIRST, "SELECT 1;");
        crm.ok(&up(&db, "--wait 60")).printing("1 applied");
    }
}
