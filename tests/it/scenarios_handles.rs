//! Handles and their ids: for tests that others write, so they never move.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{Crm, Database};
use crate::scenarios::{FIRST_ID, NOWHERE, names, own};

const HEADER: &str = "# Ids of the built-in scenarios' rows: scenario, handle, table, key, parted by tabs.\n\
    # Tests that others write hold these; CRM_SEED_BLESS=1 writes this file anew.\n";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden_ids.tsv")
}

/// The handles that a run with these arguments writes.
#[track_caller]
fn handles(arguments: &str) -> Value {
    let crm = Crm::new();
    crm.ok(&format!("generate --quiet --out files --handles ids.json {arguments}"));
    read(&crm, "ids.json")
}

#[track_caller]
fn read(crm: &Crm, file: &str) -> Value {
    let text = std::fs::read_to_string(crm.directory().join(file)).expect("the handles");
    serde_json::from_str(&text).expect("JSON")
}

/// A row's key: its id, or the columns that stand for one.
fn key(row: &Value) -> String {
    let columns = row.as_object().expect("an object").iter().filter(|(name, _)| *name != "table");
    let columns: Vec<String> = columns.map(|(name, id)| format!("{name}={id}")).collect();
    columns.join(",")
}

#[test]
fn the_ids_are_those_of_the_golden_file() {
    let mut made = String::from(HEADER);
    for name in names() {
        for (handle, row) in handles(&format!("-s {name}")).as_object().expect("an object") {
            made.push_str(&format!(
                "{name}\t{handle}\t{}\t{}\n",
                row["table"].as_str().expect("a table"),
                key(row)
            ));
        }
    }
    if std::env::var_os("CRM_SEED_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path(), &made).expect("fixtures/golden_ids.tsv");
        return;
    }
    let golden = std::fs::read_to_string(path()).expect("fixtures/golden_ids.tsv");
    let moved: Vec<&str> = made.lines().filter(|line| !golden.lines().any(|other| other == *line)).collect();
    let lost: Vec<&str> = golden.lines().filter(|line| !made.lines().any(|other| other == *line)).collect();
    assert!(
        moved.is_empty() && lost.is_empty(),
        "ids that tests hold have moved. Now: {moved:#?}\nwere: {lost:#?}\nIf that is meant, write the golden \
         file anew: CRM_SEED_BLESS=1 cargo test golden"
    );
    assert_eq!(made, golden);
}

#[test]
fn no_two_scenarios_share_an_id() {
    let text = std::fs::read_to_string(path()).expect("fixtures/golden_ids.tsv");
    let mut owners: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [scenario, _, table, key] = fields[..] else { panic!("{line}") };
        let id = key.strip_prefix("id=").and_then(|id| id.parse::<i64>().ok());
        if id.is_some_and(|id| id >= FIRST_ID) {
            let owner = owners.insert((table, key), scenario);
            assert_eq!(owner, None, "{line}");
            assert!(id.is_some_and(|id| id <= i64::from(i32::MAX)), "{line}");
        }
    }
    assert!(owners.len() > 1000, "{}", owners.len());
}

#[test]
fn ids_are_the_same_for_any_seed_day_and_base() {
    let plain = handles("-s multi-stakeholder");
    for arguments in ["--seed 7", "--as-of 2030-06-30", "--jobs 1", "--format jsonl"] {
        assert_eq!(handles(&format!("-s multi-stakeholder {arguments}")), plain, "{arguments}");
    }
    let together = handles("-s multi-stakeholder -s task-inbox -s default");
    for (handle, row) in plain.as_object().expect("an object") {
        // What is made beside rows of several scenarios may be called alike.
        let named = &together[handle];
        let other = &together[format!("multi-stakeholder/{handle}")];
        assert!(named == row || other == row, "{handle}: {row}");
    }
    let Some(db) = Database::seeded("--seed 3") else { return };
    let crm = Crm::new();
    crm.ok(&format!("-s multi-stakeholder --seed 3 --handles ids.json {}", db.option()));
    assert_eq!(read(&crm, "ids.json"), plain);
}

#[test]
fn every_handle_leads_to_its_row() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    for name in ["high-value-pipeline", "contact-of-many-organizations", "task-inbox", "soft-deleted"] {
        crm.ok(&format!("-s {name} --handles ids.json {}", db.option()));
        let handles = read(&crm, "ids.json");
        let handles = handles.as_object().expect("an object");
        assert!(handles.len() > 5, "{name}");
        for (handle, row) in handles {
            let table = row["table"].as_str().expect("a table");
            let found =
                db.number(&format!("SELECT count(*) FROM {table} WHERE {}", key(row).replace(',', " AND ")));
            assert_eq!(found, 1, "{handle} of {name}: {row}");
        }
        // And every explicit row has a handle.
        let shown = crm.json(&format!("scenario show {name}"));
        for row in shown["explicit"].as_array().expect("an array") {
            let handle = row["handle"].as_str().expect("a handle");
            assert_eq!(handles[handle]["table"], row["table"], "{handle} of {name}");
        }
    }
    let handles = read(&crm, "ids.json");
    let deals = db.number(&format!(
        "SELECT count(*) FROM opportunities WHERE id IN ({})",
        handles
            .as_object()
            .expect("an object")
            .values()
            .filter(|row| row["table"] == "opportunities")
            .map(|row| row["id"].to_string())
            .collect::<Vec<_>>()
            .join(", ")
    ));
    assert_eq!(deals, 5);
}

