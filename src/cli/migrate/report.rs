//! What `up`, `down`, `to` and `redo` did, or would do.

use serde_json::{Value, json};

use crate::error::Result;
use crate::migrate::{Pending, Rollback};
use crate::terminal;

/// What was done, in the order in which it was.
#[derive(Debug, Default)]
pub struct MigrateReport {
    applied: Vec<Applied>,
    rolled_back: Vec<RolledBack>,
    is_dry: bool,
    target: String,
    /// What is told where there was nothing to do.
    nothing: &'static str,
}

#[derive(Debug)]
struct Applied {
    name: String,
    statements: usize,
    in_transaction: bool,
}

#[derive(Debug)]
struct RolledBack {
    name: String,
    /// What is deleted, as far as it was tried; empty where it is nothing.
    losses: String,
}

/// How it is told.
#[derive(Clone, Debug, clap::Args)]
pub struct ReportArgs {
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// What the commands share that change the schema.
#[derive(Clone, Debug, clap::Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    pub report: ReportArgs,
    /// Run also within the quiet_hours of crm-seed.toml
    #[arg(long)]
    pub during_quiet_hours: bool,
}

impl MigrateReport {
    /// Of migrations that were, or would be, applied.
    pub fn up(pending: &[Pending<'_>], is_dry: bool, target: &str) -> Self {
        let applied = pending.iter().map(|pending| Applied {
            name: pending.script.name.to_owned(),
            statements: pending.script.statements.len(),
            in_transaction: pending.script.in_transaction,
        });
        let (applied, target) = (applied.collect(), target.to_owned());
        Self { applied, is_dry, target, nothing: "0 applied", ..Self::default() }
    }

    /// Of migrations that were, or would be, rolled back.
    pub fn down(rollback: &Rollback, is_dry: bool, target: &str) -> Self {
        let rolled_back = rollback.steps().map(|(name, losses)| RolledBack {
            name: name.to_owned(),
            losses: if losses.is_empty() { String::new() } else { losses.to_string() },
        });
        let (rolled_back, target) = (rolled_back.collect(), target.to_owned());
        Self { rolled_back, is_dry, target, nothing: "0 rolled back", ..Self::default() }
    }

    /// Names of what was rolled back, newest first.
    pub fn rolled_back(&self) -> Vec<String> {
        self.rolled_back.iter().map(|step| step.name.clone()).collect()
    }

    /// With what came after it.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.applied.extend(other.applied);
        self.rolled_back.extend(other.rolled_back);
        self
    }

    /// Tells it.
    ///
    /// # Errors
    /// Nobody reads it.
    pub fn print(&self, args: &ReportArgs) -> Result<()> {
        match args.json {
            true => terminal::print_data(&format!("{:#}\n", self.json())),
            false => terminal::print(&self.text()),
        }
    }

    fn json(&self) -> Value {
        let applied: Vec<Value> = self
            .applied
            .iter()
            .map(|file| {
                json!({ "name": file.name, "statements": file.statements, "in_transaction": file.in_transaction })
            })
            .collect();
        let rolled_back: Vec<Value> = self
            .rolled_back
            .iter()
            .map(|step| json!({ "name": step.name, "deletes": step.losses }))
            .collect();
        json!({ "dry_run": self.is_dry, "rolled_back": rolled_back, "applied": applied, "target": self.target })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        if self.is_dry {
            for step in &self.rolled_back {
                let losses = match step.losses.as_str() {
                    "" => String::new(),
                    losses => format!(": deletes {losses}"),
                };
                text.push_str(&format!("would roll back {}{losses}\n", step.name));
            }
            for file in &self.applied {
                let Applied { name, statements, in_transaction } = file;
                let s = if *statements == 1 { "" } else { "s" };
                let how = if *in_transaction { "one transaction" } else { "no transaction" };
                text.push_str(&format!("would apply {name} ({statements} statement{s}, {how})\n"));
            }
        }
        let would = if self.is_dry { "to be " } else { "" };
        let counts = [(self.rolled_back.len(), "rolled back"), (self.applied.len(), "applied")];
        let told = |(count, what): &(usize, &str)| format!("{count} {would}{what}");
        let mut counts: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(told).collect();
        if counts.is_empty() {
            counts.push(self.nothing.to_owned());
        }
        text + &format!("{}, in {}\n", counts.join(", "), self.target)
    }
}
