//! The server stops by itself when nobody has used it for a while: this is the process of ours that looks after it.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection, Row};

use super::control::stop;
use super::running::Running;
use crate::db::query;
use crate::error::Result;

/// How long a server without clients goes on.
pub const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_secs(20);
/// Sessions of others, and how many transactions there were.
const LOOK: &str = "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
                           AND pid <> pg_backend_pid()),
                          (SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database
                           WHERE datname IS NOT NULL)";

/// Looks at the server of a directory until it is gone; stops it when nobody has used it for so long.
///
/// # Errors
/// It cannot be stopped.
pub async fn watch(directory: &Path, patience: Duration) -> Result<()> {
    let data = directory.join("cluster");
    let Some(first) = Running::read(&data) else { return Ok(()) };
    let (mut seen, mut since) = (None, Instant::now());
    loop {
        tokio::time::sleep(PAUSE.min(patience)).await;
        // Another server has a process of its own that looks after it.
        if Running::read(&data).as_ref() != Some(&first) {
            return Ok(());
        }
        let Ok((sessions, transactions)) = look(&first).await else { return Ok(()) };
        // Our own looks count, too: one each time.
        let is_used = sessions > 0 || seen.is_none_or(|seen| transactions > seen + OWN);
        seen = Some(transactions);
        if is_used {
            since = Instant::now();
        } else if since.elapsed() >= patience {
            return stop(directory).map(drop);
        }
    }
}

/// Transactions that a look of ours is counted as, at most: others come from the server itself.
const OWN: i64 = 4;

/// Sessions of others, and how many transactions there were.
async fn look(running: &Running) -> Result<(i64, i64)> {
    let mut connection = PgConnection::connect_with(&running.options()).await.map_err(query::error)?;
    let rows = query::fetch(&mut connection, LOOK).await?;
    let _ = connection.close().await;
    let number = |at: usize| rows.first().map_or(Ok(0), |row| row.try_get(at).map_err(query::error));
    Ok((number(0)?, number(1)?))
}
