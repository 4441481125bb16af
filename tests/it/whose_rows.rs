//! Whose rows they are: `--clean`, loading a scenario again and taking it out delete what crm-seed is recorded to
//! have made in this very database, and nothing else without a word.

use std::path::Path;

use crate::harness::{Crm, Database, MARK, Server, State};
use crate::scenarios::names;

/// Inserts `rows` organizations of the app, into the schema that is first on the search path.
fn write(db: &Database, rows: u32) {
    write_into(db, "public", rows);
}

fn write_into(db: &Database, schema: &str, rows: u32) {
    db.run(&format!(
        "INSERT INTO {schema}.organizations (name, organization_type)
         SELECT '{MARK}-0-' || n, 'customer' FROM generate_series(1, {rows}) AS n"
    ));
}

/// Runs crm-seed on what `target` names, and expects it to refuse, to name all of `words`, and to change nothing.
#[track_caller]
fn refuses_at(db: &Database, target: &str, arguments: &str, words: &[&str]) {
    let before = State::of(db);
    let mut outcome = Crm::new().run(&format!("{arguments} {target}")).fails(3).telling("  hint: ");
    for word in words {
        outcome = outcome.telling(word);
    }
    assert_eq!(before.difference(&State::of(db)), None, "{arguments}");
}

#[track_caller]
fn refuses(db: &Database, arguments: &str, words: &[&str]) {
    refuses_at(db, &db.option(), arguments, words);
}

/// Runs crm-seed, and expects it to be done and to lose none of the app's rows.
#[track_caller]
fn keeps(db: &Database, arguments: &str) {
    let before = State::of(db);
    Crm::new().ok(&format!("{arguments} {}", db.option()));
    assert_eq!(before.lost(&State::of(db)), [], "{arguments}");
}

/// What names `schema` of `db` to crm-seed.
fn option_of(db: &Database, schema: &str) -> String {
    format!("--database-url {}?options=-csearch_path%3D{schema}", db.url())
}

/// Creates the bundled tables in `schema`.
pub fn migrate_into(db: &Database, schema: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = std::fs::read_dir(directory).expect("migrations/").flatten();
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.retain(|file| !file.to_string_lossy().ends_with(".down.sql"));
    files.sort();
    let sql = files.iter().map(|file| std::fs::read_to_string(file).expect("a migration"));
    let sql = sql.collect::<Vec<_>>().join("\n");
    db.run(&format!("CREATE SCHEMA IF NOT EXISTS {schema};\nSET search_path TO {schema};\n{sql}"));
}

#[test]
fn rows_that_were_added_since_are_counted_and_kept() {
    let Some(db) = Database::seeded("") else { return };
    write(&db, 500);
    refuses(&db, "--clean", &["organizations", "500"]);
    refuses(&db, "--clean --seed 43", &["organizations", "500"]);
    Crm::new().ok(&format!("--clean --yes {}", db.option()));
    assert_eq!(State::of(&db).marked.len(), 0);
    Crm::new().ok(&format!("--clean {}", db.option()));
}

#[test]
fn a_schema_beside_the_one_that_was_filled_is_not_taken_for_it() {
    let Some(db) = Database::empty() else { return };
    let (demo, live) = (option_of(&db, "demo"), option_of(&db, "live"));
    ["demo", "live"].iter().for_each(|schema| migrate_into(&db, schema));
    Crm::new().ok(&format!("--clean {demo}"));
    write_into(&db, "live", 500);
    refuses_at(&db, &live, "--clean", &["organizations", "500"]);
    let before = State::of(&db);
    Crm::new().ok(&format!("--clean --seed 7 {demo}"));
    let changed = before.changed(&State::of(&db));
    assert!(changed.iter().all(|table| !table.starts_with("live.")), "{changed:?}");
    let scheme = format!("--database-url {}?schema=live", db.url());
    refuses_at(&db, &scheme, "--clean", &["organizations", "500"]);
}

