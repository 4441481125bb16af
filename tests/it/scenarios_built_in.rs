//! Every built-in scenario on a server: it loads, keeps the rules or breaks just those that it
//! says, loads again, and goes, alone and beside a base.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::harness::{Crm, Database, Server};
use crate::scenarios::{base, broken, built_in, declared, names, rows};

/// The demo is as of today; this one does not move.
const STILL: &str = "--as-of 2026-05-20";

fn as_of(name: &str) -> &'static str {
    if name == "demo" { STILL } else { "" }
}

/// Does `what` with every name, two at a time.
fn each(names: Vec<String>, what: impl Fn(&str) + Sync) {
    let left = Mutex::new(names);
    let next = || left.lock().expect("nobody panics in here").pop();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(name) = next() {
                    eprintln!("scenario {name}");
                    what(&name);
                }
            });
        }
    });
}

#[test]
fn the_built_in_scenarios_are_the_files_of_the_directory() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files = std::fs::read_dir(directory).expect("scenarios/").flatten();
    let files = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let files: BTreeSet<String> = files
        .filter(|file| !file.ends_with(".schema.json"))
        .filter_map(|file| file.strip_suffix(".json").map(str::to_owned))
        .collect();
    assert_eq!(names().into_iter().collect::<BTreeSet<_>>(), files);
    for line in built_in() {
        assert_eq!(line["error"], serde_json::Value::Null, "{line}");
        assert!(line["title"].as_str().is_some_and(|title| !title.is_empty()), "{line}");
        assert!(line["catches"].as_str().is_some_and(|catches| !catches.is_empty()), "{line}");
    }
}

#[test]
fn scenarios_load_break_what_they_say_load_again_and_go() {
    if Server::shared().is_none() {
        return;
    }
    let listed = built_in();
    each(names(), |name| {
        let db = Database::empty().expect("a server");
        let crm = Crm::new();
        let load = format!("-s {name} {} {}", as_of(name), db.option());

        let report = crm.json(&load);
        assert_eq!((&report["changed"], &report["scenario"]), (&true.into(), &name.into()));
        let line = listed.iter().find(|line| line["name"] == name).expect("its line");
        assert_eq!(report["rows"], line["rows"], "{name}");
        let before = db.digests();
        assert_eq!(rows(&db), report["rows"].as_i64().expect("a number"), "{name}");

        assert_eq!(broken(&crm, &db.option()), declared(name), "{name}");
        crm.ok(&format!("verify {}", db.option()));

        let active = "SELECT count(*) FROM opportunities WHERE deleted_at IS NULL AND status = 'active'";
        let summary = "SELECT coalesce(sum(opportunity_count), 0) FROM opportunity_pipeline_summary";
        assert_eq!(db.number(summary), db.number(active), "{name}");

        let again = crm.json(&load);
        assert_eq!(db.digests(), before, "{name}, loaded again");
        // Where there is nothing but base rows, they stay.
        assert_eq!(again["changed"], report["scenarios"] != serde_json::json!([]) || name == "empty-crm");

        crm.ok(&format!("scenario unload {name} {}", db.option()));
        let left: Vec<_> = db.counts().into_iter().filter(|(_, rows)| *rows > 0).collect();
        assert_eq!(left, [], "{name} leaves rows");
        assert_eq!(db.number("SELECT count(*) FROM opportunity_pipeline_summary"), 0, "{name}");
    });
}

#[test]
fn scenarios_stand_beside_a_base_and_leave_it_as_it_was() {
    // The day that two of them have of their own; rules are held to the base's.
    let Some(template) = Database::seeded("--seed 42 --as-of 2026-01-15") else { return };
    let server = Server::shared().expect("a server");
    let databases = Mutex::new(vec![server.database_like(&template), server.database_like(&template)]);
    let (before, everything) = (base(&template), template.digests());
    let has_base = |name: &str| matches!(name, "default" | "demo" | "no-opportunities");
    let names = names().into_iter().filter(|name| !has_base(name)).collect();
    each(names, |name| {
        let db = databases.lock().expect("ours").pop().expect("one for each of us");
        let crm = Crm::new();
        let report = crm.json(&format!("-s {name} --as-of 2026-01-15 {}", db.option()));
        assert_eq!(base(&db), before, "beside {name}");
        assert_eq!(broken(&crm, &db.option()), declared(name), "{name} beside a base");
        let beside: i64 = everything.values().map(|digest| count(digest)).sum();
        assert_eq!(rows(&db) - beside, report["rows"].as_i64().expect("a number"), "{name}");

        crm.ok(&format!("scenario unload {name} {}", db.option()));
        assert_eq!((base(&db), db.digests()), (before.clone(), everything.clone()), "without {name}");
        databases.lock().expect("ours").push(db);
    });
}

/// The rows of which a digest is.
fn count(digest: &str) -> i64 {
    digest.split(' ').next().and_then(|count| count.parse().ok()).expect("a count")
}

#[test]
fn scenarios_with_a_base_do_not_take_another_one_s_place() {
    let Some(db) = Database::seeded("--seed 42") else { return };
    let before = db.digests();
    for name in ["demo", "no-opportunities"] {
        Crm::new().run(&format!("-s {name} {}", db.option())).fails(3).telling("already contain");
        assert_eq!(db.digests(), before, "{name}");
    }
    // The default one's base is what is there.
    let again = Crm::new().json(&format!("-s default {}", db.option()));
    assert_eq!(again["changed"], false);
    assert_eq!(db.digests(), before);
}

#[test]
fn all_scenarios_stand_side_by_side() {
    // The day that two of them have of their own.
    let Some(db) = Database::seeded("--seed 42 --as-of 2026-01-15") else { return };
    let (crm, before, everything) = (Crm::new(), base(&db), db.digests());
    // These bring another base.
    let names: Vec<String> =
        names().into_iter().filter(|name| !matches!(name.as_str(), "demo" | "no-opportunities")).collect();
    let wanted: String = names.iter().map(|name| format!("-s {name} ")).collect();
    crm.ok(&format!("{wanted} {}", db.option()));
    assert_eq!(base(&db), before);
    crm.ok(&format!("verify {}", db.option()));
    let all: BTreeSet<String> = names.iter().flat_map(|name| declared(name)).collect();
    assert_eq!(broken(&crm, &db.option()), all);
    // Theirs is the base, to which some of the others refer.
    crm.run(&format!("scenario unload default {}", db.option()))
        .fails(3)
        .telling("still reference rows of scenario");
    for name in names.iter().filter(|name| *name != "default") {
        crm.ok(&format!("scenario unload {name} {}", db.option()));
    }
    assert_eq!(db.digests(), everything);
    crm.ok(&format!("scenario unload default {}", db.option()));
    assert_eq!(rows(&db), 0);
}

#[test]
fn the_demo_is_as_of_today() {
    let Some(db) = Database::empty() else { return };
    let report = Crm::new().json(&format!("-s demo {}", db.option()));
    let far = "SELECT count(*) FROM tasks WHERE id >= 2000000000 AND abs(due_date - current_date) > 40";
    assert_eq!(db.number(far), 0, "{}", report["as_of"]);
    assert_eq!(broken(&Crm::new(), &db.option()), declared("demo"));
}
