//! What the rows of a table had so far in the columns of a key, and whether another may stand beside them.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::infer::column_type::text;
use crate::infer::model::{KeyOperator, KeyRule};
use crate::infer::ranges;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{Range, range};

/// Rows of one group that are compared one by one.
const MOST_BESIDE: usize = 2_000;

/// Rows that agree in the parts that must be equal.
enum Group {
    /// Nothing else is compared: this row is the only one.
    Row(u64),
    /// Spans that do not overlap, with their ends and rows; those that touch are as one.
    Spans(BTreeMap<i128, (i128, u64)>),
    /// All of them have this.
    Same(Value, u64),
    /// Compared one by one.
    Rows(Vec<(Vec<Value>, u64)>),
}

/// How the parts that need not be equal are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Equal,
    Span,
    Same,
    Each,
}

/// The rows so far, as one key sees them.
pub struct Seen<'a> {
    pub rule: &'a KeyRule,
    way: Way,
    groups: HashMap<u64, Group>,
    parent: Option<u64>,
}

/// What a row has in the parts of a key.
pub struct Parts {
    group: u64,
    others: Vec<Value>,
    /// The place of what does not fit among `rule.parts`.
    at: usize,
}

/// A row that is in the way of another.
pub struct Conflict {
    /// The number under which it was kept.
    pub row: u64,
    /// The part of the key that a value elsewhere would save: the first that is compared otherwise than by `=`.
    pub part: usize,
    /// What all rows of the group have in that part, where they must all have the same.
    pub same: Option<Value>,
}

impl<'a> Seen<'a> {
    /// None yet.
    pub fn new(rule: &'a KeyRule) -> Self {
        let others: Vec<&KeyOperator> =
            rule.operators.iter().filter(|operator| **operator != KeyOperator::Equal).collect();
        let way = match others[..] {
            [] => Way::Equal,
            [KeyOperator::Overlaps] => Way::Span,
            [KeyOperator::Differs] => Way::Same,
            _ => Way::Each,
        };
        Self { rule, way, groups: HashMap::new(), parent: None }
    }

    /// Forgets the rows of another parent, where they cannot meet those of this one.
    pub fn of_parent(&mut self, parent: Option<u64>) {
        if self.rule.by_parent && self.parent != parent {
            self.groups.clear();
            self.parent = parent;
        }
    }