#[test]
fn a_table_of_the_same_name_that_refers_to_ours_is_named_and_kept() {
    let Some(db) = Database::seeded("") else { return };
    db.run(&format!(
        "CREATE SCHEMA billing;
         CREATE TABLE billing.tasks (id bigint PRIMARY KEY, title text,
                                     organization_id bigint REFERENCES organizations);
         INSERT INTO billing.tasks SELECT n, '{MARK}-0-' || n, 1 FROM generate_series(1, 30) AS n"
    ));
    refuses(&db, "--clean", &["billing.tasks", "--cascade"]);
    refuses(&db, "--clean --yes", &["billing.tasks", "--cascade"]);
    let before = State::of(&db);
    let preview = Crm::new().ok(&format!("--clean --dry-run {}", db.option()));
    preview.printing("billing.tasks").printing("--cascade").silent_about("--cascade also emptied");
    assert_eq!(before.difference(&State::of(&db)), None, "--dry-run");

    let outcome = Crm::new().ok(&format!("--clean --cascade {}", db.option()));
    outcome.printing("--cascade also emptied").printing("billing.tasks");
    assert_eq!(State::of(&db).rows("billing.tasks"), 0);
    // There is nothing to be emptied any more, and so no word of it.
    Crm::new().ok(&format!("--clean {}", db.option())).silent_about("also emptied");
}

#[test]
fn a_table_that_is_left_out_keeps_the_rows_of_an_earlier_run() {
    let Some(db) = Database::migrated() else { return };
    db.run("CREATE TABLE notes (id bigint PRIMARY KEY, body text, contact_id bigint)");
    Crm::new().ok(&format!("--clean {}", db.option()));
    let before = State::of(&db);
    assert!(before.rows("public.notes") > 0);
    Crm::new().ok(&format!("--clean --seed 43 --exclude notes {}", db.option()));
    let after = State::of(&db);
    assert_eq!(after.tables["public.notes"], before.tables["public.notes"]);
    assert_ne!(after.tables["public.contacts"], before.tables["public.contacts"]);
}

#[test]
fn a_table_that_is_left_out_and_refers_to_ours_stands_in_the_way() {
    let Some(db) = Database::migrated() else { return };
    db.run("CREATE TABLE notes (id bigint PRIMARY KEY, body text, contact_id bigint REFERENCES contacts)");
    Crm::new().ok(&format!("--clean {}", db.option()));
    let notes = State::of(&db).tables["public.notes"].clone();
    assert!(notes.0 > 0);
    for yes in ["", "--yes"] {
        refuses(&db, &format!("--clean {yes} --seed 43 --exclude notes"), &["notes", "--cascade"]);
    }
    Crm::new().ok(&format!("--clean --cascade --exclude notes {}", db.option())).printing("notes");
    assert_eq!(State::of(&db).rows("public.notes"), 0);
}

#[test]
fn rows_that_took_the_place_of_ours_are_kept() {
    let Some(db) = Database::seeded("") else { return };
    db.run(&format!(
        "TRUNCATE organizations, contacts, products, opportunities CASCADE;
         ALTER SEQUENCE organizations_id_seq RESTART; ALTER SEQUENCE contacts_id_seq RESTART;
         INSERT INTO organizations (name, organization_type)
           SELECT '{MARK}-0-' || n, 'customer' FROM generate_series(1, 28) AS n;
         INSERT INTO contacts (id, name) SELECT 9000 + n, '{MARK}-1-' || n FROM generate_series(1, 70) AS n"
    ));
    refuses(&db, "--clean", &["organizations", "28", "contacts", "70"]);
}

#[test]
fn rows_with_the_keys_of_ours_are_kept() {
    let Some(db) = Database::seeded("") else { return };
    db.run(&format!(
        "CREATE TEMP TABLE gone AS SELECT id FROM tasks;
         DELETE FROM tasks;
         INSERT INTO tasks (id, title) SELECT id, '{MARK}-0-' || id FROM gone"
    ));
    refuses(&db, "--clean", &["tasks", &db.number("SELECT count(*) FROM tasks").to_string()]);
}

#[test]
fn rows_beside_which_others_were_appended_are_kept() {
    let Some(db) = Database::migrated() else { return };
    write(&db, 5);
    keeps(&db, "--append");
    refuses(&db, "--clean", &["organizations", "5"]);
    keeps(&db, "--append --seed 43");
    refuses(&db, "--clean", &["organizations", "5"]);
}

