//! Whatever a file has: no panic, and problems that are in it.

use proptest::prelude::*;

use super::{RULES, example};
use crate::scenario::{library::BUILTIN, parse};

/// Holds what is told of `bytes` to be in them.
fn hold(bytes: &[u8]) -> Result<(), TestCaseError> {
    let Err(problems) = parse("overdue-renewal.json", bytes, &RULES) else { return Ok(()) };
    prop_assert!(!problems.is_empty());
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.split('\n').collect();
    for problem in problems {
        let line = lines.get(problem.location.line as usize - 1);
        prop_assert!(line.is_some(), "{}", problem);
        let width = line.map_or(0, |line| line.chars().count());
        prop_assert!((1..=width + 1).contains(&(problem.location.column as usize)), "{}", problem);
        prop_assert!(!problem.message.chars().any(char::is_control), "{}", problem);
    }
    Ok(())
}

/// JSON that is nearly a scenario: its keys and strings are those of files.
fn nearly() -> impl Strategy<Value = serde_json::Value> {
    let words = prop::sample::select(vec![
        "name",
        "title",
        "extends",
        "as_of",
        "counts",
        "customers",
        "min",
        "weights",
        "opportunities.stage",
        "new_lead",
        "rows",
        "organizations",
        "opportunities",
        "tasks",
        "contacts",
        "deal",
        "deal-1",
        "repeat",
        "without",
        "organization",
        "customer_organization_id",
        "amount",
        "due_date",
        "completed_at",
        "email",
        "id",
        "expect",
        "sql",
        "equals",
        "at_least",
        "breaks",
        "some",
        "customer",
        "of",
        "contact",
        "@deal",
        "@deal.customer",
        "as_of+30d",
        "2024-02-29",
        "SELECT @deal",
        "x@deal-{n}",
        "$comment",
        "\0",
        "é",
    ]);
    let leaf = prop_oneof![
        words.clone().prop_map(serde_json::Value::from),
        (-2..1000_i64).prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(6, 80, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((words.clone(), inner), 0..8).prop_map(|members| {
                members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        hold(&bytes)?;
    }

    #[test]
    fn any_text(text in "[\\[\\]{}\":,0-9a-z_@ \\\\.\u{e9}\n-]{0,200}") {
        hold(text.as_bytes())?;
    }

    #[test]
    fn what_is_nearly_a_scenario(rows in nearly(), rest in nearly()) {
        let file = serde_json::json!({"name": "overdue-renewal", "title": "t", "description": "d", "rows": rows});
        hold(file.to_string().as_bytes())?;
        hold(serde_json::json!({"rows": {"opportunities": {"deal": rest}}, "expect": [rest]}).to_string().as_bytes())?;
        hold(rest.to_string().as_bytes())?;
    }

    #[test]
    fn files_with_bytes_changed(
        which in 0..BUILTIN.len() + 1,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..6),
    ) {
        let text = BUILTIN.get(which).map_or_else(example, |(_, text)| text);
        let mut bytes = text.as_bytes().to_vec();
        for (index, change, byte) in changes {
            let at = index.index(bytes.len());
            match change {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => bytes.truncate(at.max(1)),
                _ => { bytes.remove(at); }
            }
            bytes.extend(bytes.is_empty().then_some(b'{'));
        }
        hold(&bytes)?;
    }

    #[test]
    fn sound_rows_come_back_as_they_were_given(
        amount in 0..999_999_999_999_i64,
        probability in 0..=100_i64,
        name in "\\PC{1,30}",
        days in -9999..9999_i32,
        count in 1..20_u64,
    ) {
        use crate::domain::explicit::{CellValue, Value, When};
        let file = serde_json::json!({
            "name": "x", "title": "t", "description": "d",
            "rows": { "opportunities": { "deal": {
                "repeat": count, "name": name, "probability": probability,
                "estimated_close_date": format!("as_of{days:+}d"), "amount": 0,
            } } },
        });
        let decimal = format!("\"amount\":{}.{:02}", amount / 100, amount % 100);
        let text = file.to_string().replace("\"amount\":0", &decimal);
        let document = parse("x.json", &text, &[]).expect("sound");
        let rows = crate::scenario::check::check(&document, true, &mut Default::default()).scenario_rows.rows;
        prop_assert_eq!(rows.len() as u64, count);
        let cell = |column: &str| rows[0].cells.iter().find(|(name, _)| *name == column).map(|(_, given)| given.clone());
        prop_assert_eq!(cell("amount"), Some(CellValue::Value(Value::Cents(amount))));
        prop_assert_eq!(cell("probability"), Some(CellValue::Value(Value::Int(probability))));
        prop_assert_eq!(cell("name"), Some(CellValue::Value(name.replace("{n}", "1").as_str().into())));
        let when = When { day: None, months: 0, days, seconds: 0 };
        prop_assert_eq!(cell("estimated_close_date"), Some(CellValue::Date(when)));
    }
}
