//! Files with `-- Transaction: none`: they go on where they were cut off, and no INVALID index is taken
//! for the index.

use crate::harness::{Crm, Database, Outcome, Running, Session, wait_for};

const FILE: &str = "own/20250301090000_file.sql";
const DOWN: &str = "own/20250301090000_file.down.sql";

fn up(crm: &Crm, db: &Database) -> Outcome {
    crm.run(&format!("migrate up --dir own {}", db.option()))
}

fn down(crm: &Crm, db: &Database) -> Outcome {
    crm.run(&format!("migrate down --dir own {}", db.option()))
}

/// Writes a file without a transaction.
fn write(crm: &Crm, path: &str, statements: &str) {
    crm.write(path, &format!("-- Transaction: none\n{statements}"));
}

fn status(crm: &Crm, db: &Database) -> serde_json::Value {
    crm.json(&format!("migrate status --dir own {}", db.option()))[0].clone()
}

/// Starts `action` and kills it in the middle of the statement that has `mark` in it.
fn kill(crm: &Crm, db: &Database, action: &str, mark: &str) {
    let running: Running = crm.spawn(&format!("migrate {action} --dir own {}", db.option()));
    let at_it = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%{mark}%' AND query NOT LIKE '%migration_history%' AND state = 'active'
         AND datname = current_database() AND pid <> pg_backend_pid()"
    );
    wait_for("the statement", || (db.number(&at_it) > 0).then_some(()));
    running.signal("KILL");
    drop(running);
    db.wait_until_left();
}

#[test]
fn a_file_that_is_cut_off_goes_on_with_the_statement_that_was_not_done() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    write(&crm, FILE, "CREATE TABLE one (id int);\nSELECT pg_sleep(300);\nCREATE TABLE two (id int);");
    kill(&crm, &db, "up", "pg_sleep(300)");
    let state = status(&crm, &db);
    assert_eq!(state["status"], "partly_applied");
    assert_eq!((&state["statements_done"], &state["statements_total"]), (&1.into(), &3.into()));
    let text = crm.ok(&format!("migrate status --dir own {}", db.option())).stdout;
    assert!(text.contains("(partly applied: 1 of 3 statements)"), "{text}");
    // What is not done yet may be edited, and comments of what is done.
    write(&crm, FILE, "CREATE TABLE one (id int); -- one\nCREATE TABLE two (id int);");
    up(&crm, &db).exits(0).printing("1 applied").telling("1 of 2 statements are done already");
    assert_eq!(status(&crm, &db)["status"], "applied");
    assert_eq!(status(&crm, &db)["changed"], false);
    up(&crm, &db).exits(0).printing("0 applied");
}

#[test]
fn an_edit_of_what_is_done_is_refused_with_what_to_do() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    write(&crm, FILE, "CREATE TABLE one (id int);\nSELECT 1 / 0;");
    up(&crm, &db).fails(1).telling("1 of its 2 statements are done and stay").telling("division by zero");
    write(&crm, FILE, "CREATE TABLE one (id bigint);\nSELECT 1;");
    let outcome = up(&crm, &db).fails(3).telling("its first 1 statements were edited after they were run");
    outcome.telling("restore them").telling("DELETE FROM public.migration_history WHERE id = 1");
    crm.write(FILE, "CREATE TABLE one (id int);\nSELECT 1;");
    up(&crm, &db).fails(3).telling("put `-- Transaction: none` back at the top of the file");
    db.run("DROP TABLE one; DELETE FROM public.migration_history WHERE id = 1");
    up(&crm, &db).exits(0).printing("1 applied");
}

#[test]
fn what_a_finished_statement_has_set_is_set_again() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    db.run("CREATE SCHEMA shop");
    let file =
        "SET search_path = shop;\nCREATE TABLE one (id int);\nSELECT 1 / zero;\nCREATE TABLE two (id int);";
    write(&crm, FILE, &file.replace("zero", "0"));
    up(&crm, &db).fails(1).telling("2 of its 4 statements are done");
    write(&crm, FILE, &file.replace("zero", "1"));
    up(&crm, &db).exits(0).printing("1 applied");
    let tables =
        "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'shop'";
    assert_eq!(db.run(tables), "one two");
    assert_eq!(db.number("SELECT count(*) FROM public.migration_history WHERE rolled_back_at IS NULL"), 1);
}

