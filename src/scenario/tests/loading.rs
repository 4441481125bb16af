//! Several files: what they extend, and what is loaded together.

use std::path::Path;

use super::RULES;
use crate::domain::counts::CountRange;
use crate::domain::explicit::{CellValue, Value};
use crate::error::Kind;
use crate::scenario::{AsOf, Scenario};

struct Files(tempfile::TempDir);

impl Files {
    /// Scenarios by name, with their fields besides those that each needs.
    fn new(files: &[(&str, &str)]) -> Self {
        let files_of = Self(tempfile::tempdir().expect("a directory"));
        for (name, fields) in files {
            let comma = if fields.is_empty() { "" } else { ",\n" };
            let text = format!(
                "{{\"name\": \"{name}\", \"title\": \"{name}\", \"description\": \"d\"{comma}{fields}}}"
            );
            std::fs::write(files_of.path().join(format!("{name}.json")), text).expect("written");
        }
        files_of
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn load(&self, wanted: &[&str]) -> Result<Scenario, String> {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        Scenario::load(&wanted, Some(self.path()), &RULES, false, true).map_err(|error| {
            assert_eq!(error.kind(), Kind::Usage);
            format!("{error:#}").replace(&format!("{}/", self.path().display()), "")
        })
    }

    fn refused(&self, wanted: &[&str]) -> String {
        self.load(wanted).expect_err("refused")
    }
}

#[test]
fn one_is_laid_over_those_that_it_extends() {
    let files = Files::new(&[
        (
            "root",
            r#""as_of": "2025-01-01", "counts": {"customers": 3, "distributors": 1},
            "weights": {"opportunities.priority": {"low": 1}},
            "rows": {"tasks": {"a": {"title": "root", "notes": "root", "repeat": 2}}},
            "expect": [{"name": "e", "sql": "SELECT 1", "equals": 1}], "breaks": ["tasks-done-in-time"]"#,
        ),
        ("left", r#""extends": "root", "rows": {"tasks": {"a": {"title": "left"}}}"#),
        ("right", r#""extends": ["./root.json"], "rows": {"tasks": {"b": {"title": "right"}}}"#),
        (
            "top",
            r#""extends": ["left", "right"], "counts": {"customers": 4},
            "weights": {"opportunities.priority": {"high": 1}},
            "rows": {"tasks": {"a": {"notes": null}}, "contacts": {"c": {}}},
            "expect": [{"name": "e", "sql": "SELECT @a-1", "at_least": 1}],
            "breaks": ["amount-is-sum-of-line-items"]"#,
        ),
    ]);
    let top = files.load(&["top", "root", "./nothing/../top.json"]);
    assert!(top.is_err(), "a path is relative to the working directory");
    let top = files.load(&["root", "top", "top"]).expect("sound");
    assert_eq!((top.name.as_str(), top.counts.customers, top.counts.distributors), ("top", 4, 1));
    assert_eq!(top.as_of.map(|as_of| as_of.to_string()), Some("2025-01-01".to_owned()));
    assert_eq!(top.weights["opportunities.priority"].len(), 1);
    assert_eq!(top.weights["opportunities.stage"].len(), 8);
    let rows = &top.scenario_rows[0].rows;
    let handles: Vec<&str> = rows.iter().map(|row| row.handle.as_str()).collect();
    assert_eq!(handles, ["a-1", "a-2", "b", "c"]);
    let (title, notes) = (CellValue::Value("left".into()), CellValue::Value(Value::Null));
    assert_eq!(rows[0].cells, [("title", title), ("notes", notes)]);
    assert_eq!((top.expectations.len(), top.expectations[0].scenario.as_str()), (1, "top"));
    assert_eq!((top.breaks[0].0.as_str(), top.breaks[0].1.len()), ("top", 2));
}

#[test]
fn several_are_loaded_as_one() {
    let files = Files::new(&[
        (
            "a",
            r#""as_of": "2025-01-01", "counts": {"customers": 3, "contacts_per_customer": {"min": 4, "max": 4}},
            "rows": {"tasks": {"a": {}}}"#,
        ),
        (
            "b",
            r#""as_of": "2025-01-01", "counts": {"customers": 2, "distributors": 2}, "rows": {"tasks": {"b": {}}}"#,
        ),
        ("other-date", r#""as_of": "today""#),
        ("same-handle", r#""rows": {"contacts": {"b": {}}}"#),
    ]);
    let both = files.load(&["a", "b"]).expect("sound");
    assert_eq!((both.name.as_str(), both.title.as_str()), ("a+b", "a + b"));
    assert_eq!((both.counts.customers, both.counts.distributors), (3, 2));
    assert_eq!(both.counts.contacts_per_customer, CountRange { min: 4, max: 5 });
    assert_eq!(both.scenario_rows.iter().map(|s| s.scenario.as_str()).collect::<Vec<_>>(), ["a", "b"]);

    let error = files.refused(&["a", "other-date"]);
    assert!(
        error.starts_with("other-date.json:2:10: the as-of date is today here and 2025-01-01 at"),
        "{error}"
    );
    let wanted = ["a".to_owned(), "other-date".to_owned()];
    let given = Scenario::load(&wanted, Some(files.path()), &RULES, true, true).expect("a date is given");
    assert_eq!(given.as_of, Some(AsOf::Today));
    // Each scenario has handles of its own.
    assert_eq!(files.load(&["b", "same-handle"]).expect("two").scenario_rows.len(), 2);
    let elsewhere = Files::new(&[("a", "")]);
    let error = files.refused(&["a", elsewhere.path().join("a.json").to_str().expect("a path")]);
    assert!(error.contains("`a` is also the name of the scenario at a.json:1:10: rename one"), "{error}");
}

#[test]
fn what_cannot_be_extended_is_told_at_its_place() {
    let files = Files::new(&[
        ("a", r#""extends": "b""#),
        ("b", r#""extends": ["c"]"#),
        ("c", r#""extends": "a""#),
        ("alone", r#""extends": "alone""#),
        ("unknown", r#""extends": "alon""#),
        ("lost", r#""extends": "./nothing.json""#),
        ("base", r#""rows": {"tasks": {"call": {"priority": "now"}}}"#),
        ("heir", r#""extends": "base", "rows": {"contacts": {"call": {}}}"#),
        ("broken", "\"rows\": "),
        ("on-broken", r#""extends": "broken", "rows": {"tasks": {"a": {"opportunity_id": "@deal"}}}"#),
    ]);
    assert_eq!(
        files.refused(&["a"]),
        "c.json:2:12: scenarios extend each other in a circle: a -> b -> c -> a"
    );
    assert_eq!(
        files.refused(&["alone"]),
        "alone.json:2:12: scenarios extend each other in a circle: alone -> alone"
    );
    let error = files.refused(&["unknown"]);
    assert_eq!(error, "unknown.json:2:12: unknown scenario `alon`; did you mean `alone`?");
    assert!(files.refused(&["lost"]).starts_with("lost.json:2:12: cannot read `"));
    let error = files.refused(&["heir"]);
    assert!(
        error.contains("heir.json:2:42: the handle `call` belongs to a row of tasks at base.json:2:20"),
        "{error}"
    );
    assert!(error.contains("base.json:2:41: unknown priority `now`"), "{error}");
    let error = files.refused(&["on-broken"]);
    assert!(error.starts_with("broken.json:2:9: not JSON") && error.lines().count() == 1, "{error}");
}

#[test]
fn chains_that_are_too_long_and_files_that_are_none_are_refused() {
    let names: Vec<String> = (0..20).map(|i| format!("s{i}")).collect();
    let fields: Vec<String> = (1..=20).map(|i| format!("\"extends\": \"s{}\"", i % 20)).collect();
    let chain: Vec<(&str, &str)> =
        names.iter().zip(&fields).map(|(name, fields)| (name.as_str(), fields.as_str())).collect();
    let files = Files::new(&chain);
    assert!(files.refused(&["s0"]).contains("scenarios extend each other too deeply: at most 16"));

    assert!(files.refused(&["s99"]).starts_with("unknown scenario `s99`; did you mean `s"));
    let directory = files.path().to_str().expect("a path");
    assert!(files.refused(&[&format!("{directory}/")]).contains("not a regular file"));
    let large = files.path().join("large.json");
    std::fs::write(&large, " ".repeat((1 << 20) + 1)).expect("written");
    assert!(files.refused(&["large"]).contains("it is larger than 1 MiB"));
    assert!(files.refused(&["./nothing.json"]).contains("cannot read `./nothing.json`"));
}
