//! `crm-seed migrate` with the bundled migrations.

use crate::harness::{Crm, Database};

/// What a database keeps when all is rolled back.
const HISTORY: [&str; 1] = ["migration_history"];

#[test]
fn up_applies_each_migration_once() {
    let Some(db) = Database::empty() else { return };
    let outcome = Crm::new().ok(&format!("migrate up {}", db.option()));
    assert_eq!(outcome.stderr.lines().count(), 9);
    outcome.telling("applied 20250125000000_fresh_crm_schema\n").printing("9 applied, in postgres://");
    let before = (db.schema(), db.run("SELECT * FROM migration_history"));
    Crm::new().ok(&format!("migrate up {}", db.option())).printing("0 applied");
    assert_eq!((db.schema(), db.run("SELECT * FROM migration_history")), before);
}

#[test]
fn up_and_down_take_as_many_as_they_are_told() {
    let Some(db) = Database::empty() else { return };
    Crm::new().ok(&format!("migrate up --count 2 {}", db.option())).printing("2 applied");
    Crm::new().ok(&format!("migrate up --count 1 {}", db.option())).printing("1 applied");
    assert_eq!(db.number("SELECT count(*) FROM pg_tables WHERE tablename = 'opportunity_products'"), 1);
    assert_eq!(db.number("SELECT count(*) FROM pg_tables WHERE tablename = 'product_inventory'"), 0);
    let outcome = Crm::new().ok(&format!("migrate down {}", db.option())).printing("1 rolled back");
    outcome.telling("rolled back 20250127090000_create_opportunity_products_table");
    assert_eq!(db.number("SELECT count(*) FROM pg_tables WHERE tablename = 'opportunity_products'"), 0);
    Crm::new().ok(&format!("migrate up {}", db.option())).printing("7 applied");
}

#[test]
fn status_tells_what_is_applied_and_what_is_pending() {
    let Some(db) = Database::empty() else { return };
    let states = || {
        let status = Crm::new().json(&format!("migrate status {}", db.option()));
        let array = status.as_array().expect("an array").clone();
        assert_eq!(array.len(), 9);
        let pending = array.iter().filter(|entry| entry["status"] == "pending").count();
        assert!(array.iter().all(|entry| entry["applied_at"].is_null() == (entry["status"] == "pending")));
        assert!(array.iter().all(|entry| entry["changed"] == false));
        pending
    };
    let empty = db.schema();
    assert_eq!(states(), 9);
    assert_eq!(db.schema(), empty, "status changes nothing");
    Crm::new().ok(&format!("migrate up --count 4 {}", db.option()));
    assert_eq!(states(), 5);
    let text = Crm::new().ok(&format!("migrate status {}", db.option())).stdout;
    assert_eq!(text.lines().filter(|line| line.starts_with("applied  20")).count(), 4, "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("pending ")).count(), 5, "{text}");
    Crm::new().ok(&format!("migrate down --count 2 {}", db.option()));
    assert_eq!(states(), 7);
}

#[test]
fn down_to_nothing_leaves_an_empty_database() {
    let Some(db) = Database::empty() else { return };
    let empty = db.schema();
    Crm::new().ok(&format!("migrate up {}", db.option()));
    Crm::new().ok(&format!("migrate down --count 99 {}", db.option())).printing("9 rolled back");
    assert_eq!(db.schema_without(&HISTORY), empty);
    assert_eq!(db.number("SELECT count(*) FROM migration_history WHERE rolled_back_at IS NULL"), 0);
    Crm::new().ok(&format!("migrate down {}", db.option())).printing("0 rolled back");
}

#[test]
fn every_migration_is_undone_to_the_byte() {
    let Some(db) = Database::empty() else { return };
    let mut before = vec![db.schema()];
    for _ in 0..9 {
        Crm::new().ok(&format!("migrate up --count 1 {}", db.option()));
        before.push(db.schema_without(&HISTORY));
    }
    for wanted in before.iter().rev() {
        assert_eq!(&db.schema_without(&HISTORY), wanted);
        Crm::new().ok(&format!("migrate down {}", db.option()));
    }
}

#[test]
fn every_migration_goes_up_and_down_with_rows_in_the_tables() {
    let (Some(db), Some(fresh)) = (Database::seeded(""), Database::migrated()) else { return };
    Crm::new().ok(&format!("migrate down --count 5 --yes {}", db.option()));
    Crm::new().ok(&format!("migrate up {}", db.option())).printing("5 applied");
    assert_eq!(db.number("SELECT count(*) FROM opportunities WHERE forecast_category IS NULL"), 0);
    let rule =
        "SELECT count(*) FROM organizations WHERE customer_segment IS NULL AND employee_count IS NOT NULL";
    assert_eq!(db.number(rule), 0);
    Crm::new().ok(&format!("--clean --no-ledger {}", db.option()));
    db.run("DROP SCHEMA crm_seed CASCADE");
    assert_eq!(db.schema(), fresh.schema());
}

#[test]
fn the_files_run_without_us_too() {
    let (Some(db), Some(ours)) = (Database::empty(), Database::migrated()) else { return };
    let empty = db.schema();
    for (_, up, _) in crm_seed::migrate::BUNDLED {
        db.run(up);
    }
    assert_eq!(db.schema(), ours.schema_without(&HISTORY));
    for (_, _, down) in crm_seed::migrate::BUNDLED.iter().rev() {
        db.run(down);
    }
    assert_eq!(db.schema(), empty);
}

#[test]
fn a_seeding_of_an_empty_database_is_a_migration_and_a_seeding() {
    let (Some(at_once), Some(in_steps)) = (Database::seeded(""), Database::migrated()) else { return };
    Crm::new().ok(&in_steps.option());
    assert_eq!(at_once.schema(), in_steps.schema());
    assert_eq!(at_once.digests(), in_steps.digests());
    let names = "SELECT migration_name, checksum, rollback_sql FROM migration_history ORDER BY id";
    assert_eq!(at_once.run(names), in_steps.run(names));
    Crm::new().ok(&format!("migrate up {}", at_once.option())).printing("0 applied");
}

#[test]
fn a_policy_is_for_the_signed_in_where_there_is_such_a_role() {
    // The role belongs to the whole cluster, so a server of its own.
    let Some(server) = crate::harness::Server::start() else { return };
    let db = server.database();
    db.run("CREATE ROLE authenticated");
    Crm::new().ok(&db.option());
    let roles = db.run("SELECT roles FROM pg_policies WHERE policyname = 'authenticated_users_policy'");
    assert_eq!(roles, "{authenticated}");
    Crm::new().ok(&format!("migrate down --count 9 --yes {}", db.option()));
}

#[cfg(feature = "embedded")]
#[test]
fn the_embedded_postgresql_is_migrated_as_a_server_is() {
    let crm = Crm::new();
    crm.ok("migrate up").printing("9 applied, in embedded PostgreSQL in .crm-seed");
    crm.ok("migrate up").printing("0 applied");
    crm.ok("migrate down --count 3").printing("3 rolled back");
    let status = crm.json("migrate status");
    let pending = status.as_array().expect("an array").iter().filter(|entry| entry["status"] == "pending");
    assert_eq!(pending.count(), 3);
    crm.ok("migrate up").printing("3 applied");
    crm.ok("--clean --seed 42").silent_about("the database was empty");
    crm.run("migrate down --count 9").fails(3).telling("public.organizations: 28 rows");
    crm.ok("migrate down --count 9 --yes").printing("9 rolled back");
}
