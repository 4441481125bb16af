//! What every pattern makes, held to squawk's rules.

use squawk_linter::{Linter, Rule};
use squawk_syntax::SourceFile;

use crate::migrate::new::{Draft, Options, Pattern, blank};

/// The runner sets a lock_timeout itself, and statements of a migration may take their time.
const TIMEOUTS: [Rule; 3] =
    [Rule::RequireTimeoutSettings, Rule::RequireLockTimeout, Rule::RequireStatementTimeout];

/// What a rollback is for.
const DROPS: [Rule; 5] =
    [Rule::BanDropColumn, Rule::BanDropTable, Rule::BanDropType, Rule::BanDropView, Rule::BanDropConstraint];

fn options(pairs: &[(&'static str, &str)]) -> Options {
    let add = |options: Options, (option, values): &(&'static str, &str)| {
        options.with(option, values.split(',').map(str::to_owned))
    };
    pairs.iter().fold(Options::default(), add)
}

fn drafts(pattern: Pattern, pairs: &[(&'static str, &str)]) -> Vec<Draft> {
    pattern.drafts("add_thing", &options(pairs)).expect("a pattern that means something")
}

/// Each pattern as it is, and with names that have to be quoted.
fn all() -> Vec<Draft> {
    let odd = ("--table", "My Schema.\"Odd \"\"Table\"\" $$ {x}\"");
    let value = "it's $$ {a} \\";
    let mut drafts: Vec<Draft> =
        Pattern::ALL.iter().flat_map(|pattern| self::drafts(*pattern, &[])).collect();
    drafts.push(blank("add_thing"));
    for (pattern, pairs) in [
        (Pattern::AddColumn, vec![odd, ("--column", "order"), ("--values", value)]),
        (Pattern::AddColumn, vec![odd, ("--type", "timestamp with time zone")]),
        (
            Pattern::JunctionTable,
            vec![odd, ("--left", "S.User"), ("--right", "S.User"), ("--key-type", "uuid")],
        ),
        (Pattern::JsonbField, vec![odd, ("--column", "Data")]),
        (Pattern::MaterializedView, vec![odd, ("--view", "S.V iew"), ("--where", "")]),
        (Pattern::EnumType, vec![odd, ("--type", "S.Kind"), ("--values", value)]),
        (Pattern::EnumType, vec![("--type", "S.It's %"), ("--add-value", value), ("--after", value)]),
        (Pattern::EnumType, vec![("--add-value", "last")]),
        (Pattern::SegmentColumn, vec![odd, ("--values", "a,b"), ("--above", "-1.5"), ("--by", "Size")]),
    ] {
        drafts.extend(self::drafts(pattern, &pairs));
    }
    drafts
}

/// What squawk says of a text.
fn findings(text: &str, in_transaction: bool, without: &[Rule]) -> Vec<String> {
    let parsed = SourceFile::parse(text);
    let mut findings: Vec<String> = parsed.errors().iter().map(|error| error.message().to_owned()).collect();
    let mut linter = Linter::with_rules(&[], without);
    linter.settings.assume_in_transaction = in_transaction;
    findings
        .extend(linter.lint(&parsed, text).iter().map(|found| format!("{}: {}", found.code, found.message)));
    findings
}

#[test]
fn a_strict_linter_is_content_with_every_pattern() {
    for draft in all() {
        let up = findings(&draft.up, draft.in_transaction, &TIMEOUTS);
        assert!(up.is_empty(), "{up:#?}\n{}", draft.up);
        let down = findings(&draft.down, draft.in_transaction, &[&TIMEOUTS[..], &DROPS].concat());
        // The type that is made again is no table's yet.
        let down: Vec<_> =
            down.into_iter().filter(|found| !found.starts_with("prefer-robust-stmts")).collect();
        assert!(down.is_empty(), "{down:#?}\n{}", draft.down);
    }
}

#[test]
fn without_more_a_pattern_is_the_bundled_example() {
    let up = |pattern: Pattern, name: &str| {
        let drafts = pattern.drafts(name, &Options::default()).expect("a pattern that means something");
        drafts.into_iter().map(|draft| draft.up).collect::<String>()
    };
    let column = up(Pattern::AddColumn, "add_forecast_category");
    assert!(
        column.contains("ALTER TABLE opportunities\n  ADD COLUMN forecast_category text DEFAULT 'pipeline';")
    );
    assert!(
        column
            .contains("CHECK (forecast_category IN ('pipeline', 'best_case', 'commit', 'closed')) NOT VALID")
    );
    let table = up(Pattern::JunctionTable, "create_opportunity_products_table");
    assert!(
        table.contains("CREATE TABLE opportunity_products (\n  opportunity_id    bigint NOT NULL"),
        "{table}"
    );
    let segment = up(Pattern::SegmentColumn, "add_customer_segments");
    assert!(segment.contains("    WHEN employee_count > 1000 THEN 'enterprise'\n"), "{segment}");
    assert!(
        segment.contains("ON organizations (customer_segment)\n  WHERE deleted_at IS NULL;"),
        "{segment}"
    );
    assert!(up(Pattern::EnumType, "add_priority").contains("CREATE TYPE task_priority AS ENUM ('urgent', "));
    assert!(up(Pattern::JsonbField, "add_custom_attributes").contains("USING gin (custom_attributes)"));
    let view = up(Pattern::MaterializedView, "create_opportunity_pipeline_summary");
    assert!(view.contains("REFRESH MATERIALIZED VIEW CONCURRENTLY opportunity_pipeline_summary;"), "{view}");
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let refusal = |pattern: Pattern, pairs: &[(&'static str, &str)]| {
        pattern.drafts("add_thing", &options(pairs)).expect_err("it means nothing").to_string()
    };
    for (pattern, pairs, why) in [
        (Pattern::AddColumn, vec![("--left", "a")], "--pattern add-column does not take --left"),
        (Pattern::AddColumn, vec![("--type", "text; x")], "is not a type"),
        (Pattern::AddColumn, vec![("--values", "a,b"), ("--default", "c")], "is not among --values"),
        (Pattern::AddColumn, vec![("--values", "a,a")], "a is there twice"),
        (Pattern::AddColumn, vec![("--table", "a.b.c")], "expected TABLE or SCHEMA.TABLE"),
        (Pattern::EnumType, vec![("--before", "a")], "need --add-value"),
        (Pattern::EnumType, vec![("--add-value", "a"), ("--table", "b")], "does not take --table"),
        (Pattern::EnumType, vec![("--add-value", "a"), ("--before", "b"), ("--after", "c")], "not both"),
        (Pattern::SegmentColumn, vec![("--above", "1")], "4 values need 3 thresholds"),
        (Pattern::SegmentColumn, vec![("--above", "1,2,3")], "from the largest down"),
        (Pattern::SegmentColumn, vec![("--above", "3,2,x")], "is not a number"),
        (Pattern::MaterializedView, vec![("--where", "a =")], "is not a condition"),
    ] {
        let error = refusal(pattern, &pairs);
        assert!(error.contains(why), "{error}");
    }
    assert!(options(&[("--table", "a")]).check_none().is_err());
}
