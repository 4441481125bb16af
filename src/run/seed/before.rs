//! What must be known before a row is touched: what is there, and what is to be done.

use std::collections::BTreeSet;

use sqlx::{PgConnection, Row};

use crate::catalog::table_locks::{self, Deadline};
use crate::catalog::{self, Schema};
use crate::db::query;
use crate::db::target::Target;
use crate::domain::dataset::{Dataset, Origin};
use crate::domain::{GENERATOR_VERSION, TABLES};
use crate::error::{Error, Result};
use crate::infer::overrides::Overrides;
use crate::infer::recognition;
use crate::infer::table_selection::{self, ExistingRows};
use crate::migrate;
use crate::note::{Note, NoteKind};
use crate::plan::{Plan, TablePlan};
use crate::run::ledger::{self, Entry, Filled, Identity};
use crate::run::registry::{self, Home, Loaded};
use crate::run::scenario_rows::ScenarioFilter;
use crate::run::seed::request::{Existing, Request};
use crate::run::seed::{locks, planning};
use crate::run::{existing_rows, letters, safety};
use crate::sink::postgres::{self, Method, written};

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
    /// Rows of other tables are referred to as they are there, also those that recorded runs made.
    pub takes_all: bool,
    /// What had come before it was read.
    pub before: Before,
}

/// What had come before the catalog was read.
#[derive(Default)]
pub struct Before {
    /// Which transactions of others had ended.
    ended: String,
    /// Tables (oids) into which migrations of this transaction have put rows: those are the app's, not ours.
    pub brought: BTreeSet<u32>,
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
        if let Some(agreed) = &self.reset {
            self.drop_all(connection, agreed, deadline, notes).await?;
        }
        let mut before = Before { ended: ended(connection).await?, ..Before::default() };
        let schema = self.schema_of(connection, deadline, notes, &mut before.brought).await?;
        if self.ledger {
            ledger::check(&schema)?;
        }
        let identity = Identity::of(connection).await?;
        self.decide(connection, dataset, schema, identity, before).await
    }

    /// The target's schema; on an empty database what the migrations make of it, in our transaction.
    pub(super) async fn schema_of(
        &self,
        connection: &mut PgConnection,
        deadline: Deadline,
        notes: &mut Vec<Note>,
        brought: &mut BTreeSet<u32>,
    ) -> Result<Schema> {
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        let is_empty = schema.holds_nothing_but(catalog::LEDGER, migrate::HISTORY);
        if !is_empty && self.reset.is_none() {
            return Ok(schema);
        }
        safety::check_writable(&schema)?;
        let directory = self.migrations.as_ref().ok_or_else(migrate::nothing_to_apply)?;
        migrate::apply(connection, directory).await?;
        brought.extend(written::by_table(connection).await?.keys());
        postgres::settings(connection, deadline).await?;
        let why = if self.reset.is_some() { "everything was dropped" } else { "the database was empty" };
        let text = format!("{why}: applied {}", directory.told());
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
        before: Before,
    ) -> Result<Prepared> {
        let filled = Filled::read(connection, &schema, &identity).await?;
        let last =
            ledger::last(connection, &schema, &identity, &recognition::oids(&schema, &self.overrides)?)
                .await?;
        let loaded = registry::all(connection, &schema, &Home::of(&schema, &identity)?).await?;
        let mut takes_all = self.is_beside() && !self.is_of_run(last.as_ref());
        let there = self.there(connection, &schema, (&filled, &loaded), takes_all).await?;
        let (mut dataset, mut schema, mut there, plan) =
            planning::plan(dataset, schema, &self.overrides, there).await?;
        let mut plan = plan?;
        if self.is_beside() {
            plan.leave_unneeded();
        }
        if self.is_beside() && !takes_all {
            match lists_there(connection, &plan).await? {
                Some(kept) => plan.keep_base_of(&kept),
                None => {
                    takes_all = true;
                    there = self.there(connection, &schema, (&filled, &loaded), takes_all).await?;
                    let again;
                    (dataset, schema, there, again) =
                        planning::plan(dataset, schema, &self.overrides, there).await?;
                    plan = again?;
                    plan.leave_unneeded();
                }
            }
        }
        safety::check_rights(&plan, &schema, self.is_clean())?;
        let mut origin = Origin::default();
        if self.existing == Existing::Append {
            check_append(&plan)?;
            let highest = postgres::highest_ids(connection, &plan).await?;
            origin = Origin::above(highest.iter().filter_map(|(name, highest)| {
                let table = TABLES.iter().map(|table| table.info()).find(|info| info.name == *name)?;
                Some((table.numbering, *highest))
            }));
            let again;
            (dataset, schema, there, again) =
                planning::plan(self.dataset(origin)?, schema, &self.overrides, there).await?;
            plan = again?;
        }
        plan.letters =
            letters::letters(connection, &schema.server, &dataset, (&self.scenario, &self.overrides)).await?;
        let spec = ledger::spec(&dataset, &self.scenario, origin, &plan, &self.overrides);
        let keeps_base = self.keeps_base(connection, &plan, &dataset, last.as_ref(), &spec).await?;
        Ok(Prepared {
            schema,
            identity,
            filled,
            dataset,
            plan,
            there,
            last,
            spec,
            loaded,
            keeps_base,
            takes_all,
            before,
        })
    }

    /// The rows of other tables that are there and are not ours: they stay, and are referred to. Where it `takes_all`, ours
    /// are, too.
    pub(crate) async fn there(
        &self,
        connection: &mut PgConnection,
        schema: &Schema,
        (filled, loaded): (&Filled, &[Loaded]),
        takes_all: bool,
    ) -> Result<ExistingRows> {
        let recognition = recognition::recognize(schema, &self.overrides)?;
        let choice = table_selection::choose(schema, &self.overrides, &ExistingRows::new(), &recognition)?;
        let chosen: Vec<u32> = choice.chosen.iter().map(|chosen| schema.tables[chosen.at].oid).collect();
        let is_overridden = |table: &catalog::Table| {
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
        // Rows of scenarios go with them: those of others refer to none of them, and they make no table ours.
        let of_scenarios = |table: &catalog::Table| {
            let all =
                loaded.iter().map(|loaded| ScenarioFilter::of(&loaded.name, std::slice::from_ref(loaded)));
            all.flat_map(|own| {
                let made = own.made_for(schema, table, filled);
                own.of_app(table).into_iter().chain(made).collect::<Vec<String>>()
            })
            .collect::<Vec<String>>()
        };
        let mut candidates = Vec::new();
        for (at, table) in schema.tables.iter().enumerate() {
            let is_referred =
                schema.foreign_keys.iter().any(|key| key.to == table.oid && chosen.contains(&key.from));
            let takes_part = chosen.contains(&table.oid) || is_referred;
            let is_emptied = chosen.contains(&table.oid) && reached.contains(&table.oid);
            if !takes_part || domain.contains(&table.oid) || is_overridden(table) || is_emptied {
                continue;
            }
            let is_ours = self.existing != Existing::Append
                && !takes_all
                && filled.has(table.oid)
                && existing_rows::has_ours(connection, table, filled, &of_scenarios(table)).await?;
            if !is_ours {
                candidates.push(at);
            }
        }
        existing_rows::read(connection, schema, &candidates, &of_scenarios).await
    }

    /// Whether nothing but explicit rows is added to what is there.
    pub(super) const fn is_beside(&self) -> bool {
        !self.scenario.scenario_rows.is_empty()
            && self.scenario.counts.is_none()
            && matches!(self.existing, Existing::Refuse | Existing::Keep)
    }

    /// Whether the last recorded run made its rows from the same seed, so that rows of ours are as they would be made.
    fn is_of_run(&self, last: Option<&Entry>) -> bool {
        last.is_some_and(|last| {
            last.spec["generator_version"] == GENERATOR_VERSION
                && last.spec["seed"].as_str().and_then(|seed| seed.parse().ok()) == Some(self.seed)
                && last.as_of == self.as_of
        })
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
        let occupied = match self.existing {
            Existing::Keep => safety::occupied(connection, &prepared.plan).await?,
            _ => Vec::new(),
        };
        if prepared.plan.emptied().any(|table| occupied.contains(&table.header.table)) {
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
            let ended = ended(connection).await?;
            let before = Before { ended, ..prepared.before };
            let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
            let dataset = self.dataset(Origin::default())?;
            prepared = self.decide(connection, dataset, schema, prepared.identity, before).await?;
            // What is locked by now cannot change any more.
            if locks_of(&prepared).iter().all(|lock| locks.contains(lock)) {
                return Ok(prepared);
            }
        }
        Err(Error::failed("the tables kept changing while waiting for their locks")
            .with_hint("nothing was changed; try again when the other session has finished"))
    }

    /// Whether the catalog and the rows of others say what they said before the locks. Where no transaction has ended
    /// since, nobody has changed them.
    async fn is_as_it_was(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
        deadline: Deadline,
    ) -> Result<bool> {
        if ended(connection).await? == prepared.before.ended {
            return Ok(true);
        }
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        Ok(schema == prepared.schema
            && self
                .there(connection, &schema, (&prepared.filled, &prepared.loaded), prepared.takes_all)
                .await?
                == prepared.there)
    }
}

