//! Scenario files that name the app's own tables and columns, and rows that are there.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Crm, Database, Server};

/// A database with a schema of the fixtures.
fn database(schema: &str) -> Option<Database> {
    let db = Database::empty()?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/schemas/{schema}.sql"));
    db.run(&std::fs::read_to_string(file).expect("a fixture"));
    Some(db)
}

/// The text of a scenario called `own` with these rows, and more fields.
fn scenario(rows: &str, more: &str) -> String {
    format!("{{\n\"name\": \"own\", \"title\": \"t\", \"description\": \"d\",\n\"rows\": {rows}{more}\n}}\n")
}

/// Writes the scenario and loads it.
#[track_caller]
fn load(crm: &Crm, db: &Database, rows: &str, more: &str) -> Value {
    crm.write("own.json", &scenario(rows, more));
    crm.ok(&format!("scenario check own.json {}", db.option()));
    crm.ok(&format!("-s own.json --handles ids.json {}", db.option()));
    ids(crm)
}

fn ids(crm: &Crm) -> Value {
    let text = std::fs::read_to_string(crm.directory().join("ids.json")).expect("handles");
    serde_json::from_str(&text).expect("JSON")
}

const SUPABASE: &str = r#"{
    "auth.users": { "quinn": { "email": "quinn@example.test",
                               "raw_user_meta_data": { "first_name": "Quinn", "last_name": "Ames" } } },
    "segments": { "fine-dining": { "name": "Fine dining", "created_by": "@quinn" } },
    "organizations": { "diner": { "organization_type": "customer", "name": "Blue Plate Diner", "priority": "A",
                                  "segment_id": "@fine-dining",
                                  "sales_id": { "existing": "sales", "where": { "email": "qa@example.test" } } } },
    "contacts": { "jane": { "first_name": "Jane", "organization": "@diner", "department": "Kitchen", "tags": [7, 8] } },
    "opportunities": { "renewal": { "customer_organization_id": "@diner", "stage": "feedback_logged",
                                    "created_by": "@quinn" } },
    "notes": {
        "hint": { "opportunity_id": "@renewal", "text": "Call after 3 pm", "date": "as_of-3d 14:30",
                  "sales_id": { "existing": "sales", "where": { "email": "qa@example.test" } } },
        "bare": { "repeat": 2, "text": "note {n}", "contact_id": "@jane" }
    }
}"#;

const EXPECT: &str = r#", "expect": [
    { "name": "by the app's table", "sql": "SELECT text FROM notes WHERE id = @hint", "equals": "Call after 3 pm",
      "required": true },
    { "name": "by the domain's", "sql": "SELECT count(*) FROM opportunities WHERE id = @renewal", "equals": 1,
      "required": true }
]"#;

/// A person who signs in, for whom a trigger makes a row of sales, a company and a contact with a note.
const OF_THE_APP: &str = "INSERT INTO auth.users (id, email, raw_user_meta_data)
     VALUES ('11111111-1111-4111-8111-111111111111', 'qa@example.test', '{\"first_name\": \"Q\", \"last_name\": \"A\"}');
     INSERT INTO organizations (name, organization_type) VALUES ('Standing Diner', 'customer');
     INSERT INTO contacts (name) VALUES ('Somebody of the app');
     INSERT INTO notes (text, sales_id, contact_id) SELECT 'of the app', s.id, c.id FROM sales s, contacts c";

fn with_rows_of_the_app() -> Option<Database> {
    let db = database("supabase_users")?;
    db.run(OF_THE_APP);
    Some(db)
}

