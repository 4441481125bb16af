//! What a run locks before it looks at rows: what it finds then holds until it is done.

use crate::catalog::table_locks::{self, Lock, Mode};
use crate::catalog::{ForeignKey, Schema, Table};
use crate::plan::Plan;
use crate::run::seed::request::Existing;

/// The locks of a run that does so with what is there, and has `explicit` rows or none.
pub fn of_run(plan: &Plan, schema: &Schema, existing: Existing, explicit: bool) -> Vec<Lock> {
    let planned = plan.oids();
    let mut locks: Vec<Lock> = match existing {
        Existing::Clean { .. } => {
            let emptied = plan.emptied_oids();
            let added_to: Vec<u32> = planned.iter().copied().filter(|oid| !emptied.contains(oid)).collect();
            let reached = schema.reached_by_truncate(&emptied).into_iter().map(|(oid, _)| oid);
            let emptied = emptied.iter().copied().chain(reached);
            let emptied = emptied.filter_map(|oid| against_all(oid, schema));
            emptied.chain(against_writers(&added_to, schema, explicit)).collect()
        }
        // Explicit rows may take the place of earlier ones, which must have none but their own that refer to them.
        _ => against_writers(&planned, schema, explicit),
    };
    locks.extend(table_locks::views(schema, &planned));
    locks
}

/// The lock of a table that is emptied. A partition, or a table of an extension, may be reached by a foreign key of its
/// own: only that tells of it.
fn against_all(oid: u32, schema: &Schema) -> Option<Lock> {
    let of_key = || schema.foreign_keys.iter().find(|key| key.from == oid);
    match schema.table(oid) {
        Some(table) => Some(Lock::of(table, Mode::AccessExclusive)),
        None => Lock::of_referring(of_key()?, Mode::AccessExclusive),
    }
}

/// Locks that keep others from writing to tables (oids) and, where it is `with_referring`, to those that refer to
/// them: a row that is looked for there cannot come after the look.
pub fn against_writers(tables: &[u32], schema: &Schema, with_referring: bool) -> Vec<Lock> {
    let refers = |oid: u32| schema.foreign_keys.iter().any(|key| key.from == oid && tables.contains(&key.to));
    let all = schema.tables.iter().filter(|table| table.is_fillable() && may_lock(table));
    let concerned = all.filter(|table| tables.contains(&table.oid) || with_referring && refers(table.oid));
    let mut locks: Vec<Lock> = concerned.map(|table| Lock::of(table, Mode::ShareRowExclusive)).collect();
    if with_referring {
        let of_none = |key: &&ForeignKey| tables.contains(&key.to) && schema.table(key.from).is_none();
        let keys = schema.foreign_keys.iter().filter(of_none);
        locks.extend(keys.filter_map(|key| Lock::of_referring(key, Mode::ShareRowExclusive)));
    }
    locks
}

/// Whether a role may keep others from writing. One that may only insert may not, and cannot delete a row either.
pub const fn may_lock(table: &Table) -> bool {
    table.owned || table.may_delete || table.may_truncate
}
