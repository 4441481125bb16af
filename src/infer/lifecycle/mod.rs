//! What the columns of one row say together: an order is placed, shipped, delivered and paid one after the
//! other, its status says how far it came, and its amounts add up; a meeting that is done has been held.
//!
//! Each row has a story of its own, made of the row's number alone. A column tells its part of it, so whether
//! another column is there changes nothing, but for amounts: a tax is in a total where there is one.

mod appointment;
mod lifecycle_words;
mod part;
#[cfg(test)]
mod tests;
mod timeline;
mod words;

use crate::infer::column_type::ColumnType;
use crate::infer::kinds::TableKind;
use crate::infer::names;
use crate::infer::names::pattern::Pattern;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;

pub use appointment::Appointment;
use lifecycle_words::LifecycleWords;
pub use part::{LifecycleField, Money, Phase};
pub use timeline::{PAID, Timeline};

/// The part that a column of a table of a kind tells, if any, and what that is for people.
/// Where any text will do for a status, it may also say one of the `ends` of which other columns tell.
pub fn part(kind: TableKind, shape: &ColumnType, ends: &[String]) -> Option<(LifecycleField, &'static str)> {
    if shape.is_list || !shape.facts.patterns.is_empty() {
        return None;
    }
    let words: Vec<String> = shape.words.iter().map(|word| names::singular(word)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if kind == TableKind::OrderLines {
        return match words::of_line(&words, shape.scalar) {
            // `unit_cents` is no number of units.
            Some((LifecycleField::Quantity, _)) if shape.unit.is_some() => {
                Some((LifecycleField::Money(Money::UnitPrice), "the price of the product"))
            }
            found => found,
        };
    }
    if kind.is_appointment() {
        return match status(&words, shape) {
            Some(texts) => {
                let standings = labelled(shape, &texts, appointment::standing)?;
                Some((LifecycleField::Status(standings), "the status of its lifecycle"))
            }
            None => appointment::part(&words, shape.scalar),
        };
    }
    if !kind.is_document() {
        return None;
    }
    if let Some(texts) = status(&words, shape) {
        let texts = match texts.is_empty() {
            true => {
                words::usual_of_part(kind, &words).unwrap_or_else(|| [&words::usual(kind)[..], ends].concat())
            }
            false => texts,
        };
        let standings = labelled(shape, &texts, words::standing)?;
        return Some((LifecycleField::Status(standings), "the status of its lifecycle"));
    }
    match shape.scalar {
        ScalarType::Date | ScalarType::Timestamp => words::of_time(&words, kind),
        ScalarType::Bool => words::of_flag(&words),
        ScalarType::Integer | ScalarType::Decimal
            if !matches!(kind, TableKind::Emails | TableKind::Cases) =>
        {
            words::of_document(&words)
        }
        _ => None,
    }
}

/// Whether something happened, by a word for it, as far as the rows of a kind have a story that says so.
pub fn whether(kind: TableKind, word: &str) -> Option<LifecycleField> {
    let words = LifecycleWords::get();
    match kind {
        _ if kind.is_appointment() => {
            Pattern::any(&words.appointment.is_done, word).then_some(LifecycleField::IsDone)
        }
        _ if kind.is_document() => words.document.step(word).map(LifecycleField::Whether),
        _ => None,
    }
}

/// Whether a column is the percentage of a tax.
pub fn is_tax_rate(column: &str) -> bool {
    let words: Vec<String> = names::words(column).iter().map(|word| names::singular(word)).collect();
    Pattern::any(&LifecycleWords::get().document.tax_rate, &words.join(" "))
}

/// The texts that a status may have; none where any will do. `None` where the column is no status.
fn status(words: &[&str], shape: &ColumnType) -> Option<Vec<String>> {
    let (known, name) = (LifecycleWords::get(), words.join(" "));
    let is_status = shape.scalar == ScalarType::Text && Pattern::any(&known.status, &name);
    let is_of_other = Pattern::any(&known.not_status, &name);
    (is_status && !is_of_other).then(|| shape.labels.clone().unwrap_or_default())
}

/// Where each text stands; `None` where too few of them stand anywhere.
fn labelled(
    shape: &ColumnType,
    texts: &[String],
    standing: fn(&str) -> Option<Phase>,
) -> Option<Vec<(Value, Phase)>> {
    let found: Vec<(Value, Phase)> = texts
        .iter()
        .filter_map(|text| Some((shape.fit(text.as_str().into()), standing(text)?)))
        .filter(|(value, _)| !value.is_null())
        .collect();
    let steps = found.iter().filter(|(_, standing)| matches!(standing, Phase::At(_))).count();
    (steps > 1).then_some(found)
}
