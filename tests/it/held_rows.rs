//! What may not be lost beside a scenario, a schema that bears a name by now, a sequence that is not ours.

use crate::harness::{Crm, Database, Session, wait_for};

const LOAD: &str = "-s multi-stakeholder";
const UNLOAD: &str = "scenario unload multi-stakeholder";

/// A small scenario with `tasks` tasks.
fn scenario(crm: &Crm, tasks: u32) -> String {
    let text = format!(
        r#"{{"name": "mine", "title": "t", "description": "d",
            "rows": {{"organizations": {{"buyer": {{"organization_type": "customer"}}}},
                      "tasks": {{"call": {{"repeat": {tasks}, "title": "Call {{n}}"}}}}}}}}"#
    );
    format!("-s {}", crm.write("mine.json", &text).display())
}

#[test]
fn rows_that_hold_on_by_any_key_stay() {
    let Some(db) = Database::seeded(LOAD) else { return };
    db.run(
        "CREATE TABLE commission (id serial PRIMARY KEY, deal bigint, product bigint, FOREIGN KEY (deal, product)
           REFERENCES opportunity_products (opportunity_id, product_id) ON DELETE CASCADE);
         INSERT INTO commission (deal, product) SELECT opportunity_id, product_id FROM opportunity_products;
         ALTER TABLE organizations ADD UNIQUE (name);
         CREATE TABLE reviews (id serial PRIMARY KEY, org text REFERENCES organizations (name) ON DELETE SET NULL);
         INSERT INTO reviews (org) SELECT name FROM organizations",
    );
    let before = db.digests();
    assert!(
        db.number("SELECT count(*) FROM commission") > 0 && db.number("SELECT count(*) FROM reviews") > 0
    );
    Crm::new().ok(&format!("{LOAD} {}", db.option()));
    assert_eq!(db.digests(), before);
    let outcome = Crm::new().run(&format!("{UNLOAD} {}", db.option())).fails(3);
    outcome.telling("of commission (deal, product)").telling("of reviews (org)");
    assert_eq!(db.digests(), before);
}

#[test]
fn base_rows_that_others_hold_on_to_by_any_key_stay() {
    let Some(db) = Database::seeded("") else { return };
    db.run(
        "CREATE TABLE commission (id serial PRIMARY KEY, deal bigint, product bigint, FOREIGN KEY (deal, product)
           REFERENCES opportunity_products (opportunity_id, product_id) ON DELETE CASCADE);
         INSERT INTO commission (deal, product) SELECT opportunity_id, product_id FROM opportunity_products",
    );
    let before = db.digests();
    let outcome = Crm::new().run(&format!("scenario unload default {}", db.option())).fails(3);
    outcome.telling("of commission (deal, product)");
    assert_eq!(db.digests(), before);
}

/// A partition that refers by a key of its own is no table of the catalog: it must be locked all the same, or a row
/// of it that is committed between the count and the TRUNCATE is gone.
#[test]
fn a_row_that_comes_to_a_referring_partition_while_the_run_waits_stays() {
    let Some(db) = Database::seeded("") else { return };
    db.run(
        "CREATE TABLE readings (day date NOT NULL, o bigint) PARTITION BY RANGE (day);
         CREATE TABLE readings_2026 PARTITION OF readings FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
         ALTER TABLE readings_2026 ADD FOREIGN KEY (o) REFERENCES organizations",
    );
    for (command, lock, code) in
        [("--clean --seed 2", "AccessExclusiveLock", 3), (LOAD, "ShareRowExclusiveLock", 0)]
    {
        let mut app = Session::holding(&db, "BEGIN; INSERT INTO readings VALUES ('2026-05-01', NULL)");
        let crm = Crm::new();
        let running = crm.spawn(&format!("{command} {}", db.option()));
        let asked = format!(
            "SELECT count(*) FROM pg_locks
             WHERE relation = 'readings_2026'::regclass AND mode = '{lock}' AND NOT granted"
        );
        wait_for("a run that waits for the partition", || (db.number(&asked) > 0).then_some(()));
        app.run("COMMIT");
        let outcome = running.wait();
        assert_eq!(outcome.status.code(), Some(code), "{command}: {}", outcome.stderr);
    }
    assert_eq!(db.number("SELECT count(*) FROM readings"), 2);
}

#[test]
fn rows_that_a_policy_hides_stay() {
    let Some(db) = Database::seeded(LOAD) else { return };
    let app = db.role(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ROLE;
         GRANT ALL ON SCHEMA crm_seed TO ROLE; GRANT ALL ON ALL TABLES IN SCHEMA crm_seed TO ROLE;",
    );
    db.run(&format!(
        "ALTER MATERIALIZED VIEW opportunity_pipeline_summary OWNER TO {app};
         CREATE TABLE notes (id serial PRIMARY KEY, tenant int,
                             contact bigint REFERENCES contacts (id) ON DELETE CASCADE);
         INSERT INTO notes (contact, tenant) SELECT id, 2 FROM contacts;
         ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON notes USING (tenant = 1);
         GRANT ALL ON notes TO {app}"
    ));
    let before = db.digests();
    let outcome = Crm::new().run(&format!("{UNLOAD} --database-url {}", db.url_of(&app))).fails(3);
    outcome.telling("an unknown number of notes (contact), as this role cannot see all rows");
    assert_eq!(db.digests(), before);
}

