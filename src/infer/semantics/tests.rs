use proptest::prelude::*;

use super::rules::Rule;
use super::{Context, ScalarType, contact, meaning, numbers, technical, texts, times, unique_text};
use crate::calendar::DAY;
use crate::infer::kinds::TableKind;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

const NOW: i64 = 20_454 * DAY;

fn made_in(table: &str, column: &str, family: ScalarType, bits: u64, known: &[(&str, &str)]) -> Value {
    let slot = Slot::of(bits).child(1);
    let known = |name: &str| known.iter().find(|(its, _)| *its == name).map(|(_, value)| Value::from(*value));
    let context = Context {
        now: NOW,
        created: (bits.is_multiple_of(2)).then_some(NOW - 50 * DAY),
        number: bits % 1000 + 1,
        kind: crate::infer::kinds::kind("public", table),
        known: &known,
        given: &known,
        hidden: slot.child(77),
    };
    meaning(table, column, family).make(slot, &context)
}

fn made(table: &str, column: &str, family: ScalarType, bits: u64) -> Value {
    made_in(table, column, family, bits, &[])
}

fn text(table: &str, column: &str, known: &[(&str, &str)]) -> String {
    made_in(table, column, ScalarType::Text, 7, known).as_text().unwrap_or_default().to_owned()
}

/// Every name of the rules for a family, as a column.
fn columns(rules: &[&'static [Rule]]) -> Vec<String> {
    let rules = rules.iter().copied().flatten();
    rules
        .flat_map(|rule| rule.names.split('|'))
        .map(|name| name.trim_start_matches(['=', '^', '~']).replace(' ', "_"))
        .chain(["frobnication".to_owned()])
        .collect()
}

const TABLES: [&str; 8] =
    ["users", "notes", "addresses", "campaigns", "lookup", "things", "orders", "contact_emails"];

#[test]
fn every_rule_makes_decent_texts() {
    for column in columns(&[technical::TEXTS, contact::CONTACT, texts::TEXTS]) {
        for table in TABLES {
            for bits in 0..20 {
                let value = made(table, &column, ScalarType::Text, bits);
                let text = value.as_text().unwrap_or_default();
                let may_be_empty =
                    table == "users" && meaning(table, &column, ScalarType::Text).about().ends_with("empty");
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
    for column in columns(&[technical::NUMBERS, numbers::NUMBERS]) {
        for bits in 0..20 {
            for family in [ScalarType::Integer, ScalarType::Decimal] {
                let value = made("things", &column, family, bits);
                assert!(matches!(value, Value::Number(_)), "{column}: {value:?}");
            }
        }
    }
}

#[test]
fn times_lie_where_their_names_say() {
    for column in columns(&[times::TIMES]) {
        for bits in 0..50 {
            let Value::Timestamp(at) = made("things", &column, ScalarType::Timestamp, bits) else {
                unreachable!()
            };
            let about = meaning("things", &column, ScalarType::Timestamp).about();
            let may_come = matches!(about, "a day to come" | "when something ends");
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
        for column in columns(&[technical::DOCUMENTS]) {
            let Value::Json(json) = made("users", &column, ScalarType::Json, bits) else { unreachable!() };
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{column}: {json}");
        }
        for family in [ScalarType::Interval, ScalarType::Uuid, ScalarType::Bytes, ScalarType::Address] {
            assert!(made("things", "x", family, bits).as_text().is_some_and(|text| !text.is_empty()));
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
    for (column, family) in [
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
        assert!(meaning("things", column, family).is_always_null(), "{column}");
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
                    known: &|_| None,
                    given: &|_| None,
                    hidden: Slot::of(1)
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
        ("https://a.example/b", "https://a.example/b-42"),
        ("key-account", "key-account-42"),
        ("DAIRY", "DAIRY-0042"),
        ("", "x 42"),
    ] {
        assert_eq!(unique_text(base, 42, None), expected);
    }
    assert_eq!(unique_text("Key Account", 42, Some(6)), "Key 42");
    assert_eq!(unique_text("maya@a.example", 42, Some(12)), "42");
}

const BASES: &str = "([A-Z]{0,5}[0-9]{0,3}|[a-z0-9.+-]{0,6}(@[a-z0-9-]{1,5}\\.[a-z0-9-]{1,4})?|\
    https://[a-z@.0-9/-]{0,9}|\\PC{0,9})";

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

/// A type for each list of rules.
const TYPES: [ScalarType; 10] = [
    ScalarType::Bool,
    ScalarType::Integer,
    ScalarType::Decimal,
    ScalarType::Date,
    ScalarType::Time,
    ScalarType::Interval,
    ScalarType::Json,
    ScalarType::Uuid,
    ScalarType::Bytes,
    ScalarType::Text,
];

/// Patterns that no name leads to: an earlier rule takes all that they mean.
#[test]
fn every_pattern_reaches_its_own_rule() {
    use super::lookup::{find, rules_of};
    let mut shadowed = Vec::new();
    for family in TYPES {
        let rules: Vec<&'static Rule> = rules_of(family).iter().copied().flatten().collect();
        for (at, rule) in rules.iter().enumerate() {
            for pattern in rule.names.split('|').filter(|pattern| !pattern.is_empty()) {
                let words = pattern.trim_start_matches(['=', '^', '~']);
                let names = match pattern.as_bytes()[0] {
                    b'=' => vec![words.to_owned()],
                    b'^' => vec![format!("{words} thing")],
                    b'~' => vec![words.to_owned(), format!("lead {words}"), format!("{words} thing")],
                    _ => vec![words.to_owned(), format!("lead {words}")],
                };
                let kind = rule.kind.unwrap_or(TableKind::Other);
                let leads =
                    |name: &String| std::ptr::eq(find(std::slice::from_ref(name), kind, family), *rule);
                if !names.iter().any(leads) {
                    let instead = find(&names[..1], kind, family);
                    shadowed.push(format!(
                        "{family:?} {at} `{pattern}` ({}): {} by `{:.40}`",
                        rule.about, instead.about, instead.names
                    ));
                }
            }
        }
    }
    assert_eq!(shadowed, [""; 0], "{}", shadowed.join("\n"));
}