#[test]
fn a_scenario_of_no_rows_makes_nobody_s_rows_ours() {
    let Some(db) = Database::migrated() else { return };
    write(&db, 500);
    keeps(&db, "--scenario empty-crm");
    refuses(&db, "--clean", &["organizations", "500"]);
    refuses(&db, "--clean --scenario empty-crm", &["organizations", "500"]);
}

#[test]
fn a_scenario_beside_the_app_s_rows_makes_them_nobody_s() {
    let Some(db) = Database::migrated() else { return };
    write(&db, 500);
    keeps(&db, "--scenario task-inbox");
    keeps(&db, "--scenario task-inbox");
    refuses(&db, "--clean", &["organizations", "500"]);
    keeps(&db, "scenario unload task-inbox");
    refuses(&db, "--clean", &["organizations", "500"]);
}

/// Dumps `db` and restores it into `copy`, as people take a database to another place.
fn restore(db: &Database, copy: &Database) {
    let directory = tempfile::TempDir::new_in(crate::harness::directory_of_all()).expect("a directory");
    let file = directory.path().join("dump.sql");
    let dumped = db.program("pg_dump").arg("-f").arg(&file).status().expect("pg_dump");
    assert!(dumped.success());
    let mut psql = copy.program("psql");
    psql.args(["-Xq", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"]).arg(&file);
    assert!(psql.status().expect("psql").success());
}

#[test]
fn a_dump_that_is_restored_elsewhere_takes_no_record_with_it() {
    let (Some(db), Some(copy)) = (Database::seeded(""), Database::empty()) else { return };
    restore(&db, &copy);
    let organizations = copy.number("SELECT count(*) FROM organizations").to_string();
    refuses(&copy, "--clean", &["organizations", &organizations]);
    // Where it was made it is still ours.
    Crm::new().ok(&format!("--clean {}", db.option()));
}

#[test]
fn a_dump_that_is_restored_under_the_same_name_takes_no_record_with_it() {
    let Some(server) = Server::shared() else { return };
    let (db, copy) = (server.database(), server.database());
    Crm::new().ok(&db.option());
    restore(&db, &copy);
    swap_names(server, &db, &copy);
    refuses(&db, "--clean", &["organizations", "28"]);
}

/// Each of two databases is called as the other was.
pub fn swap_names(server: &Server, a: &Database, b: &Database) {
    let (a, b) = (a.name(), b.name());
    server.database_called("postgres").run(&format!(
        "ALTER DATABASE {a} RENAME TO {a}_away;
         ALTER DATABASE {b} RENAME TO {a};
         ALTER DATABASE {a}_away RENAME TO {b}"
    ));
}

#[test]
fn a_database_that_was_copied_as_a_template_takes_no_record_with_it() {
    let Some(server) = Server::shared() else { return };
    let db = server.database();
    Crm::new().ok(&db.option());
    let copy = server.database_like(&db);
    refuses(&copy, "--clean", &["organizations", "28"]);
    Crm::new().ok(&format!("--clean --yes {}", copy.option()));
    // Now it is recorded here.
    Crm::new().ok(&format!("--clean {}", copy.option()));
    Crm::new().ok(&format!("--clean {}", db.option()));
}

#[test]
fn a_table_that_was_made_anew_is_not_the_one_that_was_filled() {
    let Some(db) = Database::seeded("") else { return };
    db.run(&format!(
        "CREATE TABLE others (LIKE tasks INCLUDING ALL);
         DROP TABLE tasks; ALTER TABLE others RENAME TO tasks;
         INSERT INTO tasks (title) SELECT '{MARK}-0-' || n FROM generate_series(1, 6) AS n"
    ));
    refuses(&db, "--clean", &["tasks", "6"]);
}

#[test]
fn appending_never_lowers_a_count() {
    let Some(db) = Database::seeded("") else { return };
    // Rows were there, and links to them are in somebody's mails.
    db.run("ALTER SEQUENCE organizations_id_seq RESTART 10001; ALTER SEQUENCE tasks_id_seq RESTART 20001");
    Crm::new().ok(&format!("--append {}", db.option()));
    let state = State::of(&db);
    let next = |table: &str| state.sequences[table].next;
    assert!(next("public.organizations") >= 10001, "{}", next("public.organizations"));
    assert!(next("public.tasks") >= 20001, "{}", next("public.tasks"));
    let filled = state.sequences.iter().filter(|(table, _)| *table != "public.migration_history");
    filled.for_each(|(table, sequence)| assert!(!sequence.is_behind(), "{table}: {sequence:?}"));
}

/// What the app writes about a scenario: a task, a deal and people with its first customer and deal, where it has
/// any, and a note. All of it refers to the scenario's rows.
const WRITTEN_BESIDE: &str = "
  CREATE TEMP TABLE first AS SELECT
    (SELECT min(id) FROM organizations WHERE id >= 2000000000) AS organization,
    (SELECT min(id) FROM opportunities WHERE id >= 2000000000) AS deal,
    (SELECT min(id) FROM contacts WHERE id >= 2000000000) AS contact;
  INSERT INTO tasks (title, opportunity_id, contact_id) SELECT 'app-row-0-1', deal, contact FROM first;
  INSERT INTO opportunities (name, customer_organization_id) SELECT 'app-row-0-2', organization FROM first;
  INSERT INTO contacts (name) VALUES ('app-row-0-3');
  INSERT INTO contact_organizations (contact_id, organization_id, role)
    SELECT (SELECT id FROM contacts WHERE name = 'app-row-0-3'), organization, 'app-row-0-4' FROM first
    WHERE organization IS NOT NULL;
  INSERT INTO opportunity_contacts (opportunity_id, contact_id, role)
    SELECT deal, (SELECT id FROM contacts WHERE name = 'app-row-0-3'), 'app-row-0-5' FROM first
    WHERE deal IS NOT NULL;
  INSERT INTO notes (body, organization_id) SELECT 'app-row-0-6', organization FROM first";

#[test]
fn every_built_in_scenario_loads_again_beside_what_the_app_wrote_about_it() {
    let Some(server) = Server::shared() else { return };
    let template = Database::migrated().expect("a server");
    template.run(
        "CREATE TABLE notes (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, body text,
                             organization_id bigint REFERENCES organizations ON DELETE CASCADE)",
    );
    let has_base = |name: &str| matches!(name, "default" | "demo" | "no-opportunities");
    for name in names().into_iter().filter(|name| !has_base(name)) {
        let db = server.database_like(&template);
        let load = format!("--scenario {name} --exclude notes --as-of 2026-01-15");
        Crm::new().ok(&format!("{load} {}", db.option()));
        let loaded = State::of(&db);
        db.run(WRITTEN_BESIDE);
        assert!(State::of(&db).marked.len() >= 4, "{name}");
        let written = State::of(&db);
        keeps(&db, &load);
        let differs = written.changed(&State::of(&db));
        let ours = |table: &String| table.starts_with("public.");
        assert_eq!(differs.into_iter().filter(ours).collect::<Vec<_>>(), Vec::<String>::new(), "{name}");
        keeps(&db, &format!("{load} --seed 43"));
        let refers = loaded.rows("public.organizations") > 0 || loaded.rows("public.opportunities") > 0;
        match refers {
            true => refuses(&db, &format!("scenario unload {name}"), &[]),
            false => keeps(&db, &format!("scenario unload {name}")),
        }
    }
}

/// The ids of a scenario's rows of `table`, in a database that holds them.
fn ids(db: &Database, table: &str) -> Vec<i64> {
    let ids = db.run(&format!("SELECT id FROM {table} WHERE id >= 2000000000 ORDER BY id"));
    ids.lines().map(|id| id.parse().expect("an id")).collect()
}

#[test]
fn a_row_of_the_app_among_a_scenario_s_ids_stays_when_that_is_loaded_again_or_taken_out() {
    let Some(db) = Database::seeded("--scenario task-inbox") else { return };
    let taken = ids(&db, "tasks");
    let free = (taken[0] / 10_000 * 10_000 + 1..).find(|id| !taken.contains(id)).expect("a free id");
    // What an app that counts by itself does: the highest id, and one more.
    db.run(&format!(
        "INSERT INTO tasks (id, title) VALUES ({free}, '{MARK}-0-1');
         INSERT INTO tasks (id, title) SELECT max(id) + 1, '{MARK}-0-2' FROM tasks;
         INSERT INTO contacts (id, name) VALUES ({free}, '{MARK}-0-3')"
    ));
    keeps(&db, "--scenario task-inbox");
    keeps(&db, "--scenario task-inbox --seed 43");
    refuses(&db, "--clean", &["tasks", "contacts"]);
    keeps(&db, "scenario unload task-inbox");
    assert_eq!(ids(&db, "tasks").len(), 2);
    assert_eq!(State::of(&db).marked.len(), 3);
}

#[test]
fn a_row_of_the_app_with_the_id_of_a_scenario_s_row_is_not_replaced() {
    let Some(db) = Database::seeded("--scenario task-inbox") else { return };
    let id = ids(&db, "tasks")[0];
    db.run(&format!(
        "DELETE FROM tasks WHERE id = {id}; INSERT INTO tasks (id, title) VALUES ({id}, '{MARK}-0-1')"
    ));
    refuses(&db, "--scenario task-inbox", &["1", "tasks"]);
    keeps(&db, "scenario unload task-inbox");
    assert_eq!(State::of(&db).marked.len(), 1);
    refuses(&db, "--scenario task-inbox", &["1", "tasks"]);
}

#[test]
fn our_own_rows_go_without_a_question_whatever_was_done_to_them() {
    let Some(db) = Database::seeded("") else { return };
    let done = [
        "SELECT 1",
        "UPDATE organizations SET phone = 'changed', updated_at = now(); UPDATE tasks SET title = 'changed'",
        "UPDATE opportunities SET amount = 7, stage = 'closed_won'; UPDATE opportunity_contacts SET role = 'x'",
        "DELETE FROM tasks; DELETE FROM contacts WHERE id % 2 = 0",
        "ALTER TABLE contacts ADD COLUMN nickname text; ALTER TABLE tasks ADD COLUMN size int NOT NULL DEFAULT 1",
        "VACUUM FULL; ANALYZE",
        "VACUUM FREEZE",
        "TRUNCATE organizations CASCADE",
    ];
    for change in done {
        db.run(change);
        for arguments in ["--clean", "--clean --seed 43", "--clean --scale 2", "--clean --method insert"] {
            let outcome = Crm::new().run(&format!("{arguments} {}", db.option()));
            assert_eq!(outcome.status.code(), Some(0), "{arguments} after {change}: {outcome:#?}");
        }
    }
}

#[test]
fn our_own_rows_of_several_runs_go_without_a_question() {
    let Some(db) = Database::seeded("") else { return };
    let runs = ["--append", "--append --seed 43", "--scenario task-inbox", "--scenario task-inbox --seed 43"];
    let run = |arguments: &str| Crm::new().ok(&format!("{arguments} {}", db.option()));
    runs.iter().for_each(|arguments| drop(run(arguments)));
    run("--clean");
    run("--scenario high-value-pipeline");
    run("scenario unload high-value-pipeline");
    run("--append");
    run("--clean --scenario high-value-pipeline");
    run("--clean");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28);
}

