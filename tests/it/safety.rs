//! What crm-seed refuses, and what makes it go.

use crate::harness::{Crm, Database};

/// Runs crm-seed on `db` and expects it to refuse with `message`, and to change nothing.
#[track_caller]
fn refuses(db: &Database, arguments: &str, message: &str) {
    let before = (db.digests(), db.schema());
    Crm::new().run(&format!("{arguments} {}", db.option())).fails(3).telling(message).telling("  hint: ");
    assert_eq!((db.digests(), db.schema()), before, "{arguments}");
}

#[test]
fn rows_that_are_there_are_not_touched_without_a_word() {
    let Some(db) = Database::seeded("") else { return };
    refuses(&db, "--seed 43", "10 tables already contain rows: organizations, contacts");
    let outcome = Crm::new().run(&db.option()).exits(3);
    outcome.telling("--clean").telling("--append").telling("--if-empty");
}

#[test]
fn append_adds_rows_that_collide_with_none() {
    let Some(db) = Database::seeded("--seed 42") else { return };
    let before =
        db.run("SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM organizations AS t WHERE id <= 28");
    for (times, seed) in [(2, 42), (3, 43), (4, 42)] {
        Crm::new().ok(&format!("--append --seed {seed} {}", db.option()));
        assert_eq!(db.number("SELECT count(*) FROM organizations"), 28 * times);
        assert_eq!(db.number("SELECT count(*) FROM opportunities"), 50 * times);
        assert_eq!(
            db.number("SELECT count(DISTINCT id) FROM tasks"),
            db.number("SELECT count(*) FROM tasks")
        );
        if seed == 42 {
            assert_eq!(db.number("SELECT count(DISTINCT lower(name)) FROM organizations"), 28 * times);
            assert_eq!(db.number("SELECT count(*) - count(DISTINCT upc) FROM products"), 0);
        }
    }
    let after =
        db.run("SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM organizations AS t WHERE id <= 28");
    assert_eq!(after, before);
}

#[test]
fn the_rules_hold_for_what_was_appended() {
    let Some(db) = Database::seeded("--seed 42") else { return };
    for _ in 0..2 {
        Crm::new().ok(&format!("--append --seed 42 {}", db.option()));
        Crm::new().ok(&format!("verify {}", db.option()));
    }
    // Whatever the numbers that another tool has left, and whatever the seed.
    Crm::new().ok(&format!("--append --seed 1 --customers 7 --principals 2 {}", db.option()));
    Crm::new().ok(&format!("verify {}", db.option()));
}

#[test]
fn append_fills_an_empty_database_as_a_plain_run_does() {
    let (Some(db), Some(plain)) = (Database::migrated(), Database::seeded("")) else { return };
    Crm::new().ok(&format!("--append {}", db.option()));
    assert_eq!(db.digests(), plain.digests());
}

#[test]
fn if_empty_leaves_rows_alone_and_fills_an_empty_database() {
    let Some(db) = Database::empty() else { return };
    assert_eq!(Crm::new().json(&format!("--if-empty {}", db.option()))["changed"], true);
    let before = db.digests();
    let report = Crm::new().json(&format!("--if-empty --seed 43 {}", db.option()));
    assert_eq!(report["changed"], false);
    assert_eq!(db.digests(), before);
}

#[test]
fn if_changed_runs_only_where_the_last_run_was_another() {
    let Some(db) = Database::empty() else { return };
    let run = |arguments: &str| {
        Crm::new().json(&format!("--if-changed --clean {arguments} {}", db.option()))["changed"] == true
    };
    assert!(run("--seed 42"));
    assert!(!run("--seed 42"));
    assert!(!run("--seed 42 --jobs 1 --method insert"));
    assert!(run("--seed 43"));
    assert!(run("--seed 43 --customers 21"));
    assert!(run("--seed 43 --customers 21 --as-of 2026-01-02"));
    assert!(!run("--seed 43 --customers 21 --as-of 2026-01-02"));
    db.run("ALTER TABLE tasks DROP COLUMN notes");
    assert!(run("--seed 43 --customers 21 --as-of 2026-01-02"), "the target has changed");
    assert_eq!(db.number("SELECT count(*) FROM crm_seed.ledger"), 5);
}

