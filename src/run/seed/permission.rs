//! Whether rows that are there may go, or rows be added to them: decided under the locks, by whose rows they are.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::catalog::Schema;
use crate::domain::explicit::ids;
use crate::error::{Error, Result};
use crate::infer::overrides::Clean;
use crate::note::{Note, NoteKind};
use crate::plan::{Plan, TablePlan};
use crate::run::ledger;
use crate::run::registry::Loaded;
use crate::run::seed::before::Prepared;
use crate::run::seed::clearance::{self, Agreed, Clearance};
use crate::run::seed::locks;
use crate::run::seed::question::Question;
use crate::run::seed::request::{Existing, Request};
use crate::run::{safety, scenario_rows};

/// What stands beside the rows that are written.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The planned tables hold no rows before the load, or none but explicit ones of ours.
    pub were_none: bool,
    /// Tables (oids) that hold no row at all, or none any more once they are emptied, and that are locked so that
    /// none can come.
    pub empty: BTreeSet<u32>,
    /// Tables that refer to the planned ones and are emptied with them.
    pub also: Vec<String>,
    /// Schemas of which it was agreed for good that rows of others may go.
    pub agreed: Vec<String>,
}

/// Whether the run may go on, given the existing rows.
pub enum Allowed {
    /// The run may go on.
    Run(Beside),
    /// Somebody must be asked first.
    Ask(Question),
}

impl Request {
    /// What `--clean` would do with the existing rows.
    pub(super) async fn clearance(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
    ) -> Result<Clearance> {
        let Prepared { plan, schema, filled, .. } = prepared;
        let cascade = self.existing == Existing::Clean { cascade: true };
        Clearance::look(connection, plan, schema, filled, (cascade, &self.overrides.exclude)).await
    }

    /// What may go without a question: what was `answered`, what was agreed to for good, and what the command says.
    pub(super) async fn agreed(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
        clearance: &Clearance,
        answered: &Agreed,
    ) -> Result<Agreed> {
        let Prepared { schema, identity, plan, .. } = prepared;
        let mut agreed = answered.clone();
        let by_file = self.overrides.databases.get(&schema.server.database);
        let by_answer = match by_file {
            Some(Clean::Ask) => Vec::new(),
            _ => ledger::agreed(connection, schema, identity).await?,
        };
        let by_file = by_file == Some(&Clean::Always);
        // Who says --cascade has agreed to what that reaches.
        let domain: Vec<u32> =
            plan.tables.iter().filter(|table| table.is_domain()).filter_map(TablePlan::oid).collect();
        let cascade = self.existing == Existing::Clean { cascade: true };
        let reached = if cascade { schema.reached_by_truncate(&domain) } else { Vec::new() };
        for not_ours in &clearance.not_ours {
            let is_reached = reached.iter().any(|(oid, _)| *oid == not_ours.oid);
            if self.yes || by_file || is_reached || by_answer.contains(&not_ours.schema) {
                agreed.rows.insert(not_ours.oid, None);
            }
        }
        Ok(agreed)
    }

    /// Whether the existing rows may be deleted, or rows added to them.
    pub(super) async fn check_rows(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
        answered: &Agreed,
        notes: &mut Vec<Note>,
    ) -> Result<Allowed> {
        let Prepared { schema, plan, last, .. } = prepared;
        match self.existing {
            Existing::Clean { .. } => self.check_clean(connection, prepared, answered, notes).await,
            Existing::Append => {
                if let Some(last) = last.as_ref().filter(|last| last.as_of != self.as_of) {
                    return Err(Error::refused(format!(
                        "the existing rows have as-of date {}, the rows to be added {}",
                        last.as_of, self.as_of
                    ))
                    .with_hint(format!("use the same date: --as-of {}", last.as_of)));
                }
                let empty = empty(connection, plan, schema).await?;
                let were_none = empty.len() == plan.tables.len();
                Ok(Allowed::Run(Beside { were_none, empty, ..Beside::default() }))
            }
            Existing::Refuse | Existing::Keep => {
                let empty = empty(connection, plan, schema).await?;
                let occupied = safety::occupied_by_base(connection, plan).await?;
                // Beside rows of others only what is empty gets base rows.
                let is_in_the_way = |name: &String| {
                    let mut filled = plan.tables.iter().filter(|table| table.rows > 0);
                    !self.is_beside() || filled.any(|table| table.header.table == *name)
                };
                if !occupied.iter().any(is_in_the_way) || prepared.keeps_base || plan.base_rows() == 0 {
                    let were_none = occupied.is_empty();
                    return Ok(Allowed::Run(Beside { were_none, empty, ..Beside::default() }));
                }
                let tables =
                    if occupied.len() == 1 { "table already contains" } else { "tables already contain" };
                Err(Error::refused(format!("{} {tables} rows: {}", occupied.len(), occupied.join(", ")))
                    .with_hint(
                        "add --clean to empty the tables first, --append to add rows, or --if-empty to do \
                         nothing in this case",
                    ))
            }
        }
    }

