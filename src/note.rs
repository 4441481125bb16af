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
    /// Another table would have been about as good a choice.
    CloseChoice,
    /// An optional column or table is left out, as the server refuses rows that have it.
    GaveWay,
    /// Rows are not held to a CHECK constraint beforehand.
    ConstraintUnread,
    /// A table gets fewer rows than were asked for: its key holds no more.
    FewerRows,
    /// A trigger fires, and may do this.
    Trigger,
    /// A table holds another number of rows than were written into it.
    RowCountDiffers,
    /// The server fills columns by itself, differently in each run.
    FilledByServer,
    /// The encoding of the database lacks letters, which are written as others.
    LettersReplaced,
    /// A sequence has no number left for the app's next row.
    SequenceExhausted,
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// The one table or view that it is about, as it is called in the text.
    pub table: Option<String>,
    /// Text for people; it may change in any version.
    pub text: String,
    /// The text without the table, for a line about several tables.
    #[serde(skip)]
    shared: Option<String>,
}

impl Note {
    /// A note about the run.
    pub fn new(kind: NoteKind, text: impl Into<String>) -> Self {
        Self { kind, table: None, text: text.into(), shared: None }
    }

    /// `table` is not filled.
    pub fn skipped(table: &str, why: &str) -> Self {
        let note = Self::new(NoteKind::TableSkipped, format!("table {table} skipped: {why}")).about(table);
        Self { shared: Some(format!("{why}, skipped")), ..note }
    }

    /// The lines that people read: one for all tables that are skipped for the same reason.
    pub fn lines(notes: &[Self]) -> Vec<String> {
        let mut lines = Vec::new();
        for (position, note) in notes.iter().enumerate() {
            let alike = |other: &&Self| note.shared.is_some() && other.shared == note.shared;
            let tables: Vec<&str> =
                notes.iter().filter(alike).filter_map(|other| other.table.as_deref()).collect();
            match &note.shared {
                Some(_) if notes[..position].iter().any(|earlier| alike(&earlier)) => {}
                Some(shared) if tables.len() > 1 => lines.push(format!("{shared}: {}", tables.join(", "))),
                _ => lines.push(note.text.clone()),
            }
        }
        lines
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

#[cfg(test)]
mod tests {
    use super::{Note, NoteKind};

    #[test]
    fn tables_that_are_skipped_for_one_reason_share_a_line() {
        let notes = [
            Note::skipped("tasks", "not in this database"),
            Note::skipped("notes", "excluded"),
            Note::skipped("products", "not in this database"),
            Note::new(NoteKind::Pooler, "a pooler"),
        ];
        let lines =
            ["not in this database, skipped: tasks, products", "table notes skipped: excluded", "a pooler"];
        assert_eq!(Note::lines(&notes), lines);
    }
}
