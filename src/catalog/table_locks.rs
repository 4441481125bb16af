//! Locks of a transaction: how they are taken, and how long they are waited for.
//!
//! A lock that is waited for lets nobody else in who comes later, readers among them. So it is asked for by short
//! tries, between which those who queue behind us get their turn; who stands in the way is told; and what cannot
//! be had in time ends the run with nothing changed.

use std::time::{Duration, Instant};

use sqlx::{PgConnection, Row};

use crate::catalog::{self, ForeignKey, RelationKind, Schema, Table};
use crate::db::query::{error, execute, fetch};
use crate::error::{Error, Result, ServerError};
use crate::sql::quote_identifier;
use crate::ui;

/// So long locks are waited for over a whole run, unless `--wait` says more.
const PATIENCE: Duration = Duration::from_secs(30);
/// One try. After the first one it is told who stands in the way.
const TRY: Duration = Duration::from_secs(2);
/// Pause between two tries, in which others get their turn.
const PAUSE: Duration = Duration::from_millis(200);
/// Characters that are shown of somebody's query.
const SHOWN: usize = 100;

/// When waiting ends, for all locks of a run together.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at: Instant,
    patience: Duration,
}

impl Deadline {
    /// From now on, for as long as `--wait` says; zero stands for the usual half a minute.
    pub fn within(wait: Duration) -> Self {
        let patience = if wait.is_zero() { PATIENCE } else { wait };
        Self { at: Instant::now() + patience, patience }
    }

    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// A statement that holds each lock to what is left, or to `most`.
    pub fn setting(&self, most: Duration) -> String {
        // 0 would be without a limit.
        let milliseconds = self.left().min(most).as_millis().max(1);
        format!("SET LOCAL lock_timeout = '{milliseconds}ms'")
    }
}

/// How a relation is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nobody else reads or writes: what is emptied, and materialized views.
    AccessExclusive,
    /// Others read, nobody else writes: what is looked at and then added to.
    ShareRowExclusive,
    /// Others read and write; nobody empties, drops or alters it: what is checked.
    AccessShare,
}

impl Mode {
    const fn sql(self) -> &'static str {
        match self {
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::AccessShare => "ACCESS SHARE",
        }
    }

    /// Modes of `pg_locks` that do not stand in its way.
    const fn agrees_with(self) -> &'static str {
        match self {
            Self::AccessExclusive => "''",
            Self::ShareRowExclusive => "'AccessShareLock', 'RowShareLock'",
            Self::AccessShare => {
                "'AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock', \
                 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock'"
            }
        }
    }
}

/// A relation to be locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    oid: u32,
    name: String,
    mode: Mode,
    /// Whose materialized view it is: LOCK TABLE takes none, but to give it to its owner once more locks it and
    /// changes nothing.
    owner: Option<String>,
}

impl Lock {
    /// The lock of a relation.
    pub fn of(table: &Table, mode: Mode) -> Self {
        let is_view = table.kind == RelationKind::MaterializedView;
        let owner = is_view.then(|| table.owner.clone());
        // With its schema: the search path may be another by the time of the lock.
        let name = format!("{}.{}", quote_identifier(&table.schema), quote_identifier(&table.name));
        Self { oid: table.oid, name, mode, owner }
    }

    /// The lock of the table that has a foreign key; `None` where the role may not lock it.
    pub fn of_referring(key: &ForeignKey, mode: Mode) -> Option<Self> {
        let lock = Self { oid: key.from, name: key.from_qualified.clone(), mode, owner: None };
        key.from_lockable.then_some(lock)
    }

    fn sql(&self) -> String {
        match &self.owner {
            None => format!("LOCK TABLE {} IN {} MODE", self.name, self.mode.sql()),
            Some(owner) => {
                format!("ALTER MATERIALIZED VIEW {} OWNER TO {}", self.name, quote_identifier(owner))
            }
        }
    }
}

/// The materialized views that show `tables` (oids) and that the role may refresh, to be locked.
pub fn views(schema: &Schema, tables: &[u32]) -> Vec<Lock> {
    let views = schema.views_of(tables).into_iter();
    let ours = views.filter(|view| view.kind == RelationKind::MaterializedView && view.owned);
    ours.map(|view| Lock::of(view, Mode::AccessExclusive)).collect()
}

/// Takes all `locks`, or none, in the transaction that is open.
///
/// # Errors
/// They cannot be had in time: names who has them. Whatever else the server says.
pub async fn lock(
    connection: &mut PgConnection,
    mut locks: Vec<Lock>,
    deadline: Deadline,
    quiet: bool,
) -> Result<()> {
    if locks.is_empty() {
        return Ok(());
    }
    let all = statements(&mut locks);
    let mut told = String::new();
    loop {
        execute(connection, &format!("SAVEPOINT crm_seed_lock; {}", deadline.setting(TRY))).await?;
        match execute(connection, &all).await {
            Ok(()) => {
                let rest = deadline.setting(Duration::MAX);
                return execute(connection, &format!("RELEASE SAVEPOINT crm_seed_lock; {rest}")).await;
            }
            Err(failure) if is_wait(&failure) => {
                let undo = "ROLLBACK TO SAVEPOINT crm_seed_lock; RELEASE SAVEPOINT crm_seed_lock";
                execute(connection, undo).await?;
            }
            Err(failure) => return Err(failure.context("locking the tables")),
        }
        pause(connection, &clash(&locks), deadline, &mut told, quiet).await?;
    }
}

