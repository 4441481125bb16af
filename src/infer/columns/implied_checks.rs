//! CHECK constraints that need not be held to: the domain's own values meet them.

use rust_decimal::Decimal;

use crate::infer::model::{ColumnModel, Generator, TableCheck};
use crate::infer::references::TargetView;
use crate::sqlexpr;
use crate::sqlexpr::value::Value;
use crate::value::Kind;

/// Whether the domain's own values meet a CHECK constraint of one column that is put as the domain has it.
pub(super) fn is_implied(
    frame: &TargetView<'_>,
    member: usize,
    columns: &[ColumnModel],
    check: &TableCheck,
    now: i64,
) -> bool {
    let [name] = &check.columns[..] else { return false };
    let Some(column) = columns.iter().find(|column| column.column_type.name == *name) else { return false };
    let Generator::Passthrough(position) = column.generator else { return false };
    let holds = frame.infos(member)[position].holds;
    let conjuncts = check.expression.conjuncts().len();
    let facts = sqlexpr::facts(&[&check.expression], name, now);
    if let Some(labels) = &facts.labels {
        let has = |label: &&str| labels.iter().any(|other| other.as_text() == Some(label));
        return conjuncts == 1 && !holds.labels.is_empty() && holds.labels.iter().all(has);
    }
    let Some((least, most)) = holds.range else { return false };
    let unit = |number: i64| match holds.kind {
        Kind::Decimal => Decimal::new(number, 2),
        _ => Decimal::from(number),
    };
    let number = |bound: &sqlexpr::Bound| match bound.value {
        Value::Number(number) => Some((number, bound.inclusive)),
        _ => None,
    };
    let bounds = usize::from(facts.low.is_some()) + usize::from(facts.high.is_some());
    let low = facts.low.as_ref().is_none_or(|bound| {
        number(bound).is_some_and(|(low, inclusive)| low < unit(least) || (inclusive && low == unit(least)))
    });
    let high = facts.high.as_ref().is_none_or(|bound| {
        number(bound).is_some_and(|(high, inclusive)| high > unit(most) || (inclusive && high == unit(most)))
    });
    bounds > 0 && bounds == conjuncts && low && high
}
