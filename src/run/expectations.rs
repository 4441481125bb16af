//! Expectations of scenarios, held against the rows before they are committed.

use serde_json::Value;
use sqlx::{PgConnection, Row};

use crate::db::query::{error, execute, undo};
use crate::error::{Error, Kind, Result};
use crate::infer::domain_views::{DomainView, DomainViews};
use crate::note::{Note, NoteKind};
use crate::plan::InexactColumns;
use crate::run::handles::Handles;
use crate::scenario::{Expectation, Scenario};
use crate::sql::quote_literal;

/// Nobody waits longer for a query that is meant to be about a handful of rows.
const PATIENCE: &str = "60s";

/// SQLSTATEs of a query that names what a schema lacks, or reads it as something else: no such table, column, function or
/// operator, types that do not match or cannot be cast, texts that are no number, date or JSON, collations.
const CANNOT_BE_ASKED: [&str; 12] = [
    "42P01", "42703", "42883", "42804", "42846", "42P18", "22P02", "22007", "22008", "0A000", "42P21",
    "42P22",
];

/// What expectations are held against.
pub struct Held<'a> {
    /// The rows of the scenario.
    pub handles: &'a Handles,
    /// How the domain's tables are read, where the target's are not those of the bundled schema.
    pub views: Option<DomainViews<'a>>,
    /// The domain's columns (with their tables) that explicit rows do not hold as they were meant.
    pub inexact: &'a InexactColumns,
    /// Tables of the domain that the target lacks.
    pub missing: Vec<&'a str>,
    /// Rows of the app refer to those of the scenario: an answer may count them, and one that is not as expected is a
    /// note then.
    pub has_guests: bool,
}

/// Runs them all, but those that cannot be asked of the schema, of which it returns notes; the transaction goes on as
/// before.
///
/// # Errors
/// Violations: every expectation that does not hold, with what was got and wanted; or that its query
/// cannot be run.
pub async fn hold(connection: &mut PgConnection, scenario: &Scenario, held: &Held<'_>) -> Result<Vec<Note>> {
    let mut broken = Vec::new();
    let mut notes = Vec::new();
    for expectation in &scenario.expectations {
        let verdict = match held.query(expectation)? {
            Ok(sql) => held.verdict(expectation, answer(connection, &sql).await)?,
            Err(why) => Verdict::Skipped(why),
        };
        match verdict {
            Verdict::Holds => {}
            Verdict::Broken(why) if held.has_guests => {
                let why = why.replace('\n', ";");
                let text = format!("{why} (rows of the app that reference rows of the scenario were kept)");
                notes.push(Note::new(NoteKind::ExpectationUnmet, text));
            }
            Verdict::Broken(why) => broken.push(why),
            Verdict::Skipped(why) if expectation.is_required => {
                broken.push(format!("{} is required, but cannot be checked: {why}", told(expectation)));
            }
            Verdict::Skipped(why) => {
                let text = format!("expectation \"{}\" was not checked: {why}", expectation.name);
                notes.push(Note::new(NoteKind::ExpectationSkipped, text));
            }
        }
    }
    if broken.is_empty() {
        return Ok(notes);
    }
    Err(Error::new(Kind::Violations, broken.join("\n")).with_hint("nothing was changed"))
}

/// What became of an expectation.
enum Verdict {
    Holds,
    /// It does not hold, in a line or three.
    Broken(String),
    /// It cannot be asked of the schema, and why.
    Skipped(String),
}

/// Runs a query, read-only and by itself: what it does, or fails to do, is undone.
async fn answer(connection: &mut PgConnection, sql: &str) -> Result<Result<Value>> {
    let guard = format!(
        "SAVEPOINT expectation; SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = '{PATIENCE}';
         SET LOCAL TimeZone = 'UTC'"
    );
    execute(connection, &guard).await?;
    let answer = ask(connection, sql).await;
    undo(connection, "expectation").await?;
    Ok(answer)
}

fn told(expectation: &Expectation) -> String {
    let Expectation { location, scenario, name, .. } = expectation;
    format!("{location}: scenario {scenario}: expectation \"{name}\"")
}

