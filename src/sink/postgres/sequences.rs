//! Sequences after a load: the app's next row must get a key that is free.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use crate::catalog::Schema;
use crate::db::query::{error, execute, fetch};
use crate::domain::explicit::ids;
use crate::error::{Error, Result};
use crate::plan::{Plan, Sequence, TablePlan};
use crate::sql::{quote_identifier, quote_literal};

/// A sequence, and the columns of planned tables that draw from it.
struct Drawn<'a> {
    sequence: &'a Sequence,
    columns: Vec<(&'a TablePlan, &'a str)>,
}

/// Puts every sequence behind the highest key of its columns below those of explicit rows, so that the app's rows
/// never come among these. One is set back only where all its tables were emptied (`is_clean`): elsewhere numbers
/// that it has given out may be in use where we do not look.
///
/// `RESTART` is part of the transaction, `setval` is not: what it does stays when the rest is undone. A role that does
/// not own the sequence has only the latter, which therefore never lowers one; left too high it does no harm. In a
/// trial, which is undone in any case, such sequences are left alone.
pub async fn restart(
    connection: &mut PgConnection,
    plan: &Plan,
    schema: &Schema,
    (is_clean, is_trial): (bool, bool),
) -> Result<()> {
    let drawn = drawn(plan);
    if drawn.is_empty() {
        return Ok(());
    }
    let asked: Vec<String> =
        drawn.values().map(|drawn| format!("{}, {}", drawn.highest(), drawn.next())).collect();
    let rows = fetch(connection, &format!("SELECT {}", asked.join(", "))).await?;
    let row = rows.first().ok_or_else(|| Error::failed("the server returned no row"))?;
    let mut sql = String::new();
    for (number, drawn) in drawn.values().enumerate() {
        let highest: i64 = row.try_get(2 * number).map_err(error)?;
        let next: Option<i64> = row.try_get(2 * number + 1).map_err(error)?;
        let may_lower = is_clean && !is_shared(&drawn.sequence.name, plan, schema);
        if drawn.sequence.owned || !is_trial {
            sql.push_str(&drawn.statement(highest + 1, next, may_lower));
        }
    }
    execute(connection, &sql).await.map_err(|error| error.context("resetting the sequences"))
}

fn drawn(plan: &Plan) -> BTreeMap<&str, Drawn<'_>> {
    let mut all: BTreeMap<&str, Drawn<'_>> = BTreeMap::new();
    for table in &plan.tables {
        for sequence in table.target.iter().flat_map(|target| &target.sequences) {
            let drawn = all.entry(&sequence.name).or_insert(Drawn { sequence, columns: Vec::new() });
            drawn.columns.push((table, &sequence.column));
        }
    }
    all
}

/// Whether a table that is not planned draws from a sequence, too.
fn is_shared(sequence: &str, plan: &Plan, schema: &Schema) -> bool {
    let planned = plan.oids();
    let mut others = schema.tables.iter().filter(|table| !planned.contains(&table.oid));
    others.any(|table| table.columns.iter().any(|column| column.sequence.as_deref() == Some(sequence)))
}

impl Drawn<'_> {
    /// The highest key, 0 where there is none.
    fn highest(&self) -> String {
        let each = self.columns.iter().map(|(table, column)| {
            let column = quote_identifier(column);
            // Only the domain's tables have explicit rows.
            let most = if table.is_domain() { ids::FIRST } else { i64::MAX as u64 };
            format!("(SELECT max({column}) FROM {} WHERE {column} < {most})", table.header.table)
        });
        format!("coalesce(greatest({}), 0)::bigint", each.collect::<Vec<_>>().join(", "))
    }

    /// What the sequence would give next; unknown where we do not own it, and may not look.
    fn next(&self) -> String {
        match self.sequence.owned {
            true => format!("(SELECT last_value + is_called::int FROM {})", self.sequence.name),
            false => "NULL::bigint".into(),
        }
    }

    fn statement(&self, first: i64, next: Option<i64>, may_lower: bool) -> String {
        let (name, literal) = (&self.sequence.name, quote_literal(&self.sequence.name));
        match (self.sequence.owned, may_lower) {
            (true, false) if next.is_some_and(|next| next >= first) => String::new(),
            (true, _) => format!("ALTER SEQUENCE {name} RESTART WITH {first};"),
            // It tells where it stands by going one further.
            (false, _) => {
                format!("SELECT setval({literal}, greatest({first}, nextval({literal})), false);")
            }
        }
    }
}
