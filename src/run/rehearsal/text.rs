//! What statements did, and what a rehearsal has shown, for people.

use crate::migrate::{Lock, LockMode, Observed};
use crate::run::rehearsal::estimate::Estimate;
use crate::run::rehearsal::report::{Again, FileReport, Rehearsal, Rollback, Seeding, shown};

/// Tables named in one line.
const NAMED: usize = 8;

/// A rehearsal as text.
pub fn text(rehearsal: &Rehearsal) -> String {
    let mut text = format!("Rehearsed in {}\n", rehearsal.place);
    let seeded = match &rehearsal.seeding {
        Seeding::Seeded { rows } => format!("seeded with {}", counted(*rows, "row")),
        Seeding::NoTables => "there are no tables to seed".to_owned(),
        Seeding::Unseeded(why) => format!("without seeded rows: {why}"),
    };
    text += &format!("{} applied before; {seeded}\n", counted(rehearsal.base as u64, "migration"));
    if rehearsal.has_target {
        text += "Times in parentheses are estimates for the target, from the rows of its tables\n";
    }
    for role in &rehearsal.roles_left {
        text += &format!("warning: role {role} was created on that server, and stays there\n");
    }
    for file in &rehearsal.files {
        text += &of_file(file, rehearsal);
    }
    text
}

fn of_file(file: &FileReport, rehearsal: &Rehearsal) -> String {
    let mut text = format!("\n{}\n", file.name);
    for (at, statement) in file.statements.iter().enumerate() {
        let estimate = match statement.estimate {
            Estimate::Time { time, .. } => format!(" ({})", shown(time)),
            Estimate::None | Estimate::Unknown { .. } => String::new(),
        };
        text += &of_statement(&statement.observed, &estimate, |lock| {
            let estimate = match file.held(at, lock) {
                (held, true) => format!(" ({})", shown(held)),
                (_, false) => String::new(),
            };
            format!("{}{estimate}", shown(lock.held))
        });
    }
    let faults = file.faults(rehearsal.max_lock);
    for warning in file.warnings() {
        text += &format!("  warning: {warning}\n");
    }
    if faults.is_empty() {
        let rollback =
            if file.rollback == Rollback::Restored { "the rollback restores the schema, " } else { "" };
        let again = if file.again == Again::Applied { "it applies again, " } else { "" };
        text += &format!("  pass: {rollback}{again}no lock blocks writes for too long\n");
    }
    for fault in faults {
        text += &format!("  FAIL: {fault}\n");
    }
    if let Rollback::Differs(diff) = &file.rollback {
        text += &diff.lines().map(|line| format!("    {line}\n")).collect::<String>();
    }
    text
}

/// What statements did that share one transaction, or have one each.
pub fn observed_text(all: &[Observed]) -> String {
    all.iter().map(|observed| of_statement(observed, "", |lock| shown(lock.held))).collect()
}

/// As in `1 row` or `3 rows`.
pub fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn of_statement(observed: &Observed, estimate: &str, held: impl Fn(&Lock) -> String) -> String {
    let time = shown(observed.elapsed);
    let mut text = format!("  {}: `{}`\n      {time}{estimate}\n", observed.location, observed.statement);
    let locks = observed.locks.iter().filter(|lock| says_something(lock, &observed.locks));
    let mut lines: Vec<String> = locks
        .map(|lock| {
            let blocks = match lock.mode {
                mode if mode.blocks_reads() => ", blocks reads and writes",
                mode if mode.blocks_writes() => ", blocks writes",
                _ => "",
            };
            let of = lock.table.as_ref().map(|table| format!(" of {}", table.shown)).unwrap_or_default();
            let what = if lock.table.is_some() { "index " } else { "" };
            let documented = if lock.is_documented { " (by the documentation of the command)" } else { "" };
            let (mode, name) = (lock.mode.name(), &lock.relation.shown);
            format!("locks {what}{name}{of}: {mode} for {}{blocks}{documented}", held(lock))
        })
        .collect();
    let names = |tables: &mut dyn Iterator<Item = &str>| {
        let all: Vec<&str> = tables.collect();
        let more = all.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", all[..all.len().min(NAMED)].join(", "))
    };
    if !observed.rewritten.is_empty() {
        let tables = names(&mut observed.rewritten.iter().map(|table| table.shown.as_str()));
        lines.push(format!("rewrites {tables}"));
    }
    if !observed.truncated.is_empty() {
        let tables = names(&mut observed.truncated.iter().map(|table| table.shown.as_str()));
        lines.push(format!("empties {tables}"));
    }
    for built in &observed.indexes {
        lines.push(format!(
            "builds index {} on {} {}",
            built.index.shown, built.table.shown, built.definition
        ));
    }
    for rows in &observed.rows {
        let parts = [("inserts", rows.inserted), ("updates", rows.updated), ("deletes", rows.deleted)];
        let parts = parts.iter().filter(|(_, count)| *count > 0);
        let parts: Vec<String> =
            parts.map(|(verb, count)| format!("{verb} {}", counted(*count, "row"))).collect();
        lines.push(format!("{} of {}", parts.join(", "), rows.table.shown));
    }
    for (table, rows) in &observed.scanned {
        lines.push(format!("reads {} of {}", counted(*rows, "row"), table.shown));
    }
    text += &lines.iter().map(|line| format!("      {line}\n")).collect::<String>();
    text
}

/// Reading a table is told by the rows that are read. A lock on an index matters where it blocks others that the lock
/// on its table lets pass.
fn says_something(lock: &Lock, all: &[Lock]) -> bool {
    let is_of_table = |other: &&Lock| lock.table.as_ref() == Some(&other.relation);
    match lock.table {
        None => lock.mode > LockMode::AccessShare,
        Some(_) => lock.mode.blocks_writes() && !all.iter().any(|o| is_of_table(&o) && o.mode >= lock.mode),
    }
}
