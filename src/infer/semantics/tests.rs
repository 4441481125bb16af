use proptest::prelude::*;

use super::generator::{GENERATORS, Generator};
use super::lookup::find;
use super::rules::{fallback, read, rules_of};
use super::sentences::is_kind;
use super::{Context, ScalarType, Semantics, unique_text};
use crate::calendar::DAY;
use crate::infer::kinds::TableKind;
use crate::infer::word_lists::words;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

const NOW: i64 = 20_454 * DAY;

fn meaning(table: &str, column: &str, scalar: ScalarType) -> Semantics {
    let words = crate::infer::names::FieldName::of(column).words;
    super::meaning(crate::infer::kinds::kind("public", table), &words, scalar)
}

fn made_in(table: &str, column: &str, scalar: ScalarType, bits: u64, known: &[(&str, &str)]) -> Value {
    let slot = Slot::of(bits).child(1);
    let known = |name: &str| known.iter().find(|(its, _)| *its == name).map(|(_, value)| Value::from(*value));
    let context = Context {
        now: NOW,
        created: (bits.is_multiple_of(2)).then_some(NOW - 50 * DAY),
        number: bits % 1000 + 1,
        kind: crate::infer::kinds::kind("public", table),
        thing: &super::thing(column, table),
        known: &known,
        certain: &known,
        hidden: slot.child(77),
        is_of_other: false,
    };
    meaning(table, column, scalar).make(slot, &context)
}

fn made(table: &str, column: &str, scalar: ScalarType, bits: u64) -> Value {
    made_in(table, column, scalar, bits, &[])
}

fn text(table: &str, column: &str, known: &[(&str, &str)]) -> String {
    made_in(table, column, ScalarType::Text, 7, known).as_text().unwrap_or_default().to_owned()
}

/// Every name of the rules for a type, as a column.
fn columns(scalar: ScalarType) -> Vec<String> {
    let patterns = rules_of(scalar).iter().flat_map(|rule| &rule.patterns);
    let names = patterns.map(|pattern| pattern.examples().swap_remove(0).replace(' ', "_"));
    names.chain(["frobnication".to_owned()]).collect()
}

const TABLES: [&str; 8] =
    ["users", "notes", "addresses", "campaigns", "lookup", "things", "orders", "contact_emails"];

#[test]
fn every_rule_makes_decent_texts() {
    for column in columns(ScalarType::Text) {
        for table in TABLES {
            for bits in 0..20 {
                let value = made(table, &column, ScalarType::Text, bits);
                let text = value.as_text().unwrap_or_default();
                let may_be_empty = table == "users"
                    && meaning(table, &column, ScalarType::Text).about().starts_with("empty");
                assert!(may_be_empty || !text.is_empty(), "{table}.{column}: {value:?}");
                assert!(text.trim() == text && !text.contains('\0') && text.len() < 300, "{table}.{column}");
                check_domains(&column, text);
                if let Some((_, rest)) = text.split_once(") 555-") {
                    assert!(rest.starts_with("01") && rest.len() == 4, "{column}: {text}");
                }
            }
        }
    }
}

fn check_domains(column: &str, text: &str) {
    let after =
        |mark: &str| text.split_once(mark).map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(""));
    for domain in [after("://"), after("@").filter(|_| !text.contains(' '))].into_iter().flatten() {
        assert!(domain.ends_with(".example"), "{column}: {text}");
    }
}

#[test]
fn every_number_is_made_and_fits_its_type() {
    for scalar in [ScalarType::Integer, ScalarType::Decimal] {
        for column in columns(scalar) {
            for bits in 0..20 {
                let value = made("things", &column, scalar, bits);
                assert!(matches!(value, Value::Number(_)), "{column}: {value:?}");
            }
        }
    }
}

#[test]
fn times_lie_where_their_names_say() {
    for column in columns(ScalarType::Timestamp) {
        for bits in 0..50 {
            let Value::Timestamp(at) = made("things", &column, ScalarType::Timestamp, bits) else {
                unreachable!()
            };
            let about = meaning("things", &column, ScalarType::Timestamp).about();
            let may_come = matches!(about, "a future date" | "an end date");
            assert!(at <= if may_come { NOW + 90 * DAY } else { NOW }, "{column}");
            assert!(!may_come || at > NOW, "{column}");
            assert!(matches!(made("things", &column, ScalarType::Date, bits), Value::Date(_)), "{column}");
        }
    }
    let Value::Timestamp(created) = made("notes", "created_at", ScalarType::Timestamp, 2) else {
        unreachable!()
    };
    assert_eq!(created, NOW - 50 * DAY);
}

