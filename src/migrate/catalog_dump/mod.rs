//! The catalog of a database as a text: equal texts, equal schemas. Every line says whose it is, so that a
//! difference of two of them can be read.
//!
//! It holds what SQL can make in a database, by the server's own functions. Left out are the system's schemas,
//! crm-seed's own, the history of migrations, rows, and where sequences stand.

mod common;
mod functions;
mod others;
mod relations;
mod types;

use sqlx::{PgConnection, Row};

use crate::db::query::{self, SETTINGS, execute, fetch};
use crate::error::Result;
use common::COMMON;

/// Names are written with their schemas then.
const NO_SEARCH_PATH: &str = "SET LOCAL search_path = pg_catalog; SET LOCAL quote_all_identifiers = off";

/// The order is: object, part of it, position in the part, line.
type Line = (String, i32, i64, String);

/// Writes the catalog down, in a transaction of its own.
///
/// # Errors
/// The connection is lost; a catalog that cannot be read.
pub async fn catalog_dump(connection: &mut PgConnection) -> Result<String> {
    execute(connection, "BEGIN READ ONLY").await?;
    let dump = dump(connection).await;
    // A connection that is gone has ended its transaction.
    let _ = execute(connection, "ROLLBACK").await;
    dump
}

async fn dump(connection: &mut PgConnection) -> Result<String> {
    execute(connection, SETTINGS).await?;
    execute(connection, NO_SEARCH_PATH).await?;
    let mut lines: Vec<Line> = Vec::new();
    let parts: [(&str, &[&str]); 4] = [
        ("", &relations::QUERIES),
        (types::BEGINNING, &types::QUERIES),
        (functions::BEGINNING, &functions::QUERIES),
        ("", &others::QUERIES),
    ];
    for (beginning, queries) in parts {
        for sql in queries {
            for row in fetch(connection, &format!("{COMMON}{beginning}{sql}")).await? {
                let read = || Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
                lines.push(read().map_err(|error: sqlx::Error| query::error(error))?);
            }
        }
    }
    lines.sort();
    Ok(lines.iter().map(written).collect())
}

/// A definition of several lines has its object before each.
fn written((object, _, _, text): &Line) -> String {
    text.lines().map(|line| format!("{object}: {}\n", line.trim_end())).collect()
}
