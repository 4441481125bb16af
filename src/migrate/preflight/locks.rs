//! Locks of others on just the tables that the pending files touch.

use std::time::Duration;

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::migrate::preflight::outcome::{Outcome, duration};
use crate::migrate::preflight::reach::ReachedTable;
use crate::migrate::preflight::sessions::person;
use crate::migrate::sql::lock_mode::LockMode;

const CHECK: &str = "locks";
/// Locks of short transactions come and go: only what is held at each of so many looks counts.
const LOOKS: usize = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// A lock that is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    /// `None` of a prepared transaction.
    pid: Option<i32>,
    table: usize,
    mode: LockMode,
    who: String,
    is_autovacuum: bool,
    /// Seconds since its transaction began.
    age: Option<i64>,
}

/// Looks for locks that keep the files from having theirs.
///
/// # Errors
/// Whatever the server says.
pub async fn check(connection: &mut PgConnection, reached: &[ReachedTable]) -> Result<Vec<Outcome>> {
    if reached.is_empty() {
        return Ok(vec![Outcome::ok(CHECK, "the pending files touch no existing table")]);
    }
    let mut held = look(connection, reached).await?;
    for _ in 1..LOOKS {
        if held.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        let now = look(connection, reached).await?;
        held.retain(|held| {
            now.iter().any(|now| (now.pid, now.table, now.mode) == (held.pid, held.table, held.mode))
        });
    }
    if held.is_empty() {
        return Ok(vec![Outcome::ok(CHECK, format!("none in the way of {}", names(reached)))]);
    }
    Ok(held.iter().map(|held| outcome(held, &reached[held.table])).collect())
}

/// A few of the tables, for people.
fn names(reached: &[ReachedTable]) -> String {
    const NAMED: usize = 5;
    let named: Vec<&str> = reached.iter().take(NAMED).map(|table| table.name.as_str()).collect();
    let more = reached.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

fn outcome(held: &Held, table: &ReachedTable) -> Outcome {
    let age = held.age.map(|age| format!(" for {}", duration(age))).unwrap_or_default();
    let why = match table.lock.conflicts_with(held.mode) {
        true => format!("needs {}", table.lock.name()),
        false => "waits until its transaction ends".to_owned(),
    };
    let what = format!("{} holds {} on {}{age}; the migration {why}", held.who, held.mode.name(), table.name);
    match held.pid {
        Some(_) if held.is_autovacuum => {
            Outcome::warning(CHECK, what, "nothing: autovacuum gives way, unless it prevents wraparound")
        }
        Some(pid) => {
            Outcome::error(CHECK, what, format!("wait for it, or SELECT pg_terminate_backend({pid})"))
        }
        None => Outcome::error(CHECK, what, "COMMIT PREPARED or ROLLBACK PREPARED it"),
    }
}

async fn look(connection: &mut PgConnection, reached: &[ReachedTable]) -> Result<Vec<Held>> {
    // A prepared transaction has no process: it is known by the lock on its own number.
    let oids: Vec<String> = reached.iter().map(|table| table.oid.to_string()).collect();
    let sql = format!(
        "SELECT l.relation::bigint, l.pid, l.mode, coalesce(a.usename::text, ''), coalesce(a.application_name, ''),
                coalesce(a.backend_type, ''), extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, p.gid
         FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
         LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid' AND x.granted
           AND x.virtualtransaction = l.virtualtransaction
         LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
         WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND l.relation IN ({})
         ORDER BY 7 DESC NULLS LAST, 2, 1, 3",
        oids.join(", ")
    );
    let mut held: Vec<Held> = Vec::new();
    for row in fetch(connection, &sql).await? {
        let Some(new) = read(&row, reached).map_err(error)? else { continue };
        // Of one session on one table the strongest lock is told.
        match held
            .iter_mut()
            .find(|known| known.pid == new.pid && known.table == new.table && known.who == new.who)
        {
            Some(known) => known.mode = known.mode.max(new.mode),
            None => held.push(new),
        }
    }
    Ok(held)
}

/// A lock, where it is in the way.
fn read(row: &sqlx::postgres::PgRow, reached: &[ReachedTable]) -> Result<Option<Held>, sqlx::Error> {
    let oid = u32::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default();
    let mode = LockMode::read(&row.try_get::<String, _>(2)?);
    let table = reached.iter().position(|table| table.oid == oid);
    let Some((mode, table)) =
        mode.zip(table).filter(|(mode, table)| reached[*table].is_kept_waiting_by(*mode))
    else {
        return Ok(None);
    };
    let (pid, kind): (Option<i32>, String) = (row.try_get(1)?, row.try_get(5)?);
    let (role, application): (String, String) = (row.try_get(3)?, row.try_get(4)?);
    let who = match pid {
        Some(pid) if kind == "client backend" || kind.is_empty() => person(pid, &role, &application),
        Some(pid) => format!("{kind} (process {pid})"),
        None => format!("prepared transaction {}", row.try_get::<Option<String>, _>(7)?.unwrap_or_default()),
    };
    Ok(Some(Held { pid, table, mode, who, is_autovacuum: kind == "autovacuum worker", age: row.try_get(6)? }))
}
