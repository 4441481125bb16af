//! Triggers of the target: what they may do to the rows is said beforehand, what they did is put right.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use crate::catalog::defaults::reads_clock_or_chance;
use crate::catalog::{Schema, Table, Trigger};
use crate::db::query::{error, execute, fetch, is_in_function};
use crate::error::{Error, Result};
use crate::note::{Note, NoteKind};
use crate::plan::{Plan, TablePlan};
use crate::report::TableReport;
use crate::sink::postgres::written::{self, Written};
use crate::sql::quote_literal;

/// What a trigger may do to what is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    pub table: String,
    pub trigger: String,
    /// The function that it calls.
    pub function: String,
    /// It may change the rows that are inserted.
    pub changes: bool,
    /// Tables into which it may put rows.
    pub adds_to: Vec<String>,
    /// Tables of which it may change or delete rows.
    pub touches: Vec<String>,
    /// It does more than its text shows: it calls functions, or runs SQL that it puts together.
    pub is_opaque: bool,
    /// It reads the clock, or makes random values.
    pub is_unstable: bool,
}

/// What the triggers on the planned tables may do.
pub fn effects(plan: &Plan, schema: &Schema) -> Vec<Effect> {
    let mut effects = Vec::new();
    for planned in &plan.tables {
        let Some(table) = target(planned, schema) else { continue };
        for trigger in table.triggers.iter().filter(|trigger| trigger.is_on_insert()) {
            effects.push(effect(table, trigger, schema));
        }
    }
    effects
}

fn target<'a>(planned: &TablePlan, schema: &'a Schema) -> Option<&'a Table> {
    let oid = planned.target.as_ref()?.oid;
    schema.tables.iter().find(|table| table.oid == oid)
}

fn effect(table: &Table, trigger: &Trigger, schema: &Schema) -> Effect {
    let source = trigger.source.to_lowercase();
    let words: Vec<&str> =
        source.split(|c: char| c.is_whitespace() || "(),;\"".contains(c)).filter(|w| !w.is_empty()).collect();
    let inserted: Vec<&str> =
        words.windows(3).filter(|w| w[0] == "insert" && w[1] == "into").map(|w| w[2]).collect();
    // `on conflict do update set` and `for update` name no table.
    let touched: Vec<&str> = words
        .windows(3)
        .filter_map(|w| match w {
            ["update", "only", name] | ["delete", "from", name] => Some(*name),
            ["update", name, _] if !matches!(*name, "set" | "of" | "on" | "only") => Some(*name),
            _ => None,
        })
        .collect();
    let named = |list: &[&str]| -> Vec<String> {
        let is_it = |table: &&Table| {
            let (schema, name) = (table.schema.to_lowercase(), table.name.to_lowercase());
            list.iter().any(|word| *word == name || *word == format!("{schema}.{name}"))
        };
        schema.tables.iter().filter(is_it).map(Table::qualified).collect()
    };
    Effect {
        table: table.qualified(),
        trigger: trigger.name.clone(),
        function: trigger.function.clone(),
        changes: trigger.is_before_row()
            && (source.contains("new.") && source.contains(":=")
                || source.contains("new.") && source.contains(" = ")
                || source.contains("return null")),
        adds_to: named(&inserted),
        touches: named(&touched),
        is_opaque: words.iter().any(|word| matches!(*word, "execute" | "perform" | "call")),
        is_unstable: reads_clock_or_chance(&source),
    }
}

impl Effect {
    /// It may write something.
    pub const fn writes(&self) -> bool {
        self.changes || !self.adds_to.is_empty() || !self.touches.is_empty() || self.is_opaque
    }

    /// The note about it.
    pub fn note(&self) -> Note {
        let mut does = Vec::new();
        if self.changes {
            does.push("may change rows".to_owned());
        }
        if !self.adds_to.is_empty() {
            does.push(format!("may add rows to {}", self.adds_to.join(", ")));
        }
        if !self.touches.is_empty() {
            does.push(format!("may change or delete rows of {}", self.touches.join(", ")));
        }
        if self.is_opaque {
            does.push("may have effects that its source does not show".into());
        }
        if does.is_empty() {
            does.push("fires".into());
        }
        let unstable = match self.is_unstable && self.writes() {
            true => "; it uses the clock or random values, so what it writes differs from run to run",
            false => "",
        };
        let text = format!(
            "trigger {} of {} {} ({}){unstable}",
            self.trigger,
            self.table,
            does.join(" and "),
            self.function
        );
        Note::new(NoteKind::Trigger, text).about(&self.table)
    }
}

