//! What must be known before a row of somebody's database is touched: rights, rows that are
//! there already, and how far a TRUNCATE would reach.

use std::fmt;

use sqlx::{PgConnection, Row};

use crate::catalog::Schema;
use crate::db::query::{self, error, fetch};
use crate::domain::dataset::Dataset;
use crate::domain::explicit::ids;
use crate::error::{Error, Result};
use crate::plan::{ColumnPlan, Plan, TablePlan};
use crate::sql::{quote_identifier, quote_literal};

/// Refuses servers that cannot be written.
///
/// # Errors
/// A standby, or a session that is read-only.
pub fn check_writable(schema: &Schema) -> Result<()> {
    query::check_writable(schema.server.in_recovery, schema.server.read_only)
}

/// Rights that the plan needs and the role lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRights {
    pub role: String,
    pub rights: Vec<MissingRight>,
}

/// A right, and what it is missing on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRight {
    /// `INSERT on`, `UPDATE on sequence`.
    pub right: &'static str,
    /// The table or sequence.
    pub object: String,
    /// What it takes the right for, where that is not plain: `which references them`.
    pub reason: Option<&'static str>,
}

impl MissingRight {
    const fn new(right: &'static str, object: String) -> Self {
        Self { right, object, reason: None }
    }
}

impl fmt::Display for MissingRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.right, self.object)?;
        self.reason.map_or(Ok(()), |reason| write!(f, ", {reason}"))
    }
}

impl From<MissingRights> for Error {
    fn from(missing: MissingRights) -> Self {
        let rights: Vec<String> = missing.rights.iter().map(ToString::to_string).collect();
        Self::failed(format!("role {} lacks privileges: {}", missing.role, rights.join(", ")))
            .with_hint("grant them, or connect as a role that has them")
    }
}

/// Holds the role's rights to what the plan needs.
///
/// # Errors
/// Names every right that is missing.
pub fn check_rights(plan: &Plan, schema: &Schema, clean: bool) -> Result<(), MissingRights> {
    let mut missing = Vec::new();
    for planned in &plan.tables {
        let Some(table) =
            schema.tables.iter().find(|t| Some(t.oid) == planned.target.as_ref().map(|t| t.oid))
        else {
            continue;
        };
        let column_rights = || {
            let mut written = table.columns.iter().filter(|c| planned.header.columns.contains(&c.name));
            written.all(|column| column.may_insert)
        };
        if !table.may_insert && !column_rights() {
            missing.push(MissingRight::new("INSERT on", table.qualified()));
        }
        if !table.may_select {
            missing.push(MissingRight::new("SELECT on", table.qualified()));
        }
        if clean && !table.may_truncate && !planned.is_added_to {
            missing.push(MissingRight::new("TRUNCATE on", table.qualified()));
        }
        for column in table.columns.iter().filter(|c| planned.header.columns.contains(&c.name)) {
            if let Some(sequence) = &column.sequence
                && (clean || plan.base_rows() > 0)
                && !column.owns_sequence
                && !column.may_set_sequence
            {
                missing.push(MissingRight::new("UPDATE on sequence", sequence.clone()));
            }
        }
    }
    if clean {
        // What refers to an emptied table has to be emptied with it, even if it holds no row.
        let reached = schema.reached_by_truncate(&plan.emptied_oids()).into_iter();
        let tables = reached.filter_map(|(oid, _)| schema.table(oid)).filter(|table| !table.may_truncate);
        missing.extend(tables.map(|table| MissingRight {
            reason: Some("which references them"),
            ..MissingRight::new("TRUNCATE on", table.qualified())
        }));
    }
    for planned in &plan.deferred {
        let oid = planned.target.as_ref().map(|target| target.oid);
        if let Some(table) = schema.tables.iter().find(|table| Some(table.oid) == oid && !table.may_update) {
            missing.push(MissingRight {
                reason: Some("for references in a circle"),
                ..MissingRight::new("UPDATE on", table.qualified())
            });
        }
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(MissingRights { role: schema.server.role.clone(), rights: missing }),
    }
}

/// The planned tables that hold rows.
pub async fn occupied(connection: &mut PgConnection, plan: &Plan) -> Result<Vec<String>> {
    let probe = |table: &TablePlan| {
        format!(
            "SELECT {} WHERE EXISTS (SELECT FROM {})",
            quote_literal(&table.header.table),
            table.header.table
        )
    };
    let probes: Vec<String> = plan.tables.iter().map(probe).collect();
    let rows = fetch(connection, &probes.join(" UNION ALL ")).await?;
    rows.iter().map(|row| row.try_get(0).map_err(error)).collect()
}

/// The planned tables that hold rows other than explicit ones, which stand beside any others.
pub async fn occupied_by_base(connection: &mut PgConnection, plan: &Plan) -> Result<Vec<String>> {
    let probe = |table: &TablePlan| {
        let below = |key: &String| format!("{} < {}", quote_identifier(key), ids::FIRST);
        let is_base: Vec<String> = table.key().iter().map(below).collect();
        if !table.is_domain() || !table.is_plain() {
            let name = &table.header.table;
            return format!("SELECT {} WHERE EXISTS (SELECT FROM {name})", quote_literal(name));
        }
        format!(
            "SELECT {} WHERE EXISTS (SELECT FROM {} WHERE {})",
            quote_literal(&table.header.table),
            table.header.table,
            is_base.join(" AND ")
        )
    };
    let has_key = |table: &&TablePlan| {
        !table.is_plain() || table.key().iter().all(|key| table.header.columns.contains(key))
    };
    let probes: Vec<String> = plan.emptied().filter(has_key).map(probe).collect();
    if probes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = fetch(connection, &probes.join(" UNION ALL ")).await?;
    rows.iter().map(|row| row.try_get(0).map_err(error)).collect()
}

/// The only type whose values are compared.
const ZONED: &str = "timestamp with time zone";

/// Whether every planned table holds at least so many `rows` as the plan makes, and the first and the last
/// base row among them as they were made: what an app has added since is no reason to make them again, but
/// rows of its own are not ours for bearing the same keys.
pub async fn holds(
    connection: &mut PgConnection,
    plan: &Plan,
    dataset: &Dataset,
    rows: impl Fn(&TablePlan) -> u64,
) -> Result<bool> {
    let mut all = Vec::new();
    for table in &plan.tables {
        let name = &table.header.table;
        all.push(format!("(SELECT count(*) FROM {name}) >= {}", rows(table)));
        let has = |column: &str| table.header.columns.iter().any(|name| name == column);
        let is_time = |column: &ColumnPlan| column.name == "created_at" && column.type_name == ZONED;
        if table.rows > 0
            && table.is_domain()
            && table.is_plain()
            && table.key() == ["id"]
            && has("id")
            && table.columns.iter().any(is_time)
        {
            for ordinal in [0, table.rows - 1] {
                let (id, made) = table.key_and_created_at(dataset, ordinal);
                all.push(format!(
                    "EXISTS (SELECT FROM {name} WHERE id = {id} AND created_at = to_timestamp({made}))"
                ));
            }
        }
    }
    let rows = fetch(connection, &format!("SELECT {}", all.join(" AND "))).await?;
    rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(error))
}