#[test]
fn a_statement_that_fails_first_leaves_the_migration_pending() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    write(&crm, FILE, "SELECT 1 / 0;\nCREATE TABLE one (id int);");
    write(&crm, DOWN, "DROP TABLE one;");
    up(&crm, &db).fails(1).telling("0 of its 2 statements are done");
    assert_eq!(status(&crm, &db)["status"], "pending");
    down(&crm, &db).exits(0).printing("0 rolled back");
    write(&crm, FILE, "CREATE TABLE one (id int);");
    up(&crm, &db).exits(0).printing("1 applied");
    down(&crm, &db).exits(0).printing("1 rolled back");
}

#[test]
fn a_rollback_that_is_cut_off_goes_on_too() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write(FILE, "CREATE TABLE one (id int);\nCREATE TABLE two (id int);");
    write(&crm, DOWN, "DROP TABLE one;\nSELECT pg_sleep(300) FROM slow;\nDROP TABLE two;");
    up(&crm, &db).exits(0);
    // The look at the rollback finds no row to sleep for.
    db.run("CREATE VIEW slow AS SELECT 1 AS one WHERE to_regclass('one') IS NULL
            AND current_setting('application_name') = 'crm-seed' AND pg_current_xact_id_if_assigned() IS NULL");
    kill(&crm, &db, "down", "pg_sleep(300)");
    let state = status(&crm, &db);
    assert_eq!(state["status"], "partly_rolled_back");
    assert_eq!((&state["statements_done"], &state["statements_total"]), (&1.into(), &3.into()));
    up(&crm, &db)
        .fails(3)
        .telling("partly rolled back: 1 of 3 statements")
        .telling("`crm-seed migrate down`");
    db.run("CREATE OR REPLACE VIEW slow AS SELECT 1 AS one WHERE false");
    db.run("CREATE TABLE one (id int); INSERT INTO one VALUES (1)");
    down(&crm, &db).exits(0).printing("1 rolled back");
    assert_eq!(db.run("SELECT to_regclass('one'), to_regclass('two')"), "one\t");
    assert_eq!(status(&crm, &db)["status"], "pending");
}

#[test]
fn what_was_applied_in_part_can_be_rolled_back() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    write(&crm, FILE, "CREATE TABLE one (id int);\nCREATE TABLE two (id no_type);");
    write(&crm, DOWN, "DROP TABLE two;\nDROP TABLE one;");
    up(&crm, &db).fails(1).telling("1 of its 2 statements are done");
    let outcome = down(&crm, &db).exits(0).printing("1 rolled back");
    outcome.telling("`DROP TABLE two`").telling("skipped, as an unfinished run may have done it already");
    assert_eq!(db.run("SELECT to_regclass('one')"), "");
    assert_eq!(status(&crm, &db)["status"], "pending");
}

#[test]
fn an_index_build_that_failed_is_built_again() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    db.run("CREATE TABLE visits (id int); INSERT INTO visits VALUES (1), (1)");
    write(&crm, FILE, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS visits_id ON visits (id);");
    let outcome = up(&crm, &db).fails(1).telling("could not create unique index");
    outcome.telling("index public.visits_id is left INVALID");
    assert_eq!(status(&crm, &db)["status"], "partly_applied");
    db.run("DELETE FROM visits WHERE ctid = '(0,2)'");
    let outcome = up(&crm, &db).exits(0).printing("1 applied");
    outcome.telling("dropping index public.visits_id, which a failed build left INVALID");
    assert_eq!(db.run("SELECT indisvalid FROM pg_index WHERE indrelid = 'visits'::regclass"), "t");
}

#[test]
fn an_index_build_that_was_killed_is_built_again_and_one_that_was_finished_is_not() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    db.run("CREATE TABLE visits (id int, day date)");
    write(
        &crm,
        FILE,
        "CREATE INDEX CONCURRENTLY visits_id ON visits (id);\nCREATE INDEX CONCURRENTLY visits_day ON visits (day);",
    );
    // A build waits for all who write to the table.
    let mut writer = Session::holding(&db, "BEGIN; INSERT INTO visits VALUES (1);");
    kill(&crm, &db, "up", "CREATE INDEX CONCURRENTLY visits_id");
    assert_eq!(status(&crm, &db)["status"], "partly_applied");
    writer.run("COMMIT;");
    up(&crm, &db).exits(0).telling("dropping index public.visits_id, which a failed build left INVALID");
    assert_eq!(
        db.number("SELECT count(*) FROM pg_index WHERE indrelid = 'visits'::regclass AND indisvalid"),
        2
    );
    // The record that the last statement is done was lost.
    db.run(
        "UPDATE migration_history SET rolled_back_at = now(), statements_done = 1, statements_total = 2,
           statement_begun_at = now(), statements_checksum = (SELECT statements_checksum FROM migration_history)",
    );
    let oids = "SELECT string_agg(indexrelid::text, ' ' ORDER BY indexrelid) FROM pg_index WHERE indrelid = 'visits'::regclass";
    let before = db.run(oids);
    db.run(&format!("UPDATE migration_history SET statements_checksum = '{}'", checksum_of_first(&crm)));
    up(&crm, &db).exits(0).telling("was completed by the interrupted run");
    assert_eq!(db.run(oids), before);
}

