//! Through a real PgBouncer: in transaction mode, as hosted servers have it, in session mode, and in
//! statement mode, which cannot do.

use std::time::Duration;

use crate::harness::{Crm, Database, PgBouncer, Server, wait_for};

/// A pooler before the shared server, with a pool of so many connections to it.
fn pooler(mode: &str, size: u32) -> Option<PgBouncer> {
    let settings = format!("pool_mode = {mode}\ndefault_pool_size = {size}\nquery_wait_timeout = 20");
    PgBouncer::start(Server::shared()?, &settings)
}

/// What a pooled server session could keep of us: locks, settings, temporary tables.
#[track_caller]
fn assert_nothing_stays(db: &Database) {
    let locks = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                 WHERE locktype = 'advisory' AND datname = current_database()";
    wait_for("advisory locks to go", || (db.number(locks) == 0).then_some(()));
    assert_eq!(
        db.number("SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text ~ '^pg_temp'"),
        0
    );
}

#[test]
fn every_command_works_in_transaction_mode_and_makes_the_same_rows() {
    let (Some(db), Some(plain)) = (Database::empty(), Database::seeded("--seed 7")) else { return };
    // Several connections, so that two transactions may be two server processes'.
    let Some(pooler) = pooler("transaction", 3) else { return };
    let option = pooler.option(db.name());
    let crm = Crm::new();
    let direct = Crm::new().digest(&format!("--seed 7 --clean {}", plain.option()));
    crm.ok(&format!("migrate up {option}")).printing("9 applied");
    crm.ok(&format!("migrate status {option}")).printing("applied ");
    assert_eq!(crm.digest(&format!("--seed 7 {option}")), direct);
    assert_eq!(db.digests(), plain.digests());
    crm.ok(&format!("verify {option}"));
    assert_eq!(crm.digest(&format!("--seed 7 --clean --method insert {option}")), direct);
    assert_eq!(db.digests(), plain.digests());
    assert_eq!(crm.json(&format!("--seed 7 --clean --if-changed {option}"))["changed"], false);
    crm.ok(&format!("--dry-run --clean {option}"));
    assert_eq!(db.digests(), plain.digests());
    for _ in 0..2 {
        crm.ok(&format!("--scenario multi-stakeholder {option}"));
    }
    crm.ok(&format!("scenario unload multi-stakeholder {option}"));
    assert_eq!(db.digests(), plain.digests());
    crm.ok(&format!("--append --seed 7 {option}"));
    crm.ok(&format!("verify {option}"));
    crm.ok(&format!("migrate down {option}"));
    assert_nothing_stays(&db);
}

#[test]
fn a_large_load_that_rebuilds_works_in_transaction_mode() {
    let Some(db) = Database::migrated() else { return };
    let Some(pooler) = pooler("transaction", 1) else { return };
    let before = db.schema();
    let large = Crm::new().ok(&format!("--no-ledger --scale 150 {}", pooler.option(db.name())));
    large.printing("indexes were dropped before the load");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28 * 150);
    assert_eq!(db.schema(), before);
    assert_nothing_stays(&db);
}

#[test]
fn session_mode_works_too() {
    let (Some(db), Some(plain)) = (Database::empty(), Database::seeded("")) else { return };
    let Some(pooler) = pooler("session", 2) else { return };
    let option = pooler.option(db.name());
    Crm::new().ok(&option);
    Crm::new().ok(&format!("--clean {option}"));
    Crm::new().ok(&format!("verify {option}"));
    assert_eq!(db.digests(), plain.digests());
}

#[test]
fn statement_mode_is_refused_with_what_to_do() {
    let Some(db) = Database::seeded("") else { return };
    let Some(pooler) = pooler("statement", 2) else { return };
    let before = (db.digests(), db.schema());
    let option = pooler.option(db.name());
    for command in ["--clean", "--append", "verify", "--dry-run", "migrate up", "migrate down"] {
        let outcome = Crm::new().run(&format!("{command} {option}")).fails(3);
        outcome.telling("the pooler does not allow transactions: transaction blocks not allowed").telling(
            "hint: crm-seed needs a transaction: use a pooler with pool_mode = transaction or session",
        );
    }
    assert_eq!((db.digests(), db.schema()), before);
}

