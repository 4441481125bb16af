//! What is told of a template each time that it is copied: kept in the template, and so in each copy.

use sqlx::{PgConnection, Row};

use crate::db::query::{error, execute, fetch};
use crate::error::{Error, Result};
use crate::note::Note;
use crate::report::Report;
use crate::run::handles::{Format, Handles};
use crate::run::seed::Outcome;
use crate::sql::quote_literal;

const CREATE: &str = "CREATE SCHEMA IF NOT EXISTS crm_seed;
CREATE TABLE crm_seed.template (report json NOT NULL, handles json NOT NULL)";

/// The report of the run that seeded the template, and the handles as they are written to files.
pub struct Record {
    pub report: Report,
    handles: serde_json::Value,
}

/// The names of the forms in which handles are written.
const fn form(format: Format) -> &'static str {
    match format {
        Format::Json => "json",
        Format::Env => "env",
        Format::TypeScript => "ts",
    }
}

impl Record {
    /// The handles as a file of this format has them.
    pub fn handles(&self, format: Format) -> String {
        self.handles[form(format)].as_str().unwrap_or_default().to_owned()
    }

    /// Reads it from a copy.
    ///
    /// # Errors
    /// There is none.
    pub async fn read(connection: &mut PgConnection) -> Result<Self> {
        let rows = fetch(connection, "SELECT report::text, handles::text FROM crm_seed.template").await?;
        let row = rows.first().ok_or_else(|| Error::failed("the template has no record of its rows"))?;
        let text = |at: usize| row.try_get::<String, _>(at).map_err(error);
        let wrong =
            |error| Error::failed("the template's record of its rows cannot be read").with_source(error);
        Ok(Self {
            report: serde_json::from_str(&text(0)?).map_err(wrong)?,
            handles: serde_json::from_str(&text(1)?).unwrap_or_default(),
        })
    }
}

/// Keeps what came of seeding the template, with notes about how it was made.
///
/// # Errors
/// The connection is lost.
pub async fn keep(connection: &mut PgConnection, outcome: &Outcome, notes: &[Note]) -> Result<()> {
    let all = |handles: &Handles| {
        let forms = [Format::Json, Format::Env, Format::TypeScript];
        let texts = forms.map(|format| (form(format).to_owned(), handles.text(format).into()));
        serde_json::Value::Object(texts.into_iter().collect())
    };
    let mut report = serde_json::json!(outcome.report());
    if let Some(all) = report["notes"].as_array_mut() {
        all.extend(notes.iter().map(|note| serde_json::json!(note)));
    }
    let sql = format!(
        "BEGIN; {CREATE}; INSERT INTO crm_seed.template VALUES ({}, {}); COMMIT",
        quote_literal(&report.to_string()),
        quote_literal(&all(outcome.handles()).to_string())
    );
    execute(connection, &sql).await.map_err(|error| error.context("recording what the template holds"))
}

/// Makes what the template's records of its run say true of this copy: they are about the copy from here on, whose tables
/// and rows are the same, oids and numbers of transactions included.
///
/// # Errors
/// The connection is lost.
pub async fn readdress(connection: &mut PgConnection, template: i64) -> Result<()> {
    let sql = ["ledger", "filled", "scenario"].map(|table| {
        format!(
            "UPDATE crm_seed.{table}
             SET database_oid = (SELECT oid FROM pg_database WHERE datname = current_database())
             WHERE database_oid = {template}"
        )
    });
    execute(connection, &sql.join(";")).await
}
