//! Rows of a list, as often as was asked for by their names.

use std::collections::BTreeMap;

use crate::infer::column_type::text;
use crate::infer::labels::{self, How};
use crate::infer::model::{Reference, Rows};
use crate::infer::references::TargetView;
use crate::suggestion::{quoted, suggestion};

/// The weights that were asked for of the column of a reference.
pub fn weights<'a>(
    frame: &TargetView<'a>,
    member: usize,
    reference: &Reference,
) -> Option<&'a BTreeMap<String, u64>> {
    let [(own, _)] = &reference.columns[..] else { return None };
    let table = frame.table(member);
    frame.overrides.column(&table.schema, &table.name, own)?.weights.as_ref()
}

/// The rows of a list that bear these names, and their weights.
///
/// # Errors
/// No row bears one; or what is referred to is no list.
pub fn rows(
    frame: &TargetView<'_>,
    to: usize,
    rows: &Rows,
    weights: &BTreeMap<String, u64>,
) -> Result<Vec<(u64, u64)>, String> {
    let names: Vec<Vec<String>> = match rows {
        Rows::Listed(names) => names.iter().map(|name| vec![name.clone()]).collect(),
        Rows::Existing { rows, .. } => rows.iter().map(|row| row.iter().map(text).collect()).collect(),
        _ => {
            let to = frame.table(to).qualified();
            return Err(format!("it refers to {to}, whose rows have no names that are known beforehand"));
        }
    };
    let find = |wanted: &String| {
        let is_called = |name: &String| {
            let of = std::slice::from_ref(name);
            labels::nearest(wanted, of, None).is_some_and(|found| found.how <= How::Spelling)
        };
        let same = names.iter().position(|row| row.contains(wanted));
        same.or_else(|| names.iter().position(|row| row.iter().any(is_called)))
    };
    weights
        .iter()
        .map(|(name, weight)| {
            let at = find(name).ok_or_else(|| {
                let known: Vec<&str> = names.iter().filter_map(|row| longest(row)).collect();
                let to = frame.table(to).qualified();
                format!("no row of {to} is called {}; {}", quoted(name), suggestion(name, &known))
            })?;
            Ok((at as u64, *weight))
        })
        .collect()
}

/// What a row is called: its longest text.
fn longest(row: &[String]) -> Option<&str> {
    let is_word = |text: &&String| text.chars().any(char::is_alphabetic);
    row.iter().filter(is_word).max_by_key(|text| text.len()).map(String::as_str)
}
