//! What the user overrules, what stands in the way, and what is said of it.

use crate::drift::database;
use crate::harness::{Crm, Database};

/// The bundled schema with what `sql` changes.
fn changed(sql: &str) -> Option<Database> {
    let db = Database::migrated()?;
    db.run(sql);
    Some(db)
}

fn clean(db: &Database) -> String {
    format!("--clean --yes {}", db.option())
}

#[test]
fn columns_that_must_have_a_value_get_one_of_their_type_and_name() {
    let Some(db) = changed(
        "CREATE TYPE mood AS ENUM ('happy', 'sad');
         ALTER TABLE organizations
           ADD linkedin_url text NOT NULL, ADD birthday date NOT NULL, ADD score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
           ADD tags text[] NOT NULL, ADD settings jsonb NOT NULL, ADD reference uuid NOT NULL UNIQUE, ADD mood mood NOT NULL,
           ADD code text NOT NULL CHECK (code ~ '^[A-Z]{3}-[0-9]{3}$') UNIQUE, ADD opens time NOT NULL, ADD ip inet NOT NULL,
           ADD starts_at timestamptz NOT NULL, ADD ends_at timestamptz NOT NULL, ADD CHECK (ends_at > starts_at),
           ADD tax_percent numeric(4,1) NOT NULL, ADD payload bytea NOT NULL, ADD area point NOT NULL;",
    ) else {
        return;
    };
    Crm::new().ok(&clean(&db));
    assert_eq!(
        db.number("SELECT count(*) FROM organizations WHERE linkedin_url LIKE 'https://%.example/%'"),
        28
    );
    assert_eq!(db.number("SELECT count(DISTINCT code) FROM organizations"), 28);
    assert_eq!(db.number("SELECT count(*) FROM organizations WHERE tax_percent NOT BETWEEN 0 AND 100"), 0);
}

#[test]
fn a_type_that_nobody_knows_is_refused_before_anything_is_written() {
    let Some(db) = changed("CREATE TYPE pair AS (a int, b int); ALTER TABLE tasks ADD pair pair NOT NULL")
    else {
        return;
    };
    let outcome = Crm::new().run(&clean(&db)).fails(1);
    outcome
        .telling("cannot generate values for NOT NULL column tasks.pair (pair)")
        .telling("hint:")
        .telling("--exclude");
    Crm::new().ok(&format!("{} --exclude tasks", clean(&db))).printing("tasks (excluded)");
    assert_eq!(db.number("SELECT count(*) FROM tasks"), 0);
    assert_eq!(db.number("SELECT count(*) FROM contacts"), 70);
}

#[test]
fn constraints_that_cannot_be_met_are_refused_with_their_text_and_the_row() {
    let Some(db) = changed("ALTER TABLE contacts ADD CHECK (length(name) > 20 AND length(name) < 3)") else {
        return;
    };
    let outcome = Crm::new().run(&clean(&db)).fails(1);
    outcome
        .telling("row 1 of contacts would violate CHECK constraint")
        .telling("length(name)")
        .telling("name = ");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 0);
}

#[test]
fn a_constraint_that_cannot_be_read_is_told_and_its_row_if_it_refuses_one() {
    let Some(db) = changed(
        "CREATE FUNCTION fine(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT t <> ''nothing''';
         ALTER TABLE contacts ADD CONSTRAINT fine CHECK (fine(name))",
    ) else {
        return;
    };
    Crm::new().ok(&clean(&db)).printing("CHECK constraint fine of contacts uses");
    db.run(
        "CREATE FUNCTION never(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
            TRUNCATE contacts CASCADE; ALTER TABLE contacts ADD CONSTRAINT never CHECK (never(name))",
    );
    let outcome = Crm::new().run(&clean(&db)).fails(1);
    outcome.telling("CHECK (never(name))").telling("Failing row contains");
}

#[test]
fn tables_are_left_out_asked_for_and_alone() {
    let Some(db) = changed(
        "CREATE TABLE notes (id bigserial PRIMARY KEY, opportunity_id bigint NOT NULL REFERENCES opportunities, body text NOT NULL);
         CREATE TABLE machines (id bigserial PRIMARY KEY, label text NOT NULL UNIQUE)",
    ) else {
        return;
    };
    Crm::new().ok(&clean(&db));
    assert!(db.number("SELECT count(*) FROM notes") >= 50);
    assert_eq!(db.number("SELECT count(*) FROM machines"), 0);
    Crm::new().ok(&format!("{} --include machines --exclude notes --cascade", clean(&db)));
    assert!(db.number("SELECT count(*) FROM machines") > 0);
    assert_eq!(db.number("SELECT count(*) FROM notes"), 0);
    Crm::new().ok(&format!("{} --only contacts --cascade", clean(&db)));
    assert_eq!(db.number("SELECT count(*) FROM contacts"), 70);
    assert_eq!(db.number("SELECT count(*) FROM tasks"), 0);
    let outcome = Crm::new().run(&format!("{} --exclude machine", clean(&db))).fails(2);
    outcome.telling("--exclude machine: no such table in this database").telling("machines");
}

