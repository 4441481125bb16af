//! `crm-seed migrate rehearse`: what a migration does to rows, and whether its rollback restores what was.

use serde_json::Value;

use crate::harness::{Crm, Database, Outcome, Server, wait_for};

const BASE: &str = "own/20250301090000_create_visits";
const NEXT: &str = "own/20250302090000_next";
const VISITS: &str = "CREATE TABLE visits (id int PRIMARY KEY, note text DEFAULT 'none', day date);
    CREATE INDEX visits_day ON visits (day);
    COMMENT ON TABLE visits IS 'Visits';
    INSERT INTO visits SELECT i, 'note ' || i FROM generate_series(1, 100) i;";
const DROP_VISITS: &str = "DROP TABLE visits;";

/// A directory whose first migration makes a table with rows; the next ones have these texts and rollbacks.
fn project(next: &[(&str, &str)]) -> Crm {
    let crm = Crm::new();
    crm.write(&format!("{BASE}.sql"), VISITS);
    crm.write(&format!("{BASE}.down.sql"), DROP_VISITS);
    for (number, (up, down)) in next.iter().enumerate() {
        let name = NEXT.replace("02", &format!("{:02}", number + 2));
        crm.write(&format!("{name}.sql"), up);
        if !down.is_empty() {
            crm.write(&format!("{name}.down.sql"), down);
        }
    }
    crm
}

fn rehearse(crm: &Crm, db: &Database, arguments: &str) -> Outcome {
    // However loaded the machine is: how long locks are held is told only where a test asks for it.
    let max_lock = if arguments.contains("--max-lock") { "" } else { "--max-lock 60" };
    crm.run(&format!("migrate rehearse --dir own --scratch {} {max_lock} {arguments}", db.url()))
}

/// The report of the one file that is rehearsed.
fn report(crm: &Crm, db: &Database, code: i32) -> Value {
    rehearse(crm, db, "--json").exits(code).json()["files"][0].clone()
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().expect("an array").iter().filter_map(Value::as_str).collect()
}

