//! Roles that may not do everything.

use crate::harness::{Crm, Database};

const SEEDER: &str = "
    GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO ROLE;
    GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO ROLE;";

fn as_role(db: &Database, role: &str) -> String {
    format!("--database-url {}", db.url_of(role))
}

#[test]
fn every_right_that_is_missing_is_named() {
    let Some(db) = Database::seeded("") else { return };
    let before = db.digests();
    let nobody = db.role("");
    let outcome = Crm::new().run(&format!("--clean {}", as_role(&db, &nobody))).fails(1);
    outcome
        .telling(&format!("role {nobody} lacks privileges"))
        .telling("INSERT on organizations")
        .telling("SELECT on tasks")
        .telling("TRUNCATE on opportunity_products")
        .telling("UPDATE on sequence tasks_id_seq")
        .telling("hint: grant them");
    let reader = db.role("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ROLE");
    let outcome = Crm::new().run(&format!("--clean {}", as_role(&db, &reader))).fails(1);
    outcome.telling("INSERT on contacts").silent_about("SELECT on");
    let almost = db.role(&format!("{SEEDER} REVOKE TRUNCATE ON tasks FROM ROLE"));
    let outcome = Crm::new().run(&format!("--clean {}", as_role(&db, &almost))).fails(1);
    outcome.telling("lacks privileges: TRUNCATE on tasks\n");
    assert_eq!(db.digests(), before);
}

#[test]
fn a_role_that_owns_nothing_can_seed_with_the_rights_to() {
    let (Some(db), Some(plain)) = (Database::migrated(), Database::seeded("--seed 7")) else { return };
    let seeder = db.role(SEEDER);
    let outcome = Crm::new().ok(&format!("--seed 7 {}", as_role(&db, &seeder)));
    outcome
        .printing("note: the run was not recorded")
        .printing("note: materialized view opportunity_pipeline_summary was not refreshed");
    assert_eq!(db.digests(), plain.digests());
    let next = db.number("INSERT INTO tasks (title) VALUES ('Call') RETURNING id");
    assert_eq!(next, db.number(&format!("SELECT max(id) + 1 FROM tasks WHERE id <> {next}")));
    Crm::new().ok(&format!("--clean --yes --seed 7 {}", as_role(&db, &seeder)));
    assert_eq!(db.digests(), plain.digests());
}

#[test]
fn a_role_that_owns_nothing_can_load_much_too() {
    let Some(db) = Database::migrated() else { return };
    let before = db.schema();
    let seeder = db.role(SEEDER);
    let granted = db.schema();
    assert_ne!(granted, before);
    Crm::new().ok(&format!("--scale 150 {}", as_role(&db, &seeder)));
    assert_eq!(db.schema(), granted);
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28 * 150);
}

#[test]
fn a_role_under_row_level_security_seeds_by_insert_and_says_so() {
    let (Some(db), Some(plain)) = (Database::migrated(), Database::seeded("")) else { return };
    let seeder = db.role(SEEDER);
    let outcome = Crm::new().ok(&as_role(&db, &seeder));
    outcome.printing("INSERT instead of COPY: row-level security").printing("(by insert)");
    assert_eq!(db.digests(), plain.digests());
    // Who asks for COPY is told what the server says of it.
    let outcome = Crm::new().run(&format!("--clean --yes --method copy {}", as_role(&db, &seeder)));
    outcome.fails(1).telling("row-level security");
    assert_eq!(db.digests(), plain.digests());
}

#[test]
fn an_owner_that_is_no_superuser_needs_no_grants() {
    let (Some(db), Some(plain)) = (Database::empty(), Database::seeded("")) else { return };
    let owner =
        db.role(&format!("ALTER DATABASE {} OWNER TO ROLE; ALTER SCHEMA public OWNER TO ROLE", db.name()));
    Crm::new().ok(&as_role(&db, &owner)).printing("(by copy)");
    assert_eq!(db.digests(), plain.digests());
    assert_eq!(db.number("SELECT count(*) FROM crm_seed.ledger"), 1);
    Crm::new().ok(&format!("--clean --seed 2 {}", as_role(&db, &owner)));
    assert_eq!(db.number("SELECT count(*) FROM crm_seed.ledger"), 2);
}

#[test]
fn a_role_that_may_not_create_cannot_make_the_schema() {
    let Some(db) = Database::empty() else { return };
    db.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let before = db.schema();
    let nobody = db.role("");
    Crm::new().run(&as_role(&db, &nobody)).fails(1).telling("permission denied for schema public");
    Crm::new().run(&format!("migrate up {}", as_role(&db, &nobody))).fails(1).telling("permission denied");
    assert_eq!(db.schema(), before);
}
