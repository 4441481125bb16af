//! Scenario files that are wrong: each gets errors with places, exit 2, and no database is asked
//! for anything.

use std::process::Stdio;

use crate::harness::{Crm, Database};
use crate::scenarios::{NOWHERE, text};

/// Holds the file `bad.json` with `file` to be refused by all commands that read it, with each of
/// `told` on stderr.
#[track_caller]
fn refused(file: &str, told: &[&str]) {
    let crm = Crm::new();
    crm.write("bad.json", file);
    let commands = [
        "scenario check bad.json".to_owned(),
        format!("-s bad.json --database-url {NOWHERE}"),
        format!("--clean --yes -s bad.json --dry-run --database-url {NOWHERE}"),
        "generate --out files -s bad.json".to_owned(),
    ];
    for command in commands {
        let outcome = crm.run(&command).fails(2);
        for told in told {
            assert!(outcome.stderr.contains(told), "no `{told}`: {outcome:#?}");
        }
    }
    assert_eq!(crm.names_in(""), ["bad.json"], "nothing is made");
}

fn rows(rows: &str) -> String {
    format!("{{\n\"name\": \"bad\", \"title\": \"t\", \"description\": \"d\",\n\"rows\": {rows}\n}}\n")
}

#[test]
fn every_wrong_name_and_value_is_told_with_its_place() {
    let organization =
        |columns: &str| rows(&format!("{{ \"organizations\": {{ \"a\": {{ {columns} }} }} }}"));
    let cases = [
        (rows("{ \"organisations\": {} }"), "`organisations`"),
        (
            organization("\"organization_type\": \"customer\", \"nmae\": \"x\""),
            "`nmae`; did you mean `name`?",
        ),
        (
            organization("\"organization_type\": \"custmer\""),
            "bad.json:3:58: unknown organization_type `custmer`; did you mean `customer`?",
        ),
        (
            organization("\"organization_type\": \"customer\", \"employee_count\": \"7\""),
            "employee_count must be a whole number, not the string `7`",
        ),
        (
            organization("\"organization_type\": \"customer\", \"employee_count\": 2147483648"),
            "not `2147483648`",
        ),
        (
            rows("{ \"tasks\": { \"t\": { \"due_date\": \"2023-02-29\" } } }"),
            "bad.json:3:41: due_date `2023-02-29`: no such date or time",
        ),
        (
            rows("{ \"tasks\": { \"t\": { \"due_date\": \"as_of+99999999d\" } } }"),
            "is outside the years 1 to 9999",
        ),
        (
            rows("{ \"opportunities\": { \"t\": { \"amount\": 1.005 } } }"),
            "amount must be a number with at most two decimals, not the number `1.005`",
        ),
        (
            rows("{ \"opportunities\": { \"t\": { \"probability\": 101 } } }"),
            "probability must be from 0 to 100, not `101`",
        ),
        (
            rows("{ \"tasks\": { \"deal-a\": {}, \"t\": { \"opportunity_id\": \"@deel-a\" } } }"),
            "bad.json:3:61: unknown handle `@deel-a`; did you mean `@deal-a`?",
        ),
        (
            rows(
                "{ \"organizations\": { \"deal-a\": { \"organization_type\": \"customer\" } }, \"tasks\": { \"t\": { \"opportunity_id\": \"@deal-a\" } } }",
            ),
            "`@deal-a` is a row of organizations; expected a row of opportunities",
        ),
        (
            rows("{ \"tasks\": { \"t\": {}, \"t\": {} } }"),
            "bad.json:3:31: duplicate `t`; the first is at 3:22",
        ),
        (
            rows("{ \"tasks\": { \"t\": {} }, \"contacts\": { \"t\": {} } }"),
            "duplicate handle `t`; the first is a row of tasks at 3:22",
        ),
        (
            rows("{ \"opportunities\": { \"t\": { \"customer_organization_id\": {\"customer\": 1} } } }"),
            "there is no base customer: the counts of the scenario generate none",
        ),
        (rows("{ \"tasks\": { \"t\": { \"id\": 7 } } }"), "`id` cannot be set"),
    ];
    // Names and values are held against the tables of a database, where there is one.
    let db = Database::migrated();
    for (file, told) in cases {
        let crm = Crm::new();
        crm.write("bad.json", &file);
        crm.run("scenario check bad.json").fails(2).telling(told).telling("bad.json:3:");
        crm.run("generate --out files -s bad.json").fails(2).telling(told);
        let Some(db) = &db else { continue };
        let before = db.counts();
        crm.run(&format!("scenario check bad.json {}", db.option())).fails(2).telling(told);
        crm.run(&format!("-s bad.json {}", db.option())).fails(2).telling(told);
        crm.run(&format!("--clean --yes -s bad.json --dry-run {}", db.option())).fails(2).telling(told);
        assert_eq!((crm.names_in(""), db.counts()), (vec!["bad.json".to_owned()], before), "nothing is made");
    }
}

