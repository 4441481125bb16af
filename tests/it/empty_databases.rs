//! What makes the tables of an empty database: the project's own migrations, the bundled ones where somebody asks for
//! them, and nothing else.

use crate::harness::{Crm, Database};

/// A CRM in two files, the first of which sets what must not stay set.
const FIRST: &str = "SET search_path = pg_catalog;
CREATE TABLE public.companies (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.contacts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, first_name text NOT NULL,
  last_name text NOT NULL, email text, company_id bigint NOT NULL REFERENCES public.companies (id));";
const SECOND: &str = "CREATE TABLE deals (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,
  company_id bigint NOT NULL REFERENCES companies (id), amount numeric(12, 2), stage text NOT NULL);
CREATE TABLE products (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, price numeric(10, 2));";

fn project() -> Crm {
    let crm = Crm::new().with("CRM_SEED_BUNDLED", "0");
    crm.write("db/20250301090000_people.sql", FIRST);
    crm.write("db/20250302090000_deals.sql", SECOND);
    crm.write("crm-seed.toml", "[migrations]\ndir = \"db\"\n");
    crm
}

fn tables(db: &Database) -> i64 {
    db.number("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|inf)'")
}

#[test]
fn an_empty_database_of_which_nothing_is_said_is_left_alone() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new().with("CRM_SEED_BUNDLED", "0");
    for command in ["--clean", "--dry-run", "--if-empty"] {
        let outcome = crm.run(&format!("{command} {}", db.option())).fails(3);
        outcome.telling("the database is empty").telling("[migrations]").telling("--bundled");
    }
    crm.run(&format!("doctor {}", db.option())).exits(1).printing("the database is empty");
    crm.run(&format!("migrate up {}", db.option())).fails(2).telling("no migrations are named");
    crm.run(&format!("migrate status {}", db.option())).fails(2).telling("--bundled");
    assert_eq!(tables(&db), 0);
    crm.ok(&format!("--clean --bundled {}", db.option())).printing("applied the 9 bundled migrations");
}

#[test]
fn the_projects_own_migrations_are_applied_and_filled_in_one_transaction() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.ok(&format!("--dry-run {}", db.option())).printing("deals");
    assert_eq!(tables(&db), 0);
    crm.run(&format!("doctor {}", db.option())).exits(1).printing("the 2 migrations of the directory");
    crm.ok(&format!("--clean {}", db.option())).printing("applied the 2 migrations of the directory");
    assert!(db.number("SELECT count(*) FROM deals") > 0);
    crm.ok(&format!("migrate status --check {}", db.option()));
    crm.ok(&format!("--clean {}", db.option())).silent_about("was empty");
}

#[test]
fn rows_that_migrations_bring_are_the_apps_and_stay() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.write(
        "db/20250303090000_lookups.sql",
        "CREATE TABLE countries (id int PRIMARY KEY, name text NOT NULL);
         INSERT INTO countries VALUES (1, 'Ruritania'), (2, 'Sylvania');
         ALTER TABLE companies ADD COLUMN country_id int NOT NULL REFERENCES countries (id);",
    );
    for _ in 0..3 {
        crm.ok(&format!("--clean {}", db.option()));
        assert_eq!(db.run("SELECT string_agg(name, ' ' ORDER BY id) FROM countries"), "Ruritania Sylvania");
        assert!(db.number("SELECT count(DISTINCT country_id) FROM companies") == 2);
    }
}

#[test]
fn a_migration_that_fails_leaves_the_database_empty() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.write("db/20250303090000_more.sql", "SELECT 1;\nSELECT 1 / 0;");
    crm.run(&format!("--clean {}", db.option())).fails(1).telling("db/20250303090000_more.sql:2:1: ");
    crm.write(
        "db/20250303090000_more.sql",
        "-- Transaction: none\nCREATE INDEX CONCURRENTLY ON deals (name);",
    );
    let outcome = crm.run(&format!("--clean {}", db.option())).fails(3);
    outcome.telling("20250303090000_more.sql cannot be applied in one transaction").telling("migrate up");
    assert_eq!(tables(&db), 0);
    crm.ok(&format!("migrate up {}", db.option())).printing("3 applied");
    crm.ok(&format!("--clean {}", db.option()));
}

#[test]
fn the_embedded_database_has_the_bundled_schema_unless_the_project_has_its_own() {
    let crm = Crm::new().with("CRM_SEED_BUNDLED", "0");
    crm.ok("--clean").printing("applied the 9 bundled migrations");
    let crm = project();
    crm.ok("--clean").printing("applied the 2 migrations of the directory");
}