#[test]
fn other_types_have_values() {
    for bits in 0..20 {
        assert_eq!(made("users", "isActive", ScalarType::Bool, 1), Value::Bool(true));
        assert_eq!(made("users", "is_deleted", ScalarType::Bool, bits), Value::Bool(false));
        let clock =
            |column| made("things", column, ScalarType::Time, bits).as_text().unwrap_or_default().to_owned();
        assert!(clock("opens_at") < clock("closes_at"));
        for column in columns(ScalarType::Json) {
            let Value::Json(json) = made("users", &column, ScalarType::Json, bits) else { unreachable!() };
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{column}: {json}");
        }
        for scalar in [ScalarType::Interval, ScalarType::Uuid, ScalarType::Bytes, ScalarType::Address] {
            assert!(made("things", "x", scalar, bits).as_text().is_some_and(|text| !text.is_empty()));
        }
    }
}

#[test]
fn texts_agree_with_what_the_row_says() {
    let person = [("first_name", "Maya"), ("last_name", "Lindqvist")];
    assert_eq!(text("users", "email", &person), "maya.lindqvist@harvestbridge.example");
    assert_eq!(text("contacts", "linkedinUrl", &person), "https://linkedin.example/in/maya-lindqvist");
    assert_eq!(text("users", "full_name", &person), "Maya Lindqvist");
    assert_eq!(text("addresses", "state", &[("city", "Huntsville")]), "AL");
    assert!(text("addresses", "postal_code", &[("city", "Huntsville"), ("state", "AL")]).starts_with("358"));
    assert_eq!(text("profiles", "timezone", &[("state", "WA")]), "America/Los_Angeles");
    assert_eq!(text("users", "role", &[("aud", "authenticated")]), "authenticated");
    assert_ne!(text("users", "role", &[]), "authenticated");
    assert_eq!(text("tags", "slug", &[("name", "Key Account")]), "key-account");
}

#[test]
fn noise_is_known() {
    for (column, scalar) in [
        ("external_id", ScalarType::Text),
        ("stripe_customer_id", ScalarType::Text),
        ("api_key", ScalarType::Text),
        ("error_message", ScalarType::Text),
        ("search_vector", ScalarType::Other),
        ("deleted_at", ScalarType::Timestamp),
        ("archivedAt", ScalarType::Timestamp),
        ("parent_id", ScalarType::Uuid),
        ("raw_blob", ScalarType::Bytes),
    ] {
        assert!(meaning("things", column, scalar).is_always_null(), "{column}");
    }
    for column in ["name", "email", "created_at", "encrypted_password", "description"] {
        assert!(!meaning("users", column, ScalarType::Text).is_always_null(), "{column}");
    }
    assert_eq!(meaning("users", "confirmation_token", ScalarType::Text).null_percent(), 0);
    assert_eq!(made("users", "confirmation_token", ScalarType::Text, 1), "".into());
    assert_eq!(
        meaning("x", "name", ScalarType::Text)
            .make(
                Slot::of(1),
                &Context {
                    now: NOW,
                    created: None,
                    number: 1,
                    kind: TableKind::Tenants,
                    thing: "X",
                    known: &|_| None,
                    certain: &|_| None,
                    hidden: Slot::of(1),
                    is_of_other: false,
                }
            )
            .as_text()
            .map(str::is_empty),
        Some(false)
    );
}

#[test]
fn unique_texts_have_the_shape_of_their_base() {
    for (base, expected) in [
        ("Key Account", "Key Account 42"),
        ("maya@a.example", "maya42@a.example"),
        ("maya7@a.example", "maya42@a.example"),
        ("https://a.example/b", "https://a.example/b/42"),
        ("maple-creek.example", "maple-creek-42.example"),
        ("(504) 555-0155", "(504) 555-0155 x42"),
        ("key-account", "key-account-42"),
        ("DAIRY", "DAIRY-0042"),
        ("eb03c65a68924282540dd6e82e179acc", "eb03c65a68924282540dd6e82e179f42"),
        ("", "x 42"),
    ] {
        assert_eq!(unique_text(base, 42, None), expected);
    }
    assert_eq!(unique_text("Key Account", 42, Some(6)), "Key 42");
    assert_eq!(unique_text("maya@a.example", 42, Some(13)), "m42@a.example");
    assert_eq!(unique_text("maya@a.example", 42, Some(12)), "42");
    assert_eq!(unique_text("504-555-0155", 42, Some(12)), "200-555-0142");
    assert_eq!(unique_text("maple-creek.example", 42, Some(14)), "map-42.example");
}

const BASES: &str = "([A-Z]{0,5}[0-9]{0,3}|[a-z0-9.+-]{0,6}(@[a-z0-9-]{1,5}\\.[a-z0-9-]{1,4})?|\
    [a-z0-9-]{1,6}\\.[a-z]{2,3}|\\(504\\) 555-01[0-9]{2}|https://[a-z@.0-9/-]{0,9}|\\PC{0,9})";