#[test]
fn the_bundled_migrations_pass_on_a_server() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let outcome = crm.ok(&format!("migrate rehearse --pending 8 --max-lock 60 --scratch {}", db.url()));
    outcome.printing("1 migration applied before; seeded with ").silent_about("FAIL");
    let recorded =
        std::fs::read_to_string(crm.directory().join(".crm-seed/rehearsed.json")).expect("a record");
    let recorded: Value = serde_json::from_str(&recorded).expect("JSON");
    assert_eq!(recorded.as_object().map(serde_json::Map::len), Some(8));
    // The database of the URL itself is left alone.
    assert_eq!(db.run("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
#[cfg(feature = "embedded")]
fn without_a_server_the_embedded_one_is_used_in_a_directory_of_its_own() {
    let crm = Crm::new();
    let outcome = crm.ok("migrate rehearse --pending 2 --max-lock 60");
    outcome.printing("Rehearsed in embedded PostgreSQL, in a temporary directory").printing("pass: ");
    assert_eq!(crm.names_in(".crm-seed"), ["rehearsed.json"]);
    let crm =
        project(&[("-- Transaction: none\nCREATE INDEX CONCURRENTLY i ON visits (note);", "DROP INDEX i;")]);
    crm.ok("migrate rehearse --dir own --max-lock 60").printing("SHARE UPDATE EXCLUSIVE").printing("pass: ");
}

#[test]
fn a_rollback_that_forgets_something_is_caught_with_the_file_to_blame() {
    for (up, down, forgotten) in [
        (
            "ALTER TABLE visits ADD who text; CREATE INDEX i ON visits (note);",
            "ALTER TABLE visits DROP who;",
            "+table public.visits: index CREATE INDEX i ON public.visits",
        ),
        (
            "ALTER TABLE visits ALTER note DROP DEFAULT;",
            "SELECT 1;",
            "-table public.visits: column note text default 'none'::text",
        ),
        (
            "COMMENT ON TABLE visits IS 'x';",
            "COMMENT ON TABLE visits IS NULL;",
            "-table public.visits: comment 'Visits'",
        ),
        ("GRANT SELECT ON visits TO PUBLIC;", "SELECT 1;", "+table public.visits: grant =r/"),
        ("ALTER TABLE visits ENABLE ROW LEVEL SECURITY;", "SELECT 1;", "row-level security"),
        ("CREATE TYPE mood AS ENUM ('a', 'b');", "SELECT 1;", "+type public.mood: label 'b'"),
        ("ALTER TABLE visits ADD CHECK (id > 0);", "SELECT 1;", "CHECK ((id > 0))"),
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "SELECT 1;",
            "+function public.f(): ",
        ),
        ("ALTER TABLE visits DROP note;", "ALTER TABLE visits ADD note text DEFAULT 'none';", "column note"),
        ("ALTER TABLE visits ALTER id TYPE bigint;", "SELECT 1;", "-table public.visits: column id integer"),
        ("CREATE VIEW v AS SELECT 1 AS a;", "SELECT 1;", "+view public.v: column a integer"),
        ("CREATE SCHEMA s;", "SELECT 1;", "+schema s: owner"),
    ] {
        let Some(db) = Database::empty() else { return };
        let crm = project(&[(up, down)]);
        let outcome = rehearse(&crm, &db, "").exits(5).printing(forgotten);
        outcome
            .printing(&format!("FAIL: {NEXT}.down.sql: the rollback does not restore the schema"))
            .telling("the rehearsal found ");
        assert!(
            !crm.directory().join(".crm-seed/rehearsed.json").exists() || !recorded(&crm).contains("next")
        );
    }
}

fn recorded(crm: &Crm) -> String {
    std::fs::read_to_string(crm.directory().join(".crm-seed/rehearsed.json")).unwrap_or_default()
}

#[test]
fn a_rollback_that_restores_all_passes_and_is_recorded() {
    let Some(db) = Database::empty() else { return };
    let crm = project(&[(
        "CREATE TYPE mood AS ENUM ('a'); ALTER TABLE visits ADD mood mood NOT NULL DEFAULT 'a'; CREATE INDEX i ON visits (mood);",
        "ALTER TABLE visits DROP mood; DROP TYPE mood;",
    )]);
    let outcome = rehearse(&crm, &db, "").exits(0);
    outcome.printing(
        "pass: the rollback restores the schema, it applies again, no lock blocks writes for too long",
    );
    assert!(recorded(&crm).contains("20250302090000_next"), "{}", recorded(&crm));
    // A schema without tables of a CRM is rehearsed without rows of ours.
    rehearse(&crm, &db, "").exits(0).printing("without seeded rows: ");
}

#[test]
fn only_the_file_is_blamed_whose_rollback_forgets() {
    let Some(db) = Database::empty() else { return };
    let crm = project(&[
        ("ALTER TABLE visits ADD first int;", "ALTER TABLE visits DROP first;"),
        ("CREATE INDEX i ON visits (note);", "SELECT 1;"),
        ("CREATE TABLE third (id int);", "DROP TABLE third;"),
    ]);
    let report = rehearse(&crm, &db, "--pending 3 --json").exits(5).json();
    let states: Vec<_> = (0..3).map(|at| report["files"][at]["rollback"]["state"].as_str()).collect();
    assert_eq!(states, [Some("restored"), Some("differs"), Some("restored")]);
    let record = recorded(&crm);
    // The third was not applied again, as the second could not be.
    assert!(record.contains("20250302") && !record.contains("20250303"), "{record}");
}

#[test]
fn rows_that_a_rollback_loses_are_told_and_those_it_has_no_business_with_are_a_fault() {
    let Some(db) = Database::empty() else { return };
    let drops = (
        "ALTER TABLE visits DROP day;",
        "ALTER TABLE visits ADD day date; CREATE INDEX visits_day ON visits (day);",
    );
    let crm = project(&[drops]);
    crm.write(&format!("{BASE}.sql"), &format!("{VISITS} UPDATE visits SET day = '2026-01-01'; CREATE TABLE other (id int); INSERT INTO other VALUES (1);"));
    let file = report(&crm, &db, 0);
    assert_eq!(names(&file["rows_lost"]), ["public.visits"], "{file:#}");
    crm.write(&format!("{NEXT}.down.sql"), &format!("{} DELETE FROM other;", drops.1));
    let file = report(&crm, &db, 5);
    assert_eq!(names(&file["rows_changed_elsewhere"]), ["public.other"], "{file:#}");
}

#[test]
fn a_migration_that_cannot_be_applied_after_its_rollback_is_caught() {
    let Some(db) = Database::empty() else { return };
    let crm = project(&[("INSERT INTO visits VALUES (1000, 'new');", "SELECT 1;")]);
    let file = report(&crm, &db, 5);
    assert_eq!((&file["rollback"]["state"], &file["again"]["state"]), (&"restored".into(), &"failed".into()));
    rehearse(&crm, &db, "")
        .exits(5)
        .printing("cannot be applied again after its rollback: ")
        .printing("duplicate key");
}

#[test]
fn a_rollback_that_is_missing_or_fails_is_a_fault() {
    let Some(db) = Database::empty() else { return };
    let crm = project(&[("CREATE TABLE a (id int);", ""), ("CREATE TABLE b (id int);", "DROP TABLE b;")]);
    let report = rehearse(&crm, &db, "--pending 2 --json").exits(5).json();
    let states: Vec<_> = (0..2).map(|at| report["files"][at]["rollback"]["state"].as_str()).collect();
    assert_eq!(states, [Some("missing"), Some("restored")]);
    let crm = project(&[
        ("CREATE TABLE a (id int);", "DROP TABLE a;"),
        ("CREATE TABLE b (id int);", "DROP TABLE nothing;"),
    ]);
    let report = rehearse(&crm, &db, "--pending 2 --json").exits(5).json();
    let states: Vec<_> = (0..2).map(|at| report["files"][at]["rollback"]["state"].as_str()).collect();
    assert_eq!(states, [Some("not_tried"), Some("failed")]);
    rehearse(&crm, &db, "--pending 2")
        .exits(5)
        .printing("`DROP TABLE nothing`")
        .printing("warning: the rollback was not tried");
}

#[test]
fn a_rewrite_and_its_lock_are_reported() {
    let Some(db) = Database::empty() else { return };
    let crm = project(&[(
        "ALTER TABLE visits ALTER id TYPE bigint;\nUPDATE visits SET note = 'x' WHERE id <= 30;",
        "ALTER TABLE visits ALTER id TYPE int;",
    )]);
    let file = report(&crm, &db, 0);
    let statement = &file["statements"][0];
    assert_eq!(names(&statement["rewritten"]), ["visits"], "{file:#}");
    assert_eq!(
        (&statement["locks"][0]["mode"], &statement["locks"][0]["relation"]),
        (&"ACCESS EXCLUSIVE".into(), &"visits".into())
    );
    assert_eq!(file["statements"][1]["rows"][0]["updated"], 30);
    // Values were written over, which the rollback cannot bring back.
    assert_eq!(names(&file["rows_lost"]), ["public.visits"]);
    let outcome = rehearse(&crm, &db, "--max-lock 0").exits(5);
    outcome
        .printing("ACCESS EXCLUSIVE on visits blocks reads and writes for ")
        .printing("more than --max-lock 0 s");
}

#[test]
fn a_lock_that_blocks_no_writes_may_be_held_for_ever() {
    let Some(db) = Database::empty() else { return };
    let crm = project(&[("UPDATE visits SET note = note;", "SELECT 1;")]);
    rehearse(&crm, &db, "--max-lock 0").exits(0).printing("locks visits: ROW EXCLUSIVE for ");
}

#[test]
fn a_file_without_a_transaction_is_rehearsed_statement_by_statement() {
    let Some(db) = Database::empty() else { return };
    let crm = project(&[(
        "-- Transaction: none\nSET search_path = public;\nCREATE INDEX CONCURRENTLY i ON visits (note);\n\
         ALTER TABLE visits ADD who text;\nVACUUM visits;",
        "-- Transaction: none\nALTER TABLE visits DROP who;\nDROP INDEX CONCURRENTLY i;",
    )]);
    let file = rehearse(&crm, &db, "--max-lock 60 --json").exits(0).json()["files"][0].clone();
    let statements = file["statements"].as_array().expect("statements");
    assert_eq!(statements.len(), 4, "{file:#}");
    let lock = &statements[1]["locks"][0];
    assert_eq!(
        (&lock["relation"], &lock["mode"]),
        (&"visits".into(), &"SHARE UPDATE EXCLUSIVE".into()),
        "{file:#}"
    );
    assert_eq!((&lock["blocks_writes"], &lock["observed"]), (&false.into(), &false.into()));
    assert_eq!(statements[1]["indexes"][0]["index"], "i");
    // Each is held for its own statement alone.
    assert_eq!(statements[2]["locks"][0]["held_ms"], statements[2]["ms"]);
    assert_eq!(statements[3]["locks"][0]["mode"], "SHARE UPDATE EXCLUSIVE");
}

#[test]
fn with_a_target_what_it_has_is_the_base_and_its_sizes_are_estimated_for() {
    let Some((db, target)) = Database::empty().zip(Database::empty()) else { return };
    let crm = project(&[("CREATE INDEX i ON visits (note);", "DROP INDEX i;")]);
    crm.ok(&format!("migrate up --count 1 --dir own {}", target.option()));
    target.run("INSERT INTO visits SELECT i, 'more' FROM generate_series(101, 50000) i; ANALYZE visits;");
    let before = target.schema();
    let report = rehearse(&crm, &db, &format!("--json {}", target.option())).exits(0).json();
    assert_eq!(target.schema(), before);
    assert_eq!(report["migrations_before"], 1);
    let statement = &report["files"][0]["statements"][0];
    let (here, there) =
        (statement["ms"].as_f64().expect("ms"), statement["estimated_ms"].as_f64().expect("an estimate"));
    assert!((there / here - 500.0).abs() < 50.0, "{report:#}");
    assert_eq!(statement["locks"][0]["estimated_held_ms"].as_f64(), Some(there));
    rehearse(&crm, &db, &format!("--max-lock 0.000001 {}", target.option())).exits(5).printing("for about ");
    crm.ok(&format!("migrate up --dir own {}", target.option()));
    rehearse(&crm, &db, &target.option()).exits(0).printing("nothing is pending");
}

#[test]
fn rows_that_only_the_target_has_make_no_estimate() {
    let Some((db, target)) = Database::empty().zip(Database::empty()) else { return };
    let crm =
        project(&[("ALTER TABLE visits ALTER id TYPE bigint;", "ALTER TABLE visits ALTER id TYPE int;")]);
    crm.write(&format!("{BASE}.sql"), "CREATE TABLE visits (id int PRIMARY KEY, note text);");
    crm.ok(&format!("migrate up --count 1 --dir own {}", target.option()));
    target.run("INSERT INTO visits SELECT i, 'more' FROM generate_series(1, 5000) i; ANALYZE visits;");
    let outcome = rehearse(&crm, &db, &target.option()).exits(0);
    outcome.printing("no estimate, as visits has no rows here and about 5000 in the target");
}

#[test]
fn the_throwaway_database_is_dropped_whatever_happens() {
    let Some(server) = Server::start() else { return };
    let db = server.database();
    let left = || db.run("SELECT datname FROM pg_database WHERE datname LIKE 'crm_seed_rehearsal_%'");
    rehearse(&project(&[("SELECT 1;", "SELECT 1;")]), &db, "").exits(0);
    assert_eq!(left(), "");
    let crm = project(&[("SELECT 1;\nSELECT 1 / 0;", "SELECT 1;")]);
    rehearse(&crm, &db, "").fails(1).telling(&format!("{NEXT}.sql:2:1: `SELECT 1 / 0`: division by zero"));
    assert_eq!(left(), "");
    let crm = project(&[("SELECT pg_sleep(60);", "SELECT 1;")]);
    let running = crm.spawn(&format!("migrate rehearse --dir own --scratch {}", db.url()));
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%'";
    wait_for("the statement", || (db.number(sleeps) > 0).then_some(()));
    running.signal("INT");
    let outcome = running.wait();
    assert!(outcome.was_interrupted(2), "{outcome:?}");
    assert_eq!(left(), "");
}

#[test]
fn a_role_that_may_not_create_databases_is_told() {
    let Some(db) = Database::empty() else { return };
    let role = db.role("");
    let crm = project(&[("SELECT 1;", "SELECT 1;")]);
    let outcome = crm.run(&format!("migrate rehearse --dir own --scratch {}", db.url_of(&role))).fails(1);
    outcome.telling("creating a throwaway database").telling("CREATEDB");
}

#[test]
fn a_first_migration_is_rehearsed_in_an_empty_database() {
    let Some(db) = Database::empty() else { return };
    let crm = project(&[]);
    rehearse(&crm, &db, "").exits(0).printing("without seeded rows: ").printing("pass: ");
}

#[test]
fn a_schema_that_is_made_by_the_rehearsal_itself_is_seeded_on_the_way() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let command = format!("migrate rehearse --pending 9 --max-lock 60 --scratch {}", db.url());
    crm.ok(&command).printing("0 migrations applied before; seeded with ").printing(" rows of organizations");
}

