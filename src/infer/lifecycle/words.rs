//! What the columns and the statuses of documents are called.

use super::part::{LifecycleField, Money, Phase};
use super::timeline::{DUE, PAID};
use crate::infer::kinds::TableKind;
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;

/// Words for the steps of a document, in the order in which they are taken.
const STEPS: [&str; PAID as usize + 1] = [
    "ordered order placed created submitted requested request drafted draft new issued issue quoted open pending \
     queued planned todo",
    "sent emailed mailed send submission",
    "opened viewed seen read clicked view",
    "approved accepted confirmed acknowledged signed approve accept confirmation signature replied won \
     authorized",
    "started waiting escalated assigned processing processed packed picked preparing prepared begun allocated \
     progress backordered",
    "shipped dispatched fulfilled ship dispatch shipping shipment transit",
    "delivered received arrived delivery deliver arrival receipt",
    "completed complete closed resolved solved done finished feedback active evaluated reviewed tasted",
    "invoiced billed unpaid",
    "paid settled cleared payment collected",
];

/// Words for an end before the time.
const DEAD: &str = "cancelled canceled cancel void voided rejected declined refunded expired lost returned failed \
     terminated bounced withdrawn abandoned written";

/// The last step that one of these words names.
fn step(words: &[&str]) -> Option<u8> {
    let named =
        |word: &&str| STEPS.iter().position(|step| step.split_whitespace().any(|known| known == *word));
    words.iter().filter_map(named).max().map(|step| step as u8)
}

/// Where a status stands.
pub(super) fn standing(text: &str) -> Option<Phase> {
    let words = names::words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.iter().any(|word| DEAD.split_whitespace().any(|dead| dead == *word)) {
        return Some(Phase::Cancelled);
    }
    // Nothing is paid in part.
    if words.iter().any(|word| word.starts_with("partial")) {
        return None;
    }
    if words.iter().any(|word| matches!(*word, "overdue" | "late" | "pastdue")) || words == ["past", "due"] {
        return Some(Phase::Late);
    }
    step(&words).map(Phase::At)
}

/// What a status says where any text will do.
pub(super) fn usual(kind: TableKind) -> Vec<String> {
    let texts = match kind {
        TableKind::Orders => "pending confirmed shipped delivered cancelled",
        TableKind::Invoices => "draft sent paid overdue void",
        TableKind::Quotes => "draft sent accepted rejected",
        TableKind::Samples => "requested approved shipped delivered feedback_received",
        TableKind::Contracts => "draft sent signed active terminated",
        TableKind::Cases => "new in_progress resolved closed",
        _ => "",
    };
    texts.split_whitespace().map(str::to_owned).collect()
}

/// Columns that say when.
pub(super) fn of_time(words: &[&str], kind: TableKind) -> Option<(LifecycleField, &'static str)> {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if has(&["updated", "modified", "changed"]) {
        return Some((LifecycleField::Latest, "the time of the last change"));
    }
    if has(&[
        "created", "inserted", "deleted", "archived", "next", "remind", "reminder", "start", "end", "from",
    ]) || words.iter().any(|word| DEAD.split_whitespace().any(|dead| dead == *word))
    {
        return None;
    }
    let is_due = has(&["due", "expected", "estimated", "promised", "required", "requested", "deadline"]);
    if is_due
        && (words.len() > 1 || words == ["due"])
        && !matches!(words, ["requested", "at" | "on" | "date"])
    {
        let days = if kind == TableKind::Invoices || has(&["due"]) { DUE } else { 10 };
        return Some((LifecycleField::Due(days), "the due date"));
    }
    if has(&["valid", "expire", "expiry", "expiration"]) {
        return Some((
            LifecycleField::Due(if kind == TableKind::Contracts { 365 } else { 30 }),
            "the end of its validity",
        ));
    }
    if kind == TableKind::Contracts && has(&["effective", "renewal"]) {
        return None;
    }
    let first = match kind {
        TableKind::Invoices => "invoice",
        TableKind::Quotes => "quote",
        TableKind::Contracts => "contract",
        TableKind::Samples => "sample",
        TableKind::Cases => "opened",
        _ => "order",
    };
    let bare: Vec<&str> =
        words.iter().copied().filter(|word| !matches!(*word, "date" | "at" | "on" | "time")).collect();
    let is_first = bare.is_empty() && words == ["date"] || bare == [first];
    let found = if is_first { Some(0) } else { step(&bare).filter(|_| bare.len() < 3) };
    let is_moment = words.len() > bare.len() || bare.len() == 1;
    found.filter(|_| is_moment).map(|step| (LifecycleField::When(step), "the time of that step, in order"))
}

