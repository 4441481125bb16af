//! Locks of others: who has them is told, and what cannot be had in time leaves everything as it was.

use std::time::{Duration, Instant};

use crate::harness::{Crm, Database, Session, wait_for};

/// A session of the app's that stays in a transaction that has run `sql`.
fn holding(db: &Database, sql: &str) -> Session {
    Session::holding(db, &format!("SET application_name = 'the-app'; BEGIN; {sql}"))
}

#[test]
fn who_is_in_the_way_is_told_and_waited_for() {
    let Some(db) = Database::seeded("") else { return };
    for (command, lock) in [
        ("--clean --seed 43", "SELECT count(*) FROM contacts"),
        ("--clean --seed 44", "SELECT count(*) FROM opportunity_pipeline_summary"),
        ("verify", "LOCK TABLE contacts"),
        ("--append", "INSERT INTO tasks (title) VALUES ('mine')"),
    ] {
        let session = holding(&db, lock);
        let crm = Crm::new();
        let mut running = crm.spawn(&format!("{command} {}", db.option()));
        wait_for("the line that says who", || running.told().contains("waiting for pid").then_some(()));
        assert!(running.is_running(), "{command}");
        // Who comes after us is not kept waiting for long.
        let began = Instant::now();
        db.number("SELECT count(*) FROM opportunities");
        assert!(began.elapsed() < Duration::from_secs(5), "{command}: a reader waited {:?}", began.elapsed());
        drop(session);
        running.wait().exits(0).telling("the-app").telling(lock.split(' ').next().expect("a word"));
    }
}

#[test]
fn a_lock_that_cannot_be_had_undoes_the_run() {
    let Some(db) = Database::seeded("") else { return };
    let before = (db.digests(), db.run("SELECT * FROM opportunity_pipeline_summary"));
    let _session = holding(&db, "SELECT count(*) FROM opportunity_pipeline_summary");
    let outcome = Crm::new().run(&format!("--clean --seed 43 {}", db.option())).fails(1);
    outcome.telling("gave up waiting for pid").telling("opportunity_pipeline_summary");
    assert_eq!((db.digests(), db.run("SELECT * FROM opportunity_pipeline_summary")), before);
}

#[test]
fn verify_sees_a_load_that_commits_meanwhile_whole_or_not_at_all() {
    let Some(db) = Database::migrated() else { return };
    for seed in 1..4 {
        let crm = Crm::new();
        let load = crm.spawn(&format!("--clean --seed {seed} --scale 40 {}", db.option()));
        let looks: Vec<_> =
            (0..3).map(|_| Crm::new().run(&format!("verify --wait 60 {}", db.option()))).collect();
        load.wait().exits(0);
        for look in looks {
            look.exits(0);
        }
    }
}

#[test]
fn an_unload_waits_for_another_run() {
    let Some(db) = Database::seeded("-s task-inbox") else { return };
    let lock = "SELECT pg_advisory_xact_lock(x'63726d2d73656564'::bigint)";
    let session = holding(&db, lock);
    Crm::new()
        .run(&format!("scenario unload task-inbox {}", db.option()))
        .fails(3)
        .telling("another crm-seed");
    let crm = Crm::new();
    let mut running = crm.spawn(&format!("scenario unload task-inbox --wait 60 {}", db.option()));
    std::thread::sleep(Duration::from_millis(1500));
    assert!(running.is_running());
    drop(session);
    running.wait().exits(0);
}

#[test]
fn a_deploy_that_has_nothing_to_do_asks_for_no_lock() {
    let Some(db) = Database::seeded("--clean --seed 7") else { return };
    let _session = holding(&db, "SELECT count(*) FROM contacts; INSERT INTO tasks (title) VALUES ('mine')");
    Crm::new().ok(&format!("--clean --seed 7 --if-changed {}", db.option())).printing("nothing to do");
}
