//! Scenario, schema and seed to what will be done: the tables in dependency order, their rows,
//! and for each column of the target where its value comes from. Pure: no I/O.
//!
//! What of the target is the domain's, and how the rest is filled, is decided in [`crate::infer`]; a table
//! that is the domain's column by column is made by the domain itself.

mod asked;
mod explicit_keys;
mod given_cells;
pub mod header;
mod of_domain;
mod print;
pub mod table;
mod table_plan;

use std::sync::Arc;

use crate::catalog::{MONEY_DIGITS, Schema};
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::domain::row_sampler::RowSampler;
use crate::error::{Error, Result};
use crate::infer::build::{self, Built};
use crate::infer::model::{GivenRow, Model};
use crate::infer::overrides::Overrides;
use crate::infer::preflight;
use crate::infer::table_selection::ExistingRows;
use crate::letters::Letters;
use crate::note::{NOT_THERE, Note, NoteKind};
pub use explicit_keys::{AddedKey, ExplicitKeys, TargetKey};
pub use given_cells::{FittedCell, Given, InexactColumns};
use of_domain::domain_plan;
pub use table::{ColumnPlan, InTarget, LeftOut, Sequence, Skipped, TablePlan, TargetTable, ValueSource};
use table_plan::{deferred_plan, member_plan};

/// The tables to be filled and how their rows are generated.
pub struct Plan {
    /// The tables that are filled, parents first.
    pub tables: Vec<TablePlan>,
    /// Columns that are written only after all rows are there: references that lead in a circle.
    pub deferred: Vec<TablePlan>,
    /// Tables that are not filled, and might be expected to be.
    pub skipped: Vec<Skipped>,
    /// Foreign keys that are made to wait until the end of the transaction: table and name.
    pub made_deferrable: Vec<(String, String)>,
    /// Some foreign keys are deferred to the end of the transaction.
    pub defers: bool,
    /// Tables that might have been taken for something else as well.
    pub close_choices: Vec<Note>,
    /// CHECK constraints that cannot be read, so that rows are not held to them beforehand.
    pub unread_checks: Vec<Note>,
    /// What keeps rows from being loaded by it: see [`Plan::feasible`].
    pub troubles: Vec<Error>,
    /// Columns whose labels nobody but the app knows.
    pub invented_labels: Vec<Note>,
    /// Tables of which the keys hold fewer rows than are asked for.
    pub fewer: Vec<Note>,
    /// What the server fills by itself, differently in each run.
    pub by_server: Option<Note>,
    /// Digits behind the point of `money` in the target.
    pub money_digits: u32,
    /// The letters in which the target keeps its texts.
    pub letters: Letters,
    /// The inferred model; `None` for files.
    model: Option<Arc<Model>>,
}

/// Of all written tables, the columns that the server fills by itself.
fn by_server(model: &Model) -> Option<Note> {
    let members = model.members.iter().filter(|member| member.is_written());
    let columns: Vec<String> = members
        .flat_map(|member| {
            member
                .by_server
                .iter()
                .map(|(column, default)| format!("{}.{column} ({default})", member.qualified))
        })
        .collect();
    let text = format!(
        "the server fills {} by itself: these values differ from run to run, which the digest does not show \
         (--digest-from-database does)",
        columns.join(", ")
    );
    (!columns.is_empty()).then(|| Note::new(NoteKind::FilledByServer, text))
}

impl Plan {
    /// Everything that the domain knows, for files.
    pub fn of_domain(dataset: &Dataset) -> Self {
        let tables = TABLES.iter().enumerate().map(|(number, table)| {
            let columns = table.columns().into_iter().enumerate().map(|(position, column)| ColumnPlan {
                name: column.name.to_owned(),
                type_name: format!("{:?}", column.holds.kind).to_lowercase(),
                source: ValueSource::Domain { position, about: column.about },
            });
            domain_plan(number, table.info().name.to_owned(), columns.collect(), dataset)
        });
        Self::of_tables(tables.collect())
    }

    /// A plan of these tables only.
    pub fn of_tables(tables: Vec<TablePlan>) -> Self {
        Self {
            tables,
            deferred: Vec::new(),
            skipped: Vec::new(),
            made_deferrable: Vec::new(),
            defers: false,
            close_choices: Vec::new(),
            unread_checks: Vec::new(),
            troubles: Vec::new(),
            invented_labels: Vec::new(),
            fewer: Vec::new(),
            by_server: None,
            money_digits: MONEY_DIGITS,
            letters: Letters::default(),
            model: None,
        }
    }

