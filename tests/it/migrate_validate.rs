//! `crm-seed migrate validate`: each violation planted once, and found; a clean database has none.

use serde_json::Value;

use crate::harness::{Crm, Database, Session};

/// The findings, as `check: object`.
fn found(report: &Value, level: &str) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    let text = |finding: &Value, field: &str| finding[field].as_str().expect("a text").to_owned();
    let line = |finding: &Value| format!("{}: {}", text(finding, "check"), text(finding, "object"));
    findings.filter(|finding| finding["level"] == level).map(line).collect()
}

/// The report of a database with errors.
#[track_caller]
fn broken(crm: &Crm, db: &Database) -> Value {
    crm.run(&format!("migrate validate --json {}", db.option())).exits(5).json()
}

/// What is found in a database with these tables, which has errors.
#[track_caller]
fn errors_of(script: &str) -> Option<Vec<String>> {
    let db = Database::empty()?;
    db.run(script);
    Some(found(&broken(&Crm::new(), &db), "error"))
}

/// The fixes of all errors, as statements that mend the database; those that need more than that are left out.
fn fixes(report: &Value) -> Vec<String> {
    let errors =
        report["findings"].as_array().expect("findings").iter().filter(|finding| finding["level"] == "error");
    let fix = |finding: &Value| {
        let fix = finding["fix"].as_str().expect("a fix");
        fix.strip_prefix("restore the missing rows, or ").unwrap_or(fix).to_owned()
    };
    errors.map(fix).filter(|fix| !fix.contains("...")).collect()
}

#[test]
fn a_seeded_database_has_no_errors() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    let (before, schema) = (db.digests(), db.schema());
    let report = crm.json(&format!("migrate validate {}", db.option()));
    assert_eq!(
        (found(&report, "error"), report["skipped"].as_array().map(Vec::len)),
        (vec![], Some(0)),
        "{report:#}"
    );
    // Nobody but the owner has rights to the table whose policy lets everybody in.
    let warnings = found(&report, "warning");
    assert_eq!(warnings, ["policy-permits-everything: authenticated_users_policy on opportunity_products"]);
    assert!(report["references_checked"].as_u64().is_some_and(|number| number > 10), "{report:#}");
    crm.ok(&format!("migrate validate {}", db.option())).printing("0 errors, 1 warning; ");
    assert_eq!((db.digests(), db.schema()), (before, schema));
}

#[test]
fn what_holds_in_name_only_is_found_and_mended_by_what_is_told() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    db.run(
        "CREATE TABLE parents (id int PRIMARY KEY, code text);
         CREATE TABLE children (id serial PRIMARY KEY, parent_id int REFERENCES parents, amount int);
         INSERT INTO parents VALUES (1, 'a');
         INSERT INTO children (parent_id, amount) VALUES (1, 5);
         ALTER TABLE children ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;
         CREATE DOMAIN short AS text; ALTER DOMAIN short ADD CONSTRAINT few CHECK (length(value) < 9) NOT VALID;
         SET session_replication_role = replica;
         INSERT INTO children (id, parent_id, amount) VALUES (7, 99, 1), (8, NULL, 1), (9, 98, 1);
         RESET session_replication_role;
         ALTER TABLE children DISABLE TRIGGER ALL;
         CREATE INDEX half ON children (amount);
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half'::regclass;
         CREATE MATERIALIZED VIEW empty AS SELECT * FROM parents WITH NO DATA;",
    );
    let report = broken(&crm, &db);
    let mut errors = found(&report, "error");
    errors.sort();
    assert_eq!(
        errors,
        [
            "constraint-not-valid: few on short",
            "constraint-not-valid: positive on children",
            "foreign-key-disabled: children_parent_id_fkey on children",
            "index-invalid: half on children",
            "orphaned-rows: children_parent_id_fkey on children",
            "sequence-behind: children_id_seq of children.id",
            "view-not-populated: empty",
        ]
    );
    let outcome = crm.run(&format!("migrate validate {}", db.option())).exits(5);
    let outcome = outcome
        .printing(": 2 rows refer to no row of parents (parent_id, for example 98)")
        .printing("its next number is 2, the column holds 9: SELECT setval('children_id_seq',")
        .printing("7 errors, 0 warnings; 1 reference checked, in ")
        .telling("validation found 7 errors");
    assert_eq!(outcome.stdout.lines().count(), 8, "{outcome:#?}");
    for fix in fixes(&report) {
        db.run(&fix);
    }
    crm.ok(&format!("migrate validate {}", db.option())).printing("0 errors");
    assert_eq!(db.run("SELECT count(*), count(parent_id) FROM children"), "4\t1");
}

