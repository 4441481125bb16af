//! What a database says is shown, and does nothing to the terminal that shows it.

use crate::harness::{Crm, Database};

/// Characters that clear a screen, ring, go back to the line's begin, and turn the reading direction.
const HOSTILE: &str = "a\u{1b}[2J\u{7}\rb\u{202e}c\u{9b}1m";
/// As it is shown.
const SHOWN: &str = "a\\u{1b}[2J\\u{7}\\rb\\u{202e}c\\u{9b}1m";

#[track_caller]
fn is_harmless(text: &str) {
    let odd = |c: char| c.is_control() && c != '\n' && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.contains(odd), "{text:?}");
}

#[test]
fn names_of_tables_and_columns_are_shown_with_their_control_characters() {
    let Some(db) = Database::migrated() else { return };
    db.run(&format!(
        "CREATE TABLE \"{HOSTILE}\" (id bigserial PRIMARY KEY, \"x{HOSTILE}\" text NOT NULL,
           customer_id bigint NOT NULL REFERENCES organizations (id));
         COMMENT ON TABLE \"{HOSTILE}\" IS 'notes'"
    ));
    let arguments = |command: &str| -> Vec<String> {
        let mut all: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        all.extend(["--include".to_owned(), HOSTILE.to_owned()]);
        all.extend(db.option().split_whitespace().map(str::to_owned));
        all
    };
    for command in ["doctor --verbose", "--dry-run", "--clean", "--clean --yes"] {
        let outcome = Crm::new().run_with(&arguments(command)).exits(0);
        is_harmless(&outcome.stdout);
        is_harmless(&outcome.stderr);
        assert!(outcome.stdout.contains(SHOWN), "{command}: {outcome:#?}");
    }
    // Refused: the rows that are there are told with the tables' names.
    let outcome = Crm::new().run_with(&arguments("")).exits(3);
    is_harmless(&outcome.stderr);
    // Data for programs is what it is.
    let report = Crm::new().run_with(&arguments("--clean --yes --json")).exits(0).json();
    let tables = report["tables"].as_array().expect("tables");
    assert!(
        tables.iter().any(|t| t["name"].as_str().is_some_and(|name| name.contains(HOSTILE))),
        "{report:#}"
    );
}

#[test]
fn a_message_of_the_server_is_shown_with_its_control_characters() {
    let Some(db) = Database::migrated() else { return };
    db.run(&format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION E'no: {}', 1; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION refuse();",
        HOSTILE
            .replace('\u{1b}', "\\x1b")
            .replace('\u{9b}', "\\u009b")
            .replace('\r', "\\r")
            .replace('\u{7}', "\\x07")
            + "%"
    ));
    let outcome = Crm::new().run(&db.option()).exits(1);
    is_harmless(&outcome.stderr);
    assert!(outcome.stderr.contains("\\u{1b}[2J"), "{outcome:#?}");
}

#[test]
fn names_that_are_typed_are_shown_with_their_control_characters() {
    let crm = Crm::new();
    for arguments in [
        &[HOSTILE][..],
        &["verify", HOSTILE],
        &["--seed", HOSTILE],
        &["--scenario", HOSTILE],
        &["--scenario-dir", HOSTILE],
        &["--config", HOSTILE],
        &["--handles", HOSTILE],
        &["man", HOSTILE],
        &["generate", "--out", "x", "--table", HOSTILE],
        &["migrate", "up", "--dir", HOSTILE],
        &["migrate", "up", "--database-url", &format!("postgres://{HOSTILE}@127.0.0.1:1/db")],
    ] {
        let outcome = crm.run_with(arguments);
        assert_ne!(outcome.status.code(), Some(0), "{arguments:?}");
        is_harmless(&outcome.stderr);
    }
}
