//! What `--json` says for programs: the kinds of notes, and errors with their causes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::drift;
use crate::harness::{Crm, Database, Outcome, skipped};

/// The kinds of a report's notes, each note being what docs/json.md says.
#[track_caller]
fn kinds(report: &Value) -> BTreeSet<&str> {
    let notes = report["notes"].as_array().expect("notes");
    let kind = |note: &'_ Value| {
        let fields: Vec<&str> = note.as_object().expect("a note").keys().map(String::as_str).collect();
        assert_eq!(fields, ["kind", "table", "text"], "{note}");
        assert!(note["text"].as_str().is_some_and(|text| !text.is_empty()), "{note}");
        assert!(note["table"].is_string() || note["table"].is_null(), "{note}");
    };
    notes.iter().for_each(kind);
    notes.iter().filter_map(|note| note["kind"].as_str()).collect()
}

/// The tables of the notes of a kind.
fn tables<'a>(report: &'a Value, kind: &str) -> Vec<&'a str> {
    let notes = report["notes"].as_array().into_iter().flatten();
    notes.filter(|note| note["kind"] == kind).filter_map(|note| note["table"].as_str()).collect()
}

#[test]
fn what_was_done_in_another_way_has_a_kind() {
    let Some(db) = Database::empty() else { return };
    let run = |arguments: &str| Crm::new().json(&format!("{arguments} {}", db.option()));
    assert!(kinds(&run("")).contains("schema_created"));
    assert_eq!(kinds(&run("--if-empty")), BTreeSet::from(["nothing_to_do"]));
    db.run(
        "DROP TABLE product_inventory;
         CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
         CREATE TRIGGER s BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION stamp();
         CREATE FUNCTION drop_most() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN IF NEW.id > 10 THEN RETURN NULL; END IF; RETURN NEW; END $$;
         CREATE TRIGGER d BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION drop_most();
         CREATE FUNCTION is_good(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
         ALTER TABLE tasks ADD CONSTRAINT odd CHECK (is_good(title));
         INSERT INTO contacts (name) VALUES ('Ours');
         CREATE MATERIALIZED VIEW inverse AS SELECT 1 / count(*) FROM tasks WHERE id > 10;",
    );
    let url = format!("{}?frobnicate=1", db.url());
    let report = Crm::new().json(&format!("--clean --yes --database-url {url}"));
    let wanted = [
        "constraint_unread",
        "row_count_differs",
        "rows_deleted",
        "table_skipped",
        "trigger",
        "url_parameter_ignored",
        "view_not_refreshed",
    ];
    assert_eq!(kinds(&report), BTreeSet::from(wanted), "{report:#}");
    assert_eq!(tables(&report, "table_skipped"), ["product_inventory"]);
    assert_eq!(tables(&report, "trigger"), ["contacts", "tasks"]);
    assert_eq!(tables(&report, "row_count_differs"), ["tasks"]);
    assert_eq!(tables(&report, "constraint_unread"), ["tasks"]);
    assert_eq!(tables(&report, "view_not_refreshed"), ["inverse"]);
    // A look and a plan say it in the same way.
    let plan = run("--dry-run");
    assert_eq!(kinds(&plan), BTreeSet::from(["constraint_unread"]));
    let seen = Crm::new().json(&format!("doctor --database-url {url}"));
    assert_eq!(kinds(&seen), BTreeSet::from(["url_parameter_ignored"]));
    let crm = Crm::new();
    crm.write(
        "heir.json",
        r#"{"name": "heir", "title": "t", "description": "d", "extends": "high-value-pipeline"}"#,
    );
    let loaded = "--clean --yes --scenario ./heir.json --scenario high-value-pipeline";
    let report = crm.json(&format!("{loaded} {}", db.option()));
    assert!(kinds(&report).contains("scenario_merged"), "{report:#}");
}

#[test]
fn notes_of_drifted_schemas_have_kinds() {
    for name in ["all_checks", "camel_case", "companies", "cycles", "partitioned"] {
        let Some(db) = drift::database(name) else { return };
        let report = Crm::new().json(&db.option());
        let kinds = kinds(&report);
        // Every CHECK constraint of them is read.
        let known = ["labels_invented", "load_method", "row_count_differs", "table_skipped", "trigger"];
        assert!(kinds.iter().all(|kind| known.contains(kind)), "{name}: {report:#}");
        let about: BTreeSet<&str> = known.iter().flat_map(|kind| tables(&report, kind)).collect();
        assert!(!about.contains(""), "{name}: {report:#}");
    }
}

/// The error of a command that fails, and that is told as text besides.
#[track_caller]
fn error(outcome: &Outcome) -> Value {
    let error = outcome.json()["error"].clone();
    let causes = error["causes"].as_array().expect("causes").iter().filter_map(Value::as_str);
    let line: Vec<&str> = error["message"].as_str().into_iter().chain(causes).collect();
    assert!(outcome.stderr.starts_with(&format!("error: {}\n", line.join(": "))), "{outcome:#?}");
    assert_eq!(error["exit_code"], json!(outcome.status.code()), "{outcome:#?}");
    error
}

#[test]
fn a_failure_is_an_object_with_its_causes() {
    let Some(db) = Database::seeded("") else { return };
    let run = |arguments: &str| Crm::new().run(&format!("{arguments} {}", db.option()));
    let occupied = error(&run("--json").exits(3));
    assert_eq!((&occupied["causes"], &occupied["sqlstate"]), (&json!([]), &Value::Null));
    assert!(occupied["hint"].as_str().is_some_and(|hint| hint.contains("--clean")), "{occupied}");
    db.run(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no luck'; END $$;
         CREATE TRIGGER t BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION broken();",
    );
    let broken = error(&run("--clean --yes --json").exits(1));
    assert_eq!((&broken["message"], &broken["sqlstate"]), (&json!("loading tasks"), &json!("P0001")));
    let cause = broken["causes"][0].as_str().unwrap_or_default();
    assert!(cause.starts_with("no luck [PL/pgSQL function"), "{broken}");
    assert!(cause.ends_with("trigger t of tasks failed"), "{broken}");
    let file = error(&run("--json --scenario ./nowhere.json").exits(2));
    assert_eq!(file["causes"], json!(["No such file or directory (os error 2)"]));
    let port = Crm::new().run("--json --database-url postgres://app@127.0.0.1:1/crm");
    assert_eq!(error(&port.exits(4))["causes"], json!(["connection refused"]));
    // Where stdout is for other data, both are on stderr: the report, and so the error.
    let outcome = run("--json --handles -").exits(3);
    let told: Value = serde_json::from_str(&outcome.stderr).expect("an object on stderr");
    assert_eq!((outcome.stdout.as_str(), &told["error"]["exit_code"]), ("", &json!(3)));
    // A report that is printed already is the one document on stdout.
    let seen = run("doctor --try --json").exits(1).telling("is not ready").json();
    assert_eq!((&seen["ready"], &seen["reasons"][0]["sqlstate"]), (&json!(false), &json!("P0001")));
}

/// Each server has its own language, which is not asked for.
#[test]
fn errors_mean_the_same_in_another_language() {
    let Some(db) = Database::seeded("") else { return };
    db.run(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no luck'; END $$;
         CREATE TRIGGER t BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION broken();
         CREATE FUNCTION is_good(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';",
    );
    let german = format!("ALTER DATABASE {} SET lc_messages = 'de_DE.utf8'", db.name());
    if db.try_run(&german).is_err() || !db.try_run("SELECT 1 / 0").is_err_and(|why| why.contains("FEHLER")) {
        return skipped("the server has no German");
    }
    let clean = format!("--clean --yes {}", db.option());
    let outcome = Crm::new().run(&clean).fails(1);
    outcome.telling("PL/pgSQL-Funktion").telling("trigger t of tasks failed").telling("--exclude tasks");
    db.run("DROP TRIGGER t ON tasks; CREATE TRIGGER t BEFORE TRUNCATE ON tasks EXECUTE FUNCTION broken();");
    Crm::new().run(&clean).fails(1).telling("a trigger on TRUNCATE failed");
    db.run("DROP TRIGGER t ON tasks; ALTER TABLE tasks ADD CONSTRAINT odd CHECK (is_good(title)) NOT VALID;");
    let outcome = Crm::new().run(&clean).fails(1);
    outcome.telling("verletzt Check-Constraint").telling("[CHECK (is_good(title)").telling("crm-seed.toml");
    db.run(
        "ALTER TABLE tasks DROP CONSTRAINT odd; ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
         CREATE POLICY few ON tasks FOR INSERT WITH CHECK (id < 3); CREATE POLICY seen ON tasks FOR SELECT USING (true);",
    );
    let role = db.role(
        "GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO ROLE;
         GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO ROLE",
    );
    let url = format!("--database-url {}", db.url_of(&role));
    let outcome = Crm::new().run(&format!("--clean --yes --no-ledger {url}")).fails(1);
    outcome.telling("verletzt Policy").telling("few ((id < 3))").telling("BYPASSRLS");
}
