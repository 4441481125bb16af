//! What rows ask of those that they refer to: to be older, and to be able to pay.

use crate::calendar::DAY;
use crate::domain::explicit::Value;
use crate::domain::explicit::cast::Cast;
use crate::domain::explicit::facts::{columns, table_called};

/// Columns that tell when something happened.
const EVENTS: [&str; 5] = ["created_at", "updated_at", "deleted_at", "completed_at", "actual_close_date"];
/// Columns that tell what is hoped for, which is no earlier than the day on which it is.
const HOPES: [&str; 2] = ["estimated_close_date", "due_date"];

/// Until when each row was made: before whatever was given to have happened to it or to its children.
pub fn latest(cast: &mut Cast) {
    for draft in 0..cast.drafts.len() {
        let first = first_event(cast, draft);
        let latest = &mut cast.drafts[draft].latest;
        *latest = first.map_or(*latest, |first| first.min(*latest));
    }
    // What is deleted gets no more children. (Parents stand before children.)
    let mut order: Vec<usize> = (0..cast.drafts.len()).collect();
    order.sort_by_key(|draft| cast.drafts[*draft].table);
    for draft in order {
        let ends = parents(cast, draft).into_iter().filter_map(|(table, id)| {
            let parent = cast.of_id(table, id)?;
            let is_known = columns(table).iter().any(|column| column.name == "deleted_at");
            if is_known { cast.number(parent, "deleted_at") } else { None }
        });
        if let Some(end) = ends.min() {
            let latest = &mut cast.drafts[draft].latest;
            *latest = end.min(*latest);
        }
    }
    // Children first, so that a grandchild's time reaches its grandparent.
    let mut order: Vec<usize> = (0..cast.drafts.len()).collect();
    order.sort_by_key(|draft| std::cmp::Reverse(cast.drafts[*draft].table));
    for draft in order {
        let latest = cast.drafts[draft].latest;
        for (table, id) in parents(cast, draft) {
            if let Some(parent) = cast.of_id(table, id) {
                cast.drafts[parent].latest = cast.drafts[parent].latest.min(latest);
            }
        }
    }
    note_revenue(cast);
}

/// The second by which a row was there.
pub fn first_event(cast: &Cast, draft: usize) -> Option<i64> {
    let known = columns(cast.drafts[draft].table);
    let is_known = |name: &&str| known.iter().any(|column| column.name == *name);
    let events = EVENTS.into_iter().filter(is_known).filter_map(|event| match cast.value(draft, event)? {
        Value::Timestamp(second) => Some(*second),
        Value::Date(day) => Some(i64::from(*day) * DAY),
        _ => None,
    });
    let hopes = HOPES.into_iter().filter(is_known).filter_map(|hope| match cast.value(draft, hope)? {
        Value::Date(day) => Some(i64::from(*day) * DAY + DAY - 1),
        _ => None,
    });
    events.chain(hopes).min()
}

/// Table and id of all that a row refers to, of a contact its organization too.
fn parents(cast: &Cast, draft: usize) -> Vec<(usize, u64)> {
    let columns = columns(cast.drafts[draft].table).iter();
    let referred = columns.filter_map(|column| {
        Some((table_called(column.holds.refers_to?), cast.reference(draft, column.name)?))
    });
    let employer = cast.drafts[draft].employer.map(|id| (table_called("organizations"), id));
    referred.chain(employer).collect()
}

/// A customer takes at least ten times in a year what its largest deal comes to.
fn note_revenue(cast: &mut Cast) {
    for deal in cast.of_table("opportunities") {
        let amount = cast.number(deal, "amount").unwrap_or(0);
        let customer = cast.reference(deal, "customer_organization_id");
        if let Some(customer) = customer.and_then(|id| cast.of_id(table_called("organizations"), id)) {
            let least = &mut cast.drafts[customer].least_revenue;
            *least = (*least).max(amount.saturating_mul(10));
        }
    }
}
