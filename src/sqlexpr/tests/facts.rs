//! What constraints say of a column.

use crate::sqlexpr::value::Value;
use crate::sqlexpr::{Bound, ColumnConstraints, facts, read};

const NOW: i64 = 20_454 * 86_400;

fn of(column: &str, checks: &[&str]) -> ColumnConstraints {
    let read: Vec<_> =
        checks.iter().map(|check| read(check).unwrap_or_else(|why| panic!("{check}: {why}"))).collect();
    facts(&read.iter().collect::<Vec<_>>(), column, NOW)
}

fn texts(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::from(*text)).collect()
}

fn bound(value: impl Into<Value>, inclusive: bool) -> Option<Bound> {
    Some(Bound { value: value.into(), inclusive })
}

#[test]
fn labels_are_listed_joined_and_intersected() {
    let list = "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))";
    assert_eq!(of("s", &[list]).labels, Some(texts(&["a", "b"])));
    assert!(!of("s", &[list]).not_null);
    assert_eq!(of("s", &[list, "CHECK ((s <> 'a'::text))"]).labels, Some(texts(&["b"])));
    let either = "CHECK (((s = 'x'::text) OR (s = ANY (ARRAY['y'::text, 'x'::text])) OR (s IS NULL)))";
    assert_eq!(of("s", &[either]).labels, Some(texts(&["x", "y"])));
    let other = "CHECK (((s = 'x'::text) OR (n > 0)))";
    assert_eq!(
        of("s", &[other]),
        ColumnConstraints { literals: texts(&["x"]), ..ColumnConstraints::default() }
    );
    let not = "CHECK ((NOT ((s = 'x'::text) OR (s = 'y'::text))))";
    assert_eq!(of("s", &[not]).excluded, texts(&["x", "y"]));
    assert_eq!(of("b", &["CHECK ((NOT b))"]).labels, Some(vec![Value::Bool(false)]));
    let flag = of("b", &["CHECK ((b IS TRUE))"]);
    assert!(flag.not_null && flag.labels == Some(vec![Value::Bool(true)]));
}

#[test]
fn bounds_are_the_narrowest() {
    let checks = ["CHECK (((n >= (0)::numeric) AND (n < (100)::numeric)))", "CHECK ((n > '-5'::integer))"];
    let range = of("n", &checks);
    assert_eq!((range.low, range.high), (bound(0, true), bound(100, false)));
    assert_eq!(range.literals, [0.into(), 100.into(), Value::from(-5)]);
    let or_null = of("n", &["CHECK (((n IS NULL) OR ((n > 0) AND (n <= 5))))"]);
    assert_eq!((or_null.not_null, or_null.low, or_null.high), (false, bound(0, false), bound(5, true)));
    let negated = of("n", &["CHECK ((NOT (n > 5)))"]);
    assert_eq!(negated.high, bound(5, true));
    let hull = of("n", &["CHECK (((n = 1) OR ((n >= 10) AND (n <= 20))))"]);
    assert_eq!((hull.low, hull.high), (bound(1, true), bound(20, true)));
    let domain = of("VALUE", &["CHECK ((VALUE >= (1)::numeric))"]);
    assert_eq!(domain.low, bound(1, true));
    assert_eq!(of("d", &["CHECK ((d < 'infinity'::date))"]).high, None);
}

#[test]
fn days_are_bounded_by_the_clock_by_years_and_by_ages() {
    let high = |check: &str| of("d", &[check]).high;
    let day = |day| Some(Bound { value: Value::Date(day), inclusive: true });
    assert_eq!(high("CHECK ((d <= CURRENT_DATE))"), day(20_454));
    assert_eq!(high("CHECK ((d <= (CURRENT_DATE + 30)))"), day(20_484));
    // 2026-01-01 and 18 years before.
    assert_eq!(high("CHECK ((age((d)::timestamp with time zone) >= '18 years'::interval))"), day(13_879));
    let years = "CHECK ((date_part('year'::text, age(now(), (d)::timestamp with time zone)) >= (18)::double precision))";
    assert_eq!(high(years), day(13_879));
    let year = of("d", &["CHECK ((EXTRACT(year FROM d) >= (1970)::numeric))"]);
    assert_eq!(year.low, day(0));
}

