//! What was not done, or done in another way than expected: a text for people, and a kind for programs.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What a note is about. The names are a contract: see `docs/json.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// `--if-empty`, `--if-changed` or a named scenario found what was asked for.
    NothingToDo,
    /// The database was empty: the bundled migrations were applied.
    SchemaCreated,
    /// Rows that are there stay, and were not made again.
    RowsKept,
    /// Tables of the target hold rows that a template of it has not.
    RowsNotCopied,
    /// Rows went that crm-seed did not make, or that were not named.
    RowsDeleted,
    /// A table is not filled.
    TableSkipped,
    /// Another table would have been about as good a choice.
    CloseChoice,
    /// The labels of a free text are crm-seed's own: nobody but the app knows which it has.
    LabelsInvented,
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
    /// Columns of explicit rows hold something else than the scenario says, or are not there.
    RowFitted,
    /// What is asked of a table by name can only be held against a database, and there is none.
    NeedsDatabase,
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

impl NoteKind {
    /// How soon it is told where not all notes are: rows that are gone first, then what the rows lack, then what was
    /// done in another way.
    fn rank(self) -> u8 {
        match self {
            Self::NothingToDo | Self::SchemaCreated | Self::RowsKept | Self::RowsDeleted => 0,
            Self::GaveWay | Self::RowFitted | Self::ExpectationUnmet | Self::SequenceExhausted => 1,
            Self::CloseChoice | Self::FewerRows | Self::RowCountDiffers | Self::ViewNotRefreshed => 2,
            Self::RowsNotCopied => 2,
            Self::LabelsInvented | Self::NotRecorded | Self::NotAnalyzed | Self::LettersReplaced => 3,
            Self::NeedsDatabase
            | Self::ScenarioMerged
            | Self::ExpectationSkipped
            | Self::UrlParameterIgnored => 4,
            Self::LoadMethod | Self::Pooler => 4,
            Self::FilledByServer | Self::ConstraintUnread | Self::Trigger | Self::TableSkipped => 5,
        }
    }
}

/// The most notes that a summary tells without `--verbose`.
const TOLD: usize = 5;

/// The most free texts that have a line each, with what maps their labels.
const APART: usize = 2;

/// The most tables that it names for one reason.
const NAMED: usize = 6;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// The one table or view that it is about, as it is called in the text.
    pub table: Option<String>,
    /// Text for people; it may change in any version.
    pub text: String,
    /// For a line about several notes of the kind: why a table is not filled, which column is meant.
    #[serde(skip)]
    part: Option<String>,
}

impl Note {
    /// A note about the run.
    pub fn new(kind: NoteKind, text: impl Into<String>) -> Self {
        Self { kind, table: None, text: text.into(), part: None }
    }

    /// `table` is not filled.
    pub fn skipped(table: &str, why: &str) -> Self {
        let note = Self::new(NoteKind::TableSkipped, format!("table {table} skipped: {why}")).about(table);
        Self { part: Some(why.to_owned()), ..note }
    }

    /// The free text `column` (with its table) has labels of our own; `line` of crm-seed.toml maps them.
    pub fn labels_invented(column: &str, line: &str) -> Self {
        let text = format!(
            "{column} is free text: its labels are crm-seed's own, as nobody but your app knows which it has; \
             crm-seed.toml maps them: {line}"
        );
        Self { part: Some(column.to_owned()), ..Self::new(NoteKind::LabelsInvented, text) }
    }

    /// The rows of these tables do not come along into a template.
    pub fn rows_not_copied(tables: &[&str]) -> Self {
        let text = format!(
            "rows of the target that are not in the template: {}; --with-rows copies those of tables that your app \
             needs filled as they are",
            few(tables, NAMED)
        );
        Self::new(NoteKind::RowsNotCopied, text)
    }

