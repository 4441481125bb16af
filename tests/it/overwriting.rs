//! What a user wrote is not overwritten: files of handles, generated files, scenarios and their schema.

use std::fs;
use std::os::unix::fs::symlink;

use crate::harness::{Crm, wait_for};

const SCENARIO: &str = "generate --quiet --out files -s high-value-pipeline";

fn bytes(crm: &Crm, name: &str) -> Vec<u8> {
    fs::read(crm.directory().join(name)).expect("a file")
}

#[test]
fn a_file_of_the_user_s_is_not_taken_for_handles() {
    let crm = Crm::new();
    for (name, text) in [
        (".env", &b"API_KEY=caf\xe9\n"[..]),
        ("a.env", b"API_KEY=1\n"),
        ("b.env", b"# Made by crm-seed.\nAPI_KEY=1\n"),
        ("c.env", b"# Made by crm-seed; checksum 0123456789abcdef0123456789abcdef\nAPI_KEY=1\n"),
        ("a.json", b"\xff\xfe{\x00}\x00"),
        ("b.json", b"{\"ann\": {\"table\": \"users\", \"password\": \"x\"}}"),
        ("c.json", b"[1]"),
        ("a.ts", b"export const handles = {};\n"),
    ] {
        fs::write(crm.directory().join(name), text).expect("a file");
        let outcome = crm.run(&format!("{SCENARIO} --handles {name}")).fails(3);
        outcome.telling(name).telling("crm-seed did not write it");
        assert_eq!(bytes(&crm, name), text, "{name}");
        assert_eq!(crm.names_in("files"), [""; 0], "nothing is generated first");
    }
}

#[test]
fn handles_of_one_s_own_are_replaced_until_they_are_edited() {
    let crm = Crm::new();
    for name in ["ids.json", "ids.env", "ids.ts"] {
        fs::write(crm.directory().join(name), "").expect("an empty file");
        crm.ok(&format!("{SCENARIO} --handles {name}"));
        let first = bytes(&crm, name);
        crm.ok(&format!("generate --quiet --out files -s task-inbox --handles {name}"));
        assert_ne!(bytes(&crm, name), first, "{name}");
        crm.ok(&format!("{SCENARIO} --handles {name}"));
        assert_eq!(bytes(&crm, name), first, "{name}");
        // As version control may check it out.
        let text = String::from_utf8(first).expect("UTF-8");
        crm.write(name, &text.replace('\n', "\r\n"));
        crm.ok(&format!("{SCENARIO} --handles {name}"));
        let edited = format!("{text}SECRET=1\n");
        crm.write(name, &edited);
        crm.run(&format!("{SCENARIO} --handles {name}")).fails(3).telling("it was edited");
        assert_eq!(bytes(&crm, name), edited.as_bytes(), "{name}");
    }
}

#[test]
fn handles_go_where_a_link_leads() {
    let crm = Crm::new();
    crm.write("shared/x", "");
    symlink("shared/ids.json", crm.directory().join("ids.json")).expect("a link");
    for _ in 0..2 {
        crm.ok(&format!("{SCENARIO} --handles ids.json"));
        assert!(crm.directory().join("ids.json").is_symlink());
        assert!(bytes(&crm, "shared/ids.json").starts_with(b"{\n"));
    }
    crm.write("shared/ids.json", "{\"mine\": 1}");
    crm.run(&format!("{SCENARIO} --handles ids.json")).fails(3);
    assert_eq!(bytes(&crm, "shared/ids.json"), b"{\"mine\": 1}");
}

#[test]
fn generated_files_take_the_place_of_no_others() {
    let crm = Crm::new();
    crm.write("data/contacts.csv", "mine");
    crm.write("data/tasks.csv", "mine, too");
    crm.write("data/notes.txt", "in nobody's way");
    let outcome = crm.run("generate --out data").fails(3);
    outcome.telling("in data").telling("contacts.csv, tasks.csv").telling("--force");
    assert_eq!(crm.names_in("data"), ["contacts.csv", "notes.txt", "tasks.csv"]);
    assert_eq!(bytes(&crm, "data/contacts.csv"), b"mine");
    // Other files of that directory are in nobody's way.
    crm.ok("generate --out data --format sql");
    crm.ok("generate --out data --table products");
    crm.run("generate --out data").fails(3).telling("contacts.csv, tasks.csv").silent_about("products.csv,");
    crm.ok("generate --out data --force");
    crm.ok("generate --out other");
    assert_eq!(bytes(&crm, "data/contacts.csv"), bytes(&crm, "other/contacts.csv"));
    assert_eq!(bytes(&crm, "data/notes.txt"), b"in nobody's way");
    // They are its own from then on.
    crm.ok("generate --out data --seed 7");
}

