//! What was not done, or done in another way than expected: a text for people, and a kind for programs.

use std::fmt;

use serde::Serialize;

/// What a note is about. The names are a contract: see `docs/json.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// `--if-empty`, `--if-changed` or a named scenario found what was asked for.
    NothingToDo,
    /// The database was empty: the bundled migrations were applied.
    SchemaCreated,
    /// Rows that are there stay, and were not made again.
    RowsKept,
    /// Rows went that crm-seed did not make, or that were not named.
    RowsDeleted,
    /// A table is not filled.
    TableSkipped,
    /// Rows are not held to a CHECK constraint beforehand.
    ConstraintUnread,
    /// A trigger fires, and may do this.
    Trigger,
    /// A table holds another number of rows than were written into it.
    RowCountDiffers,
    /// How the rows were written, where that is not the usual way.
    LoadMethod,
    /// Something stands between us and the server.
    Pooler,
    /// A parameter of the database URL means nothing to us.
    UrlParameterIgnored,
    /// A scenario came with another one that extends it.
    ScenarioMerged,
    /// An expectation of a scenario was not asked.
    ExpectationSkipped,
    /// An answer is not as expected, where rows of the app may be the cause.
    ExpectationUnmet,
    /// A materialized view shows what it showed before.
    ViewNotRefreshed,
    /// The planner was not told of the rows.
    NotAnalyzed,
    /// The ledger does not know of the run.
    NotRecorded,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// The one table or view that it is about, as it is called in the text.
    pub table: Option<String>,
    /// For people.
    pub text: String,
}

impl Note {
    /// A note about the run.
    pub fn new(kind: NoteKind, text: impl Into<String>) -> Self {
        Self { kind, table: None, text: text.into() }
    }

    /// The same, of one table or view.
    #[must_use]
    pub fn about(mut self, table: impl Into<String>) -> Self {
        self.table = Some(table.into());
        self
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
