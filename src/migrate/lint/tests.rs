//! Rules against their examples, and the lint as a whole.

use std::borrow::Cow;

use jiff::civil::date;

use crate::migrate::files::{Migration, Source};
use crate::migrate::layout::Directory;
use crate::migrate::lint::about::About;
use crate::migrate::lint::finding::Finding;
use crate::migrate::lint::{Settings, all_rules, catalog, lint};

/// A directory of the files in a text, each behind a line `-- YYYYMMDDHHMMSS_name.sql`; without such a line, of one.
fn directory(text: &str) -> Directory {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let name = line.trim().strip_prefix("-- ").and_then(|line| line.strip_suffix(".sql"));
        match name.filter(|name| name.starts_with(|c: char| c.is_ascii_digit()) && !name.contains(' ')) {
            Some(name) => files.push((name.to_owned(), String::new())),
            None if files.is_empty() => files.push(("20250301090000_example".to_owned(), line.to_owned())),
            None => files.last_mut().expect("a file").1.push_str(line),
        }
    }
    let source = |(name, text): &(String, String)| Source::new(format!("{name}.sql"), text.clone());
    let mut migrations: Vec<Migration> = Vec::new();
    for file in &files {
        match (file.0.strip_suffix(".down"), migrations.last_mut()) {
            (Some(_), Some(last)) => last.down = Some(source(file)),
            _ => migrations.push(Migration {
                version: Cow::Owned(file.0.clone()),
                is_repeatable: false,
                name: Cow::Owned(file.0.clone()),
                up: source(file),
                down: None,
            }),
        }
    }
    Directory::own(migrations)
}

fn findings(text: &str) -> Vec<Finding> {
    let settings = Settings { today: date(2025, 6, 1), disabled: [].into() };
    lint(&directory(text), &settings)
}

/// Where a rule finds something: `file:line`.
pub(in crate::migrate::lint) fn found(about: &About, text: &str) -> Vec<String> {
    let of_rule = findings(text).into_iter().filter(|finding| finding.rule == about.id);
    of_rule.map(|finding| format!("{}:{}", finding.file, finding.line)).collect()
}

/// What a rule says.
pub(in crate::migrate::lint) fn messages(about: &About, text: &str) -> Vec<String> {
    let of_rule = findings(text).into_iter().filter(|finding| finding.rule == about.id);
    of_rule.map(|finding| format!("{} {}", finding.message, finding.mend)).collect()
}

/// Holds a rule to its examples.
pub(in crate::migrate::lint) fn check_examples(about: &About) {
    assert!(!found(about, about.bad).is_empty(), "{}: nothing is found in its bad example", about.id);
    assert_eq!(found(about, about.good), [""; 0], "{}: its good example", about.id);
}

fn rules_of(text: &str) -> Vec<&'static str> {
    let mut rules: Vec<_> = findings(text).into_iter().map(|finding| finding.rule).collect();
    rules.retain(|rule| *rule != "missing-rollback");
    rules
}

#[test]
fn every_rule_has_its_own_id_and_examples_that_are_judged_right() {
    let mut ids = catalog::ids();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all_rules().len());
    for about in all_rules() {
        check_examples(about);
    }
}

#[test]
fn no_example_that_is_good_is_an_error_for_another_rule() {
    for about in all_rules() {
        let errors: Vec<_> = findings(about.good)
            .into_iter()
            .filter(|finding| finding.level == crate::migrate::lint::Level::Error)
            .map(|finding| finding.to_string())
            .collect();
        assert_eq!(errors, [""; 0], "{}", about.id);
    }
}

#[test]
fn an_ignore_holds_for_its_statement_or_from_the_header_for_the_file() {
    let two = "DROP TABLE a;\nDROP TABLE b;\n";
    let rule = "drop-without-deprecation";
    assert_eq!(rules_of(two), [rule, rule]);
    assert_eq!(rules_of(&format!("-- lint:ignore {rule} they are empty\n\n{two}")), [""; 0]);
    assert_eq!(rules_of(&format!("-- lint:ignore {rule} it is empty\n{two}")), [rule]);
    assert_eq!(rules_of(&format!("DROP TABLE a; -- lint:ignore {rule} it is empty\nDROP TABLE b;")), [rule]);
    assert_eq!(rules_of(&format!("{two}-- lint:ignore {rule} too late\n")), [rule, rule, "unused-ignore"]);
    let inside = format!("ALTER TABLE t\n  -- lint:ignore {rule} never used\n  DROP COLUMN a;");
    assert_eq!(rules_of(&inside), [""; 0]);
    let of_file = "-- lint:ignore missing-rollback nothing to undo\nSELECT 1;";
    assert_eq!(findings(of_file).len(), 0);
}

