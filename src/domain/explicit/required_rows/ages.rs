//! What rows ask of those that they refer to: to be older, and to be able to pay.

use crate::calendar::DAY;
use crate::domain::explicit::Value;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::{columns, table_called};

/// Columns that tell when something happened.
const EVENTS: [&str; 5] = ["created_at", "updated_at", "deleted_at", "completed_at", "actual_close_date"];
/// Columns that tell what is hoped for, which is no earlier than the day on which it is.
const HOPES: [&str; 2] = ["estimated_close_date", "due_date"];

/// Until when each row was made: before whatever was given to have happened to it or to its children.
pub fn latest(completer: &mut Completer) {
    for draft in 0..completer.drafts.len() {
        let first = first_event(completer, draft);
        let latest = &mut completer.drafts[draft].latest;
        *latest = first.map_or(*latest, |first| first.min(*latest));
    }
    // What is deleted gets no more children. (Parents stand before children.)
    let mut order: Vec<usize> = (0..completer.drafts.len()).collect();
    order.sort_by_key(|draft| completer.drafts[*draft].table);
    for draft in order {
        let ends = parents(completer, draft).into_iter().filter_map(|(table, id)| {
            let parent = completer.of_id(table, id)?;
            let is_known = columns(table).iter().any(|column| column.name == "deleted_at");
            if is_known { completer.number(parent, "deleted_at") } else { None }
        });
        if let Some(end) = ends.min() {
            let latest = &mut completer.drafts[draft].latest;
            *latest = end.min(*latest);
        }
    }
    // Children first, so that a grandchild's time reaches its grandparent.
    let mut order: Vec<usize> = (0..completer.drafts.len()).collect();
    order.sort_by_key(|draft| std::cmp::Reverse(completer.drafts[*draft].table));
    for draft in order {
        let latest = completer.drafts[draft].latest;
        for (table, id) in parents(completer, draft) {
            if let Some(parent) = completer.of_id(table, id) {
                completer.drafts[parent].latest = completer.drafts[parent].latest.min(latest);
            }
        }
    }
    note_revenue(completer);
}

/// The second by which a row was there.
pub fn first_event(completer: &Completer, draft: usize) -> Option<i64> {
    let known = columns(completer.drafts[draft].table);
    let is_known = |name: &&str| known.iter().any(|column| column.name == *name);
    let events =
        EVENTS.into_iter().filter(is_known).filter_map(|event| match completer.value(draft, event)? {
            Value::Timestamp(second) => Some(*second),
            Value::Date(day) => Some(i64::from(*day) * DAY),
            _ => None,
        });
    let hopes = HOPES.into_iter().filter(is_known).filter_map(|hope| match completer.value(draft, hope)? {
        Value::Date(day) => Some(i64::from(*day) * DAY + DAY - 1),
        _ => None,
    });
    events.chain(hopes).min()
}

/// Table and id of all that a row refers to, of a contact its organization too.
fn parents(completer: &Completer, draft: usize) -> Vec<(usize, u64)> {
    let columns = columns(completer.drafts[draft].table).iter();
    let referred = columns.filter_map(|column| {
        Some((table_called(column.holds.refers_to?), completer.reference(draft, column.name)?))
    });
    let employer = completer.drafts[draft].employer.map(|id| (table_called("organizations"), id));
    referred.chain(employer).collect()
}

/// A customer takes at least ten times in a year what its largest deal comes to.
fn note_revenue(completer: &mut Completer) {
    for deal in completer.of_table("opportunities") {
        let amount = completer.number(deal, "amount").unwrap_or(0);
        let customer = completer.reference(deal, "customer_organization_id");
        if let Some(customer) = customer.and_then(|id| completer.of_id(table_called("organizations"), id)) {
            let least = &mut completer.drafts[customer].least_revenue;
            *least = (*least).max(amount.saturating_mul(10));
        }
    }
}
