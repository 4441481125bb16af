//! Runs statements and finds what they delete by what really happens, not by reading SQL: tables that
//! vanish or lose rows, columns that are dropped with values in them, rows and values that are written over.
//!
//! Rows of a table that is gone cannot be counted any more. So the statements are run up to a savepoint's
//! return, what they changed is counted as it was before, and they are run again. Where it is known
//! already what they will change, they are run once.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::db::query;
use crate::error::Result;
use crate::migrate::data_loss::{COUNTED, Count, Losses, LostData};
use crate::migrate::failure::{Failure, execute, fetch};
use crate::migrate::sql::statements::{Statement, headline};
use crate::sql::quote_identifier;

/// Statements to try inside a transaction that is open.
pub struct Trial<'a> {
    /// The file, for messages.
    pub file: &'a str,
    /// The statements, in order.
    pub statements: Vec<Statement<'a>>,
    /// SQL that takes back what the statements SET: role, search path.
    pub reset: &'a str,
    /// Whether tables are locked before they are counted, so that the numbers hold until the end of the
    /// transaction.
    pub locks: bool,
}

/// How a table loses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Dropped,
    /// Its rows are in another file than before: TRUNCATE, or a rewrite that keeps them.
    Rewritten,
    /// The column of this number is dropped.
    Column(i16),
}

/// A change that may cost rows or values, to a table of this oid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    table: i64,
    kind: Kind,
}

/// What the catalog and the counters of our own transaction say of a table.
struct Table {
    name: String,
    /// Its rows are elsewhere: the server counts nothing of them.
    is_foreign_table: bool,
    /// It is a composite type: the tables that use it lose what it loses.
    is_type: bool,
    file: i64,
    counters: Counters,
    dropped: BTreeSet<i16>,
}

/// Rows that our own transaction has written.
#[derive(Clone, Copy, Default)]
struct Counters {
    inserted: i64,
    updated: i64,
    deleted: i64,
}

impl Counters {
    /// What has come since.
    fn since(self, before: Self) -> Self {
        let more = |now: i64, was: i64| (now - was).max(0);
        Self {
            inserted: more(self.inserted, before.inserted),
            updated: more(self.updated, before.updated),
            deleted: more(self.deleted, before.deleted),
        }
    }
}

fn rows(number: i64) -> Count {
    Count::of(u64::try_from(number).unwrap_or(0))
}

/// A table that our transaction has locked: as it is now, where it still is.
struct Touched {
    oid: i64,
    /// Locked for more than reading, where nothing counts what was written.
    written: bool,
    table: Option<Table>,
}

/// What a table that was touched did.
#[derive(Default)]
struct Difference {
    changes: BTreeSet<Change>,
    /// Rows written, by table.
    counters: BTreeMap<i64, Counters>,
    /// Foreign tables that were written to.
    foreign_tables: BTreeSet<i64>,
}

/// What goes with a change, as it was before.
struct Counted {
    subject: Subject,
    count: Count,
    /// What the values of a table read like that may be rewritten.
    values: Option<Values>,
}

/// What the values of a table's columns read like.
struct Values {
    /// The columns of the primary key, by which values are told apart.
    key: Vec<i16>,
    /// Values of its columns, by `attnum`.
    columns: BTreeMap<i16, ColumnValues>,
}

/// What the values of a column read like, whatever the order of the rows.
struct ColumnValues {
    name: String,
    /// Those that are not NULL.
    count: Count,
    fingerprint: String,
}

impl Trial<'_> {
    /// Runs the statements, and tells what they deleted. `known` is what they are thought to change; what
    /// they change besides is added to it.
    ///
    /// # Errors
    /// A statement that fails; then the transaction is of no more use.
    pub async fn run(
        &self,
        connection: &mut PgConnection,
        known: &mut BTreeSet<Change>,
    ) -> Result<Losses, Failure> {
        execute(connection, "SAVEPOINT crm_seed_trial").await?;
        loop {
            let counted = self.count_all(connection, known).await?;
            let before = tables(connection).await?;
            for statement in &self.statements {
                run_statement(connection, statement, self.file).await?;
            }
            execute(connection, self.reset).await?;
            let after = touched(connection).await?;
            let difference = compare(&before, &after);
            if difference.changes.is_subset(known) {
                return losses(connection, &before, &difference, &counted).await;
            }
            execute(connection, "ROLLBACK TO SAVEPOINT crm_seed_trial").await?;
            known.extend(difference.changes);
        }
    }

    /// Counts what would go with each change.
    async fn count_all(
        &self,
        connection: &mut PgConnection,
        known: &BTreeSet<Change>,
    ) -> Result<BTreeMap<Change, Counted>, Failure> {
        let mut counted = BTreeMap::new();
        for change in known {
            let Some(subject) = subject(connection, change).await? else { continue };
            if self.locks {
                lock(connection, &subject).await?;
            }
            let count = count(connection, &subject).await?;
            let values = match change.kind {
                Kind::Rewritten => values(connection, &subject, change.table, None).await?,
                _ => None,
            };
            counted.insert(*change, Counted { subject, count, values });
        }
        Ok(counted)
    }
}