#[test]
fn what_reaches_beyond_the_throwaway_database_is_refused_or_told() {
    let Some(server) = Server::start() else { return };
    let db = server.database();
    let crm = project(&[("SELECT 1;", "ALTER DATABASE postgres SET work_mem = '5MB';")]);
    let outcome = rehearse(&crm, &db, "").fails(3);
    outcome
        .telling(&format!("{NEXT}.down.sql:1:1: `ALTER DATABASE postgres"))
        .telling("rehearse without --scratch");
    let crm = project(&[("CREATE ROLE app_reader;", "SELECT 1;")]);
    rehearse(&crm, &db, "")
        .exits(5)
        .printing("warning: role app_reader was created on that server, and stays there");
}

#[test]
fn what_a_platform_provides_comes_with_a_template() {
    let Some(platform) = Database::empty() else { return };
    platform.run(
        "CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid PRIMARY KEY);
         CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
    );
    let Some(db) = Database::empty() else { return };
    let crm = project(&[(
        "ALTER TABLE visits ADD by uuid REFERENCES auth.users, ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON visits USING (by = auth.uid());",
        "DROP POLICY own ON visits; ALTER TABLE visits DISABLE ROW LEVEL SECURITY, DROP by;",
    )]);
    rehearse(&crm, &db, "").fails(1).telling("\"auth\" does not exist").telling("--template DATABASE");
    rehearse(&crm, &db, &format!("--template {}", platform.name())).exits(0).printing("pass: ");
    rehearse(&crm, &db, "--template nothing_there").fails(1).telling("as a copy of nothing_there");
    assert_eq!(platform.run("SELECT to_regclass('visits')"), "");
}

#[test]
fn migrations_of_a_tool_without_rollbacks_pass_without() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write("supabase/migrations/20250301090000_visits.sql", VISITS);
    crm.write("supabase/migrations/20250302090000_day.sql", "ALTER TABLE visits ADD who text;");
    let run = |arguments: &str| crm.run(&format!("migrate {arguments} --dir supabase/migrations"));
    let outcome = run(&format!("rehearse --max-lock 60 --scratch {}", db.url())).exits(0);
    outcome.printing("no migration here has a rollback").printing("pass: ").silent_about("FAIL");
    assert!(recorded(&crm).contains("20250302090000_day"), "{}", recorded(&crm));
    let json = run(&format!("rehearse --json --max-lock 60 --scratch {}", db.url())).exits(0).json();
    assert_eq!(json["files"][0]["rollback"]["state"], "none");
}
