//! References: set, and looked at from the other end.

use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::value::Value;

/// Sets `column` of `draft` to the row `id`, unless it is given.
pub fn refer(completer: &mut Completer, draft: usize, column: &str, id: u64) {
    completer.fill(draft, column, |_| Value::Int(id as i64));
}

/// The given participants of a deal (by its id) in a role.
pub fn participants_as(completer: &Completer, deal: u64, role: &str) -> Vec<usize> {
    let mut rows = completer.referring("opportunity_participants", "opportunity_id", deal);
    rows.retain(|row| completer.text(*row, "role") == Some(role));
    rows
}

/// The links of a contact, of which the first is to its own organization.
pub fn own_links(completer: &Completer, contact: u64) -> Vec<usize> {
    let mut links = completer.referring("contact_organizations", "contact_id", contact);
    // Those that are not primary on purpose come last.
    links.sort_by_key(|row| match completer.value(*row, "is_primary") {
        Some(value) if value.is_true() => 0,
        None => 1,
        Some(_) => 2,
    });
    if links.first().is_some_and(|row| completer.value(*row, "is_primary").is_some_and(|v| !v.is_true())) {
        return Vec::new();
    }
    links
}
