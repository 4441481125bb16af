//! What a rehearsal has shown, and what stands against a migration.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::migrate::{Lock, Observed};
use crate::run::rehearsal::estimate::Estimate;

/// From so many times the rows on, what a statement takes for an empty table counts too much in its estimate.
const ROUGH: f64 = 100.0;

/// The outcome of a rehearsal.
#[derive(Debug)]
pub struct Rehearsal {
    /// Where it took place, without a password.
    pub place: String,
    /// Migrations that were applied before.
    pub base: usize,
    pub seeding: Seeding,
    /// Whether a target was given whose sizes the times are estimated for.
    pub has_target: bool,
    pub max_lock: Duration,
    /// Roles that the migrations have made on the server of the throwaway database, and that stay.
    pub roles_left: Vec<String>,
    /// In the order in which they were applied.
    pub files: Vec<FileReport>,
}

/// The rows with which it took place.
#[derive(Debug)]
pub enum Seeding {
    Seeded {
        rows: u64,
    },
    /// There are no tables to seed.
    NoTables,
    /// Why there are none but those of the migrations themselves.
    Unseeded(String),
}

/// What one migration did.
#[derive(Debug)]
pub struct FileReport {
    pub name: String,
    /// Where its rollback stands; its own file where it has none.
    pub rollback_file: String,
    /// Whether one transaction is around it.
    pub in_transaction: bool,
    pub statements: Vec<StatementReport>,
    pub rollback: Rollback,
    /// Tables out of its reach whose rows its rollback changed.
    pub changed_rows: Vec<String>,
    /// Tables in its reach whose rows are others after up and down.
    pub lost_rows: Vec<String>,
    pub again: Again,
}

/// What one statement did.
#[derive(Debug)]
pub struct StatementReport {
    pub observed: Observed,
    pub estimate: Estimate,
}

/// What came of a rollback.
#[derive(Debug, PartialEq, Eq)]
pub enum Rollback {
    /// A newer one stands in its way.
    NotTried,
    Missing,
    /// Nor has any other of these migrations one: the tool that they are of knows none.
    NoneHere,
    Failed(String),
    /// The catalog is another one, as the diff says.
    Differs(String),
    Restored,
}

/// What came of applying it once more.
#[derive(Debug, PartialEq, Eq)]
pub enum Again {
    NotTried,
    Failed(String),
    Applied,
}

impl FileReport {
    /// What stands against it: a line each.
    pub fn faults(&self, max_lock: Duration) -> Vec<String> {
        let mut faults = Vec::new();
        match &self.rollback {
            Rollback::NotTried | Rollback::NoneHere | Rollback::Restored => {}
            Rollback::Missing => faults.push(format!("{}: it has no rollback", self.rollback_file)),
            Rollback::Failed(why) => faults.push(format!("the rollback fails: {why}")),
            Rollback::Differs(_) => {
                faults.push(format!("{}: the rollback does not restore the schema", self.rollback_file));
            }
        }
        if !self.changed_rows.is_empty() {
            faults.push(format!(
                "{}: the rollback changes rows of tables that the migration does not touch: {}",
                self.rollback_file,
                self.changed_rows.join(", ")
            ));
        }
        if let Again::Failed(why) = &self.again {
            faults.push(format!("it cannot be applied again after its rollback: {why}"));
        }
        for (relation, lock) in self.blocking(max_lock) {
            let what = if lock.blocks_reads { "reads and writes" } else { "writes" };
            faults.push(format!(
                "{}: {} on {relation} blocks {what} for {}{}, more than --max-lock {} s",
                lock.location,
                lock.mode,
                if lock.is_estimated { "about " } else { "" },
                shown(lock.held),
                max_lock.as_secs_f64(),
            ));
        }
        faults
    }