#[test]
fn a_pooler_is_told_and_a_server_is_not_taken_for_one() {
    let Some(db) = Database::seeded("") else { return };
    Crm::new().ok(&format!("--clean {}", db.option())).silent_about("pooler");
    let Some(pooler) = pooler("transaction", 1) else { return };
    let option = pooler.option(db.name());
    // This has PgBouncer connect to the server, if it has not yet.
    Crm::new().ok(&format!("verify {option}"));
    std::thread::sleep(Duration::from_millis(50));
    Crm::new().ok(&format!("--clean {option}")).printing("note: connected through a connection pooler");
}

#[test]
fn a_setting_that_the_pooler_does_not_pass_on_is_told() {
    let Some(db) = Database::empty() else { return };
    let Some(pooler) = pooler("transaction", 1) else { return };
    let outcome = Crm::new().run(&format!("{}?options=-csearch_path%3Dpublic", pooler.option(db.name())));
    outcome
        .fails(4)
        .telling("unsupported startup parameter")
        .telling("hint: PgBouncer does not pass `options`");
    let prisma = format!("{}?pgbouncer=true&schema=public&connection_limit=1", pooler.option(db.name()));
    Crm::new().ok(&prisma).silent_about("ignored");
}

#[test]
fn migrations_leave_no_lock_and_no_setting_with_the_pooler() {
    let Some(db) = Database::empty() else { return };
    let Some(pooler) = pooler("transaction", 1) else { return };
    let crm = Crm::new();
    let file = |name: &str, text: &str| {
        crm.write(&format!("own/{name}"), text);
    };
    file("20250101090000_table.sql", "CREATE TABLE things (id int);\nSET work_mem = '77kB';");
    file("20250101090000_table.down.sql", "DROP TABLE public.things;");
    file(
        "20250102090000_index.sql",
        "-- Transaction: none\nCREATE INDEX CONCURRENTLY things_id ON things (id);",
    );
    file("20250102090000_index.down.sql", "-- Transaction: none\nDROP INDEX CONCURRENTLY things_id;");
    let option = pooler.option(db.name());
    let applied = crm.ok(&format!("migrate up --dir own {option}"));
    applied.telling("20250102090000_index runs without the lock").printing("2 applied");
    assert_nothing_stays(&db);
    assert_eq!(
        db.number("SELECT count(*) FROM pg_indexes WHERE indexname = 'things_id' AND schemaname = 'public'"),
        1
    );
    crm.ok(&format!("migrate down --count 2 --dir own {option}")).printing("2 rolled back");
    assert_nothing_stays(&db);
    let pooled = Database::at(&pooler.url(db.name())).expect("a server is installed");
    assert_eq!(pooled.run("SHOW work_mem"), db.run("SHOW work_mem"));
    // Direct, where a session is ours, the lock is held.
    crm.ok(&format!("migrate up --dir own {}", db.option())).silent_about("without the lock");
}

#[test]
fn a_signal_through_a_pooler_leaves_the_old_rows() {
    let Some(db) = Database::seeded("--seed 1") else { return };
    let Some(pooler) = pooler("transaction", 2) else { return };
    let before = (db.digests(), db.schema());
    let crm = Crm::new();
    let running = crm.spawn(&format!("--clean --seed 2 --scale 4000 {}", pooler.option(db.name())));
    db.wait_until_loading();
    running.signal("INT");
    running.wait().fails(130).telling("cancelled; the transaction was rolled back");
    let loading = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY %' AND state <> 'idle'
                   AND datname = current_database() AND pid <> pg_backend_pid()";
    wait_for("the load to be undone", || (db.number(loading) == 0).then_some(()));
    assert_eq!((db.digests(), db.schema()), before);
    Crm::new().ok(&format!("--clean --seed 1 {}", pooler.option(db.name())));
    assert_eq!(db.digests(), before.0);
}