#[test]
fn tables_and_columns_that_only_the_app_has_are_loaded_beside_its_rows() {
    let Some(db) = with_rows_of_the_app() else { return };
    let crm = Crm::new();
    let ids = load(&crm, &db, SUPABASE, EXPECT);
    assert_eq!(ids["quinn"]["table"], "auth.users");
    assert_eq!(ids["bare-2"]["table"], "notes");
    let quinn = ids["quinn"]["id"].as_str().expect("a UUID").to_owned();
    assert_eq!(
        db.run("SELECT o.name, o.priority, s.name, w.email, s.created_by FROM organizations o
                JOIN segments s ON s.id = o.segment_id JOIN sales w ON w.id = o.sales_id WHERE o.priority = 'A'"),
        format!("Blue Plate Diner\tA\tFine dining\tqa@example.test\t{quinn}")
    );
    assert_eq!(
        db.run("SELECT first_name, department, tags FROM contacts WHERE first_name = 'Jane'"),
        "Jane\tKitchen\t{7,8}"
    );
    assert_eq!(db.run(&format!("SELECT count(*) FROM opportunities WHERE created_by = '{quinn}'")), "1");
    let note = "SELECT n.text, n.date AT TIME ZONE 'UTC', w.email, n.contact_id IS NULL FROM notes n
                JOIN sales w ON w.id = n.sales_id WHERE n.text LIKE 'Call%'";
    assert_eq!(db.run(note), "Call after 3 pm\t2025-12-29 14:30:00\tqa@example.test\tt");
    let bare =
        "SELECT text, (SELECT first_name FROM contacts WHERE id = contact_id) FROM notes WHERE text ~ '^note'
                ORDER BY text";
    assert_eq!(db.run(bare), "note 1\tJane\nnote 2\tJane");
    assert_eq!(db.run("SELECT count(*) FROM notes WHERE text = 'of the app'"), "1");
}

#[test]
fn they_are_loaded_again_beside_rows_that_hold_on_and_unloaded_with_what_triggers_made() {
    let Some(db) = with_rows_of_the_app() else { return };
    let crm = Crm::new();
    let app = ["auth.users", "sales", "notes", "segments", "contacts", "organizations"];
    let rows = |db: &Database| -> Vec<String> {
        app.iter()
            .map(|table| {
                db.run(&format!("SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t"))
            })
            .collect()
    };
    // Lists that are empty are filled once.
    crm.write("own.json", &scenario("{\"tasks\": {\"t\": {}}}", ""));
    crm.ok(&format!("-s own.json {}", db.option()));
    crm.ok(&format!("scenario unload own {}", db.option()));
    let before = rows(&db);
    let first = load(&crm, &db, SUPABASE, EXPECT);
    let loaded = rows(&db);
    // The app's row holds on to a row of the scenario in a table that only the app has.
    db.run(
        "INSERT INTO segments (name, created_by) SELECT 'mine', id FROM auth.users WHERE email LIKE 'quinn%'",
    );
    db.run("UPDATE organizations SET city = 'changed' WHERE priority = 'A'");
    crm.ok(&format!("-s own.json --handles ids.json {}", db.option()));
    assert_eq!(ids(&crm), first, "the same ids");
    assert_eq!(db.run("SELECT count(*) FROM organizations WHERE city = 'changed'"), "0");
    assert_eq!(db.run("SELECT count(*) FROM segments WHERE name = 'mine' AND created_by IS NOT NULL"), "1");
    let unload = format!("scenario unload own {}", db.option());
    crm.run(&unload).fails(3).telling("1 of segments (created_by)").silent_about("sales (user_id)");
    db.run("DELETE FROM segments WHERE name = 'mine'");
    // A trigger of the app's dates what is written over.
    assert_eq!(rows(&db)[..4], loaded[..4]);
    crm.ok(&unload);
    assert_eq!(
        rows(&db),
        before,
        "all of it went, with the row that a trigger made; what is the app's stays"
    );
}

#[test]
fn a_row_of_the_app_that_holds_on_to_what_a_trigger_made_is_not_deleted_with_it() {
    let Some(db) = with_rows_of_the_app() else { return };
    let crm = Crm::new();
    load(&crm, &db, SUPABASE, EXPECT);
    db.run(
        "UPDATE contacts SET sales_id = (SELECT id FROM sales WHERE email LIKE 'quinn%')
            WHERE name = 'Somebody of the app'",
    );
    crm.run(&format!("scenario unload own {}", db.option())).fails(3).telling("1 of contacts (sales_id)");
    assert_eq!(db.run("SELECT count(*) FROM sales"), "2");
}

#[test]
fn rows_in_a_table_of_the_app_go_with_clean_and_the_app_s_own_stay() {
    let Some(db) = with_rows_of_the_app() else { return };
    let crm = Crm::new();
    load(&crm, &db, SUPABASE, EXPECT);
    db.run(
        "DELETE FROM notes WHERE text = 'of the app'; DELETE FROM contacts WHERE name LIKE 'Somebody%';
            DELETE FROM organizations WHERE name = 'Standing Diner'",
    );
    crm.ok(&format!("--clean {}", db.option()));
    assert_eq!(db.run("SELECT email FROM auth.users"), "qa@example.test");
    assert_eq!(db.run("SELECT count(*) FROM crm_seed.scenario"), "0");
    // With the scenario again, beside the base rows.
    crm.ok(&format!("-s own.json {}", db.option()));
    assert_eq!(db.run("SELECT email FROM auth.users ORDER BY 1"), "qa@example.test\nquinn@example.test");
}

#[test]
fn tables_of_the_domain_may_be_called_as_the_app_calls_them() {
    let Some(db) = database("camel_case") else { return };
    let crm = Crm::new();
    let rows = r#"{
        "User": { "rep": { "email": "rep@example.test", "role": "ADMIN" } },
        "Company": { "acme": { "name": "Acme Diner", "companyType": "CUSTOMER", "ownerId": "@rep", "annualRevenue": 1234567.5 } },
        "Contact": { "ann": { "firstName": "Ann", "companyId": "@acme", "isPrimaryContact": true } },
        "Deal": { "big": { "title": "The big one", "dealStage": "CLOSED_WON", "dealValue": 99.95, "companyId": "@acme",
                           "ownerId": "@rep" } },
        "Activity": { "call": { "subject": "Called {n}", "repeat": 2, "occurredAt": "as_of-2d 09:00" } }
    }"#;
    let expect = r#", "expect": [{ "name": "read as the domain's", "required": true, "equals": "closed_won",
                                   "sql": "SELECT stage FROM opportunities WHERE id = @big" }]"#;
    let ids = load(&crm, &db, rows, expect);
    assert_eq!(ids["big"]["table"], "Deal");
    let deal = r#"SELECT d.title, d."dealStage", d."dealValue", d."winProbability", d."closedAt" IS NOT NULL, c.name, u.email
                  FROM "Deal" d JOIN "Company" c ON c.id = d."companyId" JOIN "User" u ON u.id = d."ownerId""#;
    assert_eq!(db.run(deal), "The big one\tCLOSED_WON\t99.95\t100\tt\tAcme Diner\trep@example.test");
    // Nobody else is made up for the company, whose contact is given.
    let contacts = r#"SELECT "firstName", "emailAddress" LIKE '%@acme-diner.example' FROM "Contact""#;
    assert_eq!(db.run(contacts), "Ann\tt");
    let calls = r#"SELECT subject, "occurredAt" FROM "Activity" ORDER BY 1"#;
    assert_eq!(db.run(calls), "Called 1\t2025-12-30 09:00:00\nCalled 2\t2025-12-30 09:00:00");
}

