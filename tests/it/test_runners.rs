//! The fixtures of docs/testing.md, as they stand there, in the runners that they are for: installed from their registries,
//! each into a directory of the test's own.

use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{Crm, Database, Server, skipped};

const DOC: &str = include_str!("../../docs/testing.md");
/// So long a runner may take, and so long an installation.
const SECONDS: &str = "120";

/// The files that stand in the document in this language, with their names.
fn files(language: &str) -> Vec<(&'static str, &'static str)> {
    let begin = format!("```{language}\n");
    let blocks = DOC.split(begin.as_str()).skip(1).filter_map(|rest| rest.split_once("\n```"));
    let named = blocks.filter_map(|(block, _)| block.split_once('\n'));
    named.map(|(name, text)| (name.trim_start_matches(['/', '#', ' ']), text)).collect()
}

/// A project with the files of the document below `directory`, and a second test beside each, so that two workers have
/// something to do.
fn project(language: &str, directory: &str) -> Crm {
    let crm = Crm::new();
    for (name, text) in files(language).into_iter().filter(|(name, _)| name.starts_with(directory)) {
        crm.write(name, text);
        if name.contains("deal") {
            crm.write(&name.replace("deal", "deal_again"), text);
        }
    }
    crm
}

/// A command in the project, to whom `crm-seed` is the one that is tested.
fn command(crm: &Crm, source: &Database, program: &str, arguments: &str) -> Command {
    let ours = Path::new(env!("CARGO_BIN_EXE_crm-seed")).parent().expect("its directory").to_owned();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::env::join_paths([ours].into_iter().chain(std::env::split_paths(&paths)));
    let mut command = Command::new("timeout");
    command.arg(SECONDS).arg(program).args(arguments.split_whitespace()).current_dir(crm.directory());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("PATH", paths.expect("a path")).env("DATABASE_URL", source.url());
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env("NO_COLOR", "1");
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// Runs it; where it fails the test is skipped, and says so.
///
/// # Panics
/// It fails, and the environment has `CI`: there nothing is skipped.
fn installs(crm: &Crm, source: &Database, program: &str, arguments: &str) -> Option<()> {
    let why = match command(crm, source, program, arguments).output() {
        Ok(output) if output.status.success() => return Some(()),
        Ok(output) => text(&output),
        Err(error) => error.to_string(),
    };
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!in_ci, "{program} {arguments}: {why}\nand in CI no test is skipped");
    let line = why.lines().last().unwrap_or_default();
    skipped(&format!("cannot install a test runner: {program} {arguments}: {line}"));
    None
}

/// Runs the runner, and says what it printed.
#[track_caller]
fn passes(crm: &Crm, source: &Database, program: &str, arguments: &str) -> String {
    let output = command(crm, source, program, arguments).output().expect("the runner");
    let text = text(&output);
    assert!(output.status.success(), "{program} {arguments}: {text}");
    text
}

/// A server of its own, as the names of the databases are those of the document, and a database with the schema.
fn source() -> Option<(Server, Database)> {
    let server = Server::start()?;
    let source = server.database();
    Crm::new().ok(&format!("migrate up {}", source.option()));
    Some((server, source))
}

/// The databases that the workers had, which begin with `test_`.
fn databases(source: &Database) -> String {
    source
        .run("SELECT datname FROM pg_database WHERE starts_with(datname, 'test_') ORDER BY 1")
        .replace('\n', " ")
}

#[test]
fn the_fixture_for_playwright_works_in_it() {
    let Some((_server, source)) = source() else { return };
    let crm = project("ts", "tests/");
    let packages = "install --no-audit --no-fund --no-save @playwright/test@1 pg@8";
    let Some(()) = installs(&crm, &source, "npm", packages) else { return };
    for _ in 0..2 {
        let told = passes(&crm, &source, "npx", "playwright test --workers=2");
        assert!(told.contains("2 passed"), "{told}");
    }
    assert_eq!(databases(&source), "test_0 test_1");
}

#[test]
fn the_fixture_for_vitest_works_in_it() {
    let Some((_server, source)) = source() else { return };
    let crm = project("ts", "");
    let packages = "install --no-audit --no-fund --no-save vitest@4 pg@8";
    let Some(()) = installs(&crm, &source, "npm", packages) else { return };
    for _ in 0..2 {
        let told = passes(&crm, &source, "npx", "vitest run --dir test --maxWorkers=2");
        assert!(told.contains("Tests  2 passed"), "{told}");
    }
    assert_eq!(databases(&source), "test_0 test_1 test_2");
}

#[test]
fn the_fixture_for_pytest_works_in_it() {
    let Some((_server, source)) = source() else { return };
    let crm = project("python", "");
    let Some(()) = installs(&crm, &source, "python3", "-m venv venv") else { return };
    let packages = "install --quiet --disable-pip-version-check pytest pytest-xdist psycopg[binary]";
    let Some(()) = installs(&crm, &source, "venv/bin/pip", packages) else { return };
    let told = passes(&crm, &source, "venv/bin/pytest", "-q -n 2");
    assert!(told.contains("2 passed"), "{told}");
    assert_eq!(databases(&source), "test_gw0 test_gw1");
    // Without workers one session has one database: the second test finds what the first one did.
    passes(&crm, &source, "venv/bin/pytest", "-q test_deal.py");
    assert_eq!(databases(&source), "test_gw0 test_gw1 test_main");
}
