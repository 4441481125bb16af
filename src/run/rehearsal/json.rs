//! What statements did, and what a rehearsal has shown, for programs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::migrate::{Lock, Named, Observed};
use crate::run::rehearsal::estimate::Estimate;
use crate::run::rehearsal::report::{Again, FileReport, Rehearsal, Rollback, Seeding, StatementReport};

/// A rehearsal as one object.
pub fn json(rehearsal: &Rehearsal) -> Value {
    let (rows, unseeded) = match &rehearsal.seeding {
        Seeding::Seeded { rows } => (Some(*rows), None),
        Seeding::NoTables => (None, Some("there are no tables")),
        Seeding::Unseeded(why) => (None, Some(why.as_str())),
    };
    json!({
        "place": rehearsal.place,
        "migrations_before": rehearsal.base,
        "seeded_rows": rows,
        "unseeded_because": unseeded,
        "roles_left": rehearsal.roles_left,
        "max_lock_seconds": rehearsal.max_lock.as_secs_f64(),
        "passed": rehearsal.faults() == 0,
        "files": rehearsal.files.iter().map(|file| of_file(file, rehearsal)).collect::<Vec<_>>(),
    })
}

fn of_file(file: &FileReport, rehearsal: &Rehearsal) -> Value {
    let statement = |(at, statement): (usize, &StatementReport)| {
        let estimated = match statement.estimate {
            Estimate::Time { time, .. } => Some(ms(time)),
            Estimate::None | Estimate::Unknown { .. } => None,
        };
        of_statement(&statement.observed, estimated, |lock| match file.held(at, lock) {
            (held, true) => Some(ms(held)),
            (_, false) => None,
        })
    };
    let faults = file.faults(rehearsal.max_lock);
    let (rollback, why) = match &file.rollback {
        Rollback::NotTried => ("not_tried", None),
        Rollback::Missing => ("missing", None),
        Rollback::NoneHere => ("none", None),
        Rollback::Failed(why) => ("failed", Some(why)),
        Rollback::Differs(diff) => ("differs", Some(diff)),
        Rollback::Restored => ("restored", None),
    };
    let (again, error) = match &file.again {
        Again::NotTried => ("not_tried", None),
        Again::Failed(why) => ("failed", Some(why)),
        Again::Applied => ("applied", None),
    };
    json!({
        "name": file.name,
        "statements": file.statements.iter().enumerate().map(statement).collect::<Vec<_>>(),
        "rollback": { "state": rollback, "detail": why, "file": file.rollback_file },
        "again": { "state": again, "detail": error },
        "rows_lost": file.lost_rows,
        "rows_changed_elsewhere": file.changed_rows,
        "passed": faults.is_empty(),
        "faults": faults,
        "warnings": file.warnings(),
    })
}

/// What statements did, as an array.
pub fn observed_json(all: &[Observed]) -> Value {
    all.iter().map(|observed| of_statement(observed, None, |_| None)).collect()
}

fn of_statement(
    observed: &Observed,
    estimated: Option<f64>,
    estimated_held: impl Fn(&Lock) -> Option<f64>,
) -> Value {
    let names = |tables: &[Named]| tables.iter().map(|table| table.shown.clone()).collect::<Vec<_>>();
    let locks = observed.locks.iter().map(|lock| {
        json!({
            "relation": lock.relation.shown,
            "table": lock.table.as_ref().map(|table| &table.shown),
            "mode": lock.mode.name(),
            "blocks_writes": lock.mode.blocks_writes(),
            "blocks_reads": lock.mode.blocks_reads(),
            "held_ms": ms(lock.held),
            "estimated_held_ms": estimated_held(lock),
            "observed": !lock.is_documented,
        })
    });
    let indexes = observed.indexes.iter().map(|built| {
        json!({ "index": built.index.shown, "table": built.table.shown, "definition": built.definition })
    });
    let rows = observed.rows.iter().map(|rows| {
        json!({
            "table": rows.table.shown,
            "inserted": rows.inserted,
            "updated": rows.updated,
            "deleted": rows.deleted,
        })
    });
    let scanned = observed.scanned.iter().map(|(table, rows)| json!({ "table": table.shown, "rows": rows }));
    json!({
        "location": observed.location,
        "statement": observed.statement,
        "ms": ms(observed.elapsed),
        "estimated_ms": estimated,
        "locks": locks.collect::<Vec<_>>(),
        "rewritten": names(&observed.rewritten),
        "truncated": names(&observed.truncated),
        "indexes": indexes.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
        "scanned": scanned.collect::<Vec<_>>(),
    })
}

/// Milliseconds, to the microsecond.
fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
