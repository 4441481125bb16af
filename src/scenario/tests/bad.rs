//! What is refused, with the location and the words of each refusal.

use super::{file, problems};

/// Holds each text, in which `¦` marks the location, to the one problem that it must have there.
fn hold(cases: &[(String, &str)]) {
    for (marked, message) in cases {
        let before = marked.split('¦').next().expect("a part");
        assert_ne!(before.len(), marked.len(), "no location is marked in {marked}");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().expect("a line").chars().count() + 1;
        let found = problems(&marked.replacen('¦', "", 1));
        assert_eq!(found.len(), 1, "{message}: {marked}: {found:?}");
        let start = format!("x.json:{line}:{column}: ");
        assert!(found[0].starts_with(&start) && found[0].contains(message), "{start}{message}: {found:?}");
    }
}

fn row(table: &str, columns: &str) -> String {
    file(&format!(r#""rows": {{"{table}": {{"r": {{{columns}}}}}}}"#))
}

#[test]
fn fields() {
    hold(&[
        ("¦[]".into(), "the file must be an object, not an array"),
        (r#"¦{"name": "x"}"#.into(), "the file lacks `title`, `description`"),
        (file(r#"¦"titel": "t""#), "unknown field of the file `titel`; did you mean `title`?"),
        (file(r#"¦"name": "x""#), "duplicate `name`; the first is at 1:2"),
        (file(r#""catches": ¦7"#), "catches must be a string, not the number `7`"),
        (file(r#""catches": ¦" ""#), "catches is empty"),
        (file(r#""catches": ¦"a\u0000""#), "catches contains a NUL character"),
        (file(r#""as_of": ¦"2024-02-30""#), "as_of `2024-02-30`: not a date"),
        (file(r#""as_of": ¦"1066-10-14""#), "out of range"),
        (file(r#""extends": ¦7"#), "extends must be an array, not the number `7`"),
        (file(r#""extends": ["a", ¦"a"]"#), "duplicate `a`"),
        (file(r#""breaks": [¦"tasks-done-in-tim"]"#), "did you mean `tasks-done-in-time`?"),
        (file(r#""breaks": {¦"tasks-done-in-tim": ["a"]}"#), "did you mean `tasks-done-in-time`?"),
        (file(r#""breaks": {"tasks-done-in-time": ¦[]}"#), "tasks-done-in-time names no row"),
        (
            file(r#""rows": {"tasks": {"call": {}}}, "breaks": {"tasks-done-in-time": [¦"cal"]}"#),
            "unknown handle `@cal`; did you mean `@call`?",
        ),
        (
            file(r#""rows": {"tasks": {"call": {}}}, "breaks": {"tasks-done-in-time": ["call", ¦"@call"]}"#),
            "duplicate `call`",
        ),
        (file(r#""breaks": [¦1]"#), "each of `breaks` must be a string, not the number `1`"),
        (
            r#"{"name": ¦"X;--", "title": "t", "description": "d"}"#.into(),
            "invalid name `X;--`: use lower-case",
        ),
        (
            r#"{"name": ¦"y", "title": "t", "description": "d"}"#.into(),
            "the name `y` does not match the file",
        ),
    ]);
}

#[test]
fn counts_and_weights() {
    hold(&[
        (file(r#""counts": ¦7"#), "counts must be an object, not the number `7`"),
        (file(r#""counts": {¦"custmers": 7}"#), "did you mean `customers`?"),
        (file(r#""counts": {"notes": ¦-1}"#), "notes must be a whole number from 0 to 100000000"),
        (file(r#""counts": {"tasks": ¦5}"#), "rows of tasks follow from opportunities"),
        (
            file(r#""counts": {"principals": 1, "organizations": ¦5}"#),
            "each with a number of its own: set those, here customers=4",
        ),
        (
            file(r#""counts": {"customers": 3, "contacts": ¦2}"#),
            "2 contacts cannot be: 3 customers have from 1",
        ),
        (file(r#""weights": {¦"stage": {"won": 1}}"#), "`stage` is no column: write table.column"),
        (file(r#""weights": {"deals.stage": {"won": ¦"x"}}"#), "a weight must be a whole number"),
        (file(r#""weights": {"deals.stage": ¦{"won": 0}}"#), "all weights of deals.stage are 0"),
        (file(r#""counts": {"customers": ¦-1}"#), "customers must be a whole number from 0 to 1000000000"),
        (file(r#""counts": {"customers": ¦1.5}"#), "not the number `1.5`"),
        (file(r#""counts": {"principals": ¦10000001}"#), "from 0 to 10000000"),
        (file(r#""counts": {"customers": 1, "opportunities": ¦5}"#), "5 opportunities need principals"),
        (file(r#""counts": {"contacts_per_customer": ¦{"min": 5, "max": 2}}"#), "min 5 is larger than max 2"),
        (file(r#""counts": {"contacts_per_customer": ¦{"min": 5}}"#), "contacts_per_customer lacks `max`"),
        (file(r#""counts": {"contacts_per_customer": {"min": ¦0, "max": 2}}"#), "from 1 to 999"),
        (file(r#""weights": {¦"opportunities.stag": {}}"#), "did you mean `opportunities.stage`?"),
        (
            file(r#""weights": {"opportunities.stage": {¦"new_leed": 1}}"#),
            "unknown stage `new_leed`; did you mean",
        ),
        (
            file(r#""weights": {"opportunities.stage": {"new_lead": ¦0.5}}"#),
            "a weight must be a whole number",
        ),
        (
            file(r#""weights": {"opportunities.stage": ¦{"new_lead": 0}}"#),
            "all weights of opportunities.stage are 0",
        ),
        (file(r#""weights": {"opportunities.stage": ¦{}}"#), "are 0"),
    ]);
}

#[test]
fn tables_handles_and_columns() {
    let long = "a".repeat(64);
    hold(&[
        (
            file(r#""rows": {¦"organisations": {}}"#),
            "unknown table `organisations`; did you mean `organizations`?",
        ),
        (file(r#""rows": {"tasks": ¦[]}"#), "tasks must be an object, not an array"),
        (
            file(&format!(r#""rows": {{"tasks": {{¦"{}": {{}}}}}}"#, r"\u0000\u001b[31m")),
            "invalid handle `\\u{0}\\u{1b}[31m`",
        ),
        (file(r#""rows": {"tasks": {"a": ¦null}}"#), "`a` must be an object, not null"),
        (file(r#""rows": {"tasks": {¦"A": {}}}"#), "invalid handle `A`: use lower-case letters"),
        (file(r#""rows": {"tasks": {¦"a'; DROP TABLE x;--": {}}}"#), "invalid handle `a'; DROP TABLE x;--`"),
        (file(r#""rows": {"tasks": {¦"é": {}}}"#), "invalid handle `é`"),
        (file(&format!(r#""rows": {{"tasks": {{¦"{long}": {{}}}}}}"#)), "at most 63 characters"),
        (file(r#""rows": {"tasks": {¦"made": {}}}"#), "the handle `made` is reserved"),
        (file(r#""rows": {"tasks": {"a": {}, ¦"a": {}}}"#), "duplicate `a`; the first is at 2:20"),
        (
            file(r#""rows": {"tasks": {"a": {}}, "contacts": {¦"a": {}}}"#),
            "duplicate handle `a`; the first is a row of tasks at 2:20",
        ),
        (row("tasks", r#"¦"titel": "x""#), "unknown column of tasks `titel`; did you mean `title`?"),
        (row("tasks", r#"¦"id": 7"#), "`id` cannot be set"),
        (row("tasks", r#""title": ¦null"#), "title cannot be null"),
        (
            file(r#""rows": {"product_inventory": {¦"r": {}}}"#),
            "`r` lacks product_id, which is required for a row of product_inventory",
        ),
    ]);
}

#[test]
fn values() {
    let deal = |columns: &str| row("opportunities", columns);
    hold(&[
        (
            deal(r#""stage": ¦"demo_schedule""#),
            "unknown stage `demo_schedule`; did you mean `demo_scheduled`?",
        ),
        (
            deal(r#""amount": ¦"12""#),
            "amount must be a number with at most two decimals, not the string `12`",
        ),
        (deal(r#""amount": ¦1.005"#), "at most two decimals, not the number `1.005`"),
        (deal(r#""amount": ¦1e3"#), "at most two decimals, not the number `1e3`"),
        (deal(r#""amount": ¦-0.01"#), "amount must be from 0 to 9999999999.99, not `-0.01`"),
        (deal(r#""amount": ¦99999999999999999999999"#), "amount must be from 0"),
        (deal(r#""probability": ¦101"#), "probability must be from 0 to 100, not `101`"),
        (deal(r#""probability": ¦7.0"#), "probability must be a whole number, not the number `7.0`"),
        (deal(r#""probability": ¦true"#), "probability must be a whole number, not true"),
        (deal(r#""name": ¦["a"]"#), "name must be a string, not an array"),
        (deal(r#""name": ¦"a\u0000b""#), "name contains a NUL character"),
        (deal(r#""estimated_close_date": ¦"2023-02-29""#), "no such date or time"),
        (deal(r#""estimated_close_date": ¦"tomorrow""#), "must be a date such as"),
        (deal(r#""estimated_close_date": ¦"as_of+30h""#), "must be a date such as"),
        (deal(r#""estimated_close_date": ¦"as_of+99999999999d""#), "is outside the years 1 to 9999"),
        (deal(r#""created_at": ¦"as_of 25:00""#), "no such date or time"),
        (deal(r#""created_at": ¦7"#), "created_at must be a time such as"),
        (
            row("organizations", r#""is_principal": ¦1"#),
            "is_principal must be true or false, not the number `1`",
        ),
        (row("contacts", r#""email": ¦{"a": ["b\u0000"]}"#), "email contains a NUL character"),
        (row("contacts", r#""email": ¦[1e99999]"#), "email contains a number that is too large: `1e99999`"),
    ]);
}

#[test]
fn references() {
    let deal = |reference: &str| {
        let rows = r#""organizations": {"diner": {}}, "contacts": {"jane": {}}"#;
        let counts = r#""counts": {"principals": 1, "customers": 2}"#;
        file(&format!(
            r#"{counts}, "rows": {{{rows}, "opportunities": {{"r": {{"customer_organization_id": {reference}}}}}}}"#
        ))
    };
    let task = |columns: &str| {
        file(&format!(r#""counts": {{"customers": 2}}, "rows": {{"tasks": {{"r": {{{columns}}}}}}}"#))
    };
    hold(&[
        (deal(r#"¦"@dinner""#), "unknown handle `@dinner`; did you mean `@diner`?"),
        (deal(r#"¦"@dinner.contact""#), "unknown handle `@dinner.contact`"),
        (deal(r#"¦"@jane""#), "`@jane` is a row of contacts; expected a row of organizations"),
        (deal(r#"¦"@Jane""#), "`@Jane` is not a reference: in a handle, use lower-case"),
        (deal(r#"¦"diner""#), "must be a reference such as \"@handle\""),
        (deal("¦7"), "must be a reference such as"),
        (deal(r#"¦{"customr": 1}"#), "unknown kind `customr`; did you mean `customer`?"),
        (deal(r#"¦{"customer": 0}"#), "`customer` must be a whole number of at least 1"),
        (deal(r#"¦{"customer": "1"}"#), "not the string `1`"),
        (deal(r#"¦{"customer": 3}"#), "there is no base customer 3: the counts of the scenario generate 2"),
        (deal(r#"¦{"customer": 1, "of": 1}"#), "`of` can only be used with `contact` and `product`"),
        (deal(r#"¦{"customer": 1, "principal": 1}"#), "a selector must name exactly one kind"),
        (deal("¦{}"), "a selector must name exactly one kind"),
        (
            deal(r#"¦{"some": "distributor"}"#),
            "there is no base distributor: the counts of the scenario generate none",
        ),
        (deal(r#"¦{"some": "distributer"}"#), "did you mean `distributor`?"),
        (deal(r#"¦{"some": "contact"}"#), "a contact is a row of contacts; expected a row of organizations"),
        (task(r#""contact_id": ¦{"contact": 1}"#), "a contact needs the number of its customer"),
        (task(r#""contact_id": ¦{"contact": 3, "of": 1}"#), "a customer may not have a contact 3"),
        (task(r#""contact_id": ¦{"contact": 1, "of": 3}"#), "there is no base customer 3"),
        (task(r#""opportunity_id": ¦{"opportunity": 1}"#), "there is no base opportunity"),
    ]);
}

#[test]
fn what_rows_have_besides_columns() {
    let rows = |count: &str| {
        file(&format!(r#""rows": {{"tasks": {{"a": {{"repeat": 6000}}, {count}"b": {{"repeat": 6000}}}}}}"#))
    };
    let text = format!(r#""repeat": 999, "title": "{}""#, "x".repeat(20_000));
    hold(&[
        (row("tasks", r#""repeat": ¦0"#), "repeat must be a whole number from 1 to 9999, not the number `0`"),
        (row("tasks", r#""repeat": ¦10000"#), "from 1 to 9999"),
        (row("tasks", r#""repeat": 40, "due_date": ¦"as_of+{n}x""#), "not the string `as_of+1x`"),
        (row("tasks", r#""repeat": 40, "due_date": ¦"2024-01-{n}""#), "not the string `2024-01-1`"),
        (row("tasks", r#""repeat": 2, "opportunity_id": ¦"@deal-{n}""#), "unknown handle `@deal-1`"),
        (rows("¦"), "too many rows of tasks: a scenario can have at most 9999 per table"),
        (
            file(&format!(r#""rows": {{"tasks": {{¦"a": {{{text}}}}}}}"#)),
            "the rows are too large: at most 16 MiB in total",
        ),
        (
            file(r#""rows": {"tasks": {"a": {"repeat": 2}, ¦"a-2": {}}}"#),
            "duplicate handle `a-2`: it is also used by a row of tasks at x.json:2:20",
        ),
        (
            file(&format!(r#""rows": {{"tasks": {{¦"{}": {{"repeat": 2}}}}}}"#, "a".repeat(62))),
            "is too long: at most 63 characters",
        ),
        (row("opportunities", r#""without": [¦"contact"]"#), "did you mean `contacts`?"),
        (row("opportunities", r#""without": ["contacts", ¦"contacts"]"#), "duplicate `contacts`"),
        (row("opportunities", r#""without": ¦"contacts""#), "without must be an array"),
        (row("tasks", r#"¦"without": ["contacts"]"#), "`without` cannot be used in rows of tasks"),
        (row("tasks", r#"¦"organization": "@a""#), "`organization` can only be used in rows of contacts"),
        (row("contacts", r#""organization": ¦"@a""#), "unknown handle `@a`"),
        (row("contacts", r#""organization": ¦"@r""#), "expected a row of organizations"),
        (row("tasks", r#""$comment": ¦7"#), "$comment must be a string"),
    ]);
}

#[test]
fn expectations() {
    let one = |fields: &str| file(&format!(r#""expect": [{fields}]"#));
    let sql = |sql: &str| {
        let rows = r#""rows": {"tasks": {"call": {}}, "opportunities": {"deal": {}}}"#;
        file(&format!(r#"{rows}, "expect": [{{"name": "a", "sql": ¦"{sql}", "equals": 1}}]"#))
    };
    let link =
        r#""opportunity_contacts": {"link": {"opportunity_id": "@deal"}}, "opportunities": {"deal": {}}"#;
    hold(&[
        (file(r#""expect": ¦{}"#), "expect must be an array, not an object"),
        (one(r#"¦{"sql": "SELECT 1", "equals": 1}"#), "an expectation lacks `name`"),
        (one(r#"{"name": "a", "sql": ¦"", "equals": 1}"#), "sql is empty"),
        (
            one(r#"¦{"name": "a", "sql": "SELECT 1"}"#),
            "must have exactly one of `equals`, `at_least` and `at_most`",
        ),
        (one(r#"¦{"name": "a", "sql": "SELECT 1", "equals": 1, "at_most": 1}"#), "must have exactly one of"),
        (
            one(r#"{"name": "a", "sql": "SELECT 1", "at_most": ¦"1"}"#),
            "at_most must be a number, not the string `1`",
        ),
        (one(r#"{"name": "a", "sql": "SELECT 1", "equals": ¦1e999}"#), "too large"),
        (one(r#"{"name": "a", "sql": "SELECT 1", "equals": 1, ¦"equal": 1}"#), "did you mean `equals`?"),
        (
            one(
                r#"{"name": "a", "sql": "SELECT 1", "equals": 1}, ¦{"name": "a", "sql": "SELECT 2", "equals": 2}"#,
            ),
            "duplicate expectation `a`",
        ),
        (sql("SELECT @cal"), "unknown handle `@cal`; did you mean `@call`?"),
        (sql("SELECT '@cal'"), "unknown handle `@cal`"),
        (sql("SELECT @deal.contact"), "`@deal.contact` has no id: it is a row of opportunity_contacts"),
        (sql("SELECT @deal.item-1"), "it is a row of opportunity_products"),
        (
            file(&format!(
                r#""rows": {{{link}}}, "expect": [{{"name": "a", "sql": ¦"SELECT @link", "equals": 1}}]"#
            )),
            "`@link` has no id: it is a row of opportunity_contacts",
        ),
    ]);
}

#[test]
fn all_problems_are_told_in_the_order_of_the_file() {
    let text = file(
        "\"titel\": 1,\n\"rows\": {\"tasks\": {\"a\": {\"priority\": \"now\", \"opportunity_id\": \"@b\"}},\n\
         \"taks\": {\"c\": {}}, \"opportunities\": {\"d\": {\"customer_organization_id\": \"@c\"}}}",
    );
    let found = problems(&text);
    let locations: Vec<&str> = found.iter().filter_map(|problem| problem.split(": ").next()).collect();
    assert_eq!(locations, ["x.json:2:1", "x.json:3:38", "x.json:3:63", "x.json:4:1"], "{found:?}");
}
