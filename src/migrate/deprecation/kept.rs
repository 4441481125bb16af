//! What a migration has dropped by ways that its text does not show: in functions, in texts that code puts together, with
//! a schema.

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::{Error, Result};
use crate::migrate::deprecation::comment::Deprecation;
use crate::migrate::deprecation::early_drops::today;

/// A column that is to stay for some time yet.
#[derive(Clone, Debug)]
pub struct Kept {
    table: i64,
    number: i32,
    /// As messages name it.
    label: String,
    deprecation: Deprecation,
}

/// The columns whose comments say that they stay until a later day.
///
/// # Errors
/// The database cannot be asked.
pub async fn kept(connection: &mut PgConnection) -> Result<Vec<Kept>> {
    let sql =
        "SELECT d.objoid::bigint, d.objsubid, format('%s.%I', d.objoid::regclass, a.attname), d.description
         FROM pg_description d JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
         WHERE d.classoid = 'pg_class'::regclass AND d.objsubid > 0 AND d.description LIKE 'Deprecated: %'
           AND NOT a.attisdropped ORDER BY 1, 2";
    let rows = fetch(connection, sql).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let today = today(connection).await?;
    let mut all = Vec::new();
    for row in rows {
        let comment: String = row.try_get(3).map_err(error)?;
        let Ok(deprecation) = comment.parse::<Deprecation>() else { continue };
        if !deprecation.is_over(today) {
            let (table, number) = (row.try_get(0).map_err(error)?, row.try_get(1).map_err(error)?);
            all.push(Kept { table, number, label: row.try_get(2).map_err(error)?, deprecation });
        }
    }
    Ok(all)
}

/// Holds a file that has run, and is not committed, to what was to stay.
///
/// # Errors
/// Refused: one of them is gone. The database cannot be asked.
pub async fn check_kept(connection: &mut PgConnection, kept: &[Kept], file: &str) -> Result<()> {
    if kept.is_empty() {
        return Ok(());
    }
    let value = |(at, kept): (usize, &Kept)| format!("({at}, {}, {})", kept.table, kept.number);
    let values = kept.iter().enumerate().map(value).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT k.at FROM (VALUES {values}) AS k(at, tab, number) WHERE NOT EXISTS (
           SELECT FROM pg_attribute a WHERE a.attrelid = k.tab::oid AND a.attnum = k.number AND NOT a.attisdropped)
         ORDER BY 1 LIMIT 1"
    );
    let rows = fetch(connection, &sql).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let at: i32 = row.try_get(0).map_err(error)?;
    let Some(Kept { label, deprecation, .. }) = usize::try_from(at).ok().and_then(|at| kept.get(at)) else {
        return Ok(());
    };
    let Deprecation { since, until } = deprecation;
    Err(Error::refused(format!("{file}: it drops column {label}, which must stay until {until} (deprecated on {since})"))
        .with_hint(format!(
            "nothing of the file was kept; apply it after that day, or, if nobody reads the column any more, set an earlier \
             day: COMMENT ON COLUMN {label} IS 'Deprecated: {since}. Remove after DATE'"
        )))
}
