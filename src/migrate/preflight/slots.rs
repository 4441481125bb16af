//! Replication slots: what they have not sent on stays on the server's disk, and a migration writes much at once.

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::migrate::preflight::outcome::{Outcome, bytes};
use crate::sql::quote_literal;

const CHECK: &str = "replication-slots";
/// A slot that is so many bytes behind, and reads, is behind by more than a busy minute.
const FAR: i64 = 1 << 30;

const SLOTS: &str = "SELECT slot_name::text, slot_type, active, coalesce(wal_status, ''),
  pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::bigint
FROM pg_replication_slots WHERE NOT temporary ORDER BY 5 DESC NULLS LAST, 1";

/// Looks at each slot.
///
/// # Errors
/// Whatever the server says.
pub async fn check(connection: &mut PgConnection) -> Result<Vec<Outcome>> {
    let (mut all, mut good) = (Vec::new(), 0);
    for row in fetch(connection, SLOTS).await? {
        let read = || {
            Ok::<(String, String, bool, String, Option<i64>), sqlx::Error>((
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
            ))
        };
        let (name, kind, is_active, status, behind) = read().map_err(error)?;
        let drop = format!("SELECT pg_drop_replication_slot({})", quote_literal(&name));
        let kept = behind.map(|behind| format!("; it keeps {} of WAL", bytes(behind))).unwrap_or_default();
        if status == "lost" {
            all.push(Outcome::warning(CHECK, format!("{kind} slot {name} has lost WAL that it needs"), drop));
        } else if !is_active {
            let what = format!("{kind} slot {name} is inactive{kept}");
            all.push(Outcome::error(CHECK, what, format!("start its reader, or, if it is gone, {drop}")));
        } else if behind.is_some_and(|behind| behind > FAR) {
            let what = format!("{kind} slot {name} is far behind{kept}");
            all.push(Outcome::error(CHECK, what, "wait until its reader has caught up"));
        } else {
            good += 1;
        }
    }
    if all.is_empty() {
        let what = if good == 0 { "none".to_owned() } else { format!("{good} active, none far behind") };
        all.push(Outcome::ok(CHECK, what));
    }
    Ok(all)
}
