//! Which rows of a table runs of crm-seed made: `crm_seed.filled`, and how a row is held against it.
//!
//! A row that a recorded transaction wrote, and that nobody has touched since, bears that transaction's number
//! (`xmin`). One that was changed since, or moved by a rewrite of its table, is known by its mark: a hash of its
//! key and of the time of its creation or, in a table that keeps no such time, of all that was written of it.
//! A row that is replaced by another of the same key has neither.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use crate::catalog::{Column, Schema, Table};
use crate::db::query::{error, execute, fetch};
use crate::error::Result;
use crate::run::ledger::identity::Identity;
use crate::run::ledger::tables;
use crate::sql::{quote_identifier, quote_literal};

/// Tables with more rows get no marks, for which eight bytes a row are kept: a row of them that is changed by
/// somebody counts as his.
const MOST_MARKS: u64 = 100_000;

/// The rows of a table that one run wrote.
#[derive(Clone, Debug)]
struct Filling {
    id: i64,
    /// Rows are known by this transaction's number, as `xmin` has it.
    xmin: Option<u32>,
    /// Triggers put the rows there, the run itself did not.
    by_triggers: bool,
    mark_columns: Vec<String>,
}

/// What the recorded runs made in one database, by table.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    tables: BTreeMap<u32, Vec<Filling>>,
}

impl Filled {
    /// Reads what is recorded of this database.
    pub async fn read(connection: &mut PgConnection, schema: &Schema, identity: &Identity) -> Result<Self> {
        if !tables::readable(schema, "filled") {
            return Ok(Self::default());
        }
        // Numbers of transactions come round again after 2^32 of them.
        let sql = format!(
            "SELECT table_oid::bigint, id, by_triggers, to_json(mark_columns)::text,
                    CASE WHEN txid_snapshot_xmax(txid_current_snapshot()) - transaction_id < 4294967296
                         THEN transaction_id % 4294967296 END
             FROM crm_seed.filled WHERE {} ORDER BY id",
            identity.condition()
        );
        let rows = fetch(connection, &sql).await?;
        let mut filled = Self::default();
        for row in &rows {
            let oid: i64 = row.try_get(0).map_err(error)?;
            let columns: String = row.try_get(3).map_err(error)?;
            let xmin: Option<i64> = row.try_get(4).map_err(error)?;
            let filling = Filling {
                id: row.try_get(1).map_err(error)?,
                by_triggers: row.try_get(2).map_err(error)?,
                mark_columns: serde_json::from_str(&columns).unwrap_or_default(),
                xmin: xmin.and_then(|xmin| u32::try_from(xmin).ok()),
            };
            filled.tables.entry(u32::try_from(oid).unwrap_or(0)).or_default().push(filling);
        }
        Ok(filled)
    }

    /// Whether a run has filled the table, and not triggers alone.
    pub fn has(&self, oid: u32) -> bool {
        self.tables.get(&oid).is_some_and(|all| all.iter().any(|filling| !filling.by_triggers))
    }

    /// Whether nobody but triggers of a run has put rows of ours there.
    pub fn has_by_triggers(&self, oid: u32) -> bool {
        self.tables.get(&oid).is_some_and(|all| all.iter().all(|filling| filling.by_triggers))
    }

    /// SQL condition, true for the rows `t` of `table` that no recorded run created.
    pub fn not_ours(&self, table: &Table) -> String {
        let Some(fillings) = self.tables.get(&table.oid) else { return "true".into() };
        let xmins: Vec<String> = fillings.iter().filter_map(|f| f.xmin).map(|x| format!("'{x}'")).collect();
        let mut all = Vec::new();
        if !xmins.is_empty() {
            all.push(format!("NOT (t.xmin = ANY (ARRAY[{}]::xid[]))", xmins.join(", ")));
        }
        // Of other columns than the table has now a mark would tell less.
        let columns = mark_columns(table);
        for filling in fillings {
            if !columns.is_empty() && filling.mark_columns == columns {
                all.push(format!(
                    "{} NOT IN (SELECT unnest(marks) FROM crm_seed.filled WHERE id = {})",
                    mark(&filling.mark_columns),
                    filling.id
                ));
            }
        }
        if all.is_empty() { "true".into() } else { all.join(" AND ") }
    }

    /// The same of a table that keeps the time of a row's creation: there a row that was only changed since is still
    /// ours. None of another table.
    pub fn not_ours_by_creation(&self, table: &Table) -> Option<String> {
        let has_key = table.uniques.iter().any(|unique| unique.primary);
        (has_key && table.columns.iter().any(is_creation)).then(|| self.not_ours(table))
    }
}

/// The mark of the row `t`.
fn mark(columns: &[String]) -> String {
    let columns: Vec<String> =
        columns.iter().map(|column| format!("t.{}", quote_identifier(column))).collect();
    format!("hashtextextended(ROW({})::text COLLATE \"C\", 0)", columns.join(", "))
}

/// The columns by which a row is known that was changed since: its key and when it was made, which stay, or all.
fn mark_columns(table: &Table) -> Vec<String> {
    let key = table.uniques.iter().find(|unique| unique.primary);
    let key: Vec<String> = key.into_iter().flat_map(|key| key.columns.iter().flatten().cloned()).collect();
    // Rows that nothing tells apart have one mark: it would stand for those of others, too.
    if key.is_empty() {
        return Vec::new();
    }
    let created = table.columns.iter().find(|column| is_creation(column));
    match created {
        Some(created) => {
            key.into_iter().filter(|column| *column != created.name).chain([created.name.clone()]).collect()
        }
        // What the server makes out of the others adds nothing.
        _ => table.columns.iter().filter(|column| !column.generated).map(|c| c.name.clone()).collect(),
    }
}

