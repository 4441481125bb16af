//! Into PostgreSQL: the statements of the one transaction that a load is.

pub mod deferred_keys;
pub mod digest;
pub mod rebuild;
pub mod sequences;
pub mod triggers;
pub mod written;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::catalog::table_locks::{Deadline, is_wait};
use crate::catalog::{RelationKind, Schema};
use crate::db::pooler::{Answer, PROBE};
use crate::db::query::{
    LOCK_KEY, NOTICE_OUR_END, SETTINGS, busy, error, execute, fetch, function_line, undo,
};
use crate::domain::explicit::ids;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::note::{Note, NoteKind};
use crate::plan::{Plan, TablePlan};
use crate::report::TableReport;
use crate::sink::encode::Encoder;
use crate::sink::encode::copy_text::CopyText;
use crate::sink::encode::sql::Inserts;
use crate::sink::generate::{Chunk, RowStream};
use crate::sql::quote_identifier;
use crate::sql::quote_literal;
use crate::ui::Progress;

/// How rows get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Copy,
    /// INSERT statements of so many rows.
    Insert {
        /// Rows in a statement.
        rows: usize,
    },
}

impl Method {
    /// Its name on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Insert { .. } => "insert",
        }
    }

    /// The encoder that it sends.
    pub fn encoder(self) -> Arc<dyn Encoder> {
        match self {
            Self::Copy => Arc::new(CopyText),
            Self::Insert { rows } => Arc::new(Inserts { rows }),
        }
    }
}

/// So long another crm-seed may take to be gone that was killed or has just ended.
const GRACE: Duration = Duration::from_millis(700);
/// Pause between two tries for the lock.
const PAUSE: Duration = Duration::from_millis(100);

/// Opens the transaction, and takes the lock that keeps two crm-seeds apart until it ends; another one that
/// has it is waited for. Returns what the server says of its end of the connection, which rides along.
///
/// # Errors
/// Refused, where another one still has it after `wait`.
pub async fn begin(
    connection: &mut PgConnection,
    wait: Duration,
    deadline: Deadline,
) -> Result<Option<Answer>> {
    let until = Instant::now() + wait.max(GRACE);
    // Each look at the tables must see what was committed before it: no picture of the beginning will do.
    let sql = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; {SETTINGS}; {}; {NOTICE_OUR_END};
         SELECT pg_try_advisory_xact_lock({LOCK_KEY}), {PROBE}",
        deadline.setting(Duration::MAX)
    );
    let sent = Instant::now();
    interrupt::opened();
    let rows = fetch(connection, &sql).await?;
    let answer = rows.last().map(|row| Answer::read(row, sent));
    let is_locked = |rows: &[PgRow]| rows.last().is_some_and(|row| row.try_get(0).unwrap_or(false));
    let mut locked = is_locked(&rows);
    while !locked && Instant::now() < until {
        tokio::time::sleep(PAUSE).await;
        locked =
            is_locked(&fetch(connection, &format!("SELECT pg_try_advisory_xact_lock({LOCK_KEY})")).await?);
    }
    if locked { Ok(answer) } else { Err(busy()) }
}

/// Makes the settings of the transaction again, as [`begin`] did.
pub async fn settings(connection: &mut PgConnection, deadline: Deadline) -> Result<()> {
    execute(connection, SETTINGS).await?;
    execute(connection, &format!("{}; {NOTICE_OUR_END}", deadline.setting(Duration::MAX))).await
}

/// Empties the planned tables, and those that refer to them (`also`): just these, which were looked at.
pub async fn truncate(connection: &mut PgConnection, plan: &Plan, also: &[String]) -> Result<()> {
    let tables = plan.emptied().map(|table| table.header.table.as_str());
    let tables: Vec<&str> = tables.chain(also.iter().map(String::as_str)).collect();
    // Without CASCADE: a table that nobody looked at is a reason to stop.
    let sql = format!("TRUNCATE {}", tables.join(", "));
    execute(connection, &sql).await.map_err(|error| {
        let context = error.server().and_then(|server| server.context.as_deref());
        let is_in_function = context.and_then(function_line).is_some();
        let told = error.context("emptying the tables");
        match is_in_function {
            true => told.with_hint(
                "a trigger on TRUNCATE failed: disable triggers with --triggers off, or leave its table \
                 out with --exclude",
            ),
            false => told,
        }
    })
}

