//! A configuration as a draft.

use crate::doctor::drifted;
use crate::harness::{Crm, Database};

/// The draft for a database.
fn draft(db: &Database) -> String {
    Crm::new().ok(&format!("init --out - {}", db.option())).stdout
}

/// The same with every setting taken at its word.
fn uncommented(text: &str) -> String {
    let setting =
        |line: &str| line.strip_prefix('#').filter(|rest| rest.starts_with("tables.")).map(str::to_owned);
    text.lines().map(|line| setting(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

#[test]
fn as_written_it_changes_nothing() {
    let Some(db) = drifted("companies") else { return };
    let plain = Crm::new().digest(&format!("--clean --seed 42 {}", db.option()));
    let crm = Crm::new();
    crm.ok(&format!("init {}", db.option())).printing("created crm-seed.toml");
    assert_eq!(crm.names_in(""), ["crm-seed.toml"]);
    let again = crm.json(&format!("--clean --if-changed --seed 42 {}", db.option()));
    assert_eq!(again["changed"], false, "the same run: {again:#}");
    assert_eq!(crm.digest(&format!("--clean --seed 42 {}", db.option())), plain);
}

#[test]
fn each_table_and_column_says_what_it_is() {
    let Some(db) = drifted("companies") else { return };
    let text = draft(&db);
    for line in [
        "#tables.companies.is = \"organizations\"",
        "#tables.deals.is = \"opportunities\"",
        "#tables.dealNotes.rows = ",
        "# companies: recognised as organizations, 28 rows",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    let Some(db) = drifted("supabase_users") else { return };
    let text = draft(&db);
    assert!(text.contains("#tables.\"auth.users\".rows = "), "{text}");
    assert!(text.contains("# auth.schema_migrations: not filled"), "{text}");
    assert!(text.contains("# audit_log: not filled: not recognised; --include fills it"), "{text}");
}

#[test]
fn every_setting_can_be_taken_at_its_word() {
    for schema in ["companies", "camel_case"] {
        let Some(db) = drifted(schema) else { return };
        let text = uncommented(&draft(&db));
        assert!(text.lines().filter(|line| line.starts_with("tables.")).count() > 20, "{text}");
        let crm = Crm::new();
        crm.write("crm-seed.toml", &text);
        crm.ok(&format!("--clean --seed 42 {}", db.option()));
    }
}

#[test]
fn a_file_that_is_there_is_kept() {
    let Some(db) = Database::migrated() else { return };
    let crm = Crm::new();
    let path = crm.write("crm-seed.toml", "exclude = []\n");
    crm.run(&format!("init {}", db.option())).fails(3).telling("use --force to overwrite it");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "exclude = []\n");
    crm.ok(&format!("init --force {}", db.option()));
    assert!(std::fs::read_to_string(&path).expect("the file").contains("#tables.organizations.is"));
    crm.ok(&format!("init --out other.toml {}", db.option()));
    assert_eq!(crm.names_in(""), ["crm-seed.toml", "other.toml"]);
}

#[test]
fn the_database_is_left_as_it_is() {
    let Some(db) = Database::seeded("") else { return };
    let before = (db.schema(), db.digests());
    let reader = db.role("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ROLE");
    draft(&db);
    Crm::new().ok(&format!("init --database-url {}", db.url_of(&reader)));
    assert_eq!(db.digests(), before.1);
    let Some(empty) = Database::empty() else { return };
    Crm::new().run(&format!("init {}", empty.option())).fails(1).telling("is empty");
    Crm::new().run("init --database-url postgres://a@127.0.0.1:1/b").fails(4);
}

#[test]
fn each_setting_is_shown_where_it_fits() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE workspaces (id bigserial PRIMARY KEY, name text NOT NULL);
         CREATE TABLE users (id bigserial PRIMARY KEY, name text, email text NOT NULL, workspace_id bigint NOT NULL REFERENCES workspaces);
         CREATE TABLE companies (id bigserial PRIMARY KEY, name text NOT NULL, website text, workspace_id bigint NOT NULL REFERENCES workspaces);
         CREATE TABLE deals (id bigserial PRIMARY KEY, name text NOT NULL, stage text NOT NULL, amount numeric(12,2), owner_id bigint,
           company_id bigint REFERENCES companies, workspace_id bigint NOT NULL REFERENCES workspaces);
         CREATE TABLE notes (id bigserial PRIMARY KEY, body text, deal_id bigint REFERENCES deals, workspace_id bigint NOT NULL REFERENCES workspaces);",
    );
    let text = draft(&db);
    for line in [
        "#tenant = \"workspaces\"",
        "#tables.deals.columns.stage = { labels = { new_lead = \"new_lead\", ",
        "#tables.deals.columns.owner_id = { refers_to = \"users.id\" }",
        "#tables.notes.kind = \"notes\"",
        "#tables.notes.rows = ",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    let crm = Crm::new();
    crm.write("crm-seed.toml", &uncommented(&text));
    crm.ok(&format!("--clean --seed 42 {}", db.option()));
}
