//! The mark of a database that crm-seed made, in its COMMENT: only what bears it is ever dropped.
//!
//! It says its own oid and name. A database that was renamed, or restored from a dump with its comment, bears a mark of
//! another one, and is not ours.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};

use crate::db::query::{error, execute, fetch};
use crate::error::Result;
use crate::run::template::name;
use crate::sql::{quote_identifier, quote_literal};

/// What a comment begins with that is a mark; JSON comes after.
const PREFIX: &str = "Made by crm-seed, which drops it without asking: ";

/// What a database is to crm-seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One that is being made. Left over where nobody makes it.
    Unfinished,
    /// A seeded template.
    Template,
    /// A copy of one.
    Copy,
}

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub kind: Kind,
    /// `pg_database.oid`.
    pub oid: i64,
    /// The name that it was made under; that of an unfinished one says nothing.
    pub name: String,
    /// The database that gave the schema.
    pub source: String,
    /// Digest of that schema, of a template.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// Digest of the arguments that ask for a template.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub asked: String,
    /// When it was made, in seconds since 1970 by the server's clock.
    #[serde(default)]
    pub made: i64,
}

/// A database of the server.
#[derive(Clone, Debug)]
pub struct Found {
    pub name: String,
    pub oid: i64,
    /// Its mark, if that is its own.
    pub mark: Option<Mark>,
}

/// The databases that bear a mark, and that of this name.
pub async fn databases(connection: &mut PgConnection, named: &str) -> Result<Vec<Found>> {
    let sql = format!(
        "SELECT datname::text, oid::bigint, shobj_description(oid, 'pg_database') FROM pg_database
         WHERE datname = {} OR starts_with(shobj_description(oid, 'pg_database'), {}) ORDER BY oid",
        quote_literal(named),
        quote_literal(PREFIX)
    );
    let rows = fetch(connection, &sql).await?;
    let found = rows.iter().map(|row| {
        let (name, oid): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let comment: Option<String> = row.try_get(2)?;
        let mark = comment.as_deref().and_then(|comment| own(comment, &name, oid));
        Ok(Found { name, oid, mark })
    });
    found.collect::<Result<_, sqlx::Error>>().map_err(error)
}

/// The mark in a comment, if it is that of this very database.
fn own(comment: &str, name: &str, oid: i64) -> Option<Mark> {
    let mark: Mark = serde_json::from_str(comment.strip_prefix(PREFIX)?).ok()?;
    let is_unfinished = name.starts_with(name::UNFINISHED);
    (mark.oid == oid && (is_unfinished || mark.name == name)).then_some(mark)
}

/// Marks the database `on`, which `mark` is about but for its oid and time.
pub async fn put(connection: &mut PgConnection, on: &str, mark: Mark) -> Result<()> {
    let sql = format!(
        "SELECT oid::bigint, extract(epoch FROM now())::bigint FROM pg_database WHERE datname = {}",
        quote_literal(on)
    );
    let rows = fetch(connection, &sql).await?;
    let read = |at: usize| rows.first().map_or(Ok(0), |row| row.try_get(at).map_err(error));
    let mark = Mark { oid: read(0)?, made: read(1)?, ..mark };
    let text = format!("{PREFIX}{}", serde_json::to_string(&mark).unwrap_or_default());
    let sql = format!("COMMENT ON DATABASE {} IS {}", quote_identifier(on), quote_literal(&text));
    execute(connection, &sql).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_on_the_database_that_it_was_given_to() {
        let mark = |kind| Mark {
            kind,
            oid: 7,
            name: "test_1".into(),
            source: "app".into(),
            schema: String::new(),
            asked: String::new(),
            made: 0,
        };
        let comment = format!("{PREFIX}{}", serde_json::to_string(&mark(Kind::Copy)).expect("JSON"));
        assert_eq!(own(&comment, "test_1", 7), Some(mark(Kind::Copy)));
        assert_eq!(own(&comment, "test_1", 8), None, "restored from a dump");
        assert_eq!(own(&comment, "precious", 7), None, "renamed");
        assert_eq!(own("Made by hand", "test_1", 7), None);
        assert!(own(&comment, &format!("{}0", name::UNFINISHED), 7).is_some());
    }
}
