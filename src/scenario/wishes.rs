//! Numbers of rows and weights that are asked for by the names of tables: those of the domain, or the target's own,
//! which only a database knows.

use super::registry;
use crate::domain::counts::{Counts, MOST, MOST_PRINCIPALS, Weights};
use crate::error::Error;
use crate::note::{Note, NoteKind};
use crate::suggestion::{quoted, suggestion};

/// Numbers of rows, and the most of each.
pub const SINGLES: [(&str, u64); 4] =
    [("principals", MOST_PRINCIPALS), ("distributors", MOST), ("customers", MOST), ("opportunities", MOST)];
/// Columns whose values are weighted.
pub const WEIGHTED: [&str; 3] = ["opportunities.stage", "opportunities.priority", "opportunities.category"];
/// The most rows that a table gets which the domain does not count.
pub const MOST_ROWS: u64 = 100_000_000;

/// What is asked for, the later before the earlier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Numbers of rows, by table.
    pub rows: Vec<Wish<u64>>,
    /// Weights of labels, by column: `deals.stage`.
    pub weights: Vec<Wish<Vec<LabelWeight>>>,
}

/// Something that is asked of a table or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish<T> {
    /// Where it is said, for messages: `--rows`, or `x.json:3:5`.
    pub location: String,
    /// The table or column, as it was written.
    pub name: String,
    pub value: T,
}

/// A label and its weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelWeight {
    /// Where it is said.
    pub location: String,
    pub label: String,
    pub weight: u64,
}

/// What the domain makes of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// It was taken.
    Taken,
    /// The rows follow from others: what to say instead.
    Follows(String),
    /// The domain has no such table.
    Unknown,
}

impl Wishes {
    /// Whether nothing is asked for.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.weights.is_empty()
    }

    /// Takes what the domain knows by itself into counts and weights.
    ///
    /// # Errors
    /// A table whose rows follow from others, a label that the domain lacks: where, and what to say instead. A name that
    /// is nearly one of the domain's is an error only where there is no target (`is_alone`) that could have it.
    pub fn apply(&self, counts: &mut Counts, weights: &mut Weights, is_alone: bool) -> Result<(), Error> {
        let mut faults = Vec::new();
        for Wish { location, name, value } in &self.rows {
            match set_rows(counts, name, *value) {
                Meant::Follows(why) if is_alone => faults.push(format!("{location} {name}: {why}")),
                Meant::Unknown if is_alone && near(name).is_some() => {
                    let known = near(name).unwrap_or_default();
                    faults.push(format!("{location} {name}: no such table; {}", suggestion(name, &[known])));
                }
                _ => {}
            }
        }
        for wish in self.weights.iter().filter(|wish| WEIGHTED.contains(&wish.name.as_str())) {
            let known = weighable(&wish.name);
            match wish.value.iter().find(|weight| !known.contains(&weight.label.as_str())) {
                None => {
                    let of = wish.value.iter().map(|weight| (weight.label.clone(), weight.weight));
                    weights.insert(wish.name.clone(), of.collect());
                }
                Some(LabelWeight { location, label, .. }) if is_alone => {
                    let what = format!("no label {}; {}", quoted(label), suggestion(label, known));
                    faults.push(format!("{location} {}: {what}", wish.name));
                }
                Some(_) => {}
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::usage(faults.join("\n"))) }
    }

    /// What is told where there is no database that could have the tables.
    pub fn notes(&self) -> Vec<Note> {
        let rows =
            self.rows.iter().filter(|wish| !is_counted(&wish.name) && registry::table(&wish.name).is_none());
        let rows = rows.map(|wish| (&wish.name, "the number of rows"));
        let weights = self.weights.iter().filter(|wish| !WEIGHTED.contains(&wish.name.as_str()));
        let weights = weights.map(|wish| (&wish.name, "the weights"));
        let note = |(name, what): (&String, &str)| {
            let text =
                format!("{what} of {name} can only be held against a database, and stay unused without one");
            Note::new(NoteKind::NeedsDatabase, text).about(name)
        };
        rows.chain(weights).map(note).collect()
    }
}

/// The values that a weighted column has.
pub fn weighable(column: &str) -> &'static [&'static str] {
    let (table, column) = column.split_once('.').unwrap_or_default();
    let column = registry::table(table).and_then(|table| table.column(column));
    column.map_or(&[], |column| column.holds.labels)
}

/// Whether the domain counts rows of this name.
pub fn is_counted(name: &str) -> bool {
    SINGLES.iter().any(|(single, _)| *single == name) || ["contacts", "products"].contains(&name)
}

/// A name of the domain that is nearly `name`, and was meant: an app's table may well be called like one of ours in the
/// singular or in other case, but hardly like a slip of the finger.
pub fn near(name: &str) -> Option<&'static str> {
    let tables = registry::tables().iter().map(|table| table.info.name);
    let known = SINGLES.iter().map(|(name, _)| *name).chain(tables);
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let is_form = |known: &str| {
        known.strip_suffix('s') == Some(name)
            || known.strip_suffix("ies").map(|stem| format!("{stem}y")).as_deref() == Some(name)
    };
    let is_near = |known: &&str| distance(known) <= 2 && !is_form(known);
    let is_plain = !name.contains(|c: char| c == '.' || c.is_uppercase());
    known.filter(|_| is_plain).filter(is_near).min_by_key(|known| distance(known))
}

/// Makes counts such that `name`, a table or a kind of row of the domain, has so many rows.
pub fn set_rows(counts: &mut Counts, name: &str, rows: u64) -> Meant {
    match name {
        "principals" => counts.principals = rows,
        "distributors" => counts.distributors = rows,
        "customers" => counts.customers = rows,
        "opportunities" => counts.opportunities = rows,
        "contacts" => counts.contacts = Some(rows),
        "products" => counts.products = Some(rows),
        _ => return follows(counts, name, rows).map_or(Meant::Unknown, Meant::Follows),
    }
    Meant::Taken
}

/// Why rows of a table of the domain cannot be counted by themselves, and what to say instead.
fn follows(counts: &Counts, name: &str, rows: u64) -> Option<String> {
    let (from, how) = match name {
        "organizations" => {
            let others = counts.principals + counts.distributors;
            let instead = rows.checked_sub(others).filter(|customers| (1..=MOST).contains(customers));
            let instead =
                instead.map_or_else(String::new, |customers| format!(", here customers={customers}"));
            return Some(format!(
                "organizations are principals, distributors and customers, each with a number of its own: set those{instead}"
            ));
        }
        "contact_organizations" => ("contacts", "one or two for each"),
        "product_inventory" => ("products", "one for each"),
        "opportunity_participants" => ("opportunities", "three for each"),
        "tasks" => ("opportunities", "none to three for each"),
        "opportunity_contacts" | "opportunity_products" => ("opportunities", "some for each"),
        _ => return None,
    };
    Some(format!("rows of {name} follow from {from}, {how}: set the number of {from} instead"))
}