/// Why rows could not be loaded.
#[derive(Debug)]
pub struct LoadError {
    /// What happened, without the table.
    pub error: Error,
    /// The table whose rows are refused; `None` where it is something beside them.
    pub table: Option<String>,
}

impl LoadError {
    /// As one error, with what the catalog tells of its cause.
    pub fn explained(self, schema: &Schema) -> Error {
        let Self { error, table } = self;
        let error = match &table {
            Some(table) => triggers::explain(error, table, schema),
            None => error,
        };
        Self { error, table }.into()
    }
}

impl From<Error> for LoadError {
    fn from(error: Error) -> Self {
        Self { error, table: None }
    }
}

impl From<LoadError> for Error {
    fn from(LoadError { error, table }: LoadError) -> Self {
        match table {
            Some(table) => error.context(format!("loading {table}")),
            None => error,
        }
    }
}

/// Sends all rows, table by table. What triggers put into a table before its turn goes first, where the table
/// `clears`: it held nothing before.
pub async fn load(
    connection: &mut PgConnection,
    plan: &Plan,
    generator: &mut RowStream,
    method: Method,
    progress: &mut Progress,
    clears: impl Fn(&TablePlan) -> bool,
) -> Result<Vec<TableReport>, LoadError> {
    let mut reports = Vec::new();
    let before = match plan.tables.iter().any(&clears) {
        true => written::by_table(connection).await?,
        false => BTreeMap::new(),
    };
    let mut next = generator.next().await?;
    for (position, table) in plan.tables.iter().enumerate() {
        let started = Instant::now();
        if clears(table) && table.all_rows() > 0 {
            triggers::clear(connection, plan, table, &before).await?;
        }
        let mut sent = Sent { position, bytes: 0, generator, progress };
        let loaded = match method {
            Method::Copy => sent.copy(connection, table, &mut next).await,
            Method::Insert { .. } => sent.insert(connection, &mut next).await,
        };
        let bytes = sent.bytes;
        loaded.map_err(|error| LoadError { error, table: Some(table.header.table.clone()) })?;
        reports.push(table.report(bytes, started.elapsed().as_secs_f64()));
    }
    Ok(reports)
}

/// The chunks of one table on their way.
struct Sent<'a> {
    position: usize,
    bytes: u64,
    generator: &'a mut RowStream,
    progress: &'a mut Progress,
}

impl Sent<'_> {
    async fn copy(
        &mut self,
        connection: &mut PgConnection,
        table: &TablePlan,
        next: &mut Option<Chunk>,
    ) -> Result<()> {
        if next.as_ref().is_none_or(|chunk| chunk.table != self.position) {
            return Ok(());
        }
        let statement = format!("COPY {} FROM STDIN", table.header);
        let mut copy = connection.copy_in_raw(&statement).await.map_err(error)?;
        while let Some(chunk) = next.take_if(|chunk| chunk.table == self.position) {
            if let Err(failure) = copy.send(chunk.bytes.as_slice()).await {
                // The server's reason comes with the end of the COPY; the send only saw it stop.
                return Err(error(copy.finish().await.err().unwrap_or(failure)));
            }
            *next = self.sent(chunk).await?;
        }
        copy.finish().await.map(drop).map_err(error)
    }

    async fn insert(&mut self, connection: &mut PgConnection, next: &mut Option<Chunk>) -> Result<()> {
        while let Some(chunk) = next.take_if(|chunk| chunk.table == self.position) {
            let sql = std::str::from_utf8(&chunk.bytes).map_err(|e| Error::failed(e.to_string()))?;
            execute(connection, sql).await?;
            *next = self.sent(chunk).await?;
        }
        Ok(())
    }

    /// Counts a chunk that is through, and fetches the next one.
    async fn sent(&mut self, chunk: Chunk) -> Result<Option<Chunk>> {
        self.bytes += chunk.bytes.len() as u64;
        self.progress.advance(chunk.table, chunk.rows);
        self.generator.recycle(chunk.bytes);
        self.generator.next().await
    }
}

