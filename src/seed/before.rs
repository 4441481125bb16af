//! What must be known before a row is touched: what is there, whose it is, and what is to be done.

use sqlx::PgConnection;

use crate::adapt::extra::{self, There};
use crate::adapt::recognize;
use crate::adapt::wishes::Wishes;
use crate::crm::explicit::ids;
use crate::crm::world::{Origin, World};
use crate::error::{Error, Kind, Result};
use crate::ledger::{self, Entry};
use crate::load::postgres::{self, Method};
use crate::load::{safety, there};
use crate::migrate;
use crate::plan::{Plan, TablePlan};
use crate::registry::{self, Loaded};
use crate::schema::{self, Schema};
use crate::seed::{Existing, Request};
use crate::target::Target;
use crate::ui;

/// Why nothing needs to be done.
pub struct Unchanged {
    pub digest: String,
    pub why: &'static str,
}

/// What is known before a row is touched.
pub struct Prepared {
    pub schema: Schema,
    pub world: World,
    pub plan: Plan,
    /// The last recorded run.
    pub last: Option<Entry>,
    /// What decides the rows.
    pub spec: serde_json::Value,
    /// Scenarios whose explicit rows are recorded to be there.
    pub loaded: Vec<Loaded>,
    /// The base rows are there already, and stay.
    pub keeps_base: bool,
}

/// Whose rows stand beside those that are written.
#[derive(Clone, Copy)]
pub struct Rows {
    /// All rows will be ours.
    pub are_ours: bool,
    /// There are no base rows, nor rows of the app, but those that are written.
    pub were_none: bool,
}

impl Request {
    /// Opens the transaction and finds out what can be done in it.
    pub(super) async fn prepare(
        &self,
        target: &mut Target,
        mut world: World,
        notes: &mut Vec<String>,
    ) -> Result<Prepared> {
        if self.existing == Existing::Append && !self.scenario.situations.is_empty() {
            return Err(Error::usage(format!(
                "--append does not go with the explicit rows of {}",
                self.scenario.name
            ))
            .with_hint("leave it out: explicit rows are added to what is there anyway"));
        }
        let mut origin = Origin::default();
        let answer = postgres::begin(&mut target.connection, self.wait).await?;
        notes.extend(target.notes.iter().cloned());
        notes.extend(answer.and_then(|answer| target.pooler(&answer).note()));
        let connection = &mut target.connection;
        let schema = schema_of(connection, notes).await?;
        let last = ledger::last(connection, &schema).await?;
        let there = self.there(connection, &schema, last.as_ref()).await?;
        let mut plan = Plan::of_target(&world, &schema, &self.wishes, &there)?;
        safety::check_rights(&plan, &schema, matches!(self.existing, Existing::Clean { .. }))?;
        if self.existing == Existing::Append {
            if let Some(table) = plan.foreign() {
                return Err(Error::refused(format!(
                    "--append needs tables and keys that are the domain's, and {} is not",
                    table.heading.table
                ))
                .with_hint("--clean makes all rows again"));
            }
            let highest = postgres::highest_ids(connection, &plan).await?;
            origin = Origin::above(|table| {
                highest.iter().find(|(name, _)| name == table).map_or(0, |(_, highest)| *highest)
            });
            world = self.world(origin)?;
            plan = Plan::of_target(&world, &schema, &self.wishes, &there)?;
        }
        if !self.scenario.situations.is_empty()
            && !matches!(self.existing, Existing::Clean { .. })
            && let Some(table) = plan.foreign()
        {
            return Err(Error::refused(format!(
                "explicit rows of {} stand beside others only where tables and keys are the domain's, and {} is not",
                self.scenario.name, table.heading.table
            ))
            .with_hint("load it with --clean"));
        }
        let spec = ledger::spec(&world, &self.scenario, origin, &plan, &self.wishes);
        let loaded = registry::all(connection, &schema).await?;
        let keeps_base = self.keeps_base(connection, &plan, &world, last.as_ref(), &spec).await?;
        Ok(Prepared { schema, world, plan, last, spec, loaded, keeps_base })
    }