    /// The plan, if rows can be loaded by it.
    ///
    /// # Errors
    /// What stands against it: the one reason, or all of them.
    pub fn feasible(mut self) -> Result<Self> {
        match self.troubles.len() {
            0 => Ok(self),
            1 => Err(self.troubles.remove(0)),
            count => {
                let all: Vec<String> = self.troubles.iter().map(|trouble| format!("{trouble:#}")).collect();
                Err(Error::new(
                    self.troubles[0].kind(),
                    format!("{count} reasons prevent filling: {}", all.join("; ")),
                )
                .with_hint("crm-seed --dry-run and crm-seed doctor tell for each what to do"))
            }
        }
    }

    /// What is to be told of the plan beforehand.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        let of_tables = self.close_choices.iter().chain(&self.unread_checks).chain(&self.invented_labels);
        of_tables.chain(&self.fewer).chain(&self.by_server)
    }

    /// What can be done to the target, as the user overrides, beside the rows of others that are there.
    ///
    /// # Errors
    /// No table of ours. A column that must have a value and that nobody can fill, or a row that a constraint would
    /// refuse, is among [`Plan::troubles`].
    pub fn of_target(
        dataset: &Dataset,
        schema: &Schema,
        overrides: &Overrides,
        there: &ExistingRows,
    ) -> Result<Self> {
        let mut built = build::build(dataset, schema, overrides, there)?;
        preflight::check_first_rows(&built.model, dataset, schema, &mut built.troubles);
        let Built {
            model,
            order,
            missing,
            refused,
            unrecognized,
            close_choices,
            unread_checks,
            invented_labels,
            troubles,
        } = built;
        let known = refused.into_iter().chain(unrecognized);
        let mut skipped: Vec<Skipped> =
            known.map(|other| Skipped { table: other.table, why: other.why }).collect();
        let lacking = missing.into_iter();
        skipped.extend(lacking.map(|table| Skipped { table: table.to_owned(), why: NOT_THERE.into() }));
        let mut maker = None;
        let tables =
            order.tables.iter().map(|member| member_plan(&model, *member, dataset, schema, &mut maker));
        let tables: Vec<TablePlan> = tables.collect();
        let mut troubles = troubles.into_errors();
        troubles.extend(asked::missed(&model, &tables, (schema, overrides), &skipped));
        let deferred = order
            .tables
            .iter()
            .zip(&tables)
            .filter_map(|(member, table)| deferred_plan(&model, *member, table));
        Ok(Self {
            deferred: deferred.collect(),
            tables,
            skipped,
            made_deferrable: order.made_deferrable,
            defers: order.defers,
            close_choices,
            unread_checks,
            troubles,
            invented_labels,
            fewer: Vec::new(),
            by_server: by_server(&model),
            money_digits: schema.server.money_digits,
            letters: Letters::default(),
            model: Some(model),
        })
    }

    /// Where a base row of a domain's table is in the target: by its id in the domain.
    pub fn in_target(&self, dataset: &Dataset, table: &str, id: i64) -> Option<InTarget> {
        let planned = self.tables.iter().find(|planned| planned.is_domain() && planned.name() == table)?;
        let oid = planned.oid()?;
        let member = self.model.as_ref()?.members.iter().find(|member| member.oid == oid)?;
        let (column, form) = member.key.as_ref()?;
        let number = u64::try_from(id).ok()?;
        let number = match member.counted {
            Some(_) => RowSampler::new(dataset, member.domain?).find(number)?.ordinal + 1,
            None => number,
        };
        let value = crate::infer::column_type::to_json(&form.value(number));
        Some((member.name.clone(), vec![(column.clone(), value)]))
    }

    /// What a scenario gives for the explicit row of this number of a table (oid).
    pub fn given(&self, oid: u32, number: u64) -> Option<&GivenRow> {
        let members = self.model.as_ref()?.members.iter();
        members.filter(|member| member.oid == oid).find_map(|member| member.given.get(&number))
    }

    /// Whether the domain's tables and keys are those of the domain, as explicit rows that stand beside others
    /// need it: the first that is not.
    pub fn first_renamed(&self) -> Option<&TablePlan> {
        self.tables.iter().filter(|table| table.is_domain()).find(|table| {
            let info = table.domain.map(|(domain, _)| domain.info());
            let types = ["bigint", "integer"];
            let has = |key: &&str| {
                table
                    .columns
                    .iter()
                    .any(|column| column.name == **key && types.contains(&column.type_name.as_str()))
            };
            let is_called = crate::sql::quote_identifier(table.name());
            let bare = table.header.table.rsplit('.').next().unwrap_or_default();
            bare != is_called || !info.is_some_and(|info| info.key.iter().all(has))
        })
    }

    /// Whether the target's tables of the domain are those of the bundled schema, or some of them.
    pub fn is_bundled(&self) -> bool {
        self.first_renamed().is_none()
            && self.tables.iter().all(|table| table.is_plain() || !table.is_domain())
    }

    /// The oids of the tables in the target.
    pub fn oids(&self) -> Vec<u32> {
        self.tables.iter().filter_map(TablePlan::oid).collect()
    }

    /// The tables that are emptied before they are filled, where that is asked for: all but those that hold rows of the app
    /// beside those of scenarios.
    pub fn emptied(&self) -> impl Iterator<Item = &TablePlan> {
        self.tables.iter().filter(|table| !table.is_added_to)
    }

    /// Their oids in the target.
    pub fn emptied_oids(&self) -> Vec<u32> {
        self.emptied().filter_map(TablePlan::oid).collect()
    }

    /// Rows over all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(TablePlan::all_rows).sum()
    }

    /// Base rows over all tables.
    pub fn base_rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Writes keys and `created_at` alone, of the tables that have all the columns of their key.
    pub fn keep_keys(&mut self) {
        self.tables.retain(|table| {
            table.is_domain() && table.key().iter().all(|key| table.columns.iter().any(|c| c.name == *key))
        });
        for table in &mut self.tables {
            let key = table.key.clone();
            let stays = |column: &str| key.iter().any(|key| key == column) || column == "created_at";
            table.columns.retain(|column| stays(&column.name));
            table.header.columns.retain(|column| stays(column));
        }
    }

    /// Leaves base rows out that explicit ones do not refer to, by whatever others: what stands beside the app's rows is what
    /// was asked for, and what that needs.
    pub fn leave_unneeded(&mut self) {
        let Some(model) = self.model.clone() else { return };
        let has_explicit =
            |oid: u32| self.tables.iter().any(|table| table.oid() == Some(oid) && table.explicit > 0);
        let members = || 0..model.members.len();
        let mut open: Vec<usize> = members().filter(|at| has_explicit(model.members[*at].oid)).collect();
        let mut needed = Vec::new();
        while let Some(at) = open.pop() {
            for reference in model.members[at]
                .references
                .iter()
                .filter(|to| !to.columns.is_empty() || to.alternative.is_some())
            {
                if !needed.contains(&reference.to) {
                    needed.push(reference.to);
                    open.push(reference.to);
                }
            }
        }
        let needed: Vec<u32> = needed.into_iter().map(|at| model.members[at].oid).collect();
        let unneeded: Vec<String> = self
            .tables
            .iter()
            .filter(|table| !table.is_domain() && table.oid().is_some_and(|oid| !needed.contains(&oid)))
            .map(|table| table.header.table.clone())
            .collect();
        let all = self.tables.iter_mut().chain(&mut self.deferred);
        all.filter(|table| unneeded.contains(&table.header.table)).for_each(|table| table.rows = 0);
    }

    /// Leaves the base rows of these tables (oids) out, as they already exist.
    pub fn keep_base_of(&mut self, tables: &[u32]) {
        let kept: Vec<String> = self
            .tables
            .iter()
            .filter(|table| table.oid().is_some_and(|oid| tables.contains(&oid)))
            .map(|table| table.header.table.clone())
            .collect();
        let all = self.tables.iter_mut().chain(&mut self.deferred);
        all.filter(|table| kept.contains(&table.header.table)).for_each(|table| table.rows = 0);
    }

    /// Leaves the base rows out, as they already exist.
    pub fn keep_base(&mut self) {
        for table in self.tables.iter_mut().chain(&mut self.deferred) {
            table.rows = 0;
        }
    }
}
