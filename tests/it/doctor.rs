//! What is seen of a database before a row is touched.

use serde_json::Value;

use crate::harness::{Crm, Database};

const SEEDER: &str = "
    GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO ROLE;
    GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO ROLE;";

pub use crate::drift::database as drifted;

/// All that a look could have left behind.
fn traces(db: &Database) -> (String, String) {
    let rows = "SELECT format('SELECT %L, count(*) FROM %s', oid::regclass, oid::regclass) FROM pg_class
                WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
                ORDER BY oid::regclass::text \\gexec\n";
    (db.schema(), db.run(rows))
}

fn as_role(db: &Database, role: &str) -> String {
    format!("--database-url {}", db.url_of(role))
}

/// The table of this name.
fn table<'a>(seen: &'a Value, name: &str) -> &'a Value {
    let tables = seen["tables"].as_array().expect("tables");
    tables.iter().find(|table| table["target"] == name).unwrap_or_else(|| panic!("no {name} in {seen:#}"))
}

#[test]
fn a_bundled_schema_is_ready_and_is_left_alone() {
    let Some(db) = Database::migrated() else { return };
    let before = traces(&db);
    let outcome = Crm::new().ok(&format!("doctor {}", db.option()));
    assert!(outcome.stdout.lines().count() <= 40, "{outcome:#?}");
    assert!(outcome.stdout.lines().all(|line| line.chars().count() <= 100), "{outcome:#?}");
    outcome
        .printing("a primary, writable; no TLS; pooler: none seen")
        .printing("postgres: a superuser; owns all of the tables")
        .printing("10 CRM")
        .printing("21 of 21 columns")
        .printing("\nready: crm-seed --clean --seed 42 would load 823 rows into 10 tables\n");
    Crm::new()
        .ok(&format!("doctor --verbose --seed 7 --scale 10 {}", db.option()))
        .printing("ready: crm-seed --clean --seed 7 --scale 10 would load");
    assert_eq!(traces(&db), before);
}

#[test]
fn an_empty_database_stays_empty() {
    let Some(db) = Database::empty() else { return };
    let before = traces(&db);
    Crm::new()
        .ok(&format!("doctor {}", db.option()))
        .printing("the database is empty; the 9 bundled migrations would be applied first")
        .printing("\nready: crm-seed --clean --seed 42 would load 823 rows into 10 tables\n");
    assert_eq!(traces(&db), before);
    db.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let nobody = db.role("");
    let outcome = Crm::new().run(&format!("doctor {}", as_role(&db, &nobody))).exits(1);
    outcome.printing("cannot create tables in schema public").printing("not ready: 1 reason above");
}

#[test]
fn another_schema_is_told_table_by_table_and_what_is_said_comes_true() {
    let Some(db) = drifted("companies") else { return };
    let before = traces(&db);
    let seen = Crm::new().json(&format!("doctor {}", db.option()));
    assert_eq!(traces(&db), before);
    assert_eq!(seen["ready"], true);
    assert_eq!(table(&seen, "companies")["is"], "organizations");
    assert_eq!(table(&seen, "deals")["is"], "opportunities");
    assert_eq!(table(&seen, "\"dealNotes\"")["is"], Value::Null);
    let report = Crm::new().json(&format!("--clean --seed 42 {}", db.option()));
    assert_eq!(report["rows"], seen["rows"], "{report:#}");
    for table in report["tables"].as_array().expect("tables") {
        let told = seen["tables"].as_array().expect("tables").iter().find(|told| {
            told["is"] == table["name"]
                || told["target"].as_str().map(|name| name.trim_matches('"')) == table["name"].as_str()
        });
        assert_eq!(told.map(|told| &told["rows"]), Some(&table["rows"]), "{table:#}");
    }
}