    /// The rows of other tables that are there and are not ours: they stay, and are referred to.
    pub(crate) async fn there(
        &self,
        connection: &mut PgConnection,
        schema: &Schema,
        last: Option<&Entry>,
    ) -> Result<There> {
        let found = recognize::tables(schema, &self.wishes)?;
        let choice = extra::choose(schema, &self.wishes, &There::new(), &found)?;
        let filled: Vec<u32> = choice.chosen.iter().map(|chosen| schema.tables[chosen.at].oid).collect();
        let is_clean = matches!(self.existing, Existing::Clean { .. });
        let is_ours = |table: &schema::Table| {
            self.existing != Existing::Append && last.is_some_and(|last| last.filled(&table.name))
        };
        let is_wished = |table: &schema::Table| {
            is_clean && Wishes::names(&self.wishes.include, &table.schema, &table.name)
        };
        // What a cascade empties is filled again.
        let domain: Vec<u32> = found.iter().flatten().map(|found| schema.tables[found.at].oid).collect();
        let reached = match self.existing {
            Existing::Clean { cascade: true } => schema.reached_by_truncate(&domain),
            _ => Vec::new(),
        };
        let is_domain = |at: &usize| found.iter().flatten().any(|found| found.at == *at);
        let candidates: Vec<usize> = (0..schema.tables.len())
            .filter(|at| {
                let table = &schema.tables[*at];
                let is_referred =
                    schema.foreign_keys.iter().any(|key| key.to == table.oid && filled.contains(&key.from));
                let takes_part = filled.contains(&table.oid) || is_referred;
                let is_emptied = filled.contains(&table.oid) && reached.contains(&table.qualified());
                takes_part && !is_domain(at) && !is_ours(table) && !is_wished(table) && !is_emptied
            })
            .collect();
        there::read(connection, schema, &candidates).await
    }

    /// Whether a named scenario finds its base rows there.
    async fn keeps_base(
        &self,
        connection: &mut PgConnection,
        plan: &Plan,
        world: &World,
        last: Option<&Entry>,
        spec: &serde_json::Value,
    ) -> Result<bool> {
        let is_same = last.is_some_and(|last| last.has_base_of(spec));
        if !self.is_named || self.existing != Existing::Refuse || plan.base_rows() == 0 || !is_same {
            return Ok(false);
        }
        safety::holds(connection, plan, world, |table| table.rows).await
    }