#[test]
fn a_file_overrules_tables_and_columns() {
    let Some(db) = changed(
        "CREATE TABLE notes (id bigserial PRIMARY KEY, opportunity_id bigint REFERENCES opportunities, body text NOT NULL);
         ALTER TABLE organizations ADD plan text NOT NULL, ADD tier text NOT NULL, ADD legacy text, ADD sector text",
    ) else {
        return;
    };
    let crm = Crm::new();
    crm.write(
        "crm-seed.toml",
        "[tables.notes]\nrows = 11\n[tables.organizations.columns]\nplan = { value = \"pro\" }\n\
         tier = { weights = { gold = 1, silver = 3 } }\nlegacy = { pattern = \"L[0-9]{4}\" }\nsector = { is = \"industry\" }\n",
    );
    crm.ok(&clean(&db));
    assert_eq!(db.number("SELECT count(*) FROM notes"), 11);
    assert_eq!(
        db.number("SELECT count(*) FROM organizations WHERE plan = 'pro' AND legacy ~ '^L[0-9]{4}$'"),
        28
    );
    assert_eq!(db.number("SELECT count(DISTINCT tier) FROM organizations"), 2);
    assert_eq!(db.number("SELECT count(*) FROM organizations WHERE sector = 'Food & Beverage'"), 5);
    // Another configuration is another run.
    let unchanged = crm.ok(&format!("--if-changed {}", clean(&db)));
    unchanged.printing("nothing to do");
    crm.write(
        "crm-seed.toml",
        "[tables.notes]\nrows = 12\n[tables.organizations.columns]\nplan = { value = \"basic\" }\n",
    );
    crm.ok(&format!("--if-changed {}", clean(&db)));
    assert_eq!(db.number("SELECT count(*) FROM notes"), 12);
    crm.write("crm-seed.toml", "[tables.notes]\nrow = 12\n");
    crm.run(&clean(&db)).fails(2).telling("crm-seed.toml").telling("unknown field `row`");
}

#[test]
fn rows_of_others_stay_and_are_referred_to() {
    let Some(db) = changed(
        "CREATE TABLE regions (id int PRIMARY KEY, name text NOT NULL);
         INSERT INTO regions VALUES (7, 'North'), (9, 'South');
         ALTER TABLE organizations ADD region_id int NOT NULL REFERENCES regions",
    ) else {
        return;
    };
    Crm::new().ok(&clean(&db));
    assert_eq!(db.number("SELECT count(*) FROM regions"), 2);
    assert_eq!(db.number("SELECT count(DISTINCT region_id) FROM organizations"), 2);
}

#[test]
fn triggers_fire_are_told_of_and_can_be_passed_by() {
    let Some(db) = changed(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no such luck'; END $$;
         CREATE TRIGGER t BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION broken();
         CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
         CREATE TRIGGER s BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION stamp();
         CREATE TABLE log (at timestamptz DEFAULT now(), what text);
         CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (what) VALUES ('x'); RETURN NULL; END $$;
         CREATE TRIGGER l AFTER INSERT ON products FOR EACH ROW EXECUTE FUNCTION log();",
    ) else {
        return;
    };
    Crm::new()
        .run(&format!("{} --strict", clean(&db)))
        .fails(3)
        .telling("table tasks is left out: no such luck");
    let outcome = Crm::new().run(&format!("{} --include tasks", clean(&db))).fails(1);
    outcome.telling("no such luck").telling("trigger t of tasks failed").telling("--exclude tasks");
    let outcome = Crm::new().ok(&format!("{} --exclude tasks", clean(&db)));
    outcome
        .printing("trigger s of contacts may change rows")
        .printing("uses the clock")
        .printing("trigger l of products may add rows to log");
    assert_eq!(db.number("SELECT count(*) FROM log"), 70);
    Crm::new().ok(&format!("{} --triggers off", clean(&db)));
    assert_eq!(db.number("SELECT count(*) FROM tasks"), 75);
    let role = db.role("GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ROLE");
    db.run("ALTER TABLE organizations DISABLE ROW LEVEL SECURITY");
    let outcome =
        Crm::new().run(&format!("--clean --yes --triggers off --database-url {}", db.url_of(&role)));
    outcome.fails(3).telling("cannot disable triggers");
}

