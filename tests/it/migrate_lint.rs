//! `crm-seed migrate lint`. What each rule finds is tested beside it; here it is the command.

use serde_json::Value;

use crate::harness::{Crm, Outcome};

const FIRST: &str = "own/20250301090000_create_visits.sql";
const SECOND: &str = "own/20250302090000_change_visits.sql";

/// A project of two migrations: the second drops a column (an error) and builds an index (a warning).
fn project() -> Crm {
    let crm = Crm::new().with("CRM_SEED_BUNDLED", "0");
    crm.write(FIRST, "CREATE TABLE visits (id bigint, note text, day date);\n");
    crm.write("own/20250301090000_create_visits.down.sql", "DROP TABLE visits;\n");
    crm.write(SECOND, "-- Description: Tidy up\n\nALTER TABLE visits\n  DROP COLUMN note;\nCREATE INDEX visits_day ON visits (day);\n");
    crm.write("own/20250302090000_change_visits.down.sql", "ALTER TABLE visits ADD COLUMN note text;\n");
    crm
}

fn lint(crm: &Crm, arguments: &str) -> Outcome {
    crm.run(&format!("migrate lint --dir own {arguments}"))
}

fn rules(outcome: &Outcome) -> Vec<String> {
    let all = outcome.json();
    all.as_array().expect("an array").iter().map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn findings_say_where_what_and_what_to_do() {
    let crm = project();
    let outcome = lint(&crm, "").exits(5).telling("error: 1 error and 1 warning in 4 files");
    assert_eq!(
        outcome.stdout,
        "own/20250302090000_change_visits.sql:4:3: error[drop-without-deprecation]: visits.note is dropped without \
         having been deprecated\n    deprecate it first (a column with `crm-seed migrate deprecate`, a table with \
         COMMENT ... IS 'Deprecated: YYYY-MM-DD. Remove after YYYY-MM-DD'), or say in the header why it can go now: `-- Drop: reason`\n\
         own/20250302090000_change_visits.sql:5:1: warning[index-without-concurrently]: building this index blocks \
         writes to visits\n    build it CONCURRENTLY, in a migration of its own that begins with the line \
         `-- Transaction: none`\n"
    );
    let json = lint(&crm, "--json").exits(5).json();
    assert_eq!((json[0]["line"].as_u64(), json[0]["column"].as_u64()), (Some(4), Some(3)));
    assert_eq!(json[0]["level"], "error");
    assert_eq!(json[0]["migration"], "20250302090000_change_visits");
}

#[test]
fn warnings_fail_where_that_is_asked_for_and_errors_that_are_explained_do_not() {
    let crm = project();
    let text = std::fs::read_to_string(crm.directory().join(SECOND)).expect("the file");
    crm.write(
        SECOND,
        &text.replace("-- Description: Tidy up", "-- Description: Tidy up\n-- Drop: never used"),
    );
    lint(&crm, "").exits(0).printing("1 warning in 4 files");
    lint(&crm, "--strict").exits(5).telling("1 warning in 4 files");
    lint(&crm, "--json").exits(0).telling("1 warning in 4 files");
    crm.write(SECOND, "ALTER TABLE visits ADD COLUMN place text;\n");
    lint(&crm, "--strict").exits(0).printing("no findings in 4 files");
}

#[test]
fn files_that_are_named_are_told_of_and_all_are_read() {
    let crm = project();
    lint(&crm, FIRST).exits(0).printing("no findings in 1 file");
    // The table of the index is known to be an old one.
    assert_eq!(rules(&lint(&crm, &format!("--json {SECOND}"))).len(), 2);
    lint(&crm, "20250302090000_change_visits.sql").exits(5);
    lint(&crm, "own/20250302090000_change_visit.sql")
        .fails(2)
        .telling("is not a file of these migrations")
        .telling("did you mean `own/20250302090000_change_visits.sql`?");
}

#[test]
fn the_bundled_migrations_pass_without_a_database() {
    Crm::new().ok("migrate lint --strict").printing("no findings in 18 files");
}

#[test]
fn a_baseline_hides_what_is_known_wherever_it_moves() {
    let crm = project();
    lint(&crm, "--write-baseline known.json").exits(0).printing("2 findings written to known.json");
    lint(&crm, "--baseline known.json").exits(0).printing("no findings in 4 files (2 more in the baseline)");
    let text = std::fs::read_to_string(crm.directory().join(SECOND)).expect("the file");
    crm.write(SECOND, &format!("-- more\n\n{text}DROP TABLE visits;\n"));
    let outcome = lint(&crm, "--baseline known.json --json").exits(5);
    assert_eq!(rules(&outcome), ["drop-without-deprecation"]);
    crm.write("crm-seed.toml", "[migrations]\ndir = \"own\"\nlint_baseline = \"known.json\"\n");
    crm.run("migrate lint").exits(5).telling("1 error in 4 files (2 more in the baseline)");
    crm.write("known.json", "{\"version\": 9, \"findings\": []}");
    crm.run("migrate lint")
        .fails(2)
        .telling("version 9 of baselines is not known")
        .telling("--write-baseline");
    crm.write("known.json", "{\n\"version\": }");
    crm.run("migrate lint").fails(2).telling("known.json:2:12: not a baseline");
    lint(&crm, "--baseline none.json").fails(2).telling("cannot read the baseline none.json");
}

#[test]
fn rules_are_switched_off_in_the_configuration_by_their_names() {
    let crm = project();
    crm.write(
        "crm-seed.toml",
        "[migrations]\ndir = \"own\"\n\n[migrations.lint]\ndisable = [\n  \"drop-without-deprecation\",\n]\n",
    );
    // What is not told of as a drop is one more change that no comment tells of.
    assert_eq!(
        rules(&crm.run("migrate lint --json").exits(0)),
        ["undocumented-breaking-change", "index-without-concurrently"]
    );
    crm.write("crm-seed.toml", "[migrations.lint]\ndisable = [\n  \"drop-without-deprecaton\",\n]\n");
    crm.run("migrate lint")
        .fails(2)
        .telling("crm-seed.toml:3: [migrations.lint]: unknown rule `drop-without-deprecaton`")
        .telling("did you mean `drop-without-deprecation`?");
    crm.write("crm-seed.toml", "[migrations.lint]\ndisabled = []\n");
    crm.run("migrate lint").fails(2).telling("crm-seed.toml:2: unknown field `disabled`");
}

#[test]
fn a_deprecation_allows_a_drop_from_its_date_on() {
    let crm = Crm::new().with("CRM_SEED_BUNDLED", "0");
    let deprecate = |until: &str| {
        let text = format!(
            "ALTER TABLE t RENAME a TO a_deprecated;\n\
             COMMENT ON COLUMN t.a_deprecated IS 'Deprecated: 2025-01-27. Remove after {until}';\n"
        );
        crm.write(FIRST, &text);
    };
    crm.write(SECOND, "ALTER TABLE t DROP COLUMN a_deprecated;\n");
    deprecate("2025-02-27");
    lint(&crm, "").exits(0);
    deprecate("9000-01-01");
    lint(&crm, "").exits(5).printing("t.a_deprecated is to stay until 9000-01-01; today is ");
}

#[test]
fn sarif_is_what_its_schema_asks_for() {
    let crm = project();
    lint(&crm, "--sarif lint.sarif").exits(5).printing("drop-without-deprecation");
    let text = std::fs::read_to_string(crm.directory().join("lint.sarif")).expect("the file");
    let from_stdout = lint(&crm, "--sarif -").exits(5);
    assert_eq!(from_stdout.stdout, text);
    let sarif: Value = serde_json::from_str(&text).expect("JSON");
    let errors: Vec<String> = jsonschema::validator_for(&sarif_schema())
        .expect("a schema")
        .iter_errors(&sarif)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("a small one");
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], SECOND);
    assert_eq!(place["region"]["startLine"], 4);
    lint(&crm, "--sarif - --json").exits(2).telling("both write to stdout");
}

