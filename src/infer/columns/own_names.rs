//! What rows are called: of a list by the names of its rows, of a table of few rows by names that differ, of people as
//! people are.

use super::{Decided, Decision};
use crate::catalog::Column;
use crate::infer::geography::KnownList;
use crate::infer::kinds::TableKind;
use crate::infer::model::{Generator, Rows};
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::{self, Semantics};
use crate::infer::stages;
use crate::sqlexpr::value::Value;

/// The most rows of a list of which one is the default.
const MOST_LISTED: u64 = 100;

impl Decision<'_> {
    /// It says what a row of a lookup table is called, and has room for it.
    pub(super) fn is_name(&self, is_key: bool) -> bool {
        is_name(&self.column.name, Some(&self.frame.chosen[self.member].name).filter(|_| !is_key))
            && self.column_type.facts.patterns.is_empty()
            && match self.rows {
                Rows::Listed(names) => {
                    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
                    self.column_type.max_length.is_none_or(|most| most >= longest)
                }
                _ => false,
            }
    }

    /// Of a table of few rows, the name that each has: no two have the same.
    pub(super) fn each_its_own(&self, meaning: Semantics) -> Option<Decided> {
        let chosen = &self.frame.chosen[self.member];
        let Rows::Standing(rows) = *self.rows else { return None };
        if chosen.domain.is_some() || self.column_type.scalar != ScalarType::Text || self.column_type.is_list
        {
            return None;
        }
        let is_own = is_name(&self.column.name, Some(&chosen.name));
        let thing = semantics::thing(&self.column.name, &chosen.name);
        let all = meaning.all(chosen.kind, &thing).filter(|all| is_own && rows <= all.len() as u64)?;
        let values = all.into_iter().map(|text| self.column_type.fit(text.into())).collect();
        Some(Decided::Generated(Generator::InTurn(values), 0, meaning.about().to_owned()))
    }

    /// What is known of each row of a list, as of the stages of deals and of countries.
    pub(super) fn known_of_list(&self) -> Option<Decided> {
        let Rows::Listed(names) = self.rows else { return None };
        let column_type = &self.column_type;
        let list = KnownList::of(&self.frame.chosen[self.member].name);
        let texts =
            |values: &[Value]| values.iter().map(|value| value.as_text().map(str::to_owned)).collect();
        let labels: Option<Vec<String>> = match (&column_type.labels, &column_type.facts.labels) {
            (Some(labels), _) => Some(labels.clone()),
            (None, Some(values)) => texts(values),
            _ => None,
        };
        let says = |name: &String| {
            stages::of_stage(name, &column_type.words, column_type.scalar)
                .or_else(|| list?.says(name, &column_type.words, column_type.scalar))
                .or_else(|| stages::label_of(name, labels.as_deref()?).map(Value::from))
        };
        let values: Option<Vec<Value>> = names.iter().map(says).collect();
        let values: Vec<Value> = values?.into_iter().map(|value| column_type.fit(value)).collect();
        let are_fit =
            !column_type.is_list && values.iter().all(|value| !value.is_null() && self.passes(value));
        are_fit.then(|| Decided::Generated(Generator::InTurn(values), 0, "what is known of the row".into()))
    }

    /// Of a list of few rows the first is the one that is taken where nothing is said.
    pub(super) fn one_default(&self) -> Option<Decided> {
        let chosen = &self.frame.chosen[self.member];
        let rows = match self.rows {
            Rows::Listed(names) => names.len() as u64,
            Rows::Standing(rows) => *rows,
            _ => return None,
        };
        let is_flag = self.column_type.scalar == ScalarType::Bool && !self.column_type.is_list;
        let is_default = self.column_type.words.last().is_some_and(|last| last == "default");
        // Where a key says that one is, the key decides.
        let is_free = chosen.domain.is_none() && !self.is_in_key() && !self.is_in_key_with_null();
        if !is_free || !is_flag || !is_default || !(1..=MOST_LISTED).contains(&rows) {
            return None;
        }
        let values = (0..rows).map(|row| Value::Bool(row == 0)).collect();
        Some(Decided::Generated(Generator::InTurn(values), 0, "true for the first".into()))
    }

    /// Whether a name is called after its own table: `campaign_name` of a campaign.
    pub(super) fn is_after_table(&self) -> bool {
        let words = names::words(&self.column.name);
        let Some((last, stem)) = words.split_last() else { return false };
        let table = names::words(&self.frame.chosen[self.member].name);
        last == "name" && !stem.is_empty() && names::singular_phrase(stem) == names::singular_phrase(&table)
    }

    /// Whether a name stands beside a mailbox of its own, and so is a person's.
    pub(super) fn is_beside_mailbox(&self) -> bool {
        let words = names::words(&self.column.name);
        let Some((last, stem)) = words.split_last() else { return false };
        let is_mailbox = |column: &Column| {
            let words = names::words(&column.name);
            let rest = words.strip_prefix(stem).unwrap_or_default().join(" ");
            matches!(rest.as_str(), "email" | "email address" | "mail" | "mailbox" | "e mail")
        };
        let chosen = &self.frame.chosen[self.member];
        last == "name"
            && (!stem.is_empty() || (chosen.kind == TableKind::Other && semantics::are_people(&chosen.name)))
            && self.table().columns.iter().any(is_mailbox)
    }
}

/// Columns that say what a row of a lookup table is called, but for those that name another thing than its rows.
fn is_name(column: &str, table: Option<&String>) -> bool {
    let names = ["name", "label", "title", "code", "slug", "key", "value", "tag"];
    let words = names::words(column);
    let Some((last, of)) = words.split_last() else { return false };
    // `contact_name` of a warehouse is another's.
    let is_own = |table: &String| {
        let table: Vec<String> = names::words(table).iter().map(|word| names::singular(word)).collect();
        of.iter().all(|word| OF_ROW.contains(&word.as_str()) || table.contains(&names::singular(word)))
    };
    names.contains(&last.as_str()) && table.is_none_or(is_own)
}

/// Words of a row's own names, for whom or in which form they are.
const OF_ROW: [&str; 12] = [
    "display", "short", "full", "public", "internal", "system", "machine", "local", "long", "native",
    "unique", "english",
];
