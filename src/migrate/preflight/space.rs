//! Disk for tables that are rewritten: the new copy stands beside the old one until the end, and goes into the WAL.

use std::process::Command;

use sqlx::{PgConnection, Row};

use crate::db::probe::{Probed, probe};
use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::migrate::preflight::outcome::{Outcome, bytes};
use crate::migrate::preflight::reach::ReachedTable;

const CHECK: &str = "disk-space";

/// Holds the tables that are rewritten against what is free. The server does not tell that by SQL: where it is on
/// this machine its file system is asked, else people judge.
///
/// # Errors
/// Whatever the server says.
pub async fn check(
    connection: &mut PgConnection,
    reached: &[ReachedTable],
    is_local: bool,
) -> Result<Vec<Outcome>> {
    let rewritten: Vec<&ReachedTable> = reached.iter().filter(|table| table.is_rewritten).collect();
    if rewritten.is_empty() {
        return Ok(vec![Outcome::ok(CHECK, "no existing table is likely to be rewritten")]);
    }
    let sizes = sizes(connection, &rewritten).await?;
    let size = sizes.iter().sum::<i64>();
    let listed: Vec<String> = rewritten
        .iter()
        .zip(&sizes)
        .map(|(table, size)| format!("{} ({})", table.name, bytes(*size)))
        .collect();
    // The copy, and the same once more as WAL.
    let needed = size.saturating_mul(2);
    let what = format!("likely to be rewritten: {}; needs up to {}", listed.join(", "), bytes(needed));
    let directory = if is_local { directory(connection).await? } else { None };
    let Some((directory, free)) =
        directory.and_then(|directory| Some((free(&directory)?, directory)).map(|(f, d)| (d, f)))
    else {
        let fix = "compare it with what is free on the server, which crm-seed cannot see";
        return Ok(vec![Outcome::warning(CHECK, what, fix)]);
    };
    let what = format!("{what}, {} are free in {directory}", bytes(free));
    Ok(vec![match free > needed {
        true => Outcome::ok(CHECK, what),
        false => Outcome::error(CHECK, what, "free disk first, or split the migration"),
    }])
}

/// The sizes of tables with their indexes, in bytes. To measure one takes a lock on it: of one that somebody has locked
/// it is what the last VACUUM or ANALYZE saw.
async fn sizes(connection: &mut PgConnection, tables: &[&ReachedTable]) -> Result<Vec<i64>> {
    let mut sizes = Vec::new();
    for table in tables {
        let oid = table.oid;
        let measured =
            probe(connection, &format!("SELECT pg_total_relation_size({oid}::oid::regclass)")).await?;
        let rows = match measured {
            Probed::Rows(rows) => rows,
            Probed::Refused(_) => {
                let sql = format!(
                    "SELECT coalesce(sum(c.relpages), 0)::bigint * current_setting('block_size')::bigint
                     FROM pg_class c WHERE c.oid = {oid} OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = {oid})
                       OR c.oid = (SELECT reltoastrelid FROM pg_class WHERE oid = {oid})"
                );
                fetch(connection, &sql).await?
            }
        };
        let size = rows.first().map_or(Ok(None), |row| row.try_get::<Option<i64>, _>(0)).map_err(error)?;
        sizes.push(size.unwrap_or_default());
    }
    Ok(sizes)
}

/// The data directory; `None` where the role may not know it.
async fn directory(connection: &mut PgConnection) -> Result<Option<String>> {
    let sql = "SELECT CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')
                      THEN current_setting('data_directory') END";
    let rows = fetch(connection, sql).await?;
    rows.first().map_or(Ok(None), |row| row.try_get(0).map_err(error))
}

/// Bytes that are free in a directory's file system, by POSIX's `df`; `None` where it is not there, as of a server in
/// a container.
fn free(directory: &str) -> Option<i64> {
    let output = Command::new("df").args(["-Pk", directory]).env("LC_ALL", "C").output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    available(&text)
}

/// The fourth column of the last line, in blocks of 1024 bytes. The name of the device may have blanks in it.
fn available(text: &str) -> Option<i64> {
    let line = text.lines().nth(1)?;
    let fields: Vec<&str> = line.split_whitespace().collect();
    let percent = fields.iter().position(|field| field.ends_with('%'))?;
    fields.get(percent.checked_sub(1)?)?.parse::<i64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_df_says_is_read() {
        let text = "Filesystem     1024-blocks    Used Available Capacity Mounted on\n\
                    /dev/my disk      10255636 1234567   7654321      14% /var/lib\n";
        assert_eq!(available(text), Some(7_654_321 * 1024));
        assert_eq!(available("df: /x: No such file or directory\n"), None);
    }
}
