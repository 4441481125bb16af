//! `crm-seed migrate down` deletes nothing that nobody agreed to lose.

use crate::harness::{Crm, Database, Outcome, Session, wait_for};

/// Migrations of one's own: what each does, and what undoes it. They are applied.
fn applied(files: &[(&str, &str)]) -> Option<(Crm, Database)> {
    let (crm, db) = (Crm::new(), Database::empty()?);
    for (i, (up, down)) in files.iter().enumerate() {
        crm.write(&format!("own/2025030{}090000_file.sql", i + 1), up);
        crm.write(&format!("own/2025030{}090000_file.down.sql", i + 1), down);
    }
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    Some((crm, db))
}

fn down(crm: &Crm, db: &Database, arguments: &str) -> Outcome {
    crm.run(&format!("migrate down --dir own {arguments} {}", db.option()))
}

const VISITS: (&str, &str) = ("CREATE TABLE visits (id int, note text);", "DROP TABLE visits;");
const DAY: (&str, &str) = ("ALTER TABLE visits ADD COLUMN day date;", "ALTER TABLE visits DROP COLUMN day;");

#[test]
fn rows_and_values_are_told_and_kept_until_somebody_says_yes() {
    let Some((crm, db)) = applied(&[VISITS, DAY]) else { return };
    db.run("INSERT INTO visits VALUES (1, 'a', NULL), (2, 'b', '2026-01-01'), (3, 'c', NULL)");
    let before = (db.schema(), db.digests());
    let outcome = down(&crm, &db, "--count 2").fails(3);
    outcome
        .telling("rolling back 2 migrations would delete data: ")
        .telling("public.visits: 3 rows, column day of table public.visits: 1 value\n")
        .telling("hint: nothing was rolled back; to roll back and delete that, add --yes")
        .silent_about("rolled back 2025");
    let one = down(&crm, &db, "").fails(3).telling("rolling back this migration would delete data");
    one.silent_about("public.visits: 3");
    assert_eq!((db.schema(), db.digests()), before);
    down(&crm, &db, "--count 2 --yes").exits(0).printing("2 rolled back");
    assert_eq!(db.run("SELECT to_regclass('visits')"), "");
}

#[test]
fn what_is_empty_goes_without_a_question() {
    let Some((crm, db)) = applied(&[VISITS, DAY]) else { return };
    db.run("INSERT INTO visits VALUES (1, 'a', NULL)");
    down(&crm, &db, "").exits(0).printing("1 rolled back");
    db.run("DELETE FROM visits");
    down(&crm, &db, "").exits(0).printing("1 rolled back");
}

