//! The base rows that a file asks for: `counts` and `weights`.

use std::collections::BTreeMap;

use super::fields::{fields, members, whole};
use super::json::{Member, Node};
use super::location::{At, Problems};
use super::registry;
use crate::domain::counts::{CountRange, Counts, MOST, MOST_CHILDREN, MOST_PRINCIPALS};

/// Numbers of rows, and the most of each.
pub const SINGLES: [(&str, u64); 4] =
    [("principals", MOST_PRINCIPALS), ("distributors", MOST), ("customers", MOST), ("opportunities", MOST)];
/// Numbers of rows for each parent.
pub const SPREADS: [&str; 2] = ["contacts_per_customer", "products_per_principal"];
/// Columns whose values are weighted.
pub const WEIGHTED: [&str; 3] = ["opportunities.stage", "opportunities.priority", "opportunities.category"];
/// The largest weight: sums of them stay far inside 64 bits.
pub const HEAVIEST: u64 = 1_000_000_000;

/// What a field of `counts` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// A number of rows.
    Rows(u64),
    /// A number for each parent.
    Each(CountRange),
}

/// The fields of `counts` that a file has.
pub type CountsText = BTreeMap<String, At<Count>>;

/// Reads `counts`.
pub fn read_counts(node: &Node, problems: &mut Problems) -> CountsText {
    let known: Vec<&str> = SINGLES.iter().map(|(name, _)| *name).chain(SPREADS).chain(["$comment"]).collect();
    let mut counts = CountsText::new();
    for member in fields(node, "counts", &known, &[], problems) {
        let count = match SINGLES.iter().find(|(name, _)| *name == member.key) {
            Some((name, most)) => whole(&member.value, name, 0, *most, problems).map(Count::Rows),
            None if member.key == "$comment" => None,
            None => spread(member, problems).map(Count::Each),
        };
        if let Some(value) = count {
            counts.insert(member.key.clone(), At { location: member.value.location.clone(), value });
        }
    }
    counts
}

fn spread(member: &Member, problems: &mut Problems) -> Option<CountRange> {
    let (mut min, mut max) = (None, None);
    for end in fields(&member.value, &member.key, &["min", "max"], &["min", "max"], problems) {
        let number = whole(&end.value, &end.key, 1, MOST_CHILDREN, problems);
        *(if end.key == "min" { &mut min } else { &mut max }) = number;
    }
    let spread = CountRange { min: min?, max: max? };
    if spread.min > spread.max {
        let message = format!("{}: min {} is larger than max {}", member.key, spread.min, spread.max);
        problems.add(&member.value.location, message);
        return None;
    }
    Some(spread)
}

/// The counts that a file's fields come to; what they do not say is as in [`Counts::NONE`].
pub fn counts(text: &CountsText, problems: &mut Problems) -> Counts {
    let rows = |name: &str| match text.get(name).map(|count| count.value) {
        Some(Count::Rows(rows)) => rows,
        _ => 0,
    };
    let each = |name: &str, otherwise| match text.get(name).map(|count| count.value) {
        Some(Count::Each(spread)) => spread,
        _ => otherwise,
    };
    let counts = Counts {
        principals: rows("principals"),
        distributors: rows("distributors"),
        customers: rows("customers"),
        opportunities: rows("opportunities"),
        contacts_per_customer: each(SPREADS[0], Counts::NONE.contacts_per_customer),
        products_per_principal: each(SPREADS[1], Counts::NONE.products_per_principal),
    };
    // Each number is in its range already: what is left is how they fit one another.
    if let (Err(error), Some(deals)) = (counts.check(), text.get("opportunities")) {
        problems.add(&deals.location, format!("{error:#}"));
    }
    counts
}

/// The larger of each two counts.
pub fn larger(a: Counts, b: Counts) -> Counts {
    let spread = |a: CountRange, b: CountRange| CountRange { min: a.min.max(b.min), max: a.max.max(b.max) };
    Counts {
        principals: a.principals.max(b.principals),
        distributors: a.distributors.max(b.distributors),
        customers: a.customers.max(b.customers),
        opportunities: a.opportunities.max(b.opportunities),
        contacts_per_customer: spread(a.contacts_per_customer, b.contacts_per_customer),
        products_per_principal: spread(a.products_per_principal, b.products_per_principal),
    }
}

/// The values that a weighted column has.
pub fn weighable(column: &str) -> &'static [&'static str] {
    let (table, column) = column.split_once('.').unwrap_or_default();
    let column = registry::table(table).and_then(|table| table.column(column));
    column.map_or(&[], |column| column.holds.labels)
}

/// Reads `weights`.
pub fn read_weights(node: &Node, problems: &mut Problems) -> BTreeMap<String, BTreeMap<String, u64>> {
    let known: Vec<&str> = WEIGHTED.into_iter().chain(["$comment"]).collect();
    let mut weights = BTreeMap::new();
    for member in fields(node, "weights", &known, &[], problems) {
        if member.key != "$comment" {
            weights.insert(member.key.clone(), column_weights(member, problems));
        }
    }
    weights
}

fn column_weights(member: &Member, problems: &mut Problems) -> BTreeMap<String, u64> {
    let known = weighable(&member.key);
    let column = member.key.rsplit('.').next().unwrap_or_default();
    let mut weights = BTreeMap::new();
    let mut is_sound = true;
    for weight in members(&member.value, &member.key, problems) {
        if !known.contains(&weight.key.as_str()) {
            problems.unknown(&weight.location, column, &weight.key, known);
            is_sound = false;
        }
        match whole(&weight.value, "a weight", 0, HEAVIEST, problems) {
            Some(number) => {
                weights.insert(weight.key.clone(), number);
            }
            None => is_sound = false,
        }
    }
    if is_sound && weights.values().all(|weight| *weight == 0) {
        problems.add(&member.value.location, format!("all weights of {} are 0", member.key));
    }
    weights
}