/// Columns that say whether.
pub(super) fn of_flag(words: &[&str]) -> Option<(LifecycleField, &'static str)> {
    let bare: Vec<&str> =
        words.iter().copied().filter(|word| !matches!(*word, "is" | "was" | "has" | "been")).collect();
    match bare[..] {
        [word] if !matches!(word, "active" | "new" | "open" | "read") => {
            step(&[word]).map(|step| (LifecycleField::Whether(step), "true once that step is reached"))
        }
        _ => None,
    }
}

/// Whether an amount is in cents; the words without that.
fn cents<'a>(words: &[&'a str], family: ScalarType) -> (Vec<&'a str>, bool) {
    let is_cents = words.iter().any(|word| matches!(*word, "cent" | "cents"));
    let bare =
        words.iter().copied().filter(|word| !matches!(*word, "cent" | "cents" | "in" | "usd" | "currency"));
    (bare.collect(), is_cents && family == ScalarType::Integer)
}

/// Columns of a document with numbers.
pub(super) fn of_document(words: &[&str], family: ScalarType) -> Option<(LifecycleField, &'static str)> {
    let (words, in_cents) = cents(words, family);
    let money = match words[..] {
        ["subtotal"] | ["sub", "total"] | ["net", "amount" | "total"] | ["subtotal", "amount"] => {
            Money::Subtotal
        }
        ["tax" | "vat"] | ["tax" | "vat", "amount" | "total"] | ["sale", "tax"] | ["total", "tax"] => {
            Money::Tax
        }
        ["shipping" | "freight"]
        | ["shipping" | "freight", "cost" | "amount" | "total" | "charge" | "fee"]
        | ["delivery", "fee" | "charge"] => Money::Shipping,
        ["discount"] | ["discount", "amount" | "total"] | ["total", "discount"] => Money::Discount,
        ["total" | "amount" | "value"]
        | [
            "grand" | "order" | "invoice" | "quote" | "contract" | "gross" | "total",
            "total" | "amount" | "value" | "price",
        ]
        | ["total", "net" | "gross"] => Money::Total,
        ["paid"] | ["amount", "paid"] | ["paid", "amount"] | ["total", "paid"] => Money::Paid,
        ["balance" | "outstanding"] | ["balance" | "amount", "due"] | ["amount", "outstanding"] => {
            Money::Balance
        }
        _ => return None,
    };
    let about = match money {
        Money::Subtotal => "the sum of its line items",
        Money::Tax => "the tax",
        Money::Shipping => "the shipping cost",
        Money::Discount => "the discount",
        Money::Paid => "the amount paid",
        Money::Balance => "the amount due",
        _ => "the total",
    };
    Some((LifecycleField::Money(money, in_cents), about))
}

/// Columns of a line with numbers.
pub(super) fn of_line(words: &[&str], family: ScalarType) -> Option<(LifecycleField, &'static str)> {
    if !matches!(family, ScalarType::Integer | ScalarType::Decimal) {
        return None;
    }
    let (words, in_cents) = cents(words, family);
    let money = match words[..] {
        ["quantity" | "qty" | "case" | "unit"]
        | ["order" | "ordered" | "case" | "unit", "quantity" | "qty"]
        | ["quantity" | "qty", "ordered" | "case"] => return Some((LifecycleField::Quantity, "a quantity")),
        ["discount", "percent" | "pct" | "percentage"] | ["percent" | "pct", "discount"] => {
            return Some((LifecycleField::Percent, "the discount in percent"));
        }
        ["price"]
        | ["unit" | "case" | "list" | "sale" | "net" | "item", "price"]
        | ["price", "per", "unit" | "case"]
        | ["unit", "amount"] => Money::UnitPrice,
        ["discount"] | ["discount", "amount"] => Money::Discount,
        ["total" | "amount" | "subtotal"]
        | ["sub" | "line" | "total" | "net" | "extended" | "ext" | "row", "total" | "price" | "amount"] => {
            Money::Total
        }
        _ => return None,
    };
    let about = match money {
        Money::UnitPrice => "the price of the product",
        Money::Discount => "the discount",
        _ => "quantity times price",
    };
    Some((LifecycleField::Money(money, in_cents), about))
}
