//! `crm-seed reset`: everything goes, the migrations and the rows come; whose rows go is asked first.

use crate::harness::{Crm, Database};

const FIRST: &str = "CREATE SCHEMA crm;
CREATE TYPE crm.stage AS ENUM ('new', 'won', 'lost');
CREATE DOMAIN crm.email AS text CHECK (VALUE ~ '@');
CREATE FUNCTION crm.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE crm.companies (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE crm.contacts (id bigserial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL,
  email crm.email, company_id bigint NOT NULL REFERENCES crm.companies (id));
CREATE TABLE crm.deals (id bigserial PRIMARY KEY, name text NOT NULL, stage crm.stage NOT NULL DEFAULT 'new',
  company_id bigint NOT NULL REFERENCES crm.companies (id), amount numeric(12, 2));
CREATE TABLE crm.products (id bigserial PRIMARY KEY, name text NOT NULL, price numeric(10, 2));
CREATE TABLE countries (code char(2) PRIMARY KEY, name text NOT NULL);
INSERT INTO countries VALUES ('US', 'United States'), ('CA', 'Canada');
CREATE VIEW crm.open_deals AS SELECT * FROM crm.deals WHERE stage = 'new';
CREATE MATERIALIZED VIEW crm.totals AS SELECT count(*) FROM crm.deals;
CREATE TRIGGER touch BEFORE UPDATE ON crm.deals FOR EACH ROW EXECUTE FUNCTION crm.touch();";

fn project() -> Crm {
    let crm = Crm::new().with("CRM_SEED_BUNDLED", "0");
    crm.write("db/20250301090000_crm.sql", FIRST);
    crm.write("crm-seed.toml", "[migrations]\ndir = \"db\"\n");
    crm
}

#[test]
fn a_reset_is_what_a_new_database_would_be() {
    let (Some(db), Some(new)) = (Database::empty(), Database::empty()) else { return };
    let crm = project();
    crm.ok(&format!("--clean {}", new.option()));
    // Migrations bring rows that crm-seed did not make: who resets must agree to lose them.
    crm.ok(&format!("reset {}", db.option()));
    db.run("CREATE TABLE left_over (id int); ALTER TABLE crm.deals ADD COLUMN forgotten text");
    let outcome = crm.run(&format!("reset {}", db.option())).fails(3);
    outcome.telling("reset would delete rows").telling("countries 2 rows").telling("--yes");
    assert_eq!(db.run("SELECT to_regclass('left_over')"), "left_over");
    crm.ok(&format!("reset --yes --dry-run {}", db.option())).printing("deals");
    assert_eq!(db.run("SELECT to_regclass('left_over')"), "left_over");
    crm.ok(&format!("reset --yes {}", db.option())).printing("applied the 1 migration of the directory");
    assert_eq!(db.schema(), new.schema());
    assert_eq!(db.digests(), new.digests());
    crm.ok(&format!("migrate status --check {}", db.option()));
}

#[test]
fn rows_of_others_and_what_others_own_are_not_lost() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.ok(&format!("reset {}", db.option()));
    let owner = db.role("");
    db.run(&format!(
        "CREATE SCHEMA theirs AUTHORIZATION {owner}; CREATE TABLE theirs.sign_ins (id int);
         ALTER TABLE theirs.sign_ins OWNER TO {owner}; INSERT INTO theirs.sign_ins VALUES (1);
         CREATE EXTENSION citext; INSERT INTO crm.companies (name) VALUES ('Ours')"
    ));
    crm.run(&format!("reset {}", db.option())).fails(3).telling("crm.companies 1 row");
    crm.ok(&format!("reset --yes {}", db.option()));
    assert_eq!(db.number("SELECT count(*) FROM theirs.sign_ins"), 1);
    assert_eq!(db.number("SELECT count(*) FROM pg_extension WHERE extname = 'citext'"), 1);
    assert_eq!(db.number("SELECT count(*) FROM crm.companies WHERE name = 'Ours'"), 0);
}