#[test]
fn texts_have_lengths_patterns_and_cases() {
    let length = of("s", &["CHECK (((length(s) >= 2) AND (char_length((s)::text) < 10)))"]);
    assert_eq!((length.min_length, length.max_length), (Some(2), Some(9)));
    let trimmed = of("s", &["CHECK ((TRIM(BOTH FROM s) <> ''::text))", "CHECK ((s = lower(s)))"]);
    assert!(trimmed.trimmed && trimmed.is_lower && trimmed.min_length == Some(1));
    let coalesced = of("s", &["CHECK ((COALESCE(s, ''::text) <> ''::text))"]);
    assert!(coalesced.not_null && coalesced.min_length == Some(1));
    let patterns = of(
        "s",
        &[
            "CHECK ((s ~ '^[a-z]+$'::text))",
            "CHECK ((s ~~ 'a%'::text))",
            "CHECK ((\"left\"(s, 1) = 'a'::text))",
            "CHECK ((POSITION(('b'::text) IN (s)) > 1))",
            "CHECK (starts_with(s, 'a_'::text))",
        ],
    );
    let sources: Vec<_> = patterns.patterns.iter().map(|pattern| pattern.source()).collect();
    assert_eq!(sources, ["^[a-z]+$", "a%", "a%", "_%b%", "a\\_%"]);
}

#[test]
fn columns_stand_above_one_another() {
    let above = |check: &str| of("e", &[check]).above;
    assert_eq!(above("CHECK ((e > d))"), [("d".to_owned(), true)]);
    assert_eq!(above("CHECK ((d <= e))"), [("d".to_owned(), false)]);
    assert_eq!(above("CHECK (((e IS NULL) OR (e >= d)))"), [("d".to_owned(), false)]);
    assert_eq!(above("CHECK (((d IS NULL) OR (e IS NULL) OR (e >= d)))"), []);
    assert_eq!(above("CHECK (((e - d) > 0))"), [("d".to_owned(), true)]);
    assert_eq!(above("CHECK ((e >= (d + '01:00:00'::interval)))"), [("d".to_owned(), true)]);
    assert_eq!(of("d", &["CHECK ((NOT (d > e)))"]).below, [("e".to_owned(), false)]);
    let sum = of("total", &["CHECK ((total = (price * (amount)::numeric)))"]).equals.expect("a sum");
    assert_eq!(sum.columns(), ["price", "amount"]);
    assert_eq!(sum.value(&|_| Value::from(3), NOW), Value::from(9));
}

#[test]
fn documents_arrays_and_digits_have_facts() {
    let json = of("j", &["CHECK (((jsonb_typeof(j) = 'array'::text) AND (jsonb_array_length(j) <= 3)))"]);
    assert_eq!((json.json_type.as_deref(), json.max_items), (Some("array"), Some(3)));
    assert_eq!(of("j", &["CHECK ((j ?& ARRAY['a'::text, 'b'::text]))"]).json_keys, ["a", "b"]);
    let array = of("a", &["CHECK ((a <@ ARRAY['x'::text, 'y'::text]))", "CHECK ((cardinality(a) > 0))"]);
    assert_eq!((array.item_labels, array.min_items), (Some(texts(&["x", "y"])), Some(1)));
    assert_eq!(of("n", &["CHECK ((round(n, 2) = n))"]).scale, Some(2));
    assert_eq!(of("n", &["CHECK (((n % (1)::numeric) = (0)::numeric))"]).scale, Some(0));
}

#[test]
fn null_is_refused_or_asked_for() {
    assert!(of("s", &["CHECK ((s IS NOT NULL))"]).not_null);
    assert!(of("s", &["CHECK (((s IS NOT NULL) AND (n IS NULL)))"]).not_null);
    assert!(of("n", &["CHECK (((s IS NOT NULL) AND (n IS NULL)))"]).null_only);
    assert!(!of("s", &["CHECK (((s IS NOT NULL) OR (n IS NULL)))"]).not_null);
    assert!(of("s", &["CHECK ((num_nonnulls(s) = 1))"]).not_null);
}

#[test]
fn literals_are_found_under_conditions() {
    let case = "CHECK (\nCASE kind\n    WHEN 'a'::text THEN (n > 5)\n    ELSE (n = ANY (ARRAY[7, 8]))\nEND)";
    assert_eq!(of("kind", &[case]).literals, texts(&["a"]));
    assert_eq!(of("n", &[case]).literals, [5.into(), 7.into(), Value::from(8)]);
    assert_eq!(of("n", &[case]).low, None);
}
