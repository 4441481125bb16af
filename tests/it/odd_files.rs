//! Files that a command names and that are no ordinary ones: told, not read to the end of memory, and not
//! waited for.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::Crm;

const NOWHERE: &str = "postgres://app@127.0.0.1:1/crm";

/// A command that reads a file, with the file's name and the exit code where it cannot be read.
const READERS: [(&str, &str, i32); 6] = [
    ("migrate up --dir m", "m/20250101000000_x.sql", 2),
    ("migrate status --dir m", "m/20250101000000_x.sql", 2),
    ("--config c.toml", "c.toml", 2),
    ("", "crm-seed.toml", 2),
    ("--scenario-dir m -s s", "m/s.json", 2),
    ("-s s.json", "s.json", 2),
];

fn run(command: &str, name: &str, make: impl Fn(&std::path::Path), code: i32) -> crate::harness::Outcome {
    let crm = Crm::new();
    fs::create_dir(crm.directory().join("m")).expect("a directory");
    make(&crm.directory().join(name));
    let started = Instant::now();
    let outcome = crm.run(&format!("{command} --database-url {NOWHERE}")).fails(code);
    assert!(started.elapsed() < Duration::from_secs(30), "{command}");
    let file = name.rsplit('/').next().expect("a name");
    outcome.telling(file)
}

fn pipe(path: &std::path::Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
}

#[test]
fn devices_pipes_and_directories_are_told() {
    for (command, name, code) in READERS.into_iter().chain([("--handles h.json", "h.json", 3)]) {
        run(command, name, pipe, code).telling("it is a pipe, not a regular file");
        if command.is_empty() {
            // A file that is only looked for is none where it is something else.
            continue;
        }
        let link = |path: &std::path::Path| symlink("/dev/zero", path).expect("a link");
        run(command, name, link, code).telling("it is a device, not a regular file");
        let directory = |path: &std::path::Path| fs::create_dir(path).expect("a directory");
        run(command, name, directory, code).telling("a directory");
    }
}

#[test]
fn files_that_are_too_large_are_told() {
    for (command, name, code) in READERS {
        let large = |path: &std::path::Path| {
            fs::File::create(path).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
        };
        run(command, name, large, code).telling("larger than").telling(" MiB");
    }
}

#[test]
fn files_in_another_encoding_are_told_with_the_byte() {
    for (command, name, code) in &READERS[..3] {
        let latin = |path: &std::path::Path| fs::write(path, b"-- one\n-- caf\xe9\n").expect("a file");
        run(command, name, latin, *code).telling("not valid UTF-8").telling("byte 14 (0xE9, in line 2)");
    }
    let latin = |path: &std::path::Path| fs::write(path, b"\n{\"name\": \"caf\xe9\"}").expect("a file");
    run("-s s.json", "s.json", latin, 2).telling("s.json:2:").telling("not valid UTF-8");
}

#[test]
fn a_dotenv_in_another_encoding_is_read_but_for_its_odd_lines() {
    let crm = Crm::new();
    let text = format!("# caf\u{e9}\nDATABASE_URL={NOWHERE}\n");
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c).expect("Latin-1")).collect();
    fs::write(crm.directory().join(".env"), latin).expect("a file");
    crm.run("verify").fails(4).telling("cannot connect to postgres://app@127.0.0.1:1/crm");
}

#[test]
fn a_pipe_in_the_place_of_a_password_or_a_certificate_is_told() {
    let (verify, told) = (format!("verify --database-url {NOWHERE}"), "it is a pipe, not a regular file");
    let crm = Crm::new().with("PGPASSFILE", "p");
    pipe(&crm.directory().join("p"));
    crm.run(&verify).fails(2).telling("cannot read PGPASSFILE p").telling(told);
    Crm::new().with("PGPASSFILE", "/dev/null").run(&verify).fails(4);
    let crm = Crm::new();
    pipe(&crm.directory().join("p"));
    fs::write(crm.directory().join("c"), "").expect("a file");
    for (named, other) in [("sslcert", "sslkey"), ("sslkey", "sslcert")] {
        let url = format!("{verify}?{named}=p&{other}=c");
        crm.run(&url).fails(2).telling(&format!("cannot read {named} p")).telling(told);
    }
    let home = crm.directory().display().to_string();
    pipe(&crm.directory().join(".pgpass"));
    crm.with("HOME", &home).run(&verify).fails(2).telling(".pgpass").telling(told);
}