    /// The lines that people read: one about all tables that are not filled, then each other note, or one about many
    /// free texts and the five that matter most, and how many more there are.
    pub fn lines(notes: &[Self], all: bool) -> Vec<String> {
        let (skipped, others): (Vec<&Self>, Vec<&Self>) =
            notes.iter().partition(|note| note.kind == NoteKind::TableSkipped);
        let mut others: Vec<(u8, Cow<'_, str>)> =
            others.into_iter().map(|note| (note.kind.rank(), Cow::Borrowed(note.text.as_str()))).collect();
        if !all {
            fold_labels(notes, &mut others);
        }
        let count = others.len();
        if !all {
            others.sort_by_key(|(rank, _)| *rank);
            others.truncate(TOLD);
        }
        let mut lines: Vec<String> = skipped_line(&skipped, all).into_iter().collect();
        lines.extend(others.into_iter().map(|(_, text)| text.into_owned()));
        if !all && count > TOLD {
            lines.push(format!("{} more: --verbose prints them all", count - TOLD));
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

/// One line in place of those about each free text whose labels are our own, where there are many.
fn fold_labels(notes: &[Note], lines: &mut Vec<(u8, Cow<'_, str>)>) {
    let invented = notes.iter().filter(|note| note.kind == NoteKind::LabelsInvented);
    let columns: Vec<&str> = invented.clone().filter_map(|note| note.part.as_deref()).collect();
    let Some(first) = lines.iter().position(|(_, line)| invented.clone().any(|note| note.text == *line))
    else {
        return;
    };
    if columns.len() <= APART {
        return;
    }
    lines.retain(|(_, line)| invented.clone().all(|note| note.text != *line));
    let text = format!(
        "free texts whose labels are crm-seed's own, as nobody but your app knows which they have: {}; \
         `crm-seed init` writes the lines of crm-seed.toml that map them",
        few(&columns, NAMED)
    );
    lines.insert(first, (NoteKind::LabelsInvented.rank(), text.into()));
}

/// `a, b and 3 more`: at most so many of them.
fn few(names: &[&str], most: usize) -> String {
    let more = names.len().saturating_sub(most);
    let named = names[..names.len() - more].join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

/// Of the bundled schema so many tables may be gone; where more are, it is another.
const LACKING: usize = 2;
/// Why a CRM table is not filled that the target does not have.
pub const NOT_THERE: &str = "not in this database";

/// `not filled: a, b (why); c (why)`, by reason in the order of the notes; of many tables the first few.
fn skipped_line(skipped: &[&Note], all: bool) -> Option<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    let is_of_others =
        skipped.iter().filter(|note| note.part.as_deref() == Some(NOT_THERE)).count() > LACKING;
    for note in skipped {
        let (table, why) =
            (note.table.as_deref().unwrap_or_default(), note.part.as_deref().unwrap_or_default());
        // Whoever has other tables than the bundled ones misses none of these.
        if why == NOT_THERE && is_of_others && !all {
            continue;
        }
        match reasons.iter_mut().find(|(other, _)| *other == why) {
            Some((_, tables)) => tables.push(table),
            None => reasons.push((why, vec![table])),
        }
    }
    let part = |(why, tables): &(&str, Vec<&str>)| {
        format!("{} ({why})", few(tables, if all { usize::MAX } else { NAMED }))
    };
    let parts: Vec<String> = reasons.iter().map(part).collect();
    (!parts.is_empty()).then(|| format!("not filled: {}", parts.join("; ")))
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
    fn tables_that_are_not_filled_share_a_line() {
        let notes = [
            Note::skipped("tasks", "not in this database"),
            Note::skipped("notes", "excluded"),
            Note::skipped("products", "not in this database"),
            Note::new(NoteKind::Pooler, "a pooler"),
        ];
        let lines = ["not filled: tasks, products (not in this database); notes (excluded)", "a pooler"];
        assert_eq!(Note::lines(&notes, true), lines);
        assert_eq!(Note::lines(&notes, false), lines);
        let mut others = notes.to_vec();
        others.push(Note::skipped("contacts", "not in this database"));
        assert_eq!(Note::lines(&others, false), ["not filled: notes (excluded)", "a pooler"]);
        assert!(Note::lines(&others, true)[0].contains("tasks, products, contacts (not in this database)"));
    }

    #[test]
    fn free_texts_share_a_line_where_they_are_many() {
        let free = |column| Note::labels_invented(column, "the line");
        let mut notes =
            vec![free("deals.stage"), Note::new(NoteKind::Pooler, "a pooler"), free("leads.status")];
        assert_eq!(Note::lines(&notes, false)[1], notes[2].text);
        notes.push(free("tasks.status"));
        let lines = Note::lines(&notes, false);
        let is_one = lines[0].contains("deals.stage, leads.status, tasks.status; `crm-seed init`");
        assert_eq!((lines.len(), is_one), (2, true));
        assert_eq!(Note::lines(&notes, true).len(), 4);
    }

    #[test]
    fn what_matters_most_is_told_first_and_the_rest_is_counted() {
        let trigger = |text: &str| Note::new(NoteKind::Trigger, text);
        let mut notes = vec![trigger("1"), trigger("2"), trigger("3"), trigger("4")];
        notes.extend([Note::new(NoteKind::NotRecorded, "5"), Note::new(NoteKind::RowsDeleted, "6")]);
        notes.extend((0..10).map(|table| Note::skipped(&format!("t{table}"), "excluded")));
        assert_eq!(
            Note::lines(&notes, false),
            [
                "not filled: t0, t1, t2, t3, t4, t5 and 4 more (excluded)",
                "6",
                "5",
                "1",
                "2",
                "3",
                "1 more: --verbose prints them all",
            ]
        );
        let all = Note::lines(&notes, true);
        assert_eq!((all.len(), all[0].ends_with("t8, t9 (excluded)")), (7, true));
    }
}
