//! Explicit rows that are put in the place of an earlier copy to which others hold on.

use sqlx::PgConnection;

use super::filter::{by_table, is_in, told};
use crate::db::query::execute;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::sql::{quote_identifier, quote_literal};

/// Rows that are on their way into the place of an earlier copy to which others hold on: they are sent
/// into temporary tables, and laid over the earlier rows from there.
pub struct Staged {
    tables: Vec<StagedTable>,
}

pub(super) struct StagedTable {
    /// Its place in the plan.
    at: usize,
    target: String,
    stage: String,
    columns: Vec<String>,
    key: Vec<String>,
    condition: String,
}

impl Staged {
    /// Makes the temporary tables and turns `plan` to them. Only explicit rows may be planned. `condition` tells, for
    /// a table (oid), that a row `t` is one of the earlier rows.
    pub async fn begin(
        connection: &mut PgConnection,
        plan: &mut Plan,
        condition: impl Fn(Option<u32>) -> String,
    ) -> Result<Self> {
        let mut staged = Self { tables: Vec::new() };
        // What has no rows on their way stays as it is.
        let tables = plan.tables.iter_mut().enumerate();
        for (at, table) in tables.filter(|(_, table)| table.explicit > 0 || table.is_domain()) {
            if table.key().is_empty() {
                continue;
            }
            let condition = condition(table.oid());
            let stage = format!("pg_temp.{}", quote_identifier(&format!("crm_seed_{at}_{}", table.name())));
            let target = std::mem::replace(&mut table.header.table, stage.clone());
            let columns: Vec<String> = table.header.columns.iter().map(|c| quote_identifier(c)).collect();
            let sql = format!(
                "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {target} LIMIT 0",
                &stage["pg_temp.".len()..],
                columns.join(", ")
            );
            execute(connection, &sql).await?;
            staged.tables.push(StagedTable {
                at,
                target,
                stage,
                columns,
                key: table.key().to_vec(),
                condition,
            });
        }
        Ok(staged)
    }

    pub(super) fn of(&self, target: &str) -> Option<&StagedTable> {
        self.tables.iter().find(|staged| staged.target == target)
    }

    /// Rows that have the key of one that is to come, and are no scenario's: they would be written over.
    pub async fn in_the_way(&self, connection: &mut PgConnection) -> Result<Vec<(String, i64)>> {
        let probe = |staged: &StagedTable| {
            let told = quote_literal(&staged.target);
            format!(
                "SELECT {told}, count(*) FROM {} t WHERE {} AND NOT ({}) HAVING count(*) > 0",
                staged.target,
                staged.has(),
                staged.condition
            )
        };
        by_table(connection, self.tables.iter().map(probe).collect()).await
    }

    /// Lays the rows over the earlier ones, and deletes those that are no longer in the scenario, on which
    /// nobody may hold (see [`ScenarioTables::holds`](super::ScenarioTables::holds)).
    pub async fn finish(self, connection: &mut PgConnection, plan: &mut Plan) -> Result<()> {
        for staged in self.tables.iter().rev() {
            let sql = format!(
                "DELETE FROM {} t WHERE ({}) AND NOT {}",
                staged.target,
                staged.condition,
                staged.has()
            );
            execute(connection, &sql)
                .await
                .map_err(|error| error.context("deleting rows that are no longer in the scenario"))?;
        }
        for staged in &self.tables {
            let table = &mut plan.tables[staged.at];
            for sql in staged.update().into_iter().chain([staged.insert()]) {
                execute(connection, &sql)
                    .await
                    .map_err(|error| error.context("replacing the earlier rows"))?;
            }
            table.header.table.clone_from(&staged.target);
        }
        Ok(())
    }
}

impl StagedTable {
    /// The row `t` has the key of one that is to come.
    pub(super) fn has(&self) -> String {
        is_in(&self.stage, &self.key)
    }

    /// Gives rows that stay their new values; by their keys, which need not be keys of the target by themselves.
    fn update(&self) -> Option<String> {
        let key: Vec<String> = self.key.iter().map(|key| quote_identifier(key)).collect();
        let set = self.columns.iter().filter(|column| !key.contains(column));
        let set: Vec<String> = set.map(|column| format!("{column} = s.{column}")).collect();
        let same: Vec<String> = key.iter().map(|column| format!("s.{column} = t.{column}")).collect();
        let (target, stage, same) = (&self.target, &self.stage, same.join(" AND "));
        (!set.is_empty())
            .then(|| format!("UPDATE {target} t SET {} FROM {stage} s WHERE {same}", set.join(", ")))
    }

    /// Adds those that are new.
    fn insert(&self) -> String {
        let (target, stage, columns) = (&self.target, &self.stage, self.columns.join(", "));
        let same = self.key.iter().map(|key| quote_identifier(key));
        let same: Vec<String> = same.map(|column| format!("t.{column} = s.{column}")).collect();
        format!(
            "INSERT INTO {target} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {stage} s
             WHERE NOT EXISTS (SELECT FROM {target} t WHERE {})",
            same.join(" AND ")
        )
    }
}

/// Checks that no other rows have the keys of a scenario's new rows.
///
/// # Errors
/// There are some, which the error lists.
pub fn refuse_taken(taken: &[(String, i64)]) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    Err(Error::refused(format!("existing rows of no scenario have the ids of its new rows: {}", told(taken)))
        .with_hint("nothing was changed; change the ids of those rows, or delete them"))
}