#[test]
fn orphans_are_those_that_the_key_means() {
    // MATCH SIMPLE passes by what is partly NULL, MATCH FULL does not.
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE parents (a int, b text, PRIMARY KEY (a, b));
         INSERT INTO parents VALUES (1, 'x');
         CREATE TABLE simple (id int, a int, b text, FOREIGN KEY (a, b) REFERENCES parents);
         CREATE TABLE whole (id int, a int, b text, FOREIGN KEY (a, b) REFERENCES parents MATCH FULL);
         CREATE TABLE parts (day int, a int NOT NULL, b text NOT NULL, FOREIGN KEY (a, b) REFERENCES parents)
           PARTITION BY LIST (day);
         CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1);
         CREATE TABLE part_2 PARTITION OF parts FOR VALUES IN (2);
         SET session_replication_role = replica;
         INSERT INTO simple VALUES (1, 1, 'x'), (2, 1, 'y'), (3, NULL, 'y'), (4, 9, NULL);
         INSERT INTO whole SELECT * FROM simple;
         INSERT INTO parts SELECT 1 + i % 2, i, 'x' FROM generate_series(1, 1500) i;",
    );
    let report = broken(&Crm::new(), &db);
    let what = |object: &str| {
        let findings = report["findings"].as_array().expect("findings").iter();
        let mut of =
            findings.filter(|finding| finding["object"].as_str().is_some_and(|text| text.ends_with(object)));
        let first = of.next().map(|finding| finding["what"].as_str().unwrap_or_default().to_owned());
        assert!(of.next().is_none(), "once: {report:#}");
        first.unwrap_or_default()
    };
    assert!(
        what(" on simple").starts_with("1 row refers to no row of parents (a, b, for example 1, y)"),
        "{report:#}"
    );
    assert!(what(" on whole").starts_with("3 rows refer"), "{report:#}");
    assert!(what(" on parts").starts_with("1000 or more rows refer"), "{report:#}");
    assert_eq!(found(&report, "error").len(), 3, "{report:#}");
    for fix in fixes(&report) {
        db.run(&fix);
    }
    Crm::new().ok(&format!("migrate validate {}", db.option()));
    assert_eq!(db.run("SELECT (SELECT count(*) FROM parts), (SELECT count(*) FROM simple)"), "1\t4");
}

#[test]
fn references_without_a_key_are_known() {
    let Some(db) = Database::seeded("") else { return };
    let crm = Crm::new();
    db.run(
        "ALTER TABLE tasks DROP CONSTRAINT tasks_contact_id_fkey;
         UPDATE tasks SET contact_id = 4000000000 WHERE id IN (SELECT id FROM tasks WHERE contact_id IS NOT NULL LIMIT 1);",
    );
    let report = broken(&crm, &db);
    assert_eq!(
        found(&report, "error"),
        ["orphaned-rows: contact_id of tasks (no foreign key declared)"],
        "{report:#}"
    );
    // Another table's, which the configuration names; one that its name alone suggests is a warning.
    db.run(
        "UPDATE tasks SET contact_id = NULL WHERE contact_id = 4000000000;
         CREATE TABLE visits (id bigint PRIMARY KEY, seen bigint, contact_id bigint);
         INSERT INTO visits VALUES (1, 4000000000, 4000000001);",
    );
    crm.write(
        "crm-seed.toml",
        "include = [\"visits\"]\n[tables.visits.columns.seen]\nrefers_to = \"contacts.id\"\n",
    );
    let report = broken(&crm, &db);
    assert_eq!(
        found(&report, "error"),
        ["orphaned-rows: seen of visits (no foreign key declared)"],
        "{report:#}"
    );
    let warnings = found(&report, "warning");
    assert!(
        warnings.contains(&"orphaned-rows: contact_id of visits (no foreign key declared)".into()),
        "{report:#}"
    );
}