#[test]
fn a_reset_that_fails_leaves_all_as_it_was() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.ok(&format!("reset {}", db.option()));
    let (schema, rows) = (db.schema(), db.digests());
    crm.write("db/20250302090000_more.sql", "SELECT 1 / 0;");
    crm.run(&format!("reset --yes {}", db.option())).fails(1).telling("20250302090000_more.sql:1:1: ");
    assert_eq!((db.schema(), db.digests()), (schema, rows));
    let nothing = Crm::new().with("CRM_SEED_BUNDLED", "0");
    nothing
        .run(&format!("reset --yes {}", db.option()))
        .fails(2)
        .telling("nothing says what the database is to hold");
}

#[test]
fn migrations_without_a_transaction_run_between_the_emptying_and_the_rows() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.write(
        "db/20250302090000_index.sql",
        "-- Transaction: none\nCREATE INDEX CONCURRENTLY i ON crm.deals (name);",
    );
    for _ in 0..2 {
        crm.ok(&format!("reset --yes {}", db.option()));
        assert!(db.number("SELECT count(*) FROM crm.deals") > 0);
        assert_eq!(
            db.number("SELECT count(*) FROM pg_index WHERE indexrelid = 'crm.i'::regclass AND indisvalid"),
            1
        );
    }
    assert_eq!(crm.ok(&format!("reset --yes --quiet {}", db.option())).stderr, "");
    crm.run(&format!("reset --yes --dry-run {}", db.option())).fails(3).telling("cannot be tried");
}

#[test]
fn the_embedded_database_is_reset_to_the_bundled_schema() {
    let crm = Crm::new().with("CRM_SEED_BUNDLED", "0");
    let first = crm.digest("--clean");
    crm.ok("reset").printing("applied the 9 bundled migrations").printing(&first);
    crm.ok("verify");
}

#[test]
fn a_reset_makes_way_for_all_that_its_migrations_make() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.write(
        "db/20250302090000_kinds.sql",
        "CREATE COLLATION crm.plain FROM \"C\";
         CREATE COLLATION plain FROM \"C\";
         CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple);
         CREATE TEXT SEARCH CONFIGURATION search (COPY = simple);
         CREATE FUNCTION is_near(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT abs($1 - $2) < 2';
         CREATE OPERATOR ~~~ (LEFTARG = int, RIGHTARG = int, PROCEDURE = is_near);
         CREATE OPERATOR FAMILY nearness USING btree;
         CREATE AGGREGATE every_one (boolean) (SFUNC = booland_statefunc, STYPE = boolean);
         CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
         CREATE TYPE span AS RANGE (SUBTYPE = int);",
    );
    crm.ok(&format!("reset --yes {}", db.option()));
    crm.ok(&format!("reset --yes {}", db.option()));
}

/// A value that is added to an enum is of use only once that is committed.
const VALUE: (&str, &str) = ("db/20250302090000_value.sql", "ALTER TYPE crm.stage ADD VALUE 'stuck';");

#[test]
fn migrations_that_need_a_commit_get_it() {
    let Some(db) = Database::empty() else { return };
    let crm = project();
    crm.write(VALUE.0, VALUE.1);
    crm.write("db/20250303090000_use.sql", "INSERT INTO crm.companies (name) SELECT 'stuck'::crm.stage;");
    let seed = crm.run(&db.option());
    seed.fails(1)
        .telling("unsafe use of new value")
        .telling("apply the migrations first: `crm-seed migrate up`");
    assert_eq!(db.run("SELECT to_regclass('crm.deals')"), "");
    crm.write("db/20250303090000_use.sql", "SELECT 'stuck'::crm.stage;");
    crm.run(&format!("reset --yes --dry-run {}", db.option())).fails(3).telling("a reset cannot be tried");
    assert_eq!(db.run("SELECT to_regclass('crm.deals')"), "");
    crm.ok(&format!("reset --yes {}", db.option())).telling("do not fit into one transaction");
    assert!(db.number("SELECT count(*) FROM crm.deals") > 0);
    crm.ok(&format!("reset --yes {}", db.option()));
}
