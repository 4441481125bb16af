//! The PostgreSQL inside the binary.

use std::fs;
use std::time::Duration;

use crate::harness::{Crm, Database, Running, wait_for};

/// Serves the embedded database of `crm`, and gives what it printed as a database.
pub fn serve(crm: &Crm) -> (Running, Database) {
    let mut serving = crm.spawn("serve");
    let url = wait_for("a URL", || {
        assert!(serving.is_running(), "serve has ended");
        Some(serving.printed()).filter(|text| text.ends_with('\n'))
    });
    let database = Database::at(url.trim()).expect("psql");
    (serving, database)
}

fn stop(serving: Running) {
    serving.signal("INT");
    serving.wait().exits(0);
}

#[test]
fn nothing_has_to_be_prepared() {
    let crm = Crm::new();
    let outcome = crm.ok("--clean --seed 42");
    outcome.printing("organizations").printing("in embedded PostgreSQL in .crm-seed (by copy)");
    assert_eq!(crm.names_in(""), [".crm-seed"]);
    let again = crm.json("--clean --seed 42");
    assert_eq!(again["digest"], crm.json("generate --out files --seed 42")["digest"]);
    assert_eq!(again["notes"], serde_json::json!([]));
}

#[test]
fn what_was_seeded_is_there_the_next_time() {
    let crm = Crm::new();
    crm.ok("--seed 42");
    crm.run("--seed 43").fails(3).telling("already contain");
    assert_eq!(crm.json("--if-changed --clean --seed 42")["changed"], false);
    crm.ok("--append --seed 42");
    crm.ok("verify");
}

#[test]
fn every_method_and_batch_loads_into_it() {
    let crm = Crm::new();
    let copied = crm.digest("--clean --scale 3");
    for batch_size in [1, 500, 1024] {
        let inserted = crm.digest(&format!("--clean --scale 3 --method insert --batch-size {batch_size}"));
        assert_eq!(inserted, copied, "{batch_size}");
    }
}

#[test]
fn serve_prints_a_url_that_psql_can_use() {
    if crate::harness::Binaries::find().is_none() {
        return;
    }
    let crm = Crm::new();
    crm.ok("--seed 42");
    let (serving, db) = serve(&crm);
    assert!(serving.printed().starts_with("postgresql://") && serving.printed().contains("@127.0.0.1:"));
    let output =
        db.program("psql").args(["-XAtc", "SELECT count(*) FROM organizations"]).output().expect("psql");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "28\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    db.run("INSERT INTO organizations (name, organization_type) VALUES ('Ours', 'customer')");
    stop(serving);
    // What was written while it was served is there afterwards.
    let (serving, db) = serve(&crm);
    assert_eq!(db.number("SELECT count(*) FROM organizations WHERE name = 'Ours'"), 1);
    stop(serving);
}

#[test]
fn seeding_goes_through_the_one_that_is_served() {
    if crate::harness::Binaries::find().is_none() {
        return;
    }
    let crm = Crm::new();
    let (serving, db) = serve(&crm);
    crm.ok("--seed 42").printing("in embedded PostgreSQL, served at postgres://");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 28);
    crm.ok("verify");
    crm.ok("--clean --seed 43 --scale 2");
    assert_eq!(db.number("SELECT count(*) FROM organizations"), 56);
    stop(serving);
    // And it is the same database when it is not served any more.
    crm.run("--seed 44").fails(3).telling("already contain");
}

#[test]
fn a_second_one_on_the_same_directory_is_told_so() {
    let crm = Crm::new();
    crm.ok("--seed 1");
    // What a crm-seed at work does.
    let lock =
        fs::File::options().write(true).open(crm.directory().join(".crm-seed/lock")).expect("the lock");
    lock.lock().expect("nobody else has it");
    for command in ["--clean --seed 2", "verify", "migrate status", "serve"] {
        let message = "another crm-seed is using the embedded PostgreSQL in .crm-seed";
        crm.run(command).fails(3).telling(message);
    }
    lock.unlock().expect("ours");
    crm.ok("--clean --seed 2");
}

#[test]
fn a_second_serve_on_the_same_directory_is_told_so() {
    if crate::harness::Binaries::find().is_none() {
        return;
    }
    let crm = Crm::new();
    let (serving, _) = serve(&crm);
    crm.run("serve").fails(3).telling("another crm-seed is using");
    stop(serving);
}

#[test]
fn the_directory_opens_again_after_ctrl_c() {
    let crm = Crm::new();
    crm.ok("--seed 42");
    for signal in ["INT", "TERM"] {
        let serving = crm.spawn("serve");
        wait_for("a URL", || serving.printed().ends_with('\n').then_some(()));
        serving.signal(signal);
        serving.wait().exits(0);
        crm.ok("verify");
    }
    assert!(!crm.names_in(".crm-seed").contains(&"served-at".to_owned()));
}

#[test]
fn the_directory_opens_again_after_a_kill() {
    let crm = Crm::new();
    let digest = crm.digest("--seed 42");
    let serving = crm.spawn("serve");
    wait_for("a URL", || serving.printed().ends_with('\n').then_some(()));
    serving.signal("KILL");
    assert_eq!(serving.wait().status.code(), None);
    crm.ok("verify");
    assert_eq!(crm.json("--if-changed --clean --seed 42")["digest"], digest);
    for moment in [300, 900, 1500] {
        let running = crm.spawn("--clean --seed 43 --scale 4000");
        std::thread::sleep(Duration::from_millis(moment));
        running.signal("KILL");
        assert_eq!(running.wait().status.code(), None);
        assert_eq!(crm.json("--if-changed --clean --seed 42")["changed"], false, "after {moment} ms");
    }
    crm.ok("verify");
}

#[test]
fn a_port_that_is_taken_is_told() {
    let crm = Crm::new();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("its address").port();
    crm.run(&format!("serve --port {port}")).fails(1).telling("cannot listen on");
    crm.ok("--seed 1");
}