/// Runs one statement of a migration.
///
/// # Errors
/// What the server says of it, and which it was.
pub async fn run_statement(
    connection: &mut PgConnection,
    statement: &Statement<'_>,
    file: &str,
) -> Result<(), Failure> {
    let run = execute(connection, statement).await;
    run.map_err(|failure| {
        // Where the server says where, else at its first word.
        let (line, column) = statement.location(failure.error.server().and_then(|said| said.position));
        failure.context(format!("{file}:{line}:{column}: `{}`", headline(statement)))
    })
}

/// What is counted: the rows of a table, or the values of one of its columns.
struct Subject {
    /// The table with its schema, quoted.
    table: String,
    column: Option<String>,
    /// The role to count as, where ours may not see all rows.
    role: Option<String>,
    /// The role that is SET.
    before: String,
}

impl Subject {
    fn lost_data(&self) -> LostData {
        let table = self.table.clone();
        match self.column.clone() {
            Some(column) => LostData::Column { table, column },
            None => LostData::Table(table),
        }
    }

    /// SQL that becomes the role to count as.
    fn as_role(&self) -> String {
        self.role.as_ref().map(|role| format!("SET LOCAL ROLE {role}; ")).unwrap_or_default()
    }
}

/// What changes, by its names; `None` where the table is gone, or the column computes its values.
async fn subject(connection: &mut PgConnection, change: &Change) -> Result<Option<Subject>, Failure> {
    let (oid, column) = match change.kind {
        Kind::Column(number) => (change.table, number),
        Kind::Dropped | Kind::Rewritten => (change.table, 0),
    };
    let sql = format!(
        "SELECT format('%I.%I', n.nspname, c.relname), a.attname::text,
                CASE WHEN pg_has_role(c.relowner, 'MEMBER')
                          AND (c.relrowsecurity OR NOT has_table_privilege(c.oid, 'SELECT'))
                     THEN quote_ident(pg_get_userbyid(c.relowner)) END,
                quote_ident(current_setting('role'))
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = {column} AND NOT a.attisdropped
                                     AND a.attgenerated = ''
         WHERE c.oid = {oid} AND ({column} = 0 OR a.attname IS NOT NULL)"
    );
    let rows = fetch(connection, &sql).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let read = || -> Result<Subject, sqlx::Error> {
        let (table, column) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Subject { table, column, role: row.try_get(2)?, before: row.try_get(3)? })
    };
    Ok(Some(read().map_err(query::error)?))
}

/// Locks a table, as what drops or rewrites it does anyway. A role that may not is no hindrance: it counts
/// nothing either.
async fn lock(connection: &mut PgConnection, subject: &Subject) -> Result<(), Failure> {
    let Subject { table, before, .. } = subject;
    let back = subject.role.as_ref().map(|_| format!("; SET LOCAL ROLE {before}")).unwrap_or_default();
    execute(connection, "SAVEPOINT crm_seed_lock").await?;
    let sql = format!("{}LOCK TABLE ONLY {table} IN ACCESS EXCLUSIVE MODE{back}", subject.as_role());
    match execute(connection, &sql).await {
        Err(failure) if failure.sqlstate() == Some("42501") => {
            execute(connection, "ROLLBACK TO SAVEPOINT crm_seed_lock").await
        }
        locked => locked,
    }
}

/// Counts up to [`COUNTED`]; a column's values are those that are not NULL. Unknown where we may not see
/// all of them.
async fn count(connection: &mut PgConnection, subject: &Subject) -> Result<Count, Failure> {
    let table = &subject.table;
    // A composite value of NULLs is a value: IS NOT NULL would deny that.
    let with =
        subject.column.as_deref().map(|column| format!("{} IS DISTINCT FROM NULL", quote_identifier(column)));
    let with = with.map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
    let most = COUNTED + 1;
    let sql =
        format!("SELECT count(*)::text FROM (SELECT 1 FROM ONLY {table}{with} LIMIT {most}) AS counted");
    let number = ask(connection, subject, &sql).await?;
    Ok(number.and_then(|number| number.parse().ok()).map_or(Count::UNKNOWN, Count::of))
}

