//! Expectations of scenarios, held against the rows before they are committed.

use sqlx::{PgConnection, Row};

use crate::db::query::{error, execute, undo};
use crate::error::{Error, Kind, Result};
use crate::note::{Note, NoteKind};
use crate::run::handles::Handles;
use crate::scenario::{Expectation, Scenario};

/// Nobody waits longer for a query that is meant to be about a handful of rows.
const PATIENCE: &str = "60s";

/// Runs them all, but those about tables that are `missing`, of which it returns notes; the transaction
/// goes on as before. Where rows of the app refer to those of the scenario (`has_guests`) an answer may count them: one
/// that is not as expected is a note then.
///
/// # Errors
/// Violations: every expectation that does not hold, with what was got and wanted; or that its query
/// cannot be run.
pub async fn hold(
    connection: &mut PgConnection,
    scenario: &Scenario,
    handles: &Handles,
    (missing, has_guests): (&[&str], bool),
) -> Result<Vec<Note>> {
    let mut broken = Vec::new();
    let mut notes = Vec::new();
    for expectation in &scenario.expectations {
        if let Some(table) = missing.iter().find(|table| names(&expectation.sql, table)) {
            let text =
                format!("expectation \"{}\" was not checked: there is no table {table}", expectation.name);
            notes.push(Note::new(NoteKind::ExpectationSkipped, text).about(*table));
            continue;
        }
        let sql = expectation.sql_with(|handle| handles.id(&expectation.scenario, handle))?;
        // Read-only and by itself: what it does, or fails to do, is undone.
        let guard = format!(
            "SAVEPOINT expectation; SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = '{PATIENCE}';
             SET LOCAL TimeZone = 'UTC'"
        );
        execute(connection, &guard).await?;
        let answer = ask(connection, &sql).await;
        undo(connection, "expectation").await?;
        match verdict(expectation, answer) {
            Some(why) if has_guests => {
                let why = why.replace('\n', ";");
                let text = format!("{why} (rows of the app that reference rows of the scenario were kept)");
                notes.push(Note::new(NoteKind::ExpectationUnmet, text));
            }
            why => broken.extend(why),
        }
    }
    if broken.is_empty() {
        return Ok(notes);
    }
    Err(Error::new(Kind::Violations, broken.join("\n")).with_hint("nothing was changed"))
}

/// What is wrong, in a line or three.
fn verdict(expectation: &Expectation, answer: Result<serde_json::Value>) -> Option<String> {
    let Expectation { location, scenario, name, .. } = expectation;
    let what = format!("{location}: scenario {scenario}: expectation \"{name}\"");
    match answer {
        Err(error) => Some(format!("{what} failed: {error:#}")),
        Ok(got) if expectation.wanted.holds(&got) => None,
        Ok(got) => {
            let (got, wanted) = (shortened(&got.to_string()), shortened(&expectation.wanted.to_string()));
            Some(format!("{what} is not met\n  expected: {wanted}\n  actual:   {got}"))
        }
    }
}

/// Whether a query names a table.
fn names(sql: &str, table: &str) -> bool {
    sql.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word.eq_ignore_ascii_case(table))
}

/// As much of an answer as a person reads.
fn shortened(text: &str) -> String {
    const MOST: usize = 2_000;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}... ({} characters)", &text[..end], text.chars().count()),
        None => text.to_owned(),
    }
}

/// The answer: a value, an array of values, or an array of objects.
async fn ask(connection: &mut PgConnection, sql: &str) -> Result<serde_json::Value> {
    let sql = sql.trim().trim_end_matches(';');
    // A subquery on lines of its own, as it may end in a comment. The extended protocol takes one
    // statement only, unnamed, lest it break a pooler.
    let sql = format!("SELECT coalesce(jsonb_agg(to_jsonb(answer)), '[]')::text FROM (\n{sql}\n) AS answer");
    let row =
        sqlx::query(sqlx::AssertSqlSafe(sql)).persistent(false).fetch_one(connection).await.map_err(error)?;
    let text: String = row.try_get(0).map_err(error)?;
    let rows: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(&text).map_err(|error| Error::failed(error.to_string()).with_source(error))?;
    Ok(plain(rows))
}

fn plain(rows: Vec<serde_json::Map<String, serde_json::Value>>) -> serde_json::Value {
    use serde_json::Value;
    if rows.iter().any(|row| row.len() != 1) {
        return rows.into_iter().map(Value::Object).collect();
    }
    let mut values: Vec<Value> =
        rows.into_iter().flat_map(|row| row.into_iter().map(|(_, value)| value)).collect();
    if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_as_plain_as_it_can_be() {
        let row = |value: serde_json::Value| value.as_object().expect("an object").clone();
        assert_eq!(plain(vec![row(json!({"count": 3}))]), json!(3));
        assert_eq!(plain(vec![row(json!({"a": 1})), row(json!({"a": 2}))]), json!([1, 2]));
        assert_eq!(plain(vec![row(json!({"a": 1, "b": 2}))]), json!([{"a": 1, "b": 2}]));
        assert_eq!(plain(Vec::new()), json!([]));
    }
}
