//! What the open transaction has written so far, triggers included, as the server counts it.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::Result;

/// What was written to a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows that were inserted.
    pub inserted: u64,
    /// Rows that were written over.
    pub updated: u64,
    /// Rows that were deleted: some of those that were inserted may be their copies.
    pub deleted: u64,
}

impl Written {
    /// What was written since.
    pub const fn since(self, before: Self) -> Self {
        Self {
            inserted: self.inserted.saturating_sub(before.inserted),
            updated: self.updated.saturating_sub(before.updated),
            deleted: self.deleted.saturating_sub(before.deleted),
        }
    }

    const fn is_nothing(&self) -> bool {
        self.inserted == 0 && self.updated == 0 && self.deleted == 0
    }

    /// Whether the rows that bear our transaction's number are all new.
    pub const fn is_inserted_only(&self) -> bool {
        self.inserted > 0 && self.updated == 0 && self.deleted == 0
    }
}

/// By table (oid), since there was so much `before`. The server counts what was rolled back to a savepoint, too.
pub async fn since(
    connection: &mut PgConnection,
    before: &BTreeMap<u32, Written>,
) -> Result<BTreeMap<u32, Written>> {
    let mut written = by_table(connection).await?;
    for (oid, before) in before {
        if let Some(now) = written.get_mut(oid) {
            *now = now.since(*before);
        }
    }
    written.retain(|_, written| !written.is_nothing());
    Ok(written)
}

/// By table (oid). Nothing where the server does not count (`track_counts = off`).
pub async fn by_table(connection: &mut PgConnection) -> Result<BTreeMap<u32, Written>> {
    // The partitions of a table count for it.
    let sql = "SELECT coalesce(pg_partition_root(relid)::oid, relid)::bigint, sum(n_tup_ins)::bigint,
                      sum(n_tup_upd)::bigint, sum(n_tup_del)::bigint
               FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 GROUP BY 1";
    let rows = fetch(connection, sql).await?;
    rows.iter()
        .map(|row| {
            let number = |at: usize| row.try_get::<i64, _>(at).map_err(error).map(i64::unsigned_abs);
            let written = Written { inserted: number(1)?, updated: number(2)?, deleted: number(3)? };
            Ok((u32::try_from(number(0)?).unwrap_or(0), written))
        })
        .collect()
}