/// What SARIF 2.1.0 asks of the parts that are written.
fn sarif_schema() -> Value {
    let message = serde_json::json!({
        "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "minLength": 1 } },
    });
    let level = serde_json::json!({ "enum": ["none", "note", "warning", "error"] });
    let number = serde_json::json!({ "type": "integer", "minimum": 1 });
    let rule = serde_json::json!({
        "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": {
            "id": { "type": "string" }, "shortDescription": message, "fullDescription": message, "help": message,
            "defaultConfiguration": { "type": "object", "properties": { "level": level } },
        },
    });
    let region = serde_json::json!({
        "type": "object", "additionalProperties": false,
        "properties": { "startLine": number, "startColumn": number, "endLine": number, "endColumn": number },
    });
    let location = serde_json::json!({
        "type": "object", "required": ["physicalLocation"],
        "properties": { "physicalLocation": {
            "type": "object", "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object", "properties": { "uri": { "type": "string", "format": "uri-reference" } },
                },
                "region": region,
            },
        } },
    });
    let result = serde_json::json!({
        "type": "object", "required": ["message"], "additionalProperties": false,
        "properties": {
            "ruleId": { "type": "string" }, "ruleIndex": { "type": "integer", "minimum": -1 }, "level": level,
            "message": message, "locations": { "type": "array", "items": location },
            "partialFingerprints": { "type": "object", "additionalProperties": { "type": "string" } },
        },
    });
    let driver = serde_json::json!({
        "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": {
            "name": { "type": "string" }, "semanticVersion": { "type": "string" },
            "rules": { "type": "array", "uniqueItems": true, "items": rule },
        },
    });
    let run = serde_json::json!({
        "type": "object", "required": ["tool"], "additionalProperties": false,
        "properties": {
            "tool": { "type": "object", "required": ["driver"], "properties": { "driver": driver } },
            "columnKind": { "enum": ["utf16CodeUnits", "unicodeCodePoints"] },
            "results": { "type": "array", "items": result },
        },
    });
    serde_json::json!({
        "type": "object", "required": ["version", "runs"], "additionalProperties": false,
        "properties": {
            "$schema": { "type": "string" }, "version": { "const": "2.1.0" },
            "runs": { "type": "array", "minItems": 1, "items": run },
        },
    })
}

