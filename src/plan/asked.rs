//! Numbers of rows that were asked for by name and cannot be.

use crate::catalog::Schema;
use crate::error::Error;
use crate::infer::model::{Model, Rows};
use crate::infer::overrides::Overrides;
use crate::plan::table::{Skipped, TablePlan};

/// One for each table that gets another number of rows than was asked for.
pub(super) fn missed(
    model: &Model,
    tables: &[TablePlan],
    (schema, overrides): (&Schema, &Overrides),
    skipped: &[Skipped],
) -> Vec<Error> {
    let mut missed = Vec::new();
    for table in &schema.tables {
        let Some(setting) = overrides.table(&table.schema, &table.name) else { continue };
        let (Some(location), Some(wanted)) = (&setting.asked, setting.rows) else { continue };
        let member = model.members.iter().find(|member| member.oid == table.oid);
        let planned = tables.iter().find(|planned| planned.oid() == Some(table.oid));
        let rows = planned.map_or(0, |planned| planned.rows);
        let why = match member.map(|member| &member.rows) {
            Some(Rows::Existing { .. }) => {
                "the table holds rows that crm-seed has no record of making: they stay, and no others are added \
                 (--include with --clean replaces them)"
                    .to_owned()
            }
            _ if rows == wanted => continue,
            Some(Rows::Listed(names)) => {
                format!("the table is a list with {} fixed names, and cannot have {wanted} rows", names.len())
            }
            Some(_) if rows < wanted => format!(
                "the table cannot have {wanted} rows: its keys, and the rows that it refers to, allow {rows}"
            ),
            Some(_) => format!("the table cannot have {wanted} rows: others need {rows} of them"),
            None if wanted == 0 => continue,
            None => {
                let of = skipped.iter().find(|skipped| skipped.table == table.qualified());
                of.map_or_else(
                    || "the table is not filled".to_owned(),
                    |skipped| format!("the table is not filled: {}", skipped.why),
                )
            }
        };
        missed.push(Error::usage(format!("{location}: {why}")));
    }
    missed
}
