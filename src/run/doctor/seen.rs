//! What was seen, summed up. Pure; also the JSON of `crm-seed doctor`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::{Policy, Table};
use crate::domain::TABLES;
use crate::error::Error;
use crate::infer::overrides::{Concession, Overrides};
use crate::infer::recognition::{self, Recognition};
use crate::infer::table_selection::{self, Choice, UNASKED};
use crate::migrate;
use crate::note::Note;
use crate::plan::{Plan, TablePlan};
use crate::report;
use crate::run::doctor::look::Snapshot;
use crate::run::doctor::parts::{
    Choice as TableChoice, Circle, Filled, Reason, Referred, Rls, Role, Server, Trigger, Unfilled, Unread,
};
use crate::run::doctor::trial::Trial;
use crate::run::safety::{self, MissingRights};
use crate::run::seed::clearance::told;
use crate::sink::postgres::triggers;
use crate::sqlexpr;

/// The settings of an inspection.
#[derive(Clone, Debug)]
pub struct InspectionRequest {
    /// Where the database is, without the password.
    pub target: String,
    /// The connection pooler that was detected.
    pub pooler: Option<String>,
    /// What of the database URL is passed by.
    pub notes: Vec<Note>,
    /// Settings of `crm-seed.toml` and the command line.
    pub overrides: Overrides,
    /// Triggers would not fire.
    pub without_triggers: bool,
    /// What of the command line decides the rows: `--seed 42 --scale 10`.
    pub data: String,
}

/// The result of an inspection, as `doctor` prints it.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// Where it is, without the password.
    pub target: String,
    pub server: Server,
    pub role: Role,
    /// Bundled migrations that would be applied first, as the database is empty.
    pub migrations: usize,
    /// The tables that would be filled, parents first.
    pub tables: Vec<Filled>,
    /// Tables whose existing rows are kept and referenced.
    pub referred: Vec<Referred>,
    /// Tables that would not be filled.
    pub unfilled: Vec<Unfilled>,
    /// Tables of the domain that the target lacks.
    pub missing: Vec<String>,
    /// What was decided of tables that might have been something else.
    pub choices: Vec<TableChoice>,
    /// Written columns, by where their values come from; `left`: those that are not written.
    pub columns: BTreeMap<&'static str, usize>,
    pub rls: Rls,
    /// Triggers that fire, when rows are inserted.
    pub triggers: Vec<Trigger>,
    /// Foreign keys in a circle.
    pub circles: Vec<Circle>,
    /// CHECK constraints that are not read.
    pub unread: Vec<Unread>,
    /// Tables that would be filled and hold rows.
    pub occupied: Vec<String>,
    /// Those rows are recorded as crm-seed's own, or there are none.
    pub recorded: bool,
    /// Those of them that are not, by table and number.
    pub not_ours: String,
    /// Further notes.
    pub notes: Vec<Note>,
    /// What came of loading the rows and rolling them back.
    pub trial: Option<String>,
    /// What prevents seeding.
    pub reasons: Vec<Reason>,
    /// Nothing prevents seeding.
    pub ready: bool,
    /// Rows that would be made.
    pub rows: u64,
    /// The command that loads the rows; null if not ready.
    pub command: Option<String>,
}

impl Reason {
    fn of(error: &Error, clean: bool) -> Self {
        Self {
            why: format!("{error:#}"),
            hint: error.hint().map(str::to_owned),
            sqlstate: error.sqlstate().map(str::to_owned),
            clean,
            rights: None,
        }
    }

    fn of_rights(missing: &MissingRights, clean: bool) -> Self {
        Self { rights: Some(missing.clone()), ..Self::of(&missing.clone().into(), clean) }
    }

    fn of_role(why: String, hint: &str) -> Self {
        Self::of(&Error::failed(why).with_hint(hint), false)
    }
}