    /// What a row has in the parts of the key; `None` where the key does not look at it.
    pub fn parts(&self, row: &dyn Fn(&str) -> Value, now: i64) -> Option<Parts> {
        let rule = self.rule;
        if rule.predicate.as_ref().is_some_and(|inside| inside.value(row, now) != Value::Bool(true)) {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        let (mut others, mut at) = (Vec::new(), None);
        for (place, part) in rule.parts.iter().enumerate() {
            let value = part.value(row, now);
            if value.is_null() && !rule.nulls_same {
                return None;
            }
            if rule.operators[place] == KeyOperator::Equal {
                value.is_null().hash(&mut hasher);
                written(&value, rule.caseless[place]).hash(&mut hasher);
            } else {
                at = at.or(Some(place));
                others.push(value);
            }
        }
        Some(Parts { group: hasher.finish(), others, at: at.unwrap_or(0) })
    }

    /// The row that one with these parts would meet.
    pub fn conflict(&self, parts: &Parts) -> Option<Conflict> {
        let conflict = |row: &u64| Conflict { row: *row, part: parts.at, same: None };
        match self.groups.get(&parts.group)? {
            Group::Row(row) => Some(conflict(row)),
            Group::Same(value, row) => (parts.others.first() != Some(value))
                .then(|| Conflict { same: Some(value.clone()), ..conflict(row) }),
            Group::Spans(spans) => {
                let (start, end) = span(parts.others.first()?)?;
                let (_, (_, row)) = spans.range(..end).next_back().filter(|(_, (last, _))| *last > start)?;
                Some(conflict(row))
            }
            Group::Rows(rows) => {
                let meets = |others: &[Value]| {
                    let operators = self.rule.operators.iter().filter(|one| **one != KeyOperator::Equal);
                    operators
                        .zip(others.iter().zip(&parts.others))
                        .all(|(operator, (a, b))| holds(operator, a, b))
                };
                rows.iter()
                    .rev()
                    .take(MOST_BESIDE)
                    .find(|(others, _)| meets(others))
                    .map(|(_, row)| conflict(row))
            }
        }
    }

    /// Takes a row up.
    pub fn add(&mut self, parts: Parts, row: u64) {
        let way = self.way;
        let group = self.groups.entry(parts.group);
        match (way, parts.others.first()) {
            (Way::Span, Some(value)) => {
                let Some((start, end)) = span(value).filter(|(start, end)| start < end) else { return };
                let Group::Spans(spans) = group.or_insert_with(|| Group::Spans(BTreeMap::new())) else {
                    return;
                };
                join(spans, start, end, row);
            }
            (Way::Same, Some(value)) => {
                group.or_insert_with(|| Group::Same(value.clone(), row));
            }
            (Way::Each, _) => {
                let Group::Rows(rows) = group.or_insert_with(|| Group::Rows(Vec::new())) else { return };
                rows.push((parts.others, row));
            }
            _ => {
                group.or_insert(Group::Row(row));
            }
        }
    }

    /// How far a row with these parts must move, forward or back, to overlap none: in seconds where the key is about
    /// times.
    pub fn distance(&self, parts: &Parts, is_forward: bool) -> Option<Decimal> {
        let Some(Group::Spans(spans)) = self.groups.get(&parts.group) else { return None };
        let (start, end) = span(parts.others.first()?)?;
        let (mut at, length) = (start, end.checked_sub(start)?);
        let met = |at: i128| {
            spans
                .range(..at + length)
                .next_back()
                .filter(|(_, (last, _))| *last > at)
                .map(|(s, (e, _))| (*s, *e))
        };
        while let Some((first, last)) = met(at) {
            at = if is_forward { last } else { first.checked_sub(length)? };
        }
        let by = i64::try_from(at.checked_sub(start)?).ok()?;
        Some(Decimal::new(by, SCALE))
    }
}

/// Puts a span among others; those that it touches become one with it.
fn join(spans: &mut BTreeMap<i128, (i128, u64)>, mut start: i128, mut end: i128, row: u64) {
    while let Some((first, last)) =
        spans.range(..=end).next_back().filter(|(_, (last, _))| *last >= start).map(|(s, (e, _))| (*s, *e))
    {
        spans.remove(&first);
        (start, end) = (start.min(first), end.max(last));
    }
    spans.insert(start, (end, row));
}

/// Digits behind the point that tell the ends of spans apart.
const SCALE: u32 = 4;

/// The ends of a range, up to, not including, the second.
fn span(value: &Value) -> Option<(i128, i128)> {
    let range = match value {
        Value::Range(range) => (**range).clone(),
        Value::Text(text) => Range::read(text)?,
        _ => return None,
    };
    if range.is_empty {
        return None;
    }
    let at = |bound: &Value, endless: i128| match bound {
        Value::Null => Some(endless),
        bound => ranges::number(bound)?.checked_mul(Decimal::new(10_i64.pow(SCALE), 0))?.to_i128(),
    };
    let end = i128::from(i64::MAX);
    let (start, stop) = (at(&range.lower, -end)?, at(&range.upper, end)?);
    Some((start + i128::from(!range.has_lower), stop + i128::from(range.has_upper)))
}

/// Whether an operator holds between two values; of one that we do not know it is said that it does not.
fn holds(operator: &KeyOperator, left: &Value, right: &Value) -> bool {
    match operator {
        KeyOperator::Equal => written(left, false) == written(right, false),
        KeyOperator::Differs => written(left, false) != written(right, false),
        KeyOperator::Overlaps => match (left, right) {
            (Value::List(a), Value::List(b)) => a.iter().any(|item| b.contains(item)),
            _ => range::overlaps(left, right) == Ok(Value::Bool(true)),
        },
        KeyOperator::Other(_) => false,
    }
}

/// A value as equal ones are written alike.
fn written(value: &Value, is_caseless: bool) -> String {
    match value {
        Value::Number(number) => number.normalize().to_string(),
        Value::List(items) => {
            items.iter().map(|item| written(item, is_caseless)).collect::<Vec<_>>().join("\u{1f}")
        }
        value if is_caseless => text(value).to_lowercase(),
        value => text(value),
    }
}