/// Which transactions of others have ended by now, those that write: equal where none has meanwhile.
async fn ended(connection: &mut PgConnection) -> Result<String> {
    // Under this name since PostgreSQL 8.3; `pg_current_snapshot` came with 13.
    let rows = query::fetch(connection, "SELECT txid_current_snapshot()::text").await?;
    let row = rows.first().ok_or_else(|| Error::failed("the server returned no row"))?;
    row.try_get(0).map_err(query::error)
}

/// The tables of the app (oids) that hold the rows which are planned for them, and need none; `None` where one holds fewer.
async fn lists_there(connection: &mut PgConnection, plan: &Plan) -> Result<Option<Vec<u32>>> {
    let planned = plan.tables.iter().filter(|table| !table.is_domain() && table.rows > 0);
    let probes: Vec<String> = planned
        .filter_map(|table| {
            let (oid, rows) = (table.oid()?, table.rows);
            let name = &table.header.table;
            Some(format!("SELECT {oid}::bigint, count(*) >= {rows} FROM {name} HAVING count(*) > 0"))
        })
        .collect();
    if probes.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let rows = query::fetch(connection, &probes.join(" UNION ALL ")).await?;
    let mut kept = Vec::new();
    for row in &rows {
        let (oid, is_whole): (i64, bool) =
            (row.try_get(0).map_err(query::error)?, row.try_get(1).map_err(query::error)?);
        if !is_whole {
            return Ok(None);
        }
        kept.extend(u32::try_from(oid));
    }
    Ok(Some(kept))
}

/// Adding rows to existing ones needs the keys of the bundled schema.
fn check_append(plan: &Plan) -> Result<()> {
    let Some(table) = plan.first_renamed() else { return Ok(()) };
    Err(Error::refused(format!(
        "--append needs tables with the names and keys of the bundled schema, and {} differs",
        table.header.table
    ))
    .with_hint("use --clean to replace all rows"))
}
