//! Servers that only read: a real standby, and a session that is told not to write.

use crate::harness::{Crm, Database, Server, wait_for};

/// A primary that has a standby, and both seeded.
fn pair() -> Option<(Server, Server)> {
    let mut primary = Server::prepare()?;
    primary.set("wal_level = replica\nmax_wal_senders = 4\n");
    primary.let_in(
        "local all all trust\nhost all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n",
    );
    primary.run();
    let database = primary.database_called("postgres");
    database.run("CREATE DATABASE crm");
    Crm::new().ok(&primary.database_called("crm").option());
    let standby = primary.standby();
    Some((primary, standby))
}

#[test]
fn a_standby_is_refused_before_anything_and_can_be_looked_at() {
    let Some((primary, standby)) = pair() else { return };
    let (db, replica) = (primary.database_called("crm"), standby.database_called("crm"));
    assert_eq!(replica.run("SELECT pg_is_in_recovery()"), "t");
    let before = (db.digests(), db.schema());
    for command in [
        "--clean --seed 2",
        "--append",
        "",
        "--clean --yes --if-changed --seed 3",
        "--scenario multi-stakeholder",
        "--scenario multi-stakeholder --clean --method insert",
        "scenario unload multi-stakeholder",
        "migrate up",
        "migrate down",
    ] {
        let outcome = Crm::new().run(&format!("{command} {}", replica.option())).fails(3);
        outcome.telling("read replica").telling("hint: connect to the primary");
    }
    assert_eq!((db.digests(), db.schema()), before);
    Crm::new().ok(&format!("verify {}", replica.option())).printing("rules pass");
    Crm::new().ok(&format!("--dry-run --clean {}", replica.option())).printing("organizations");
    Crm::new().ok(&format!("migrate status {}", replica.option())).printing("applied ");
    // What the primary is given comes through.
    Crm::new().ok(&format!("--clean --seed 2 {}", db.option()));
    wait_for("the standby to follow", || (replica.digests() == db.digests()).then_some(()));
}

#[test]
fn an_empty_standby_is_refused_too() {
    let Some((primary, standby)) = pair() else { return };
    primary.database_called("postgres").run("CREATE DATABASE fresh");
    let replica = standby.database_called("postgres");
    let is_there = "SELECT count(*) FROM pg_database WHERE datname = 'fresh'";
    wait_for("the standby to follow", || (replica.number(is_there) == 1).then_some(()));
    let fresh = standby.database_called("fresh");
    Crm::new().run(&fresh.option()).fails(3).telling("read replica");
    Crm::new().run(&format!("--dry-run {}", fresh.option())).fails(3).telling("read replica");
}

#[test]
fn a_role_that_reads_only_is_refused_with_how_to_write() {
    let Some(db) = Database::seeded("") else { return };
    let role = db.role("ALTER USER ROLE SUPERUSER; ALTER USER ROLE SET default_transaction_read_only = on");
    let before = db.digests();
    let url = db.url_of(&role);
    for command in ["--clean --seed 2", "--append", "migrate down"] {
        let outcome = Crm::new().run(&format!("{command} --database-url {url}")).fails(3);
        outcome.telling("default_transaction_read_only").telling("  hint: ");
    }
    assert_eq!(db.digests(), before);
    Crm::new().ok(&format!("verify --database-url {url}"));
    Crm::new().ok(&format!("--dry-run --clean --database-url {url}"));
    // What the hint says.
    let writing = format!("{url}?options=-cdefault_transaction_read_only%3Doff");
    Crm::new().ok(&format!("--clean --database-url {writing}"));
}
