//! `crm-seed scenario list`, `show`, `new`, `check` and `schema`: none asks a database.

use serde_json::{Value, json};

use crate::harness::{Crm, Database};
use crate::scenarios::{built_in, names, text};

#[test]
fn list_has_a_line_for_each() {
    let crm = Crm::new();
    let lines = crm.ok("scenario list").stdout;
    let all = built_in();
    assert_eq!(lines.lines().count(), all.len());
    for (line, scenario) in lines.lines().zip(&all) {
        let (name, title) =
            (scenario["name"].as_str().expect("a name"), scenario["title"].as_str().expect("a title"));
        assert!(
            line.starts_with(&format!("{name} ")) && line.contains(title) && line.contains(" rows  "),
            "{line}"
        );
    }
    assert!(all.windows(2).all(|pair| pair[0]["name"].as_str() < pair[1]["name"].as_str()));
    assert_eq!(crm.names_in(""), [""; 0], "no database is made for it");
}

#[test]
fn list_has_those_of_a_directory_and_one_that_is_wrong_hides_none() {
    let crm = Crm::new();
    crm.write("mine/ours.json", &text("ours", &json!({})));
    crm.write("mine/wrong.json", "{");
    crm.write("mine/notes.txt", "no scenario");
    let list = crm.json("scenario list --scenario-dir mine");
    let list = list.as_array().expect("an array");
    assert_eq!(list.len(), names().len() + 2);
    let line = |name: &str| list.iter().find(|line| line["name"] == name).expect("its line");
    assert_eq!((&line("ours")["title"], &line("ours")["rows"]), (&json!("One of ours"), &json!(0)));
    assert!(line("ours")["file"].as_str().is_some_and(|file| file.ends_with("ours.json")));
    assert_eq!(line("wrong")["rows"], Value::Null);
    assert!(line("wrong")["error"].as_str().is_some_and(|error| error.contains("wrong.json:1:1: not JSON")));
    assert_eq!(line("demo")["file"], Value::Null);
    crm.ok("scenario list --scenario-dir mine").printing("(invalid: see `crm-seed scenario check wrong`)");
    crm.run("scenario list --scenario-dir nowhere").fails(2).telling("no such directory");
}

#[test]
fn show_is_a_tree_of_who_refers_to_whom() {
    let crm = Crm::new();
    let shown = crm.ok("scenario show multi-stakeholder").stdout;
    let depth = |text: &str| {
        let line =
            shown.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("{text} in {shown}"));
        line.len() - line.trim_start_matches([' ', '+']).len()
    };
    assert!(depth("buyer  organizations") < depth("complex-deal  opportunities"));
    assert!(depth("complex-deal  opportunities") < depth("party-partner  opportunity_participants"));
    assert!(shown.contains("\"Complex Multi-Party Deal\""));
    assert!(shown.contains("Violates on purpose: deal-names-say-who-buys"));
    assert!(shown.contains("one participant in each of the four roles"));
    for name in names() {
        let text = crm.ok(&format!("scenario show {name}")).stdout;
        assert!(text.starts_with(&format!("{name}: ")) && !text.contains('\u{1b}'), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 400), "{name}");
    }
    let outcome = crm.run("scenario show multi-stakholder").fails(2);
    outcome.telling("did you mean `multi-stakeholder`?");
}

#[test]
fn show_as_json_tells_what_is_loaded() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let shown = crm.json("scenario show task-inbox");
    let report = crm.json(&format!("-s task-inbox {}", db.option()));
    assert_eq!(shown["rows"], report["rows"]);
    for row in shown["explicit"].as_array().expect("an array") {
        let Some(id) = row["id"].as_i64() else { continue };
        let table = row["table"].as_str().expect("a table");
        assert_eq!(db.number(&format!("SELECT count(*) FROM {table} WHERE id = {id}")), 1, "{row}");
        for refers in row["refers_to"].as_array().expect("an array") {
            let (column, to) = (refers["column"].as_str().expect("a column"), &refers["id"]);
            assert_eq!(
                db.number(&format!("SELECT {column} FROM {table} WHERE id = {id}")),
                to.as_i64().expect("an id"),
                "{row}"
            );
        }
    }
}

#[test]
fn new_writes_a_file_that_is_right() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    crm.ok("scenario new my-first-one").printing("my-first-one.json");
    assert_eq!(crm.names_in(""), ["my-first-one.json", "scenario.schema.json"]);
    let text = std::fs::read_to_string(crm.directory().join("my-first-one.json")).expect("the file");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(file["name"], "my-first-one");
    assert!(text.contains("$comment"));
    crm.ok("scenario check my-first-one.json");
    crm.ok(&format!("-s my-first-one.json {}", db.option()));
    crm.ok(&format!("verify {}", db.option()));
    crm.ok(&format!("scenario unload my-first-one {}", db.option()));

    crm.run("scenario new my-first-one").fails(3).telling("already exists");
    assert_eq!(std::fs::read_to_string(crm.directory().join("my-first-one.json")).ok(), Some(text));
    crm.ok("scenario new other --scenario-dir deep/er");
    assert_eq!(crm.names_in("deep/er"), ["other.json", "scenario.schema.json"]);
    crm.ok("scenario check other --scenario-dir deep/er");
    for bad in ["../up", "UPPER", "a_b", "x.json", "a;b"] {
        crm.run(&format!("scenario new {bad}")).fails(2);
    }
    assert!(!crm.names_in("..").contains(&"up.json".to_owned()));
}

#[test]
fn check_tells_what_is_right() {
    let crm = Crm::new();
    let all = names().join(" ");
    let told = crm.ok(&format!("scenario check {all}")).stdout;
    assert_eq!(told.lines().filter(|line| line.starts_with("ok  ")).count(), names().len());
    let paths: Vec<String> =
        names().iter().map(|name| format!("{}/scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"))).collect();
    crm.ok(&format!("scenario check {}", paths.join(" ")));
    assert_eq!(crm.ok(&format!("scenario check -q {all}")).stdout, "");
    crm.run("scenario check").exits(2);
    assert_eq!(crm.names_in(""), [""; 0]);
}

#[test]
fn the_schema_is_the_one_that_is_kept() {
    let schema = Crm::new().ok("scenario schema").stdout;
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/scenario.schema.json");
    let kept = std::fs::read_to_string(kept).expect("scenarios/scenario.schema.json");
    let parse = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(parse(&schema), parse(&kept));
}
