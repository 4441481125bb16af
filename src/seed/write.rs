//! The part of a run that writes.

use std::sync::Arc;

use sqlx::PgConnection;

use crate::crm::TABLES;
use crate::crm::explicit::ids;
use crate::crm::world::World;
use crate::database;
use crate::error::Result;
use crate::generate::Generator;
use crate::handles::Handles;
use crate::ledger::{self, Entry};
use crate::load::expectations;
use crate::load::postgres::{self, Method};
use crate::load::rebuild::{self, Rebuild};
use crate::load::situations::{self, Own, Places, Staged};
use crate::load::{circles, safety, triggers};
use crate::plan::Plan;
use crate::registry::{self, Links, Loaded};
use crate::report::TableReport;
use crate::schema::Schema;
use crate::seed::before::{Prepared, Rows};
use crate::seed::{Existing, Request, digests, progress};
use crate::ui::Progress;

/// The part of a run that writes.
pub struct Load<'a> {
    pub request: &'a Request,
    pub method: Method,
    pub handles: &'a Handles,
    /// Whose rows are there.
    pub rows: Rows,
}

impl Load<'_> {
    pub async fn run(
        &self,
        connection: &mut PgConnection,
        prepared: Prepared,
        notes: &mut Vec<String>,
    ) -> Result<(Vec<TableReport>, String)> {
        let Prepared { schema, world, mut plan, spec, loaded, keeps_base, .. } = prepared;
        let is_clean = matches!(self.request.existing, Existing::Clean { .. });
        if keeps_base {
            plan.keep_base();
            notes.push("the base rows are there already, and stay".into());
        }
        self.make_room(connection, &plan, &schema).await?;
        let staged = match is_clean {
            true => None,
            false => self.clear_earlier(connection, &mut plan, &schema, &loaded).await?,
        };
        let world = Arc::new(world);
        let mut progress = progress(&plan, self.request.quiet);
        let (tables, digest, mut plan) =
            self.rows(connection, &world, plan, &schema, &mut progress, notes).await?;
        if let Some(staged) = staged {
            let places = Places::of(&schema)?;
            for situation in &self.request.scenario.situations {
                let own = Own::of(&situation.scenario, &loaded);
                let held = places.holds(connection, &own, Some(&staged)).await?;
                situations::refuse_held(&situation.scenario, &held)?;
            }
            staged.finish(connection, &mut plan).await?;
        }
        // Explicit ids are above all sequences, which stay where they are when nothing else is written.
        if is_clean || plan.base_rows() > 0 {
            postgres::restart_sequences(connection, &plan).await?;
        }
        // Beside rows that we do not know, explicit ones tell nothing of the base.
        // Base rows that stay are recorded already.
        let is_base_known = !keeps_base && (plan.base_rows() > 0 || self.rows.were_none);
        let record = Record { load: self, schema: &schema, plan: &plan, world: &world };
        record.run(connection, is_base_known.then_some(spec), &digest, notes).await?;
        notes.extend(postgres::refresh_views(connection, &plan, &schema).await?);
        let missing: Vec<&str> = plan.skipped.iter().map(|skipped| skipped.table.as_str()).collect();
        if plan.foreign().is_some() && !self.request.scenario.expectations.is_empty() {
            notes.push("the scenario's expectations are not asked: they name the domain's tables".into());
        } else {
            notes.extend(
                expectations::hold(connection, &self.request.scenario, self.handles, &missing).await?,
            );
        }
        database::execute(connection, "COMMIT").await?;
        progress.finish();
        if let Err(error) = postgres::analyze(connection, &plan).await {
            notes.push(format!("the rows are in, but ANALYZE failed: {error}"));
        }
        Ok((tables, digest))
    }

    /// Empties the tables, where that was asked for; with them go the rows of all scenarios.
    async fn make_room(&self, connection: &mut PgConnection, plan: &Plan, schema: &Schema) -> Result<()> {
        if let Existing::Clean { cascade } = self.request.existing {
            let reached = safety::reached(plan, schema);
            if self.request.without_triggers {
                triggers::switch(connection, false).await?;
            }
            postgres::truncate(connection, plan, cascade || !reached.is_empty()).await?;
            if self.request.without_triggers {
                triggers::switch(connection, true).await?;
            }
            registry::forget(connection, schema, None).await?;
        }
        Ok(())
    }

    /// Makes way for explicit rows of which there is an earlier copy: it goes, or is overlaid where
    /// others hold on to it.
    async fn clear_earlier(
        &self,
        connection: &mut PgConnection,
        plan: &mut Plan,
        schema: &Schema,
        loaded: &[Loaded],
    ) -> Result<Option<Staged>> {
        let places = Places::of(schema)?;
        let (mut owns, mut is_held) = (Vec::new(), false);
        for situation in &self.request.scenario.situations {
            let own = Own::of(&situation.scenario, loaded);
            let rows = places.count(connection, &own).await?;
            self.request.check_owner(&situation.scenario, rows, loaded)?;
            if rows > 0 {
                is_held |= !places.holds(connection, &own, None).await?.is_empty();
                owns.push(own);
            }
        }
        if is_held {
            return Staged::begin(connection, plan, &owns).await.map(Some);
        }
        for own in owns {
            places.delete(connection, &own).await?;
        }
        Ok(None)
    }

    /// Sends the rows.
    async fn rows(
        &self,
        connection: &mut PgConnection,
        world: &Arc<World>,
        plan: Plan,
        schema: &Schema,
        progress: &mut Progress,
        notes: &mut Vec<String>,
    ) -> Result<(Vec<TableReport>, String, Plan)> {
        let plan = Arc::new(plan);
        let mut generator = Generator::start(world, &plan, self.method.encoder(), self.request.jobs);
        // Where rows stay, an index would have to be built over those too.
        let rebuild = match self.request.rebuild && self.request.existing != Existing::Append {
            true => rebuild::begin(connection, &plan).await?,
            false => Rebuild::default(),
        };
        let has_triggers = !triggers::effects(&plan, schema).is_empty();
        let were_empty = self.rows.were_none && self.request.existing != Existing::Append;
        circles::begin(connection, &plan).await?;
        if self.request.without_triggers {
            triggers::switch(connection, false).await?;
        }
        let clears = has_triggers && were_empty && !self.request.without_triggers;
        let loaded = postgres::load(connection, &plan, &mut generator, self.method, progress, clears).await;
        let mut tables = loaded.map_err(|(error, table)| triggers::explain(error, &table, schema))?;
        if self.request.without_triggers {
            triggers::switch(connection, true).await?;
        }
        progress.then("checking foreign keys, building indexes");
        let mut digest = digests(&generator, &mut tables);
        drop(generator);
        let mut plan = Arc::into_inner(plan).expect("the generator's threads are done");
        if let Some(late) =
            circles::finish(connection, world, &mut plan, self.method, self.request.jobs).await?
        {
            digest = crate::generate::joined(&digest, &late);
        }
        notes.extend(rebuild.finish(connection).await?);
        if clears {
            notes.extend(triggers::count(connection, &plan).await?);
        }
        Ok((tables, digest, plan))
    }
}

