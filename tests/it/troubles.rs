//! What keeps a database from being filled is told all at once, each with what mends it.

use crate::harness::{Crm, Database};

const SCHEMA: &str = "
    CREATE TYPE point2 AS (x int, y int);
    CREATE TABLE companies (id bigserial PRIMARY KEY, name text NOT NULL, website text, place point2 NOT NULL);
    CREATE TABLE contacts (id bigserial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, email text,
      company_id bigint REFERENCES companies);
    CREATE TABLE products (id bigserial PRIMARY KEY, name text NOT NULL, price numeric(10,2),
      grade int NOT NULL, CONSTRAINT never CHECK (grade <> grade));";

#[test]
fn the_plan_is_shown_with_all_that_stands_against_it() {
    let Some(db) = Database::empty() else { return };
    db.run(SCHEMA);
    let place = "cannot generate values for NOT NULL column companies.place (point2)";
    let grade = "of products would violate CHECK constraint never";
    let outcome = Crm::new().run(&format!("--dry-run {}", db.option())).exits(1);
    for text in [place, grade, "contacts", "first_name", "tables.companies.columns.place = { value = ... }"] {
        assert!(outcome.stdout.contains(text), "{text}: {outcome:#?}");
    }
    assert!(outcome.stdout.contains("tables.products.columns.grade = { value = ... }"), "{outcome:#?}");
    assert!(outcome.stderr.contains("2 reasons prevent filling: "), "{outcome:#?}");
    let plan = Crm::new().run(&format!("--dry-run --json {}", db.option())).exits(1).json();
    assert_eq!(plan["troubles"].as_array().map(Vec::len), Some(2), "{plan:#}");
    let doctor = Crm::new().run(&format!("doctor {}", db.option())).exits(1);
    assert!(doctor.stdout.contains(place) && doctor.stdout.contains("CHECK constraint never"), "{doctor:#?}");
    let run = Crm::new().run(&format!("--seed 42 {}", db.option())).exits(1);
    assert!(run.stderr.contains(place) && run.stderr.contains(grade), "{run:#?}");
    assert_eq!(db.number("SELECT count(*) FROM contacts"), 0);
}

#[test]
fn one_trouble_is_told_with_its_own_hint() {
    let Some(db) = Database::empty() else { return };
    db.run(SCHEMA);
    db.run("ALTER TABLE products DROP CONSTRAINT never");
    let run = Crm::new().run(&format!("--seed 42 {}", db.option())).exits(1);
    assert!(
        run.stderr.contains("hint: say in crm-seed.toml what it is: tables.companies.columns.place"),
        "{run:#?}"
    );
}
