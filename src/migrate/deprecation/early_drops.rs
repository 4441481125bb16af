//! Refuses to drop a column before its time, or without a warning to whoever reads it.

use jiff::civil::Date;
use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::{Error, Result};
use crate::migrate::deprecation::comment::Deprecation;
use crate::migrate::deprecation::drops::{Dropped, drops};
use crate::migrate::files::Migration;
use crate::migrate::script::Script;
use crate::sql::{quote_identifier, quote_literal};

/// What becomes of a DROP of what was never deprecated, and has no `-- Drop: reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeprecated {
    Refused,
    /// For files in another tool's form, which were not written with this in mind.
    Allowed,
}

/// What the database says of something that is to be dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    exists: bool,
    /// Its comment.
    comment: Option<String>,
    /// The columns of a table that have a comment.
    columns: Vec<(String, String)>,
}

/// Refuses files that drop what is not to be dropped yet. To be asked of all pending files, in their order, before any
/// of them runs.
///
/// # Errors
/// Refused: a column whose comment says that it stays until a later day, or a table that has one; what was there before
/// the run and was never deprecated, unless its file says why. The database cannot be asked.
pub async fn refuse_early_drops(
    connection: &mut PgConnection,
    files: &[(&Migration, Script<'_>)],
    undeprecated: Undeprecated,
) -> Result<()> {
    let drops = drops(files);
    if drops.is_empty() {
        return Ok(());
    }
    let today = today(connection).await?;
    let found = look_up(connection, &drops).await?;
    drops.iter().zip(&found).try_for_each(|(dropped, found)| judge(dropped, found, today, undeprecated))
}

/// The day by the server's clock, in UTC.
pub(super) async fn today(connection: &mut PgConnection) -> Result<Date> {
    let rows = fetch(connection, "SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date::text").await?;
    let text: Option<String> = rows.first().map(|row| row.try_get(0)).transpose().map_err(error)?;
    let day = text.and_then(|text| text.parse().ok());
    day.ok_or_else(|| Error::failed("the server returned no day"))
}

async fn look_up(connection: &mut PgConnection, drops: &[Dropped]) -> Result<Vec<Found>> {
    let mut found = vec![Found::default(); drops.len()];
    for row in fetch(connection, &query(drops)).await? {
        let number: i32 = row.try_get("number").map_err(error)?;
        let column: Option<String> = row.try_get("name").map_err(error)?;
        let comment: Option<String> = row.try_get("comment").map_err(error)?;
        let Some(found) = usize::try_from(number).ok().and_then(|number| found.get_mut(number)) else {
            continue;
        };
        match (column, comment) {
            (None, comment) => (found.exists, found.comment) = (true, comment),
            (Some(column), Some(comment)) => found.columns.push((column, comment)),
            (Some(_), None) => {}
        }
    }
    Ok(found)
}

/// A row for each that is there, and for each column of a whole table, by the number of the drop.
fn query(drops: &[Dropped]) -> String {
    let value = |(number, dropped): (usize, &Dropped)| {
        let column = dropped.column.as_deref().map_or_else(|| "NULL".to_owned(), quote_literal);
        format!("({number}, {}, {column}::text)", quote_literal(&dropped.table.sql()))
    };
    let values = drops.iter().enumerate().map(value).collect::<Vec<_>>().join(", ");
    format!(
        "WITH dropped AS (
           SELECT d.number, c.oid, d.col FROM (VALUES {values}) AS d(number, tab, col)
           JOIN pg_class c ON c.oid = to_regclass(d.tab) AND c.relkind IN ('r', 'p'))
         SELECT number, NULL::text AS name, obj_description(oid, 'pg_class') AS comment FROM dropped
         WHERE col IS NULL
         UNION ALL
         SELECT number, CASE WHEN col IS NULL THEN attname::text END, col_description(oid, attnum)
         FROM dropped JOIN pg_attribute a ON a.attrelid = oid AND attnum > 0 AND NOT attisdropped
         WHERE col IS NULL OR attname = col
         ORDER BY number, name"
    )
}

fn judge(dropped: &Dropped, found: &Found, today: Date, undeprecated: Undeprecated) -> Result<()> {
    if !found.exists {
        // It fails by itself, or says IF EXISTS.
        return Ok(());
    }
    let column = dropped.column.as_deref();
    let comment = dropped.comment.as_ref().unwrap_or(&found.comment).as_deref();
    let deprecation = comment.and_then(|comment| comment.parse::<Deprecation>().ok());
    let of_columns =
        found.columns.iter().filter_map(|(name, text)| Some((Some(name.as_str()), text.parse().ok()?)));
    let mut all = deprecation.map(|own| (column, own)).into_iter().chain(of_columns);
    if let Some((column, deprecation)) =
        all.find(|(_, deprecation): &(_, Deprecation)| !deprecation.is_over(today))
    {
        return Err(too_early(dropped, column, deprecation));
    }
    match deprecation.is_some() || dropped.has_reason || undeprecated == Undeprecated::Allowed {
        true => Ok(()),
        false => Err(never_deprecated(dropped)),
    }
}

/// A table or column, as messages name it.
fn label(dropped: &Dropped, column: Option<&str>) -> (&'static str, String) {
    let table = dropped.table.sql();
    match column {
        Some(column) => ("column", format!("{table}.{}", quote_identifier(column))),
        None => ("table", table),
    }
}

fn too_early(dropped: &Dropped, column: Option<&str>, deprecation: Deprecation) -> Error {
    let (what, name) = label(dropped, column);
    let Deprecation { since, until } = deprecation;
    let at = &dropped.at;
    Error::refused(format!("{at}: {what} {name} must stay until {until} (deprecated on {since})")).with_hint(format!(
        "apply this migration after that day; if nobody reads the {what} any more, set an earlier day: COMMENT ON {} \
         {name} IS 'Deprecated: {since}. Remove after DATE'",
        what.to_uppercase()
    ))
}

fn never_deprecated(dropped: &Dropped) -> Error {
    let (what, name) = label(dropped, dropped.column.as_deref());
    let because = "if nobody uses it any more, say why it may go in the file's header: `-- Drop: REASON`";
    let hint = match dropped.column {
        Some(_) => {
            format!("deprecate it first: `crm-seed migrate deprecate {name} --after DATE`; or, {because}")
        }
        None => because.to_owned(),
    };
    Error::refused(format!("{}: {what} {name} would be dropped without having been deprecated", dropped.at))
        .with_hint(hint)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::error::Kind;
    use crate::migrate::sql::identifier::Identifier;

    const COMMENT: &str = "Deprecated: 2025-01-27. Remove after 2025-02-27";

    fn dropped(column: Option<&str>) -> Dropped {
        Dropped {
            at: "x.sql:2:3".into(),
            table: Identifier { schema: None, name: "t".into() },
            column: column.map(str::to_owned),
            comment: None,
            has_reason: false,
        }
    }

    fn found(comment: Option<&str>) -> Found {
        Found { exists: true, comment: comment.map(str::to_owned), columns: Vec::new() }
    }

    fn refusal(dropped: &Dropped, found: &Found, today: Date) -> Option<String> {
        let judged = judge(dropped, found, today, Undeprecated::Refused);
        judged.err().map(|error| {
            assert_eq!(error.kind(), Kind::Refused);
            error.to_string()
        })
    }

    #[test]
    fn a_column_stays_until_its_day_is_over() {
        let column = dropped(Some("c"));
        let (before, after) = (date(2025, 2, 27), date(2025, 2, 28));
        let early = refusal(&column, &found(Some(COMMENT)), before);
        assert_eq!(
            early.as_deref(),
            Some("x.sql:2:3: column t.c must stay until 2025-02-27 (deprecated on 2025-01-27)")
        );
        assert_eq!(refusal(&column, &found(Some(COMMENT)), after), None);
        // No reason makes it earlier, nor that the file is another tool's.
        let with_reason = Dropped { has_reason: true, ..column.clone() };
        assert!(judge(&with_reason, &found(Some(COMMENT)), before, Undeprecated::Allowed).is_err());
        // A file of the run has the last word.
        let commented = Dropped { comment: Some(Some(COMMENT.into())), ..column };
        assert!(refusal(&commented, &found(None), before).is_some());
        assert_eq!(refusal(&commented, &found(None), after), None);
    }

    #[test]
    fn what_was_never_deprecated_needs_a_reason() {
        let today = date(2025, 2, 28);
        for (column, what) in [(Some("c"), "column t.c"), (None, "table t")] {
            let dropped = dropped(column);
            let refused =
                refusal(&dropped, &found(Some("a comment")), today).expect("it was never deprecated");
            assert_eq!(refused, format!("x.sql:2:3: {what} would be dropped without having been deprecated"));
            assert_eq!(refusal(&Dropped { has_reason: true, ..dropped.clone() }, &found(None), today), None);
            assert!(judge(&dropped, &found(None), today, Undeprecated::Allowed).is_ok());
            assert_eq!(refusal(&dropped, &Found::default(), today), None);
        }
    }

    #[test]
    fn a_table_stays_as_long_as_its_columns() {
        let columns = vec![("c".to_owned(), COMMENT.to_owned()), ("d".to_owned(), "another".to_owned())];
        let table = Found { columns, ..found(None) };
        let dropped = Dropped { has_reason: true, ..dropped(None) };
        let early = refusal(&dropped, &table, date(2025, 2, 1)).expect("c must stay");
        assert!(early.contains("column t.c must stay until 2025-02-27"), "{early}");
        assert_eq!(refusal(&dropped, &table, date(2025, 3, 1)), None);
    }
}
