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

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::db::query::{self, SETTINGS, execute, fetch};
use crate::error::Result;
use common::COMMON;

/// Names are written with their schemas then.
const NO_SEARCH_PATH: &str = "SET LOCAL search_path = pg_catalog; SET LOCAL quote_all_identifiers = off";

/// A line of the catalog. The order is: object, part of it, position in the part, text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// What it belongs to: `table public.tasks`.
    pub object: String,
    /// Columns come before constraints, for example.
    pub part: i32,
    /// Position in the part, as of columns.
    pub position: i64,
    /// What it says of that, without the object.
    pub text: String,
}

/// A catalog, line by line, in their order.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub lines: Vec<Line>,
}

impl Catalog {
    /// Writes the catalog down, in a transaction of its own.
    ///
    /// # Errors
    /// The connection is lost; a catalog that cannot be read.
    pub async fn read(connection: &mut PgConnection) -> Result<Self> {
        execute(connection, "BEGIN READ ONLY").await?;
        let lines = lines(connection).await;
        // A connection that is gone has ended its transaction.
        let _ = execute(connection, "ROLLBACK").await;
        Ok(Self { lines: lines? })
    }
}

async fn lines(connection: &mut PgConnection) -> Result<Vec<Line>> {
    execute(connection, SETTINGS).await?;
    execute(connection, NO_SEARCH_PATH).await?;
    let mut lines = Vec::new();
    let parts: [(&str, &[&str]); 4] = [
        ("", &relations::QUERIES),
        (types::BEGINNING, &types::QUERIES),
        (functions::BEGINNING, &functions::QUERIES),
        ("", &others::QUERIES),
    ];
    for (beginning, queries) in parts {
        for sql in queries {
            for row in fetch(connection, &format!("{COMMON}{beginning}{sql}")).await? {
                lines.extend(read(&row).map_err(query::error)?);
            }
        }
    }
    lines.sort();
    Ok(lines)
}

/// The position of what an object has one of and takes many lines: the body of a function, the query of a view.
const WRITTEN_OUT: i64 = -1;

fn read(row: &PgRow) -> Result<Vec<Line>, sqlx::Error> {
    let (object, part, position): (String, i32, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let text: String = row.try_get(3)?;
    if position != WRITTEN_OUT {
        // One line each, so that two of them are not mixed up.
        return Ok(vec![Line { object, part, position, text: text.replace('\n', "\\n") }]);
    }
    let lines = (0..).zip(text.lines()).map(|(position, line)| Line {
        object: object.clone(),
        part,
        position,
        text: line.trim_end().to_owned(),
    });
    Ok(lines.collect())
}
