//! Other sessions of the database: long queries, transactions that lie idle with locks, prepared transactions, and
//! whether we may see them at all.

use std::time::Duration;

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::migrate::preflight::outcome::{Outcome, duration};
use crate::migrate::waiting::shown;
use crate::sql::quote_literal;

/// Other clients of the database with when their transaction, else their query, began. One that lies idle in a
/// transaction is told apart, with the tables that it has locked.
const OTHERS: &str = "SELECT a.pid, coalesce(a.usename::text, ''), coalesce(a.state, ''),
  greatest(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start))::bigint, 0), coalesce(a.query, ''),
  (SELECT string_agg(DISTINCT l.relation::regclass::text, ', ') FROM pg_locks l WHERE l.pid = a.pid AND l.granted
     AND l.locktype = 'relation' AND l.relation >= 16384 AND l.database = a.datid),
  coalesce(a.application_name, '')
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
  AND coalesce(a.state, 'active') <> 'idle'
ORDER BY 4 DESC NULLS LAST, 1";

/// Whether the role sees what sessions of other roles do.
const SEES_OTHERS: &str =
    "SELECT current_user::text, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
  (SELECT count(*) FROM pg_stat_activity a WHERE a.datname = current_database() AND a.backend_type IS NULL)";

/// The two checks of other sessions: those whose query is older than `older_than`, and those that are idle in a
/// transaction with locks, which are as bad once they are as old.
///
/// # Errors
/// Whatever the server says.
pub async fn check(connection: &mut PgConnection, older_than: Duration) -> Result<Vec<Outcome>> {
    let limit = i64::try_from(older_than.as_secs()).unwrap_or(i64::MAX);
    let (mut long, mut idle) = (Vec::new(), Vec::new());
    for row in fetch(connection, OTHERS).await? {
        let text = |column: usize| row.try_get::<String, _>(column).map_err(error);
        let pid: i32 = row.try_get(0).map_err(error)?;
        let age: Option<i64> = row.try_get(3).map_err(error)?;
        let locked: Option<String> = row.try_get(5).map_err(error)?;
        let (age, state) = (age.unwrap_or_default(), text(2)?);
        let who = person(pid, &text(1)?, &text(6)?);
        let query = text(4)?.trim_start().lines().next().and_then(shown).map(|query| format!(", {query}"));
        let query = query.unwrap_or_default();
        if !state.starts_with("idle in transaction") {
            if age >= limit {
                let what = format!("{who} has been {state} for {}{query}", duration(age));
                let fix = format!("wait for it, or SELECT pg_cancel_backend({pid})");
                long.push(Outcome::error("long-queries", what, fix));
            }
        } else if let Some(locked) = locked {
            let what = format!("{who} is {state} for {} and holds locks on {locked}{query}", duration(age));
            let fix = format!("end its transaction, or SELECT pg_terminate_backend({pid})");
            let is_old = age >= limit;
            idle.push(if is_old {
                Outcome::error("idle-in-transaction", what, fix)
            } else {
                Outcome::warning("idle-in-transaction", what, fix)
            });
        } else if age >= limit {
            let what = format!(
                "{who} is {state} for {}{query}: it keeps CREATE INDEX CONCURRENTLY waiting",
                duration(age)
            );
            let fix = format!("end its transaction, or SELECT pg_terminate_backend({pid})");
            idle.push(Outcome::warning("idle-in-transaction", what, fix));
        }
    }
    if long.is_empty() {
        long.push(Outcome::ok("long-queries", format!("no query is older than {}", duration(limit))));
    }
    if idle.is_empty() {
        idle.push(Outcome::ok("idle-in-transaction", "no session is idle in a transaction with locks"));
    }
    long.extend(idle);
    Ok(long)
}

/// A session, for people.
pub fn person(pid: i32, role: &str, application: &str) -> String {
    let about: Vec<String> = [("role ", role), ("", application)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(what, text)| format!("{what}{text}"))
        .collect();
    if about.is_empty() { format!("process {pid}") } else { format!("process {pid} ({})", about.join(", ")) }
}

/// A line where the role does not see what others do.
///
/// # Errors
/// Whatever the server says.
pub async fn check_rights(connection: &mut PgConnection) -> Result<Option<Outcome>> {
    let rows = fetch(connection, SEES_OTHERS).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (role, sees): (String, bool) = (row.try_get(0).map_err(error)?, row.try_get(1).map_err(error)?);
    let hidden: i64 = row.try_get(2).map_err(error)?;
    let sessions = if hidden == 1 { "session of another role does" } else { "sessions of other roles do" };
    Ok((!sees && hidden > 0).then(|| {
        Outcome::warning(
            "rights",
            format!("role {role} does not see what {hidden} {sessions}"),
            format!(
                "GRANT pg_read_all_stats TO {}, or connect as another role",
                crate::sql::quote_identifier(&role)
            ),
        )
    }))
}

/// Prepared transactions of the database: they keep their locks until somebody ends them, also over a restart.
///
/// # Errors
/// Whatever the server says.
pub async fn check_prepared(connection: &mut PgConnection) -> Result<Vec<Outcome>> {
    let sql = "SELECT gid, owner::text, extract(epoch FROM clock_timestamp() - prepared)::bigint
               FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared, gid";
    let mut all = Vec::new();
    for row in fetch(connection, sql).await? {
        let read =
            || Ok::<(String, String, i64), sqlx::Error>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        let (gid, owner, age) = read().map_err(error)?;
        let literal = quote_literal(&gid);
        all.push(Outcome::error(
            "prepared-transactions",
            format!(
                "transaction {gid} of role {owner} was prepared {} ago and keeps its locks",
                duration(age)
            ),
            format!("COMMIT PREPARED {literal} or ROLLBACK PREPARED {literal}"),
        ));
    }
    if all.is_empty() {
        all.push(Outcome::ok("prepared-transactions", "none"));
    }
    Ok(all)
}
