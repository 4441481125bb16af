//! What is told of tables that might be something else, and of schemas in which nothing is a CRM's.

use crate::harness::{Crm, Database};

#[test]
fn a_schema_of_something_else_is_refused_with_what_was_looked_for() {
    for sql in [
        "CREATE TABLE posts (id serial PRIMARY KEY, title text NOT NULL, body text);
         CREATE TABLE authors (id serial PRIMARY KEY, name text, email text, password_hash text);
         CREATE TABLE replies (id serial PRIMARY KEY, post_id int REFERENCES posts, body text)",
        // Who signs in by whom is no company, and a list of things to do no CRM.
        "CREATE TABLE users (id text PRIMARY KEY, email text UNIQUE);
         CREATE TABLE accounts (id text PRIMARY KEY, user_id text NOT NULL REFERENCES users, provider text NOT NULL,
           provider_account_id text NOT NULL, refresh_token text);
         CREATE TABLE tasks (id text PRIMARY KEY, title text NOT NULL, done boolean, user_id text REFERENCES users)",
    ] {
        let Some(db) = Database::empty() else { return };
        db.run(sql);
        let before = db.schema();
        let outcome = Crm::new().run(&format!("--clean --yes {}", db.option())).fails(1);
        outcome
            .telling("no table that looks like a CRM's: companies, contacts, deals or products")
            .telling("tables.NAME.is = \"organizations\"")
            .silent_about("migrate");
        assert_eq!(db.schema(), before);
    }
}

#[test]
fn a_close_choice_is_told_with_the_line_that_turns_it_round() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE clients (id serial PRIMARY KEY, name text NOT NULL, phone text, city text);
         CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL, phone text, city text);
         CREATE TABLE contacts (id serial PRIMARY KEY, first_name text, last_name text, email text)",
    );
    let line = "tables.customers.is = \"organizations\"";
    Crm::new()
        .ok(&format!("doctor {}", db.option()))
        .printing("clients is taken for organizations")
        .printing(line);
    Crm::new().ok(&format!("--dry-run {}", db.option())).printing(line);
    let crm = Crm::new();
    let config = crm.write("crm-seed.toml", line);
    crm.ok(&format!("--clean --config {} {}", config.display(), db.option()));
    assert!(db.number("SELECT count(*) FROM customers") > 10);
    assert_eq!(db.number("SELECT count(*) FROM clients"), 0);
}

#[test]
fn a_tenant_is_told_and_can_be_the_customers_nevertheless() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE companies (id serial PRIMARY KEY, name text NOT NULL, subdomain text);
         CREATE TABLE users (id serial PRIMARY KEY, company_id int NOT NULL REFERENCES companies, email text);
         CREATE TABLE people (id serial PRIMARY KEY, company_id int NOT NULL REFERENCES companies, first_name text,
           last_name text, email text);
         CREATE TABLE deals (id serial PRIMARY KEY, company_id int NOT NULL REFERENCES companies, name text, stage text,
           amount numeric(12,2))",
    );
    let line = "tables.companies.is = \"organizations\"";
    Crm::new()
        .ok(&format!("doctor {}", db.option()))
        .printing("companies is taken for the tenant")
        .printing(line);
    Crm::new().ok(&format!("--clean {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM companies"), 1);
    let crm = Crm::new();
    let config = crm.write("crm-seed.toml", line);
    crm.ok(&format!("--clean --config {} {}", config.display(), db.option()));
    assert!(db.number("SELECT count(*) FROM companies") > 10);
}
