//! What people read, held in `fixtures/shown/`: help, plans, the doctor's screen, the summary and errors. A text that
//! changes is seen here, and blessed on purpose: CRM_SEED_BLESS=1 cargo test --release snapshots

use std::path::PathBuf;

use crate::harness::{Crm, Database};

/// Commands whose help is held.
const COMMANDS: &[&str] = &[
    "",
    "doctor",
    "generate",
    "init",
    "verify",
    "scenario",
    "scenario list",
    "scenario show",
    "scenario new",
    "scenario check",
    "scenario unload",
    "scenario schema",
    "migrate",
    "migrate new",
    "migrate deprecate",
    "migrate up",
    "migrate down",
    "migrate to",
    "migrate redo",
    "migrate status",
    "migrate try",
    "migrate rehearse",
    "migrate preflight",
    "migrate validate",
    "migrate lint",
    "serve",
    "reset",
    "completions",
];

/// Commands that end with an error, and need no database.
const ERRORS: [&str; 27] = [
    "--database-url mysql://app@localhost/crm",
    "--database-url postgres://app@localhost:x/crm",
    "--database-url postgres://app@127.0.0.1:1/crm",
    "--database-url postgres://app@db.example.com/crm",
    "--database-url postgres://app@localhost/crm?sslmode=sometimes",
    "--database-url postgres://app@localhost/crm?channel_binding=require",
    "--scenario nowhere",
    "--scenario ./nowhere.json",
    "--clean --append",
    "--customers 0",
    "--customers many",
    "--as-of yesterday",
    "--as-of 2026-02-30",
    "--contacts-per-customer 5..2",
    "--rows notes",
    "generate --out files --rows custmers=5",
    "generate --out files --rows tasks=5 --weights opportunities.stage=won:1",
    "--handles ids.txt --dry-run",
    "--config nowhere.toml",
    "generate --out - --format csv",
    "generate --out - --format csv --table nowhere",
    "scenario show nowhere",
    "scenario new Big",
    "scenario check nowhere.json",
    "migrate up --dir nowhere",
    "serve --port 99999",
    "nowhere",
];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/shown").join(format!("{name}.txt"))
}

/// Holds a text to its file.
#[track_caller]
fn hold(name: &str, shown: &str) {
    if std::env::var_os("CRM_SEED_BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path("").parent().expect("a directory")).expect("fixtures/shown");
        return std::fs::write(path(name), shown).expect("a snapshot");
    }
    let held = std::fs::read_to_string(path(name)).unwrap_or_default();
    let differs = held.lines().zip(shown.lines()).find(|(held, shown)| held != shown);
    assert!(
        held == shown,
        "{name} is not what fixtures/shown has; the first line that differs: {differs:?}. If that is meant: \
         CRM_SEED_BLESS=1 cargo test --release snapshots"
    );
}

/// A text without what differs from run to run: where the database is and of which version, how long it took.
fn settled(text: &str, db: &Database) -> String {
    let place = db.url().split_once('@').map_or("", |(_, place)| place);
    let text = text.replace(place, "HOST/DATABASE").replace(db.name(), "DATABASE");
    let is_time = |word: &str| word.parse::<f64>().is_ok_and(|_| word.contains('.'));
    let line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let settle =
            |(at, word): (usize, &&str)| match (at.checked_sub(1).map(|at| words[at]), words.get(at + 1)) {
                (_, Some(&("s" | "s,"))) if is_time(word) => "0.00".to_owned(),
                (Some("PostgreSQL"), _) if word.starts_with(|c: char| c.is_ascii_digit()) => {
                    "VERSION,".to_owned()
                }
                _ => (*word).to_owned(),
            };
        words.iter().enumerate().map(settle).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).map(|line| line + "\n").collect()
}

#[test]
fn help_is_what_it_was() {
    let crm = Crm::new().with("COLUMNS", "100");
    for command in COMMANDS {
        let shown = crm.ok(&format!("{command} --help")).stdout;
        hold(&format!("help {command}").trim().replace(' ', "-"), &shown);
    }
}

#[test]
fn errors_are_what_they_were() {
    let mut all = String::new();
    for command in ERRORS {
        let outcome = Crm::new().run(command);
        let code = outcome.status.code().unwrap_or(-1);
        all += &format!("$ crm-seed {command}\n{}exit {code}\n\n", outcome.stderr);
    }
    hold("errors", &all);
}

#[test]
fn plans_and_reports_are_what_they_were() {
    let Some(db) = Database::migrated() else { return };
    let crm = Crm::new();
    let shown = |name: &str, arguments: &str| {
        let outcome = crm.run(&format!("{arguments} {}", db.option()));
        let code = outcome.status.code().unwrap_or(-1);
        let text = format!("{}{}exit {code}\n", outcome.stdout, outcome.stderr);
        hold(name, &settled(&text, &db));
    };
    shown("dry-run", "--dry-run");
    shown("doctor", "doctor");
    shown("doctor-verbose", "doctor --verbose");
    shown("summary", "");
    shown("refused-occupied", "");
    shown("verify", "verify");
    shown("dry-run-clean", "--dry-run --clean");
    db.run("INSERT INTO contacts (name) VALUES ('Ours')");
    shown("refused-rows-of-others", "--clean");
}

#[test]
fn the_plan_of_a_drifted_schema_is_what_it_was() {
    for name in ["companies", "all_checks"] {
        let Some(db) = crate::drift::database(name) else { return };
        let outcome = Crm::new().run(&format!("--dry-run {}", db.option()));
        hold(&format!("dry-run-{name}"), &settled(&outcome.stdout, &db));
    }
}
