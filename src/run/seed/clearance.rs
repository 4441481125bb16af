//! What `--clean` would empty, and whose rows would go. One judgement for the run, which looks under its locks, and
//! for those who only tell beforehand.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use crate::catalog::{RelationKind, Schema, Table};
use crate::db::query::{error, fetch};
use crate::error::{Error, Result};
use crate::infer::overrides::Overrides;
use crate::plan::Plan;
use crate::report;
use crate::run::ledger::Filled;
use crate::sql::quote_literal;

/// A number of rows of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRows {
    pub oid: u32,
    pub schema: String,
    /// Its name, as SQL wants it.
    pub table: String,
    /// How many rows; unknown where the role may not see all of them.
    pub rows: Option<u64>,
}

/// What `--clean` would do.
#[derive(Clone, Debug, Default)]
pub struct Clearance {
    /// Tables of the plan, which `--clean` empties.
    pub emptied: Vec<String>,
    /// Tables that have to be emptied with them, as they refer to them.
    pub also: Vec<String>,
    /// Other tables with rows that `--cascade` empties too.
    pub cascaded: Vec<TableRows>,
    /// Tables with rows that refer to the planned ones, without `--cascade`: a reason to refuse.
    pub in_the_way: Vec<TableRows>,
    /// Rows of planned tables that no recorded run made.
    pub not_ours: Vec<TableRows>,
}

/// What `--clean` may delete without a question.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    /// So many rows of each table (by oid), as they were told; `None` for any number.
    pub rows: BTreeMap<u32, Option<u64>>,
    /// The answer was `always`.
    pub always: bool,
}

impl Clearance {
    /// Looks at the planned tables and at those that refer to them.
    pub async fn look(
        connection: &mut PgConnection,
        plan: &Plan,
        schema: &Schema,
        filled: &Filled,
        (cascade, excluded): (bool, &[String]),
    ) -> Result<Self> {
        let planned: Vec<&Table> = plan.emptied_oids().iter().filter_map(|oid| schema.table(*oid)).collect();
        let reached = schema.reached_by_truncate(&plan.emptied_oids());
        let mut probes: Vec<String> = planned.iter().map(|table| probe(table, schema, filled)).collect();
        probes.extend(reached.iter().map(|(oid, name)| match schema.table(*oid) {
            Some(table) => probe(table, schema, filled),
            None => count(*oid, name, "true"),
        }));
        let counts = counts(connection, &probes).await?;
        let mut found =
            Self { emptied: planned.iter().map(|table| table.qualified()).collect(), ..Self::default() };
        for table in planned {
            let rows = counts.get(&table.oid).map(|(_, not_ours)| *not_ours);
            if rows != Some(0) {
                found.not_ours.push(TableRows::of(table, rows));
            }
        }
        for (oid, name) in reached {
            let (all, not_ours) = counts.get(&oid).copied().unzip();
            let rows = match schema.table(oid) {
                Some(table) => TableRows::of(table, all),
                None => TableRows { oid, schema: String::new(), table: name.clone(), rows: all },
            };
            // Triggers of a run of ours filled it, and those of this run will.
            let is_excluded =
                schema.table(oid).is_some_and(|table| Overrides::names(excluded, &table.schema, &table.name));
            let is_ours = not_ours == Some(0) && filled.has_by_triggers(oid) && !is_excluded;
            match all {
                Some(0) => {}
                _ if is_ours => {}
                _ if cascade => found.cascaded.push(rows),
                _ => found.in_the_way.push(rows),
            }
            found.also.push(name);
        }
        Ok(found)
    }

    /// Looks at the rows of `tables`, all of which would go.
    ///
    /// # Errors
    /// The rows cannot be counted.
    pub async fn of_all(
        connection: &mut PgConnection,
        tables: &[&Table],
        schema: &Schema,
        filled: &Filled,
    ) -> Result<Self> {
        let probes: Vec<String> = tables.iter().map(|table| probe(table, schema, filled)).collect();
        let counts = counts(connection, &probes).await?;
        let rows = |table: &&Table| counts.get(&table.oid).map(|(_, not_ours)| *not_ours);
        let not_ours = tables.iter().filter(|table| rows(table) != Some(0));
        let not_ours = not_ours.map(|table| TableRows::of(table, rows(table))).collect();
        let emptied = tables.iter().map(|table| table.qualified()).collect();
        Ok(Self { emptied, not_ours, ..Self::default() })
    }

