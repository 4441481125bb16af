//! The host of an organization stands in its website, its e-mail and those of its people: where one of these columns
//! is short, all show the same short form.

use crate::catalog::Column;
use crate::domain::TABLES;
use crate::infer::references::TargetView;

/// The columns of the domain that show the host, and the most characters that stand before it.
const SHOWN: [(&str, &str, usize); 3] = [
    ("organizations", "website", "https://www.".len()),
    ("organizations", "email", "customerservice@".len()),
    ("contacts", "email", 25),
];
/// A host of the domain has no more: a label and the top level.
const LONGEST: usize = 63 + ".example".len();
/// What stands before the host is shortened before the host is, as long as this is left of it.
const READABLE: usize = 24;
/// What it is shortened to.
const BEFORE: usize = 9;
/// Digits by which a web address is told from others.
const NUMBER: usize = 8;

/// Whether a column of a member shows the host of an organization.
pub fn shows(frame: &TargetView<'_>, member: usize, column: &str) -> bool {
    let Some((domain, _)) = frame.chosen[member].domain else { return false };
    let Some(known) = frame.known(member, column) else { return false };
    let (table, name) = (TABLES[domain].info().name, frame.infos(member)[known].name);
    SHOWN.iter().any(|(its, shown, _)| *its == table && *shown == name)
}

/// The most characters of a host that all columns which show it have room for; none where it is whole everywhere.
pub fn room(frame: &TargetView<'_>) -> Option<usize> {
    let rooms = (0..frame.chosen.len()).flat_map(|member| {
        let columns = frame.table(member).columns.iter();
        columns.filter(move |column| shows(frame, member, &column.name)).filter_map(move |column| {
            let most = length(column)?;
            let known = frame.infos(member)[frame.known(member, &column.name)?].name;
            let table = frame.chosen[member].domain.map(|(domain, _)| TABLES[domain].info().name)?;
            let (_, _, before) = SHOWN.iter().find(|(its, shown, _)| *its == table && *shown == known)?;
            Some(left(
                most,
                *before,
                known == "website",
                known == "website" && is_numbered(frame, member, column),
            ))
        })
    });
    rooms.min().filter(|room| *room < LONGEST).map(|room| room.max(".example".len() + 1))
}

/// What a column of so many characters leaves for the host.
fn left(most: usize, before: usize, is_website: bool, is_numbered: bool) -> usize {
    let most = if is_numbered { most.saturating_sub(NUMBER) } else { most };
    // A website does without `www.` and then without `https://`, a mailbox with an initial.
    let shorter: &[usize] = if is_website { &[before, 8, 0] } else { &[before, BEFORE] };
    let mut rooms = shorter.iter().map(|before| most.saturating_sub(*before));
    rooms.clone().find(|room| *room >= READABLE).or_else(|| rooms.next_back()).unwrap_or(most)
}

/// Whether a key may want a number in the column.
fn is_numbered(frame: &TargetView<'_>, member: usize, column: &Column) -> bool {
    let name = Some(column.name.clone());
    frame.table(member).uniques.iter().any(|unique| unique.columns.contains(&name))
}

/// The most characters of a text column that says how many.
fn length(column: &Column) -> Option<usize> {
    let base = column.element.as_deref().unwrap_or(&column.base);
    let is_short = matches!(base, "varchar" | "bpchar") && column.typmod > 4;
    is_short.then(|| usize::try_from(column.typmod - 4).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_host_is_shortened_first() {
        assert_eq!(left(40, 12, true, false), 28);
        assert_eq!(left(34, 12, true, false), 26);
        assert_eq!(left(30, 12, true, false), 30);
        assert_eq!(left(36, 25, false, false), 27);
        assert_eq!(left(20, 16, false, false), 11);
    }
}
