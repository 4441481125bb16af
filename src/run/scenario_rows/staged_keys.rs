//! Base rows that are to go, found by the keys that their dataset makes again.

use sqlx::{PgConnection, Row};

use super::dependents::{Dependent, Probe, held};
use super::filter::{by_table, is_in, not_ours};
use crate::catalog::{ForeignKey, Schema};
use crate::db::query::{error, execute, fetch};
use crate::error::Result;
use crate::plan::Plan;
use crate::run::ledger::Filled;
use crate::sql::{quote_identifier, quote_literal};

/// The keys of rows that are to go, in temporary tables.
pub struct StagedKeys {
    /// Children first.
    tables: Vec<KeyTable>,
}

struct KeyTable {
    oid: u32,
    target: String,
    stage: String,
    key: Vec<String>,
    /// The key, and when the row was made: an app's row may have got the key of one that is gone.
    columns: Vec<String>,
    /// The condition that the row `t` is none of ours.
    not_ours: String,
}

impl KeyTable {
    /// The row `t` is among the keys, and ours.
    fn has(&self) -> String {
        format!("({} AND NOT ({}))", is_in(&self.stage, &self.columns), self.not_ours)
    }

    /// The row `t` has one of the keys.
    fn has_key(&self) -> String {
        is_in(&self.stage, &self.key)
    }
}

impl StagedKeys {
    /// Makes the temporary tables and turns `plan` to them, and to nothing but keys.
    pub async fn begin(
        connection: &mut PgConnection,
        plan: &mut Plan,
        schema: &Schema,
        filled: &Filled,
    ) -> Result<Self> {
        plan.keep_keys();
        let mut tables = Vec::new();
        for table in &mut plan.tables {
            let stage = quote_identifier(&format!("crm_seed_{}", table.name()));
            let target = std::mem::replace(&mut table.header.table, format!("pg_temp.{stage}"));
            let sql = format!(
                "CREATE TEMPORARY TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM {target} LIMIT 0;
                 CREATE UNIQUE INDEX ON {stage} ({columns})",
                columns = table.header.column_list()
            );
            execute(connection, &sql).await?;
            let oid = table.target.as_ref().map_or(0, |target| target.oid);
            let (key, columns) = (table.key().to_vec(), table.header.columns.clone());
            let not_ours = schema.table(oid).and_then(|own| not_ours(&key, own, filled));
            let not_ours = not_ours.unwrap_or_else(|| "false".into());
            let stage = table.header.table.clone();
            tables.push(KeyTable { oid, target, stage, key, columns, not_ours });
        }
        tables.reverse();
        Ok(Self { tables })
    }

    /// Who holds on to the rows: others whose foreign key leads to one of them.
    pub async fn holds(&self, connection: &mut PgConnection, schema: &Schema) -> Result<Vec<Dependent>> {
        let probe = |key| {
            let key: &ForeignKey = key;
            let parent = self.tables.iter().find(|table| table.oid == key.to)?;
            let own = self.tables.iter().find(|table| table.oid == key.from);
            let is_own = own.map_or_else(|| "false".into(), KeyTable::has);
            Some(Probe { key, parent: parent.target.clone(), goes: parent.has(), is_own })
        };
        let probes: Vec<Probe<'_>> = schema.foreign_keys.iter().filter_map(probe).collect();
        held(connection, schema, &probes).await
    }

    /// How many rows have one of the keys and are none of ours: somebody put them in the place of one.
    pub async fn replaced(&self, connection: &mut PgConnection) -> Result<Vec<(String, i64)>> {
        let probe = |table: &KeyTable| {
            let (told, target) = (quote_literal(&table.target), &table.target);
            format!(
                "SELECT {told}, count(*) FROM {target} t WHERE {} AND NOT {} HAVING count(*) > 0",
                table.has_key(),
                table.has()
            )
        };
        by_table(connection, self.tables.iter().map(probe).collect()).await
    }

    /// Deletes the rows and tells how many there were.
    pub async fn delete(self, connection: &mut PgConnection) -> Result<u64> {
        let mut deleted = 0;
        for table in &self.tables {
            let sql = format!(
                "WITH gone AS (DELETE FROM {} t WHERE {} RETURNING 1) SELECT count(*) FROM gone",
                table.target,
                table.has()
            );
            let rows = fetch(connection, &sql).await?;
            deleted +=
                rows.first().map_or(Ok(0), |row| row.try_get::<i64, _>(0).map_err(error))?.unsigned_abs();
        }
        Ok(deleted)
    }
}
