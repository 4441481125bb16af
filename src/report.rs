//! What happened: as a table for people, as JSON for machines.

use std::fmt::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::note::Note;
use crate::terminal::name;

/// One run's outcome. Its JSON is a contract: see `docs/json.md`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    pub seed: u64,
    /// The as-of date, `YYYY-MM-DD`.
    pub as_of: String,
    /// Version of the generator: another one may make other bytes.
    pub generator_version: u32,
    /// Name of the scenario; several are joined by `+`.
    pub scenario: String,
    /// Digest of all rows, 128 bits in hex.
    pub digest: String,
    /// Digest of all rows that the filled tables hold, computed in the database; where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest_from_database: Option<String>,
    /// Where they went, without a password.
    pub target: String,
    /// How: `copy`, `insert`, or the format of files.
    pub method: String,
    /// False where `--if-empty` or `--if-changed` found nothing to do.
    pub changed: bool,
    /// Rows over all tables.
    pub rows: u64,
    /// Bytes over all tables, as sent or written.
    pub bytes: u64,
    /// Wall clock, from the first statement to the last: the connection is not in it.
    pub seconds: f64,
    /// Table by table, in the order in which they were filled.
    pub tables: Vec<TableReport>,
    /// Scenarios whose explicit rows are among them.
    pub scenarios: Vec<ScenarioReport>,
    /// What was not done, or done in another way than expected.
    pub notes: Vec<Note>,
    /// The template of which the target is a copy; where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<TemplateReport>,
}

/// A database made from a seeded template.
#[derive(Debug, Serialize, Deserialize)]
pub struct TemplateReport {
    /// Name of the copy.
    pub database: String,
    /// Name of the template.
    pub name: String,
    /// Whether this run made and seeded it: false where it was there.
    pub made: bool,
}

/// The explicit rows of one scenario.
#[derive(Debug, Serialize, Deserialize)]
pub struct ScenarioReport {
    pub name: String,
    /// Its rows, with those that stand beside them.
    pub rows: u64,
}

/// What happened to one table.
#[derive(Debug, Serialize, Deserialize)]
pub struct TableReport {
    /// The CRM table that it is, else its own name.
    pub name: String,
    /// Its name in the database, with the schema and quotes where needed.
    pub target: String,
    /// Rows of it that are there: what triggers added or suppressed is counted.
    pub rows: u64,
    /// Bytes, as sent or written.
    pub bytes: u64,
    /// Elapsed time.
    pub seconds: f64,
    /// Digest of its rows.
    pub digest: String,
}

impl Report {
    /// The report of a run that did something: what was asked (seed, as-of date, generator version,
    /// scenario), what came of it (tables, digest), where it went (target, method), how long it took.
    pub fn new(
        (seed, as_of, generator_version, scenario): (u64, Day, u32, &str),
        (tables, digest): (Vec<TableReport>, String),
        (target, method): (String, String),
        elapsed: Duration,
    ) -> Self {
        Self {
            seed,
            as_of: as_of.to_string(),
            generator_version,
            scenario: scenario.to_owned(),
            digest,
            digest_from_database: None,
            target,
            method,
            changed: true,
            rows: tables.iter().map(|t| t.rows).sum(),
            bytes: tables.iter().map(|t| t.bytes).sum(),
            seconds: elapsed.as_secs_f64(),
            tables,
            scenarios: Vec::new(),
            notes: Vec::new(),
            template: None,
        }
    }

    /// As JSON or for people.
    pub fn print(&self, json: bool, verbose: bool) -> String {
        if json { self.json() + "\n" } else { self.text(verbose) }
    }

    /// The report as one JSON object.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The report as a short table; `verbose` with all notes.
    pub fn text(&self, verbose: bool) -> String {
        let mut out = String::new();
        let names: Vec<String> = self.tables.iter().map(|table| name(&table.target)).collect();
        let width = names.iter().map(|name| name.chars().count()).chain([5]).max().unwrap_or(5);
        let mut line = |name: &str, rows: u64, bytes: u64, seconds: f64| {
            let _ = writeln!(
                out,
                "  {name:width$}  {:>11}  {:>9}  {seconds:>7.2} s",
                thousands(rows),
                size(bytes)
            );
        };
        if self.changed {
            // They are told when the rows are made, not for each copy.
            let is_copy = self.template.as_ref().is_some_and(|template| !template.made);
            for (name, table) in names.iter().zip(&self.tables).filter(|_| !is_copy) {
                line(name, table.rows, table.bytes, table.seconds);
            }
            line("total", self.rows, self.bytes, self.seconds);
        }
        for scenario in &self.scenarios {
            let _ = writeln!(out, "  scenario {}: {}", scenario.name, rows(scenario.rows));
        }
        for note in Note::lines(&self.notes, verbose) {
            let _ = writeln!(out, "  note: {note}");
        }
        if let Some(digest) = &self.digest_from_database {
            let _ = writeln!(out, "  digest from the database {digest}");
        }
        if let Some(TemplateReport { database, name, made }) = &self.template {
            let how = if *made { "made by this run" } else { "already there" };
            let _ = writeln!(out, "  database {database}, copied from {name} ({how})");
        }
        if self.changed {
            let _ = writeln!(out, "  seed {}, as of {}, digest {}", self.seed, self.as_of, self.digest);
            let _ = writeln!(out, "  in {} (by {})", self.target, self.method);
        } else {
            let _ = writeln!(out, "  in {}", self.target);
        }
        out
    }
}

/// `1 row`, `2 rows`.
pub fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", thousands(count)) }
}

/// `1234567` as `1,234,567`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in the largest unit that leaves a number above one.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_sizes_rounded() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_500), "1.5 kB");
        assert_eq!(size(2_000_000_000), "2.00 GB");
    }
}
