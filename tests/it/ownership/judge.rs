//! Whether what a command did was right.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::commands::{Command, Kind};
use crate::harness::{Outcome, State};

/// A table of another schema that a command may include.
pub const ELSEWHERE: &str = "billing.tasks";

/// A command that is done, with what was there before and is after.
pub struct Judgement<'a> {
    /// What was asked.
    pub command: &'a Command,
    /// The schema that it is about.
    pub schema: &'static str,
    /// What tables are called by now.
    pub renamed: &'a BTreeMap<(usize, String), String>,
    /// What was there.
    pub before: &'a State,
    /// What is there.
    pub after: &'a State,
    /// How it ended.
    pub outcome: &'a Outcome,
}

impl Judgement<'_> {
    /// All that must hold of any command.
    ///
    /// # Errors
    /// What does not.
    pub fn pass(&self) -> Result<(), String> {
        let code = self.outcome.status.code();
        if self.outcome.stderr.contains("panicked") || !matches!(code, Some(0 | 1 | 3)) {
            return Err(format!("{:?}: {}", self.outcome.status, self.outcome.stderr));
        }
        if code != Some(0) || self.command.kind == Kind::DryRun {
            let difference = self.before.difference(self.after);
            return difference.map_or(Ok(()), |what| Err(format!("exit {code:?}, and yet {what}")));
        }
        self.kept_rows()?;
        self.kept_tables()?;
        self.counts()
    }

    /// `--clean` of nothing but recorded rows asks nothing.
    ///
    /// # Errors
    /// It did.
    pub fn went_unasked(&self) -> Result<(), String> {
        match self.outcome.status.code() {
            Some(0) => Ok(()),
            code => Err(format!(
                "all rows are crm-seed's, and it ends with {code:?}: {}",
                self.outcome.stderr.lines().next().unwrap_or_default()
            )),
        }
    }

    /// Whether it wrote anything.
    pub fn has_changed(&self) -> bool {
        self.outcome.status.success() && !self.before.changed(self.after).is_empty()
    }

    /// The rows of the app are there, but those of which a flag said that they may go.
    fn kept_rows(&self) -> Result<(), String> {
        let may_go = self.may_go();
        let lost = self.before.lost(self.after);
        let lost: Vec<String> = lost
            .iter()
            .filter(|marked| !may_go.contains(&marked.table))
            .map(|marked| format!("{} of {}", marked.mark, marked.table))
            .collect();
        match lost.len() {
            0 => Ok(()),
            rows => Err(format!("{rows} rows of the app are lost or changed: {}", lost.join(", "))),
        }
    }

    /// The tables of which rows of the app may go.
    fn may_go(&self) -> BTreeSet<String> {
        let mut tables = BTreeSet::new();
        if self.command.has_yes && matches!(self.command.kind, Kind::Clean | Kind::IfChanged) {
            tables.extend(self.filled());
        }
        if self.command.has_cascade {
            let named = |table: &&String| self.told().contains(bare(table, self.schema));
            tables.extend(self.before.tables.keys().filter(named).cloned());
        }
        // Whoever says yes to taking a scenario out means the rows that are called as its own.
        if self.command.has_yes && matches!(self.command.kind, Kind::Unload | Kind::Load) {
            let of_schema = |table: &&String| table.starts_with(&format!("{}.", self.schema));
            tables.extend(self.before.tables.keys().filter(of_schema).cloned());
        }
        tables
    }

    /// What it says that `--cascade` emptied.
    fn told(&self) -> String {
        let report = self.report();
        let notes = report["notes"].as_array().cloned().unwrap_or_default();
        let notes = notes.iter().filter(|note| note["kind"] == "rows_deleted");
        let texts = notes.filter_map(|note| note["text"].as_str()).filter(|text| text.contains("--cascade"));
        texts.collect::<Vec<_>>().join("\n")
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.outcome.stdout).unwrap_or_default()
    }

    /// The tables that its report says were filled, as `schema.table`.
    fn filled(&self) -> BTreeSet<String> {
        let report = self.report();
        let tables = report["tables"].as_array().cloned().unwrap_or_default();
        let qualify = |name: &str| {
            let renamed = self.renamed.get(&(self.command.at, name.to_owned()));
            let name = renamed.map_or(name, String::as_str);
            if name.contains('.') { name.to_owned() } else { format!("{}.{name}", self.schema) }
        };
        let mut filled: BTreeSet<String> =
            tables.iter().filter_map(|table| table["name"].as_str()).map(qualify).collect();
        // In the report it bears the name of ours.
        if !filled.is_empty() && self.command.line.contains(ELSEWHERE) {
            filled.insert(ELSEWHERE.to_owned());
        }
        filled
    }

    /// What it does not fill is as it was: other schemas, tables left out, tables that nobody recognises. Only a
    /// trigger adds to its log.
    fn kept_tables(&self) -> Result<(), String> {
        let filled = self.filled();
        let (told, own) = (self.told(), format!("{}.", self.schema));
        let may_change = |table: &String| {
            let is_cleared = self.command.has_cascade && told.contains(bare(table, self.schema));
            let is_unloaded = self.command.kind == Kind::Unload && table.starts_with(&own);
            table.starts_with("crm_seed.") || filled.contains(table) || is_cleared || is_unloaded
        };
        for table in self.before.changed(self.after) {
            let (before, after) = (self.before.rows(&table), self.after.rows(&table));
            let is_log = table == format!("{}.audit_log", self.schema) && after >= before;
            if !may_change(&table) && !is_log {
                return Err(format!("{table}, which it does not fill, had {before} rows and has {after}"));
            }
        }
        Ok(())
    }

    /// Counts that were in order are, those of the tables that it filled are in any case, and adding lowers none.
    fn counts(&self) -> Result<(), String> {
        let fills = !matches!(self.command.kind, Kind::Load | Kind::Unload) && self.has_changed();
        let filled = if fills { self.filled() } else { BTreeSet::new() };
        for (table, after) in &self.after.sequences {
            let Some(before) = self.before.sequences.get(table) else { continue };
            let must = !before.is_behind() || filled.contains(table);
            if must && after.is_behind() {
                return Err(format!(
                    "the count of {table} stands at {}, and there is a row {}",
                    after.next, after.highest
                ));
            }
            let only_adds = !matches!(self.command.kind, Kind::Clean | Kind::IfChanged);
            if only_adds && after.next < before.next {
                return Err(format!("the count of {table} fell from {} to {}", before.next, after.next));
            }
        }
        Ok(())
    }
}

/// A table as it is called where `schema` is first on the search path.
fn bare<'a>(table: &'a str, schema: &str) -> &'a str {
    table.strip_prefix(schema).and_then(|rest| rest.strip_prefix('.')).unwrap_or(table)
}
