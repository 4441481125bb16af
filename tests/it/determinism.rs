//! The same bytes, whichever way they go: threads, batches, methods, formats, servers.

use std::collections::BTreeMap;

use crate::harness::{Crm, Database};

type Digests = BTreeMap<String, String>;

/// Rows enough for several chunks in the larger tables, and for every worker.
const SIZE: &str = "--scale 25 --seed 9";

fn seeded(arguments: &str) -> Option<Digests> {
    Some(Database::seeded(&format!("{SIZE} {arguments}"))?.digests())
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let Some(one) = seeded("--jobs 1") else { return };
    assert_eq!(Some(one), seeded("--jobs 8"));
    let crm = Crm::new();
    let of = |jobs: u32| crm.digest(&format!("generate {SIZE} --out files --jobs {jobs}"));
    assert_eq!(of(1), of(8));
    assert_eq!(of(1), of(3));
}

#[test]
fn copy_and_insert_load_the_same_rows() {
    let Some(copied) = seeded("--method copy") else { return };
    for batch_size in [1, 7, 1024] {
        let inserted = seeded(&format!("--method insert --batch-size {batch_size}"));
        assert_eq!(Some(&copied), inserted.as_ref(), "batches of {batch_size}");
    }
}

#[test]
fn a_large_load_is_the_same_whether_indexes_are_built_after_it_or_not() {
    let large = "--scale 150 --seed 9";
    let Some(rebuilt) = Database::seeded(large) else { return };
    let kept = Database::seeded(&format!("{large} --no-rebuild")).expect("a server");
    assert_eq!(rebuilt.digests(), kept.digests());
    assert_eq!(rebuilt.schema(), kept.schema());
}

#[test]
fn the_digest_is_the_same_wherever_the_rows_go() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let copied = crm.digest(&format!("{SIZE} --clean {}", db.option()));
    let inserted = crm.digest(&format!("{SIZE} --clean --method insert {}", db.option()));
    assert_eq!(copied, inserted);
    for format in ["csv", "sql", "copy", "jsonl"] {
        let generated = crm.digest(&format!("generate {SIZE} --out {format} --format {format}"));
        assert_eq!(generated, copied, "{format}");
    }
}

/// What `script` leads to in a database that has the schema, after `generate` has written
/// `format` into the directory `files`.
fn loaded(format: &str, script: impl Fn(&Crm, &[String]) -> String) -> Option<Digests> {
    let db = Database::migrated()?;
    let crm = Crm::new();
    let report = crm.json(&format!("generate {SIZE} --format {format} --out files"));
    let tables = report["tables"].as_array().expect("tables").iter();
    let names: Vec<String> = tables.filter_map(|table| table["name"].as_str().map(String::from)).collect();
    db.run(&script(&crm, &names));
    Some(db.digests())
}

#[test]
fn csv_files_hold_what_copy_loads() {
    let script = |crm: &Crm, tables: &[String]| {
        let load = |table: &String| {
            let path = crm.directory().join("files").join(format!("{table}.csv"));
            let text = std::fs::read_to_string(&path).expect("a file");
            let header = text.lines().next().expect("a header");
            format!("\\copy {table} ({header}) FROM '{}' WITH (FORMAT csv, HEADER)\n", path.display())
        };
        tables.iter().map(load).collect()
    };
    let Some(from_files) = loaded("csv", script) else { return };
    assert_eq!(Some(from_files), seeded(""));
}

#[test]
fn json_lines_hold_what_copy_loads() {
    let script = |crm: &Crm, tables: &[String]| {
        let load = |table: &String| {
            let path = crm.directory().join("files").join(format!("{table}.jsonl"));
            format!(
                "TRUNCATE line;
                 \\copy line FROM '{}' WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')
                 INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, object)).* FROM line;\n",
                path.display()
            )
        };
        let loads: String = tables.iter().map(load).collect();
        format!("CREATE TEMPORARY TABLE line (object jsonb);\n{loads}")
    };
    let Some(from_files) = loaded("jsonl", script) else { return };
    assert_eq!(Some(from_files), seeded(""));
}

#[test]
fn the_scripts_hold_what_copy_loads() {
    let script = |crm: &Crm, _: &[String]| {
        format!("\\i {}\n", crm.directory().join("files").join("crm.sql").display())
    };
    let Some(statements) = loaded("sql", script) else { return };
    let Some(blocks) = loaded("copy", script) else { return };
    let direct = seeded("");
    assert_eq!(Some(statements), direct);
    assert_eq!(Some(blocks), direct);
}

#[cfg(feature = "embedded")]
#[test]
fn the_embedded_postgresql_holds_what_a_server_holds() {
    let Some(db) = Database::seeded(SIZE) else { return };
    let crm = Crm::new();
    let report = crm.json(SIZE);
    assert_eq!(report["digest"], Crm::new().json(&format!("{SIZE} --clean {}", db.option()))["digest"]);
    let (serving, embedded) = crate::embedded::serve(&crm);
    assert_eq!(embedded.digests(), db.digests());
    serving.signal("INT");
    serving.wait().exits(0);
}
