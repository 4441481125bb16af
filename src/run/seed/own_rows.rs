//! What a scenario has of the target's own tables and columns, as the server reads it: each value is cast to the type of its
//! column before anything is written.

use sqlx::{PgConnection, Row};

use crate::calendar::Day;
use crate::catalog::Schema;
use crate::db::query::{self, error, execute, fetch};
use crate::domain::explicit::Value;
use crate::domain::table::ColumnInfo;
use crate::error::Result;
use crate::infer::overrides::Overrides;
use crate::infer::own_rows::{Answer, CellText, Resolved, ResolvedCell, resolve};
use crate::scenario::{Problem, Scenario, location};
use crate::sql::{quote_identifier, quote_literal};
use crate::value::Kind;

/// Values that are asked of the server in one query.
const AT_ONCE: usize = 500;

/// Holds what a scenario has of the target's own against the target, and puts it into the scenario's rows; names of tables
/// that take part only for them are included in the settings, without base rows.
///
/// # Errors
/// Usage: all that is wrong, with its place in the file.
pub async fn take(
    connection: &mut PgConnection,
    schema: &Schema,
    overrides: &mut Overrides,
    scenario: &mut Scenario,
    as_of: Day,
) -> Result<()> {
    if scenario.own.iter().all(|own| own.is_empty()) {
        return Ok(());
    }
    let mut resolved = resolve(schema, overrides, scenario, as_of)?;
    let mut problems = std::mem::take(&mut resolved.problems);
    let answers = ask(connection, &resolved, &mut problems).await?;
    if !problems.is_empty() {
        return Err(location::error(&location::sorted(problems)).with_hint("nothing was changed"));
    }
    for name in &resolved.included {
        overrides.added.push(name.clone());
        overrides.tables.entry(name.clone()).or_default().rows.get_or_insert(0);
    }
    resolved.apply(scenario, answers);
    Ok(())
}

/// A value that the server is to read.
struct Asked<'r> {
    row: usize,
    cell: usize,
    resolved: &'r ResolvedCell,
    /// It as SQL of the type of its column.
    sql: String,
}