/// Opens a transaction by the statement `begin` with all `locks`, before it has seen anything: its one picture of the
/// database is that under the locks.
///
/// # Errors
/// As for [`lock`].
pub async fn begin(
    connection: &mut PgConnection,
    begin: &str,
    mut locks: Vec<Lock>,
    deadline: Deadline,
    quiet: bool,
) -> Result<()> {
    let all = statements(&mut locks);
    let mut told = String::new();
    loop {
        let sql = format!("{begin}; {}; {all}", deadline.setting(TRY));
        match execute(connection, &sql).await {
            Ok(()) => return Ok(()),
            Err(failure) if is_wait(&failure) => execute(connection, "ROLLBACK").await?,
            Err(failure) => return Err(failure.context("locking the tables")),
        }
        pause(connection, &clash(&locks), deadline, &mut told, quiet).await?;
    }
}

/// Reads the catalog, for which the server looks at each table: one that is locked by somebody who changes it is waited
/// for. Inside a transaction.
///
/// # Errors
/// As for [`lock`].
pub async fn introspect(connection: &mut PgConnection, deadline: Deadline, quiet: bool) -> Result<Schema> {
    let mut told = String::new();
    loop {
        execute(connection, &format!("SAVEPOINT crm_seed_look; {}", deadline.setting(TRY))).await?;
        match catalog::introspect(connection).await {
            Ok(schema) => {
                let rest = deadline.setting(Duration::MAX);
                execute(connection, &format!("RELEASE SAVEPOINT crm_seed_look; {rest}")).await?;
                return Ok(schema);
            }
            Err(failure) if is_wait(&failure) => {
                let undo = "ROLLBACK TO SAVEPOINT crm_seed_look; RELEASE SAVEPOINT crm_seed_look";
                execute(connection, undo).await?;
            }
            Err(failure) => return Err(failure),
        }
        pause(connection, "l.mode = 'AccessExclusiveLock'", deadline, &mut told, quiet).await?;
    }
}

/// In one order for everybody, tables before the views that show them.
fn statements(locks: &mut [Lock]) -> String {
    locks.sort_by_key(|lock| (lock.owner.is_some(), lock.oid));
    locks.iter().map(Lock::sql).collect::<Vec<_>>().join("; ")
}

/// Tells who stands in the way, and lets others have their turn.
async fn pause(
    connection: &mut PgConnection,
    clash: &str,
    deadline: Deadline,
    told: &mut String,
    quiet: bool,
) -> Result<()> {
    let who = blockers(connection, clash).await?;
    if deadline.left().is_zero() {
        return Err(given_up(&who, deadline));
    }
    if *told != who && !quiet {
        ui::tell(&format!("waiting for {who}"));
    }
    *told = who;
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

/// Whether an error says that a lock was not to be had in time, or only at the price of a deadlock.
pub fn is_wait(error: &Error) -> bool {
    matches!(error.sqlstate(), Some("55P03" | "40P01"))
}

/// The error of a run that has waited long enough for `who`.
pub fn given_up(who: &str, deadline: Deadline) -> Error {
    let seconds = deadline.patience.as_secs();
    Error::failed(format!("gave up waiting for {who} after {seconds} s"))
        .of_server(ServerError { sqlstate: "55P03".into(), ..ServerError::default() })
        .with_hint("nothing was changed; end that session, or wait longer with --wait SECONDS")
}

/// The condition on `pg_locks` that one stands in the way of these.
fn clash(locks: &[Lock]) -> String {
    let each = locks
        .iter()
        .map(|lock| format!("(l.relation = {} AND l.mode NOT IN ({}))", lock.oid, lock.mode.agrees_with()));
    each.collect::<Vec<_>>().join(" OR ")
}

/// Who holds what stands in the way, in a line.
async fn blockers(connection: &mut PgConnection, clash: &str) -> Result<String> {
    let sql = format!(
        "SELECT l.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.query, ''),
                coalesce(a.state, ''), min(l.relation::regclass::text)
         FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND ({clash})
         GROUP BY 1, 2, 3, 4, 5 ORDER BY 1"
    );
    let rows = fetch(connection, &sql).await?;
    let mut who = Vec::new();
    for row in &rows {
        let pid: Option<i32> = row.try_get(0).map_err(error)?;
        let text = |at: usize| row.try_get::<String, _>(at).map_err(error);
        let Some(pid) = pid else {
            who.push(format!("a prepared transaction, which holds a lock on {}", text(5)?));
            continue;
        };
        let named = [text(1)?, text(2)?].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>();
        let idle = if text(4)?.starts_with("idle") { ", idle in its transaction after" } else { ":" };
        who.push(format!(
            "pid {pid} ({}), which holds a lock on {}{idle} {}",
            named.join(", user "),
            text(5)?,
            in_a_line(&text(3)?)
        ));
    }
    // Who was in the way a moment ago may be gone by now.
    Ok(if who.is_empty() {
        "a lock that other sessions are also waiting for".to_owned()
    } else {
        who.join("; ")
    })
}

/// A query, as much of it as a person reads.
pub fn in_a_line(query: &str) -> String {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_never_without_a_limit() {
        let deadline = Deadline::within(Duration::ZERO);
        assert!(deadline.left() > TRY && deadline.left() <= PATIENCE);
        assert_eq!(deadline.setting(TRY), "SET LOCAL lock_timeout = '2000ms'");
        let over = Deadline { at: Instant::now(), patience: PATIENCE };
        assert_eq!(over.setting(TRY), "SET LOCAL lock_timeout = '1ms'");
        assert!(Deadline::within(Duration::from_secs(90)).left() > Duration::from_secs(89));
    }

    #[test]
    fn a_query_is_shown_in_a_line() {
        assert_eq!(in_a_line("SELECT\n  1"), "SELECT 1");
        assert_eq!(in_a_line(&"ä".repeat(200)).chars().count(), SHOWN + 3);
    }
}
