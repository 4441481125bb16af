//! What a run locks before it looks at rows: what it finds then holds until it is done.

use crate::catalog::table_locks::{self, Lock, Mode};
use crate::catalog::{Schema, Table};
use crate::plan::Plan;
use crate::run::seed::request::Existing;

/// The locks of a run that does so with what is there, and has `explicit` rows or none.
pub fn of_run(plan: &Plan, schema: &Schema, existing: Existing, explicit: bool) -> Vec<Lock> {
    let planned = plan.oids();
    let mut locks: Vec<Lock> = match existing {
        Existing::Clean { .. } => {
            let reached = schema.reached_by_truncate(&planned).into_iter().map(|(oid, _)| oid);
            let all = planned.iter().copied().chain(reached).filter_map(|oid| schema.table(oid));
            all.map(|table| Lock::of(table, Mode::AccessExclusive)).collect()
        }
        // Explicit rows may take the place of earlier ones, which must have none but their own that refer to them.
        _ => against_writers(&planned, schema, explicit),
    };
    locks.extend(table_locks::views(schema, &planned));
    locks
}

/// Locks that keep others from writing to tables (oids) and, where it is `with_referring`, to those that refer to
/// them: a row that is looked for there cannot come after the look.
pub fn against_writers(tables: &[u32], schema: &Schema, with_referring: bool) -> Vec<Lock> {
    let refers = |oid: u32| schema.foreign_keys.iter().any(|key| key.from == oid && tables.contains(&key.to));
    let all = schema.tables.iter().filter(|table| table.is_fillable() && may_lock(table));
    let concerned = all.filter(|table| tables.contains(&table.oid) || with_referring && refers(table.oid));
    concerned.map(|table| Lock::of(table, Mode::ShareRowExclusive)).collect()
}

/// Whether a role may keep others from writing. One that may only insert may not, and cannot delete a row either.
pub const fn may_lock(table: &Table) -> bool {
    table.owned || table.may_delete || table.may_truncate
}