#[test]
fn clean_asks_before_it_deletes_what_crm_seed_did_not_make() {
    let Some(db) = Database::migrated() else { return };
    db.run("INSERT INTO organizations (name, organization_type) VALUES ('Ours', 'customer'), ('Theirs', 'prospect')");
    refuses(&db, "--clean", "--clean would delete rows in database");
    refuses(&db, "--clean", "organizations 2 rows");
    Crm::new().run(&format!("--clean {}", db.option())).exits(3).telling("--yes");
    Crm::new().ok(&format!("--clean --yes {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM organizations WHERE name = 'Ours'"), 0);
    // Now it is crm-seed's own.
    Crm::new().ok(&format!("--clean --seed 1 {}", db.option()));
}

#[test]
fn clean_does_not_reach_further_than_it_was_told() {
    let Some(db) = Database::seeded("") else { return };
    db.run(
        "CREATE TABLE invoices (id bigint PRIMARY KEY, organization_id bigint REFERENCES organizations);
         CREATE TABLE invoice_lines (invoice_id bigint REFERENCES invoices);
         INSERT INTO invoices VALUES (1, 1); INSERT INTO invoice_lines VALUES (1)",
    );
    refuses(&db, "--clean", "invoice_lines 1 row, invoices 1 row");
    refuses(&db, "--clean --yes", "invoice_lines 1 row, invoices 1 row");
    Crm::new().ok(&format!("--clean --cascade {}", db.option())).printing("invoice_lines");
    // They went, and are filled as they would be where they were empty.
    assert_eq!(db.number("SELECT count(*) FROM invoices WHERE id = 1"), 0);
    assert!(db.number("SELECT count(*) FROM invoices") > 1);
    assert!(db.number("SELECT count(*) FROM invoice_lines") > 1);
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28);
}

#[test]
fn a_remote_host_is_refused_unless_it_is_named() {
    let url = "--database-url postgres://app:open-sesame@db.example.com/crm";
    for command in ["", "--clean --yes", "verify", "migrate up", "migrate down", "migrate status"] {
        let outcome = Crm::new().run(&format!("{command} {url}")).fails(3);
        outcome.telling("--allow-remote db.example.com").silent_about("open-sesame");
    }
    Crm::new()
        .run(&format!("--allow-remote other.example.com {url}"))
        .fails(3)
        .telling("refusing to write to remote host db.example.com");
}

#[test]
fn each_run_is_recorded_in_the_ledger() {
    let Some(db) = Database::empty() else { return };
    let report = Crm::new().json(&format!("--seed 7 --as-of 2025-06-01 {}", db.option()));
    let entry =
        db.run("SELECT as_of, generator_version, digest, row_count, spec->>'seed' FROM crm_seed.ledger");
    let digest = report["digest"].as_str().expect("a digest");
    assert_eq!(
        entry,
        format!("2025-06-01\t{}\t{digest}\t{}\t7", report["generator_version"], report["rows"])
    );
    Crm::new().ok(&format!("--clean {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM crm_seed.ledger"), 2);
    // A run that does not come about leaves none.
    Crm::new().run(&db.option()).exits(3);
    assert_eq!(db.number("SELECT count(*) FROM crm_seed.ledger"), 2);
}