    async fn check_clean(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
        answered: &Agreed,
        notes: &mut Vec<Note>,
    ) -> Result<Allowed> {
        let Prepared { schema, plan, .. } = prepared;
        let clearance = self.clearance(connection, prepared).await?;
        clearance.check_reach()?;
        let agreed = self.agreed(connection, prepared, &clearance, answered).await?;
        let open = clearance.unanswered(&agreed);
        if !open.is_empty() {
            let is_recorded = !self.ledger || ledger::may_record(schema);
            let question = Question::new(&schema.server.database, open, clearance.not_ours);
            return Ok(Allowed::Ask(question.of_role((!is_recorded).then_some(&schema.server.role))));
        }
        if !clearance.cascaded.is_empty() {
            let text = format!("--cascade also emptied {}", clearance::told(&clearance.cascaded));
            notes.push(Note::new(NoteKind::RowsDeleted, text));
        }
        if !clearance.not_ours.is_empty() {
            let told = clearance::told(&clearance.not_ours);
            let by = if self.existing == (Existing::Clean { cascade: true }) { " (--cascade)" } else { "" };
            let text = format!("deleted rows that crm-seed did not create{by}: {told}");
            notes.push(Note::new(NoteKind::RowsDeleted, text));
        }
        let schemas = clearance.not_ours.iter().map(|not_ours| not_ours.schema.clone());
        Ok(Allowed::Run(Beside {
            were_none: true,
            empty: plan.emptied_oids().into_iter().collect(),
            also: clearance.also,
            agreed: if agreed.always {
                schemas.collect::<BTreeSet<_>>().into_iter().collect()
            } else {
                Vec::new()
            },
        }))
    }

    /// Refuses to replace rows in a scenario's range of ids that nobody recorded as its own.
    pub(super) fn check_owner(
        &self,
        scenario: &str,
        rows: &[(String, i64)],
        loaded: &[Loaded],
    ) -> Result<()> {
        let first = ids::first(scenario);
        let owner = loaded.iter().find(|loaded| loaded.first_id == first);
        if rows.is_empty() || self.yes || owner.is_some_and(|owner| owner.name == scenario) {
            return Ok(());
        }
        let range = format!("{first} to {}", first + ids::PLACES - 1);
        Err(match owner {
            Some(owner) => Error::refused(format!(
                "scenario {scenario} would use the ids {range}, which scenario {} already uses",
                owner.name
            ))
            .with_hint("rename one of them"),
            None => Error::refused(format!(
                "rows with the ids of scenario {scenario} ({range}) exist, but crm-seed has no record of \
                 creating them: {}",
                scenario_rows::told(rows)
            ))
            .with_hint("to replace them, add --yes"),
        })
    }
}

/// The planned tables (oids) that hold no row, and get none from others either, as they are locked.
async fn empty(connection: &mut PgConnection, plan: &Plan, schema: &Schema) -> Result<BTreeSet<u32>> {
    let occupied = safety::occupied(connection, plan).await?;
    let empty = plan.tables.iter().filter(|table| !occupied.contains(&table.header.table));
    let is_locked = |oid: &u32| schema.table(*oid).is_some_and(locks::may_lock);
    Ok(empty.filter_map(TablePlan::oid).filter(is_locked).collect())
}
