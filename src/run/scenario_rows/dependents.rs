//! Rows that refer to others which are to go.

use sqlx::{PgConnection, Row};

use crate::catalog::{ForeignKey, Schema};
use crate::db::query::{error, fetch};
use crate::error::{Error, Result};
use crate::sql::{quote_identifier, quote_literal};

/// Rows that are not a scenario's and refer to rows of it.
#[derive(Debug)]
pub struct Dependent {
    /// The table that has them.
    pub table: String,
    /// The column that refers.
    pub column: String,
    /// How many; unknown where the role may not see all of them.
    pub rows: Option<i64>,
}

/// A question after rows that refer to others which are to go.
pub(super) struct Probe<'a> {
    pub(super) key: &'a ForeignKey,
    /// The table that is referred to.
    pub(super) parent: String,
    /// The condition that its row `t` goes.
    pub(super) goes: String,
    /// The condition that a row `t` that refers goes as well.
    pub(super) is_own: String,
}

impl Probe<'_> {
    /// What counts them; where the role may not see them all, what counts the rows that are to go.
    fn sql(&self, is_hidden: bool) -> String {
        let Self { key, parent, goes, is_own } = self;
        let told = format!("{}, {}", quote_literal(&key.from_name), quote_literal(&key.columns.join(", ")));
        if is_hidden {
            return format!("SELECT {told}, NULL::bigint FROM {parent} t WHERE {goes} HAVING count(*) > 0");
        }
        let pairs = key.columns.iter().zip(&key.to_columns);
        let pairs: Vec<String> = pairs
            .map(|(own, to)| format!("t.{} = c.{}", quote_identifier(to), quote_identifier(own)))
            .collect();
        format!(
            "SELECT {told}, count(*) FROM (SELECT t.* FROM {} t WHERE NOT ({is_own})) c
             WHERE EXISTS (SELECT FROM {parent} t WHERE {} AND {goes}) HAVING count(*) > 0",
            key.from_name,
            pairs.join(" AND ")
        )
    }
}

/// Runs the probes; returns what they find.
pub(super) async fn held(
    connection: &mut PgConnection,
    schema: &Schema,
    probes: &[Probe<'_>],
) -> Result<Vec<Dependent>> {
    let sql = |probe: &Probe<'_>| {
        let table = schema.table(probe.key.from);
        let is_hidden = table.is_some_and(|table| !table.may_select || !table.shows_all(&schema.server));
        // What is only refused to be left behind the server tells by itself.
        (!is_hidden || probe.key.reaches_on_delete()).then(|| probe.sql(is_hidden))
    };
    let queries: Vec<String> = probes.iter().filter_map(sql).collect();
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    let rows = fetch(connection, &queries.join(" UNION ALL ")).await?;
    rows.iter()
        .map(|row| {
            let get = |at| row.try_get(at).map_err(error);
            Ok(Dependent { table: get(0)?, column: get(1)?, rows: row.try_get(2).map_err(error)? })
        })
        .collect()
}

/// Checks that no other rows reference those to be removed.
///
/// # Errors
/// There are some, which the error lists.
pub fn refuse_held(scenario: &str, holds: &[Dependent]) -> Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    let one = |Dependent { table, column, rows }: &Dependent| match rows {
        Some(rows) => format!("{rows} of {table} ({column})"),
        None => format!("an unknown number of {table} ({column}), as this role cannot see all rows"),
    };
    let holds: Vec<String> = holds.iter().map(one).collect();
    Err(Error::refused(format!(
        "other rows still reference rows of scenario {scenario}: {}",
        holds.join(", ")
    ))
    .with_hint("nothing was changed; delete those rows first"))
}
