//! The base rows that a file asks for: `counts` and `weights`.

use std::collections::BTreeMap;

use super::fields::{fields, members, whole};
use super::json::{Member, Node};
use super::location::{At, Problems};
use super::wishes::{self, LabelWeight, MOST_ROWS, Meant, SINGLES, WEIGHTED, Wish, weighable};
use crate::domain::counts::{CountRange, Counts, MOST_CHILDREN, Weights};
use crate::suggestion::quoted;

/// Numbers of rows for each parent.
pub const SPREADS: [&str; 2] = ["contacts_per_customer", "products_per_principal"];
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
    let mut counts = CountsText::new();
    for member in members(node, "counts", problems) {
        let name = member.key.as_str();
        let count = match SINGLES.iter().find(|(single, _)| *single == name) {
            Some((name, most)) => whole(&member.value, name, 0, *most, problems).map(Count::Rows),
            None if name == "$comment" => None,
            None if SPREADS.contains(&name) => spread(member, problems).map(Count::Each),
            None => of_table(member, problems).map(Count::Rows),
        };
        if let Some(value) = count {
            counts.insert(member.key.clone(), At { location: member.value.location.clone(), value });
        }
    }
    counts
}

/// The number of rows of a table, which may be the target's.
fn of_table(member: &Member, problems: &mut Problems) -> Option<u64> {
    let name = member.key.as_str();
    let rows = whole(&member.value, name, 0, MOST_ROWS, problems)?;
    if name.trim().is_empty() || name.contains('\0') {
        problems.add(&member.location, format!("counts: invalid name of a table {}", quoted(name)));
        return None;
    }
    // What follows from the counts is told where all of them are known.
    if let Some(known) = wishes::near(name).filter(|known| *known != name) {
        problems.unknown(&member.location, "table or field of counts", name, &[known]);
        return None;
    }
    Some(rows)
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
        ..Counts::NONE
    };
    let counts = with_tables(counts, text, problems);
    // Each number is in its range already: what is left is how they fit one another.
    let told = ["contacts", "products", "opportunities"].iter().find_map(|name| text.get(*name));
    if let (Err(error), Some(told)) = (counts.check(), told) {
        problems.add(&told.location, format!("{error:#}"));
    }
    counts
}

/// The same with the numbers of rows of the domain's tables.
fn with_tables(mut counts: Counts, text: &CountsText, problems: &mut Problems) -> Counts {
    for (name, count) in text {
        let Count::Rows(rows) = count.value else { continue };
        if let Meant::Follows(why) = wishes::set_rows(&mut counts, name, rows) {
            problems.add(&count.location, format!("{name}: {why}"));
        }
    }
    counts
}

/// The numbers of rows that a file gives by table.
pub fn wished_rows(text: &CountsText) -> Vec<Wish<u64>> {
    let is_table = |name: &str| SINGLES.iter().all(|(single, _)| *single != name);
    let tables = text.iter().filter(|(name, _)| is_table(name));
    tables
        .filter_map(|(name, At { location, value })| match value {
            Count::Rows(rows) => {
                Some(Wish { location: format!("{location}:"), name: name.clone(), value: *rows })
            }
            Count::Each(_) => None,
        })
        .collect()
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
        contacts: a.contacts.max(b.contacts),
        products: a.products.max(b.products),
    }
}

/// The weights of a file: of the domain's columns, and of those that only a database knows.
#[derive(Clone, Debug, Default)]
pub struct WeightsText {
    /// By column and label.
    pub of_domain: Weights,
    pub of_others: Vec<Wish<Vec<LabelWeight>>>,
}

impl WeightsText {
    /// Lays others over these.
    pub fn lay_over(&mut self, other: Self) {
        self.of_domain.extend(other.of_domain);
        self.of_others.extend(other.of_others);
    }
}

/// Reads `weights`.
pub fn read_weights(node: &Node, problems: &mut Problems) -> WeightsText {
    let mut weights = WeightsText::default();
    for member in members(node, "weights", problems) {
        let name = member.key.as_str();
        if name == "$comment" {
            continue;
        }
        if WEIGHTED.contains(&name) {
            weights.of_domain.insert(name.to_owned(), column_weights(member, problems));
            continue;
        }
        let is_near = |known: &&&str| strsim::damerau_levenshtein(name, known) <= 2;
        if let Some(known) = WEIGHTED.iter().find(is_near) {
            problems.unknown(&member.location, "field of weights", name, &[known]);
        } else if !name.contains('.') || name.contains('\0') {
            let message = format!("weights: {} is no column: write table.column", quoted(name));
            problems.add(&member.location, message);
        } else if let Some(value) = label_weights(member, problems) {
            let location = format!("{}:", member.location);
            weights.of_others.push(Wish { location, name: name.to_owned(), value });
        }
    }
    weights
}

/// The weights of a column of which no label is known.
fn label_weights(member: &Member, problems: &mut Problems) -> Option<Vec<LabelWeight>> {
    let mut weights = Vec::new();
    for label in members(&member.value, &member.key, problems) {
        let weight = whole(&label.value, "a weight", 0, HEAVIEST, problems)?;
        weights.push(LabelWeight {
            location: format!("{}:", label.location),
            label: label.key.clone(),
            weight,
        });
    }
    if weights.iter().all(|weight| weight.weight == 0) {
        problems.add(&member.value.location, format!("all weights of {} are 0", member.key));
        return None;
    }
    Some(weights)
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
