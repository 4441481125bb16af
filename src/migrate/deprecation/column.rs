//! The column that is to be deprecated, and what the database says of it.

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::{Error, Result};
use crate::migrate::sql::identifier::{self, Identifier, fitted_with};
use crate::sql::{quote_identifier, quote_literal};

/// A column and its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub table: Identifier,
    pub name: String,
}

/// What the database says of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Its type, with its collation where that is not the type's own, as SQL has it.
    pub data_type: String,
    pub is_not_null: bool,
    pub has_default: bool,
    pub comment: Option<String>,
    /// Functions whose code has both its name and its table's, or that triggers of the table call: who renames it breaks
    /// them, perhaps.
    pub functions: Vec<String>,
}

impl Column {
    /// Reads `table.column` or `schema.table.column`.
    ///
    /// # Errors
    /// It has fewer parts, or more, or what is no name.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = identifier::parts(text, "TABLE.COLUMN")?;
        let column = match (parts.len(), parts.pop(), parts.pop()) {
            (2 | 3, Some(name), Some(table)) => {
                Self { table: Identifier { schema: parts.pop(), name: table }, name }
            }
            _ => {
                return Err(Error::usage(format!("{text} does not name a column")).with_hint(
                    "write TABLE.COLUMN or SCHEMA.TABLE.COLUMN, such as opportunities.competition",
                ));
            }
        };
        Ok(column)
    }

    /// What it is called once it is deprecated.
    pub fn deprecated(&self) -> String {
        fitted_with(&self.name, "_deprecated")
    }

    /// As messages name it.
    pub fn label(&self) -> String {
        format!("{}.{}", self.table.sql(), quote_identifier(&self.name))
    }
}

/// Looks a column up.
///
/// # Errors
/// There is none such, or it is one that cannot be renamed and read under its old name: part of a key, generated, or
/// inherited; the name that it would get is taken.
pub async fn look_up(connection: &mut PgConnection, column: &Column) -> Result<Found> {
    let rows = fetch(connection, &query(column)).await?;
    let label = column.label();
    let Some(row) = rows.first() else {
        return Err(Error::refused(format!("there is no table {}", column.table.sql()))
            .with_hint("check its name, with its schema if it is in none of the search path"));
    };
    let text = |name: &str| row.try_get::<Option<String>, _>(name).map_err(error);
    let is =
        |name: &str| row.try_get::<Option<bool>, _>(name).map(|value| value == Some(true)).map_err(error);
    let Some(data_type) = text("data_type")? else {
        return Err(Error::refused(format!("there is no column {label}"))
            .with_hint(format!("the columns are {}", text("columns")?.unwrap_or_default())));
    };
    if !is("is_table")? {
        return Err(Error::refused(format!("{} is not a table", column.table.sql()))
            .with_hint("a column of a view goes when the view is made without it"));
    }
    if let Some(key) = text("key")? {
        return Err(Error::refused(format!("{label} is part of a key ({key})"))
            .with_hint("drop the key, or put another in its place, in a migration before this one"));
    }
    if is("is_generated")? {
        return Err(Error::refused(format!("{label} is generated, and holds nothing of its own")).with_hint(
            "deprecate what it is computed from, or drop it with `-- Drop: REASON` in the file's header",
        ));
    }
    if is("is_inherited")? {
        return Err(Error::refused(format!("{label} is inherited"))
            .with_hint("deprecate the column of the parent table"));
    }
    if is("is_taken")? {
        return Err(Error::refused(format!(
            "{} has a column {} already",
            column.table.sql(),
            column.deprecated()
        ))
        .with_hint("rename that one, or drop it when its time has come"));
    }
    Ok(Found {
        data_type,
        is_not_null: is("is_not_null")?,
        has_default: is("has_default")?,
        comment: text("comment")?,
        functions: row.try_get::<Option<Vec<String>>, _>("functions").map_err(error)?.unwrap_or_default(),
    })
}

/// One row of the table, where there is one.
fn query(column: &Column) -> String {
    let (table, name) = (quote_literal(&column.table.sql()), quote_literal(&column.name));
    let deprecated = quote_literal(&column.deprecated());
    format!(
        "SELECT c.relkind IN ('r', 'p') AS is_table,
           format_type(a.atttypid, a.atttypmod) || coalesce((
             SELECT format(' COLLATE %I.%I', n.nspname, l.collname)
             FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
             JOIN pg_type t ON t.oid = a.atttypid
             WHERE l.oid = a.attcollation AND l.oid <> t.typcollation), '') AS data_type,
           a.attnotnull AS is_not_null, a.atthasdef OR a.attidentity <> '' AS has_default,
           a.attgenerated <> '' AS is_generated, a.attinhcount > 0 AS is_inherited,
           col_description(c.oid, a.attnum) AS comment,
           EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = {deprecated}
             AND NOT o.attisdropped) AS is_taken,
           coalesce((
             SELECT k.relname::text FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid
             WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey)
             ORDER BY i.indisprimary DESC, 1 LIMIT 1),
             (SELECT 'the partition key' FROM pg_partitioned_table p
              WHERE p.partrelid = c.oid AND a.attnum = ANY (p.partattrs))) AS key,
           (SELECT array_agg(f.oid::regprocedure::text ORDER BY 1) FROM pg_proc f
            WHERE f.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
              AND f.prosrc ~ ('\\m' || regexp_replace(a.attname, '([^[:alnum:]_])', '\\\\\\1', 'g') || '\\M')
              AND (f.prosrc ~* ('\\m' || regexp_replace(c.relname, '([^[:alnum:]_])', '\\\\\\1', 'g') || '\\M')
                OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgfoid = f.oid))
           ) AS functions,
           (SELECT string_agg(quote_ident(o.attname), ', ' ORDER BY o.attnum) FROM pg_attribute o
            WHERE o.attrelid = c.oid AND o.attnum > 0 AND NOT o.attisdropped) AS columns
         FROM pg_class c
         LEFT JOIN pg_attribute a
           ON a.attrelid = c.oid AND a.attname = {name} AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.oid = to_regclass({table})"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_with_its_table() {
        let column = Column::parse("crm.Deals.\"Old.Field\"").expect("a column");
        assert_eq!(column.label(), "crm.\"Deals\".\"Old.Field\"");
        assert_eq!(column.deprecated(), "Old.Field_deprecated");
        for bad in ["amount", "a.b.c.d", "a.", ""] {
            assert!(Column::parse(bad).is_err(), "{bad}");
        }
    }
}
