//! What must be known before a row is touched: what is there, whose it is, and what is to be done.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::catalog::table_locks::{self, Deadline};
use crate::catalog::{self, Schema};
use crate::db::target::Target;
use crate::domain::dataset::{Dataset, Origin};
use crate::domain::explicit::ids;
use crate::error::{Error, Result};
use crate::infer::overrides::{Clean, Overrides};
use crate::infer::recognition;
use crate::infer::table_selection::{self, ExistingRows};
use crate::migrate;
use crate::note::{Note, NoteKind};
use crate::plan::{Plan, TablePlan};
use crate::run::ledger::{self, Entry, Filled, Identity};
use crate::run::registry::{self, Home, Loaded};
use crate::run::seed::clearance::{Agreed, Clearance};
use crate::run::seed::question::Question;
use crate::run::seed::request::{Existing, Request};
use crate::run::seed::{locks, planning};
use crate::run::{existing_rows, letters, safety, scenario_rows};
use crate::sink::postgres::{self, Method};

/// Why nothing needs to be done.
pub struct Unchanged {
    pub digest: String,
    pub why: &'static str,
}

/// What is known about the target before any row is changed.
pub struct Prepared {
    pub schema: Schema,
    /// Which database it is.
    pub identity: Identity,
    /// What recorded runs made in it.
    pub filled: Filled,
    pub dataset: Dataset,
    pub plan: Plan,
    /// Existing rows of other tables that may be referenced.
    pub there: ExistingRows,
    /// The last recorded run.
    pub last: Option<Entry>,
    /// What decides the rows.
    pub spec: serde_json::Value,
    /// Scenarios whose explicit rows are recorded to be there.
    pub loaded: Vec<Loaded>,
    /// The base rows are there already, and stay.
    pub keeps_base: bool,
}

