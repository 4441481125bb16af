//! A scenario is the same by whatever way it goes; what a seed and a day change, and what not.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Crm, Database, read_rows};
use crate::scenarios::{broken, names, own, rows};

const NAMES: &str = "-s multi-stakeholder -s soft-deleted -s awkward-names";

/// Name, rows and digest of every table of a report.
fn tables(report: &Value) -> Vec<(Value, Value, Value)> {
    let tables = report["tables"].as_array().expect("tables");
    tables
        .iter()
        .map(|table| (table["name"].clone(), table["rows"].clone(), table["digest"].clone()))
        .collect()
}

#[test]
fn what_is_generated_is_what_is_loaded() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    for arguments in [NAMES, "-s boundary-values", "-s default -s big-customer"] {
        let loaded = crm.json(&format!("--clean {arguments} {}", db.option()));
        let before = db.digests();
        for format in ["csv", "sql", "jsonl", "copy"] {
            let made = crm.json(&format!("generate --out {format} --format {format} {arguments}"));
            assert_eq!(made["rows"], loaded["rows"], "{arguments} as {format}");
            assert_eq!(made["scenarios"], loaded["scenarios"], "{arguments} as {format}");
            assert_eq!(tables(&made), tables(&loaded), "{arguments} as {format}");
            assert_eq!(made["digest"], loaded["digest"], "{arguments} as {format}");
        }
        // And by psql, into the tables as they are.
        for format in ["sql", "copy"] {
            let files = crm.names_in(format);
            let script: Vec<&String> = files.iter().filter(|file| file.ends_with(".sql")).collect();
            let script =
                std::fs::read_to_string(crm.directory().join(format).join(script[0])).expect("a script");
            db.run(&format!("TRUNCATE organizations, contacts CASCADE;\n{script}"));
            assert_eq!(db.digests(), before, "{arguments} by psql, as {format}");
        }
        // Parents first.
        let order: Vec<String> = tables(&loaded)
            .iter()
            .map(|(name, ..)| {
                let name = name.as_str().expect("a name");
                let header =
                    std::fs::read_to_string(crm.directory().join(format!("csv/{name}.csv"))).expect("a file");
                let columns = header.lines().next().expect("a header").to_owned();
                format!(
                    "\\copy {name} ({columns}) FROM '{}/csv/{name}.csv' WITH (FORMAT csv, HEADER true)\n",
                    crm.directory().display()
                )
            })
            .collect();
        db.run(&format!("TRUNCATE organizations, contacts CASCADE;\n{}", order.concat()));
        assert_eq!(db.digests(), before, "{arguments} from CSV");
    }
}

#[test]
fn threads_methods_and_batches_change_no_byte() {
    let (Some(one), Some(other)) = (Database::empty(), Database::empty()) else { return };
    let crm = Crm::new();
    let digest = crm.digest(&format!("{NAMES} --jobs 1 --method copy {}", one.option()));
    for more in
        ["--jobs 8 --method copy", "--jobs 1 --method insert", "--jobs 8 --method insert --batch-size 1"]
    {
        crm.json(&format!("--clean {NAMES} {more} {}", other.option()));
        assert_eq!(other.digests(), one.digests(), "{more}");
        // Laid over rows that others hold on to, too.
        other.run("CREATE TABLE IF NOT EXISTS ours (deal bigint REFERENCES opportunities (id))");
        other.run("INSERT INTO ours SELECT max(id) FROM opportunities; UPDATE opportunities SET name = 'x'");
        let again = crm.digest(&format!("{NAMES} {more} {}", other.option()));
        other.run("DROP TABLE ours");
        assert_eq!(other.digests(), one.digests(), "{more}, again");
        assert_eq!(again, digest, "{more}");
    }
    let made = crm.digest(&format!("generate --out files {NAMES} --jobs 8"));
    assert_eq!(crm.digest(&format!("generate --out files {NAMES} --jobs 1")), made);
}

