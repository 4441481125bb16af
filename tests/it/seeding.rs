//! The main job: an empty database, one command, a coherent CRM.

use serde_json::Value;

use crate::harness::{Crm, Database};

const TABLES: [&str; 10] = [
    "organizations",
    "contacts",
    "products",
    "opportunities",
    "contact_organizations",
    "opportunity_participants",
    "opportunity_contacts",
    "opportunity_products",
    "product_inventory",
    "tasks",
];

#[test]
fn an_empty_database_gets_the_schema_and_the_rows() {
    let Some(db) = Database::empty() else { return };
    let outcome = Crm::new().ok(&format!("--clean --seed 42 {}", db.option()));
    outcome.printing("the database was empty: applied the 9 bundled migrations");
    let counts = db.counts();
    let mut names: Vec<&str> = counts.keys().map(String::as_str).collect();
    let mut wanted = TABLES;
    names.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    assert!(counts.values().all(|count| *count > 0), "{counts:?}");
    assert_eq!(db.number("SELECT count(*) FROM migration_history WHERE rolled_back_at IS NULL"), 9);
}

#[test]
fn the_default_counts_are_those_that_the_help_names() {
    let Some(db) = Database::seeded("") else { return };
    for (kind, count) in [("principal", 5), ("distributor", 3), ("customer", 20)] {
        let query = format!("SELECT count(*) FROM organizations WHERE organization_type = '{kind}'");
        assert_eq!(db.number(&query), count, "{kind}");
    }
    assert_eq!(db.number("SELECT count(*) FROM opportunities"), 50);
    let contacts = "SELECT min(n) || '..' || max(n) FROM (
        SELECT count(l.contact_id) AS n FROM organizations o
        LEFT JOIN contact_organizations l ON l.organization_id = o.id AND l.is_primary
        WHERE o.organization_type = 'customer' GROUP BY o.id) AS counts";
    assert_eq!(db.run(contacts), "2..5");
    let products = "SELECT min(n) >= 10 AND max(n) <= 20 FROM (
        SELECT count(p.id) AS n FROM organizations o LEFT JOIN products p ON p.principal_id = o.id
        WHERE o.organization_type = 'principal' GROUP BY o.id) AS counts";
    assert_eq!(db.run(products), "t");
}

#[test]
fn the_same_seed_gives_the_same_rows_again_and_another_seed_others() {
    let Some(db) = Database::seeded("--clean --seed 42") else { return };
    let first = db.digests();
    Crm::new().ok(&format!("--clean --seed 42 {}", db.option()));
    assert_eq!(db.digests(), first);
    Crm::new().ok(&format!("--clean --seed 43 {}", db.option()));
    let other = db.digests();
    for table in TABLES {
        assert_ne!(other[table], first[table], "{table}");
    }
}

#[test]
fn the_summary_says_what_went_where() {
    let Some(db) = Database::empty() else { return };
    let outcome = Crm::new().ok(&format!("--seed 42 {}", db.option()));
    assert_eq!(outcome.stderr, "");
    for table in TABLES.into_iter().chain(["total"]) {
        let line = outcome.stdout.lines().find(|line| line.split_whitespace().next() == Some(table));
        assert!(line.is_some_and(|line| line.ends_with(" s")), "{table} in {}", outcome.stdout);
    }
    outcome
        .printing("seed 42, as of 2026-01-01, digest ")
        .printing(&format!("in postgres://postgres@127.0.0.1:{}", &db.url()[30..]))
        .printing("(by copy)");
}

