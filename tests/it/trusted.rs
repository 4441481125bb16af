//! Where `.env` and `crm-seed.toml` are believed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{Crm, Outcome, is_run_by_root, skipped, wait_for};

/// Says by its name where it was found; nobody listens there.
fn url(name: &str) -> String {
    format!("postgres://app@127.0.0.1:1/{name}")
}

fn dotenv(name: &str) -> String {
    format!("DATABASE_URL={}\n", url(name))
}

/// Runs `verify` below the working directory.
fn verify_in(crm: &Crm, directory: &str) -> Outcome {
    let mut command = crm.command("verify");
    command.current_dir(crm.directory().join(directory));
    crm.start(command, "verify").wait()
}

/// Runs the data's plan there, which a wrong crm-seed.toml keeps from being made.
fn plan_in(crm: &Crm, directory: &str) -> Outcome {
    let mut command = crm.command(&format!("--dry-run --database-url {}", url("nowhere")));
    command.current_dir(crm.directory().join(directory));
    crm.start(command, "--dry-run").wait()
}

const WRONG: &str = "wrong = 1\n";

#[test]
fn nothing_is_taken_from_above_the_repository() {
    let crm = Crm::new();
    crm.write(".env", &dotenv("above"));
    crm.write("crm-seed.toml", WRONG);
    crm.write("repository/.git/HEAD", "ref: refs/heads/main\n");
    crm.write("repository/src/deep/x", "");
    crm.write("worktree/.git", "gitdir: ../repository/.git/worktrees/w\n");
    crm.write("alone/x", "");
    for directory in ["repository", "repository/src/deep", "worktree", "alone"] {
        // The embedded database, which has no tables yet, or none at all.
        verify_in(&crm, directory).silent_about("above");
        plan_in(&crm, directory).fails(4).silent_about("crm-seed.toml");
    }
    // Within the repository it is found from below, and the nearest counts.
    crm.write("repository/.env", &dotenv("root"));
    crm.write("repository/crm-seed.toml", WRONG);
    for directory in ["repository", "repository/src/deep"] {
        verify_in(&crm, directory).fails(4).telling("/root: ");
        plan_in(&crm, directory).fails(2).telling("crm-seed.toml:1");
    }
    crm.write("repository/src/.env", &dotenv("nearer"));
    verify_in(&crm, "repository/src/deep").fails(4).telling("/nearer: ");
    // Without a repository, here alone.
    verify_in(&crm, ".").fails(4).telling("/above: ");
    plan_in(&crm, ".").fails(2).telling("crm-seed.toml:1");
}

#[test]
fn a_directory_called_like_the_file_is_passed_by() {
    let crm = Crm::new();
    crm.write("repository/.git/HEAD", "");
    crm.write("repository/.env", &dotenv("root"));
    crm.write("repository/below/.env/bin/python", "a virtual environment");
    verify_in(&crm, "repository/below").fails(4).telling("/root: ");
}

/// Somebody else.
const NOBODY: u32 = 65_534;

#[test]
fn what_somebody_else_may_have_written_is_ignored_and_told() {
    if !is_run_by_root() {
        skipped("only root can make files of others");
        return;
    }
    let crm = Crm::new();
    for name in [".env", "crm-seed.toml"] {
        let text = if name == ".env" { dotenv("evil") } else { WRONG.to_owned() };
        let run = |directory: &str| match name {
            ".env" => verify_in(&crm, directory),
            _ => plan_in(&crm, directory),
        };
        let path = crm.write(&format!("theirs/{name}"), &text);
        chown(&path, Some(NOBODY), None).expect("an owner");
        let outcome = run("theirs").telling("another user (65534)");
        outcome
            .telling(&format!("note: ignored {}", path.display()))
            .silent_about("evil")
            .silent_about(":1: ");
        // In a directory like /tmp, whoever wrote the file.
        let path = crm.write(&format!("open/{name}"), &text);
        let directory = path.parent().expect("a directory");
        fs::set_permissions(directory, fs::Permissions::from_mode(0o1777)).expect("permissions");
        chown(directory, Some(NOBODY), None).expect("an owner");
        let outcome = run("open").telling("note: ignored ").telling("its directory belongs to another user");
        outcome.silent_about("evil").silent_about(":1: ");
        // Through a link, too.
        let link = crm.write(&format!("linked/{name}"), "");
        fs::remove_file(&link).expect("a file");
        std::os::unix::fs::symlink(crm.directory().join(format!("theirs/{name}")), &link).expect("a link");
        run("linked").telling("note: ignored ").silent_about("evil").silent_about(":1: ");
    }
}

#[test]
fn one_s_own_files_are_believed_wherever_they_are() {
    let crm = Crm::new();
    let path = crm.write(".env", &dotenv("own"));
    let directory = path.parent().expect("a directory");
    fs::set_permissions(directory, fs::Permissions::from_mode(0o777)).expect("permissions");
    let outcome = verify_in(&crm, ".").fails(4).telling("/own: ");
    outcome.silent_about("ignored");
    if is_run_by_root() {
        // In a project of somebody else a file of root's is, too.
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).expect("permissions");
        chown(directory, Some(NOBODY), None).expect("an owner");
        verify_in(&crm, ".").fails(4).telling("/own: ");
    }
}

#[track_caller]
fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo {}", path.display());
}

#[test]
fn a_dotenv_that_a_password_manager_serves_is_read() {
    let crm = Crm::new();
    let path = crm.directory().join(".env");
    pipe(&path);
    let running = crm.spawn("verify");
    // Opening it waits for crm-seed to read.
    fs::write(&path, dotenv("served")).expect("a reader");
    running.wait().fails(4).telling("/served: ");
}

#[test]
fn a_dotenv_that_nobody_serves_is_waited_for_a_while() {
    let crm = Crm::new();
    pipe(&crm.directory().join(".env"));
    let started = Instant::now();
    crm.run("verify").fails(2).telling(".env: it is a pipe that was not written");
    let waited = started.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(60)).contains(&waited), "{waited:?}");
}

#[test]
fn ctrl_c_ends_the_wait_for_a_dotenv() {
    for signal in ["INT", "TERM"] {
        let crm = Crm::new();
        let path = crm.directory().join(".env");
        pipe(&path);
        let running = crm.spawn("verify");
        // Opened for writing, and so waited for by crm-seed, which gets nothing.
        let held = wait_for("a reader", || {
            use std::os::unix::fs::OpenOptionsExt;
            fs::OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&path).ok()
        });
        let started = Instant::now();
        running.signal(signal);
        running.wait().fails(130);
        assert!(started.elapsed() < Duration::from_secs(4), "SIG{signal}: {:?}", started.elapsed());
        drop(held);
    }
}