/// What the values of a table read like, each with the key of its row: the one that the table has, or `key`. None where
/// they are hidden from us.
async fn values(
    connection: &mut PgConnection,
    subject: &Subject,
    oid: i64,
    key: Option<&[i16]>,
) -> Result<Option<Values>, Failure> {
    let sql = format!(
        "SELECT a.attnum, a.attname::text, coalesce(a.attnum = ANY (k.conkey), false)
         FROM pg_attribute a LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
         WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
         ORDER BY a.attnum"
    );
    let rows = fetch(connection, &sql).await?;
    let read = |row: &PgRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    let columns = rows.iter().map(read).collect::<Result<Vec<(i16, String, bool)>, sqlx::Error>>();
    let columns = columns.map_err(query::error)?;
    let key = match key {
        Some(key) => key.to_vec(),
        None => columns.iter().filter(|(_, _, is_key)| *is_key).map(|(number, ..)| *number).collect(),
    };
    let of_key = columns.iter().filter(|(number, ..)| key.contains(number));
    let of_key: String = of_key.map(|(_, name, _)| format!("{}, ", quote_identifier(name))).collect();
    let asked = columns.iter().map(|(_, name, _)| {
        let name = quote_identifier(name);
        let text = format!("ROW({of_key}{name})::text COLLATE \"C\"");
        format!("count({name})::text, coalesce(sum(hashtextextended({text}, 0)), 0)::text")
    });
    let asked: Vec<String> = asked.collect();
    let sql = format!(
        "SELECT array_to_string(ARRAY[{}]::text[], ' ') FROM ONLY {}",
        asked.join(", "),
        subject.table
    );
    let Some(answer) = ask(connection, subject, &sql).await? else { return Ok(None) };
    let mut words = answer.split(' ').map(str::to_owned);
    let mut read = BTreeMap::new();
    for (number, name, _) in columns {
        let (Some(count), Some(fingerprint)) = (words.next(), words.next()) else { return Ok(None) };
        let count = count.parse().map_or(Count::UNKNOWN, Count::of);
        read.insert(number, ColumnValues { name, count, fingerprint });
    }
    Ok(Some(Values { key, columns: read }))
}

/// The one value that a query about `subject` has; none where the role may not ask that.
async fn ask(connection: &mut PgConnection, subject: &Subject, sql: &str) -> Result<Option<String>, Failure> {
    let role = subject.as_role();
    // Row-level security would hide rows; switched off it makes an error where it would.
    execute(connection, &format!("SAVEPOINT crm_seed_count; {role}SET LOCAL row_security = off")).await?;
    let rows = match fetch(connection, sql).await {
        Err(failure) if failure.is_lock() => return Err(failure),
        rows => rows.ok(),
    };
    execute(connection, "ROLLBACK TO SAVEPOINT crm_seed_count").await?;
    Ok(rows.and_then(|rows| rows.first()?.try_get(0).ok()))
}

/// What a [`Table`] is read from.
const TABLES: &str = "SELECT c.oid::bigint AS oid, format('%I.%I', n.nspname, c.relname) AS name,
       c.relkind = 'f' AS is_foreign_table, c.relkind = 'c' AS is_type, coalesce(pg_relation_filenode(c.oid)::bigint, 0) AS file,
       coalesce(pg_stat_get_xact_tuples_inserted(c.oid), 0) AS inserted,
       coalesce(pg_stat_get_xact_tuples_updated(c.oid), 0) AS updated,
       coalesce(pg_stat_get_xact_tuples_deleted(c.oid), 0) AS deleted,
       (SELECT string_agg(a.attnum::text, ' ') FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attisdropped) AS dropped
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'f', 'c') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema')";

/// All tables, by their oid.
async fn tables(connection: &mut PgConnection) -> Result<BTreeMap<i64, Table>, Failure> {
    let rows = fetch(connection, TABLES).await?;
    let read = |row: &PgRow| Ok((row.try_get("oid")?, read_table(row)?));
    let tables = rows.iter().map(read).collect::<Result<_, sqlx::Error>>();
    Ok(tables.map_err(query::error)?)
}