/// What stands beside the rows that are written.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// There are no base rows, nor rows of the app, but those that are written.
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
    /// Opens the transaction, and finds out what can be done in it.
    pub(super) async fn prepare(
        &self,
        target: &mut Target,
        dataset: Dataset,
        deadline: Deadline,
        notes: &mut Vec<Note>,
    ) -> Result<Prepared> {
        if self.existing == Existing::Append && !self.scenario.scenario_rows.is_empty() {
            return Err(Error::usage(format!(
                "--append cannot be used with scenario {}, which has explicit rows",
                self.scenario.name
            ))
            .with_hint("remove --append: explicit rows are always added to the existing data"));
        }
        let answer = postgres::begin(&mut target.connection, self.wait, deadline).await?;
        notes.extend(target.notes.iter().cloned());
        notes.extend(answer.and_then(|answer| target.pooler(&answer).note()));
        let connection = &mut target.connection;
        let schema = self.schema_of(connection, deadline, notes).await?;
        if self.ledger {
            ledger::check(&schema)?;
        }
        let identity = Identity::of(connection).await?;
        self.decide(connection, dataset, schema, identity).await
    }

    /// The target's schema; on an empty database the bundled one, made in our transaction.
    async fn schema_of(
        &self,
        connection: &mut PgConnection,
        deadline: Deadline,
        notes: &mut Vec<Note>,
    ) -> Result<Schema> {
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        if !schema.holds_nothing_but(catalog::LEDGER, migrate::HISTORY) {
            return Ok(schema);
        }
        safety::check_writable(&schema)?;
        let migrations = migrate::bundled();
        for migration in &migrations {
            migrate::apply(connection, migration).await?;
        }
        let text = format!("the database was empty: applied the {} bundled migrations", migrations.len());
        notes.push(Note::new(NoteKind::SchemaCreated, text));
        table_locks::introspect(connection, deadline, self.quiet).await
    }

    /// What can be done to `schema`, by the rows that are there.
    async fn decide(
        &self,
        connection: &mut PgConnection,
        dataset: Dataset,
        schema: Schema,
        identity: Identity,
    ) -> Result<Prepared> {
        let filled = Filled::read(connection, &schema, &identity).await?;
        let last =
            ledger::last(connection, &schema, &identity, &recognition::oids(&schema, &self.overrides)?)
                .await?;
        let there = self.there(connection, &schema, &filled).await?;
        let (mut dataset, mut schema, mut there, plan) =
            planning::plan(dataset, schema, &self.overrides, there).await?;
        let mut plan = plan?;
        safety::check_rights(&plan, &schema, self.is_clean())?;
        let mut origin = Origin::default();
        if self.existing == Existing::Append {
            check_append(&plan)?;
            let highest = postgres::highest_ids(connection, &plan).await?;
            origin = Origin::above(|table| {
                highest.iter().find(|(name, _)| name == table).map_or(0, |(_, highest)| *highest)
            });
            let again;
            (dataset, schema, there, again) =
                planning::plan(self.dataset(origin)?, schema, &self.overrides, there).await?;
            plan = again?;
        }
        self.check_explicit(&plan)?;
        plan.letters =
            letters::letters(connection, &schema.server, &dataset, (&self.scenario, &self.overrides)).await?;
        let spec = ledger::spec(&dataset, &self.scenario, origin, &plan, &self.overrides);
        let loaded = registry::all(connection, &schema, &Home::of(&schema, &identity)?).await?;
        let keeps_base = self.keeps_base(connection, &plan, &dataset, last.as_ref(), &spec).await?;
        Ok(Prepared { schema, identity, filled, dataset, plan, there, last, spec, loaded, keeps_base })
    }

    /// The rows of other tables that are there and are not ours: they stay, and are referred to.
    pub(crate) async fn there(
        &self,
        connection: &mut PgConnection,
        schema: &Schema,
        filled: &Filled,
    ) -> Result<ExistingRows> {
        let recognition = recognition::recognize(schema, &self.overrides)?;
        let choice = table_selection::choose(schema, &self.overrides, &ExistingRows::new(), &recognition)?;
        let chosen: Vec<u32> = choice.chosen.iter().map(|chosen| schema.tables[chosen.at].oid).collect();
        let is_wished = |table: &catalog::Table| {
            self.is_clean() && Overrides::names(&self.overrides.include, &table.schema, &table.name)
        };
        // What a cascade empties is filled again.
        let domain: Vec<u32> =
            recognition.roles.iter().flatten().map(|found| schema.tables[found.at].oid).collect();
        let reached: Vec<u32> = match self.existing {
            Existing::Clean { cascade: true } => {
                schema.reached_by_truncate(&domain).into_iter().map(|(oid, _)| oid).collect()
            }
            _ => Vec::new(),
        };
        let mut candidates = Vec::new();
        for (at, table) in schema.tables.iter().enumerate() {
            let is_referred =
                schema.foreign_keys.iter().any(|key| key.to == table.oid && chosen.contains(&key.from));
            let takes_part = chosen.contains(&table.oid) || is_referred;
            let is_emptied = chosen.contains(&table.oid) && reached.contains(&table.oid);
            if !takes_part || domain.contains(&table.oid) || is_wished(table) || is_emptied {
                continue;
            }
            let is_ours = self.existing != Existing::Append
                && filled.has(table.oid)
                && existing_rows::has_ours(connection, table, filled).await?;
            if !is_ours {
                candidates.push(at);
            }
        }
        existing_rows::read(connection, schema, &candidates).await
    }

    /// Adding explicit rows to existing data needs the keys of the bundled schema.
    fn check_explicit(&self, plan: &Plan) -> Result<()> {
        if self.scenario.scenario_rows.is_empty() || self.is_clean() {
            return Ok(());
        }
        let Some(table) = plan.foreign() else { return Ok(()) };
        Err(Error::refused(format!(
            "scenario {} cannot be added to existing data in this schema: {} differs from the bundled \
             schema in its name or key",
            self.scenario.name, table.header.table
        ))
        .with_hint("add --clean to load it alone"))
    }

    /// Whether the base rows of a named scenario already exist.
    async fn keeps_base(
        &self,
        connection: &mut PgConnection,
        plan: &Plan,
        dataset: &Dataset,
        last: Option<&Entry>,
        spec: &serde_json::Value,
    ) -> Result<bool> {
        let is_same = last.is_some_and(|last| last.has_base_of(spec));
        if !self.is_named || self.existing != Existing::Refuse || plan.base_rows() == 0 || !is_same {
            return Ok(false);
        }
        safety::holds(connection, plan, dataset, |table| table.rows).await
    }

    pub(super) fn method(&self, plan: &Plan, notes: &mut Vec<Note>) -> Method {
        if let Some(method) = self.method {
            return method;
        }
        let barred = plan.tables.iter().find(|t| t.target.as_ref().is_some_and(|t| t.rls_applies));
        let Some(table) = barred else { return Method::Copy };
        let table = &table.header.table;
        let text = format!("used INSERT instead of COPY: row-level security applies to the role on {table}");
        notes.push(Note::new(NoteKind::LoadMethod, text).about(table));
        Method::Insert { rows: self.batch_size }
    }

    /// Whether there is nothing to do, and why.
    pub(super) async fn unchanged(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
    ) -> Result<Option<Unchanged>> {
        let last = prepared.last.as_ref();
        let digest = last.map_or_else(String::new, |last| last.digest.clone());
        if self.if_changed && self.is_there(connection, prepared).await? {
            let why = "nothing to do: the last run used the same settings (--if-changed)";
            return Ok(Some(Unchanged { digest, why }));
        }
        if prepared.keeps_base && self.scenario.scenario_rows.is_empty() {
            let why = "nothing to do: the rows of the scenario already exist";
            return Ok(Some(Unchanged { digest, why }));
        }
        if self.existing == Existing::Keep && !safety::occupied(connection, &prepared.plan).await?.is_empty()
        {
            let why = "nothing to do: the tables already contain rows (--if-empty)";
            return Ok(Some(Unchanged { digest, why }));
        }
        Ok(None)
    }

    /// Whether what is asked for is what the last run left, and still there.
    async fn is_there(&self, connection: &mut PgConnection, prepared: &Prepared) -> Result<bool> {
        let Prepared { plan, last, spec, dataset, loaded, .. } = prepared;
        let last = last.as_ref();
        let is_last = last.is_some_and(|last| last.spec == *spec);
        let has_base = plan.base_rows() == 0 || last.is_some_and(|last| last.has_base_of(spec));
        if !is_last && (self.is_clean() || !has_base) {
            return Ok(false);
        }
        // The ledger knows base rows, the registry which explicit ones stand beside them by now.
        let scenario_rows = self.scenario.scenario_rows.iter().enumerate();
        let mut are_recorded = scenario_rows.map(|(number, part)| {
            let digest = ledger::explicit_digest(dataset, number);
            loaded.iter().any(|loaded| loaded.name == part.scenario && loaded.digest == digest)
        });
        let has_others = self.is_clean() && loaded.len() != self.scenario.scenario_rows.len();
        if !are_recorded.all(|is| is) || has_others {
            return Ok(false);
        }
        safety::holds(connection, plan, dataset, TablePlan::all_rows).await
    }

    /// Locks what the run will touch, and makes sure that what was decided before is still right.
    pub(super) async fn lock(
        &self,
        connection: &mut PgConnection,
        mut prepared: Prepared,
        deadline: Deadline,
    ) -> Result<Prepared> {
        /// Somebody who changes the tables again and again is not waited for for ever.
        const TRIES: usize = 5;
        let explicit = !self.scenario.scenario_rows.is_empty();
        let locks_of =
            |prepared: &Prepared| locks::of_run(&prepared.plan, &prepared.schema, self.existing, explicit);
        for _ in 0..TRIES {
            let locks = locks_of(&prepared);
            table_locks::lock(connection, locks.clone(), deadline, self.quiet).await?;
            if self.existing != Existing::Append && self.is_as_it_was(connection, &prepared, deadline).await?
            {
                return Ok(prepared);
            }
            let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
            let dataset = self.dataset(Origin::default())?;
            prepared = self.decide(connection, dataset, schema, prepared.identity).await?;
            // What is locked by now cannot change any more.
            if locks_of(&prepared).iter().all(|lock| locks.contains(lock)) {
                return Ok(prepared);
            }
        }
        Err(Error::failed("the tables kept changing while waiting for their locks")
            .with_hint("nothing was changed; try again when the other session has finished"))
    }

    /// Whether the catalog and the rows of others say what they said before the locks.
    async fn is_as_it_was(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
        deadline: Deadline,
    ) -> Result<bool> {
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        Ok(schema == prepared.schema
            && self.there(connection, &schema, &prepared.filled).await? == prepared.there)
    }

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
        for foreign in &clearance.foreign {
            let is_reached = reached.iter().any(|(oid, _)| *oid == foreign.oid);
            if self.yes || by_file || is_reached || by_answer.contains(&foreign.schema) {
                agreed.rows.insert(foreign.oid, None);
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
                if occupied.is_empty() || prepared.keeps_base || plan.base_rows() == 0 {
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
            let question = Question::new(&schema.server.database, open, clearance.foreign);
            return Ok(Allowed::Ask(question.of_role((!is_recorded).then_some(&schema.server.role))));
        }
        if !clearance.cascaded.is_empty() {
            let text = format!("--cascade also emptied {}", super::clearance::told(&clearance.cascaded));
            notes.push(Note::new(NoteKind::RowsDeleted, text));
        }
        if !clearance.foreign.is_empty() {
            let told = super::clearance::told(&clearance.foreign);
            let by = if self.existing == (Existing::Clean { cascade: true }) { " (--cascade)" } else { "" };
            let text = format!("deleted rows that crm-seed did not create{by}: {told}");
            notes.push(Note::new(NoteKind::RowsDeleted, text));
        }
        let schemas = clearance.foreign.iter().map(|foreign| foreign.schema.clone());
        Ok(Allowed::Run(Beside {
            were_none: true,
            empty: plan.oids().into_iter().collect(),
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

/// Adding rows to existing ones needs the keys of the bundled schema.
fn check_append(plan: &Plan) -> Result<()> {
    let Some(table) = plan.foreign() else { return Ok(()) };
    Err(Error::refused(format!(
        "--append needs tables with the names and keys of the bundled schema, and {} differs",
        table.header.table
    ))
    .with_hint("use --clean to replace all rows"))
}

/// The planned tables (oids) that hold no row, and get none from others either, as they are locked.
async fn empty(connection: &mut PgConnection, plan: &Plan, schema: &Schema) -> Result<BTreeSet<u32>> {
    let occupied = safety::occupied(connection, plan).await?;
    let empty = plan.tables.iter().filter(|table| !occupied.contains(&table.header.table));
    let is_locked = |oid: &u32| schema.table(*oid).is_some_and(locks::may_lock);
    Ok(empty.filter_map(TablePlan::oid).filter(is_locked).collect())
}
