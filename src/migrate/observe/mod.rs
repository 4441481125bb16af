//! Runs statements one by one and reports what each does to others: locks, rewrites, index builds, rows, time.

mod relations;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::migrate::failure::Failure;
use crate::migrate::observe::relations::{Relation, RelationKind, Snapshot};
use crate::migrate::sql::lock_mode::LockMode;
use crate::migrate::sql::statements::{Statement, command, headline, words};
use crate::migrate::trial::run_statement;

/// What one statement did.
#[derive(Debug)]
pub struct Observed {
    /// `file:line:column`.
    pub location: String,
    /// Its first line.
    pub statement: String,
    pub elapsed: Duration,
    /// The strongest lock on each relation that was there before the transaction, the strongest first.
    pub locks: Vec<Lock>,
    /// Tables and materialized views whose rows were all written anew.
    pub rewritten: Vec<Named>,
    /// Tables that were emptied by TRUNCATE.
    pub truncated: Vec<Named>,
    pub indexes: Vec<BuiltIndex>,
    /// Rows written, by table.
    pub rows: Vec<WrittenRows>,
    /// Tables that were read from one end to the other, with how many rows were read.
    pub scanned: Vec<(Named, u64)>,
}

/// A relation by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// As `regclass` shows it.
    pub shown: String,
    /// With its schema, quoted.
    pub qualified: String,
}

/// A lock on a relation.
#[derive(Clone, Debug)]
pub struct Lock {
    pub relation: Named,
    /// The table, where the relation is an index.
    pub table: Option<Named>,
    pub mode: LockMode,
    /// From the statement to the end of its transaction, as far as statements take that time.
    pub held: Duration,
    /// It is what the documentation says of the command, as the lock is gone when the statement has ended.
    pub is_documented: bool,
}

/// An index that was built or built anew.
#[derive(Clone, Debug)]
pub struct BuiltIndex {
    pub index: Named,
    pub table: Named,
    /// `btree (name)`.
    pub definition: String,
}

/// Rows of a table that were written.
#[derive(Clone, Debug)]
pub struct WrittenRows {
    pub table: Named,
    pub inserted: u64,
    pub updated: u64,
    pub deleted: u64,
}

impl Named {
    fn of(relation: &Relation) -> Self {
        Self { shown: relation.shown.clone(), qualified: relation.qualified.clone() }
    }
}

impl Observed {
    /// The tables on whose sizes its time depends.
    pub fn worked_on(&self) -> BTreeSet<&Named> {
        let written = self.rows.iter().map(|rows| &rows.table);
        let built = self.indexes.iter().map(|built| &built.table);
        let scanned = self.scanned.iter().map(|(table, _)| table);
        self.rewritten.iter().chain(written).chain(built).chain(scanned).collect()
    }

    /// The tables that it may have changed: whatever it locked for more than reading, or wrote.
    pub fn reached(&self) -> BTreeSet<&Named> {
        let locked = self.locks.iter().filter(|lock| lock.mode > LockMode::AccessShare);
        let locked = locked.map(|lock| lock.table.as_ref().unwrap_or(&lock.relation));
        self.worked_on().into_iter().chain(&self.truncated).chain(locked).collect()
    }
}

/// Watches the statements of one transaction, or one statement outside any.
pub struct Observer<'a> {
    /// The file, for messages.
    file: &'a str,
    /// Relations that were there before: nobody else sees those made since, or waits for their locks.
    existing: BTreeSet<i64>,
    before: Snapshot,
    observed: Vec<Observed>,
}

impl<'a> Observer<'a> {
    /// Begins to watch, at the beginning of a transaction.
    pub async fn begin(connection: &mut PgConnection, file: &'a str) -> Result<Self, Failure> {
        let before = Snapshot::take(connection).await?;
        let existing = before.relations.keys().copied().collect();
        Ok(Self { file, existing, before, observed: Vec::new() })
    }

    /// Runs a statement in the transaction.
    ///
    /// # Errors
    /// What the server says of it, and which it was.
    pub async fn run(
        &mut self,
        connection: &mut PgConnection,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        self.watch(connection, statement).await.map(drop)
    }

