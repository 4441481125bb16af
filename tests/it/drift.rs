//! Schemas that came down from the CRM and moved away from it: each is filled with no configuration, coherent
//! by its own queries, and the same again.

use std::sync::OnceLock;

use crate::harness::{Crm, Database, Server};

/// The schemas of `fixtures/schemas`, and what of them nothing asks for.
pub const SCHEMAS: [(&str, &str); 11] = [
    ("uuid_keys", ""),
    ("camel_case", ""),
    ("companies", ""),
    ("all_enums", ""),
    ("all_checks", ""),
    ("supabase_users", ""),
    ("partitioned", ""),
    ("cycles", ""),
    ("uniques", "--include kitchen_bookings,notification_settings"),
    ("lookups", ""),
    ("documents", ""),
];

fn path(name: &str) -> String {
    format!("{}/fixtures/schemas/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The server on which databases with one of these schemas are.
pub fn server(name: &str) -> Option<&'static Server> {
    // Its roles are those of its cluster, where the bundled migrations would find them.
    static OTHER: OnceLock<Option<Server>> = OnceLock::new();
    match name {
        "supabase_users" => OTHER.get_or_init(Server::start).as_ref(),
        _ => Server::shared(),
    }
}

/// A database with one of these schemas.
pub fn database(name: &str) -> Option<Database> {
    let db = server(name)?.database();
    let sql = std::fs::read_to_string(path(&format!("{name}.sql"))).expect("a schema");
    db.run(&sql);
    Some(db)
}

/// The queries of a schema that must return no row: what each is about, and the query.
fn queries(name: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(path(&format!("{name}.verify.sql"))).expect("queries");
    let mut queries = Vec::new();
    for piece in text.split(";\n") {
        let is_remark = |line: &&str| line.starts_with("--");
        let what: Vec<&str> =
            piece.lines().filter(is_remark).map(|line| line.trim_start_matches("-- ")).collect();
        let sql: Vec<&str> = piece.lines().filter(|line| !is_remark(line)).collect();
        if !sql.concat().trim().is_empty() {
            queries.push((what.join(" "), sql.join("\n")));
        }
    }
    queries
}

/// What of a schema's own queries finds a row.
pub fn broken(db: &Database, name: &str) -> Vec<String> {
    let found = queries(name).into_iter().filter_map(|(what, sql)| {
        let rows = db.run(&sql);
        let first: Vec<&str> = rows.lines().take(2).collect();
        (!rows.trim().is_empty()).then(|| format!("{what}: {}", first.join(" / ")))
    });
    found.collect()
}

#[test]
fn every_schema_is_filled_coherently_and_the_same_again() {
    for (name, options) in SCHEMAS {
        let Some(db) = database(name) else { return };
        assert!(queries(name).len() > 10, "{name}");
        let command = format!("--clean --seed 42 {options} {}", db.option());
        let digest = Crm::new().digest(&command);
        assert_eq!(broken(&db, name), [""; 0], "{name}");
        // A log that triggers write goes on.
        let rows = || db.digests().into_iter().filter(|(table, _)| table != "audit_log").collect::<Vec<_>>();
        let before = rows();
        assert_eq!(Crm::new().digest(&command), digest, "{name} again");
        assert_eq!(Crm::new().digest(&format!("{command} --jobs 1")), digest, "{name} by one thread");
        assert_eq!(rows(), before, "{name} again");
    }
}

#[test]
fn insert_loads_what_copy_loads() {
    for name in ["uuid_keys", "all_checks", "cycles", "partitioned"] {
        let (Some(copied), Some(inserted)) = (database(name), database(name)) else { return };
        Crm::new().ok(&format!("--clean --seed 7 --no-ledger {}", copied.option()));
        Crm::new().ok(&format!(
            "--clean --seed 7 --no-ledger --method insert --batch-size 7 {}",
            inserted.option()
        ));
        assert_eq!(copied.digests(), inserted.digests(), "{name}");
        assert_eq!(broken(&inserted, name), [""; 0], "{name}");
    }
}

#[test]
fn the_database_computes_one_digest_whatever_the_method_and_the_server() {
    for name in ["uuid_keys", "companies"] {
        let (Some(copied), Some(inserted)) = (database(name), database(name)) else { return };
        let crm = Crm::new();
        let digest = |arguments: &str| {
            let report = crm.json(&format!("--digest-from-database --no-ledger {arguments}"));
            report["digest_from_database"].as_str().expect("a digest").to_owned()
        };
        let one = digest(&format!("--seed 7 {}", copied.option()));
        assert_eq!(one.len(), 32);
        assert_eq!(one, digest(&format!("--seed 7 --method insert {}", inserted.option())), "{name}");
        assert_ne!(one, digest(&format!("--seed 8 --clean --cascade --yes {}", inserted.option())), "{name}");
        // It is of what is there, not of what was sent.
        let table = if name == "companies" { "companies" } else { "organizations" };
        copied.run(&format!("UPDATE {table} SET name = 'Somebody Else' WHERE name LIKE '%a%'"));
        let kept = digest(&format!("--if-empty {}", copied.option()));
        assert_ne!(one, kept, "{name}");
    }
}

#[test]
fn ten_times_as_much_is_coherent_too() {
    for name in ["companies", "lookups", "uuid_keys", "all_enums", "documents"] {
        let Some(db) = database(name) else { return };
        Crm::new().ok(&format!("--clean --scale 10 {}", db.option()));
        assert_eq!(broken(&db, name), [""; 0], "{name}");
    }
}

#[test]
fn another_column_moves_no_other_value() {
    let plain = "ADD COLUMN favourite_color text, ADD COLUMN seats integer NOT NULL";
    for (name, table, columns) in [
        ("companies", "contacts", plain),
        ("uuid_keys", "organizations", plain),
        ("documents", "orders", "ADD COLUMN packed_at timestamp, ADD COLUMN is_shipped boolean"),
        ("documents", "users", "ADD COLUMN full_name text, ADD COLUMN city text"),
    ] {
        let (Some(db), Some(wider)) = (database(name), database(name)) else { return };
        wider.run(&format!("ALTER TABLE {table} {columns}"));
        Crm::new().ok(&format!("--clean --no-ledger {}", db.option()));
        Crm::new().ok(&format!("--clean --no-ledger {}", wider.option()));
        let (before, after) = (db.column_digests(), wider.column_digests());
        for (column, digest) in &before {
            assert_eq!(after.get(column), Some(digest), "{name}: {column}");
        }
        assert_eq!(after.len(), before.len() + 2);
    }
}

#[test]
fn growth_leaves_the_first_rows_as_they_were() {
    let (Some(small), Some(large)) = (database("companies"), database("companies")) else { return };
    Crm::new().ok(&format!("--clean {}", small.option()));
    Crm::new().ok(&format!("--clean --opportunities 100 {}", large.option()));
    let own = "SELECT id, text, date FROM \"dealNotes\" WHERE id <= 500 ORDER BY id";
    assert_eq!(small.run(own), large.run(own));
    let names = "SELECT id, name, sector FROM companies WHERE id <= 28 ORDER BY id";
    assert_eq!(small.run(names), large.run(names));
}

#[test]
fn a_dry_run_says_what_is_taken_for_what_and_changes_nothing() {
    let Some(db) = database("companies") else { return };
    let before = db.schema();
    let outcome = Crm::new().ok(&format!("--dry-run --clean {}", db.option()));
    outcome
        .printing("(recognised as organizations)")
        .printing("(recognised as opportunities)")
        .printing("no foreign key declared")
        .printing("contact_organizations  skipped");
    assert_eq!(db.schema(), before);
    assert_eq!(db.number("SELECT count(*) FROM companies"), 0);
}

#[test]
fn rules_of_coherence_are_asked_under_other_names() {
    for (name, options) in SCHEMAS {
        let Some(db) = database(name) else { return };
        Crm::new().ok(&format!("--clean {options} {}", db.option()));
        let outcome = Crm::new().run(&format!("verify {}", db.option()));
        outcome.printing("ok ").exits(0);
    }
    let Some(db) = database("companies") else { return };
    Crm::new().ok(&format!("--clean {}", db.option()));
    db.run("UPDATE companies SET name = 'Same Name' WHERE id IN (3, 4)");
    Crm::new().run(&format!("verify {}", db.option())).printing("FAIL").exits(5);
}
