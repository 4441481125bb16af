//! A file of findings that are known and not told, so that an old project starts clean.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::migrate::lint::finding::{Finding, Key};
use crate::{text_file, whole_file};

/// The form of the file.
const VERSION: u32 = 1;

/// The findings of a baseline.
pub struct Baseline(BTreeSet<Entry>);

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    migration: String,
    rule: String,
    fingerprint: String,
}

impl Entry {
    fn of(finding: &Finding) -> Self {
        let Key { migration, fingerprint } = finding.key.clone();
        Self { migration, rule: finding.rule.to_owned(), fingerprint }
    }
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// It cannot be read, or is no baseline: with its location.
    pub fn read(path: &Path) -> Result<Self> {
        let at = path.display();
        let text = text_file::text(path, text_file::MOST_BYTES)
            .map_err(|why| Error::usage(format!("cannot read the baseline {at}")).with_source(why))?;
        let fault = |what: String| Error::usage(what).with_hint("write it anew with --write-baseline");
        let document: Document = serde_json::from_str(&text).map_err(|error| {
            fault(format!("{at}:{}:{}: not a baseline: {error}", error.line(), error.column()))
        })?;
        match document.version {
            VERSION => Ok(Self(document.findings.into_iter().collect())),
            other => Err(fault(format!("{at}: version {other} of baselines is not known (only {VERSION})"))),
        }
    }

    /// Whether it knows a finding.
    pub fn has(&self, finding: &Finding) -> bool {
        self.0.contains(&Entry::of(finding))
    }
}

/// Writes the findings that are there now, sorted, so that its changes can be reviewed.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, findings: &[Finding]) -> Result<usize> {
    let entries: BTreeSet<Entry> = findings.iter().map(Entry::of).collect();
    let document = Document { version: VERSION, findings: entries.into_iter().collect() };
    let text =
        serde_json::to_string_pretty(&document).map_err(|error| Error::failed(error.to_string()))? + "\n";
    whole_file::replace(path, text.as_bytes())?;
    Ok(document.findings.len())
}
