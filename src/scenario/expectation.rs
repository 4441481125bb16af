//! Queries over explicit rows, and what they must answer.

use std::fmt;

use serde_json::Value;

use super::fields::{fields, flag, items, words};
use super::json::{Json, Member, Node};
use super::location::{Location, Problem, Problems, error};
use super::reference::{self, is_handle};
use crate::error::Result;
use crate::suggestion::quoted;

/// A query and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The scenario that expects it.
    pub scenario: String,
    /// Its name, the only one such in the scenario.
    pub name: String,
    /// The query, with `@handle` for ids.
    pub sql: String,
    /// What it must answer.
    pub wanted: Wanted,
    /// Where it cannot be asked of a schema, the scenario is not loaded.
    pub is_required: bool,
    /// Where the query stands.
    pub location: Location,
}

/// What a query must answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// Just that; numbers by what they come to.
    Equals(Value),
    /// A number not below that.
    AtLeast(Value),
    /// A number not above that.
    AtMost(Value),
}

const FIELDS: [&str; 7] = ["name", "sql", "equals", "at_least", "at_most", "required", "$comment"];

/// Reads `expect`.
pub fn read(node: &Node, problems: &mut Problems) -> Vec<Expectation> {
    let mut expectations: Vec<Expectation> = Vec::new();
    for item in items(node, "expect", problems) {
        let Some(expectation) = read_one(item, problems) else { continue };
        if expectations.iter().any(|before| before.name == expectation.name) {
            let message = format!("duplicate expectation {}", quoted(&expectation.name));
            problems.add(&item.location, message);
        } else {
            expectations.push(expectation);
        }
    }
    expectations
}

fn read_one(node: &Node, problems: &mut Problems) -> Option<Expectation> {
    let (mut name, mut sql, mut wanted, mut is_required) = (None, None, Vec::new(), false);
    for member in fields(node, "an expectation", &FIELDS, &["name", "sql"], problems) {
        match member.key.as_str() {
            "name" => name = words(&member.value, "name", problems),
            "sql" => sql = words(&member.value, "sql", problems).map(|text| (text, &member.value.location)),
            "required" => is_required = flag(&member.value, "required", problems).unwrap_or_default(),
            "$comment" => {}
            _ => wanted.push(member),
        }
    }
    if matches!(node.json, Json::Object(_)) && wanted.len() != 1 {
        let message = "an expectation must have exactly one of `equals`, `at_least` and `at_most`";
        problems.add(&node.location, message);
        return None;
    }
    let wanted = read_wanted(wanted.first()?, problems)?;
    let (sql, location) = sql?;
    Some(Expectation {
        scenario: String::new(),
        name: name?.to_owned(),
        sql: sql.to_owned(),
        wanted,
        is_required,
        location: location.clone(),
    })
}

fn read_wanted(member: &Member, problems: &mut Problems) -> Option<Wanted> {
    let node = &member.value;
    if member.key != "equals" && !matches!(node.json, Json::Number(_)) {
        problems.add(&node.location, format!("{} must be a number, not {}", member.key, node.described()));
        return None;
    }
    let mut text = String::new();
    node.write(&mut text);
    let Ok(value) = serde_json::from_str(&text) else {
        problems.add(&node.location, format!("{} contains a number that is too large", member.key));
        return None;
    };
    Some(match member.key.as_str() {
        "at_least" => Wanted::AtLeast(value),
        "at_most" => Wanted::AtMost(value),
        _ => Wanted::Equals(value),
    })
}

impl Expectation {
    /// The handles in the query, as often as they are there.
    pub fn handles(&self) -> impl Iterator<Item = &str> {
        pieces(&self.sql)
            .filter_map(|piece| if let Piece::Handle(handle) = piece { Some(handle) } else { None })
    }

    /// The query with the id that `id` gives for each handle, as SQL has it; in a text without its quotes.
    ///
    /// # Errors
    /// Names a handle that has no id.
    pub fn sql_with(&self, id: impl Fn(&str) -> Option<String>) -> Result<String> {
        let mut sql = String::new();
        for piece in pieces(&self.sql) {
            match piece {
                Piece::Sql(text) => sql.push_str(text),
                Piece::Handle(handle) => {
                    let Some(id) = id(handle) else {
                        let message = format!("no row `@{handle}` with an id");
                        return Err(error(&[Problem { location: self.location.clone(), message }]));
                    };
                    let is_in_text = !sql.matches('\'').count().is_multiple_of(2);
                    sql.push_str(if is_in_text { id.trim_matches('\'') } else { &id });
                }
            }
        }
        Ok(sql)
    }
}

enum Piece<'s> {
    Sql(&'s str),
    Handle(&'s str),
}

/// The query in pieces. `@` begins a handle unless it ends a word, as in a mailbox, or an
/// operator; the handle is as long as can be, and no part of a longer word.
fn pieces(sql: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sql;
    let mut before = None;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let is_open = !before.is_some_and(|c: char| c.is_alphanumeric() || "_@<.".contains(c));
        let handle = rest.strip_prefix('@').filter(|_| is_open).and_then(handle_at);
        let (piece, length) = match handle {
            Some(handle) => (Piece::Handle(handle), handle.len() + 1),
            None => {
                let next =
                    rest.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(rest.len(), |(i, _)| i);
                (Piece::Sql(&rest[..next]), next)
            }
        };
        let (taken, left) = rest.split_at(length);
        before = taken.chars().next_back();
        rest = left;
        Some(piece)
    })
}

