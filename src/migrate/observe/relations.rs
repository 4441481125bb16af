//! What the catalog, the lock table and the server's counters say of all relations at one moment of a
//! transaction of ours.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::db::query;
use crate::migrate::failure::{Failure, fetch};
use crate::migrate::sql::lock_mode::LockMode;

/// A table, index, view or sequence of the database's own: neither of the system nor temporary.
#[derive(Clone, Debug)]
pub struct Relation {
    /// As `regclass` shows it: with its schema where the search path does not find it.
    pub shown: String,
    /// With its schema, quoted.
    pub qualified: String,
    /// Its bare name, not quoted.
    pub name: String,
    pub kind: RelationKind,
    /// The table, where it is an index.
    pub table: Option<i64>,
    /// Where its rows are; another one where it is rewritten. 0 where it has none.
    pub file: i64,
    pub counters: Counters,
    /// What its definition is, where it is an index: `btree (name)`.
    pub definition: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// A table, partitioned or not, or a materialized view.
    Rows,
    Index,
    /// A view, sequence, foreign table or type.
    Other,
}

/// Rows that our own transaction has written and read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub inserted: i64,
    pub updated: i64,
    pub deleted: i64,
    /// Read by scans of the whole table.
    pub scanned: i64,
}

impl Counters {
    /// What has come since. TRUNCATE sets counters back.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        let more = |now: i64, was: i64| (now - was).max(0);
        Self {
            inserted: more(self.inserted, before.inserted),
            updated: more(self.updated, before.updated),
            deleted: more(self.deleted, before.deleted),
            scanned: more(self.scanned, before.scanned),
        }
    }
}

/// All relations, and the locks of our session.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// By their oids.
    pub relations: BTreeMap<i64, Relation>,
    pub locks: BTreeSet<(i64, LockMode)>,
}

/// Lower oids are the system's.
const RELATIONS: &str = "SELECT c.oid::bigint AS oid, c.oid::regclass::text AS shown,
       format('%I.%I', n.nspname, c.relname) AS qualified, c.relname::text AS name, c.relkind::text AS kind,
       i.indrelid::bigint AS table_oid, coalesce(pg_relation_filenode(c.oid)::bigint, 0) AS file,
       coalesce(pg_stat_get_xact_tuples_inserted(c.oid), 0) AS inserted,
       coalesce(pg_stat_get_xact_tuples_updated(c.oid), 0) AS updated,
       coalesce(pg_stat_get_xact_tuples_deleted(c.oid), 0) AS deleted,
       CASE WHEN c.relkind IN ('r', 'm') THEN coalesce(pg_stat_get_xact_tuples_returned(c.oid), 0) ELSE 0 END AS scanned,
       CASE WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END AS definition
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
     WHERE c.oid >= 16384 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

const LOCKS: &str = "SELECT relation::bigint AS relation, mode FROM pg_locks
     WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

impl Snapshot {
    /// Looks. It takes no lock on what it looks at.
    pub async fn take(connection: &mut PgConnection) -> Result<Self, Failure> {
        let rows = fetch(connection, RELATIONS).await?;
        let relations = rows.iter().map(|row| Ok((row.try_get("oid")?, relation(row)?)));
        let relations = relations.collect::<Result<_, sqlx::Error>>().map_err(query::error)?;
        let rows = fetch(connection, LOCKS).await?;
        let locks = rows.iter().map(|row| Ok((row.try_get("relation")?, row.try_get("mode")?)));
        let locks: Vec<(i64, String)> = locks.collect::<Result<_, sqlx::Error>>().map_err(query::error)?;
        let known = |(oid, mode): (i64, String)| Some((oid, LockMode::read(&mode)?));
        Ok(Self { relations, locks: locks.into_iter().filter_map(known).collect() })
    }
}

fn relation(row: &PgRow) -> Result<Relation, sqlx::Error> {
    let kind: String = row.try_get("kind")?;
    let definition: Option<String> = row.try_get("definition")?;
    let definition = definition.unwrap_or_default();
    let method = definition.split_once(" USING ").map(|(_, method)| method.to_owned());
    Ok(Relation {
        shown: row.try_get("shown")?,
        qualified: row.try_get("qualified")?,
        name: row.try_get("name")?,
        kind: match kind.as_str() {
            "r" | "p" | "m" => RelationKind::Rows,
            "i" | "I" => RelationKind::Index,
            _ => RelationKind::Other,
        },
        table: row.try_get("table_oid")?,
        file: row.try_get("file")?,
        counters: Counters {
            inserted: row.try_get("inserted")?,
            updated: row.try_get("updated")?,
            deleted: row.try_get("deleted")?,
            scanned: row.try_get("scanned")?,
        },
        definition: method.unwrap_or(definition),
    })
}
