//! How long a statement would take in the target: what it took here, by how many more rows there are.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::{PgConnection, Row};

use crate::db::query::{self, fetch};
use crate::error::Result;
use crate::migrate::Observed;
use crate::run::rehearsal::state::Digest;

/// Bytes of a row, about, in a table that was never analyzed.
const ROW_BYTES: u64 = 100;

/// Rows of the target's tables, as its planner knows them, by their names with their schemas.
#[derive(Clone, Debug, Default)]
pub struct TableSizes(BTreeMap<String, u64>);

/// What is known of the time that a statement would take in the target.
#[derive(Clone, Debug, PartialEq)]
pub enum Estimate {
    /// There is no target.
    None,
    Time {
        time: Duration,
        /// How many times as many rows its tables have in the target.
        times: f64,
    },
    /// It works on a table that holds rows in the target and none in the rehearsal.
    Unknown { table: String, rows: u64 },
}

impl TableSizes {
    /// Asks a target. It takes no lock and reads no row.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read(connection: &mut PgConnection) -> Result<Self> {
        let sql = format!(
            "SELECT format('%I.%I', n.nspname, c.relname),
                    CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint
                         WHEN c.relkind = 'p' THEN 0
                         ELSE pg_relation_size(c.oid) / {ROW_BYTES} END
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        );
        let mut sizes = BTreeMap::new();
        for row in fetch(connection, &sql).await? {
            let name: String = row.try_get(0).map_err(query::error)?;
            // One that was dropped meanwhile has no size.
            let rows: Option<i64> = row.try_get(1).map_err(query::error)?;
            sizes.insert(name, rows.and_then(|rows| u64::try_from(rows).ok()).unwrap_or(0));
        }
        Ok(Self(sizes))
    }

    /// The time of a statement in the target, where its tables had `here` rows when it was observed.
    pub fn estimate(&self, observed: &Observed, here: &BTreeMap<String, Digest>) -> Estimate {
        let (mut of_target, mut of_rehearsal) = (0_u64, 0_u64);
        for table in observed.worked_on() {
            // A table that the file itself makes is as large there as here.
            let (Some(&there), Some(here)) = (self.0.get(&table.qualified), here.get(&table.qualified))
            else {
                continue;
            };
            if here.rows == 0 && there > 0 {
                return Estimate::Unknown { table: table.shown.clone(), rows: there };
            }
            of_target += there;
            of_rehearsal += here.rows;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let times = if of_rehearsal == 0 { 1.0 } else { (of_target as f64 / of_rehearsal as f64).max(1.0) };
        let time = Duration::try_from_secs_f64(observed.elapsed.as_secs_f64() * times);
        Estimate::Time { time: time.unwrap_or(Duration::MAX), times }
    }
}