#[test]
fn the_file_s_ending_says_what_is_written() {
    let crm = Crm::new();
    for file in ["ids.json", "ids.env", ".env.ts", "e2e.test.ts"] {
        crm.ok(&format!("generate --quiet --out files -s high-value-pipeline --handles {file}"));
    }
    let text = |file: &str| std::fs::read_to_string(crm.directory().join(file)).expect("the handles");
    let handles = read(&crm, "ids.json");
    let id = &handles["enterprise-deal"]["id"];
    assert!(id.as_i64().is_some_and(|id| id > FIRST_ID));
    let env = text("ids.env");
    assert!(env.lines().any(|line| line == format!("ENTERPRISE_DEAL_ID={id}")), "{env}");
    assert!(env.starts_with("# Made by crm-seed; checksum "), "{env}");
    let is_variable = |line: &str| {
        let (name, value) = line.split_once('=').expect("NAME=value");
        name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            && value.parse::<u64>().is_ok()
    };
    assert!(env.lines().skip(1).all(is_variable), "{env}");
    let script = text("e2e.test.ts");
    assert_eq!(script, text(".env.ts"));
    let (before, rest) = script.split_once("export const handles = ").expect("constants");
    assert!(before.lines().all(|line| line.starts_with("//")), "{before}");
    let (object, _) = rest.split_once(" as const;").expect("constants");
    assert_eq!(serde_json::from_str::<Value>(object).expect("an object"), handles);
}

#[test]
fn an_ending_that_nobody_knows_is_refused_before_anything_is_done() {
    let crm = Crm::new();
    for file in ["ids.yaml", "ids", "json.", "directory/"] {
        let outcome = crm.run(&format!("-s high-value-pipeline --handles {file} --database-url {NOWHERE}"));
        outcome.fails(2).telling(file.trim_end_matches('/')).telling(".json, .env or .ts");
    }
    assert_eq!(crm.names_in(""), [""; 0]);
}

#[test]
fn handles_on_stdout_are_all_that_is_there() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let plain = handles("-s high-value-pipeline");
    for more in ["", "--json", "--quiet"] {
        let outcome = crm.ok(&format!("-s high-value-pipeline --handles - {more} {}", db.option()));
        assert_eq!(outcome.json(), plain, "{more}");
        assert_eq!(outcome.stderr.is_empty(), more == "--quiet", "{more}: {outcome:#?}");
    }
    let outcome = crm.ok("generate --out files -s high-value-pipeline --handles -");
    assert_eq!(outcome.json(), plain);
    crm.run("generate --out - --format copy -s high-value-pipeline --handles -").fails(2).telling("stdout");
}

#[test]
fn handles_are_written_also_where_nothing_was_to_be_done() {
    let Some(db) = Database::seeded("-s high-value-pipeline") else { return };
    let crm = Crm::new();
    let report = crm.json(&format!("-s high-value-pipeline --if-changed --handles ids.json {}", db.option()));
    assert_eq!(report["changed"], false);
    assert_eq!(read(&crm, "ids.json"), handles("-s high-value-pipeline"));
}

#[test]
fn a_failed_run_leaves_the_handles_that_were_there() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    crm.write("ids.json", "{}");
    let wrong = serde_json::json!({
        "rows": { "organizations": { "a": { "organization_type": "customer" } } },
        "expect": [{ "name": "no", "sql": "SELECT 1", "equals": 2 }],
    });
    own(&crm, "wrong", &wrong);
    crm.run(&format!("-s wrong.json --handles ids.json {}", db.option())).fails(5);
    assert_eq!(read(&crm, "ids.json"), serde_json::json!({}));
    // Nor does a plan write any.
    crm.ok(&format!("-s high-value-pipeline --dry-run --handles ids.json {}", db.option()));
    assert_eq!(read(&crm, "ids.json"), serde_json::json!({}));
}

#[test]
fn base_rows_that_a_row_refers_to_have_handles_too() {
    let crm = Crm::new();
    own(
        &crm,
        "third",
        &serde_json::json!({
            "counts": { "principals": 2, "distributors": 1, "customers": 4, "opportunities": 6 },
            "rows": { "opportunities": { "deal": { "customer_organization_id": { "customer": 3 } } } },
        }),
    );
    crm.ok("generate --quiet --out files -s third.json --handles ids.json");
    let handles = read(&crm, "ids.json");
    assert_eq!(handles["deal.customer"]["table"], "organizations");
    assert!(handles["deal.customer"]["id"].as_i64().is_some_and(|id| id < FIRST_ID), "{handles:#}");
    assert!(handles["deal"]["id"].as_i64().is_some_and(|id| id >= FIRST_ID), "{handles:#}");
}

#[test]
fn another_row_of_the_file_moves_no_id() {
    let crm = Crm::new();
    let ids = |rows: &str| {
        let file = format!(
            r#"{{"name": "mine", "title": "t", "description": "d", "rows": {{"organizations": {{{rows}}}}}}}"#
        );
        crm.write("mine.json", &file);
        crm.ok("generate --quiet --out files -s mine.json --handles ids.json");
        read(&crm, "ids.json")
    };
    let before = ids(r#""b": {}, "c": {}"#);
    let after = ids(r#""a": {}, "b": {}, "x": {}, "c": {}"#);
    for (handle, row) in before.as_object().expect("an object") {
        assert_eq!(&after[handle], row, "{handle}");
    }
}
