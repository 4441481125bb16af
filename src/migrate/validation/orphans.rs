//! Rows whose parent is not there, of every foreign key: a key may be NOT VALID, and a load with
//! `session_replication_role = replica` checks none.

use serde::Deserialize;
use sqlx::{PgConnection, Row};

use crate::db::probe::{Probed, probe};
use crate::db::query::{error, fetch};
use crate::error::{Error, Result};
use crate::migrate::validation::check::expand;
use crate::migrate::validation::finding::{Finding, Level, Report, Skipped};

pub const CHECK: &str = "orphaned-rows";
/// Orphans are counted up to here: more is as bad.
const COUNTED: i64 = 1000;

/// Foreign keys as they were declared, each once: those of partitions stand for the key of the whole table.
const KEYS: &str = "SELECT coalesce(json_agg(k ORDER BY k.child, k.name), '[]')::text FROM (
  SELECT format('%I on %s', k.conname, k.conrelid::regclass) AS name, 'error' AS level,
    k.conrelid::regclass::text AS child, k.confrelid::regclass::text AS parent,
    c.relkind = 'r' AS child_only, p.relkind = 'r' AS parent_only, k.confmatchtype = 'f' AS is_full,
    (SELECT json_agg(json_build_object('own', quote_ident(a.attname), 'theirs', quote_ident(b.attname),
        'operator', format('OPERATOR(%I.%s)', m.nspname, o.oprname), 'not_null', a.attnotnull) ORDER BY u.n)
     FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY AS u(own, theirs, operator, n)
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
     JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.theirs
     JOIN pg_operator o ON o.oid = u.operator JOIN pg_namespace m ON m.oid = o.oprnamespace) AS columns
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
  JOIN pg_namespace n ON n.oid = k.connamespace
  WHERE k.contype = 'f' AND k.conparentid = 0 AND $OWN(n) AND NOT $EXTERNAL(pg_class, c.oid)
    AND c.relkind IN ('r', 'p') AND p.relkind IN ('r', 'p')
    AND coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false) = false) k";

/// A reference from the rows of one table to those of another. Names are as SQL has them.
#[derive(Debug, Deserialize)]
pub struct ReferenceKey {
    /// What it is called in the report.
    pub name: String,
    /// `error`, or `warning` where it is only likely that it is a reference.
    pub level: Level,
    pub child: String,
    pub parent: String,
    /// Tables that inherit from these are no part of the key.
    pub child_only: bool,
    pub parent_only: bool,
    /// MATCH FULL.
    pub is_full: bool,
    pub columns: Vec<KeyColumn>,
}

/// A column of it.
#[derive(Debug, Deserialize)]
pub struct KeyColumn {
    pub own: String,
    pub theirs: String,
    /// By which the two are compared: theirs stands on its left.
    pub operator: String,
    /// What both are cast to first: `::text`.
    #[serde(default)]
    pub cast: String,
    pub not_null: bool,
}

impl KeyColumn {
    fn comparison(&self) -> String {
        let Self { own, theirs, operator, cast, .. } = self;
        format!("p.{theirs}{cast} {operator} c.{own}{cast}")
    }
}

impl ReferenceKey {
    /// The condition on `c` that its row has no parent.
    fn is_orphan(&self) -> String {
        let join = |each: fn(&KeyColumn) -> String, by: &str| {
            self.columns.iter().map(each).collect::<Vec<_>>().join(by)
        };
        let has_all = join(|column| format!("c.{} IS NOT NULL", column.own), " AND ");
        let parent = join(KeyColumn::comparison, " AND ");
        let only = if self.parent_only { "ONLY " } else { "" };
        let orphan =
            format!("{has_all} AND NOT EXISTS (SELECT FROM {only}{} AS p WHERE {parent})", self.parent);
        if !self.is_full || self.columns.len() == 1 {
            return orphan;
        }
        let has_any = join(|column| format!("c.{} IS NOT NULL", column.own), " OR ");
        format!("({orphan} OR ({has_any}) AND NOT ({has_all}))")
    }

    /// How many rows have no parent, and the key of one of them.
    fn sql(&self) -> String {
        let only = if self.child_only { "ONLY " } else { "" };
        let key = self.columns.iter().map(|column| format!("c.{}::text", column.own)).collect::<Vec<_>>();
        format!(
            "SELECT count(*), min(key) FROM (SELECT concat_ws(', ', {}) AS key FROM {only}{} AS c WHERE {} LIMIT {}) AS orphan",
            key.join(", "),
            self.child,
            self.is_orphan(),
            COUNTED + 1
        )
    }

