//! How values are written: codes of labels, texts of patterns, the app's words, one of several by weight.

use crate::infer::column_type;
use crate::infer::model::ColumnModel;
use crate::infer::scalar_type::ScalarType;
use crate::random::Slot;
use crate::sqlexpr::Pattern;
use crate::sqlexpr::value::Value;

/// What a whole number says in place of one of the domain's labels: its rank among all, from the least that the
/// column takes.
pub(super) fn coded(column_type: &column_type::ColumnType, labels: &[&str], value: Value) -> Value {
    if let (Some(country), Some(HOME)) = (column_type.country, value.as_text()) {
        return country.into();
    }
    let rank = value.as_text().and_then(|text| labels.iter().position(|label| *label == text));
    let Some(rank) = rank.filter(|_| column_type.scalar == ScalarType::Integer) else { return value };
    if let Some(codes) = &column_type.facts.labels {
        return codes.get(rank.min(codes.len().saturating_sub(1))).cloned().unwrap_or(Value::Null);
    }
    let low = column_type.facts.low.as_ref().map(|bound| bound.value.clone());
    let first = low.or_else(|| column_type.default.clone().filter(|default| *default == Value::from(1)));
    match first {
        Some(Value::Number(first)) => Value::Number(first.saturating_add(rank.into())),
        _ => Value::from(rank as i64),
    }
}

/// The country of the domain's companies.
pub(super) const HOME: &str = "USA";

/// Whether a column of an e-mail is about who wrote it.
pub(super) fn is_from(words: &[String]) -> bool {
    words.iter().any(|word| matches!(word.as_str(), "from" | "sender"))
}

/// A text that a pattern asks for.
pub(super) fn made_of(column_type: &column_type::ColumnType, pattern: &Pattern, slot: Slot) -> Value {
    // Of several patterns one makes the text, and all must like it.
    (0..PATTERN_TRIES)
        .filter_map(|attempt| {
            let mut number = attempt * 1000;
            let mut draw = |n: u64| {
                number += 1;
                slot.child(number).below(n.max(1))
            };
            let (least, most) = (column_type.facts.min_length.unwrap_or(0), column_type.max_length);
            pattern.generate_between(&mut draw, least, most).map(|text| column_type.fit(Value::Text(text)))
        })
        .find(|value| column_type.meets_patterns(value))
        .unwrap_or(Value::Null)
}

/// Seconds of a minute.
pub(super) const MINUTE: i128 = 60;
/// Texts that are tried where several patterns must be met.
pub(super) const PATTERN_TRIES: u64 = 16;

/// A text that the patterns of a column ask for.
pub(super) fn patterned(column_type: &column_type::ColumnType, slot: Slot) -> Value {
    let texts = column_type.facts.patterns.iter().map(|pattern| made_of(column_type, pattern, slot));
    texts.into_iter().find(|value| !value.is_null()).unwrap_or(Value::Null)
}

/// A label in the app's word for it; another as the column takes it.
pub(super) fn in_words(column: &ColumnModel, value: Value) -> Value {
    let Some(words) = &column.labels else { return value };
    let word = value.as_text().and_then(|label| words.get(label).cloned());
    word.unwrap_or_else(|| column.column_type.fit(value))
}

pub(super) fn weighted(labels: &[(Value, u64)], slot: Slot) -> Value {
    let whole: u64 = labels.iter().map(|(_, weight)| weight).sum();
    let mut ticket = slot.below(whole);
    for (label, weight) in labels {
        if ticket < *weight {
            return label.clone();
        }
        ticket -= weight;
    }
    Value::Null
}

/// `value`, in a list where the column takes lists.
pub(super) fn shape_list(column_type: &column_type::ColumnType, value: Value) -> Value {
    match value {
        Value::List(_) | Value::Null => value,
        value if column_type.is_list => column_type.listed(value),
        value => value,
    }
}
