//! What the pending files reach: the tables that are there already, how they will be locked, and which are rewritten.

use std::collections::HashSet;

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::script::Script;
use crate::migrate::sql::lock_mode::LockMode;
use crate::migrate::sql::touched::{Touched, dropped_schemas, tables};
use crate::sql::quote_literal;

/// A table of the database that pending files touch.
#[derive(Clone, Debug)]
pub struct ReachedTable {
    pub oid: u32,
    /// Its name, quoted, with its schema where that is not in the search path.
    pub name: String,
    /// The strongest lock that the files take on it.
    pub lock: LockMode,
    /// The lock whose holders they wait for.
    pub waits_as: LockMode,
    pub is_rewritten: bool,
}

impl ReachedTable {
    /// Whether the files wait for another session that holds a lock of this mode on the table.
    pub fn is_kept_waiting_by(&self, mode: LockMode) -> bool {
        self.lock.conflicts_with(mode) || self.waits_as.conflicts_with(mode)
    }
}

/// Reads the pending files, and finds their tables.
///
/// # Errors
/// A file that cannot be run; whatever the server says.
pub async fn find(connection: &mut PgConnection, pending: &[&Migration]) -> Result<Vec<ReachedTable>> {
    let (mut touched, mut schemas) = (Vec::new(), Vec::new());
    for migration in pending {
        let script = Script::read(&migration.name, &migration.up)?;
        for statement in &script.statements {
            touched.extend(tables(statement));
            schemas.extend(dropped_schemas(statement));
        }
    }
    let touched = of_database(touched);
    if touched.is_empty() && schemas.is_empty() {
        return Ok(Vec::new());
    }
    let rows = fetch(connection, &query(&touched, &schemas)).await?;
    let mut reached: Vec<ReachedTable> = Vec::new();
    for row in &rows {
        let read = || {
            let at: i32 = row.try_get(3)?;
            // What has no statement of its own is in a schema that is dropped.
            let by = usize::try_from(at).ok().and_then(|at| touched.get(at));
            let of = |lock: fn(&Touched) -> LockMode| by.map_or(LockMode::AccessExclusive, lock);
            Ok::<_, sqlx::Error>(ReachedTable {
                oid: u32::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default(),
                name: row.try_get(1)?,
                lock: of(|touched| touched.lock),
                waits_as: of(|touched| touched.waits_as),
                is_rewritten: by.is_some_and(|touched| touched.is_rewritten) && row.try_get(2)?,
            })
        };
        let new = read().map_err(error)?;
        match reached.iter_mut().find(|known| known.oid == new.oid) {
            Some(known) => {
                known.lock = known.lock.max(new.lock);
                known.waits_as = known.waits_as.max(new.waits_as);
                known.is_rewritten |= new.is_rewritten;
            }
            None => reached.push(new),
        }
    }
    Ok(reached)
}

/// Without those that the files themselves have made before. One made only IF NOT EXISTS may be there already, and
/// then is found by its name.
fn of_database(touched: Vec<Touched>) -> Vec<Touched> {
    let mut made = HashSet::new();
    let mut kept = Vec::new();
    for one in touched {
        let key = (one.schema.clone(), one.name.clone());
        if one.is_made {
            made.insert(key);
        } else if !made.contains(&key) {
            kept.push(one);
        }
    }
    kept
}

/// The tables of that name, by the search path, else in any schema, as a file may set another path; of an index
/// its table; and what inherits from it.
fn query(touched: &[Touched], schemas: &[String]) -> String {
    let line = |(at, touched): (usize, &Touched)| {
        let schema = touched.schema.as_deref().map_or_else(|| "NULL".to_owned(), quote_literal);
        format!("({at}, {schema}, {})", quote_literal(&touched.name))
    };
    let mut lines: Vec<String> = touched.iter().enumerate().map(line).collect();
    lines.push("(-1, NULL, NULL)".into());
    let schemas: Vec<String> = schemas.iter().map(|schema| quote_literal(schema)).collect();
    format!(
        "WITH RECURSIVE named(at, schema, name) AS (VALUES {}),
named_relation AS (
  SELECT named.at, c.oid, c.relkind, pg_table_is_visible(c.oid) AS is_visible, named.schema IS NOT NULL AS is_exact,
    bool_or(pg_table_is_visible(c.oid)) OVER (PARTITION BY named.at) AS has_visible
  FROM named JOIN pg_class c ON c.relname = named.name::name
  JOIN pg_namespace n ON n.oid = c.relnamespace AND (named.schema IS NULL OR n.nspname = named.schema)
  WHERE n.nspname !~ '^pg_(toast|temp)' AND c.relkind IN ('r', 'p', 'm', 'f', 'i', 'I')
), wanted AS (
  SELECT at, coalesce((SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = r.oid), r.oid) AS oid
  FROM named_relation r WHERE is_exact OR is_visible OR NOT has_visible
  UNION
  SELECT -1, c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY (ARRAY[{}]::text[]) AND c.relkind IN ('r', 'p', 'm', 'f')
  UNION
  SELECT w.at, h.inhrelid FROM wanted w JOIN pg_inherits h ON h.inhparent = w.oid
)
SELECT c.oid::bigint, c.oid::regclass::text, c.relkind IN ('r', 'm'), w.at
FROM wanted w JOIN pg_class c ON c.oid = w.oid ORDER BY 2, 4",
        lines.join(", "),
        schemas.join(", ")
    )
}
