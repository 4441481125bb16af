//! Small schemas, each reduced from what went wrong on somebody's database: `fixtures/cases/GROUP/NAME.sql`.
//!
//! Comment lines at the top of a file say what must hold; these ask for it:
//!
//! | line | what it asks |
//! |---|---|
//! | `-- with: ARGUMENTS` | further arguments beside `--clean --seed 42` |
//! | `-- configuration: LINE` | a line of the crm-seed.toml that the run reads |
//! | `-- before: SQL` | run after the schema, before the load |
//! | `-- again` | the same command ends with 0 once more |
//! | `-- verify` | `crm-seed verify` checks a rule at least; none is broken in any case |
//! | `-- none: QUERY` | returns no row (a query selects a column at least) |
//! | `-- some: QUERY` | returns a row |
//! | `-- same: QUERY` | returns the same in two databases |
//! | `-- told: TEXT` | the run prints it |
//! | `-- refused: TEXT` | the run ends with an error that says it, and nothing else is asked |

use std::path::{Path, PathBuf};

use crate::harness::{Crm, Database};

/// A case, as its file says it.
struct Case {
    sql: String,
}

impl Case {
    /// What stands behind a mark, line by line.
    fn marked(&self, mark: &str) -> Vec<&str> {
        let prefix = format!("-- {mark}:");
        self.sql.lines().filter_map(|line| line.strip_prefix(&prefix).map(str::trim)).collect()
    }

    fn has(&self, mark: &str) -> bool {
        self.sql.lines().any(|line| line.trim_end() == format!("-- {mark}"))
    }

    /// A database with the schema, the option that names the configuration, and the command that fills it.
    fn database(&self, crm: &Crm) -> Option<(Database, String, String)> {
        let db = Database::empty()?;
        db.run(&self.sql);
        for sql in self.marked("before") {
            db.run(sql);
        }
        let configuration = match self.marked("configuration").join("\n") {
            text if text.is_empty() => String::new(),
            text => format!("--config {}", crm.write("case.toml", &text).display()),
        };
        let arguments = self.marked("with").join(" ");
        let command = format!("--clean --seed 42 {arguments} {configuration} {}", db.option());
        Some((db, configuration, command))
    }

    /// What does not hold, or nothing; none where no server is.
    fn faults(&self) -> Option<Vec<String>> {
        let crm = Crm::new();
        let (db, configuration, command) = self.database(&crm)?;
        let first = crm.run(&command);
        if let [expected, ..] = self.marked("refused")[..] {
            let is_so = !first.status.success() && first.stderr.contains(expected);
            return Some(if is_so {
                Vec::new()
            } else {
                vec![format!("{}, not refused: {}", first.status, first.stderr)]
            });
        }
        if !first.status.success() {
            return Some(vec![format!("{}: {}", first.status, first.stderr)]);
        }
        let mut faults = Vec::new();
        let said = format!("{}{}", first.stdout, first.stderr);
        for text in self.marked("told").into_iter().filter(|text| !said.contains(*text)) {
            faults.push(format!("does not say {text:?}: {said}"));
        }
        if self.has("again") {
            let again = crm.run(&command);
            if !again.status.success() {
                faults.push(format!("again: {}: {}", again.status, again.stderr));
            }
        }
        let verify = crm.run(&format!("verify --quiet {configuration} {}", db.option()));
        if verify.status.code() == Some(5) || self.has("verify") && !verify.status.success() {
            let broken = verify.stdout.lines().filter(|line| !line.starts_with("skipped"));
            faults.push(format!("verify: {}{}", broken.collect::<Vec<_>>().join("\n"), verify.stderr));
        }
        let rows =
            |query: &str| db.try_run(query).unwrap_or_else(|error| format!("cannot be asked: {error}"));
        for query in self.marked("none") {
            let found = rows(query);
            if !found.trim().is_empty() {
                let first: Vec<&str> = found.lines().take(3).collect();
                faults.push(format!("{query}: {} rows: {}", found.lines().count(), first.join(" / ")));
            }
        }
        for query in self.marked("some").into_iter().filter(|query| rows(query).trim().is_empty()) {
            faults.push(format!("{query}: no row"));
        }
        if let queries @ [_, ..] = &self.marked("same")[..] {
            let (other, _, command) = self.database(&crm)?;
            crm.ok(&command);
            for query in queries.iter().filter(|query| db.run(query) != other.run(query)) {
                faults.push(format!("differs in two databases: {query}"));
            }
        }
        Some(faults)
    }
}

fn cases(group: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(group);
    let entries = std::fs::read_dir(&directory).unwrap_or_else(|error| panic!("{group}: {error}"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{group} has cases");
    // CRM_SEED_CASE=NAME tries one case alone.
    let only = std::env::var("CRM_SEED_CASE").unwrap_or_default();
    files.retain(|file| file.to_string_lossy().contains(&only));
    files
}

/// Runs each case of a folder and tells everything that does not hold at once.
fn hold(group: &str) {
    let mut faults = Vec::new();
    for file in cases(group) {
        let sql = std::fs::read_to_string(&file).expect("a case");
        let case = Case { sql };
        let asks =
            ["none", "some", "same", "told", "refused"].iter().any(|mark| !case.marked(mark).is_empty());
        assert!(asks || case.has("again") || case.has("verify"), "{} asks for nothing", file.display());
        let Some(found) = case.faults() else { return };
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_group_of_cases_is_run() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let groups = std::fs::read_dir(directory).expect("cases");
    let source = include_str!("cases.rs");
    for group in groups {
        let group = group.expect("a group").file_name().into_string().expect("its name");
        assert!(source.contains(&format!("hold(\"{group}\")")), "no test runs the cases of {group}");
    }
}

#[test]
fn keys_are_kept() {
    hold("keys");
}

#[test]
fn odd_types_have_values() {
    hold("types");
}

#[test]
fn what_the_server_refuses_gives_way_where_it_may() {
    hold("server_judges");
}

#[test]
fn tables_are_recognized_together() {
    hold("recognition");
}

#[test]
fn keys_say_what_columns_are() {
    hold("references");
}

#[test]
fn settings_of_the_session_change_nothing() {
    hold("settings");
}

#[test]
fn a_default_is_the_value_where_it_says_more_than_the_name() {
    hold("defaults");
}

#[test]
fn sequences_go_on_behind_the_keys() {
    hold("sequences");
}

#[test]
fn texts_that_do_not_fit_are_shortened_as_what_they_are() {
    hold("shortened");
}

#[test]
fn names_say_what_columns_and_things_are() {
    hold("names");
}

#[test]
fn an_address_is_one_place() {
    hold("addresses");
}

#[test]
fn columns_of_a_file_tell_of_the_same() {
    hold("files");
}

#[test]
fn documents_have_the_shape_that_the_app_reads() {
    hold("json");
}

#[test]
fn labels_are_in_the_words_of_the_app() {
    hold("labels");
}

#[test]
fn pairs_of_a_type_and_a_key_lead_to_rows_that_are_there() {
    hold("pairs");
}

#[test]
fn what_the_configuration_tells_is_so() {
    hold("told");
}

#[test]
fn what_a_row_repeats_of_another_is_the_same() {
    hold("copies");
}

#[test]
fn counters_count_what_they_are_called_after() {
    hold("counters");
}

#[test]
fn who_when_and_why_are_told_together_or_not_at_all() {
    hold("events");
}

#[test]
fn from_is_before_to_and_the_least_not_above_the_most() {
    hold("relations");
}

#[test]
fn totals_are_sums_of_what_they_total() {
    hold("totals");
}
