//! Rows of a list, as often as was asked for by their names.

use crate::infer::column_type::text;
use crate::infer::labels::{self, How};
use crate::infer::model::{Reference, Rows};
use crate::infer::overrides::RowNames;
use crate::infer::references::TargetView;
use crate::suggestion::{quoted, suggestion};

/// What was asked of the rows of a list, by the column of a reference to it.
pub fn asked<'a>(frame: &TargetView<'a>, member: usize, reference: &Reference) -> Option<&'a RowNames> {
    let [(own, _)] = &reference.columns[..] else { return None };
    let table = frame.table(member);
    frame.overrides.column(&table.schema, &table.name, own)?.rows.as_ref()
}

/// The rows of a list that bear the names, and their weights.
///
/// # Errors
/// No row bears one; or what is referred to is no list.
pub fn rows(
    frame: &TargetView<'_>,
    to: usize,
    rows: &Rows,
    asked: &RowNames,
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
    let wanted: Vec<(&String, u64)> = match asked {
        RowNames::Weighted(weights) => weights.iter().map(|(name, weight)| (name, *weight)).collect(),
        RowNames::Named(names) => names.iter().map(|name| (name, 1)).collect(),
    };
    wanted
        .into_iter()
        .map(|(name, weight)| {
            let at = find(name).ok_or_else(|| {
                let known: Vec<&str> = names.iter().filter_map(|row| longest(row)).collect();
                let to = frame.table(to).qualified();
                format!("no row of {to} is called {}; {}", quoted(name), suggestion(name, &known))
            })?;
            Ok((at as u64, weight))
        })
        .collect()
}

/// What a row is called: its longest text.
fn longest(row: &[String]) -> Option<&str> {
    let is_word = |text: &&String| text.chars().any(char::is_alphabetic);
    row.iter().filter(is_word).max_by_key(|text| text.len()).map(String::as_str)
}