#[test]
fn without_a_ledger_no_trace_is_left() {
    let Some(db) = Database::seeded("--no-ledger") else { return };
    assert_eq!(db.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'crm_seed'"), 0);
    // And so nobody can tell that the rows are crm-seed's.
    refuses(&db, "--clean --no-ledger", "crm-seed did not create");
    Crm::new().ok(&format!("--clean --yes --no-ledger {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'crm_seed'"), 0);
}

#[test]
fn flags_that_contradict_each_other_are_wrong_usage() {
    for flags in [
        "--clean --append",
        "--clean --if-empty",
        "--append --if-empty",
        "--append --if-changed",
        "--if-empty --if-changed",
        "--cascade",
    ] {
        Crm::new().run(flags).fails(2);
    }
}

#[test]
fn a_session_that_may_only_read_is_refused() {
    let Some(db) = Database::seeded("") else { return };
    db.run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", db.name()));
    let outcome = Crm::new().run(&format!("--clean {}", db.option()));
    outcome.fails(3).telling("read-only");
}

#[test]
fn rows_that_were_there_before_an_append_are_not_deleted_unasked() {
    let Some(db) = Database::migrated() else { return };
    db.run("INSERT INTO organizations (name, organization_type) VALUES ('Ours', 'customer')");
    Crm::new().ok(&format!("--append {}", db.option()));
    refuses(&db, "--clean", "crm-seed did not create");
    Crm::new().ok(&format!("--clean --yes {}", db.option()));
    Crm::new().ok(&format!("--clean {}", db.option()));
}

#[test]
fn a_table_of_the_same_name_in_another_schema_is_left_alone() {
    let Some(db) = Database::seeded("") else { return };
    db.run(
        "DROP TABLE tasks CASCADE; CREATE SCHEMA jobs;
         CREATE TABLE jobs.tasks (id bigint PRIMARY KEY, title text);
         INSERT INTO jobs.tasks VALUES (1, 'theirs')",
    );
    Crm::new().ok(&format!("--clean {}", db.option())).printing("not filled: tasks");
    assert_eq!(db.run("SELECT title FROM jobs.tasks"), "theirs");
}

#[test]
fn what_was_emptied_or_added_since_is_a_change() {
    let Some(db) = Database::seeded("") else { return };
    let again = format!("--if-changed --clean {}", db.option());
    Crm::new().ok(&again).printing("nothing to do");
    db.run("TRUNCATE tasks");
    Crm::new().ok(&again).silent_about("nothing to do");
    assert!(db.number("SELECT count(*) FROM tasks") > 0);
    Crm::new().ok(&format!("--append {}", db.option()));
    Crm::new().ok(&again).silent_about("nothing to do");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28);
}

#[test]
fn rows_of_another_day_are_not_appended() {
    let Some(db) = Database::seeded("") else { return };
    refuses(&db, "--append --as-of 2027-01-01", "as-of date 2026-01-01");
}

#[test]
fn a_sequence_that_only_a_default_draws_from_is_moved_too() {
    let Some(db) = Database::migrated() else { return };
    db.run(
        "CREATE SEQUENCE numbers;
         ALTER TABLE tasks ALTER id DROP IDENTITY, ALTER id SET DEFAULT nextval('numbers')",
    );
    Crm::new().ok(&db.option());
    assert!(db.number("SELECT nextval('numbers')") > db.number("SELECT max(id) FROM tasks"));
}

#[test]
fn a_dry_run_tells_what_would_be_emptied_and_what_stands_against_it() {
    let Some(db) = Database::seeded("") else { return };
    db.run("CREATE TABLE logs (id int, organization_id bigint REFERENCES organizations)");
    let dry_run = || Crm::new().ok(&format!("--clean --dry-run {}", db.option()));
    dry_run().printing("--clean would first empty: organizations").silent_about("refused");
    db.run("INSERT INTO logs VALUES (1, 1)");
    let why = "--clean would also have to empty tables that reference those it fills: logs 1 row";
    dry_run().printing(&format!("this run would be refused: {why}"));
    Crm::new().run(&format!("--clean {}", db.option())).fails(3).telling(why);
}

#[test]
fn a_deferred_trigger_does_not_stand_in_the_way_of_a_large_load() {
    let Some(db) = Database::migrated() else { return };
    db.run(
        "CREATE FUNCTION nod() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER nods AFTER INSERT ON organizations
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nod()",
    );
    Crm::new().ok(&format!("--scale 125 {}", db.option())).printing("were dropped before the load");
}