#[test]
fn an_ignore_needs_a_rule_and_a_reason() {
    let rule = "drop-without-deprecation";
    assert_eq!(rules_of(&format!("-- lint:ignore {rule}\nDROP TABLE a;")), ["bad-ignore", rule]);
    assert_eq!(rules_of("-- lint:ignore\nSELECT 1;"), ["bad-ignore"]);
    assert_eq!(rules_of("-- lint:ignored\nSELECT 1;"), [""; 0]);
    let unknown = findings("-- lint:ignore drop-without-deprecaton why not\nSELECT 1;");
    assert_eq!(unknown[0].mend, "did you mean `drop-without-deprecation`?");
}

#[test]
fn findings_are_told_once_and_where_they_are() {
    let text = "-- é\nALTER TABLE t ADD COLUMN é int,\n  DROP COLUMN a;\n";
    let all = findings(text);
    let drop = all.iter().find(|finding| finding.rule == "drop-without-deprecation").expect("a finding");
    assert_eq!((drop.line, drop.column, drop.end_line, drop.end_column), (3, 3, 3, 16));
    assert!(all.iter().all(|finding| finding.rule != "undocumented-breaking-change"));
}

#[test]
fn a_key_outlives_moved_lines_and_comments_and_no_change() {
    let key = |text: &str| {
        findings(text).into_iter().find(|f| f.rule == "drop-without-deprecation").expect("it").key
    };
    let first = key("DROP TABLE a;");
    assert_eq!(first, key("-- more\n\n\nSELECT 1;\n-- and more\nDROP  TABLE\n a /* this */ ;"));
    assert_ne!(first, key("DROP TABLE b;"));
}

#[test]
fn rules_of_squawk_are_quiet_where_nothing_is_rewritten_or_scanned() {
    for sql in [
        "ALTER TABLE t ADD a timestamptz DEFAULT timezone('utc'::text, now());",
        "ALTER TABLE t ADD a int DEFAULT (-1);",
        "ALTER TABLE t ADD a jsonb NOT NULL DEFAULT '{}'::jsonb;",
        "ALTER TABLE t ADD a bigint REFERENCES u (id);",
        "ALTER TABLE t ADD a bigint;\nALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id);",
        "ALTER TABLE t ADD a text;\nALTER TABLE t ADD CHECK (a IN ('x', 'y'));",
        "ALTER TABLE t ADD a text;\nUPDATE t SET a = '';\nALTER TABLE t ALTER a SET NOT NULL;",
        "CREATE TABLE t (a int);\nALTER TABLE t ADD CHECK (a > 0), ALTER a TYPE bigint, ADD PRIMARY KEY (a);",
        "BEGIN;\nSELECT 1;\nCOMMIT;",
        "\\restrict abc\nSELECT 1;\n\\unrestrict abc\n",
    ] {
        assert_eq!(rules_of(sql), [""; 0], "{sql}");
    }
    assert_eq!(
        rules_of("ALTER TABLE t ADD a text DEFAULT my_schema.token();"),
        ["adding-field-with-default"]
    );
}

#[test]
fn rollbacks_are_held_to_few_rules() {
    let down = |sql: &str| {
        let up = "-- 20250301090000_x.sql\nSELECT 1;\n-- 20250301090000_x.down.sql\n";
        rules_of(&format!("{up}{sql}"))
    };
    assert_eq!(down("DROP TABLE t;\nALTER TABLE u RENAME a TO b;\nCREATE INDEX i ON u (b);"), [""; 0]);
    assert_eq!(down("DROP INDEX CONCURRENTLY i;"), ["concurrently-in-transaction"]);
}

#[test]
fn what_is_nested_too_deep_is_told_and_not_parsed() {
    let deep = format!("SELECT {}1{};", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(rules_of(&deep), ["syntax-error"]);
    assert_eq!(rules_of(&format!("DO $$ BEGIN {deep} END $$;")), ["syntax-error"]);
}

#[test]
fn the_bundled_migrations_pass() {
    let settings = Settings { today: date(2025, 6, 1), disabled: [].into() };
    let told: Vec<_> = lint(&crate::migrate::bundled(), &settings).iter().map(ToString::to_string).collect();
    assert_eq!(told, [""; 0]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_looked_at_without_a_panic(text: String) {
        findings(&text);
    }
}