proptest! {
    #[test]
    fn unique_texts_never_collide(
        a in BASES, b in BASES,
        m in 0_u64..2000, n in 0_u64..2000, most in 4_usize..30, is_limited: bool,
    ) {
        let most = is_limited.then_some(most);
        let (one, other) = (unique_text(&a, m, most), unique_text(&b, n, most));
        prop_assert!(most.is_none_or(|most| one.chars().count() <= most));
        prop_assert!(m == n || one.to_lowercase() != other.to_lowercase(), "{one} {other}");
        prop_assert!(!one.is_empty() && one.trim() == one);
    }
}

/// The scalars of rules: a type of each.
fn scalars() -> impl Iterator<Item = ScalarType> {
    ScalarType::ALL.into_iter().filter(|scalar| !matches!(scalar, ScalarType::Range | ScalarType::Other))
}

#[test]
fn every_type_stands_at_its_place() {
    for (at, scalar) in ScalarType::ALL.into_iter().enumerate() {
        assert_eq!(scalar as usize, at);
        assert!(fallback(scalar).patterns.is_empty());
    }
}

/// Patterns that no name leads to: an earlier rule takes all that they mean.
#[test]
fn every_pattern_reaches_its_own_rule() {
    let mut shadowed = Vec::new();
    for scalar in scalars() {
        for (at, rule) in rules_of(scalar).iter().enumerate() {
            for pattern in &rule.patterns {
                let kind = rule.kind.unwrap_or(TableKind::Other);
                let leads =
                    |name: &String| std::ptr::eq(find(std::slice::from_ref(name), kind, scalar), *rule);
                let names = pattern.examples();
                if !names.iter().any(leads) {
                    let instead = find(&names[..1], kind, scalar);
                    shadowed.push(format!(
                        "{scalar:?} {at} `{}` ({}): {} by {:?}",
                        names[0], rule.about, instead.about, instead.patterns
                    ));
                }
            }
        }
    }
    assert_eq!(shadowed, [""; 0], "{}", shadowed.join("\n"));
}

#[test]
fn every_generator_is_used_and_no_rule_says_a_name_twice() {
    let text = include_str!("../../../fixtures/column_rules.tsv");
    let lines: Vec<Vec<&str>> =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    for (name, _) in GENERATORS {
        assert!(lines.iter().any(|line| line[5] == *name), "no rule uses {name}");
    }
    for line in lines {
        let names: Vec<&str> = line[2].split('|').collect();
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name), "{name} stands twice: {line:?}");
        }
    }
}

#[test]
fn a_bad_rule_says_what_is_wrong() {
    let good = ["number", "-", "age", "an age", "30", "whole", "24..63", "-"];
    assert!(read(good).is_ok());
    for (field, bad, says) in [
        (0, "numeric", "no type `numeric`"),
        (1, "Animals", "no kind of table `Animals`"),
        (4, "101", "`101` is no percentage"),
        (5, "dice", "no generator `dice`"),
        (6, "24-63", "`24-63`"),
        (6, "63..24", "`63..24`"),
        (6, "1..2 by 2", "`1..2 by 2`"),
        (6, "0.5..1.5", "`0.5..1.5`"),
        (7, "age", "no tag `age`"),
    ] {
        let mut line = good;
        line[field] = bad;
        let error = read(line).expect_err(bad);
        assert!(error.contains(says), "{bad}: {error}");
    }
    for (generator, bad, says) in [
        ("text", "{nobody}", "no placeholder `{nobody}`"),
        ("text", "{first_name", "lacks a `}`"),
        ("text", "{9..1}", "`{9..1}`"),
        ("text", "{@nothing}", "no list @nothing"),
        ("word", "@nothing", "no list @nothing"),
        ("sentence", "poem", "has no poem"),
        ("body", "note", "no arguments"),
        ("known", "name", "2 arguments"),
        ("chance", "often", "`often`"),
        ("clock", "6..9", "`6..9`"),
        ("whole", "0.5..1.5", "`0.5..1.5`"),
    ] {
        let error = Generator::parse(generator, bad).expect_err(bad);
        assert!(error.contains(says), "{generator} {bad}: {error}");
    }
}

#[test]
fn every_kind_of_table_has_its_sentences_and_every_mailbox_its_company() {
    for kind in TableKind::all() {
        assert!(is_kind(kind.body()) && is_kind(kind.title()), "{kind:?}");
    }
    let count = |list| words(list).map(|words| words.len());
    assert_eq!(count("@companies"), count("@company_domains"));
}
