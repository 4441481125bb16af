//! Ctrl-C at any moment: exit 130, and what was not finished is undone.

use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use crate::harness::{Crm, Database, wait_for};

/// Rows enough for a load of some seconds.
const LARGE: &str = "--clean --seed 2 --scale 4000";
/// Milliseconds after the start, from before the signal can be waited for to deep in the load.
const MOMENTS: [u64; 6] = [0, 20, 50, 100, 300, 1000];
const SIGNALS: [(&str, i32); 2] = [("INT", 2), ("TERM", 15)];

#[test]
fn a_signal_in_the_middle_of_a_load_leaves_the_old_rows() {
    let Some(db) = Database::seeded("--seed 1") else { return };
    let before = (db.digests(), db.schema());
    for (signal, _) in SIGNALS {
        let crm = Crm::new();
        let running = crm.spawn(&format!("{LARGE} {}", db.option()));
        db.wait_until_loading();
        running.signal(signal);
        running.wait().fails(130).telling("cancelled; the transaction was rolled back");
        db.wait_until_left();
        assert_eq!((db.digests(), db.schema()), before, "SIG{signal}");
    }
}

#[test]
fn a_signal_at_any_moment_leaves_the_old_rows() {
    let Some(db) = Database::seeded("--seed 1") else { return };
    let before = (db.digests(), db.schema());
    for (signal, number) in SIGNALS {
        for moment in MOMENTS {
            let crm = Crm::new();
            let running = crm.spawn(&format!("{LARGE} {}", db.option()));
            std::thread::sleep(Duration::from_millis(moment));
            running.signal(signal);
            let outcome = running.wait();
            assert!(outcome.was_interrupted(number), "SIG{signal} after {moment} ms: {outcome:#?}");
            db.wait_until_left();
            assert_eq!((db.digests(), db.schema()), before, "SIG{signal} after {moment} ms");
        }
    }
}

#[test]
fn a_signal_leaves_an_empty_database_empty() {
    let Some(db) = Database::empty() else { return };
    let before = db.schema();
    for moment in MOMENTS {
        let crm = Crm::new();
        let running = crm.spawn(&format!("{LARGE} {}", db.option()));
        std::thread::sleep(Duration::from_millis(moment));
        running.signal("INT");
        let outcome = running.wait();
        assert!(outcome.was_interrupted(2), "after {moment} ms: {outcome:#?}");
        db.wait_until_left();
        assert_eq!(db.schema(), before, "after {moment} ms");
    }
}

#[test]
fn a_signal_leaves_no_file_of_generate() {
    for format in ["csv", "sql"] {
        for (signal, number) in SIGNALS {
            for moment in MOMENTS {
                let crm = Crm::new();
                let running = crm.spawn(&format!("generate --out files --format {format} --scale 100000"));
                std::thread::sleep(Duration::from_millis(moment));
                running.signal(signal);
                let outcome = running.wait();
                assert!(outcome.was_interrupted(number), "SIG{signal} after {moment} ms: {outcome:#?}");
                let names = crm.names_in("files");
                assert!(names.is_empty(), "{format}, SIG{signal} after {moment} ms: {names:?}");
            }
        }
    }
}

#[test]
fn a_signal_while_files_are_written_exits_130() {
    let crm = Crm::new();
    let running = crm.spawn("generate --out files --scale 100000");
    wait_for("a file", || crm.names_in("files").iter().any(|name| name.ends_with(".part")).then_some(()));
    running.signal("INT");
    running.wait().fails(130).telling("cancelled");
    assert_eq!(crm.names_in("files"), [""; 0]);
}

#[test]
fn a_signal_while_waiting_for_a_server_exits_130() {
    let crm = Crm::new();
    let mut running = crm.spawn("--wait 60 --database-url postgres://app@127.0.0.1:1/crm");
    // Long enough to be past its start; shorter and the signal would end it in another way.
    std::thread::sleep(Duration::from_millis(500));
    assert!(running.is_running());
    running.signal("INT");
    running.wait().fails(130);
}

#[cfg(feature = "embedded")]
#[test]
fn a_signal_in_the_middle_of_an_embedded_load_leaves_the_old_rows() {
    let crm = Crm::new();
    crm.ok("--seed 1");
    let (serving, embedded) = crate::embedded::serve(&crm);
    let before = embedded.digests();
    serving.signal("INT");
    serving.wait().exits(0);
    for moment in [0, 300, 1000, 2000] {
        let running = crm.spawn(LARGE);
        std::thread::sleep(Duration::from_millis(moment));
        running.signal("INT");
        let outcome = running.wait();
        assert!(outcome.was_interrupted(2), "after {moment} ms: {outcome:#?}");
    }
    let (serving, embedded) = crate::embedded::serve(&crm);
    assert_eq!(embedded.digests(), before);
    serving.signal("INT");
    serving.wait().exits(0);
    crm.ok("--clean --seed 3");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    for arguments in [
        "generate --out - --format copy --scale 500",
        "generate --out - --format sql --scale 500",
        "generate --out - --format csv --table contacts --scale 500",
        "completions bash",
        "man",
        "--help",
    ] {
        let crm = Crm::new();
        let mut command = crm.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("crm-seed");
        let mut first = [0; 16];
        let mut stdout = child.stdout.take().expect("a pipe");
        stdout.read_exact(&mut first).expect("some bytes");
        drop(stdout);
        let output = child.wait_with_output().expect("its end");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments}");
        assert_eq!(output.status.code(), Some(0), "{arguments}");
    }
}