/// What the server says of all values, row by row.
async fn ask(
    connection: &mut PgConnection,
    resolved: &Resolved,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Vec<Answer>>> {
    let mut answers: Vec<Vec<Answer>> =
        resolved.rows.iter().map(|row| vec![Answer::default(); row.cells.len()]).collect();
    let mut asked = Vec::new();
    for (row, of) in resolved.rows.iter().enumerate() {
        for (cell, resolved) in of.cells.iter().enumerate() {
            if let CellText::Text(text) = &resolved.text {
                let sql = format!("CAST({} AS {})", quote_literal(text), resolved.type_name);
                asked.push(Asked { row, cell, resolved, sql });
            }
        }
    }
    for chunk in asked.chunks(AT_ONCE) {
        let all: Vec<String> = chunk.iter().map(|asked| format!("({})::text", asked.sql)).collect();
        let found = match texts(connection, &format!("SELECT {}", all.join(", "))).await? {
            Ok(found) => found.into_iter().map(Ok).collect(),
            Err(_) => each(connection, &all).await?,
        };
        for (asked, text) in chunk.iter().zip(found) {
            match text {
                Ok(text) => answers[asked.row][asked.cell].text = text,
                Err(why) => {
                    let ResolvedCell { location, column, type_name, .. } = asked.resolved;
                    let message = format!("{column} ({type_name}): {why}");
                    problems.push(Problem { location: location.clone(), message });
                }
            }
        }
    }
    if problems.is_empty() {
        for asked in &asked {
            answers[asked.row][asked.cell].domain = of_domain(connection, asked).await?;
        }
    }
    Ok(answers)
}

/// The domain's value of a cell, where the domain knows its column and takes it.
async fn of_domain(connection: &mut PgConnection, asked: &Asked<'_>) -> Result<Option<Value>> {
    let ResolvedCell { column, domain, .. } = asked.resolved;
    let Some((info, Some(read))) = domain else { return Ok(None) };
    if info.holds.refers_to.is_some() {
        return Ok(None);
    }
    let from = format!("(SELECT {} AS {}) AS given", asked.sql, quote_identifier(column));
    let sql = format!("SELECT {} FROM {from}", as_domain(info.holds.kind, read));
    Ok(match texts(connection, &sql).await? {
        Ok(found) => value(info, found.into_iter().next().flatten()),
        Err(_) => None,
    })
}

/// SQL that reads a value of the domain, as a text from which [`value`] makes it.
pub fn as_domain(kind: Kind, sql: &str) -> String {
    match kind {
        Kind::Bool => format!("({sql})::boolean::text"),
        Kind::Int => format!("({sql})::bigint::text"),
        Kind::Decimal => format!("round(({sql})::numeric * 100)::bigint::text"),
        Kind::Date => format!("(({sql})::date - DATE '1970-01-01')::text"),
        Kind::Timestamp => format!("floor(extract(epoch FROM ({sql})::timestamptz))::bigint::text"),
        Kind::Text | Kind::Json => format!("({sql})::text"),
    }
}

/// The value of the domain's column; `None` where it is none that the column takes.
pub fn value(info: &ColumnInfo, text: Option<String>) -> Option<Value> {
    let Some(text) = text else { return (!info.holds.not_null).then_some(Value::Null) };
    let within = |number: i64| {
        let (least, most) = info.holds.range.unwrap_or((i64::MIN, i64::MAX));
        (least..=most).contains(&number).then_some(number)
    };
    Some(match info.holds.kind {
        Kind::Bool => Value::Bool(text == "true"),
        Kind::Int => Value::Int(within(text.parse().ok()?)?),
        Kind::Decimal => Value::Cents(within(text.parse().ok()?)?),
        Kind::Date => Value::Date(text.parse().ok()?),
        Kind::Timestamp => Value::Timestamp(text.parse().ok()?),
        Kind::Text if !info.holds.labels.is_empty() && !info.holds.labels.contains(&text.as_str()) => {
            return None;
        }
        Kind::Text => Value::Text(text),
        Kind::Json => Value::Json(text),
    })
}

/// The answer to each, by itself.
async fn each(connection: &mut PgConnection, all: &[String]) -> Result<Vec<Result<Option<String>, String>>> {
    let mut found = Vec::new();
    for sql in all {
        let answer = texts(connection, &format!("SELECT {sql}")).await?;
        found.push(answer.map(|row| row.into_iter().next().flatten()));
    }
    Ok(found)
}

/// The first row of a query; what the server says where it refuses it, and the transaction goes on.
///
/// # Errors
/// The connection is lost.
pub async fn texts(connection: &mut PgConnection, sql: &str) -> Result<Result<Vec<Option<String>>, String>> {
    Ok(rows(connection, sql).await?.map(|rows| rows.into_iter().next().unwrap_or_default()))
}

/// All rows of a query; what the server says where it refuses it, and the transaction goes on.
///
/// # Errors
/// The connection is lost.
pub async fn rows(
    connection: &mut PgConnection,
    sql: &str,
) -> Result<Result<Vec<Vec<Option<String>>>, String>> {
    execute(connection, "SAVEPOINT crm_seed_given").await?;
    let answer = fetch(connection, sql).await;
    query::undo(connection, "crm_seed_given").await?;
    match answer {
        Ok(rows) => {
            let row = |row: &sqlx::postgres::PgRow| -> Result<Vec<Option<String>>> {
                (0..row.len()).map(|at| row.try_get(at).map_err(error)).collect()
            };
            rows.iter().map(row).collect::<Result<Vec<_>>>().map(Ok)
        }
        Err(error) if error.sqlstate().is_some() => Ok(Err(format!("{error:#}"))),
        Err(error) => Err(error),
    }
}