impl Held<'_> {
    /// The query as the target takes it; or why it cannot be asked.
    ///
    /// # Errors
    /// It names a handle that no row of the scenario has.
    fn query(&self, expectation: &Expectation) -> Result<Result<String, String>> {
        if let Some(table) = self.missing.iter().find(|table| names(&expectation.sql, table)) {
            return Ok(Err(format!("there is no table {table}")));
        }
        let id = |handle: &str| self.handles.id(&expectation.scenario, handle).map(literal);
        if self.views.is_some()
            && let Some(handle) = expectation.handles().find(|handle| id(handle).is_none())
        {
            return Ok(Err(format!("`@{handle}` has no row in this schema")));
        }
        let sql = expectation.sql_with(id)?;
        let views = self.views.iter().flat_map(DomainViews::tables);
        let named: Vec<String> =
            views.filter(|view| names(&sql, view.name)).map(DomainView::sql_with_own).collect();
        Ok(Ok(asking(&named, &sql)))
    }

    fn verdict(&self, expectation: &Expectation, answer: Result<Result<Value>>) -> Result<Verdict> {
        let got = match answer? {
            Ok(got) if expectation.wanted.holds(&got) => return Ok(Verdict::Holds),
            Ok(got) => got,
            Err(error) => {
                let cannot = error.sqlstate().is_some_and(|state| CANNOT_BE_ASKED.contains(&state));
                let cannot = cannot && self.views.is_some();
                return Ok(match cannot {
                    true => Verdict::Skipped(format!("{error:#}")),
                    false => Verdict::Broken(format!("{} failed: {error:#}", told(expectation))),
                });
            }
        };
        let (got, wanted) = (shortened(&got.to_string()), shortened(&expectation.wanted.to_string()));
        let views = self.views.iter().flat_map(DomainViews::tables);
        let mut named = views.filter(|view| names(&expectation.sql, view.name));
        let inexact = named.find_map(|view| {
            let of_rows =
                self.inexact.iter().filter(|(table, _)| *table == view.name).map(|(_, column)| *column);
            let column = view.inexact().chain(of_rows).find(|column| names(&expectation.sql, column))?;
            Some(format!("{}.{column}", view.name))
        });
        Ok(match inexact {
            Some(column) => Verdict::Skipped(format!(
                "this schema does not keep {column} as it was meant (expected {wanted}, got {got})"
            )),
            None => Verdict::Broken(format!(
                "{} is not met\n  expected: {wanted}\n  actual:   {got}",
                told(expectation)
            )),
        })
    }
}

/// A key as SQL has it, of whatever type its column is.
fn literal(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), quote_literal)
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

/// The query whose one row has all that another answers, which reads these tables.
fn asking(tables: &[String], sql: &str) -> String {
    let sql = sql.trim().trim_end_matches(';');
    let with = if tables.is_empty() { String::new() } else { format!("WITH {} ", tables.join(", ")) };
    // A subquery on lines of its own, as it may end in a comment.
    format!("{with}SELECT coalesce(jsonb_agg(to_jsonb(answer)), '[]')::text FROM (\n{sql}\n) AS answer")
}

/// The answer: a value, an array of values, or an array of objects.
async fn ask(connection: &mut PgConnection, sql: &str) -> Result<Value> {
    // The extended protocol takes one statement only, unnamed, lest it break a pooler.
    let row =
        sqlx::query(sqlx::AssertSqlSafe(sql)).persistent(false).fetch_one(connection).await.map_err(error)?;
    let text: String = row.try_get(0).map_err(error)?;
    let rows: Vec<serde_json::Map<String, Value>> =
        serde_json::from_str(&text).map_err(|error| Error::failed(error.to_string()).with_source(error))?;
    Ok(plain(rows))
}

fn plain(rows: Vec<serde_json::Map<String, Value>>) -> Value {
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
        let row = |value: Value| value.as_object().expect("an object").clone();
        assert_eq!(plain(vec![row(json!({"count": 3}))]), json!(3));
        assert_eq!(plain(vec![row(json!({"a": 1})), row(json!({"a": 2}))]), json!([1, 2]));
        assert_eq!(plain(vec![row(json!({"a": 1, "b": 2}))]), json!([{"a": 1, "b": 2}]));
        assert_eq!(plain(Vec::new()), json!([]));
    }
}
