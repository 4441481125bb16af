//! Lists of values, which may have tens of thousands.

use std::collections::HashSet;

use rust_decimal::Decimal;

use crate::sqlexpr::compare::is_same;
use crate::sqlexpr::value::Value;

/// So many values are compared one by one, where they are of kinds that are not simply equal or not.
const FEW: usize = 500;

/// A value that is the same as another of its kind only where both are equal.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Text(&'a str),
    Number(Decimal),
    Date(i32),
    Timestamp(i64),
}

fn key(value: &Value) -> Option<Key<'_>> {
    match value {
        Value::Text(text) => Some(Key::Text(text)),
        Value::Number(number) => Some(Key::Number(*number)),
        Value::Date(day) => Some(Key::Date(*day)),
        Value::Timestamp(second) => Some(Key::Timestamp(*second)),
        _ => None,
    }
}

/// The keys of values that are all of one such kind.
fn keys(values: &[Value]) -> Option<HashSet<Key<'_>>> {
    let kind = std::mem::discriminant(values.first()?);
    let keys = values.iter().map(|value| key(value).filter(|_| std::mem::discriminant(value) == kind));
    keys.collect()
}

/// Values among which others are looked up.
pub struct Among<'a> {
    values: &'a [Value],
    keys: Option<HashSet<Key<'a>>>,
}

impl<'a> Among<'a> {
    /// A list of these values.
    pub fn of(values: &'a [Value]) -> Self {
        Self { values, keys: keys(values) }
    }

    /// Whether one of them is certainly the same as `value`.
    pub fn has(&self, value: &Value) -> bool {
        let is_of_kind = |first: &Value| std::mem::discriminant(first) == std::mem::discriminant(value);
        match (&self.keys, key(value)) {
            (Some(keys), Some(key)) if self.values.first().is_some_and(is_of_kind) => keys.contains(&key),
            _ => self.values.iter().take(FEW).any(|other| is_same(value, other)),
        }
    }
}

/// What both lists have.
pub fn common(mut a: Vec<Value>, b: &[Value]) -> Vec<Value> {
    let among = Among::of(b);
    a.retain(|value| among.has(value));
    a
}

/// What one of two lists has, each once; `None` where there are too many to tell.
pub fn joined(mut all: Vec<Value>, mut more: Vec<Value>) -> Option<Vec<Value>> {
    let are_few = all.len() + more.len() <= FEW;
    let among = Among::of(&all);
    if among.keys.is_none() && !are_few {
        return None;
    }
    more.retain(|value| !among.has(value));
    all.append(&mut more);
    Some(all)
}