/// The fingerprint that a history keeps of the first statement of that file, from a run that stops after it.
fn checksum_of_first(crm: &Crm) -> String {
    let db = Database::empty().expect("a server is installed");
    db.run("CREATE TABLE visits (id int)");
    crm.run(&format!("migrate up --dir own {}", db.option()))
        .fails(1)
        .telling("1 of its 2 statements are done");
    db.run("SELECT statements_checksum FROM migration_history")
}

#[test]
fn an_index_that_was_left_invalid_by_others_is_not_taken_for_the_index() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    db.run("CREATE TABLE visits (id int); INSERT INTO visits VALUES (1), (1)");
    let build = "CREATE UNIQUE INDEX CONCURRENTLY visits_id ON visits (id)";
    db.try_run(build).expect_err("two rows of one id");
    db.run("TRUNCATE visits");
    write(&crm, FILE, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS visits_id ON visits (id);");
    up(&crm, &db).exits(0).telling("dropping index public.visits_id, which a failed build left INVALID");
    assert_eq!(db.run("SELECT indisvalid FROM pg_index WHERE indrelid = 'visits'::regclass"), "t");
}

#[test]
fn what_a_failed_reindex_leaves_is_told() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    db.run(
        "CREATE TABLE visits (id int);
         CREATE FUNCTION odd(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1 / $1';
         CREATE INDEX visits_odd ON visits (odd(id));
         INSERT INTO visits VALUES (1);
         CREATE OR REPLACE FUNCTION odd(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1 / ($1 - $1)';",
    );
    write(&crm, FILE, "REINDEX TABLE CONCURRENTLY visits;");
    let outcome = up(&crm, &db).fails(1).telling("division by zero");
    outcome.telling("DROP INDEX CONCURRENTLY public.visits_odd_ccnew");
}

#[test]
fn a_history_of_another_role_keeps_no_progress_and_that_is_told() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE migration_history (id int PRIMARY KEY, migration_name varchar(255) NOT NULL,
           applied_at timestamp DEFAULT now(), rollback_sql text, rolled_back_at timestamp)",
    );
    let role = db.role("GRANT ALL ON migration_history TO ROLE; GRANT CREATE ON SCHEMA public TO ROLE;");
    let crm = Crm::new();
    let url = format!("--database-url {}", db.url_of(&role));
    write(&crm, FILE, "CREATE TABLE one (id int);\nSELECT 1 / 0;");
    write(&crm, DOWN, "DROP TABLE one;");
    let outcome = crm.run(&format!("migrate up --dir own {url}")).fails(1);
    outcome
        .telling("public.migration_history belongs to another role")
        .telling("fix the rest and run it again");
    write(&crm, FILE, "CREATE TABLE IF NOT EXISTS one (id int);");
    crm.ok(&format!("migrate up --dir own {url}")).printing("1 applied");
    crm.ok(&format!("migrate down --dir own {url}")).printing("1 rolled back");
    assert_eq!(db.run("SELECT to_regclass('one')"), "");
}

#[test]
fn a_procedure_that_commits_runs_where_it_may() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    db.run(
        "CREATE TABLE visits (id int);
         CREATE PROCEDURE fill() LANGUAGE plpgsql AS
           $$ BEGIN FOR i IN 1..3 LOOP INSERT INTO visits VALUES (i); COMMIT; END LOOP; END $$",
    );
    write(
        &crm,
        FILE,
        "CALL fill();\nALTER TYPE mood ADD VALUE 'so so';\nINSERT INTO moods VALUES ('so so');",
    );
    db.run("CREATE TYPE mood AS ENUM ('well'); CREATE TABLE moods (mood mood)");
    up(&crm, &db).exits(0).printing("1 applied");
    assert_eq!(db.number("SELECT count(*) FROM visits"), 3);
    crm.write("own/20250302090000_in_a_transaction.sql", "CALL fill();");
    up(&crm, &db).fails(1).telling("invalid transaction termination").telling("`-- Transaction: none`");
}
