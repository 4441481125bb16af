//! What a column tells of its row, and where a status stands.

use crate::sqlexpr::value::Value;

/// What a column tells of its row's story.
#[derive(Clone, Debug, PartialEq)]
pub enum LifecycleField {
    /// When a step was taken; NULL before.
    When(u8),
    /// Whether it was.
    Whether(u8),
    /// So many days after the first step.
    Due(i64),
    /// The latest change.
    Latest,
    /// How far it came: one of these.
    Status(Vec<(Value, Phase)>),
    /// When an appointment is.
    Begins,
    /// When it ends.
    Ends,
    /// How many minutes it takes.
    Minutes,
    /// When it was done; NULL before.
    Done,
    /// When it was, and if it is to come, when it was made.
    Occurred,
    /// When people are reminded that it begins.
    Reminder,
    /// When they go on after it, where they do.
    FollowUp,
    IsDone,
    Money(Money),
    /// How many of an item.
    Quantity,
    /// What it is sold at less, in percent.
    Percent,
    /// The tax in percent.
    TaxRate,
}

/// Amounts of a line or of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Money {
    UnitPrice,
    /// What is taken off.
    Discount,
    /// Quantity times price, less the discount; of a document the sum of its lines.
    Subtotal,
    /// Tax on it.
    Tax,
    /// What the way costs.
    Shipping,
    /// What is to be paid.
    Total,
    /// What of it was paid.
    Paid,
    /// What is left.
    Balance,
}

/// Where in a story a status stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// This step was taken, the next was not.
    At(u8),
    /// It ended before its time.
    Cancelled,
    /// It is due and not paid.
    Late,
}