/// Refreshes the materialized views that show the planned tables, and returns notes on those
/// that we may not refresh.
pub async fn refresh_views(connection: &mut PgConnection, plan: &Plan, schema: &Schema) -> Result<Vec<Note>> {
    let filled: Vec<u32> = plan.tables.iter().filter_map(|t| t.target.as_ref()).map(|t| t.oid).collect();
    refresh_views_of(connection, &filled, schema).await
}

/// The same for the tables of these oids.
pub async fn refresh_views_of(
    connection: &mut PgConnection,
    tables: &[u32],
    schema: &Schema,
) -> Result<Vec<Note>> {
    let mut notes = Vec::new();
    for view in schema.views_of(tables) {
        if view.kind != RelationKind::MaterializedView {
            continue;
        }
        let name = view.qualified();
        let stale = |why: &str| {
            let text = format!("materialized view {name} was not refreshed: {why}");
            Note::new(NoteKind::ViewNotRefreshed, text).about(&name)
        };
        if view.owned {
            // One that fails over the new rows keeps what it showed, and nothing else.
            let sql = format!("SAVEPOINT crm_seed_view; REFRESH MATERIALIZED VIEW {name}");
            match execute(connection, &sql).await {
                Ok(()) => execute(connection, "RELEASE SAVEPOINT crm_seed_view").await?,
                // A view that is stale because somebody read it is no state to leave behind.
                Err(error) if is_wait(&error) => {
                    return Err(error.context(format!("refreshing {name}")));
                }
                Err(error) => {
                    notes.push(stale(&format!("{error:#}")));
                    undo(connection, "crm_seed_view").await?;
                }
            }
        } else {
            notes.push(stale("another role owns it"));
        }
    }
    Ok(notes)
}

/// Tables with fewer rows are left to autovacuum, which samples every table that has got more
/// than fifty: for the planner they are a page or two, and sampling ten of them would be a
/// fifth of a small run.
const WORTH_SAMPLING: u64 = 1000;

/// Tells the planner of the new rows.
///
/// # Errors
/// The rows are in by then.
pub async fn analyze(connection: &mut PgConnection, plan: &Plan) -> Result<()> {
    let large = plan.tables.iter().filter(|table| table.rows >= WORTH_SAMPLING);
    let tables: Vec<&str> = large.map(|table| table.header.table.as_str()).collect();
    if tables.is_empty() {
        return Ok(());
    }
    execute(connection, &format!("ANALYZE {}", tables.join(", "))).await
}

/// The highest id in each planned table that has a numeric one, below those of explicit rows.
pub async fn highest_ids(connection: &mut PgConnection, plan: &Plan) -> Result<Vec<(String, u64)>> {
    let with_id = plan.tables.iter().filter(|table| table.is_domain() && has_number(table));
    let probe = |table: &TablePlan| {
        let (name, first) = (quote_literal(table.name()), ids::FIRST);
        let id = quote_identifier(&table.key()[0]);
        format!("SELECT {name}, max({id})::bigint FROM {} WHERE {id} < {first}", table.header.table)
    };
    let probes: Vec<String> = with_id.map(probe).collect();
    if probes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = fetch(connection, &probes.join(" UNION ALL ")).await?;
    rows.iter()
        .map(|row| {
            let name = row.try_get(0).map_err(error)?;
            let highest: Option<i64> = row.try_get(1).map_err(error)?;
            Ok((name, u64::try_from(highest.unwrap_or(0)).unwrap_or(0)))
        })
        .collect()
}

/// Whether the key of a table is one column of numbers.
fn has_number(table: &TablePlan) -> bool {
    let [key] = table.key() else { return false };
    let types = ["bigint", "integer", "smallint"];
    table.columns.iter().any(|column| column.name == *key && types.contains(&column.type_name.as_str()))
}
