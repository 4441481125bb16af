//! What constraints say of one column by itself, to narrow what is made for it.

use std::cmp::Ordering;

use crate::sqlexpr::compare::{Mode, order};
use crate::sqlexpr::expression::Expression;
use crate::sqlexpr::pattern::Pattern;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::values::{Among, common, joined};

/// What a column must be, where it is not NULL: a text that lies within all of it may still be refused, so
/// the constraints themselves have the last word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnConstraints {
    /// NULL does not satisfy the constraints.
    pub not_null: bool,
    /// Only NULL is not refused.
    pub null_only: bool,
    /// It is one of these.
    pub labels: Option<Vec<Value>>,
    /// It is none of these.
    pub excluded: Vec<Value>,
    /// Lower bound.
    pub low: Option<Bound>,
    /// Upper bound.
    pub high: Option<Bound>,
    /// Minimum length in characters.
    pub min_length: Option<usize>,
    /// Maximum length in characters.
    pub max_length: Option<usize>,
    /// It matches all of these.
    pub patterns: Vec<Pattern>,
    /// It has no capital letters.
    pub is_lower: bool,
    /// It has no small letters.
    pub is_upper: bool,
    /// It has no spaces at its ends. Also where that is not asked for but makes sure of the lengths.
    pub trimmed: bool,
    /// The columns that it must be above: strictly, or not.
    pub above: Vec<(String, bool)>,
    /// The columns that it must be below: strictly, or not.
    pub below: Vec<(String, bool)>,
    /// It is this, of other columns.
    pub equals: Option<Expression>,
    /// What `jsonb_typeof` says of it.
    pub json_type: Option<String>,
    /// The keys that the document must have.
    pub json_keys: Vec<String>,
    /// The fewest items of the array, or of the document that is one.
    pub min_items: Option<usize>,
    /// Maximum number of array elements.
    pub max_items: Option<usize>,
    /// Each item of the array is one of these.
    pub item_labels: Option<Vec<Value>>,
    /// The digits after the point that it may have.
    pub scale: Option<u32>,
    /// Every literal that it is compared with, under whatever condition.
    pub literals: Vec<Value>,
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The bound itself.
    pub value: Value,
    /// It is within the range.
    pub inclusive: bool,
}

impl ColumnConstraints {
    /// What holds where both do.
    #[must_use]
    pub fn and(mut self, mut other: Self) -> Self {
        self.excluded.append(&mut other.excluded);
        self.patterns.append(&mut other.patterns);
        self.above.append(&mut other.above);
        self.below.append(&mut other.below);
        self.json_keys.append(&mut other.json_keys);
        Self {
            not_null: self.not_null || other.not_null,
            null_only: self.null_only || other.null_only,
            labels: both(self.labels, other.labels),
            low: chosen(self.low, other.low, Ordering::Greater),
            high: chosen(self.high, other.high, Ordering::Less),
            min_length: self.min_length.max(other.min_length),
            max_length: least(self.max_length, other.max_length),
            is_lower: self.is_lower || other.is_lower,
            is_upper: self.is_upper || other.is_upper,
            trimmed: self.trimmed || other.trimmed,
            equals: self.equals.or(other.equals),
            json_type: self.json_type.or(other.json_type),
            min_items: self.min_items.max(other.min_items),
            max_items: least(self.max_items, other.max_items),
            item_labels: both(self.item_labels, other.item_labels),
            scale: least(self.scale, other.scale),
            ..self
        }
    }