impl Inspection {
    /// Builds the report from what was read.
    pub fn new(look: &Snapshot, asked: InspectionRequest) -> Self {
        let plan = look.plan.as_ref().ok();
        let recognized = recognized(look, &asked.overrides);
        let (recognition, choice) = recognized.as_ref().map_or((None, None), |(r, c)| (Some(r), Some(c)));
        let rls = rls(look, plan);
        let reasons = reasons(look, &rls);
        let triggers = match plan {
            Some(plan) if !asked.without_triggers => fires(plan, look),
            _ => Vec::new(),
        };
        let mut seen = Self {
            server: server(look, asked.pooler),
            role: role(look, plan),
            migrations: if look.is_empty && look.obstacle.is_none() {
                migrate::bundled().migrations.len()
            } else {
                0
            },
            tables: filled(look, plan, choice),
            referred: referred(look, choice),
            unfilled: unfilled(look, plan, choice),
            missing: recognition.filter(|_| !look.is_empty).map(missing).unwrap_or_default(),
            choices: recognition.filter(|_| !look.is_empty).map(|r| choices(look, r)).unwrap_or_default(),
            columns: plan.map(kinds).unwrap_or_default(),
            rls,
            triggers,
            circles: plan.map(circles).unwrap_or_default(),
            unread: plan.map(|plan| unread(look, plan)).unwrap_or_default(),
            occupied: look.occupied.clone(),
            recorded: look.not_ours.is_empty(),
            not_ours: told(&look.not_ours),
            notes: asked.notes,
            trial: None,
            ready: false,
            rows: plan.map_or(0, Plan::rows),
            command: None,
            target: asked.target,
            reasons,
        };
        let left = seen.tables.iter().map(|table| table.left.len()).sum();
        seen.columns.insert("left", left);
        seen.command = seen.what_makes_them(&asked.data);
        seen.ready = seen.command.is_some();
        seen
    }

    /// With what came of loading the rows.
    #[must_use]
    pub fn tried(mut self, trial: Trial) -> Self {
        self.trial = match trial {
            Trial::Done(rows, gave_way) => {
                self.notes.extend(gave_way.iter().map(Concession::note));
                Some(format!("{} loaded and rolled back", report::rows(rows)))
            }
            Trial::Not(why) => Some(format!("no rows were loaded: {why}")),
            Trial::Failed(error) => {
                self.reasons.push(Reason::of(&error, false));
                (self.command, self.ready) = (None, false);
                None
            }
        };
        self
    }

    /// The command that loads the rows, if ready.
    fn what_makes_them(&self, data: &str) -> Option<String> {
        if self.reasons.iter().any(|reason| !reason.clean) {
            return None;
        }
        let is_clean = self.reasons.is_empty();
        // Into empty tables rows get without --clean.
        if !is_clean && !self.occupied.is_empty() {
            return None;
        }
        let clean = if is_clean { " --clean" } else { "" };
        let yes = if is_clean && !self.recorded { " --yes" } else { "" };
        Some(format!("crm-seed{clean}{yes} {data}"))
    }

    /// The report as `doctor --json` prints it; see `docs/json.md`.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn server(look: &Snapshot, pooler: Option<String>) -> Server {
    let server = &look.schema.server;
    Server {
        version: server.version.clone(),
        database: server.database.clone(),
        in_recovery: server.in_recovery,
        read_only: server.read_only,
        tls: look.session.tls,
        tls_version: look.session.tls_version.clone(),
        pooler,
    }
}

fn role(look: &Snapshot, plan: Option<&Plan>) -> Role {
    let server = &look.schema.server;
    let tables = plan.into_iter().flat_map(|plan| &plan.tables);
    Role {
        name: server.role.clone(),
        superuser: server.superuser,
        bypass_rls: server.bypass_rls,
        owns: tables.filter_map(|table| of_target(look, table)).filter(|table| table.owned).count(),
    }
}

/// Which tables are meant, whether a plan can be made or not.
fn recognized(look: &Snapshot, overrides: &Overrides) -> Option<(Recognition, Choice)> {
    let recognition = recognition::recognize(&look.schema, overrides).ok()?;
    let choice = table_selection::choose(&look.schema, overrides, &look.there, &recognition).ok()?;
    Some((recognition, choice))
}

/// A planned table as the catalog has it.
fn of_target<'a>(look: &'a Snapshot, table: &TablePlan) -> Option<&'a Table> {
    let oid = table.target.as_ref()?.oid;
    look.schema.tables.iter().find(|table| table.oid == oid)
}