#[test]
fn values_of_any_type_get_in_as_they_are_given() {
    let Some(db) = database("uuid_keys") else { return };
    db.run("INSERT INTO organizations (name, organization_type, city, state) VALUES ('Standing Diner', 'customer', 'Akron', 'OH')");
    let crm = Crm::new();
    let rows = r#"{
        "users": { "boss": { "email": "boss@example.test", "role": "manager", "last_sign_in_ip": "10.0.0.7", "workday_starts": "09:30" } },
        "territories": { "west": { "name": "West Wing", "states": ["CA", "OR"], "manager_id": "@boss", "quota": 1000000.50 } },
        "opportunities": { "deal": { "customer_organization_id": { "existing": "organizations", "where": { "name": "Standing Diner" } },
                                     "discount": 12.5, "sales_cycle": "45 days", "amount": 500, "stage": "closed_won" } },
        "contacts": { "joe": { "first_name": "Joe", "organization": { "existing": "organizations", "where": { "city": "Akron" } },
                               "interests": ["tea", "a \"quoted\", {odd}\\thing"], "birthday": "1980-02-29",
                               "preferences": { "a": [1, null] }, "best_time_to_call": "08:15" } }
    }"#;
    load(&crm, &db, rows, "");
    assert_eq!(
        db.run(
            "SELECT name, states, quota, u.email, host(last_sign_in_ip), workday_starts FROM territories t
                JOIN users u ON u.id = t.manager_id WHERE t.name = 'West Wing'"
        ),
        "West Wing\t{CA,OR}\t1000000.50\tboss@example.test\t10.0.0.7\t09:30:00"
    );
    assert_eq!(
        db.run(
            "SELECT o.name, d.discount, d.sales_cycle, d.amount, d.probability FROM opportunities d
                JOIN organizations o ON o.id = d.customer_organization_id"
        ),
        "Standing Diner\t12.50\t45 days\t500.00\t100"
    );
    assert_eq!(
        db.run("SELECT o.name, c.interests[2], c.birthday, c.preferences::text, c.best_time_to_call FROM contacts c
                JOIN organizations o ON o.id = c.organization_id WHERE c.first_name = 'Joe'"),
        "Standing Diner\ta \"quoted\", {odd}\\thing\t1980-02-29\t{\"a\":[1,null]}\t08:15:00"
    );
    // Who is there gets no rows of the scenario besides.
    assert_eq!(db.run("SELECT count(*) FROM contacts"), "1");
}