#[test]
fn rows_lost_in_any_way_are_seen() {
    let hidden = "CREATE FUNCTION purge() RETURNS void LANGUAGE plpgsql AS
                  $$ BEGIN EXECUTE 'DELETE FROM ' || 'visits WHERE id > 1'; END $$;";
    for (way, count) in [
        ("TRUNCATE visits;", 3),
        ("DELETE FROM visits WHERE id < 3;", 2),
        ("SELECT purge();", 2),
        ("DO $$ BEGIN EXECUTE 'DROP' || ' TABLE visits CASCADE'; END $$;", 3),
        ("TRUNCATE visits; INSERT INTO visits SELECT g, 'new' FROM generate_series(1, 3) g;", 3),
        ("ALTER TABLE visits ALTER id TYPE bigint; DELETE FROM visits WHERE id = 1;", 1),
        ("CREATE TABLE other AS SELECT * FROM visits; DROP TABLE visits;", 3),
        ("ALTER TABLE visits RENAME TO visited; DROP TABLE visited;", 3),
        ("BEGIN; DELETE FROM visits; COMMIT;", 3),
    ] {
        let Some((crm, db)) = applied(&[VISITS, (hidden, way)]) else { return };
        db.run("INSERT INTO visits VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        let before = (db.schema(), db.digests());
        let rows = if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        down(&crm, &db, "").fails(3).telling(&format!("public.visits: {rows}\n"));
        assert_eq!((db.schema(), db.digests()), before, "{way}");
        down(&crm, &db, "--yes").exits(0);
    }
}

#[test]
fn a_cascade_and_a_schema_take_tables_that_are_not_named() {
    let make = "CREATE SCHEMA shop;
                CREATE TABLE shop.goods (id int PRIMARY KEY);
                CREATE TABLE sales (id int, good int REFERENCES shop.goods ON DELETE CASCADE);
                INSERT INTO shop.goods VALUES (1), (2);
                INSERT INTO sales VALUES (1, 1), (2, 1), (3, 2);";
    let Some((crm, db)) = applied(&[(make, "DELETE FROM shop.goods WHERE id = 1;")]) else { return };
    down(&crm, &db, "").fails(3).telling("public.sales: 2 rows, shop.goods: 1 row\n");
    let Some((crm, db)) = applied(&[(make, "DROP SCHEMA shop CASCADE;")]) else { return };
    down(&crm, &db, "").fails(3).telling("data: shop.goods: 2 rows\n");
    assert_eq!(db.number("SELECT count(*) FROM sales"), 3);
}

#[test]
fn what_keeps_its_rows_is_no_loss() {
    for harmless in [
        "ALTER TABLE visits RENAME TO visited; ALTER TABLE visited RENAME COLUMN note TO notes;",
        "ALTER TABLE visits ALTER id TYPE bigint;",
        "ALTER TABLE visits ADD COLUMN x int DEFAULT 1; UPDATE visits SET note = 'z';",
        "CREATE TABLE temporary (id int); INSERT INTO temporary VALUES (1); DROP TABLE temporary;",
        "CREATE TEMP TABLE aside AS SELECT * FROM visits; DROP TABLE aside;",
        "ALTER TABLE visits DROP COLUMN length;",
        "DROP MATERIALIZED VIEW seen; DROP SEQUENCE numbers;",
    ] {
        let more = "CREATE MATERIALIZED VIEW seen AS SELECT 1 AS one; CREATE SEQUENCE numbers;
                    ALTER TABLE visits ADD COLUMN length int GENERATED ALWAYS AS (char_length(note)) STORED;";
        let Some((crm, db)) = applied(&[VISITS, (more, harmless)]) else { return };
        db.run("INSERT INTO visits (id, note) VALUES (1, 'a'), (2, 'b')");
        down(&crm, &db, "").exits(0).printing("1 rolled back");
    }
}

#[test]
fn a_rollback_that_is_missing_or_fails_stops_all_before_any() {
    let Some((crm, db)) = applied(&[VISITS, DAY, ("SELECT 1;", "SELECT 1;")]) else { return };
    let before = db.schema();
    db.run("UPDATE migration_history SET rollback_sql = NULL WHERE id = 1");
    down(&crm, &db, "--count 3 --yes").fails(1).telling("20250301090000_file: no rollback was stored");
    db.run("UPDATE migration_history SET rollback_sql = 'DROP TABLE nothing' WHERE id = 1");
    down(&crm, &db, "--count 3").fails(1).telling("20250301090000_file: `DROP TABLE nothing`");
    assert_eq!(db.schema(), before);
    assert_eq!(db.number("SELECT count(*) FROM migration_history WHERE rolled_back_at IS NULL"), 3);
}

#[test]
fn rows_that_come_after_the_look_are_kept() {
    let slow = (VISITS.0, "SELECT pg_sleep(1) WHERE NOT EXISTS (SELECT FROM visits); DROP TABLE visits;");
    let Some((crm, db)) = applied(&[slow]) else { return };
    let running = crm.spawn(&format!("migrate down --dir own {}", db.option()));
    // The trial sleeps, sees an empty table and goes; the real run comes to it with a row in it.
    let sleeping = "SELECT count(*) FROM pg_stat_activity
                    WHERE application_name = 'crm-seed' AND datname = current_database() AND query LIKE '%pg_sleep%'
                      AND query NOT LIKE '%pg_stat_activity%'";
    wait_for("the trial", || (db.number(sleeping) > 0).then_some(()));
    db.run("INSERT INTO visits VALUES (1, 'late')");
    let outcome = running.wait().fails(3).telling("public.visits: 1 row");
    outcome.silent_about("rolled back 2025");
    assert_eq!(db.run("SELECT note FROM visits"), "late");
}

#[test]
fn order_is_that_in_which_they_were_applied() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write("own/20250302090000_b.sql", "CREATE TABLE b (id int);");
    crm.write("own/20250302090000_b.down.sql", "DROP TABLE b;");
    crm.ok(&format!("migrate up --dir own {}", db.option()));
    crm.write("own/20250301090000_a.sql", "CREATE TABLE a (id int);");
    crm.write("own/20250301090000_a.down.sql", "DROP TABLE a;");
    crm.ok(&format!("migrate up --dir own {}", db.option())).telling("is older than the last one applied");
    down(&crm, &db, "").exits(0).telling("rolled back 20250301090000_a");
    assert_eq!(db.run("SELECT to_regclass('a'), to_regclass('b')"), "\tb");
}

