//! Violations that loaded scenarios plant, and those that they do not: what is still violated without the rows that
//! break a rule on purpose is an accident.

use sqlx::{PgConnection, Row};

use crate::db::query::error;
use crate::error::Result;
use crate::infer::domain_views::{DomainViews, NamedRows};
use crate::run::registry::{Broken, Loaded};
use crate::verify::Rule;
use crate::verify::asking::{Checked, SHOWN, ask};
use crate::verify::names;

/// What the scenarios that are loaded say of one rule.
#[derive(Debug, Default)]
pub struct Purpose {
    /// Those that break it.
    pub scenarios: Vec<String>,
    /// By these rows.
    rows: NamedRows,
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
        views: &DomainViews<'_>,
        rule: &Rule,
        (sql, write): (&str, &dyn Fn(&str) -> String),
    ) -> Result<Option<Accidents>> {
        if self.is_open {
            return Ok(None);
        }
        let (all, rest) =
            (names::query(views, rule, sql), names::query_without(views, rule, sql, &self.rows));
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
