//! What columns and statuses of documents and their lines say, by their names.

use super::lifecycle_words::LifecycleWords;
use super::part::{LifecycleField, Money, Phase};
use super::timeline::DUE;
use crate::infer::kinds::TableKind;
use crate::infer::names;
use crate::infer::names::pattern::Pattern;
use crate::infer::scalar_type::ScalarType;

/// Days in which what an order or a sample waits for is expected.
const EXPECTED: i64 = 10;
/// Days for which a quote holds.
const VALID: i64 = 30;
/// Days for which a contract does.
const TERM: i64 = 365;

/// Where a status stands.
pub(super) fn standing(text: &str) -> Option<Phase> {
    let document = &LifecycleWords::get().document;
    let words = names::words(text);
    let name = words.join(" ");
    if Pattern::any(&document.cancelled, &name) {
        return Some(Phase::Cancelled);
    }
    // Nothing is paid in part.
    if words.iter().any(|word| word.starts_with("partial")) {
        return None;
    }
    if Pattern::any(&document.late, &name) {
        return Some(Phase::Late);
    }
    document.step(&name).map(Phase::At)
}

/// What a status says where any text will do.
pub(super) fn usual(kind: TableKind) -> Vec<String> {
    LifecycleWords::get().document.usual(kind).iter().map(|text| (*text).to_owned()).collect()
}

/// What the status of a part alone says, as of its payment, where any text will do.
pub(super) fn usual_of_part(kind: TableKind, words: &[&str]) -> Option<Vec<String>> {
    let is_sent = matches!(kind, TableKind::Orders | TableKind::Invoices | TableKind::Samples);
    let mut parts = LifecycleWords::get().of_part.iter().filter(|_| is_sent);
    let (_, usual) = parts.find(|(patterns, _)| Pattern::any(patterns, &words.join(" ")))?;
    Some(usual.iter().map(|text| (*text).to_owned()).collect())
}

/// Columns that say when.
pub(super) fn of_time(words: &[&str], kind: TableKind) -> Option<(LifecycleField, &'static str)> {
    let document = &LifecycleWords::get().document;
    let name = words.join(" ");
    if Pattern::any(&document.latest, &name) {
        return Some((LifecycleField::Latest, "the time of the last change"));
    }
    if document.is_no_step(&name) {
        return None;
    }
    let is_due = Pattern::any(&document.due, &name);
    let is_expected = Pattern::any(&document.expected, &name) && !Pattern::any(&document.not_expected, &name);
    if is_due || is_expected {
        let days = if kind == TableKind::Invoices || is_due { DUE } else { EXPECTED };
        return Some((LifecycleField::Due(days), "the due date"));
    }
    if Pattern::any(&document.expiry, &name) {
        let days = if kind == TableKind::Contracts { TERM } else { VALID };
        return Some((LifecycleField::Due(days), "the end of its validity"));
    }
    if document.is_no_step_of(kind, &name) {
        return None;
    }
    let bare = document.of_moment(words);
    let bare_name = bare.join(" ");
    let is_first = bare.is_empty() && name == "date" || document.is_first_of(kind, &bare_name);
    let found = if is_first { Some(0) } else { document.step(&bare_name).filter(|_| bare.len() < 3) };
    let is_moment = words.len() > bare.len() || bare.len() == 1;
    found.filter(|_| is_moment).map(|step| (LifecycleField::When(step), "the time of that step, in order"))
}

/// Columns that say whether.
pub(super) fn of_flag(words: &[&str]) -> Option<(LifecycleField, &'static str)> {
    let step = LifecycleWords::get().document.flag(words)?;
    Some((LifecycleField::Whether(step), "true once that step is reached"))
}

/// The name of an amount without words that say nothing.
fn amount(words: &[&str]) -> String {
    let silent = &LifecycleWords::get().silent_amount;
    let bare: Vec<&str> = words.iter().copied().filter(|word| !silent.contains(word)).collect();
    bare.join(" ")
}

/// The amount that a name means.
fn money(amounts: &[(Money, Vec<Pattern>)], name: &str) -> Option<Money> {
    amounts.iter().find(|(_, patterns)| Pattern::any(patterns, name)).map(|(money, _)| *money)
}

/// Columns of a document with numbers.
pub(super) fn of_document(words: &[&str]) -> Option<(LifecycleField, &'static str)> {
    let name = amount(words);
    if Pattern::any(&LifecycleWords::get().document.tax_rate, &name) {
        return Some((LifecycleField::TaxRate, "the tax in percent"));
    }
    let money = money(&LifecycleWords::get().document.amounts, &name)?;
    let about = match money {
        Money::Subtotal => "the sum of its line items",
        Money::Tax => "the tax",
        Money::Shipping => "the shipping cost",
        Money::Discount => "the discount",
        Money::Paid => "the amount paid",
        Money::Balance => "the amount due",
        _ => "the total",
    };
    Some((LifecycleField::Money(money), about))
}

/// Columns of a line with numbers.
pub(super) fn of_line(words: &[&str], scalar: ScalarType) -> Option<(LifecycleField, &'static str)> {
    if !matches!(scalar, ScalarType::Integer | ScalarType::Decimal) {
        return None;
    }
    let name = amount(words);
    let line = &LifecycleWords::get().line;
    if Pattern::any(&line.quantity, &name) {
        return Some((LifecycleField::Quantity, "a quantity"));
    }
    if Pattern::any(&line.percent, &name) {
        return Some((LifecycleField::Percent, "the discount in percent"));
    }
    if Pattern::any(&line.tax_rate, &name) {
        return Some((LifecycleField::TaxRate, "the tax in percent"));
    }
    let money = money(&line.amounts, &name)?;
    let about = match money {
        Money::UnitPrice => "the price of the product",
        Money::Discount => "the discount",
        Money::Tax => "the tax",
        Money::Total => "quantity times price, with tax where there is any",
        _ => "quantity times price",
    };
    Some((LifecycleField::Money(money), about))
}
