//! Every built-in scenario in the PostgreSQL inside the binary.

use crate::embedded::serve;
use crate::harness::{Binaries, Crm};
use crate::scenarios::{broken, declared, names};

#[test]
fn scenarios_load_and_break_what_they_say() {
    if Binaries::find().is_none() {
        return;
    }
    let crm = Crm::new();
    let (serving, db) = serve(&crm);
    for name in names() {
        let report = crm.json(&format!("--clean -s {name}"));
        assert_eq!(report["changed"], true, "{name}");
        assert_eq!(broken(&crm, ""), declared(&name), "{name}");
    }
    // All of them again and out, of a base of another day.
    crm.ok("--clean --as-of 2026-01-15");
    let before = db.digests();
    let names: Vec<String> =
        names().into_iter().filter(|name| !matches!(name.as_str(), "demo" | "no-opportunities")).collect();
    let all: String = names.iter().map(|name| format!("-s {name} ")).collect();
    crm.ok(&all);
    let loaded = db.digests();
    assert_ne!(loaded, before);
    crm.ok(&all);
    assert_eq!(db.digests(), loaded);
    for name in names.iter().filter(|name| *name != "default") {
        crm.ok(&format!("scenario unload {name}"));
    }
    assert_eq!(db.digests(), before);
    serving.signal("INT");
    serving.wait().exits(0);
}

#[test]
fn scenarios_need_nothing_but_the_binary() {
    let crm = Crm::new();
    let report = crm.json("-s multi-stakeholder");
    assert_eq!(crm.json("-s multi-stakeholder --if-changed")["changed"], false);
    assert_eq!(crm.json("-s multi-stakeholder")["changed"], true);
    crm.ok("verify");
    let told =
        format!("removed {} rows of scenario multi-stakeholder, in embedded PostgreSQL", report["rows"]);
    crm.ok("scenario unload multi-stakeholder").printing(&told);
    crm.ok("scenario unload multi-stakeholder").printing("nothing to do");
}