#[test]
fn generated_files_are_replaced_until_they_are_edited() {
    let crm = Crm::new();
    crm.ok("generate --out data --seed 1");
    crm.ok("generate --out data --seed 2 --format jsonl");
    crm.ok("generate --out data --seed 3");
    let mut text = bytes(&crm, "data/products.csv");
    let last = text.len() - 2;
    text[last] ^= 1;
    fs::write(crm.directory().join("data/products.csv"), &text).expect("a file");
    let outcome = crm.run("generate --out data --seed 4").fails(3);
    outcome.telling("that were edited: products.csv").silent_about("contacts.csv");
    assert_eq!(bytes(&crm, "data/products.csv"), text);
    // A file that is gone is no hindrance, and a copy is as good as the file.
    fs::remove_file(crm.directory().join("data/products.csv")).expect("a file");
    crm.ok("generate --out data --seed 5");
    fs::rename(crm.directory().join("data"), crm.directory().join("moved")).expect("a directory");
    crm.ok("generate --out moved --seed 6");
}

#[test]
fn links_and_a_note_of_somebody_else_s_are_not_replaced() {
    let crm = Crm::new();
    crm.write("elsewhere/contacts.csv", "mine");
    crm.write("data/x", "");
    symlink("../elsewhere/contacts.csv", crm.directory().join("data/contacts.csv")).expect("a link");
    crm.run("generate --out data").fails(3).telling("contacts.csv");
    fs::remove_file(crm.directory().join("data/contacts.csv")).expect("a link");
    crm.write("data/.crm-seed-files.json", "{\"mine\": 1}");
    crm.run("generate --out data").fails(3).telling(".crm-seed-files.json");
    assert_eq!(bytes(&crm, "elsewhere/contacts.csv"), b"mine");
    assert_eq!(bytes(&crm, "data/.crm-seed-files.json"), b"{\"mine\": 1}");
}

#[test]
fn a_file_that_comes_in_the_way_while_others_are_made_is_kept() {
    let crm = Crm::new();
    crm.ok("generate --out data --seed 1 --table tasks");
    let running = crm.spawn("generate --out data --scale 300");
    wait_for("a file", || crm.names_in("data").iter().any(|name| name.ends_with(".part")).then_some(()));
    crm.write("data/contacts.csv", "mine");
    running.wait().fails(3).telling("contacts.csv");
    assert_eq!(bytes(&crm, "data/contacts.csv"), b"mine");
    assert_eq!(crm.names_in("data"), ["contacts.csv", "tasks.csv"]);
}

#[test]
fn a_new_scenario_takes_the_place_of_nothing() {
    let crm = Crm::new();
    crm.write("mine/taken.json", "{}");
    symlink("nowhere.json", crm.directory().join("mine/linked.json")).expect("a link");
    for name in ["taken", "linked"] {
        crm.run(&format!("scenario new {name} --scenario-dir mine")).fails(3).telling("already exists");
    }
    assert_eq!(crm.names_in("mine"), ["linked.json", "taken.json"]);
    // The schema is, where it is crm-seed's; an older one says so by its checksum.
    crm.ok("scenario new first --scenario-dir mine").silent_about("kept");
    let schema = bytes(&crm, "mine/scenario.schema.json");
    crm.ok("scenario new second --scenario-dir mine").silent_about("kept");
    assert_eq!(bytes(&crm, "mine/scenario.schema.json"), schema);
    let edited = String::from_utf8(schema).expect("UTF-8").replacen("crm-seed", "us", 1);
    for text in [edited.as_str(), "{\"title\": \"mine\"}", "no JSON"] {
        crm.write("mine/scenario.schema.json", text);
        let name = format!("third-{}", text.len());
        let outcome = crm.ok(&format!("scenario new {name} --scenario-dir mine"));
        outcome.telling("note: kept mine/scenario.schema.json");
        assert_eq!(bytes(&crm, "mine/scenario.schema.json"), text.as_bytes());
    }
}

#[test]
fn a_configuration_is_begun_through_no_link() {
    let crm = Crm::new();
    symlink("nowhere.toml", crm.directory().join("crm-seed.toml")).expect("a link");
    crm.run("init --database-url postgres://app@127.0.0.1:1/crm").fails(3).telling("already exists");
}
