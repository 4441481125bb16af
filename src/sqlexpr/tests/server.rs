//! `verdicts.tsv` has constraints as a server printed them, and what it said of each row of `rows.tsv`:
//! P where a row passed, F where the constraint was false or raised an error.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::sqlexpr::cast::cast;
use crate::sqlexpr::compare::{Mode, is_same, order};
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{Bound, ColumnConstraints, Verdict, facts, read};

/// 2026-11-23.
const NOW: i64 = 1_795_392_000;

/// What COPY writes for some characters.
fn unescaped(field: &str) -> Option<String> {
    if field == "\\N" {
        return None;
    }
    Some(field.replace("\\\\", "\u{0}").replace("\\n", "\n").replace("\\t", "\t").replace('\u{0}', "\\"))
}

fn kind(column: &str) -> Type {
    let text = |name: &str| Type::of(name, &[]);
    match column {
        "id" | "bi" | "si" | "value" | "Odd Name" => text("bigint"),
        "n" | "f" | "re" => text("numeric"),
        "b" => text("boolean"),
        "d" | "e" => text("date"),
        "ts" | "tz" => text("timestamp"),
        "j" | "jb" => text("json"),
        "ta" => Type::Array(Box::new(text("text"))),
        "ia" => Type::Array(Box::new(text("integer"))),
        _ => text("text"),
    }
}

fn rows() -> Vec<BTreeMap<String, Value>> {
    let mut lines = include_str!("rows.tsv").lines();
    let names: Vec<&str> = lines.next().expect("a header").split('\t').collect();
    let row = |line: &str| {
        let fields = names.iter().zip(line.split('\t')).map(|(name, field)| {
            let value = unescaped(field).map_or(Value::Null, Value::Text);
            ((*name).to_owned(), cast(value, &kind(name)).unwrap_or_else(|why| panic!("{field}: {why:?}")))
        });
        fields.collect()
    };
    lines.map(row).collect()
}

#[test]
fn no_verdict_differs_from_that_of_the_server() {
    let rows = rows();
    let (mut unread, mut unsure, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for line in include_str!("verdicts.tsv").lines() {
        let (check, expected) = line.split_once('\t').expect("two fields");
        let check = unescaped(check).expect("a constraint");
        let expression = match read(&check) {
            Ok(expression) => expression,
            Err(why) => {
                unread.push(format!("{check}: {why}"));
                continue;
            }
        };
        let mut said = String::new();
        for row in &rows {
            let value = |name: &str| row.get(name).cloned().unwrap_or_else(|| panic!("the column {name}"));
            said.push(match expression.verdict(&value, NOW) {
                Verdict::Passes => 'P',
                Verdict::Fails => 'F',
                Verdict::Unknown => '?',
            });
        }
        if said.chars().zip(expected.chars()).any(|(said, expected)| said != expected && said != '?') {
            wrong.push(format!("{check}: {said}, not {expected}"));
        } else if said.contains('?') {
            unsure.push(format!("{check}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What is known does not become less.
    assert!(unread.len() <= 23, "not read:\n{}", unread.join("\n"));
    assert!(unsure.len() <= 6, "not sure:\n{}", unsure.join("\n"));
}

#[test]
fn a_broken_constraint_is_refused_or_evaluated() {
    let rows = rows();
    for line in include_str!("verdicts.tsv").lines() {
        let check: Vec<char> =
            unescaped(line.split('\t').next().unwrap_or_default()).expect("text").chars().collect();
        for left_out in 0..check.len() {
            let kept = check.iter().enumerate().filter(|(at, _)| *at != left_out);
            let Ok(expression) = read(&kept.map(|(_, c)| *c).collect::<String>()) else { continue };
            for row in rows.iter().take(4) {
                expression.verdict(&|name| row.get(name).cloned().unwrap_or(Value::Null), NOW);
            }
            for column in expression.columns() {
                facts(&[&expression], &column, NOW);
            }
        }
    }
}

/// Whether a fact says of a value that passes that it does not.
fn is_denied(facts: &ColumnConstraints, value: &Value) -> bool {
    let is_beyond = |bound: &Option<Bound>, beyond: Ordering| {
        bound.as_ref().is_some_and(|bound| match order(value, &bound.value, Mode::Plain) {
            Some(Ordering::Equal) => !bound.inclusive,
            ordering => ordering == Some(beyond),
        })
    };
    let is_listed = |labels: &Vec<Value>| labels.iter().any(|label| is_same(label, value));
    let text = value.as_text();
    let length = text.map_or(0, |text| text.chars().count());
    let sizes = match value {
        Value::List(items) => Some(items.len()),
        _ => None,
    };
    facts.null_only
        || facts.labels.as_ref().is_some_and(|labels| !is_listed(labels))
        || is_listed(&facts.excluded)
        || is_beyond(&facts.low, Ordering::Less)
        || is_beyond(&facts.high, Ordering::Greater)
        || text.is_some_and(|text| facts.patterns.iter().any(|pattern| !pattern.matches(text)))
        || text.is_some() && facts.min_length.is_some_and(|least| length < least)
        || text.is_some() && facts.max_length.is_some_and(|most| length > most)
        || sizes.is_some_and(|size| facts.max_items.is_some_and(|most| size > most))
}

#[test]
fn no_fact_denies_a_row_that_the_server_accepts() {
    let rows = rows();
    let (mut told, mut wrong) = (0, Vec::new());
    for line in include_str!("verdicts.tsv").lines() {
        let (check, verdicts) = line.split_once('\t').expect("two fields");
        let check = unescaped(check).expect("a constraint");
        // Of these the facts are narrower on purpose, or speak of bytes, or of texts with more than one form.
        let is_left_out = ["lower(", "upper(", "octet_length(by)", "::interval", "NULL::integer"]
            .iter()
            .any(|part| check.contains(part));
        let Some(expression) = read(&check).ok().filter(|_| !is_left_out) else {
            continue;
        };
        for column in expression.columns() {
            let facts = facts(&[&expression], &column, NOW);
            told += usize::from(facts != ColumnConstraints::default());
            let passing = rows.iter().zip(verdicts.chars()).filter(|(_, verdict)| *verdict == 'P');
            for value in passing.map(|(row, _)| &row[&column]) {
                let is_wrong = if value.is_null() { facts.not_null } else { is_denied(&facts, value) };
                if is_wrong {
                    wrong.push(format!("{check}: {value:?}, {facts:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(told > 150, "{told}");
}
