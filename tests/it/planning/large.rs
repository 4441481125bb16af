//! Schemas that are large, or whose definitions multiply, against a server: each is planned within the time that a
//! command of a test has, and what cannot be read of it is told.

use crate::harness::{Crm, Database, Outcome};

/// Plans contacts with `columns` and constraints besides, after `before`.
fn planned(before: &str, columns: &str) -> Option<Outcome> {
    let db = Database::empty()?;
    db.run(&format!(
        "{before};\nCREATE TABLE contacts (id bigint PRIMARY KEY, name text, email text, {columns})"
    ));
    let outcome = Crm::new().run(&format!("--dry-run {}", db.option()));
    assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
    Some(outcome)
}

/// So many of them, with commas between.
fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(", ")
}

/// `a` within `outer` so often.
fn nested(times: usize, outer: impl Fn(String) -> String) -> String {
    (0..times).fold("a".to_owned(), |inner, _| outer(inner))
}

#[test]
fn patterns_that_multiply_are_not_followed() {
    for pattern in [
        "^((((((a?){9}){9}){9}){9}){9}){9}$",
        r"^(([\w\s]{1,200} ){1,20}\w+){1,20}$",
        "^(((((([a-z]{0,9}){0,9}){0,9}){0,9}){0,9}){0,9}){0,9}$",
    ] {
        let Some(outcome) = planned("", &format!("a text NOT NULL CHECK (a ~ '{pattern}')")) else { return };
        outcome.exits(0).printing("(too complex)").printing("only checked by the server");
    }
    let like = "%a".repeat(2_000);
    let Some(outcome) = planned("", &format!("a text NOT NULL CHECK (a LIKE '{like}')")) else { return };
    let outcome = outcome.exits(0).printing("(too complex)");
    assert!(outcome.stdout.len() < 10_000, "a note of pages: {}", outcome.stdout.len());
    // What people write is followed.
    let usual =
        r"a text NOT NULL CHECK (a ~ '^\w{1,255}$'), b text NOT NULL CHECK (b ~ '^[A-Z]{3}-[0-9]{4}$')";
    let Some(outcome) = planned("", usual) else { return };
    outcome.exits(0).silent_about("which is not supported");
}

#[test]
fn many_heavy_patterns_share_one_allowance() {
    let each = |i| format!(r"c{i} text NOT NULL CHECK (c{i} ~ '^\w{{1,{}}}$')", 195 + i);
    let Some(outcome) = planned("", &many(60, each)) else { return };
    outcome.exits(0).printing("(too complex)");
    // Those of a domain are one.
    let domain = r"CREATE DOMAIN word AS text CHECK (VALUE ~ '^\w{1,255}$')";
    let Some(outcome) = planned(domain, &many(100, |i| format!("c{i} word NOT NULL"))) else { return };
    outcome.exits(0);
}

#[test]
fn long_lists_are_read() {
    let texts = many(10_000, |i| format!("'v{i}'"));
    for columns in [
        format!("a text NOT NULL CHECK (a IN ({texts}))"),
        format!("a text NOT NULL CHECK (a NOT IN ({texts}))"),
        format!("title text NOT NULL CHECK (title IN ({texts}))"),
        format!("a integer NOT NULL CHECK (a IN ({}))", many(10_000, |i| i.to_string())),
        format!(
            "a text NOT NULL CHECK (a = 'x' OR {})",
            many(5_000, |i| format!("a = 'v{i}'")).replace(", ", " OR ")
        ),
        format!("a integer NOT NULL CHECK ({})", many(3_000, |i| format!("a <> {i}")).replace(", ", " AND ")),
    ] {
        let Some(outcome) = planned("", &columns) else { return };
        outcome.exits(0).silent_about("which is not supported");
    }
    let labels = format!("CREATE TYPE label AS ENUM ({})", many(5_000, |i| format!("'l{i}'")));
    let Some(outcome) = planned(&labels, "a label NOT NULL, b label UNIQUE") else { return };
    outcome.exits(0);
}

#[test]
fn expressions_in_one_another_end_somewhere() {
    for check in [
        format!("{} > 0", nested(60, |inner| format!("round({inner}, 1)"))),
        format!("{} > 0", nested(40, |inner| format!("nullif({inner}, 1)"))),
        format!("{} > 0", nested(40, |inner| format!("CASE {inner} WHEN 1 THEN 2 WHEN 3 THEN 4 ELSE 5 END"))),
        format!("{} > 0", nested(500, |inner| format!("(- {inner})"))),
        format!("{} > 0", nested(500, |inner| format!("abs({inner})"))),
        format!("{} > 0", nested(500, |inner| format!("coalesce({inner} + 1, 0)"))),
        nested(500, |inner| format!("(CASE WHEN {inner} > 0 THEN 1 ELSE 0 END)")) + " >= 0",
        many(1_000, |_| "a".to_owned()).replace(", ", " + ") + " >= 0",
    ] {
        let Some(outcome) = planned("", &format!("a numeric CHECK ({check})")) else { return };
        outcome.exits(0);
    }
}

