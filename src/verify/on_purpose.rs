//! Violations that loaded scenarios plant, and those that they do not: what is still violated without the rows that
//! break a rule on purpose is an accident.

use sqlx::{PgConnection, Row};

use crate::db::query::error;
use crate::error::Result;
use crate::run::registry::{Broken, Loaded};
use crate::verify::Rule;
use crate::verify::asking::{Checked, SHOWN, ask};
use crate::verify::names::{NamedRows, Names};

/// What the scenarios that are loaded say of one rule.
#[derive(Debug, Default)]
pub struct Purpose {
    /// Those that break it.
    pub scenarios: Vec<String>,
    /// By these rows.
    rows: NamedRows,
    /// One is about any row of a scenario, by keys that may be those of the domain and not of the target.
    is_of_all: bool,
    /// Of one it cannot be told which rows are its own: nothing is an accident then.
    is_open: bool,
}

/// Violations that nobody meant.
pub struct Accidents {
    pub count: i64,
    /// The first few of them.
    pub examples: Vec<String>,
}

impl Purpose {
    /// Of a rule.
    pub fn of(rule: &Rule, loaded: &[Loaded]) -> Self {
        let mut purpose = Self::default();
        for scenario in loaded {
            for broken in scenario.breaks.iter().filter(|broken| broken.rule() == rule.name) {
                purpose.scenarios.push(scenario.name.clone());
                match broken {
                    Broken::Rule(_) => {
                        let of_table = |(table, keys): (&String, _)| (table.clone(), texts(keys));
                        let all = scenario.keys.iter().map(|(table, keys)| (table, &keys.rows)).map(of_table);
                        let all: Vec<(String, Vec<Vec<String>>)> = all.collect();
                        purpose.is_open |= all.is_empty();
                        purpose.is_of_all = true;
                        all.into_iter()
                            .for_each(|(table, rows)| purpose.rows.entry(table).or_default().extend(rows));
                    }
                    Broken::Rows { rows, .. } => {
                        for (table, rows) in rows {
                            purpose.rows.entry(table.clone()).or_default().extend(texts(rows));
                        }
                    }
                }
            }
        }
        purpose
    }

    /// The violations that stay without the rows that break the rule on purpose; `None` where that cannot be told.
    pub async fn accidents(
        &self,
        connection: &mut PgConnection,
        names: &Names<'_>,
        rule: &Rule,
        (sql, write): (&str, &dyn Fn(&str) -> String),
    ) -> Result<Option<Accidents>> {
        if self.is_open || self.is_of_all && !self.are_there(connection, names).await? {
            return Ok(None);
        }
        let (all, rest) = (names.query(rule, sql), names.query_without(rule, sql, &self.rows));
        // How many are alike is no part of who they are.
        let same = |what: &str| format!("regexp_replace({what}, '[0-9]+ (products|organizations)', '\\1')");
        let query = format!(
            "SELECT found.what, count(*) OVER () FROM ({rest}) AS found(what)
             WHERE {} IN (SELECT {} FROM ({all}) AS known(what)) LIMIT {SHOWN}",
            same("found.what"),
            same("known.what")
        );
        let Checked::Rows(rows) = ask(connection, rule, write(&query)).await? else { return Ok(None) };
        let mut accidents = Accidents { count: 0, examples: Vec::new() };
        for row in &rows {
            accidents.count = row.try_get(1).map_err(error)?;
            let example: Option<String> = row.try_get(0).map_err(error)?;
            accidents.examples.push(example.unwrap_or_default());
        }
        Ok(Some(accidents))
    }

    /// Whether the target has any of the rows, by the keys that are recorded: where its keys are others, they say nothing.
    async fn are_there(&self, connection: &mut PgConnection, names: &Names<'_>) -> Result<bool> {
        let Some(query) = names.query_of_rows(&self.rows) else { return Ok(false) };
        let rows =
            sqlx::raw_sql(sqlx::AssertSqlSafe(query)).fetch_all(&mut *connection).await.map_err(error)?;
        Ok(!rows.is_empty())
    }
}

/// Keys as texts, whatever they are recorded as.
fn texts(rows: &impl serde::Serialize) -> Vec<Vec<String>> {
    let rows: Vec<Vec<serde_json::Value>> =
        serde_json::to_value(rows).and_then(serde_json::from_value).unwrap_or_default();
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
}