#[test]
fn what_the_app_does_not_have_is_told_with_its_place_and_nothing_is_loaded() {
    let Some(db) = with_rows_of_the_app() else { return };
    let users = r#"{ "existing": "sales", "where": "#;
    let cases: &[(&str, &str)] = &[
        (r#"{ "nots": {} }"#, "own.json:3:11: `nots`: no such table in this database; did you mean `notes`?"),
        (
            r#"{ "notes": { "a": { "txt": "x" } } }"#,
            "own.json:3:29: notes has no column `txt`; did you mean `text`?",
        ),
        (
            r#"{ "notes": { "a": { "text": 7 } } }"#,
            "own.json:3:37: text (text) must be a string, not the number `7`",
        ),
        (r#"{ "notes": { "a": { "text": null } } }"#, "text cannot be null"),
        (r#"{ "notes": { "a": { "date": "now" } } }"#, "date `now`: it would differ from run to run"),
        (r#"{ "notes": { "a": { "date": "2024-02-30" } } }"#, "date `2024-02-30`: no such date or time"),
        (r#"{ "activities": { "a": { "type": "cal" } } }"#, "unknown type `cal`; did you mean `call`?"),
        (
            r#"{ "auth.users": { "a": { "id": "no-uuid" } } }"#,
            "id (uuid): invalid input syntax for type uuid",
        ),
        (
            r#"{ "auth.users": { "a": { "confirmed_at": "as_of" } } }"#,
            "confirmed_at is a generated column and cannot be set",
        ),
        (
            r#"{ "auth.users": { "a": { "email": ["x"] } } }"#,
            "email (character varying(255)) must be a string, not an array",
        ),
        (r#"{ "notes": { "a": { "contact_id": "@nobody" } } }"#, "`a`: there is no row `@nobody`"),
        (r#"{ "crm_seed.ledger": { "a": {} } }"#, "`crm_seed.ledger`: no such table in this database"),
        (
            r#"{ "organizations": { "a": { "organization_type": "customer", "priority": "E" } } }"#,
            "unknown priority `E`",
        ),
        (
            r#"{ "organizations": { "a": { "organization_type": "customer", "nickname": "E" } } }"#,
            "organizations has no column `nickname`",
        ),
    ];
    let lookups: &[(&str, &str)] = &[
        (r#"{ "email": "nobody@example.test" } }"#, "no row of sales has email = `nobody@example.test`"),
        (r#"{ "email": null } }"#, "no row of sales has email NULL"),
        (r#"{ "disabled": false } }"#, "2 rows of sales has disabled = `false`: say which is meant"),
        (
            r#"{ "email": "x' OR true; DROP TABLE notes; --" } }"#,
            "no row of sales has email = `x' OR true; DROP TABLE notes; --`",
        ),
        (r#"{ "e-mail": "x" } }"#, "sales has no column `e-mail`; did you mean `email`?"),
        (r#"{ "created_at": "now" } }"#, "created_at `now`: it would differ from run to run"),
        (r#"{ "id": "one" } }"#, "invalid input syntax for type bigint"),
        (r#"{ "email": ["x"] } }"#, "email in `where` must be a single value, not an array"),
        (r#"{} }"#, "`where` must say what columns hold"),
        (r#"{ "email": "x" }, "limit": 1 }"#, "a lookup has `existing` and `where`, and no `limit`"),
    ];
    db.run("INSERT INTO auth.users (id, email) VALUES ('22222222-1111-4111-8111-111111111111', 'other@example.test')");
    let counts = db.run("SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM auth.users), to_regclass('crm_seed.ledger')");
    let hold = |rows: &str, told: &str| {
        let crm = Crm::new();
        crm.write("own.json", &scenario(rows, ""));
        crm.run(&format!("scenario check own.json {}", db.option()))
            .fails(2)
            .telling(told)
            .telling("own.json:3:");
        crm.run(&format!("-s own.json {}", db.option())).fails(2).telling(told).telling("own.json:3:");
    };
    for (rows, told) in cases {
        hold(rows, told);
    }
    for (lookup, told) in lookups {
        hold(&format!(r#"{{ "notes": {{ "a": {{ "text": "x", "sales_id": {users}{lookup} }} }} }}"#), told);
    }
    hold(
        r#"{ "notes": { "a": { "text": "x", "sales_id": { "existing": "salse", "where": { "id": 1 } } } } }"#,
        "existing `salse`: no such table in this database; did you mean `sales`?",
    );
    let after = db.run("SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM auth.users), to_regclass('crm_seed.ledger')");
    assert_eq!(after, counts, "nothing was loaded");
}

#[test]
fn all_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
    let Some(db) = with_rows_of_the_app() else { return };
    let crm = Crm::new();
    crm.write(
        "own.json",
        &scenario("{ \"notes\": { \"a\": { \"txt\": 1,\n\"text\": 2,\n\"date\": \"soon\" } },\n\"nots\": { \"b\": {} } }", ""),
    );
    let outcome = crm.run(&format!("-s own.json {}", db.option())).fails(2);
    let places: Vec<&str> =
        outcome.stderr.lines().filter_map(|line| line.split("own.json:").nth(1)?.split(' ').next()).collect();
    assert_eq!(places, ["3:29:", "4:9:", "5:9:", "6:1:"], "{outcome:#?}");
}

#[test]
fn without_a_database_they_are_accepted_with_a_note() {
    let crm = Crm::new();
    crm.write("own.json", &scenario(SUPABASE, ""));
    let outcome = crm.ok("scenario check own.json");
    for told in [
        "ok  own: ",
        "left out, as only a database can say what they are (--database-url names one): 1 row of auth.users, ",
        "organizations.segment_id",
    ] {
        assert!(outcome.stdout.contains(told), "{told}: {outcome:#?}");
    }
    crm.ok("generate --out files -s own.json");
}

#[test]
fn a_row_that_is_looked_up_stays_where_it_is() {
    let Some(db) = with_rows_of_the_app() else { return };
    let crm = Crm::new();
    let rows = r#"{ "contacts": { "joe": { "first_name": "Joe",
        "organization": { "existing": "organizations", "where": { "name": "Standing Diner" } } } } }"#;
    load(&crm, &db, rows, "");
    let works =
        "SELECT c.first_name, o.name FROM contact_organizations l JOIN contacts c ON c.id = l.contact_id
                 JOIN organizations o ON o.id = l.organization_id";
    assert_eq!(db.run(works), "Joe\tStanding Diner");
    crm.run(&format!("--clean --yes -s own.json {}", db.option()))
        .fails(3)
        .telling("--clean empties organizations, in which the scenario looks up");
    assert_eq!(db.run(works), "Joe\tStanding Diner");
    // Loading again does not take the earlier copy for what is meant.
    let twice = r#"{ "organizations": { "diner": { "organization_type": "customer", "name": "Only Diner" } },
        "contacts": { "joe": { "first_name": "Joe",
            "organization": { "existing": "organizations", "where": { "name": "Only Diner" } } } } }"#;
    db.run("INSERT INTO organizations (name, organization_type) VALUES ('Only Diner', 'customer')");
    load(&crm, &db, twice, "");
    crm.ok(&format!("-s own.json {}", db.option()));
    assert_eq!(db.run("SELECT count(*) FROM organizations WHERE name = 'Only Diner'"), "2");
}

#[test]
fn the_json_schema_of_a_database_has_its_tables_and_columns() {
    let Some(db) = database("supabase_users") else { return };
    let crm = Crm::new();
    let printed = crm.ok(&format!("scenario schema {}", db.option())).stdout;
    let schema: Value = serde_json::from_str(&printed).expect("JSON");
    let tables = schema["properties"]["rows"]["properties"].as_object().expect("tables");
    for table in ["notes", "auth.users", "organizations", "segments"] {
        assert!(tables.contains_key(table), "{table}");
    }
    assert_eq!(schema["properties"]["rows"]["additionalProperties"], false);
    let organization = &schema["$defs"]["organizations_row"]["properties"];
    assert!(organization["segment_id"].is_object() && organization["state"].is_object(), "{organization}");
    let row = |table: &str| {
        let rows = tables[table]["patternProperties"]
            .as_object()
            .and_then(|rows| rows.values().next())
            .expect("rows");
        let name =
            rows["$ref"].as_str().and_then(|name| name.rsplit('/').next()).expect("a reference").to_owned();
        schema["$defs"][name]["properties"].clone()
    };
    let kinds = &row("activities")["type"]["enum"];
    assert_eq!(kinds, &serde_json::json!(["call", "email", "meeting", "sample", "site_visit"]));
    assert!(row("auth.users")["confirmed_at"].is_null(), "it is generated");
    // What the schema takes, the command takes, and the other way round.
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let instance = |rows: &str| -> Value { serde_json::from_str(&scenario(rows, "")).expect("JSON") };
    assert!(
        validator.is_valid(&instance(SUPABASE)),
        "{:?}",
        validator.iter_errors(&instance(SUPABASE)).next().map(|e| e.to_string())
    );
    for wrong in [
        r#"{ "nots": {} }"#,
        r#"{ "notes": { "a": { "txt": "x" } } }"#,
        r#"{ "notes": { "a": { "text": 7 } } }"#,
        r#"{ "activities": { "a": { "type": "cal" } } }"#,
        r#"{ "organizations": { "a": { "organization_type": "customer", "nickname": "E" } } }"#,
    ] {
        assert!(!validator.is_valid(&instance(wrong)), "{wrong}");
    }
}

#[test]
fn a_column_that_the_server_fills_can_be_given() {
    let Some(server) = Server::shared() else { return };
    let db = server.database();
    db.run(
        "CREATE TABLE companies (id serial PRIMARY KEY, name text NOT NULL, website text);
         CREATE TABLE contacts (id serial PRIMARY KEY, company_id int NOT NULL REFERENCES companies, first_name text, last_name text, email text);
         CREATE TABLE share_links (code text PRIMARY KEY DEFAULT md5(random()::text), company_id int NOT NULL REFERENCES companies,
             token uuid NOT NULL DEFAULT gen_random_uuid(), nonce bytea NOT NULL DEFAULT decode(md5(random()::text), 'hex'),
             seq smallserial UNIQUE)",
    );
    let crm = Crm::new();
    let rows = r#"{
        "companies": { "acme": { "name": "Acme" } },
        "share_links": { "open": { "code": "open-sesame", "company_id": "@acme", "nonce": "\\x00ff",
                                   "token": "0b7c0f8e-2f44-4f8e-9c5e-1a2b3c4d5e6f" },
                         "other": { "company_id": "@acme" } }
    }"#;
    let ids = load(&crm, &db, rows, "");
    assert_eq!(ids["open"]["code"], "open-sesame");
    assert_eq!(
        db.run("SELECT code, token, nonce, seq > 0 FROM share_links WHERE code = 'open-sesame'"),
        "open-sesame\t0b7c0f8e-2f44-4f8e-9c5e-1a2b3c4d5e6f\t\\x00ff\tt"
    );
    crm.ok(&format!("-s own.json {}", db.option()));
    crm.ok(&format!("scenario unload own {}", db.option()));
    assert_eq!(db.run("SELECT count(*) FROM share_links"), "0");
}
