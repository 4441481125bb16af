//! When rows were made and touched.

use crate::calendar::DAY;
use crate::domain::dataset::Moment;
use crate::domain::explicit::Value;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::columns;
use crate::random::Slot;

/// A moment after `after` and before `latest`, at most so many days before that.
pub fn between(after: Option<i64>, latest: i64, days: i64, slot: Slot) -> i64 {
    let earliest = latest - days * DAY;
    let first = after.map_or(earliest, |after| after.max(earliest)).min(latest);
    // The newer half of the time, as recent rows are denser, but not the last second.
    Moment { second: latest - (latest - first) * 3 / 4 }.until(latest, slot).second.max(first)
}

/// `updated_at` and `deleted_at` of any row: an explicit row is touched between its making and the
/// as-of date, or when it was deleted.
pub fn touched(completer: &mut Completer, draft: usize) {
    let now = completer.dataset.now();
    let created = completer.number(draft, "created_at").unwrap_or(now);
    let slot = completer.slot(draft, "updated_at");
    let deleted = columns(completer.drafts[draft].table)
        .iter()
        .any(|column| column.name == "deleted_at")
        .then(|| completer.number(draft, "deleted_at"));
    completer.fill(draft, "updated_at", |_| {
        let second = match deleted.flatten() {
            Some(deleted) => deleted,
            None if created < now => Moment { second: created }.touched(now, slot).second,
            None => created,
        };
        Value::Timestamp(second)
    });
    if deleted.is_some() {
        completer.fill(draft, "deleted_at", |_| Value::Null);
    }
}
