//! Waiting behind other sessions' locks: briefly at a time, as whoever comes after us queues behind us;
//! aloud, as nobody could tell why nothing happens; and not for ever.

use std::time::Duration;

use sqlx::{PgConnection, Row};

use crate::db::query::{self, LOCK_KEY, fetch};
use crate::error::Result;
use crate::migrate::sql::statements::{command, words};
use crate::sql::quote_literal;

/// A statement waits so long for a lock before it is rolled back, and lets those behind it pass.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// Pause before it is tried again, in which those behind it are served.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a run waits for locks in all where `--wait` does not say.
const USUAL: Duration = Duration::from_secs(30);
/// Names of relations are looked for among so many words of a statement.
const WORDS: usize = 2000;
/// At most so many sessions are named.
const NAMED: usize = 3;
/// So much of a session's query is shown, in characters.
const SHOWN: usize = 80;

/// How long one run still waits for locks of others, over all its files.
#[derive(Debug)]
pub struct Patience {
    whole: Duration,
    left: Duration,
}

impl Patience {
    /// As `--wait` says; zero stands for the usual half a minute.
    pub const fn new(wait: Duration) -> Self {
        let whole = if wait.is_zero() { USUAL } else { wait };
        Self { whole, left: whole }
    }

    /// How long the run waits in all.
    pub const fn whole(&self) -> Duration {
        self.whole
    }

    pub const fn left(&self) -> Duration {
        self.left
    }

    /// Pays for a wait of `spent`, and gives the pause after which to try again; `None` where no time is left.
    pub fn pause_after(&mut self, spent: Duration) -> Option<Duration> {
        self.left = self.left.saturating_sub(spent);
        let pause = PAUSE.min(self.left);
        self.left -= pause;
        (!pause.is_zero()).then_some(pause)
    }
}

/// A session whose locks may be in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// Its process; `None` for a prepared transaction.
    pub pid: Option<i32>,
    /// Who it is, what it does, and what it holds.
    pub text: String,
    /// How long its transaction lasts, in seconds; `None` where we may not know.
    age: Option<i64>,
}

/// One line of several blockers.
pub fn list(blockers: &[Blocker]) -> String {
    let named: Vec<&str> = blockers.iter().take(NAMED).map(|blocker| blocker.text.as_str()).collect();
    let more = blockers.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", named.join("; "))
}

/// The sessions that hold locks which `statement` may have waited for, the oldest transaction first. The
/// server no longer knows once the wait has failed, so it is asked for the locks on all relations that the
/// statement names, on those tied to them by foreign keys, inheritance or as their indexes; where nobody
/// holds any, as behind the call of a function, for those on any table.
pub async fn blockers(connection: &mut PgConnection, statement: &str) -> Result<Vec<Blocker>> {
    let mut all = named_blockers(connection, statement).await?;
    if all.is_empty() {
        all = holders(connection, statement, FIRST_OF_USERS).await?;
    }
    // Whoever was queued behind us has its locks by now, and was not in the way.
    let is_older =
        |blocker: &Blocker| blocker.age.is_none_or(|age| age >= LOCK_TIMEOUT.as_secs().cast_signed());
    if all.iter().any(is_older) {
        all.retain(is_older);
    }
    Ok(all)
}

/// The same, but only for relations that the statement names and those tied to them.
pub async fn named_blockers(connection: &mut PgConnection, statement: &str) -> Result<Vec<Blocker>> {
    // Whoever only reads is not in the way of writing rows or building an index.
    let modes = if is_gentle(statement) { " AND l.mode <> 'AccessShareLock'" } else { "" };
    holders(connection, statement, &format!("l.relation IN (SELECT oid FROM wanted){modes}")).await
}

/// Relations of the catalog have lower oids.
const FIRST_OF_USERS: &str = "l.relation >= 16384";

async fn holders(connection: &mut PgConnection, statement: &str, which: &str) -> Result<Vec<Blocker>> {
    let names = names(statement);
    let names = names.iter().map(|name| quote_literal(name)).collect::<Vec<_>>().join(", ");
    // A prepared transaction has no process: it is known by the lock on its own number.
    let sql = format!(
        "WITH named AS (SELECT oid FROM pg_class WHERE relname = ANY (ARRAY[{names}]::name[])),
         wanted AS (
           SELECT oid FROM named
           UNION SELECT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid IN (SELECT oid FROM named)
           UNION SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid IN (SELECT oid FROM named)
           UNION SELECT inhrelid FROM pg_inherits WHERE inhparent IN (SELECT oid FROM named)
           UNION SELECT indrelid FROM pg_index WHERE indexrelid IN (SELECT oid FROM named))
         SELECT l.pid, a.usename::text, a.application_name, a.state, a.backend_type, a.query,
                round(extract(epoch FROM clock_timestamp() - a.xact_start))::bigint, p.gid,
                string_agg(DISTINCT l.relation::regclass::text, ', ')
         FROM pg_locks l
         LEFT JOIN pg_stat_activity a ON a.pid = l.pid
         LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid' AND x.granted
           AND x.virtualtransaction = l.virtualtransaction
         LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
         WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND {which}
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 7 DESC NULLS LAST, 1"
    );
    let rows = fetch(connection, &sql).await?;
    rows.iter().map(read).collect::<Result<_, _>>().map_err(query::error)
}