/// The most characters of a handle with the dots of rows that are made beside others.
const LONGEST: usize = 4 * reference::LONGEST;

/// The longest handle that `text` begins with, and that ends as a word does.
fn handle_at(text: &str) -> Option<&str> {
    let is_inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let end = text.find(|c: char| !is_inside(c)).unwrap_or(text.len());
    if end > LONGEST || text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    // `@a--comment` and `@a.` end before what no handle has.
    let mut handle = &text[..end];
    while !handle.is_empty() && !handle.split('.').all(is_handle) {
        let cut = handle.rfind(['-', '.'])?;
        handle = &handle[..cut];
    }
    (!handle.is_empty()).then_some(handle)
}

impl Wanted {
    /// Whether `got` is what is wanted.
    pub fn holds(&self, got: &Value) -> bool {
        match self {
            Self::Equals(wanted) => match (wanted, got) {
                // A list that happens to have one entry, or a value of which there is none.
                (Value::Array(list), got) if !got.is_array() => list.len() == 1 && equal(&list[0], got),
                (Value::Null, Value::Array(rows)) => rows.is_empty(),
                (wanted, got) => equal(wanted, got),
            },
            Self::AtLeast(least) => order(got, least).is_some_and(std::cmp::Ordering::is_ge),
            Self::AtMost(most) => order(got, most).is_some_and(std::cmp::Ordering::is_le),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => write!(f, "{value}"),
            Self::AtLeast(value) => write!(f, "at least {value}"),
            Self::AtMost(value) => write!(f, "at most {value}"),
        }
    }
}

/// Whether two values are the same, numbers by what they come to: 3 is 3.0.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => order(a, b).is_some_and(std::cmp::Ordering::is_eq),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

/// How two numbers stand to one another: whole ones exactly.
fn order(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    let whole = |value: &Value| value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expectation(sql: &str) -> Expectation {
        Expectation {
            scenario: "x".into(),
            name: "x".into(),
            sql: sql.into(),
            wanted: Wanted::Equals(json!(1)),
            is_required: false,
            location: Location { file: "x.json".into(), line: 3, column: 5 },
        }
    }

    #[test]
    fn handles_become_ids_and_nothing_else_does() {
        let id = |handle: &str| {
            let id = match handle {
                "a" => "1",
                "deal-1" => "2",
                "deal.customer" => "3",
                "deal.participant-customer" => "4",
                "key" => "'0a-1'",
                _ => return None,
            };
            Some(id.to_owned())
        };
        let cases = [
            ("SELECT @a", "SELECT 1"),
            ("id IN (@a,@deal-1, @deal.customer)", "id IN (1,2, 3)"),
            ("x=@deal.participant-customer;", "x=4;"),
            ("x = @a--comment", "x = 1--comment"),
            ("x = @a.", "x = 1."),
            ("'jane@a' || '@a'", "'jane@a' || '1'"),
            ("a <@a AND b @> c AND d @@a AND @ -5 = 5", "a <@a AND b @> c AND d @@a AND @ -5 = 5"),
            ("'@a_b @aB @A x.@a é@a'", "'@a_b @aB @A x.@a é@a'"),
            ("@a@a", "1@a"),
            ("x = @key AND y = 'at @key'", "x = '0a-1' AND y = 'at 0a-1'"),
            ("@", "@"),
            ("@-a@", "@-a@"),
        ];
        for (sql, expected) in cases {
            assert_eq!(expectation(sql).sql_with(id).expect("known"), expected, "{sql}");
        }
        let error = expectation("SELECT @b").sql_with(id).expect_err("unknown").to_string();
        assert_eq!(error, "x.json:3:5: no row `@b` with an id");
    }

    #[test]
    fn numbers_are_compared_by_what_they_come_to() {
        let three: Value = serde_json::from_str("3.00").expect("JSON");
        assert!(Wanted::Equals(json!(3)).holds(&three) && Wanted::Equals(three.clone()).holds(&json!(3)));
        assert!(Wanted::Equals(json!([{"a": 1}])).holds(&json!([{"a": 1.0}])));
        assert!(!Wanted::Equals(json!([1, 2])).holds(&json!([1])));
        assert!(!Wanted::Equals(json!(9_007_199_254_740_993_i64)).holds(&json!(9_007_199_254_740_992_i64)));
        assert!(!Wanted::Equals(json!("3")).holds(&json!(3)));
        assert!(
            Wanted::AtLeast(json!(2)).holds(&json!(2.5)) && !Wanted::AtLeast(json!(2)).holds(&json!("3"))
        );
        assert!(Wanted::AtMost(json!(2)).holds(&json!(2)) && !Wanted::AtMost(json!(2)).holds(&Value::Null));
        assert_eq!(Wanted::AtLeast(json!(2)).to_string(), "at least 2");
    }
}
