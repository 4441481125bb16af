//! What a database is at one moment of a rehearsal: its catalog, and what the rows of each table read like.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use crate::db::query::{self, SETTINGS, execute, fetch};
use crate::error::Result;
use crate::migrate::{Catalog, HISTORY};

/// Tables asked for in one query.
const AT_ONCE: usize = 40;

/// The catalog and the rows.
#[derive(Debug)]
pub struct State {
    pub catalog: Catalog,
    /// By the table's name with its schema, quoted.
    pub tables: BTreeMap<String, Digest>,
}

/// The rows of a table, whatever their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    pub rows: u64,
    sum: String,
}

impl State {
    /// Looks, in a transaction of its own.
    ///
    /// # Errors
    /// The connection is lost; rows that may not be read.
    pub async fn read(connection: &mut PgConnection) -> Result<Self> {
        let catalog = Catalog::read(connection).await?;
        execute(connection, "BEGIN READ ONLY").await?;
        let tables = tables(connection).await;
        // A connection that is gone has ended its transaction.
        let _ = execute(connection, "ROLLBACK").await;
        Ok(Self { catalog, tables: tables? })
    }
}

async fn tables(connection: &mut PgConnection) -> Result<BTreeMap<String, Digest>> {
    execute(connection, SETTINGS).await?;
    let sql = format!(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND c.relname <> '{HISTORY}'
           AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'crm_seed')
         ORDER BY 1"
    );
    let rows = fetch(connection, &sql).await?;
    let names = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>();
    let names = names.map_err(query::error)?;
    let mut digests = BTreeMap::new();
    for some in names.chunks(AT_ONCE) {
        // A column may have any name but this one.
        let one = |(number, name): (usize, &String)| {
            format!(
                "SELECT {number} AS number, count(*)::bigint AS rows,
                        coalesce(sum(hashtextextended(crm_seed_row::text COLLATE \"C\", 0)), 0)::text AS sum
                 FROM ONLY {name} AS crm_seed_row"
            )
        };
        let sql = some.iter().enumerate().map(one).collect::<Vec<_>>().join(" UNION ALL ");
        for row in fetch(connection, &sql).await? {
            let read = || Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
            let (number, rows, sum): (i32, i64, String) =
                read().map_err(|error: sqlx::Error| query::error(error))?;
            let name = usize::try_from(number).ok().and_then(|number| some.get(number));
            if let Some(name) = name {
                digests.insert(name.clone(), Digest { rows: u64::try_from(rows).unwrap_or(0), sum });
            }
        }
    }
    Ok(digests)
}