    /// Runs a statement that no transaction may be around. What it locks is told as the documentation says.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub async fn run_alone(
        mut self,
        connection: &mut PgConnection,
        statement: &Statement<'_>,
    ) -> Result<Vec<Observed>, Failure> {
        let before = self.watch(connection, statement).await?;
        let locks = documented_locks(statement, &before, &self.before);
        if let Some(observed) = self.observed.last_mut() {
            observed.locks = locks;
        }
        Ok(self.finish())
    }

    async fn watch(
        &mut self,
        connection: &mut PgConnection,
        statement: &Statement<'_>,
    ) -> Result<Snapshot, Failure> {
        let began = Instant::now();
        run_statement(connection, statement, self.file).await?;
        let elapsed = began.elapsed();
        let after = Snapshot::take(connection).await?;
        let (line, column) = statement.location(None);
        let mut observed = compare(&self.before, &after, &self.existing, statement);
        observed.location = format!("{}:{line}:{column}", self.file);
        observed.elapsed = elapsed;
        self.observed.push(observed);
        Ok(std::mem::replace(&mut self.before, after))
    }

    /// What the statements did, at the end of their transaction: by now it is known how long each lock was held.
    pub fn finish(self) -> Vec<Observed> {
        let mut observed = self.observed;
        let mut held = Duration::ZERO;
        for statement in observed.iter_mut().rev() {
            held += statement.elapsed;
            statement.locks.iter_mut().for_each(|lock| lock.held = held);
        }
        observed
    }
}

fn compare(before: &Snapshot, after: &Snapshot, existing: &BTreeSet<i64>, statement: &str) -> Observed {
    let truncates = command(statement).starts_with("truncate");
    let (mut rewritten, mut truncated, mut rows, mut scanned) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (oid, now) in after.relations.iter().filter(|(_, now)| now.kind == RelationKind::Rows) {
        let was = before.relations.get(oid);
        let more = now.counters.since(was.map(|was| was.counters).unwrap_or_default());
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let (inserted, updated, deleted) = (count(more.inserted), count(more.updated), count(more.deleted));
        if inserted + updated + deleted > 0 {
            rows.push(WrittenRows { table: Named::of(now), inserted, updated, deleted });
        }
        if !existing.contains(oid) {
            continue;
        }
        if more.scanned > 0 {
            scanned.push((Named::of(now), count(more.scanned)));
        }
        if was.is_some_and(|was| was.file != now.file) {
            (if truncates { &mut truncated } else { &mut rewritten }).push(Named::of(now));
        }
    }
    Observed {
        location: String::new(),
        statement: headline(statement),
        elapsed: Duration::ZERO,
        locks: new_locks(before, after, existing),
        rewritten,
        truncated,
        indexes: built_indexes(before, after, truncates),
        rows,
        scanned,
    }
}

/// The locks that are new, the strongest on each relation, where it is stronger than what was held before.
fn new_locks(before: &Snapshot, after: &Snapshot, existing: &BTreeSet<i64>) -> Vec<Lock> {
    let strongest = |snapshot: &Snapshot| {
        // Of the locks on one relation the strongest comes last.
        snapshot.locks.iter().copied().collect::<BTreeMap<i64, LockMode>>()
    };
    let held = strongest(before);
    let new = strongest(after)
        .into_iter()
        .filter(|(oid, mode)| existing.contains(oid) && held.get(oid).is_none_or(|held| held < mode));
    let mut locks: Vec<Lock> = new
        .filter_map(|(oid, mode)| {
            // One that is dropped is known by what it was.
            let relation = before.relations.get(&oid).or_else(|| after.relations.get(&oid))?;
            Some(lock(before, relation, mode))
        })
        .collect();
    sort(&mut locks);
    locks
}

fn lock(snapshot: &Snapshot, relation: &Relation, mode: LockMode) -> Lock {
    let table = relation.table.and_then(|table| snapshot.relations.get(&table)).map(Named::of);
    Lock { relation: Named::of(relation), table, mode, held: Duration::ZERO, is_documented: false }
}

/// The strongest first; tables before their indexes.
fn sort(locks: &mut [Lock]) {
    locks.sort_by(|a, b| {
        let key = |lock: &Lock| (std::cmp::Reverse(lock.mode), lock.table.is_some(), lock.relation.clone());
        key(a).cmp(&key(b))
    });
}

fn built_indexes(before: &Snapshot, after: &Snapshot, truncates: bool) -> Vec<BuiltIndex> {
    let is_built = |(oid, index): &(&i64, &Relation)| match before.relations.get(oid) {
        None => true,
        Some(was) => was.file != index.file && !truncates,
    };
    let indexes = after.relations.iter().filter(|(_, relation)| relation.kind == RelationKind::Index);
    let built = indexes.filter(is_built).filter_map(|(_, index)| {
        let table = after.relations.get(&index.table?)?;
        Some(BuiltIndex {
            index: Named::of(index),
            table: Named::of(table),
            definition: index.definition.clone(),
        })
    });
    built.collect()
}