#[test]
fn a_scenario_that_grows_writes_over_no_row_of_the_app() {
    let Some(db) = Database::migrated() else { return };
    let crm = Crm::new();
    crm.ok(&format!("{} {}", scenario(&crm, 2), db.option()));
    // The key that the third task is to get.
    let other = Database::migrated().expect("a server");
    crm.ok(&format!("{} {}", scenario(&crm, 3), other.option()));
    let third = other.run("SELECT id FROM tasks WHERE title = 'Call 3'");
    db.run(&format!(
        "INSERT INTO tasks (id, title) VALUES ({third}, 'Ours');
         CREATE TABLE notes (organization bigint REFERENCES organizations (id));
         INSERT INTO notes SELECT id FROM organizations"
    ));
    let before = db.digests();
    let outcome = crm.run(&format!("{} {}", scenario(&crm, 3), db.option())).fails(3);
    outcome.telling("existing rows of no scenario have the ids of its new rows: 1 of tasks");
    assert_eq!(db.digests(), before);
}

#[test]
fn a_row_in_the_place_of_another_stays_also_where_nothing_says_when_it_was_made() {
    let Some(db) = Database::migrated() else { return };
    let crm = Crm::new();
    db.run("ALTER TABLE tasks DROP COLUMN created_at");
    let load = format!("{} {}", scenario(&crm, 2), db.option());
    crm.ok(&load);
    crm.ok(&load);
    let second = db.run("SELECT id FROM tasks WHERE title = 'Call 2'");
    let replaced = format!(
        "DELETE FROM tasks WHERE id = {second}; INSERT INTO tasks (id, title) VALUES ({second}, 'Ours')"
    );
    db.run(&replaced);
    let before = db.digests();
    crm.run(&load).fails(3).telling("were replaced by other rows with the same ids: 1 of tasks");
    assert_eq!(db.digests(), before);
    crm.ok(&format!("scenario unload mine {}", db.option()))
        .printing("kept rows that replaced rows of the scenario: 1 of ");
    assert_eq!(db.run("SELECT title FROM tasks"), "Ours");
}

#[test]
fn base_rows_that_were_replaced_stay_where_nothing_says_when_they_were_made() {
    let Some(db) = Database::migrated() else { return };
    db.run("ALTER TABLE tasks DROP COLUMN created_at");
    Crm::new().ok(&db.option());
    db.run(
        "CREATE TEMP TABLE gone AS SELECT id FROM tasks; DELETE FROM tasks;
         INSERT INTO tasks (id, title) SELECT id, 'Ours ' || id FROM gone",
    );
    let tasks = db.number("SELECT count(*) FROM tasks");
    Crm::new()
        .ok(&format!("scenario unload default {}", db.option()))
        .printing("kept rows with the ids of base rows");
    assert_eq!(db.number("SELECT count(*) FROM tasks WHERE title LIKE 'Ours %'"), tasks);
    assert_eq!(db.number("SELECT count(*) FROM contacts"), 0);
}

#[test]
fn a_table_of_others_in_the_ledger_s_place_is_left_alone() {
    for table in ["scenario (name text, body text)", "ledger (id int, body text)"] {
        let Some(db) = Database::migrated() else { return };
        let name = table.split(' ').next().expect("a name");
        db.run(&format!("CREATE SCHEMA crm_seed; CREATE TABLE crm_seed.{table}; INSERT INTO crm_seed.{name} DEFAULT VALUES"));
        let told = format!("crm_seed.{name} is not the table in which crm-seed records its runs");
        Crm::new().run(&db.option()).fails(3).telling(&told).telling("--no-ledger");
        Crm::new().run(&format!("doctor {}", db.option())).printing(&told);
        Crm::new().ok(&format!("--no-ledger {}", db.option()));
        assert_eq!(db.number(&format!("SELECT count(*) FROM crm_seed.{name}")), 1);
    }
}

#[test]
fn a_sequence_of_others_is_never_lowered_by_what_is_undone() {
    let Some(db) = Database::seeded("") else { return };
    let app = db.role(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ROLE;",
    );
    let last = || db.number("SELECT last_value FROM contacts_id_seq");
    db.run("SELECT setval('contacts_id_seq', 90000)");
    let option = format!("--database-url {}", db.url_of(&app));
    Crm::new().ok(&format!("doctor --try {option}"));
    assert_eq!(last(), 90_000);
    Crm::new().ok(&format!("--clean --yes {option}"));
    assert!(last() >= 90_000, "{}", last());
}

#[test]
fn rows_that_a_trigger_writes_in_a_subtransaction_are_ours() {
    let Some(db) = Database::migrated() else { return };
    db.run(
        "CREATE TABLE audit (id serial PRIMARY KEY, contact bigint REFERENCES contacts (id));
         CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           BEGIN INSERT INTO audit (contact) VALUES (NEW.id); EXCEPTION WHEN OTHERS THEN NULL; END;
           RETURN NULL; END $$;
         CREATE TRIGGER remember AFTER INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION remember()",
    );
    Crm::new().ok(&db.option());
    assert!(db.number("SELECT count(*) FROM audit") > 0);
    for _ in 0..2 {
        Crm::new().ok(&format!("--clean {}", db.option()));
    }
    db.run("INSERT INTO audit (contact) SELECT min(id) FROM contacts");
    Crm::new().run(&format!("--clean {}", db.option())).fails(3).telling("audit");
}