/// Whether a column says when the row was made, to the second at least.
fn is_creation(column: &Column) -> bool {
    let name: String = column.name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let is_time = matches!(column.base.as_str(), "timestamp" | "timestamptz");
    let is_named = ["created", "inserted"].iter().any(|word| {
        name == *word
            || name
                .strip_prefix(word)
                .is_some_and(|rest| matches!(rest, "at" | "on" | "time" | "date" | "datetime"))
    });
    is_time
        && !column.generated
        && (is_named
            || matches!(
                name.as_str(),
                "creationdate" | "creationtime" | "datecreated" | "dateentered" | "timecreated"
            ))
}

/// Which rows of a table a run made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// All that are there: it was empty before, and nobody else has written since.
    All,
    /// Those that the run's transaction wrote: it wrote over none that was there before.
    Written,
    /// Those that the run's transaction wrote and that meet this condition (on `t`).
    Those(String),
    /// Those that triggers wrote.
    ByTriggers,
}

/// Writes down which rows of a table the open transaction made. What earlier runs made of it is gone where these
/// are `All`.
pub async fn record(
    connection: &mut PgConnection,
    identity: &Identity,
    table: &Table,
    rows: u64,
    made: &Made,
) -> Result<()> {
    // A trigger with an EXCEPTION clause writes under the number of a subtransaction of ours, a newer one. Of the rows
    // that we see, those of others bear a number below the snapshot's end, and are no longer in progress. Only before
    // numbers came round for the first time is none of them an older one.
    let written = "(t.xmin = (SELECT (txid_current() % 4294967296)::text::xid)
       OR CASE WHEN (SELECT txid_current() < 4294967296) AND t.xmin::text::bigint > (SELECT txid_current())
          THEN CASE WHEN t.xmin::text::bigint < (SELECT txid_snapshot_xmax(txid_current_snapshot()))
                    THEN txid_status(t.xmin::text::bigint) = 'in progress' ELSE true END
          ELSE false END)";
    let (is_known_by_number, condition) = match made {
        Made::All => (true, "true".to_owned()),
        Made::Written | Made::ByTriggers => (true, written.to_owned()),
        Made::Those(condition) => (false, format!("{written} AND ({condition})")),
    };
    let columns = if rows > MOST_MARKS { Vec::new() } else { mark_columns(table) };
    let marks = match columns.is_empty() {
        true => "NULL".to_owned(),
        false => {
            format!("(SELECT array_agg({}) FROM {} t WHERE {condition})", mark(&columns), table.qualified())
        }
    };
    let mut sql = String::new();
    if *made == Made::All {
        sql = format!(
            "DELETE FROM crm_seed.filled WHERE {} AND table_oid = {};",
            identity.condition(),
            table.oid
        );
    }
    let columns: Vec<String> = columns.iter().map(|column| quote_literal(column)).collect();
    if matches!(made, Made::Those(_)) {
        // A scenario is loaded again and again: its rows are recorded once.
        sql.push_str(&format!(
            "DELETE FROM crm_seed.filled WHERE {} AND table_oid = {} AND transaction_id IS NULL
               AND marks <@ {marks};",
            identity.condition(),
            table.oid
        ));
    }
    // Counted here, under the run's lock: a sequence may stand too low after a crash.
    sql.push_str(&format!(
        "INSERT INTO crm_seed.filled (id, system_identifier, database_oid, table_oid, schema_name, table_name,
                                      by_triggers, transaction_id, mark_columns, marks)
         OVERRIDING SYSTEM VALUE
         VALUES ((SELECT coalesce(max(id), 0) + 1 FROM crm_seed.filled), {}, {}, {}, {}, {}, {}, ARRAY[{}]::text[], {marks})",
        identity.values(),
        table.oid,
        quote_literal(&table.schema),
        quote_literal(&table.name),
        *made == Made::ByTriggers,
        if is_known_by_number { "txid_current()" } else { "NULL" },
        columns.join(", "),
    ));
    execute(connection, &sql).await.map_err(|error| error.context("recording the rows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, base: &str) -> Column {
        let text = format!(
            r#"{{"name": "{name}", "type": "{base}", "base": "{base}", "typmod": -1, "category": "D", "element": null,
            "labels": null, "domain_checks": null, "not_null": true, "has_default": false, "default": null,
            "identity": false, "identity_always": false, "generated": false, "sequence": null,
            "owns_sequence": false, "may_set_sequence": false, "may_insert": true}}"#
        );
        serde_json::from_str(&text).expect("a column")
    }

    #[test]
    fn the_time_of_creation_is_known_by_its_names() {
        for name in ["created_at", "createdAt", "CREATED", "inserted_at", "date_created", "date_entered"] {
            assert!(is_creation(&column(name, "timestamptz")), "{name}");
        }
        for name in ["created_by", "updated_at", "creation", "recreated_at", "date"] {
            assert!(!is_creation(&column(name, "timestamptz")), "{name}");
        }
        assert!(!is_creation(&column("created_on", "date")), "a day is that of many rows");
    }
}