#[test]
fn rules_are_listed_and_explained() {
    let crm = Crm::new().with("CRM_SEED_BUNDLED", "0");
    let listed = crm.ok("migrate lint --list-rules").stdout;
    let as_json = crm.json("migrate lint --list-rules");
    assert_eq!(as_json.as_array().expect("an array").len(), listed.lines().count());
    for line in listed.lines() {
        let id = line.split_whitespace().next().expect("an id");
        let explained = crm.ok(&format!("migrate lint --explain {id}")).stdout;
        for part in [id, "Why: ", "What to do: ", "Bad:\n", "Good:\n"] {
            assert!(explained.contains(part), "{id}: {part}");
        }
    }
    crm.run("migrate lint --explain drop-withuot-deprecation")
        .fails(2)
        .telling("did you mean `drop-without-deprecation`?");
}

#[test]
fn ignores_are_told_of_where_they_hide_nothing() {
    let crm = project();
    crm.write(
        SECOND,
        "-- lint:ignore drop-without-deprecation nobody has it\nALTER TABLE visits DROP COLUMN note;\n\n\
         -- lint:ignore index-without-concurrently\nCREATE INDEX visits_day ON visits (day);\n\
         -- lint:ignore ban-char-field a code\nSELECT 1;\n",
    );
    let outcome = lint(&crm, "--json").exits(5);
    assert_eq!(rules(&outcome), ["bad-ignore", "index-without-concurrently", "unused-ignore"]);
}