    /// What holds where one of them does.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        // `x IS NULL OR ...`: the rest holds where it is not NULL.
        if self.null_only || other.null_only {
            let is_null_only = self.null_only && other.null_only;
            let rest = if self.null_only { other } else { self };
            return Self { not_null: false, null_only: is_null_only, ..rest };
        }
        let low = either(self.end(Ordering::Less), other.end(Ordering::Less), Ordering::Less);
        let high = either(self.end(Ordering::Greater), other.end(Ordering::Greater), Ordering::Greater);
        Self {
            not_null: self.not_null && other.not_null,
            null_only: false,
            labels: one_of(self.labels, other.labels),
            excluded: common(self.excluded, &other.excluded),
            low,
            high,
            min_length: self.min_length.min(other.min_length),
            max_length: self.max_length.zip(other.max_length).map(|(a, b)| a.max(b)),
            patterns: shared(self.patterns, &other.patterns),
            is_lower: self.is_lower && other.is_lower,
            is_upper: self.is_upper && other.is_upper,
            trimmed: self.trimmed && other.trimmed,
            above: shared(self.above, &other.above),
            below: shared(self.below, &other.below),
            equals: self.equals.filter(|equals| other.equals.as_ref() == Some(equals)),
            json_type: self.json_type.filter(|kind| other.json_type.as_ref() == Some(kind)),
            json_keys: shared(self.json_keys, &other.json_keys),
            min_items: self.min_items.min(other.min_items),
            max_items: self.max_items.zip(other.max_items).map(|(a, b)| a.max(b)),
            item_labels: one_of(self.item_labels, other.item_labels),
            scale: self.scale.zip(other.scale).map(|(a, b)| a.max(b)),
            literals: Vec::new(),
        }
    }

    /// What holds where one of many does, in pairs: a list of tens of thousands is joined in a few rounds.
    pub fn any(mut sides: Vec<Self>) -> Self {
        while sides.len() > 1 {
            let mut rest = sides.into_iter();
            let mut paired = Vec::with_capacity(rest.len().div_ceil(2));
            while let Some(first) = rest.next() {
                paired.push(match rest.next() {
                    Some(second) => first.or(second),
                    None => first,
                });
            }
            sides = paired;
        }
        sides.pop().unwrap_or_default()
    }

    /// Its least or most, be it that of its labels.
    fn end(&self, wanted: Ordering) -> Option<Bound> {
        let bound = if wanted == Ordering::Less { &self.low } else { &self.high };
        if bound.is_some() {
            return bound.clone();
        }
        let mut labels = self.labels.iter().flatten();
        let mut best = labels.next()?;
        for label in labels {
            if order(label, best, Mode::Plain)? == wanted {
                best = label;
            }
        }
        Some(Bound { value: best.clone(), inclusive: true })
    }

    /// Without the labels that another constraint refuses.
    pub fn without_contradictions(mut self) -> Self {
        let Some(mut labels) = self.labels.take() else { return self };
        let excluded = Among::of(&self.excluded);
        labels.retain(|label| {
            let is_within = |bound: &Option<Bound>, wrong: Ordering| {
                bound.as_ref().is_none_or(|bound| match order(label, &bound.value, Mode::Plain) {
                    Some(Ordering::Equal) => bound.inclusive,
                    Some(ordering) => ordering != wrong,
                    None => true,
                })
            };
            let matches = |text: &str| self.patterns.iter().all(|pattern| pattern.matches(text));
            !excluded.has(label)
                && is_within(&self.low, Ordering::Less)
                && is_within(&self.high, Ordering::Greater)
                && label.as_text().is_none_or(matches)
        });
        self.labels = Some(labels);
        self
    }
}

/// The lesser of those that are there.
fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// What both lists have; the one where there is only one.
fn both(a: Option<Vec<Value>>, b: Option<Vec<Value>>) -> Option<Vec<Value>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(common(a, &b)),
        (a, b) => a.or(b),
    }
}

/// What one of two lists has, where there are two.
fn one_of(a: Option<Vec<Value>>, b: Option<Vec<Value>>) -> Option<Vec<Value>> {
    let (a, b) = a.zip(b)?;
    joined(a, b)
}

fn shared<T: PartialEq>(mut a: Vec<T>, b: &[T]) -> Vec<T> {
    a.retain(|value| b.contains(value));
    a
}

/// Of two bounds the one on the `wanted` side, where there are two; of equal ones the narrower.
fn chosen(a: Option<Bound>, b: Option<Bound>, wanted: Ordering) -> Option<Bound> {
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (a, b) => return a.or(b),
    };
    Some(match order(&b.value, &a.value, Mode::Plain) {
        Some(Ordering::Equal) => Bound { inclusive: a.inclusive && b.inclusive, ..a },
        Some(ordering) if ordering == wanted => b,
        _ => a,
    })
}

/// Of two bounds the one on the `wanted` side, of equal ones the wider; none where one is missing.
fn either(a: Option<Bound>, b: Option<Bound>, wanted: Ordering) -> Option<Bound> {
    let (a, b) = a.zip(b)?;
    Some(match order(&b.value, &a.value, Mode::Plain)? {
        Ordering::Equal => Bound { inclusive: a.inclusive || b.inclusive, ..a },
        ordering if ordering == wanted => b,
        _ => a,
    })
}
