//! Foreign keys that lead in a circle, and triggers: what is set up before the rows, and put back after them.

use std::sync::Arc;

use sqlx::{PgConnection, Row};

use crate::db::query::{affected, error, execute, fetch};
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::plan::header::TableHeader;
use crate::plan::{Plan, TablePlan};
use crate::sink::generate::RowStream;
use crate::sink::postgres::{self, Method};
use crate::sql::quote_identifier;
use crate::ui::Progress;

/// Lets foreign keys wait until all rows are there, where the plan needs it.
pub async fn begin(connection: &mut PgConnection, plan: &Plan) -> Result<()> {
    for (table, name) in &plan.made_deferrable {
        let sql = format!(
            "ALTER TABLE {table} ALTER CONSTRAINT {} DEFERRABLE INITIALLY DEFERRED",
            quote_identifier(name)
        );
        execute(connection, &sql).await?;
    }
    if plan.defers {
        execute(connection, "SET CONSTRAINTS ALL DEFERRED").await?;
    }
    Ok(())
}

/// Writes what had to wait, checks the foreign keys, and makes them what they were. Returns the digest of
/// what was written.
pub async fn finish(
    connection: &mut PgConnection,
    dataset: &Arc<Dataset>,
    plan: &mut Plan,
    method: Method,
    jobs: usize,
) -> Result<Option<String>> {
    let digest = match plan.deferred.iter().any(|table| table.all_rows() > 0) {
        true => Some(load_deferred(connection, dataset, plan, method, jobs).await?),
        false => None,
    };
    if plan.defers {
        execute(connection, "SET CONSTRAINTS ALL IMMEDIATE")
            .await
            .map_err(|error| error.context("checking deferred foreign keys"))?;
    }
    for (table, name) in &plan.made_deferrable {
        let sql = format!("ALTER TABLE {table} ALTER CONSTRAINT {} NOT DEFERRABLE", quote_identifier(name));
        execute(connection, &sql).await?;
    }
    Ok(digest)
}

/// Sends keys and references into temporary tables, and lays these over the rows.
async fn load_deferred(
    connection: &mut PgConnection,
    dataset: &Arc<Dataset>,
    plan: &mut Plan,
    method: Method,
    jobs: usize,
) -> Result<String> {
    let mut targets = Vec::new();
    for table in &mut plan.deferred {
        let stage = quote_identifier(&format!("crm_seed_late_{}", table.name()));
        let TableHeader { table: target, .. } = &table.header;
        let sql = format!(
            "CREATE TEMPORARY TABLE {stage} ON COMMIT DROP AS SELECT {} FROM {target} LIMIT 0",
            table.header.column_list()
        );
        execute(connection, &sql).await?;
        targets.push(std::mem::replace(&mut table.header.table, format!("pg_temp.{stage}")));
    }
    let mut rest = Plan::of_tables(std::mem::take(&mut plan.deferred));
    (rest.letters, rest.money_digits) = (plan.letters.clone(), plan.money_digits);
    let rest = Arc::new(rest);
    let mut generator = RowStream::start(dataset, &rest, method.encoder(), jobs);
    let rows = rest.tables.iter().map(|table| (table.name().to_owned(), table.all_rows()));
    let mut progress = Progress::new(rows, true);
    postgres::load(connection, &rest, &mut generator, method, &mut progress, |_| false).await?;
    let (_, digest) = generator.digests();
    for (table, target) in rest.tables.iter().zip(&targets) {
        let completed = affected(connection, &overlay(table, target))
            .await
            .map_err(|error| error.context(format!("setting the remaining references of {target}")))?;
        let sql = format!("SELECT count(*) FROM {} s WHERE {}", table.header.table, any(table));
        let wanted: i64 = match fetch(connection, &sql).await?.first() {
            Some(row) => row.try_get(0).map_err(error)?,
            None => 0,
        };
        if completed != wanted.unsigned_abs() {
            return Err(Error::failed(format!(
                "setting the remaining references of {target}: only {completed} of {wanted} rows were \
                 updated"
            ))
            .with_hint(
                "row-level security or a trigger prevents the update: connect as a role that owns the \
                 tables, or leave the table out with --exclude",
            ));
        }
    }
    Ok(digest)
}

fn overlay(table: &TablePlan, target: &str) -> String {
    let is_key = |column: &&String| table.key().contains(column);
    let set = table.header.columns.iter().filter(|column| !is_key(column));
    let set: Vec<String> =
        set.map(|column| quote_identifier(column)).map(|c| format!("{c} = s.{c}")).collect();
    let same: Vec<String> =
        table.key().iter().map(|column| quote_identifier(column)).map(|c| format!("t.{c} = s.{c}")).collect();
    format!(
        "UPDATE {target} t SET {} FROM {} s WHERE {} AND ({})",
        set.join(", "),
        table.header.table,
        same.join(" AND "),
        any(table)
    )
}

/// Rows that have a reference to be written.
fn any(table: &TablePlan) -> String {
    let columns = table.header.columns.iter().filter(|column| !table.key().contains(*column));
    let any: Vec<String> =
        columns.map(|column| format!("s.{} IS NOT NULL", quote_identifier(column))).collect();
    any.join(" OR ")
}