    fn finding(&self, count: i64, example: &str) -> Finding {
        let rows = match count {
            1 => "1 row refers".to_owned(),
            count if count > COUNTED => format!("{COUNTED} or more rows refer"),
            count => format!("{count} rows refer"),
        };
        let columns = self.columns.iter().map(|column| column.own.as_str()).collect::<Vec<_>>().join(", ");
        let only = if self.child_only { "ONLY " } else { "" };
        let (child, orphan) = (&self.child, self.is_orphan());
        let loose: Vec<String> = self
            .columns
            .iter()
            .filter(|column| !column.not_null)
            .map(|column| format!("{} = NULL", column.own))
            .collect();
        let is_loosened = if self.is_full { loose.len() == self.columns.len() } else { !loose.is_empty() };
        let mend = match is_loosened {
            true => format!("UPDATE {only}{child} AS c SET {} WHERE {orphan}", loose.join(", ")),
            false => format!("DELETE FROM {only}{child} AS c WHERE {orphan}"),
        };
        Finding {
            check: CHECK,
            level: self.level,
            object: self.name.clone(),
            what: format!("{rows} to no row of {} ({columns}, for example {example})", self.parent),
            fix: format!("restore the missing rows, or {mend}"),
        }
    }
}

/// The foreign keys of the database.
///
/// # Errors
/// Whatever the server says.
pub async fn declared(connection: &mut PgConnection) -> Result<Vec<ReferenceKey>> {
    let rows = fetch(connection, &expand(KEYS)).await?;
    let text: String = match rows.first() {
        Some(row) => row.try_get(0).map_err(error)?,
        None => return Ok(Vec::new()),
    };
    let keys = serde_json::from_str(&text);
    keys.map_err(|e| Error::failed("internal error while reading foreign keys").with_source(e))
}

/// Counts the orphans of each.
///
/// # Errors
/// The connection is lost.
pub async fn count(connection: &mut PgConnection, keys: &[ReferenceKey], report: &mut Report) -> Result<()> {
    for key in keys {
        match probe(connection, &key.sql()).await? {
            Probed::Refused(why) => {
                report.skipped.push(Skipped { check: CHECK, object: key.name.clone(), why });
            }
            Probed::Rows(rows) => {
                report.references += 1;
                let Some(row) = rows.first() else { continue };
                let (count, example): (i64, Option<String>) =
                    (row.try_get(0).map_err(error)?, row.try_get(1).map_err(error)?);
                if count > 0 {
                    report.findings.push(key.finding(count, &example.unwrap_or_default()));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(is_full: bool, columns: &[(&str, bool)]) -> ReferenceKey {
        let column = |(name, not_null): &(&str, bool)| KeyColumn {
            own: (*name).into(),
            theirs: "id".into(),
            operator: "=".into(),
            cast: String::new(),
            not_null: *not_null,
        };
        ReferenceKey {
            name: "k on a".into(),
            level: Level::Error,
            child: "a".into(),
            parent: "b".into(),
            child_only: true,
            parent_only: false,
            is_full,
            columns: columns.iter().map(column).collect(),
        }
    }

    #[test]
    fn a_mend_deletes_only_what_cannot_be_loosened() {
        let fix = |key: ReferenceKey| key.finding(1, "7").fix;
        assert!(
            fix(key(false, &[("x", false)]))
                .contains("UPDATE ONLY a AS c SET x = NULL WHERE c.x IS NOT NULL")
        );
        assert!(fix(key(false, &[("x", true)])).contains("DELETE FROM ONLY a AS c"));
        assert!(fix(key(false, &[("x", true), ("y", false)])).contains("SET y = NULL"));
        assert!(fix(key(true, &[("x", true), ("y", false)])).contains("DELETE"));
    }

    #[test]
    fn many_are_not_counted_to_the_end() {
        assert!(key(false, &[("x", true)]).finding(1001, "7").what.starts_with("1000 or more rows refer"));
        assert!(key(false, &[("x", true)]).sql().ends_with("LIMIT 1001) AS orphan"));
    }
}