#[test]
fn rows_that_row_level_security_hides_are_no_less_there() {
    let Some(db) = Database::empty() else { return };
    let role = db.role("GRANT CREATE ON SCHEMA public TO ROLE;");
    let crm = Crm::new();
    let url = format!("--database-url {}", db.url_of(&role));
    crm.write(
        "own/20250301090000_visits.sql",
        "CREATE TABLE visits (id int); ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
         ALTER TABLE visits FORCE ROW LEVEL SECURITY; CREATE POLICY none ON visits USING (false);",
    );
    crm.write("own/20250301090000_visits.down.sql", "DROP TABLE visits;");
    crm.ok(&format!("migrate up --dir own {url}"));
    db.run("INSERT INTO visits VALUES (1)");
    let outcome = crm.run(&format!("migrate down --dir own {url}")).fails(3);
    outcome.telling("public.visits: rows that cannot be counted");
    assert_eq!(db.number("SELECT count(*) FROM visits"), 1);
}

#[test]
fn a_table_of_another_role_is_counted_as_that_role() {
    let Some(db) = Database::empty() else { return };
    let owner = db.role("CREATE SCHEMA app AUTHORIZATION ROLE;");
    let role = db.role(&format!(
        "GRANT CREATE ON SCHEMA public TO ROLE; ALTER USER ROLE NOINHERIT; GRANT {owner} TO ROLE;"
    ));
    let crm = Crm::new();
    let url = format!("--database-url {}", db.url_of(&role));
    let up = format!("SET ROLE {owner}; CREATE TABLE app.visits (id int);");
    crm.write("own/20250301090000_visits.sql", &up);
    crm.write("own/20250301090000_visits.down.sql", &format!("SET ROLE {owner}; DROP TABLE app.visits;"));
    crm.ok(&format!("migrate up --dir own {url}"));
    db.run("INSERT INTO app.visits VALUES (1), (2)");
    crm.run(&format!("migrate down --dir own {url}")).fails(3).telling("app.visits: 2 rows");
    db.run("DELETE FROM app.visits");
    crm.ok(&format!("migrate down --dir own {url}")).printing("1 rolled back");
}

#[test]
fn statements_that_no_transaction_may_be_around_are_judged_by_their_words() {
    let make = "CREATE TABLE visits (id int);
                CREATE PROCEDURE purge() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM visits; COMMIT; END $$;";
    let back = "-- Transaction: none\nCALL purge();\nDROP PROCEDURE purge();\nALTER TABLE visits ADD x int;";
    let Some((crm, db)) = applied(&[(make, back)]) else { return };
    db.run("INSERT INTO visits VALUES (1)");
    down(&crm, &db, "").fails(3).telling("`CALL purge()` (cannot be tried beforehand)");
    assert_eq!(db.number("SELECT count(*) FROM visits"), 1);
    down(&crm, &db, "--yes").exits(0).printing("1 rolled back");
    assert_eq!(db.number("SELECT count(*) FROM visits"), 0);
}

#[test]
fn statements_of_a_file_without_a_transaction_are_tried_where_they_can_be() {
    let make = "-- Transaction: none\nCREATE TABLE visits (id int, note text);\n
                CREATE INDEX CONCURRENTLY visits_id ON visits (id);";
    let back =
        "-- Transaction: none\nDROP INDEX CONCURRENTLY visits_id;\nALTER TABLE visits DROP COLUMN note;
                DROP TABLE visits;";
    let Some((crm, db)) = applied(&[(make, back)]) else { return };
    db.run("INSERT INTO visits VALUES (1, 'a'), (2, NULL)");
    let before = (db.schema(), db.digests());
    let outcome = down(&crm, &db, "").fails(3);
    outcome.telling("public.visits: 2 rows, column note of table public.visits: 1 value\n");
    assert_eq!((db.schema(), db.digests()), before);
    db.run("DELETE FROM visits");
    down(&crm, &db, "").exits(0).printing("1 rolled back");
}

#[test]
fn a_deferred_constraint_is_checked_as_the_commit_would() {
    let make = "CREATE TABLE people (id int PRIMARY KEY);
                CREATE TABLE visits (person int REFERENCES people DEFERRABLE INITIALLY DEFERRED);
                INSERT INTO people VALUES (1); INSERT INTO visits VALUES (1);";
    let broken = "UPDATE people SET id = 2;";
    let Some((crm, db)) = applied(&[(make, "SELECT 1;"), ("SELECT 1;", broken)]) else { return };
    down(&crm, &db, "--count 2").fails(1).telling("20250302090000_file: committing: ").telling("foreign key");
    assert_eq!(db.number("SELECT id FROM people"), 1);
}

#[test]
fn a_look_waits_for_locks_as_the_run_does() {
    let Some((crm, db)) = applied(&[VISITS]) else { return };
    let mut reader = Session::holding(&db, "BEGIN; SELECT * FROM visits;");
    let running = crm.spawn(&format!("migrate down --dir own {}", db.option()));
    wait_for("the wait to be told", || running.told().contains("waiting for a lock").then_some(()));
    reader.run("COMMIT;");
    running.wait().exits(0).printing("1 rolled back");
}