#[test]
fn row_level_security_is_held_to_what_the_others_have() {
    let table = |name: &str, rls: bool| {
        let enable = format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;");
        format!("CREATE TABLE {name} (id int);{}", if rls { &enable } else { "" })
    };
    let policies = "CREATE POLICY p ON a USING (id = 1); CREATE POLICY p ON b USING (id = 1);";
    let Some(errors) =
        errors_of(&format!("{}{}{}{policies}", table("a", true), table("b", true), table("c", false)))
    else {
        return;
    };
    assert_eq!(errors, ["rls-missing: c"]);
    let errors = errors_of(&format!("{}CREATE POLICY p ON a USING (id = 1);", table("a", false)));
    assert_eq!(errors, Some(vec!["rls-missing: a".into()]));
    let Some(db) = Database::empty() else { return };
    db.run(&format!(
        "{}{}{}
         GRANT SELECT ON a, b TO PUBLIC;
         CREATE POLICY open ON a FOR SELECT USING (true);
         CREATE POLICY closed ON a FOR UPDATE USING (id = 1);
         CREATE POLICY own ON a TO postgres USING (true);
         CREATE POLICY narrow ON a AS RESTRICTIVE USING (true);
         CREATE POLICY adds ON b FOR INSERT WITH CHECK (true);",
        table("a", true),
        table("b", true),
        table("shut", true)
    ));
    let report = broken(&Crm::new(), &db);
    assert_eq!(
        found(&report, "error"),
        ["policy-permits-everything: adds on b", "policy-permits-everything: open on a"]
    );
    assert_eq!(found(&report, "warning"), ["rls-without-policy: shut"]);
    let outcome = Crm::new().run(&format!("migrate validate {}", db.option()));
    outcome.printing("open on a permits SELECT on every row to public: ALTER POLICY open ON a USING (...)");
}

#[test]
fn warnings_alone_are_no_error() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE UNLOGGED TABLE a (id int PRIMARY KEY, name text);
         CREATE INDEX one ON a (name) WHERE id > 1;
         CREATE INDEX two ON a (name) WHERE id > 1;
         CREATE INDEX other ON a (name DESC) WHERE id > 1;
         CREATE INDEX keyed ON a (id);
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
         ALTER TABLE a DISABLE TRIGGER t;",
    );
    let report = Crm::new().json(&format!("migrate validate {}", db.option()));
    assert_eq!(
        found(&report, "warning"),
        [
            "trigger-disabled: t on a",
            "table-unlogged: a",
            "index-duplicate: keyed on a",
            "index-duplicate: two on a"
        ]
    );
    Crm::new().ok(&format!("migrate validate {}", db.option())).printing("0 errors, 4 warnings");
}

#[test]
fn what_may_not_be_read_is_told_and_does_not_fail() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE TABLE parents (id serial PRIMARY KEY);
         CREATE TABLE children (parent_id int REFERENCES parents);
         CREATE TABLE third (id int); CREATE TABLE fourth (id int);
         CREATE TABLE bound (id int REFERENCES parents); ALTER TABLE bound ENABLE ROW LEVEL SECURITY;
         CREATE POLICY few ON bound USING (id < 2);",
    );
    let role = db.role("GRANT SELECT ON bound, parents TO ROLE");
    let outcome = Crm::new().run(&format!("migrate validate --database-url {}", db.url_of(&role))).exits(0);
    outcome
        .printing(
            "skipped  orphaned-rows              children_parent_id_fkey on children: permission denied",
        )
        .printing("bound_id_fkey on bound: query would be affected by row-level security policy")
        .printing("skipped  sequence-behind            parents_id_seq of parents.id: permission denied");
    let _lock = Session::holding(&db, "BEGIN; LOCK TABLE children");
    let outcome = Crm::new().ok(&format!("migrate validate {}", db.option()));
    outcome
        .printing("children_parent_id_fkey on children: another session has it locked")
        .printing("0 errors");
    let outcome = Crm::new().run("migrate validate --database-url postgres://nobody@127.0.0.1:1/x --json");
    outcome.exits(4);
}

#[test]
fn references_that_names_tell_are_followed_where_users_are_the_platforms() {
    let Some(db) = Database::empty() else { return };
    db.run(
        "CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid PRIMARY KEY, email text);
         CREATE TABLE companies (id int PRIMARY KEY, name text, owner uuid NOT NULL REFERENCES auth.users);
         CREATE TABLE contacts (id int PRIMARY KEY, first_name text, last_name text, email text, company_id int,
           owner uuid NOT NULL REFERENCES auth.users);
         INSERT INTO auth.users VALUES ('00000000-0000-0000-0000-000000000001', 'a@example.com');
         INSERT INTO companies VALUES (1, 'Harbor', '00000000-0000-0000-0000-000000000001');
         INSERT INTO contacts VALUES (1, 'Ann', 'Lee', 'a@example.com', 77, '00000000-0000-0000-0000-000000000001')",
    );
    let outcome = Crm::new().run(&format!("migrate validate {}", db.option())).exits(5);
    outcome
        .printing("company_id of contacts (no foreign key declared)")
        .printing("for example 77")
        .silent_about("skipped");
}