    /// Checks that no other tables with rows reference the planned ones.
    ///
    /// # Errors
    /// There are some, which the error lists.
    pub fn check_reach(&self) -> Result<()> {
        if self.in_the_way.is_empty() {
            return Ok(());
        }
        Err(Error::refused(format!(
            "--clean would also have to empty tables that reference those it fills: {}",
            told(&self.in_the_way)
        ))
        .with_hint(
            "to delete these rows too, add --cascade; to empty and refill a table, name it with --include",
        ))
    }

    /// The rows that were not confirmed by `agreed`.
    pub fn unanswered(&self, agreed: &Agreed) -> Vec<TableRows> {
        let is_open = |not_ours: &&TableRows| match (agreed.rows.get(&not_ours.oid), not_ours.rows) {
            (None, _) | (Some(Some(_)), None) => true,
            (Some(None), _) => false,
            (Some(Some(most)), Some(rows)) => rows > *most,
        };
        self.not_ours.iter().filter(is_open).cloned().collect()
    }
}

impl TableRows {
    fn of(table: &Table, rows: Option<u64>) -> Self {
        Self { oid: table.oid, schema: table.schema.clone(), table: table.qualified(), rows }
    }
}

/// `contacts 3 rows, tasks 1 row`.
pub fn told(tables: &[TableRows]) -> String {
    let one = |rows: &TableRows| match rows.rows {
        Some(count) => format!("{} {}", rows.table, report::rows(count)),
        None => format!("{} an unknown number of rows", rows.table),
    };
    tables.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Counts the rows of a table, and those that are not ours. Where the role may not see them all it answers only for a
/// table without any, which takes no room.
fn probe(table: &Table, schema: &Schema, filled: &Filled) -> String {
    if table.may_select && table.shows_all(&schema.server) {
        return count(table.oid, &table.qualified(), &filled.not_ours(table));
    }
    let is_plain = table.kind == RelationKind::Table;
    format!("SELECT {0}::bigint, 0, 0 WHERE {is_plain} AND pg_relation_size({0}) = 0", table.oid)
}

fn count(oid: u32, name: &str, not_ours: &str) -> String {
    format!(
        "SELECT {}::bigint, count(*), count(*) FILTER (WHERE {not_ours}) FROM {name} t",
        quote_literal(&oid.to_string())
    )
}

/// All rows and those that are not ours, by the table's oid.
async fn counts(connection: &mut PgConnection, probes: &[String]) -> Result<BTreeMap<u32, (u64, u64)>> {
    if probes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = fetch(connection, &probes.join(" UNION ALL ")).await?;
    rows.iter()
        .map(|row| {
            let number = |at: usize| row.try_get::<i64, _>(at).map_err(error).map(i64::unsigned_abs);
            Ok((u32::try_from(number(0)?).unwrap_or(0), (number(1)?, number(2)?)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(oid: u32, rows: Option<u64>) -> TableRows {
        TableRows { oid, schema: "public".into(), table: format!("t{oid}"), rows }
    }

    #[test]
    fn what_was_agreed_to_covers_so_many_rows_and_no_more() {
        let found = Clearance { not_ours: vec![rows(1, Some(3)), rows(2, None)], ..Clearance::default() };
        let open = |agreed: &[(u32, Option<u64>)]| -> Vec<u32> {
            let agreed = Agreed { rows: agreed.iter().copied().collect(), always: false };
            found.unanswered(&agreed).iter().map(|rows| rows.oid).collect()
        };
        assert_eq!(open(&[]), [1, 2]);
        assert_eq!(open(&[(1, Some(3)), (2, None)]), [0; 0]);
        assert_eq!(open(&[(1, Some(2)), (2, Some(100))]), [1, 2]);
        assert_eq!(told(&found.not_ours), "t1 3 rows, t2 an unknown number of rows");
    }
}