#[test]
fn what_a_trigger_puts_into_a_table_of_ours_is_replaced_by_ours() {
    let Some(db) = database("supabase_users") else { return };
    Crm::new().ok(&clean(&db));
    assert_eq!(db.number("SELECT count(*) FROM sales"), db.number("SELECT count(*) FROM auth.users"));
    assert_eq!(
        db.number("SELECT count(*) FROM sales s JOIN auth.users u ON u.id = s.user_id AND u.email = s.email"),
        8
    );
}

#[test]
fn a_policy_that_refuses_is_named() {
    let Some(db) = changed(
        "ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
         CREATE POLICY only_kims ON contacts FOR ALL USING (true) WITH CHECK (first_name = 'Kim')",
    ) else {
        return;
    };
    let role = db.role("GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ROLE");
    let open: String = [
        "organizations",
        "products",
        "opportunities",
        "contact_organizations",
        "opportunity_participants",
        "opportunity_contacts",
        "opportunity_products",
        "product_inventory",
        "tasks",
    ]
    .map(|table| format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"))
    .concat();
    db.run(&open);
    db.run("DROP POLICY IF EXISTS authenticated_users_policy ON contacts");
    let outcome = Crm::new().run(&format!("--clean --yes --database-url {}", db.url_of(&role))).fails(1);
    outcome.telling("only_kims").telling("first_name").telling("BYPASSRLS");
}

#[test]
fn users_who_can_log_in_are_made_here_and_nowhere_else() {
    let Some(db) = database("supabase_users") else { return };
    Crm::new().ok(&clean(&db));
    let users = "SELECT count(*) FROM auth.users WHERE encrypted_password LIKE '$2a$10$%' AND email_confirmed_at IS NOT NULL
                 AND aud = 'authenticated' AND email LIKE '%.example'";
    assert_eq!(db.number(users), 8);
    assert_eq!(db.number("SELECT count(*) FROM auth.identities"), 8);
}

#[test]
fn named_scenarios_come_with_the_keys_that_the_target_has() {
    let Some(db) = database("uuid_keys") else { return };
    let crm = Crm::new();
    crm.ok(&format!("--scenario multi-stakeholder --handles ids.json {}", clean(&db)));
    let text = std::fs::read_to_string(crm.directory().join("ids.json")).expect("handles");
    let handles: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let deals = handles.as_object().into_iter().flatten().filter(|(_, row)| row["table"] == "opportunities");
    let mut count = 0;
    for (_, row) in deals {
        let id = row["id"].as_str().expect("a UUID");
        assert_eq!(db.number(&format!("SELECT count(*) FROM opportunities WHERE id = '{id}'")), 1);
        count += 1;
    }
    assert!(count > 0);
    let before = db.digests();
    Crm::new().ok(&format!("--scenario multi-stakeholder {}", db.option()));
    assert_eq!(db.digests(), before, "the same again");
}

#[test]
fn a_circle_without_a_way_in_is_opened_by_the_owner_and_refused_to_others() {
    let sql = "CREATE TABLE teams (id bigint PRIMARY KEY, lead_id bigint NOT NULL, name text NOT NULL);
        CREATE TABLE members (id bigint PRIMARY KEY, team_id bigint NOT NULL REFERENCES teams, name text NOT NULL);
        ALTER TABLE teams ADD CONSTRAINT led FOREIGN KEY (lead_id) REFERENCES members;
        ALTER TABLE organizations ADD team_id bigint NOT NULL REFERENCES teams";
    let Some(db) = changed(sql) else { return };
    let before = db.schema();
    Crm::new().ok(&format!("{} --no-ledger", clean(&db)));
    assert_eq!(db.schema(), before);
    assert_eq!(
        db.number("SELECT count(*) FROM teams t JOIN members m ON m.id = t.lead_id"),
        db.number("SELECT count(*) FROM teams")
    );
    // Rows that nobody recorded would stay, and be referred to.
    db.run("TRUNCATE teams CASCADE");
    let role = db.role("GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ROLE");
    let outcome = Crm::new().run(&format!("--clean --yes --database-url {}", db.url_of(&role))).fails(1);
    outcome.telling("form a cycle").telling("DEFERRABLE");
}