#[test]
fn what_is_huge_is_not_made() {
    for (columns, told) in [
        ("a text NOT NULL CHECK (length(a) = 1000000000)", "CHECK ((length(a) = 1000000000))"),
        ("a text[] NOT NULL CHECK (cardinality(a) > 1000000000)", "CHECK ((cardinality(a) > 1000000000))"),
        ("a jsonb NOT NULL CHECK (jsonb_array_length(a) > 1000000000)", "jsonb_array_length"),
        ("a bit(8388608) NOT NULL", "cannot generate values for NOT NULL column contacts.a (bit(8388608))"),
    ] {
        let Some(outcome) = planned("", columns) else { return };
        // The plan is shown nevertheless.
        let outcome = outcome.exits(1).telling(told);
        assert!(outcome.stderr.len() < 5_000, "an error of pages: {}", outcome.stderr.len());
    }
    let Some(outcome) = planned("", "a varchar(10485760) NOT NULL, b varbit(83886080) NOT NULL") else {
        return;
    };
    outcome.exits(0);
}

#[test]
fn many_columns_and_constraints_are_planned() {
    for columns in [
        many(1_500, |i| format!("c{i} integer NOT NULL")),
        format!("a integer NOT NULL, {}", many(1_000, |i| format!("CHECK (a > -{i})"))),
        format!(
            "{}, {}",
            many(300, |i| format!("c{i} integer NOT NULL")),
            many(299, |i| format!("CHECK (c{} > c{i})", i + 1))
        ),
    ] {
        let Some(outcome) = planned("", &columns) else { return };
        outcome.exits(0);
    }
    // These no row can meet, or few: that is told, rather than tried for ever.
    for columns in [
        format!(
            "{}, {}",
            many(40, |i| format!("c{i} integer NOT NULL")),
            many(40, |i| format!("CHECK (c{} > c{i})", (i + 1) % 40))
        ),
        format!(
            "{}, {}",
            many(300, |i| format!("c{i} integer NOT NULL")),
            many(1_000, |i| format!("CHECK (c{} > c{} OR c{} < {i})", i % 300, (i + 1) % 300, (i + 7) % 300))
        ),
    ] {
        let Some(outcome) = planned("", &columns) else { return };
        outcome.exits(1).telling("would violate CHECK constraint");
    }
}

#[test]
fn planning_hears_a_signal() {
    let Some(db) = Database::empty() else { return };
    // Circles of required keys through 240 tables: more ways than can be followed.
    let tables: String = (0..240).map(|i| format!("CREATE TABLE t{i} (id integer PRIMARY KEY);\n")).collect();
    let rest = "DEFERRABLE INITIALLY DEFERRED NOT NULL";
    let keys: String = (0..240)
        .map(|i| {
            let others = (0..240).filter(|j| i != *j && (i + j) % 5 == 0);
            let added: Vec<String> =
                others.map(|j| format!("ADD r{j} integer REFERENCES t{j} {rest}")).collect();
            format!("ALTER TABLE t{i} {};\n", added.join(", "))
        })
        .collect();
    let contacts = "CREATE TABLE contacts (id bigint PRIMARY KEY, name text, email text,
                                           r239 integer NOT NULL REFERENCES t239)";
    db.run(&format!("{tables}{keys}{contacts}"));
    let crm = Crm::new();
    let mut running = crm.spawn(&format!("--dry-run {}", db.option()));
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert!(running.is_running());
    let began = std::time::Instant::now();
    running.signal("TERM");
    running.wait().fails(130).telling("cancelled");
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn wide_graphs_of_references_are_planned() {
    let tables: String =
        (0..120).map(|i| format!("CREATE TABLE t{i} (id integer PRIMARY KEY, name text);\n")).collect();
    let references = |is_one: fn(usize, usize) -> bool, rest: &str| -> String {
        let pairs = (0..120).flat_map(|i| (0..120).map(move |j| (i, j))).filter(|(i, j)| is_one(*i, *j));
        pairs.map(|(i, j)| format!("ALTER TABLE t{i} ADD r{j} integer REFERENCES t{j} {rest};\n")).collect()
    };
    for keys in [
        references(|i, j| j < i && (i * 7 + j) % 5 == 0, "NOT NULL"),
        references(|i, j| i != j && (i * 7 + j) % 13 == 0, ""),
    ] {
        let before = format!("{tables}{keys}");
        let Some(outcome) = planned(&before, "r119 integer NOT NULL REFERENCES t119") else { return };
        outcome.exits(0);
    }
    let own = many(200, |i| format!("p{i} bigint REFERENCES contacts"));
    let Some(outcome) = planned("", &own) else { return };
    outcome.exits(0);
}
