//! What a validation found.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It may be meant so.
    Warning,
    /// The database is not what its migrations say.
    Error,
}

/// Something that is wrong with an object of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check that found it: `constraint-not-valid`.
    pub check: &'static str,
    pub level: Level,
    /// The object, with its schema, and its table where it is not a table itself.
    pub object: String,
    /// What is wrong with it.
    pub what: String,
    /// The SQL that mends it.
    pub fix: String,
}

/// What could not be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    pub check: &'static str,
    pub object: String,
    pub why: String,
}

/// All that was found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub skipped: Vec<Skipped>,
    /// Foreign keys and other references whose rows were looked at.
    pub references: usize,
}

impl Report {
    /// How many findings are as bad as this.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }
}