#[test]
fn yes_answers_for_the_tables_that_are_filled_and_for_no_others() {
    let Some(db) = Database::seeded("") else { return };
    db.run(&format!(
        "CREATE TABLE ours (id int PRIMARY KEY, body text);
         INSERT INTO ours SELECT n, '{MARK}-1-' || n FROM generate_series(1, 9) AS n;
         CREATE SCHEMA jobs; CREATE TABLE jobs.contacts (id bigint PRIMARY KEY, name text);
         INSERT INTO jobs.contacts SELECT n, '{MARK}-2-' || n FROM generate_series(1, 9) AS n"
    ));
    write(&db, 3);
    let before = State::of(&db);
    for arguments in ["--clean --yes", "--clean --yes --cascade"] {
        Crm::new().ok(&format!("{arguments} {}", db.option()));
        let after = State::of(&db);
        for table in ["public.ours", "jobs.contacts"] {
            assert_eq!(after.tables[table], before.tables[table], "{table}, {arguments}");
        }
    }
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28);
}

#[test]
fn a_run_that_left_no_record_is_no_reason_to_delete() {
    let Some(db) = Database::seeded("--no-ledger") else { return };
    refuses(&db, "--clean", &["organizations", "28"]);
    Crm::new().ok(&format!("--clean --yes {}", db.option()));
    Crm::new().ok(&format!("--append --no-ledger {}", db.option()));
    refuses(&db, "--clean", &["organizations", "28"]);
}