fn filled(look: &Snapshot, plan: Option<&Plan>, choice: Option<&Choice>) -> Vec<Filled> {
    if let Some(plan) = plan {
        return plan.tables.iter().map(|table| filled_by_plan(look, table)).collect();
    }
    let chosen = choice.into_iter().flat_map(|choice| &choice.chosen).filter(|chosen| !chosen.is_there);
    let recognized = chosen.map(|chosen| {
        let table = &look.schema.tables[chosen.at];
        Filled {
            target: table.qualified(),
            is: chosen.domain.map(|(domain, _)| TABLES[domain].info().name.to_owned()),
            why: chosen.why.clone(),
            rows: None,
            columns: 0,
            of: table.columns.len(),
            left: Vec::new(),
            lacks: Vec::new(),
        }
    });
    recognized.collect()
}

fn filled_by_plan(look: &Snapshot, table: &TablePlan) -> Filled {
    let target = of_target(look, table);
    let has = |name: &str| target.is_some_and(|target| target.columns.iter().any(|c| c.name == name));
    let (left, lacks): (Vec<_>, Vec<_>) = table.left_out.iter().partition(|left| has(&left.column));
    let is_generated = |name: &str| {
        target.is_some_and(|target| target.columns.iter().any(|c| c.name == name && c.generated))
    };
    Filled {
        target: table.header.table.clone(),
        is: table.is_domain().then(|| table.name().to_owned()),
        why: if table.is_domain() { format!("recognised as {}", table.name()) } else { table.why.clone() },
        rows: Some(table.all_rows()),
        columns: table.columns.len(),
        of: target.map_or(table.columns.len(), |target| target.columns.len()),
        left: left
            .into_iter()
            .filter(|left| !is_generated(&left.column))
            .map(|left| (left.column.clone(), left.why.clone()))
            .collect(),
        lacks: lacks.into_iter().map(|lack| lack.column.clone()).collect(),
    }
}

fn referred(look: &Snapshot, choice: Option<&Choice>) -> Vec<Referred> {
    let chosen = choice.into_iter().flat_map(|choice| &choice.chosen).filter(|chosen| chosen.is_there);
    chosen
        .map(|chosen| {
            let table = &look.schema.tables[chosen.at];
            let rows = look.there.get(&table.oid).map_or(0, |there| there.rows.len());
            Referred { target: table.qualified(), rows }
        })
        .collect()
}

fn unfilled(look: &Snapshot, plan: Option<&Plan>, choice: Option<&Choice>) -> Vec<Unfilled> {
    let Some(choice) = choice.filter(|_| !look.is_empty) else { return Vec::new() };
    let is_planned = |oid: u32| {
        plan.is_some_and(|plan| plan.tables.iter().any(|t| t.target.as_ref().is_some_and(|t| t.oid == oid)))
    };
    let is_chosen = |oid: u32| choice.chosen.iter().any(|chosen| look.schema.tables[chosen.at].oid == oid);
    let others = look.schema.tables.iter().filter(|table| {
        table.is_fillable()
            && table.schema != crate::catalog::LEDGER
            && table.name != migrate::HISTORY
            && !is_planned(table.oid)
            && !is_chosen(table.oid)
    });
    let why = |name: &str| choice.refused.iter().find(|refused| refused.table == name);
    others
        .map(|table| {
            let target = table.qualified();
            let refused = why(&target);
            let why = refused.map_or(UNASKED, |refused| &refused.why).to_owned();
            Unfilled { target, why, is_unasked: refused.is_none() }
        })
        .collect()
}

fn missing(recognition: &Recognition) -> Vec<String> {
    let lacking = recognition.roles.iter().zip(TABLES.iter()).filter(|(found, _)| found.is_none());
    lacking.map(|(_, table)| table.info().name.to_owned()).collect()
}

fn choices(look: &Snapshot, recognition: &Recognition) -> Vec<TableChoice> {
    let found = recognition::decisions(&look.schema, &recognition.choices, &recognition.tenants);
    let told = found.into_iter();
    told.map(|decision| TableChoice {
        what: decision.text,
        setting: decision.setting,
        close: decision.is_close,
        tenant: decision.is_tenant,
    })
    .collect()
}

fn kinds(plan: &Plan) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for column in plan.tables.iter().flat_map(|table| &table.columns) {
        *kinds.entry(column.source.kind()).or_default() += 1;
    }
    kinds
}