    /// What a person should know, though it does not stand against it: a line each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for table in &self.lost_rows {
            warnings.push(format!("rows of {table} are not as before after up and down: values were lost"));
        }
        if self.rollback == Rollback::NotTried {
            warnings.push("the rollback was not tried, as a newer migration could not be rolled back".into());
        }
        if self.rollback == Rollback::NoneHere {
            warnings.push("no migration here has a rollback: no way back was tried".into());
        }
        if self.again == Again::NotTried && self.rollback == Rollback::Restored {
            warnings.push("it was not applied again, as an older migration could not be".into());
        }
        for statement in &self.statements {
            if let Estimate::Unknown { table, rows } = &statement.estimate {
                let at = &statement.observed.location;
                warnings.push(format!(
                    "{at}: no estimate, as {table} has no rows here and about {rows} in the target"
                ));
            }
        }
        let is_rough = |statement: &StatementReport| matches!(statement.estimate, Estimate::Time { times, .. } if times > ROUGH);
        if self.statements.iter().any(is_rough) {
            warnings.push(format!(
                "the target has more than {ROUGH} times the rows: estimates are too high rather than too low; \
                 a larger --scale makes better ones"
            ));
        }
        warnings
    }

    /// How long a lock of the statement number `at` would be held: in the target where that is estimated, else as
    /// it was here. True where it is an estimate.
    pub fn held(&self, at: usize, lock: &Lock) -> (Duration, bool) {
        let until = if self.in_transaction { self.statements.len() } else { at + 1 };
        let mut held = Duration::ZERO;
        for statement in &self.statements[at..until] {
            match statement.estimate {
                Estimate::Time { time, .. } => held = held.saturating_add(time),
                Estimate::None => return (lock.held, false),
                Estimate::Unknown { .. } => held = held.saturating_add(statement.observed.elapsed),
            }
        }
        (held, true)
    }

    /// The locks that keep others from writing for longer than `max_lock`, on each relation the longest.
    fn blocking(&self, max_lock: Duration) -> BTreeMap<String, Blocking> {
        let mut blocking: BTreeMap<String, Blocking> = BTreeMap::new();
        for (at, statement) in self.statements.iter().enumerate() {
            for lock in statement.observed.locks.iter().filter(|lock| lock.mode.blocks_writes()) {
                let (held, is_estimated) = self.held(at, lock);
                let one = Blocking {
                    location: statement.observed.location.clone(),
                    mode: lock.mode.name(),
                    blocks_reads: lock.mode.blocks_reads(),
                    held,
                    is_estimated,
                };
                let relation = lock.relation.shown.clone();
                if held > max_lock && blocking.get(&relation).is_none_or(|longest| longest.held < held) {
                    blocking.insert(relation, one);
                }
            }
        }
        blocking
    }
}

struct Blocking {
    location: String,
    mode: &'static str,
    blocks_reads: bool,
    held: Duration,
    is_estimated: bool,
}

impl Rehearsal {
    /// What stands against any of the files.
    pub fn faults(&self) -> usize {
        self.files.iter().map(|file| file.faults(self.max_lock).len()).sum()
    }

    /// The names of the files against which nothing stands, and which were tried wholly.
    pub fn passed(&self) -> impl Iterator<Item = &str> {
        let is_tried = |file: &&FileReport| {
            let is_proved = file.rollback == Rollback::Restored && file.again == Again::Applied;
            (is_proved || file.rollback == Rollback::NoneHere) && file.faults(self.max_lock).is_empty()
        };
        self.files.iter().filter(is_tried).map(|file| file.name.as_str())
    }
}

/// A time as people read it: `0.4 ms`, `12 ms`, `3.1 s`, `5 min`.
pub fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        _ if seconds < 0.01 => format!("{:.1} ms", seconds * 1000.0),
        _ if seconds < 1.0 => format!("{:.0} ms", seconds * 1000.0),
        _ if seconds < 120.0 => format!("{seconds:.1} s"),
        _ if seconds < 7200.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_a_unit_that_fits() {
        let shown = |micros| super::shown(Duration::from_micros(micros));
        assert_eq!(shown(420), "0.4 ms");
        assert_eq!(shown(12_300), "12 ms");
        assert_eq!(shown(3_140_000), "3.1 s");
        assert_eq!(shown(300_000_000), "5 min");
        assert_eq!(shown(9_000_000_000), "2.5 h");
    }
}