#[test]
fn all_errors_of_all_files_are_told_at_once() {
    let crm = Crm::new();
    crm.write("one.json", "{\n  \"name\": \"one\", \"title\": \"t\", \"description\": \"d\",\n  \"cuonts\": {},\n  \"rows\": { \"tasks\": { \"T\": {}, \"u\": { \"titel\": \"x\", \"due_date\": 7 } } }\n}");
    crm.write("two.json", "{ \"name\": \"two\" ]");
    let outcome = crm.run("scenario check one.json two.json high-value-pipeline").exits(2);
    assert!(outcome.stdout.starts_with("ok  high-value-pipeline: "), "{outcome:#?}");
    for told in ["one.json:3:3: ", "one.json:4:24: ", "one.json:4:40: ", "one.json:4:66: ", "two.json:1:"] {
        assert!(outcome.stderr.contains(told), "{told}: {outcome:#?}");
    }
    let places = outcome.stderr.lines().filter(|line| line.contains(".json:")).count();
    assert_eq!(places, 5, "{outcome:#?}");
    let outcome = crm.run(&format!("-s one.json -s two.json --database-url {NOWHERE}")).fails(2);
    outcome.telling("one.json:4:40: ").telling("two.json:1:");
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    refused("", &["bad.json:1:1: not JSON: the file is empty"]);
    refused("{\n  \"name\": \"bad\",\n}", &["bad.json:2:", "not JSON: trailing commas"]);
    refused("{\n  // no\n}", &["bad.json:2:3: not JSON: comments"]);
    refused("{\n  \"name\": \"bad", &["bad.json:2:11: not JSON: unterminated string"]);
    refused("[]", &["bad.json:1:1: the file must be an object, not an array"]);
    refused("null", &["bad.json:1:1: the file must be an object"]);
    refused("{}", &["bad.json:1:1: the file lacks `name`, `title`, `description`"]);
    let deep = |depth: usize| rows(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    refused(&deep(40), &["bad.json:3:", "nested too deeply"]);
    refused(&deep(100_000), &["bad.json:3:", "nested too deeply"]);
}

#[test]
fn what_is_no_scenario_file_at_all_is_told() {
    let crm = Crm::new();
    std::fs::write(crm.directory().join("bytes.json"), b"{\"name\": \"\xff\xfe\"}").expect("a file");
    crm.run("scenario check bytes.json").fails(2).telling("bytes.json:1:11: not valid UTF-8");
    let huge = std::fs::File::create(crm.directory().join("huge.json")).expect("a file");
    huge.set_len(1 << 40).expect("a sparse file");
    crm.run("scenario check huge.json").fails(2).telling("larger than 1 MiB");
    crm.run(&format!("-s huge.json --database-url {NOWHERE}")).fails(2).telling("larger than 1 MiB");
    std::fs::create_dir(crm.directory().join("directory.json")).expect("a directory");
    crm.run("scenario check directory.json").fails(2).telling("not a regular file");
    crm.run("scenario check nothing.json").fails(2).telling("cannot read `nothing.json`");
    // Nobody ever writes into this one.
    let pipe = crm.directory().join("pipe.json");
    let made = std::process::Command::new("mkfifo").arg(&pipe).stderr(Stdio::null()).status();
    if made.is_ok_and(|status| status.success()) {
        crm.run("scenario check pipe.json").fails(2).telling("not a regular file");
    }
}

#[test]
fn a_file_of_too_many_rows_is_told() {
    refused(&rows("{ \"tasks\": { \"t\": { \"repeat\": 10001 } } }"), &["bad.json:3:"]);
    refused(
        &rows("{ \"tasks\": { \"t\": { \"repeat\": 18446744073709551616 } } }"),
        &["bad.json:3:", "repeat"],
    );
    let many = rows(
        "{ \"organizations\": { \"a\": { \"repeat\": 7000, \"organization_type\": \"customer\" }, \"b\": { \"repeat\": 7000, \"organization_type\": \"customer\" } } }",
    );
    refused(&many, &["too many rows of organizations"]);
}

#[test]
fn rows_beside_which_too_many_would_be_made_are_told_before_the_database_is_asked() {
    refused(
        &rows("{ \"opportunities\": { \"deal\": { \"repeat\": 4000, \"amount\": 50000 } } }"),
        &["bad.json:3:"],
    );
}

#[test]
fn rows_beside_which_too_many_would_be_made_are_told() {
    let Some(db) = Database::seeded("") else { return };
    let before = (db.digests(), db.schema());
    let crm = Crm::new();
    crm.write(
        "bad.json",
        &rows("{ \"opportunities\": { \"deal\": { \"repeat\": 4000, \"amount\": 50000 } } }"),
    );
    crm.run("scenario check bad.json").fails(2).telling("bad.json:3:");
    crm.run(&format!("--clean --yes -s bad.json {}", db.option())).fails(2).telling("bad.json:3:");
    assert_eq!((db.digests(), db.schema()), before);
}

#[test]
fn handles_with_quotes_and_sql_are_told_and_do_nothing() {
    let Some(db) = Database::seeded("") else { return };
    let before = (db.digests(), db.schema());
    let evil = r#"a'; DROP TABLE opportunities; --"#;
    let crm = Crm::new();
    let cases = [
        rows(&format!("{{ \"tasks\": {{ \"{evil}\": {{}} }} }}")),
        rows("{ \"tasks\": { \"\\\"; SELECT 1; --\": {} } }"),
        rows(&format!("{{ \"tasks\": {{ \"t\": {{ \"opportunity_id\": \"@{evil}\" }} }} }}")),
        rows(&format!("{{ \"{evil}\": {{}} }}")),
        rows(&format!("{{ \"tasks\": {{ \"t\": {{ \"{evil}\": 1 }} }} }}")),
        rows(&format!("{{ \"tasks\": {{ \"t\": {{ \"due_date\": \"{evil}\" }} }} }}")),
        text(
            "bad",
            &serde_json::json!({ "expect": [{ "name": "x", "sql": "SELECT @nobody", "equals": 1 }] }),
        ),
    ];
    for file in cases {
        crm.write("bad.json", &file);
        crm.run(&format!("-s bad.json {}", db.option())).fails(2).telling("bad.json:");
        crm.run(&format!("--clean --yes -s bad.json {}", db.option())).fails(2).telling("bad.json:");
    }
    let name = text(evil, &serde_json::json!({}));
    crm.write("bad.json", &name);
    crm.run(&format!("-s bad.json {}", db.option())).fails(2).telling("invalid name");
    let unload = crm
        .command("scenario unload")
        .arg(evil)
        .args(["--database-url", db.url()])
        .output()
        .expect("crm-seed");
    assert_eq!(unload.status.code(), Some(2), "{unload:?}");
    assert_eq!((db.digests(), db.schema()), before);
}

#[test]
fn texts_of_any_kind_get_in_as_they_are() {
    let Some(db) = Database::empty() else { return };
    let crm = Crm::new();
    let evil = "Robert'); DROP TABLE opportunities;-- \\ \t\"$$ \\N \u{1f355} {{x}} %s";
    let customer = serde_json::json!({ "name": evil, "organization_type": "customer", "notes": null });
    let rows = serde_json::json!({ "rows": { "organizations": { "a": customer } } });
    let mut rows = rows;
    rows["rows"]["organizations"]["a"].as_object_mut().expect("a row").remove("notes");
    crm.write("good.json", &text("good", &rows));
    for method in ["copy", "insert"] {
        crm.ok(&format!("-s good.json --method {method} {}", db.option()));
        let found = db.run("SELECT to_json(name) FROM organizations WHERE organization_type = 'customer'");
        assert_eq!(serde_json::from_str::<String>(&found).ok().as_deref(), Some(evil), "{method}");
    }
}

#[test]
fn a_scenario_that_nobody_knows_is_told_with_the_nearest_one() {
    let crm = Crm::new();
    let outcome = crm.run(&format!("-s multi-stakholder --database-url {NOWHERE}")).fails(2);
    outcome.telling("unknown scenario `multi-stakholder`; did you mean `multi-stakeholder`?");
    for command in ["scenario show", "scenario check", "generate --out files -s"] {
        crm.run(&format!("{command} multi-stakholder")).fails(2).telling("did you mean `multi-stakeholder`?");
    }
}