/// Who holds the lock that keeps two runs apart.
pub async fn other_run(connection: &mut PgConnection) -> Result<Vec<Blocker>> {
    let sql = format!(
        "SELECT l.pid, a.usename::text, a.application_name, a.state, a.backend_type, NULL::text,
                extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, NULL::text, NULL::text
         FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND l.objsubid = 1 AND (l.classid::bigint << 32) | l.objid::bigint = {LOCK_KEY}"
    );
    let rows = fetch(connection, &sql).await?;
    rows.iter().map(read).collect::<Result<_, _>>().map_err(query::error)
}

fn read(row: &sqlx::postgres::PgRow) -> Result<Blocker, sqlx::Error> {
    let text = |column: usize| row.try_get::<Option<String>, _>(column);
    let (pid, seconds): (Option<i32>, Option<i64>) = (row.try_get(0)?, row.try_get(6)?);
    let mut about: Vec<String> = Vec::new();
    about.extend(text(1)?.map(|role| format!("role {role}")));
    about.extend(text(2)?.filter(|name| !name.is_empty()));
    about.extend(text(4)?.filter(|kind| kind != "client backend"));
    let state = text(3)?.unwrap_or_default();
    about.extend(seconds.map(|seconds| match state.as_str() {
        "" | "active" => format!("in a transaction for {seconds} s"),
        state => format!("{state} for {seconds} s"),
    }));
    about.extend(text(5)?.as_deref().and_then(shown));
    let who = match (pid, text(7)?) {
        (Some(pid), _) => format!("process {pid}"),
        (None, Some(gid)) => format!("prepared transaction {gid}"),
        (None, None) => "a prepared transaction".into(),
    };
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    let holds = text(8)?.map(|tables| format!(" holds {tables}")).unwrap_or_default();
    Ok(Blocker { pid, text: format!("{who}{about}{holds}"), age: seconds })
}

/// A query on one line, cut short; not where it may hold a secret.
pub fn shown(query: &str) -> Option<String> {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() || line == "<insufficient privilege>" || line.to_lowercase().contains("password") {
        return None;
    }
    let cut: String = line.chars().take(SHOWN).collect();
    Some(if cut.len() < line.len() { format!("query `{cut}...`") } else { format!("query `{cut}`") })
}

/// Whether a statement gets along with readers of its tables.
fn is_gentle(statement: &str) -> bool {
    let command = command(statement);
    let first = command.split(' ').next().unwrap_or_default();
    matches!(first, "insert" | "update" | "delete" | "merge" | "copy" | "select" | "with")
        || matches!(command.as_str(), "create index" | "create unique" | "create trigger")
}

/// What may be names of relations in a statement: its words, as written and in lower case.
fn names(statement: &str) -> std::collections::BTreeSet<String> {
    let quoted = statement.split('"').skip(1).step_by(2).take(WORDS).map(str::to_owned);
    words(statement)
        .take(WORDS)
        .flat_map(|word| [word.to_owned(), word.to_lowercase()])
        .chain(quoted)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends() {
        let mut patience = Patience::new(Duration::from_secs(5));
        assert_eq!(patience.pause_after(LOCK_TIMEOUT), Some(PAUSE));
        assert_eq!(patience.pause_after(LOCK_TIMEOUT), None);
        assert_eq!(Patience::new(Duration::ZERO).whole(), USUAL);
    }

    #[test]
    fn a_query_is_shown_on_one_line_without_passwords() {
        assert_eq!(shown("SELECT\n  1").as_deref(), Some("query `SELECT 1`"));
        assert_eq!(shown("ALTER ROLE a PASSWORD 'secret'"), None);
        assert!(shown(&"x".repeat(200)).is_some_and(|text| text.ends_with("x...`")));
    }

    #[test]
    fn quoted_names_are_names() {
        let names = names("ALTER TABLE crm.\"My Table\" ADD x int");
        assert!(names.contains("My Table") && names.contains("crm"));
    }
}
