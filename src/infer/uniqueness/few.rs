//! Columns of few values: together they count through all combinations.

use crate::domain::counts::CountRange;
use crate::infer::model::{Generator, Rows, TableModel, UniqueBy};
use crate::infer::rows::whole;
use crate::infer::scalar_type::ScalarType;
use crate::infer::uniqueness::part::{KeyPart, MANY, has_parent};

/// Number of values of a column, if there are few.
pub(super) fn few(member: &TableModel, at: usize) -> Option<u64> {
    let column_type = &member.columns[at].column_type;
    match (&member.columns[at].generator, &column_type.labels) {
        (_, Some(labels)) => Some(labels.len() as u64),
        (Generator::Labels(labels), None) => Some(labels.len() as u64),
        (Generator::Pattern(pattern), None) => Some(pattern.count_between(0, column_type.max_length)),
        _ if !column_type.facts.patterns.is_empty() => {
            Some(column_type.facts.patterns[0].count_between(0, column_type.max_length))
        }
        (Generator::Constant(_), _) if column_type.scalar == ScalarType::Bool => Some(2),
        _ if column_type.scalar == ScalarType::Bool => Some(2),
        (Generator::Semantics(_), None) if column_type.period().is_some() => column_type.period(),
        _ if column_type.scalar == ScalarType::Text => {
            column_type.max_length.filter(|most| *most < 8).map(|most| 36_u64.saturating_pow(most as u32))
        }
        _ => {
            if let Some(digits) = column_type.digits.filter(|digits| digits.is_odd()) {
                return Some(digits.count());
            }
            let low = column_type.facts.low.as_ref().and_then(|bound| whole(&bound.value));
            let high = column_type.facts.high.as_ref().and_then(|bound| whole(&bound.value));
            match (low, high) {
                (low, Some(high))
                    if matches!(column_type.scalar, ScalarType::Integer | ScalarType::Decimal) =>
                {
                    Some((high - low.unwrap_or(0).min(high)).saturating_add(1))
                }
                (low, None) if column_type.base == "int2" => {
                    Some((i16::MAX as u64).saturating_sub(low.unwrap_or(0)))
                }
                _ => None,
            }
        }
    }
}

/// Few values in each column: together they count through all combinations. Where there are fewer than rows, there are
/// no more rows than that. `false` where there is no such column, or the rows are those of the domain.
pub(super) fn by_digits(
    members: &mut [TableModel],
    rows: u64,
    member: usize,
    columns: &[usize],
    parts: &[KeyPart],
) -> bool {
    let planned = &members[member];
    let by_child = has_parent(planned, parts);
    let free: Vec<usize> = columns
        .iter()
        .copied()
        .filter(|at| {
            planned.columns[*at].unique.is_none()
                && !planned.columns[*at].column_type.is_list
                && !matches!(planned.columns[*at].generator, Generator::Passthrough(_) | Generator::Exotic)
        })
        .collect();
    let sizes: Vec<u64> = free.iter().map(|at| few(planned, *at).unwrap_or(MANY)).collect();
    let room = sizes.iter().fold(1_u64, |room, size| room.saturating_mul(*size));
    let needed = match planned.rows {
        Rows::Children { spread, .. } if by_child => spread.max,
        _ => rows,
    };
    if free.is_empty() || room == 0 {
        return false;
    }
    if needed > room {
        match &mut members[member].rows {
            Rows::Children { spread, .. } if by_child => {
                *spread = CountRange { min: spread.min.min(room), max: room };
            }
            Rows::Standing(count) => *count = room,
            Rows::Listed(names) => names.truncate(room as usize),
            Rows::Children { .. } => {
                let limit = members[member].limit.unwrap_or(room);
                members[member].limit = Some(limit.min(room));
            }
            _ => return false,
        }
    }
    for (position, at) in free.iter().enumerate() {
        let column = &mut members[member].columns[*at];
        column.unique = Some(UniqueBy::Digit { sizes: sizes.clone(), position, by_child });
        column.null_percent = 0;
        column.about.push_str("; each combination once");
    }
    true
}