#[test]
fn what_the_server_does_by_itself_is_told() {
    let Some(db) = drifted("supabase_users") else { return };
    let before = traces(&db);
    Crm::new()
        .run(&format!("doctor {}", db.option()))
        .printing("auth.users")
        .printing("audit_log: not recognised; --include fills it")
        .printing("on_auth_user_created of auth.users may add rows to sales")
        .printing("opportunities_search of opportunities may change rows");
    assert_eq!(traces(&db), before);
    let role = db.role(
        "GRANT USAGE ON SCHEMA auth TO ROLE; GRANT SELECT ON ALL TABLES IN SCHEMA public, auth TO ROLE",
    );
    let outcome = Crm::new().run(&format!("doctor {}", as_role(&db, &role))).exits(1);
    outcome
        .printing("so INSERT is used instead of COPY")
        .printing("lacks privileges: INSERT on")
        .printing("row-level security allows the role to insert no rows into")
        .printing("not ready: ");
    let seen = Crm::new().run(&format!("doctor --json {}", as_role(&db, &role))).exits(1).json();
    assert_eq!((&seen["ready"], &seen["command"]), (&Value::Bool(false), &Value::Null));
    assert_eq!(seen["rls"]["method"], "insert");
    assert_eq!(traces(&db).1, before.1);
}

