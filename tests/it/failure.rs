//! A load that fails half way leaves the database as it was.

use crate::harness::{Crm, Database, Server, Small, skipped};

/// Rows enough for a load of some seconds.
const LARGE: &str = "--clean --seed 2 --scale 2000";

#[test]
fn a_server_that_dies_in_the_middle_has_the_old_rows_when_it_is_back() {
    let Some(mut server) = Server::start() else { return };
    let name = "crm";
    server.database_called("postgres").run(&format!("CREATE DATABASE {name}"));
    let db = server.database_called(name);
    Crm::new().ok(&format!("--seed 1 {}", db.option()));
    // What the crash must not take is on disk.
    db.run("CHECKPOINT");
    let before = (db.digests(), db.schema());
    let crm = Crm::new();
    let running = crm.spawn(&format!("{LARGE} {}", db.option()));
    db.wait_until_loading();
    server.stop();
    running.wait().fails(1).telling("hint: ");
    server.run();
    let db = server.database_called(name);
    assert_eq!((db.digests(), db.schema()), before);
    Crm::new().ok(&format!("--clean {}", db.option()));
}

#[test]
fn a_connection_that_the_server_ends_leaves_the_old_rows() {
    let Some(db) = Database::seeded("--seed 1") else { return };
    let before = db.digests();
    for method in ["copy", "insert"] {
        let crm = Crm::new();
        let running = crm.spawn(&format!("{LARGE} --method {method} {}", db.option()));
        let loading = |pid: &str| db.run(&format!("SELECT pg_terminate_backend({pid})"));
        let query = format!(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'crm-seed' AND datname = '{}'
             AND query LIKE '%opportunities%' AND query ~ '^(COPY|INSERT)'",
            db.name()
        );
        let pid = crate::harness::wait_for("a load", || Some(db.run(&query)).filter(|pid| !pid.is_empty()));
        assert_eq!(loading(&pid), "t", "{method}");
        running.wait().fails(1).telling("loading ");
        db.wait_until_left();
        assert_eq!(db.digests(), before, "{method}");
    }
}

#[test]
fn a_row_that_is_refused_late_leaves_the_old_rows() {
    let Some(db) = Database::seeded("--seed 1") else { return };
    let before = db.digests();
    // One that nobody but the server can read.
    db.run(
        "CREATE FUNCTION is_early(id bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT id < 900';
         ALTER TABLE tasks ADD CONSTRAINT early CHECK (is_early(opportunity_id)) NOT VALID",
    );
    for method in ["copy", "insert"] {
        let outcome =
            Crm::new().run(&format!("--clean --seed 2 --scale 20 --method {method} {}", db.option()));
        outcome.fails(1).telling("loading tasks: ").telling("early");
        assert_eq!(db.digests(), before, "{method}");
    }
}

#[test]
fn a_deferred_constraint_that_refuses_the_commit_leaves_the_old_rows() {
    let Some(db) = Database::seeded("--seed 1") else { return };
    let before = db.digests();
    db.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'too late'; END $$;
         CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON tasks DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW WHEN (NEW.id = 1) EXECUTE FUNCTION refuse();",
    );
    let with_task_1 = (0..50).find(|seed| {
        let rows = crate::harness::read_rows(&format!("--seed {seed}"));
        rows["tasks"].contains_key("1")
    });
    let seed = with_task_1.expect("a seed whose first deal has a task");
    Crm::new().run(&format!("--clean --seed {seed} {}", db.option())).fails(1).telling("too late");
    assert_eq!(db.digests(), before);
}

#[test]
fn a_full_disk_leaves_the_old_rows() {
    let Some(disk) = Small::mount("160m") else {
        skipped(
            "only root may mount the small disk that this fills; \
             a_row_that_is_refused_late_leaves_the_old_rows fails at the same place",
        );
        return;
    };
    let Some(mut server) = Server::prepare_in(disk.path()) else { return };
    server.run();
    let db = server.database();
    Crm::new().ok(&format!("--seed 1 {}", db.option()));
    let before = db.digests();
    let outcome = Crm::new().run(&format!("{LARGE} {}", db.option())).fails(1);
    // The server may run out of room for a table, or for its log, and dies of the latter.
    let told = ["the disk of the server is full", "the connection to the database was lost"];
    assert!(told.iter().any(|text| outcome.stderr.contains(text)), "{outcome:#?}");
    let digests = crate::harness::wait_for("the server to recover", || {
        db.try_run("SELECT 1").is_ok().then(|| db.digests())
    });
    assert_eq!(digests, before);
    drop(db);
    drop(server);
}