/// Policies that decide whether the role may insert.
fn for_insert(table: &Table) -> impl Iterator<Item = &Policy> {
    table.policies.iter().filter(|policy| policy.applies && matches!(policy.command, '*' | 'a'))
}

fn rls(look: &Snapshot, plan: Option<&Plan>) -> Rls {
    let tables = plan.into_iter().flat_map(|plan| &plan.tables);
    let tables = tables.filter_map(|table| of_target(look, table));
    let applies = tables.filter(|table| table.rls_applies(&look.schema.server));
    let tables: BTreeMap<String, Vec<String>> = applies
        .map(|table| (table.qualified(), for_insert(table).map(|policy| policy.name.clone()).collect()))
        .collect();
    Rls { method: if tables.is_empty() { "copy" } else { "insert" }, tables }
}

fn fires(plan: &Plan, look: &Snapshot) -> Vec<Trigger> {
    let effects = triggers::effects(plan, &look.schema).into_iter();
    effects
        .map(|effect| Trigger {
            unstable: effect.is_unstable && effect.writes(),
            table: effect.table,
            name: effect.trigger,
            function: effect.function,
            changes: effect.changes,
            adds_to: effect.adds_to,
            touches: effect.touches,
            opaque: effect.is_opaque,
        })
        .collect()
}

fn circles(plan: &Plan) -> Vec<Circle> {
    let late = plan.deferred.iter().map(|table| Circle {
        table: table.header.table.clone(),
        late: table.header.columns.iter().filter(|column| !table.key().contains(column)).cloned().collect(),
        made_deferrable: None,
    });
    let made_deferrable = plan.made_deferrable.iter().map(|(table, name)| Circle {
        table: table.clone(),
        late: Vec::new(),
        made_deferrable: Some(name.clone()),
    });
    late.chain(made_deferrable).collect()
}

fn unread(look: &Snapshot, plan: &Plan) -> Vec<Unread> {
    let tables = plan.tables.iter().filter_map(|table| of_target(look, table));
    let checks = tables.flat_map(|table| table.checks.iter().map(move |check| (table, check)));
    let unread = checks.filter_map(|(table, check)| {
        let why = sqlexpr::read(&check.definition).err()?;
        Some(Unread {
            table: table.qualified(),
            name: check.name.clone(),
            definition: check.definition.clone(),
            why,
        })
    });
    unread.collect()
}

fn reasons(look: &Snapshot, rls: &Rls) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let writable = safety::check_writable(&look.schema).err();
    reasons.extend(writable.iter().map(|error| Reason::of(error, false)));
    match &look.plan {
        Ok(plan) => reasons.extend(plan.troubles.iter().map(|trouble| Reason::of(trouble, false))),
        Err(error) => reasons.push(Reason::of(error, false)),
    }
    if look.is_empty && !look.session.may_create {
        let schema = look.session.schema.as_deref().unwrap_or("public");
        reasons.push(Reason::of_role(
            format!("role {} cannot create tables in schema {schema}", look.schema.server.role),
            "grant it CREATE on the schema, or connect as another role",
        ));
    }
    reasons.extend(look.lacks.iter().map(|missing| Reason::of_rights(missing, false)));
    reasons.extend(look.obstacle.iter().map(|error| Reason::of(error, false)));
    let barred: Vec<&str> = rls
        .tables
        .iter()
        .filter(|(table, _)| is_barred(look, table))
        .map(|(table, _)| table.as_str())
        .collect();
    if !barred.is_empty() {
        reasons.push(Reason::of_role(
            format!("row-level security allows the role to insert no rows into {}", barred.join(", ")),
            "connect as a role that owns the tables or has BYPASSRLS, or leave the tables out with \
             --exclude",
        ));
    }
    reasons.extend(look.lacks_for_clean.iter().map(|missing| Reason::of_rights(missing, true)));
    reasons.extend(look.reach.iter().map(|error| Reason::of(error, true)));
    reasons
}

/// No policy lets the role insert.
fn is_barred(look: &Snapshot, name: &str) -> bool {
    let table = look.schema.tables.iter().find(|table| table.qualified() == name);
    table.is_some_and(|table| !for_insert(table).any(|policy| policy.permissive))
}