/// What is written down of a run.
struct Record<'a> {
    load: &'a Load<'a>,
    schema: &'a Schema,
    plan: &'a Plan,
    world: &'a World,
}

impl Record<'_> {
    /// The ledger where `spec` tells all base rows that are there, and the scenarios in any case.
    async fn run(
        &self,
        connection: &mut PgConnection,
        spec: Option<serde_json::Value>,
        digest: &str,
        notes: &mut Vec<String>,
    ) -> Result<()> {
        if !self.load.request.ledger {
            return Ok(());
        }
        if !ledger::may_record(self.schema) || !registry::may_record(self.schema) {
            let role = &self.schema.server.role;
            notes.push(format!("the run is not recorded: role {role} may not write crm_seed.ledger"));
            return Ok(());
        }
        if let Some(spec) = spec {
            let (as_of, is_sole) = (self.load.request.as_of, self.load.rows.are_ours);
            let entry = Entry { spec, as_of, digest: digest.to_owned(), is_sole };
            ledger::record(connection, self.schema, &entry, self.plan.rows()).await?;
        }
        let loaded = self.loaded();
        if loaded.is_empty() { Ok(()) } else { registry::record(connection, self.schema, &loaded).await }
    }

    fn loaded(&self) -> Vec<Loaded> {
        let scenario = &self.load.request.scenario;
        let breaks = |name: &str| {
            let found = scenario.breaks.iter().find(|(scenario, _)| scenario == name);
            found.map(|(_, rules)| rules.clone()).unwrap_or_default()
        };
        let situations = scenario.situations.iter().enumerate();
        situations
            .map(|(number, situation)| Loaded {
                name: situation.scenario.clone(),
                first_id: ids::first(&situation.scenario),
                digest: ledger::explicit_digest(self.world, number),
                rows: self.world.explicit.iter().filter(|made| made.situation == number).count() as u64,
                breaks: breaks(&situation.scenario),
                links: links(self.world, number),
            })
            .collect()
    }
}

/// The keys of a situation's rows in tables without an id.
fn links(world: &World, situation: usize) -> Links {
    let mut links = Links::new();
    for made in world.explicit.iter().filter(|made| made.situation == situation) {
        let info = TABLES[made.table].info();
        if info.key != ["id"] {
            links.entry(info.name.to_owned()).or_default().push(made.key().map(|(_, id)| id).collect());
        }
    }
    links
}
