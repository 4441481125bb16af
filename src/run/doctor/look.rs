//! What is read of a target, without leaving a trace: in a transaction that may only read and is rolled back.

use std::time::Duration;

use sqlx::PgConnection;

use crate::calendar::Day;
use crate::catalog::Schema;
use crate::catalog::table_locks::{self, Deadline};
use crate::db::query::{SETTINGS, execute};
use crate::db::target::Target;
use crate::domain::dataset::{Dataset, Origin};
use crate::error::{Error, Result};
use crate::infer::overrides::Overrides;
use crate::infer::table_selection::ExistingRows;
use crate::migrate::{self, Layout};
use crate::plan::Plan;
use crate::run::doctor::session::Session;
use crate::run::ledger::{self, Filled, Identity};
use crate::run::safety::{self, MissingRights};
use crate::run::seed::clearance::{Clearance, TableRows};
use crate::run::seed::{Existing, Request, planning};
use crate::scenario::Scenario;

/// One picture of everything. A session whose statements are limited is limited for an app's queries; a table
/// that another session holds locked is soon given up, as nothing hangs on a look.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '5s'";

/// What was read, and what comes of it.
pub struct Snapshot {
    /// Facts about the session.
    pub session: Session,
    pub schema: Schema,
    /// The database is empty: seeding would begin with the bundled migrations.
    pub is_empty: bool,
    /// Existing rows of other tables that may be referenced.
    pub there: ExistingRows,
    /// What would be done, or why nothing can be.
    pub plan: Result<Plan>,
    /// Rights that are missing, to seed.
    pub lacks: Option<MissingRights>,
    /// Rights that are missing besides, for `--clean`.
    pub lacks_for_clean: Option<MissingRights>,
    /// What else keeps from seeding: a ledger that cannot be written, rows that cannot be read.
    pub obstacle: Option<Error>,
    /// Tables of the plan that hold rows.
    pub occupied: Vec<String>,
    /// Rows among those that no recorded run made.
    pub not_ours: Vec<TableRows>,
    /// Why `--clean` would be refused, which empties other tables too.
    pub reach: Option<Error>,
}

/// What would be asked of [`Request`] to replace all rows.
pub fn request(seed: u64, as_of: Day, scenario: Scenario, overrides: Overrides, wait: Duration) -> Request {
    Request {
        seed,
        as_of,
        is_named: false,
        scenario,
        existing: Existing::Clean { cascade: false },
        if_changed: false,
        method: None,
        batch_size: 500,
        jobs: 1,
        rebuild: false,
        ledger: true,
        yes: false,
        wait,
        overrides,
        strict: false,
        without_triggers: false,
        quiet: true,
        migrations: None,
        reset: None,
        trial: false,
        digest_from_database: false,
    }
}

/// Reads the target in a read-only transaction, and plans a run.
pub async fn look(target: &mut Target, request: &Request, dataset: &Dataset) -> Result<Snapshot> {
    let connection = &mut target.connection;
    let session = Session::read(connection).await;
    execute(connection, &format!("{BEGIN}; {SETTINGS}")).await?;
    let look = read(connection, request, dataset, session).await;
    // Nothing was written, and a connection that is gone has ended its transaction.
    let _ = execute(connection, "ROLLBACK").await;
    look
}

async fn read(
    connection: &mut PgConnection,
    request: &Request,
    dataset: &Dataset,
    session: Session,
) -> Result<Snapshot> {
    let mut schema = table_locks::introspect(connection, Deadline::within(request.wait), false).await?;
    // The catalog tells of our transaction, which is read-only whatever the session is.
    schema.server.read_only = session.read_only;
    let is_empty = schema.holds_nothing_but(crate::catalog::LEDGER, migrate::HISTORY);
    let identity = Identity::of(connection).await?;
    let filled = Filled::read(connection, &schema, &identity).await?;
    let (schema, there, plan) = match is_empty {
        true => (schema, ExistingRows::new(), Ok(Plan::of_domain(dataset))),
        false => planned(connection, request, dataset, schema, &filled).await?,
    };
    let mut look = Snapshot {
        session,
        schema,
        is_empty,
        there,
        plan,
        lacks: None,
        lacks_for_clean: None,
        obstacle: None,
        occupied: Vec::new(),
        not_ours: Vec::new(),
        reach: None,
    };
    match (is_empty, &request.migrations) {
        (true, None) => look.obstacle = Some(migrate::nothing_to_apply()),
        (true, Some(directory)) if directory.layout != Layout::Bundled => {
            let text = format!("the database is empty; {} would be applied first", directory.told());
            look.obstacle = Some(Error::refused(text).with_hint(
                "apply them with `crm-seed migrate up`, or see with `crm-seed --dry-run` what would be filled then",
            ));
        }
        _ => {}
    }
    if !is_empty {
        look.check(connection, &filled, &request.overrides.exclude).await;
    }
    Ok(look)
}

/// What would be done; an error is no reason to stop, but something to tell.
async fn planned(
    connection: &mut PgConnection,
    request: &Request,
    dataset: &Dataset,
    schema: Schema,
    filled: &Filled,
) -> Result<(Schema, ExistingRows, Result<Plan>)> {
    let there = match request.there(connection, &schema, (filled, &[]), false).await {
        Ok(there) => there,
        Err(error) => return Ok((schema, ExistingRows::new(), Err(error))),
    };
    let dataset =
        crate::run::seed::dataset(dataset.seed, dataset.as_of, &request.scenario, Origin::default())?;
    let (_, schema, there, plan) = planning::plan(dataset, schema, &request.overrides, there).await?;
    Ok((schema, there, plan))
}

impl Snapshot {
    /// Holds the plan to the role's rights, and to the rows that are there.
    async fn check(&mut self, connection: &mut PgConnection, filled: &Filled, excluded: &[String]) {
        let Ok(plan) = &self.plan else { return };
        self.lacks = safety::check_rights(plan, &self.schema, false).err();
        let for_clean = safety::check_rights(plan, &self.schema, true).err();
        self.lacks_for_clean = for_clean.filter(|for_clean| self.lacks.as_ref() != Some(for_clean));
        // Who may not read the tables cannot be told what they hold: the rights are the reason then.
        if self.lacks.is_some() {
            return;
        }
        self.obstacle = ledger::check(&self.schema).err();
        if self.obstacle.is_some() {
            return;
        }
        match safety::occupied(connection, plan).await {
            Ok(occupied) => self.occupied = occupied,
            Err(error) => {
                self.obstacle = Some(error);
                return;
            }
        }
        let excluded = (false, excluded);
        match Clearance::look(connection, plan, &self.schema, filled, excluded).await {
            Ok(clearance) => {
                self.reach = clearance.check_reach().err();
                self.not_ours = clearance.not_ours;
            }
            Err(error) => self.obstacle = Some(error),
        }
    }
}