#[test]
fn foreign_keys_in_a_circle_and_checks_that_are_not_read_are_told() {
    let Some(db) = Database::migrated() else { return };
    db.run(
        "ALTER TABLE organizations ADD COLUMN key_contact_id bigint REFERENCES contacts (id);
         ALTER TABLE contacts ADD COLUMN home_organization_id bigint REFERENCES organizations (id);
         CREATE FUNCTION is_fine(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
         ALTER TABLE contacts ADD CONSTRAINT odd CHECK (is_fine(name))",
    );
    let outcome = Crm::new().ok(&format!("doctor {}", db.option()));
    outcome
        .printing("set after all rows are loaded")
        .printing("odd of contacts uses the function `is_fine`, which is not supported");
    let seen = Crm::new().json(&format!("doctor {}", db.option()));
    assert_eq!(seen["unread"][0]["name"], "odd");
    assert!(!seen["circles"].as_array().expect("circles").is_empty());
}

#[test]
fn a_role_without_rights_is_told_all_that_is_missing() {
    let Some(db) = Database::seeded("") else { return };
    let nobody = db.role("");
    let before = traces(&db);
    let outcome = Crm::new().run(&format!("doctor {}", as_role(&db, &nobody))).exits(1);
    outcome
        .printing("not a superuser, no BYPASSRLS; owns none of the tables")
        .printing("lacks privileges: INSERT on organizations")
        .printing("SELECT on organizations")
        .printing("TRUNCATE on organizations")
        .printing("not ready: ")
        .telling("is not ready");
    let reader = db.role("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ROLE");
    let seen = Crm::new().run(&format!("doctor --json {}", as_role(&db, &reader))).exits(1).json();
    assert!(seen["reasons"][0]["why"].as_str().is_some_and(|why| why.contains("INSERT on tasks")));
    assert_eq!(traces(&db).1, before.1);
}

#[test]
fn a_role_under_row_level_security_inserts() {
    let Some(db) = Database::migrated() else { return };
    let seeder = db.role(SEEDER);
    let outcome = Crm::new().ok(&format!("doctor {}", as_role(&db, &seeder)));
    outcome.printing("so INSERT is used instead of COPY").printing("\nready: crm-seed --clean --seed 42");
    // Empty tables can be filled by a role that may not empty them.
    let adder = db.role(&format!("{SEEDER} REVOKE TRUNCATE ON tasks FROM ROLE"));
    let outcome = Crm::new().ok(&format!("doctor {}", as_role(&db, &adder)));
    outcome.printing("--clean: ").printing("TRUNCATE on tasks").printing("\nready: crm-seed --seed 42");
}

#[test]
fn a_session_that_may_only_read_is_seen_and_told() {
    let Some(db) = Database::seeded("") else { return };
    let role = db.role(&format!("{SEEDER} ALTER USER ROLE SET default_transaction_read_only = on;"));
    let outcome = Crm::new().run(&format!("doctor {}", as_role(&db, &role))).exits(1);
    outcome.printing("a primary, read-only").printing("the session is read-only");
}

#[test]
fn what_stands_against_clean_is_told() {
    let Some(db) = Database::seeded("") else { return };
    db.run(
        "CREATE TABLE zz_odd (number bigint, organization_id bigint REFERENCES organizations (id));
         INSERT INTO zz_odd VALUES (1, 1)",
    );
    let before = traces(&db);
    let outcome = Crm::new().run(&format!("doctor {}", db.option())).exits(1);
    outcome
        .printing("would also have to empty tables that reference those it fills: zz_odd")
        .printing("--cascade");
    assert_eq!(traces(&db), before);
}

#[test]
fn rows_of_others_want_a_yes() {
    let Some(db) = Database::seeded("--no-ledger") else { return };
    let outcome = Crm::new().ok(&format!("doctor {}", db.option()));
    outcome
        .printing("crm-seed did not create organizations 28 rows")
        .printing("ready: crm-seed --clean --yes --seed 42");
}

#[test]
fn a_plan_that_cannot_be_made_is_a_reason() {
    let Some(db) = Database::migrated() else { return };
    db.run("CREATE TYPE thing AS (a integer); ALTER TABLE contacts ADD COLUMN odd thing NOT NULL");
    let outcome = Crm::new().run(&format!("doctor {}", db.option())).exits(1);
    outcome
        .printing("as contacts")
        .printing("refused    cannot generate values for NOT NULL column contacts.odd (thing)")
        .printing("not ready: 1 reason");
    let outcome = Crm::new().run(&format!("doctor --exclude nope {}", db.option())).exits(1);
    outcome.printing("no such table in this database");
}

#[test]
fn rows_that_are_there_are_referred_to() {
    let Some(db) = drifted("lookups") else { return };
    let outcome = Crm::new().run(&format!("doctor {}", db.option()));
    outcome.printing("\nreferenced countries (3 rows), ");
    let seen = Crm::new().run(&format!("doctor --json {}", db.option())).json();
    assert_eq!(seen["referred"][0]["target"], "countries");
}

#[test]
fn wrong_usage_and_a_database_out_of_reach_are_told_apart() {
    Crm::new().run("doctor --database-url postgres://a@127.0.0.1:1/b").fails(4);
    Crm::new().run("doctor --database-url nonsense").fails(2);
    Crm::new().run("doctor --handles ids.json --database-url postgres://a@127.0.0.1:1/b").fails(2);
}

#[test]
fn what_the_server_alone_knows_is_found_by_trying() {
    let Some(db) = Database::migrated() else { return };
    db.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN IF NEW.id % 2 = 0 THEN RAISE 'even'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION refuse()",
    );
    let outcome = Crm::new().ok(&format!("doctor {}", db.option()));
    outcome.printing("even").printing("table tasks is left out").printing("would load 748 rows");
    Crm::new().run(&format!("--strict {}", db.option())).fails(3).telling("table tasks is left out: even");
    Crm::new().run(&format!("--include tasks {}", db.option())).fails(1).telling("even");
    let outcome = Crm::new().ok(&format!("doctor --exclude tasks {}", db.option()));
    outcome.printing("748 rows loaded and rolled back").printing("ready: ");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 0);
    assert_eq!(db.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'crm_seed'"), 0);
}

#[test]
fn rows_of_others_are_not_touched_by_trying_unless_it_is_asked_for() {
    let Some(db) = Database::seeded("") else { return };
    db.run("INSERT INTO tasks (title) VALUES ('mine')");
    let before = db.digests();
    Crm::new().ok(&format!("doctor {}", db.option())).printing("no rows were loaded").printing("--try");
    Crm::new().ok(&format!("doctor --try {}", db.option())).printing("823 rows loaded and rolled back");
    assert_eq!(db.digests(), before);
}