/// The relations that our transaction has locked.
async fn touched(connection: &mut PgConnection) -> Result<Vec<Touched>, Failure> {
    // Without the server's counters every table that was written to has to be counted.
    let sql = format!(
        "SELECT l.relation, t.*, CASE WHEN t.is_foreign_table THEN l.written
                                      ELSE l.locked AND NOT current_setting('track_counts')::boolean END AS written
         FROM (SELECT relation::bigint, bool_or(mode <> 'AccessShareLock') AS locked,
                      bool_or(mode = 'RowExclusiveLock') AS written
               FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' GROUP BY relation) AS l
         LEFT JOIN ({TABLES}) AS t ON t.oid = l.relation"
    );
    let rows = fetch(connection, &sql).await?;
    let read = |row: &PgRow| {
        let oid: Option<i64> = row.try_get("oid")?;
        let table = oid.map(|_| read_table(row)).transpose()?;
        let written: Option<bool> = row.try_get("written")?;
        Ok(Touched { oid: row.try_get("relation")?, written: written.unwrap_or(false), table })
    };
    let touched = rows.iter().map(read).collect::<Result<_, sqlx::Error>>();
    Ok(touched.map_err(query::error)?)
}

fn read_table(row: &PgRow) -> Result<Table, sqlx::Error> {
    let dropped: Option<String> = row.try_get("dropped")?;
    let dropped = dropped.unwrap_or_default();
    Ok(Table {
        name: row.try_get("name")?,
        is_foreign_table: row.try_get("is_foreign_table")?,
        is_type: row.try_get("is_type")?,
        file: row.try_get("file")?,
        counters: Counters {
            inserted: row.try_get("inserted")?,
            updated: row.try_get("updated")?,
            deleted: row.try_get("deleted")?,
        },
        dropped: dropped.split_whitespace().filter_map(|number| number.parse().ok()).collect(),
    })
}

fn compare(before: &BTreeMap<i64, Table>, after: &[Touched]) -> Difference {
    let mut difference = Difference::default();
    for touched in after {
        let Some(was) = before.get(&touched.oid) else { continue };
        if was.is_foreign_table {
            // The rows of one that is dropped stay where they are.
            if touched.written {
                difference.foreign_tables.insert(touched.oid);
            }
            continue;
        }
        let mut note = |kind| difference.changes.insert(Change { table: touched.oid, kind });
        let Some(now) = &touched.table else {
            // Columns of a type go with it, which is told of their tables.
            if !was.is_type {
                note(Kind::Dropped);
            }
            continue;
        };
        if now.file != was.file || touched.written {
            note(Kind::Rewritten);
        }
        for column in now.dropped.difference(&was.dropped) {
            note(Kind::Column(*column));
        }
        difference.counters.insert(touched.oid, now.counters.since(was.counters));
    }
    difference
}

/// What is lost, now that the statements are through.
async fn losses(
    connection: &mut PgConnection,
    before: &BTreeMap<i64, Table>,
    difference: &Difference,
    counted: &BTreeMap<Change, Counted>,
) -> Result<Losses, Failure> {
    let mut losses = Losses::default();
    let counters = difference.counters.iter();
    let mut deleted: BTreeMap<i64, Count> =
        counters.map(|(oid, counters)| (*oid, rows(counters.deleted))).collect();
    for change in &difference.changes {
        let Some(Counted { subject, count, values }) = counted.get(change) else { continue };
        if change.kind != Kind::Rewritten {
            losses.add(subject.lost_data(), *count);
            continue;
        }
        // TRUNCATE sets the counters back: rows inserted since are told from those that were kept.
        let inserted = difference.counters.get(&change.table).map_or(0, |counters| counters.inserted);
        let kept = self::count(connection, subject).await?.without(rows(inserted));
        let lost = deleted.entry(change.table).or_default();
        *lost = count.without(kept).max(*lost);
        if *lost == Count::default() {
            converted(connection, change, (subject, *count), values.as_ref(), &mut losses).await?;
        }
    }
    for (oid, counters) in &difference.counters {
        if let Some(table) = before.get(oid) {
            losses.add(LostData::Overwritten(table.name.clone()), rows(counters.updated));
        }
    }
    for table in difference.foreign_tables.iter().filter_map(|oid| before.get(oid)) {
        losses.add(LostData::Table(table.name.clone()), Count::UNKNOWN);
    }
    for (oid, count) in deleted {
        if let Some(table) = before.get(&oid) {
            losses.add(LostData::Table(table.name.clone()), count);
        }
    }
    Ok(losses)
}

/// Adds the columns of a table that was rewritten whose values read otherwise than before.
async fn converted(
    connection: &mut PgConnection,
    change: &Change,
    (subject, rows): (&Subject, Count),
    before: Option<&Values>,
    losses: &mut Losses,
) -> Result<(), Failure> {
    // What the table is called by now.
    let Some(now) = self::subject(connection, change).await? else { return Ok(()) };
    let converted =
        |column: &str| LostData::Converted { table: subject.table.clone(), column: column.to_owned() };
    let Some(before) = before else {
        losses.add(converted("any"), if rows == Count::default() { rows } else { Count::UNKNOWN });
        return Ok(());
    };
    let after = values(connection, &now, change.table, Some(&before.key)).await?;
    for (number, column) in &before.columns {
        match after.as_ref().map(|after| after.columns.get(number)) {
            // It is dropped, which is told already.
            Some(None) => {}
            Some(Some(same)) if same.fingerprint == column.fingerprint => {}
            _ => losses.add(converted(&column.name), column.count),
        }
    }
    Ok(())
}
