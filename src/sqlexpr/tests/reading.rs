//! What cannot be read is told, and nothing makes the reader or the evaluator fall over.

use crate::sqlexpr::value::Value;
use crate::sqlexpr::{Verdict, read};

fn verdict(check: &str, row: &[(&str, Value)]) -> Verdict {
    let expression = read(check).unwrap_or_else(|why| panic!("{check}: {why}"));
    let value = |name: &str| {
        row.iter().find(|(column, _)| *column == name).map_or(Value::Null, |(_, value)| value.clone())
    };
    expression.verdict(&value, 0)
}

#[test]
fn what_is_not_known_is_told() {
    for (check, why) in [
        ("CHECK (is_valid(code))", "the function `is_valid`"),
        ("CHECK ((a = 1", "an expression that ends early"),
        ("CHECK ((a = 'b", "an unclosed quotation mark"),
        ("CHECK ((s ~ '^(?!abc)'::text))", "look-around in a pattern"),
        ("CHECK ((s ~ '(a'::text))", "the pattern `(a`"),
        ("CHECK ((left(s) = 'a'::text))", "the arguments of `left`"),
        ("CHECK ((d > 'tomorrow'::date))", "`tomorrow`"),
        ("CHECK ((a = 1)) b", "`b`"),
        ("", "an expression that ends early"),
    ] {
        assert_eq!(read(check).err().as_deref(), Some(why), "{check}");
    }
}

#[test]
fn nothing_that_is_deep_or_long_is_followed() {
    assert!(read(&"(".repeat(100_000)).is_err());
    assert!(read(&"NOT ".repeat(100_000)).is_err());
    assert!(read(&"- ".repeat(100_000)).is_err());
    assert!(read(&format!("a{}", "::text".repeat(100_000))).is_err());
    assert!(read(&format!("a{}", " + a".repeat(100_000))).is_err());
    assert!(read(&format!("s ~ '{}'::text", "(".repeat(100_000))).is_err());
    assert!(read(&"CASE ".repeat(100_000)).is_err());
    // But many conditions beside one another are no depth.
    let wide = read(&format!("a > 0{}", " AND a < 9".repeat(5_000))).expect("wide");
    assert_eq!(wide.conjuncts().len(), 5_001);
    assert_eq!(wide.verdict(&|_| Value::from(5), 0), Verdict::Passes);
}

#[test]
fn columns_are_told_once_each() {
    let check = "CHECK ((((b > a) AND (\"Odd Name\" = b)) OR (lower(c) = ANY (ARRAY[a, 'x'::text]))))";
    assert_eq!(read(check).expect("readable").columns(), ["b", "a", "Odd Name", "c"]);
    assert_eq!(read("CHECK ((VALUE ~ '^\\d{5}$'::text))").expect("readable").columns(), ["VALUE"]);
}

#[test]
fn what_only_the_server_knows_is_unknown() {
    let text = Value::from;
    // The order of an enum, and that of letters of both cases.
    assert_eq!(verdict("CHECK ((m > 'ok'::mood))", &[("m", text("sad"))]), Verdict::Unknown);
    assert_eq!(verdict("CHECK ((s > 'abc'::text))", &[("s", text("Abd"))]), Verdict::Unknown);
    assert_eq!(verdict("CHECK ((s > 'abc'::text))", &[("s", text("abd"))]), Verdict::Passes);
    assert_eq!(verdict("CHECK (((s COLLATE \"C\") > 'abc'::text))", &[("s", text("Abd"))]), Verdict::Fails);
    // Whether a quotient of two columns has a rest.
    let division = "CHECK (((a / b) = 1))";
    assert_eq!(verdict(division, &[("a", 3.into()), ("b", 2.into())]), Verdict::Unknown);
    assert_eq!(verdict(division, &[("a", 2.into()), ("b", 2.into())]), Verdict::Passes);
    // What decides without it is known all the same.
    assert_eq!(
        verdict("CHECK (((m > 'ok'::mood) OR (a = 1)))", &[("m", text("x")), ("a", 1.into())]),
        Verdict::Passes
    );
}

#[test]
fn extensions_and_other_schemas_are_read() {
    let email = "CHECK ((email OPERATOR(public.~) '^[a-z]+@x\\.com$'::public.citext))";
    assert_eq!(verdict(email, &[("email", "ABC@X.com".into())]), Verdict::Passes);
    assert_eq!(verdict(email, &[("email", "@X.com".into())]), Verdict::Fails);
    let same = "CHECK ((email = 'A@b'::public.citext)) NOT VALID";
    assert_eq!(verdict(same, &[("email", "a@B".into())]), Verdict::Passes);
    let domain = "CHECK ((kind = ANY ('{a,\"b c\",NULL}'::crm.kind[]))) NO INHERIT";
    assert_eq!(verdict(domain, &[("kind", "b c".into())]), Verdict::Passes);
    assert_eq!(verdict("(a = E'x\\ty\\'z')", &[("a", "x\ty'z".into())]), Verdict::Passes);
}

#[test]
fn the_clock_is_the_one_that_is_given() {
    let adult = read("CHECK ((born <= (CURRENT_DATE - '18 years'::interval)))").expect("readable");
    let now = 20_454 * 86_400;
    assert_eq!(adult.verdict(&|_| Value::Date(20_454 - 18 * 365 - 5), now), Verdict::Passes);
    assert_eq!(adult.verdict(&|_| Value::Date(20_454 - 18 * 365 - 4), now), Verdict::Fails);
    let past = read("CHECK ((at < now()))").expect("readable");
    assert_eq!(past.verdict(&|_| Value::Timestamp(now - 1), now), Verdict::Passes);
    assert_eq!(past.verdict(&|_| Value::Timestamp(now), now), Verdict::Fails);
}