#[test]
fn another_seed_changes_values_and_no_ids() {
    let (a, b) = (read_rows("-s multi-stakeholder --seed 42"), read_rows("-s multi-stakeholder --seed 43"));
    let keys = |rows: &crate::harness::Rows| -> BTreeSet<String> {
        let tables = rows.iter();
        // How many line items come to an amount hangs on their prices.
        let tables = tables.filter(|(name, _)| !matches!(name.as_str(), "opportunity_products"));
        tables.flat_map(|(name, rows)| rows.keys().map(move |key| format!("{name} {key}"))).collect()
    };
    assert_eq!(keys(&a), keys(&b));
    assert_ne!(a, b);
    // What the file gives stays.
    let deal = a["opportunities"].keys().next().expect("the deal");
    for column in ["id", "name", "stage", "amount", "customer_organization_id", "principal_organization_id"] {
        assert_eq!(a["opportunities"][deal][column], b["opportunities"][deal][column], "{column}");
    }
    let differ = |column: &str| {
        a["organizations"].iter().any(|(key, row)| row.get(column) != b["organizations"][key].get(column))
    };
    assert!(differ("phone") && !differ("name"));
}

#[test]
fn another_day_shifts_dates_and_nothing_else() {
    let (a, b) =
        (read_rows("-s task-inbox --as-of 2026-01-01"), read_rows("-s task-inbox --as-of 2026-01-11"));
    let is_date = |column: &str| column.ends_with("_at") || column.ends_with("_date");
    let mut shifted = 0;
    for (table, rows) in &a {
        assert_eq!(rows.keys().collect::<Vec<_>>(), b[table].keys().collect::<Vec<_>>(), "{table}");
        for (key, row) in rows {
            for (column, value) in row {
                let other = &b[table][key][column];
                if !is_date(column) {
                    assert_eq!(value, other, "{table}.{column} of {key}");
                } else if value != other {
                    shifted += 1;
                    let (value, other) = (value.as_str().expect("a date"), other.as_str().expect("a date"));
                    assert!(value < other, "{table}.{column} of {key}: {value} {other}");
                    assert_eq!(value.get(10..), other.get(10..), "{table}.{column} of {key}");
                }
            }
        }
    }
    assert!(shifted > 30, "{shifted}");
}

#[test]
fn a_seed_keeps_every_scenario_sound() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    for (seed, name) in (100..).zip(names().into_iter().filter(|name| name != "demo" && name != "default")) {
        let outcome = crm.run(&format!("--clean -s {name} --seed {seed} {}", db.option()));
        outcome.exits(0);
        let broken = broken(&crm, &db.option());
        let declared = crate::scenarios::declared(&name);
        assert!(broken.is_subset(&declared), "{name} with seed {seed}: {broken:?} and not {declared:?}");
    }
}

#[test]
fn a_table_and_a_column_that_the_target_lacks_are_left_out() {
    let (Some(db), Some(whole)) = (Database::migrated(), Database::migrated()) else { return };
    let crm = Crm::new();
    let file = serde_json::json!({ "rows": {
        "products": { "feta": { "category": "dairy" } },
        "product_inventory": { "stock": { "product_id": "@feta", "quantity_on_hand": 7 } },
        "opportunities": { "deal": { "stage": "new_lead", "competition": "Northfold Pantry", "amount": 900 } },
    } });
    own(&crm, "lacking", &file);
    db.run("DROP TABLE product_inventory CASCADE; ALTER TABLE opportunities DROP COLUMN competition CASCADE");
    let load = "-s lacking.json -s high-value-pipeline";
    crm.ok(&format!("{load} {}", whole.option()));
    assert_eq!(whole.number("SELECT count(*) FROM product_inventory WHERE quantity_on_hand = 7"), 1);
    let mut others = whole.digests();
    others.retain(|table, _| table != "product_inventory" && table != "opportunities");
    for _ in 0..2 {
        let report = crm.json(&format!("{load} {}", db.option()));
        let notes = report["notes"].as_array().expect("notes");
        let skips = |note: &Value| note["kind"] == "table_skipped" && note["table"] == "product_inventory";
        assert!(notes.iter().any(skips), "{report:#}");
        let mut loaded = db.digests();
        assert!(loaded.remove("opportunities").is_some_and(|digest| digest.starts_with("4 ")));
        assert_eq!(loaded, others);
    }
    crm.ok(&format!("verify {}", db.option()));
    for name in ["lacking", "high-value-pipeline"] {
        crm.ok(&format!("scenario unload {name} {}", db.option()));
    }
    assert_eq!(rows(&db), 0);
}