#[test]
fn json_is_one_object_with_the_documented_fields() {
    let Some(db) = Database::empty() else { return };
    let with_password = db.url().replace("postgres@", "postgres:open-sesame@");
    let outcome = Crm::new().ok(&format!("--seed 7 --json --database-url {with_password}"));
    let outcome = outcome.silent_about("open-sesame");
    assert_eq!(outcome.stderr, "");
    let report = outcome.json();
    assert_eq!(report["seed"], 7);
    assert_eq!(report["as_of"], "2026-01-01");
    assert_eq!(report["generator_version"], 2);
    assert_eq!(report["scenario"], "default");
    assert_eq!(report["target"], db.url());
    assert_eq!(report["method"], "copy");
    assert_eq!(report["changed"], true);
    assert_eq!(report["digest"].as_str().map(str::len), Some(32));
    assert!(report["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert!(report["notes"].is_array());
    let tables = report["tables"].as_array().expect("tables");
    let counts = db.counts();
    let sum = |field: &str| tables.iter().filter_map(|table| table[field].as_u64()).sum::<u64>();
    assert_eq!(tables.len(), TABLES.len());
    for table in tables {
        let name = table["name"].as_str().expect("a name");
        assert_eq!(table["rows"].as_i64(), Some(counts[name]), "{name}");
        assert!(table["bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{name}");
        assert!(table["seconds"].is_f64(), "{name}");
        assert_eq!(table["digest"].as_str().map(str::len), Some(32), "{name}");
    }
    assert_eq!(report["rows"], Value::from(sum("rows")));
    assert_eq!(report["bytes"], Value::from(sum("bytes")));
}

#[test]
fn quiet_prints_nothing() {
    let Some(db) = Database::empty() else { return };
    for arguments in ["--quiet", "--clean -q", "--clean --quiet --json"] {
        let outcome = Crm::new().ok(&format!("{arguments} {}", db.option()));
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""), "{arguments}");
    }
}

#[test]
fn the_database_is_found_in_the_environment_and_in_a_dotenv_file() {
    let Some(db) = Database::empty() else { return };
    let report =
        Crm::new().with("DATABASE_URL", db.url()).json("--quiet --seed 1".trim_start_matches("--quiet "));
    assert_eq!(report["target"], db.url());
    let crm = Crm::new();
    crm.write(".env", &format!("# where it goes\nDATABASE_URL=\"{}\"\n", db.url()));
    assert_eq!(crm.json("--clean --seed 2")["target"], db.url());
    assert!(!crm.directory().join(".crm-seed").exists(), "the embedded one is not touched");
}

#[test]
fn the_application_can_insert_right_after_the_seeding() {
    let Some(db) = Database::seeded("") else { return };
    let id = |sql: &str| db.number(sql);
    let organization =
        id("INSERT INTO organizations (name, organization_type) VALUES ('New', 'customer') RETURNING id");
    let contact = id("INSERT INTO contacts (name) VALUES ('New') RETURNING id");
    let deal = id("INSERT INTO opportunities (name) VALUES ('New') RETURNING id");
    let product = id(&format!(
        "INSERT INTO products (principal_id, name, sku) VALUES ({organization}, 'New', 'NEW-1') RETURNING id"
    ));
    for (table, columns, values) in [
        ("contact_organizations", "contact_id, organization_id", format!("{contact}, {organization}")),
        (
            "opportunity_participants",
            "opportunity_id, organization_id, role",
            format!("{deal}, {organization}, 'customer'"),
        ),
        ("product_inventory", "product_id, warehouse", format!("{product}, 'Here'")),
        ("tasks", "title", "'Call'".to_owned()),
    ] {
        let next = id(&format!("INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING id"));
        let highest = id(&format!("SELECT max(id) FROM {table} WHERE id <> {next}"));
        assert_eq!(next, highest + 1, "{table}");
    }
    for (table, next) in [
        ("organizations", organization),
        ("contacts", contact),
        ("opportunities", deal),
        ("products", product),
    ] {
        assert_eq!(next, id(&format!("SELECT max(id) FROM {table} WHERE id <> {next}")) + 1, "{table}");
    }
}

#[test]
fn no_timestamp_is_the_clocks() {
    let Some(db) = Database::seeded("--as-of 2020-03-01 --no-ledger") else { return };
    let columns = db.run(
        "SELECT format('SELECT %L, count(*) FROM %I WHERE %I >= ''2020-03-01''', table_name || '.' || column_name,
                       table_name, column_name)
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> 'migration_history'
           AND data_type LIKE 'timestamp with%' \\gexec",
    );
    assert!(columns.lines().count() >= 20, "{columns}");
    for line in columns.lines() {
        assert!(line.ends_with("\t0"), "{line}");
    }
}

#[test]
fn a_socket_serves_as_well_as_a_port() {
    let Some(server) = crate::harness::Server::shared() else { return };
    let db = server.database();
    let url =
        format!("postgres://postgres@/{}?host={}&port={}", db.name(), server.root().display(), server.port());
    let report = Crm::new().json(&format!("--database-url {url}"));
    assert_eq!(report["rows"].as_i64(), Some(db.counts().values().sum()));
}

#[test]
fn the_materialized_view_shows_the_new_rows() {
    let Some(db) = Database::seeded("") else { return };
    let shown = db.number("SELECT sum(opportunity_count) FROM opportunity_pipeline_summary");
    assert_eq!(shown, db.number("SELECT count(*) FROM opportunities WHERE status = 'active'"));
    db.run("REFRESH MATERIALIZED VIEW CONCURRENTLY opportunity_pipeline_summary");
}
