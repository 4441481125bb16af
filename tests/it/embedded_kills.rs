//! A crm-seed that is killed at any moment leaves a local database that opens again, and nothing else.
//!
//! `CRM_SEED_FAULTS=200` tries as many moments; by default a few.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::embedded::serve;
use crate::harness::{Crm, campaign, wait_for};

/// How many moments are tried: as many as the environment says.
fn moments(usual: u64) -> u64 {
    let numbers = campaign::numbers("CRM_SEED_FAULTS", usual);
    numbers.end - numbers.start
}

/// Parts of a span that lie evenly in it, however many there are: the golden ratio's multiples.
fn parts(count: u64) -> impl Iterator<Item = f64> {
    (1..=count).map(|number| (number as f64 * 0.618_033_988_749_895).fract())
}

/// Runs `arguments` and kills it after `part` of `span`.
fn kill_at(crm: &Crm, arguments: &str, span: Duration, part: f64) {
    let running = crm.spawn(arguments);
    std::thread::sleep(span.mul_f64(part));
    running.signal("KILL");
    running.wait();
}

fn time(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn remove(crm: &Crm, path: &str) {
    fs::remove_dir_all(crm.directory().join(path)).expect("what was there");
}

#[test]
fn a_first_start_that_is_killed_can_be_made_again() {
    let crm = Crm::new();
    let mut digest = String::new();
    let span = time(|| digest = crm.digest("--clean --seed 42"));
    for (number, part) in parts(moments(4)).enumerate() {
        remove(&crm, ".crm-seed");
        if number % 2 == 0 {
            // The program is unpacked anew, too.
            remove(&crm, "../home/.cache");
        }
        kill_at(&crm, "--clean --seed 42", span, part);
        assert_eq!(crm.digest("--clean --seed 42"), digest, "killed after {part} of {span:?}");
        assert_eq!(crm.names_in(".crm-seed"), ["lock", "postgres"], "killed after {part} of {span:?}");
    }
}

#[test]
fn a_load_that_is_killed_leaves_the_old_rows_or_the_new_ones() {
    if crate::harness::Binaries::find().is_none() {
        return;
    }
    let crm = Crm::new();
    let specs = ["--clean --seed 1 --scale 20", "--clean --seed 2 --scale 20"].map(|spec| {
        let span = time(|| drop(crm.ok(spec)));
        (spec, span, rows(&crm))
    });
    let mut standing = 1;
    for part in parts(moments(4)) {
        let (spec, span, _) = &specs[1 - standing];
        kill_at(&crm, spec, *span, part);
        crm.ok("verify");
        let found = rows(&crm);
        standing = (0..2).find(|number| specs[*number].2 == found).unwrap_or_else(|| {
            panic!("neither the old rows nor the new ones, killed after {part} of {span:?}")
        });
    }
}

/// A digest of each table.
fn rows(crm: &Crm) -> impl PartialEq + use<> {
    let (serving, db) = serve(crm);
    let digests = db.digests();
    serving.signal("INT");
    serving.wait().exits(0);
    digests
}

#[test]
fn a_database_that_many_kills_went_over_does_not_grow() {
    let crm = Crm::new();
    let span = time(|| drop(crm.ok("--clean --seed 1 --scale 100")));
    crm.ok("verify");
    let before = size(&crm.directory().join(".crm-seed"));
    for _ in 0..moments(2) {
        // Late, when all of its files are there, and none is in the catalog yet.
        kill_at(&crm, "--clean --seed 2 --scale 100", span, 0.8);
    }
    crm.ok("verify");
    let after = size(&crm.directory().join(".crm-seed"));
    assert!(after < before + before / 4, "{before} bytes became {after}");
}

/// The bytes in a directory.
fn size(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).expect("a directory").flatten();
    let sizes = entries.map(|entry| {
        let about = entry.metadata().expect("a file");
        if about.is_dir() { size(&entry.path()) } else { about.len() }
    });
    sizes.sum()
}

#[test]
fn the_socket_of_a_killed_run_is_removed_and_no_other() {
    let crm = Crm::new();
    let temporary = crm.directory().with_file_name("t");
    fs::create_dir(&temporary).expect("a directory");
    let crm = crm.with("TMPDIR", temporary.to_str().expect("UTF-8"));
    let names = || crm.names_in("../t");
    let serving = crm.spawn("serve");
    wait_for("a URL", || serving.printed().ends_with('\n').then_some(()));
    let of_killed = names();
    assert_eq!(of_killed.len(), 1);
    serving.signal("KILL");
    serving.wait();
    // A live run in another directory, and what only looks like ours.
    let other = Crm::new().with("TMPDIR", temporary.to_str().expect("UTF-8"));
    let living = other.spawn("serve");
    wait_for("a URL", || living.printed().ends_with('\n').then_some(()));
    let alive = names();
    assert_eq!(alive.len(), 1, "{alive:?}");
    assert_ne!(alive, of_killed);
    let _listener = UnixListener::bind(temporary.join("crm-seed-socket")).expect("a socket");
    fs::create_dir(temporary.join("crm-seed-empty")).expect("a directory");
    fs::create_dir(temporary.join("crm-seed-full")).expect("a directory");
    fs::write(temporary.join("crm-seed-full/crm-seed.lock"), "").expect("a file");
    fs::write(temporary.join("crm-seed-full/letter"), "").expect("a file");
    crm.ok("migrate up");
    for name in [alive[0].as_str(), "crm-seed-empty", "crm-seed-full", "crm-seed-socket"] {
        assert!(names().contains(&name.to_owned()), "{name}");
    }
    assert!(temporary.join("crm-seed-full/letter").exists());
    assert_eq!(names().len(), 4);
    living.signal("INT");
    living.wait().exits(0);
    assert_eq!(names().len(), 3);
}

#[test]
fn every_local_database_has_an_identity_of_its_own() {
    let (one, other) = (Crm::new(), Crm::new());
    one.ok("--seed 1");
    other.ok("--seed 1");
    let identity = |crm: &Crm| {
        let directory = crm.directory().join(".crm-seed");
        crm_seed::db::embedded::identity(&directory).expect("a database")
    };
    assert_ne!(identity(&one), identity(&other));
    let before = identity(&one);
    one.ok("--clean --seed 2");
    assert_eq!(identity(&one), before, "it stays");
    if crate::harness::Binaries::find().is_some() {
        let (serving, db) = serve(&one);
        let told = db.number("SELECT system_identifier FROM pg_control_system()");
        assert_eq!(told.to_string(), before);
        serving.signal("INT");
        serving.wait().exits(0);
    }
    remove(&one, ".crm-seed/postgres");
    crm_seed::db::embedded::identity(&one.directory().join(".crm-seed")).expect_err("it is gone");
}