/// Removes what triggers put into a table of ours before its turn: it is made with values and keys of its own. `before` is
/// what the transaction had written before the load, to tables by their oids.
///
/// # Errors
/// Refused, where a trigger has deleted rows of a table that is not planned: those may be what it put there. Whatever
/// the server says.
pub async fn clear(
    connection: &mut PgConnection,
    plan: &Plan,
    table: &TablePlan,
    before: &BTreeMap<u32, Written>,
) -> Result<()> {
    let moved = written::since(connection, before).await?;
    let others = |oid: &u32, written: &Written| written.deleted > 0 && !plan.oids().contains(oid);
    if moved.iter().any(|(oid, written)| others(oid, written)) && holds_rows(connection, table).await? {
        return Err(Error::refused(format!(
            "a trigger deletes rows of another table and adds rows to {}, which may not be crm-seed's",
            table.header.table
        ))
        .with_hint("disable triggers with --triggers off, or leave the table out with --exclude"));
    }
    execute(connection, &format!("DELETE FROM {}", table.header.table)).await.map_err(|error| {
        error.context(format!("removing rows that triggers added to {}", table.header.table))
    })
}

async fn holds_rows(connection: &mut PgConnection, table: &TablePlan) -> Result<bool> {
    let rows = fetch(connection, &format!("SELECT EXISTS (SELECT FROM {})", table.header.table)).await?;
    rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(error))
}

/// Enables or disables triggers and foreign-key checks until the transaction ends.
///
/// # Errors
/// The role may not set `session_replication_role`.
pub async fn switch(connection: &mut PgConnection, on: bool) -> Result<()> {
    let role = if on { "origin" } else { "replica" };
    execute(connection, &format!("SET LOCAL session_replication_role = {role}")).await.map_err(|error| {
        Error::refused("cannot disable triggers")
            .with_source(error)
            .with_hint("connect as a superuser or as a role that may set session_replication_role")
    })
}

/// Tells of tables that hold other numbers of rows than were written, as triggers added or suppressed some, and puts
/// the numbers that they hold into `reports`, one for each planned table.
pub async fn count(
    connection: &mut PgConnection,
    plan: &Plan,
    reports: &mut [TableReport],
) -> Result<Vec<Note>> {
    let counts: Vec<String> = plan
        .emptied()
        .map(|table| {
            format!("SELECT {}, count(*) FROM {}", quote_literal(&table.header.table), table.header.table)
        })
        .collect();
    let rows = fetch(connection, &counts.join(" UNION ALL ")).await?;
    let mut notes = Vec::new();
    for row in &rows {
        let name: String = row.try_get(0).map_err(error)?;
        let there: i64 = row.try_get(1).map_err(error)?;
        let of_name = |(table, _): &(&TablePlan, _)| table.header.table == name;
        let Some((table, report)) = plan.tables.iter().zip(reports.iter_mut()).find(of_name) else {
            continue;
        };
        let made = table.all_rows() as i64;
        report.rows = there.unsigned_abs();
        let text = match there - made {
            0 => continue,
            more @ 1.. => format!("triggers added {more} rows to {name}"),
            less => format!("triggers suppressed {} rows of {name}", -less),
        };
        notes.push(Note::new(NoteKind::RowCountDiffers, text).about(name));
    }
    Ok(notes)
}

/// SQLSTATE of a row that breaks a CHECK constraint.
const CHECK_VIOLATION: &str = "23514";
/// SQLSTATE of a lack of rights, row-level security among them.
const INSUFFICIENT_PRIVILEGE: &str = "42501";
/// The server's own function that holds rows to policies: it tells them from rights, as no other field does.
const HOLDS_TO_POLICIES: &str = "ExecWithCheckOptions";

/// An error of loading a table, with what the catalog tells of its cause.
pub fn explain(failure: Error, table: &str, schema: &Schema) -> Error {
    let known = schema.tables.iter().find(|other| other.qualified() == table);
    let Some(server) = failure.server().cloned() else { return failure };
    let broken = server.constraint.as_ref().filter(|_| server.sqlstate == CHECK_VIOLATION);
    if let Some(name) = broken
        && let Some(check) = known.and_then(|table| table.checks.iter().find(|check| check.name == *name))
    {
        return failure.reworded(|message| format!("{message} [{}]", check.definition)).with_hint(
            "set the values of its columns in crm-seed.toml, or leave the table out with --exclude",
        );
    }
    if server.sqlstate == INSUFFICIENT_PRIVILEGE && server.routine.as_deref() == Some(HOLDS_TO_POLICIES) {
        let policies: Vec<String> = known
            .into_iter()
            .flat_map(|table| &table.policies)
            .filter(|policy| policy.applies && matches!(policy.command, '*' | 'a'))
            .map(|policy| format!("{} ({})", policy.name, policy.check.as_deref().unwrap_or("no condition")))
            .collect();
        let told = match policies.is_empty() {
            true => "no policy allows the role to insert".to_owned(),
            false => format!("policies that apply to the role: {}", policies.join(", ")),
        };
        return failure.reworded(|message| format!("{message}: {told}")).with_hint(
            "connect as a role that owns the tables or has BYPASSRLS, or leave the table out with --exclude",
        );
    }
    let Some(context) = &server.context else { return failure };
    let fails = |trigger: &&Trigger| is_in_function(context, &trigger.function);
    if let Some(known) = known
        && let Some(trigger) = known.triggers.iter().find(fails)
    {
        return failure
            .reworded(|message| format!("{message}: trigger {} of {table} failed", trigger.name))
            .with_hint(format!(
                "leave the table out with --exclude {}, or disable triggers with --triggers off",
                known.name
            ));
    }
    failure
}
