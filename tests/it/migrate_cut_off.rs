//! Ctrl-C in the middle of `crm-seed migrate`: what is done stays, and is told.

use crate::harness::{Crm, Database, wait_for};

/// Starts `action` and sends SIGINT once a statement sleeps.
fn interrupted(crm: &Crm, db: &Database, action: &str) -> crate::harness::Outcome {
    let running = crm.spawn(&format!("migrate {action} --dir own {}", db.option()));
    let at_it =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(300)%' AND state = 'active'
                 AND query NOT LIKE '%migration_history%'
                 AND datname = current_database() AND pid <> pg_backend_pid()";
    wait_for("the statement", || (db.number(at_it) > 0).then_some(()));
    running.signal("INT");
    let outcome = running.wait().fails(130);
    db.wait_until_left();
    outcome
}

#[test]
fn a_signal_leaves_what_was_applied_and_says_so() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write("own/20250301090000_a.sql", "CREATE TABLE a (id int);");
    crm.write("own/20250302090000_b.sql", "CREATE TABLE b (id int);\nSELECT pg_sleep(300);");
    crm.write("own/20250303090000_c.sql", "CREATE TABLE c (id int);");
    let outcome = interrupted(&crm, &db, "up");
    outcome.telling(
        "applied 1 of 3 migrations; 20250302090000_b was interrupted and its transaction rolled back; the \
         rest was not started\n",
    );
    assert_eq!(db.run("SELECT to_regclass('a'), to_regclass('b'), to_regclass('c')"), "a\t\t");
}

#[test]
fn a_signal_in_a_file_without_a_transaction_says_how_far_it_got() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let text = "-- Transaction: none\nCREATE TABLE a (id int);\nSELECT pg_sleep(300);";
    crm.write("own/20250301090000_a.sql", text);
    let outcome = interrupted(&crm, &db, "up");
    outcome.telling(
        "applied 0 of 1 migrations; 20250301090000_a runs without a transaction: 1 of 2 statements are \
         done and stay",
    );
    assert_eq!(db.run("SELECT to_regclass('a')"), "a");
}

#[test]
fn a_signal_in_a_rollback_says_what_was_rolled_back() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write("own/20250301090000_a.sql", "CREATE TABLE a (id int);");
    crm.write("own/20250301090000_a.down.sql", "DROP TABLE a; SELECT pg_sleep(300);");
    crm.write("own/20250302090000_b.sql", "CREATE TABLE b (id int);");
    crm.write("own/20250302090000_b.down.sql", "DROP TABLE b;");
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    let outcome = interrupted(&crm, &db, "down --yes --count 2");
    outcome.telling(
        "rolled back 1 of 2 migrations; 20250301090000_a was interrupted and its transaction rolled back\n",
    );
    assert_eq!(db.run("SELECT to_regclass('a'), to_regclass('b')"), "a\t");
}

#[test]
fn a_connection_that_ends_says_what_was_applied_before() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write("own/20250301090000_a.sql", "CREATE TABLE a (id int);");
    let ends = "CREATE TABLE b (id int);\nSELECT pg_terminate_backend(pg_backend_pid());";
    crm.write("own/20250302090000_b.sql", ends);
    let outcome = crm.run(&format!("migrate up --dir own {}", db.option())).fails(1);
    assert!(!outcome.stderr.contains("nothing was changed"), "{}", outcome.stderr);
    outcome.telling(
        "applied 1 of 2 migrations; 20250302090000_b was interrupted and its transaction rolled back",
    );
    assert_eq!(db.run("SELECT to_regclass('a'), to_regclass('b')"), "a\t");
}