/// The locks of a statement without a transaction, by what the documentation says of its command.
fn documented_locks(statement: &str, before: &Snapshot, after: &Snapshot) -> Vec<Lock> {
    let command = command(statement);
    let words: BTreeSet<String> = words(statement).map(str::to_lowercase).collect();
    let is_concurrent = words.contains("concurrently");
    let mode = match command.split(' ').next().unwrap_or_default() {
        "vacuum" if words.contains("full") => LockMode::AccessExclusive,
        "cluster" => LockMode::AccessExclusive,
        "reindex" if !is_concurrent => LockMode::Share,
        "vacuum" => LockMode::ShareUpdateExclusive,
        _ if is_concurrent => LockMode::ShareUpdateExclusive,
        _ => return Vec::new(),
    };
    // What became of an index tells its table; else it is named, or all are meant.
    let is_same =
        |oid: &i64, index: &Relation| after.relations.get(oid).is_some_and(|now| now.file == index.file);
    let indexes = before.relations.iter().chain(&after.relations);
    let indexes = indexes.filter(|(_, relation)| relation.kind == RelationKind::Index);
    let changed = indexes.filter(|(oid, index)| !before.relations.contains_key(oid) || !is_same(oid, index));
    let mut tables: BTreeSet<i64> = changed.filter_map(|(_, index)| index.table).collect();
    let all = || before.relations.iter().filter(|(_, relation)| relation.kind == RelationKind::Rows);
    if tables.is_empty() {
        let named = all().filter(|(_, relation)| words.contains(&relation.name.to_lowercase()));
        tables = named.map(|(oid, _)| *oid).collect();
    }
    if tables.is_empty() && command.starts_with("vacuum") {
        tables = all().map(|(oid, _)| *oid).collect();
    }
    let relations = tables.iter().filter_map(|oid| before.relations.get(oid));
    let locks = relations.map(|relation| Lock { is_documented: true, ..lock(before, relation, mode) });
    let mut locks: Vec<Lock> = locks.collect();
    sort(&mut locks);
    locks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::observe::relations::Counters;

    fn relation(name: &str, kind: RelationKind, table: Option<i64>) -> Relation {
        Relation {
            shown: name.to_owned(),
            qualified: format!("public.{name}"),
            name: name.to_owned(),
            kind,
            table,
            file: 1,
            counters: Counters::default(),
            definition: String::new(),
        }
    }

    fn snapshot(relations: Vec<(i64, Relation)>, locks: &[(i64, LockMode)]) -> Snapshot {
        Snapshot { relations: relations.into_iter().collect(), locks: locks.iter().copied().collect() }
    }

    #[test]
    fn of_each_relation_the_strongest_new_lock_is_told() {
        let relations = || vec![(1, relation("a", RelationKind::Rows, None))];
        let before = snapshot(relations(), &[(1, LockMode::AccessShare)]);
        let after = snapshot(
            [relations(), vec![(2, relation("new", RelationKind::Rows, None))]].concat(),
            &[
                (1, LockMode::AccessShare),
                (1, LockMode::Share),
                (1, LockMode::RowExclusive),
                (2, LockMode::Exclusive),
            ],
        );
        let existing = BTreeSet::from([1]);
        let observed = compare(&before, &after, &existing, "CREATE INDEX i ON a (b)");
        let told: Vec<_> = observed.locks.iter().map(|lock| (&*lock.relation.shown, lock.mode)).collect();
        assert_eq!(told, [("a", LockMode::Share)]);
        // A weaker one beside it blocks nobody more.
        assert!(new_locks(&after, &before, &existing).is_empty());
    }

    #[test]
    fn what_leaves_no_lock_behind_is_told_by_its_command() {
        let table = || (1, relation("a", RelationKind::Rows, None));
        let index = || (2, relation("i", RelationKind::Index, Some(1)));
        let (without, with) = (snapshot(vec![table()], &[]), snapshot(vec![table(), index()], &[]));
        let told = |statement: &str, before: &Snapshot, after: &Snapshot| {
            let locks = documented_locks(statement, before, after);
            locks.iter().map(|lock| (lock.relation.shown.clone(), lock.mode)).collect::<Vec<_>>()
        };
        let gentle = [("a".to_owned(), LockMode::ShareUpdateExclusive)];
        assert_eq!(told("CREATE INDEX CONCURRENTLY i ON a (b)", &without, &with), gentle);
        assert_eq!(told("DROP INDEX CONCURRENTLY i", &with, &without), gentle);
        assert_eq!(told("VACUUM", &with, &with), gentle);
        assert_eq!(told("VACUUM FULL a", &with, &with), [("a".to_owned(), LockMode::AccessExclusive)]);
        assert!(told("CREATE DATABASE x", &with, &with).is_empty());
    }
}
