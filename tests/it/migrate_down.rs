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
fn on_a_terminal_it_asks_once() {
    let Some((crm, db)) = applied(&[VISITS, DAY]) else { return };
    db.run("INSERT INTO visits VALUES (1, 'a', '2026-01-01')");
    let down = |word: &str| {
        let mut terminal = crm.on_terminal(&format!("migrate down --count 2 --dir own {}", db.option()));
        terminal.question();
        terminal.answer(word);
        terminal.end()
    };
    let (code, shown) = down("n");
    assert_eq!(code, Some(3), "{shown}");
    assert!(shown.contains("public.visits: 1 row, column day of table public.visits: 1 value"), "{shown}");
    assert!(shown.contains("nothing was rolled back"), "{shown}");
    assert_eq!(db.number("SELECT count(*) FROM visits"), 1);
    let (code, shown) = down("y");
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(shown.matches("[y/N]").count(), 1, "{shown}");
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
        ("ALTER TABLE visits ALTER id TYPE bigint; TRUNCATE visits; INSERT INTO visits VALUES (1, 'a');", 3),
        ("CREATE TABLE other AS SELECT * FROM visits; DROP TABLE visits;", 3),
        ("ALTER TABLE visits RENAME TO visited; DROP TABLE visited;", 3),
        ("BEGIN; DELETE FROM visits; COMMIT;", 3),
    ] {
        let Some((crm, db)) = applied(&[VISITS, (hidden, way)]) else { return };
        db.run("INSERT INTO visits VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        let before = (db.schema(), db.digests());
        let rows = if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        down(&crm, &db, "").fails(3).telling(&format!("public.visits: {rows}"));
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
fn rows_are_counted_where_the_server_keeps_no_counters() {
    let Some((crm, db)) = applied(&[VISITS, ("SELECT 1;", "DELETE FROM visits WHERE id < 3;")]) else {
        return;
    };
    db.run(&format!("ALTER DATABASE {} SET track_counts = off", db.name()));
    db.run("INSERT INTO visits VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    down(&crm, &db, "").fails(3).telling("public.visits: 2 rows\n");
    db.run("DELETE FROM visits WHERE id < 3");
    down(&crm, &db, "").exits(0).printing("1 rolled back");
}

#[test]
fn rows_of_partitions_are_seen() {
    let make = "CREATE TABLE visits (id int, note text) PARTITION BY RANGE (id);
                CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM (0) TO (10);
                CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM (10) TO (20);
                INSERT INTO visits VALUES (1, 'a'), (2, NULL), (11, NULL);";
    let Some((crm, db)) = applied(&[(make, "DROP TABLE visits;")]) else { return };
    down(&crm, &db, "").fails(3).telling("data: public.visits_1: 2 rows, public.visits_2: 1 row\n");
    let Some((crm, db)) = applied(&[(make, "ALTER TABLE visits DROP COLUMN note;")]) else { return };
    down(&crm, &db, "").fails(3).telling("data: column note of table public.visits_1: 1 value\n");
    let Some((crm, db)) = applied(&[(make, "ALTER TABLE visits DETACH PARTITION visits_2;")]) else { return };
    down(&crm, &db, "").exits(0).printing("1 rolled back");
}

#[test]
fn steps_are_tried_as_they_will_run_each_behind_the_commit_of_the_one_before() {
    let people = "CREATE TABLE people (id int PRIMARY KEY);
                  CREATE TABLE visits (person int REFERENCES people DEFERRABLE INITIALLY DEFERRED);";
    let Some((crm, db)) = applied(&[
        (
            people,
            "ALTER TABLE visits DROP CONSTRAINT visits_person_fkey; DROP TABLE people; DROP TABLE visits;",
        ),
        // Pending checks would keep the next step from altering the table.
        ("SELECT 1;", "INSERT INTO visits VALUES (7); INSERT INTO people VALUES (7);"),
        ("CREATE TYPE mood AS ENUM ('well');", "DROP TYPE mood;"),
        (
            "SELECT 1;",
            "CREATE TABLE moods (mood mood); INSERT INTO moods VALUES ('so so'); DROP TABLE moods;",
        ),
        ("SELECT 1;", "ALTER TYPE mood ADD VALUE 'so so';"),
    ]) else {
        return;
    };
    let outcome = down(&crm, &db, "--count 5").fails(3);
    // The new value cannot be used before it is committed, so that step is judged by its words.
    outcome.telling("public.people: 1 row, public.visits: 1 row, unknown effect of `DROP TABLE moods`");
    down(&crm, &db, "--count 5 --yes").exits(0).printing("5 rolled back");
}

#[test]
fn what_keeps_its_rows_is_no_loss() {
    for harmless in [
        "ALTER TABLE visits RENAME TO visited; ALTER TABLE visited RENAME COLUMN note TO notes;",
        "ALTER TABLE visits ALTER id TYPE bigint;",
        "ALTER TABLE visits ADD COLUMN x int DEFAULT 1;",
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
    down(&crm, &db, "--count 3 --yes").fails(1).telling("20250301090000_file: no rollback SQL was stored");
    db.run("UPDATE migration_history SET rollback_sql = 'DROP TABLE nothing' WHERE id = 1");
    down(&crm, &db, "--count 3")
        .fails(1)
        .telling("rollback of 20250301090000_file:1:1: `DROP TABLE nothing`");
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
                      AND query NOT LIKE '%pg_stat_activity%' AND query NOT LIKE '%migration_history%'";
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
    crm.ok(&format!("migrate up --dir own {}", db.option()))
        .telling("is older than the latest applied migration");
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
    outcome.telling("public.visits: an unknown number of rows");
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
    down(&crm, &db, "").fails(3).telling("unknown effect of `CALL purge()`");
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

#[test]
fn what_is_written_over_is_a_loss() {
    let three = "CREATE TYPE place AS (city text, zip text); CREATE TABLE places (at place);
                 INSERT INTO places VALUES (ROW('Chicago', '60601'));
                 CREATE TABLE visits (id int PRIMARY KEY, note text, price numeric(10,4));
                 CREATE TABLE calls (visit int REFERENCES visits ON UPDATE CASCADE);
                 INSERT INTO visits VALUES (1, 'a', 1.5), (2, 'b', NULL), (3, 'c', 2.5);
                 INSERT INTO calls VALUES (3);";
    for (way, told) in [
        ("UPDATE visits SET note = NULL WHERE id < 3;", "public.visits: 2 rows overwritten\n"),
        (
            "UPDATE visits SET id = 9 WHERE id = 3;",
            "public.calls: 1 row overwritten, public.visits: 1 row overwritten\n",
        ),
        (
            "ALTER TABLE visits ALTER price TYPE int USING 0;",
            "column price of table public.visits: 2 values converted\n",
        ),
        (
            "ALTER TABLE visits RENAME note TO text; ALTER TABLE visits ALTER text TYPE varchar(1) USING 'x';",
            "column note of table public.visits: 3 values converted\n",
        ),
        (
            "ALTER TABLE visits ALTER note TYPE text USING '';",
            "column note of table public.visits: 3 values converted\n",
        ),
        (
            "ALTER TABLE visits ALTER price TYPE numeric USING CASE id WHEN 1 THEN 2.5 WHEN 3 THEN 1.5 END;",
            "column price of table public.visits: 2 values converted\n",
        ),
        (
            "ALTER TYPE place DROP ATTRIBUTE zip CASCADE;",
            "column zip of table public.place: an unknown number of values\n",
        ),
        (
            "ALTER TABLE visits ALTER price TYPE float; DELETE FROM calls;",
            "public.calls: 1 row, column price of table public.visits: 2 values converted\n",
        ),
    ] {
        let Some((crm, db)) = applied(&[(three, way)]) else { return };
        let before = (db.schema(), db.digests());
        down(&crm, &db, "").fails(3).telling(told);
        assert_eq!((db.schema(), db.digests()), before, "{way}");
        down(&crm, &db, "--yes").exits(0).printing("1 rolled back");
    }
}

#[test]
fn values_that_read_as_before_are_no_loss() {
    let make = "CREATE TYPE stage AS ENUM ('new', 'won');
                CREATE TABLE visits (id int, stage stage, code varchar(9));
                INSERT INTO visits VALUES (1, 'new', 'a'), (2, 'won', NULL);";
    let back = "ALTER TABLE visits ALTER id TYPE bigint, ALTER code TYPE char(1);
                ALTER TYPE stage RENAME TO stage_old; CREATE TYPE stage AS ENUM ('won', 'new');
                ALTER TABLE visits ALTER stage TYPE stage USING stage::text::stage;
                INSERT INTO visits SELECT id, stage FROM visits WHERE false;";
    let Some((crm, db)) = applied(&[(make, back)]) else { return };
    down(&crm, &db, "").exits(0).printing("1 rolled back");
}

#[test]
fn what_no_rollback_takes_back_is_not_tried() {
    let Some(db) = Database::empty() else { return };
    let (crm, url) = (Crm::new(), db.option());
    db.run("CREATE EXTENSION dblink");
    let own = db.run("SELECT format('dbname=%s port=%s host=%s user=%s', current_database(),
                      current_setting('port'), split_part(current_setting('unix_socket_directories'), ',', 1), user)");
    crm.write("own/20250301090000_file.sql", "CREATE TABLE visits (id int); INSERT INTO visits VALUES (1);");
    let back = format!("SELECT dblink_exec('{own}', 'DELETE FROM visits');");
    crm.write("own/20250301090000_file.down.sql", &back);
    crm.ok(&format!("migrate up --dir own {url}"));
    down(&crm, &db, "").fails(3).telling("unknown effect of");
    assert_eq!(db.number("SELECT count(*) FROM visits"), 1);
    down(&crm, &db, "--yes").exits(0);
    assert_eq!(db.number("SELECT count(*) FROM visits"), 0);
}

#[test]
fn rows_of_a_foreign_table_are_seen() {
    let Some(db) = Database::empty() else { return };
    let (crm, url) = (Crm::new(), db.option());
    db.run(
        "CREATE EXTENSION postgres_fdw; CREATE TABLE far (id int); INSERT INTO far VALUES (1), (2);
         DO $$ BEGIN EXECUTE format('CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS
           (dbname %L, port %L, host %L)', current_database(), current_setting('port'),
           split_part(current_setting('unix_socket_directories'), ',', 1)); END $$;
         CREATE USER MAPPING FOR PUBLIC SERVER here",
    );
    let near = "CREATE FOREIGN TABLE near (id int) SERVER here OPTIONS (table_name 'far');";
    crm.write("own/20250301090000_near.sql", near);
    crm.write("own/20250301090000_near.down.sql", "DROP FOREIGN TABLE near;");
    crm.write("own/20250302090000_file.sql", "SELECT 1;");
    crm.write("own/20250302090000_file.down.sql", "DELETE FROM near WHERE id = 1;");
    crm.ok(&format!("migrate up --dir own {url}"));
    down(&crm, &db, "").fails(3).telling("public.near: an unknown number of rows");
    assert_eq!(db.number("SELECT count(*) FROM far"), 2);
    down(&crm, &db, "--yes").exits(0);
    assert_eq!(db.number("SELECT count(*) FROM far"), 1);
    // Its rows are elsewhere.
    down(&crm, &db, "").exits(0).printing("1 rolled back");
}
