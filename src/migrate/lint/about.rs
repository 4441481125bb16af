//! What a rule says of itself.

use crate::migrate::lint::finding::Level;

/// A rule's texts. Examples hold one file, or several, each behind a line `-- YYYYMMDDHHMMSS_name.sql`.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name in findings, `lint:ignore` and crm-seed.toml.
    pub id: &'static str,
    pub level: Level,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Why that is bad.
    pub why: &'static str,
    /// What to do.
    pub mend: &'static str,
    /// SQL in which it finds something.
    pub bad: &'static str,
    /// The same purpose, in SQL in which it finds nothing.
    pub good: &'static str,
    /// Whether it is asked about rollbacks too.
    pub in_rollbacks: bool,
}