    pub(super) fn method(&self, plan: &Plan, notes: &mut Vec<String>) -> Method {
        if let Some(method) = self.method {
            return method;
        }
        let barred = plan.tables.iter().find(|t| t.target.as_ref().is_some_and(|t| t.rls_applies));
        let Some(table) = barred else { return Method::Copy };
        notes.push(format!(
            "INSERT instead of COPY: row-level security applies to the role on {}",
            table.heading.table
        ));
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
            let why = "nothing to do: the last run was the same (--if-changed)";
            return Ok(Some(Unchanged { digest, why }));
        }
        if prepared.keeps_base && self.scenario.situations.is_empty() {
            let why = "nothing to do: the scenario's rows are there already";
            return Ok(Some(Unchanged { digest, why }));
        }
        if self.existing == Existing::Keep && !safety::occupied(connection, &prepared.plan).await?.is_empty()
        {
            let why = "nothing to do: there are rows already (--if-empty)";
            return Ok(Some(Unchanged { digest, why }));
        }
        Ok(None)
    }

    /// Whether what is asked for is what the last run left, and still there.
    async fn is_there(&self, connection: &mut PgConnection, prepared: &Prepared) -> Result<bool> {
        let Prepared { plan, last, spec, world, loaded, .. } = prepared;
        let last = last.as_ref();
        let is_clean = matches!(self.existing, Existing::Clean { .. });
        let is_last = last.is_some_and(|last| last.spec == *spec);
        let has_base = plan.base_rows() == 0 || last.is_some_and(|last| last.has_base_of(spec));
        if !is_last && (is_clean || !has_base) {
            return Ok(false);
        }
        // The ledger knows base rows, the registry which explicit ones stand beside them by now.
        let situations = self.scenario.situations.iter().enumerate();
        let mut are_recorded = situations.map(|(number, situation)| {
            let digest = ledger::explicit_digest(world, number);
            loaded.iter().any(|loaded| loaded.name == situation.scenario && loaded.digest == digest)
        });
        let has_others = is_clean && loaded.len() != self.scenario.situations.len();
        if !are_recorded.all(|is| is) || has_others {
            return Ok(false);
        }
        safety::holds(connection, plan, world, TablePlan::all_rows).await
    }

    /// Whether the rows that are there may go or may stay.
    pub(super) async fn check_rows(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
        notes: &mut Vec<String>,
    ) -> Result<Rows> {
        let Prepared { schema, plan, last, .. } = prepared;
        let is_ours = last.as_ref().is_some_and(|last| last.knows(plan));
        match self.existing {
            Existing::Clean { cascade } => {
                let reached = safety::check_blast_radius(connection, plan, schema, cascade, |name| {
                    let is_it = |table: &&schema::Table| table.qualified() == name;
                    let table = schema.tables.iter().find(is_it);
                    table.is_some_and(|table| last.as_ref().is_some_and(|last| last.filled(&table.name)))
                })
                .await?;
                if !reached.is_empty() {
                    notes.push(format!("--cascade emptied also {}", reached.join(", ")));
                }
                // Who says --cascade has agreed to what that reaches.
                let domain = plan.tables.iter().filter(|table| table.is_domain());
                let domain: Vec<u32> = domain.filter_map(|table| Some(table.target.as_ref()?.oid)).collect();
                let agreed = if cascade { schema.reached_by_truncate(&domain) } else { Vec::new() };
                let is_ours = is_ours || last.as_ref().is_some_and(|last| last.knows_besides(plan, &agreed));
                if !is_ours && !self.yes {
                    confirm_clean(connection, plan, &reached, schema).await?;
                }
                Ok(Rows { are_ours: true, were_none: true })
            }
            Existing::Append => {
                if let Some(last) = last.as_ref().filter(|last| last.as_of != self.as_of) {
                    return Err(Error::refused(format!(
                        "the rows that are there are as of {}, those to be added as of {}",
                        last.as_of, self.as_of
                    ))
                    .with_hint(format!("add rows of the same day: --as-of {}", last.as_of)));
                }
                let were_none = safety::occupied(connection, plan).await?.is_empty();
                Ok(Rows { are_ours: is_ours || were_none, were_none })
            }
            Existing::Refuse | Existing::Keep => {
                // Explicit rows stand beside any others, of which a record tells already.
                if plan.base_rows() == 0 && last.as_ref().is_some_and(|last| last.is_sole) {
                    return Ok(Rows { are_ours: is_ours, were_none: false });
                }
                let occupied = safety::occupied_by_base(connection, plan).await?;
                if occupied.is_empty() || prepared.keeps_base || plan.base_rows() == 0 {
                    let is_empty = occupied.is_empty();
                    return Ok(Rows { are_ours: is_empty || is_ours, were_none: is_empty });
                }
                Err(Error::refused(format!("there are rows already in {}", occupied.join(", "))).with_hint(
                    "--clean empties the tables first, --append adds to them, --if-empty leaves them as they are",
                ))
            }
        }
    }

    /// Refuses to replace rows in a scenario's range of ids that nobody recorded as its own.
    pub(super) fn check_owner(&self, scenario: &str, rows: i64, loaded: &[Loaded]) -> Result<()> {
        let first = ids::first(scenario);
        let owner = loaded.iter().find(|loaded| loaded.first_id == first);
        if rows == 0 || self.yes || owner.is_some_and(|owner| owner.name == scenario) {
            return Ok(());
        }
        let range = format!("{first} to {}", first + ids::PLACES - 1);
        Err(match owner {
            Some(owner) => Error::refused(format!(
                "scenario {scenario} would have the ids {range}, which are those of scenario {}",
                owner.name
            ))
            .with_hint("rename one of them"),
            None => Error::refused(format!(
                "there are {rows} rows with the ids of scenario {scenario} ({range}), and no record of having made them"
            ))
            .with_hint("if they may be replaced, say so with --yes"),
        })
    }
}

/// The target's schema; on an empty database the bundled one, made in our transaction.
async fn schema_of(connection: &mut PgConnection, notes: &mut Vec<String>) -> Result<Schema> {
    let schema = schema::introspect(connection).await?;
    if !schema.holds_nothing_but(ledger::SCHEMA, migrate::HISTORY) {
        return Ok(schema);
    }
    safety::check_writable(&schema)?;
    let migrations = migrate::bundled();
    for migration in &migrations {
        migrate::apply(connection, migration).await?;
    }
    notes.push(format!("the database was empty: applied the {} bundled migrations", migrations.len()));
    schema::introspect(connection).await
}

/// Asks whether rows that crm-seed did not make may go.
async fn confirm_clean(
    connection: &mut PgConnection,
    plan: &Plan,
    reached: &[String],
    schema: &Schema,
) -> Result<()> {
    let occupied = safety::occupied(connection, plan).await?;
    if occupied.is_empty() {
        return Ok(());
    }
    let all: Vec<String> = occupied.iter().chain(reached).cloned().collect();
    let counts = safety::count_rows(connection, &all).await?;
    let database = &schema.server.database;
    let question = format!(
        "Database {database} holds rows that crm-seed has no record of making. Delete them ({counts})?"
    );
    // On a thread of its own, as a signal must be heard while nobody answers.
    let answer = tokio::task::spawn_blocking(move || ui::confirm(&question)).await;
    match answer.ok().flatten() {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(Kind::Refused, "nothing was changed")),
        None => Err(Error::refused(format!(
            "database {database} holds rows that crm-seed has no record of making, and --clean would delete them ({counts})"
        ))
        .with_hint("if they may go, say so with --yes")),
    }
}
