//! Who, when and why: the columns that tell of one event are filled together or not at all, as the row's status,
//! flag or stage says. What decides whether it happened is found once for each table.

mod words;

use std::collections::BTreeMap;

use crate::domain::TABLES;
use crate::infer::kinds::TableKind;
use crate::infer::lifecycle::{self, LifecycleField};
use crate::infer::model::{ColumnModel, Event, Generator, Occurs, TableModel};
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;
pub use words::{EVENTS, EventWords, Part, told, told_of_part};

/// The stages of the domain's deals that say that an event happened.
fn stages(event: &EventWords) -> Option<&'static [&'static str]> {
    match event.name {
        "won" => Some(&["closed_won"]),
        "lost" => Some(&["closed_lost"]),
        "closed" => Some(&["closed_won", "closed_lost"]),
        _ => None,
    }
}

/// Whether a column is a status of its row.
pub fn is_status(words: &[String], scalar: ScalarType) -> bool {
    scalar == ScalarType::Text
        && words.last().is_some_and(|word| matches!(word.as_str(), "status" | "state" | "stage"))
}

/// A table's columns that tell of one event.
struct Told<'a> {
    event: &'static EventWords,
    /// The steps that make them.
    columns: Vec<(usize, Part)>,
    member: &'a TableModel,
    /// The part of the row to which it happened; empty where that is the row.
    of: &'a str,
}

impl Told<'_> {
    fn column(&self, at: usize) -> &ColumnModel {
        &self.member.columns[at]
    }

    fn find(&self, is_it: impl Fn(&ColumnModel, Part) -> bool) -> Option<usize> {
        self.columns.iter().find(|(at, part)| is_it(self.column(*at), *part)).map(|(at, _)| *at)
    }

    /// What decides whether it happened.
    fn occurs(&self) -> Occurs {
        let is_deal = self.member.domain.is_some_and(|domain| TABLES[domain].info().name == "opportunities");
        let is_of_row = self.of.is_empty();
        if let Some(stages) = stages(self.event).filter(|_| is_deal && is_of_row) {
            return Occurs::Stage(stages);
        }
        let says = |part: Part| matches!(part, Part::When | Part::Flag);
        if let Some(at) = self.find(|column, part| says(part) && is_of_domain(&column.generator)) {
            return Occurs::Set(at);
        }
        if let Some(decided) = self.by_status().filter(|_| is_of_row) {
            return decided;
        }
        let is_story = |generator: &Generator| matches!(generator, Generator::Lifecycle(_));
        if let Some(at) = self.find(|column, part| says(part) && is_story(&column.generator)) {
            return Occurs::Set(at);
        }
        if let Some(at) = self.find(|column, part| part == Part::Flag && !column.is_null()) {
            return Occurs::Set(at);
        }
        if let Some(field) = lifecycle::whether(self.member.kind, self.event.name).filter(|_| is_of_row) {
            return Occurs::Story(field);
        }
        let is_usual = |generator: &Generator| match generator {
            Generator::Semantics(meaning) => meaning.is_when_done() || meaning.null_percent() == 0,
            _ => false,
        };
        if let Some(at) = self.find(|column, part| part == Part::When && is_usual(&column.generator)) {
            return Occurs::Set(at);
        }
        // What is left NULL says that it did not happen.
        let is_left = |(column, _): &(String, String)| {
            is_of_row && {
                [ScalarType::Timestamp, ScalarType::Bool].iter().any(|scalar| {
                    told(column, *scalar)
                        .is_some_and(|(at, part)| says(part) && std::ptr::eq(&EVENTS[at], self.event))
                })
            }
        };
        match self.event.percent {
            0 => Occurs::Never,
            _ if self.member.left_out.iter().any(is_left) => Occurs::Never,
            percent => Occurs::Chance(percent),
        }
    }

    /// The status that says whether it happened, if one does: the one of the event's own name before others.
    fn by_status(&self) -> Option<Occurs> {
        let columns = self.member.columns.iter().enumerate();
        let of_event = |column: &ColumnModel| {
            told(
                &format!(
                    "{}_reason",
                    column.column_type.words.split_last().map_or(String::new(), |(_, of)| of.join("_"))
                ),
                ScalarType::Text,
            )
            .is_some_and(|(at, _)| std::ptr::eq(&EVENTS[at], self.event))
        };
        let mut statuses: Vec<usize> = columns
            .filter(|(_, column)| is_status(&column.column_type.words, column.column_type.scalar))
            .map(|(at, _)| at)
            .collect();
        statuses.sort_by_key(|at| !of_event(self.column(*at)));
        for at in &statuses {
            let labels = labels(self.column(*at));
            let says = |value: &&Value| value.as_text().is_some_and(|text| self.event.is_said_by(text));
            let said: Vec<Value> = labels.iter().filter(says).cloned().collect();
            let is_story = matches!(self.column(*at).generator, Generator::Lifecycle(_));
            // What a document has done stays done when it goes on.
            if is_story
                && !self.event.is_end
                && lifecycle::whether(self.member.kind, self.event.name).is_some()
            {
                return None;
            }
            if !said.is_empty() && said.len() < labels.len() {
                return Some(Occurs::Status(*at, said));
            }
            if self.event.is_end && !labels.is_empty() && self.member.kind != TableKind::Users {
                return Some(Occurs::Never);
            }
        }
        None
    }
}

/// Whether the domain says what is in a column.
const fn is_of_domain(generator: &Generator) -> bool {
    matches!(generator, Generator::Passthrough(_) | Generator::Converted(_))
}

/// Whether a column may follow what decides: the domain's do already, and what is always the same was asked for.
const fn follows(generator: &Generator, is_flag: bool) -> bool {
    !is_of_domain(generator) && (is_flag || !matches!(generator, Generator::Constant(_)))
}

/// The values that a status has.
fn labels(column: &ColumnModel) -> Vec<Value> {
    match &column.generator {
        Generator::Lifecycle(LifecycleField::Status(statuses)) => {
            statuses.iter().map(|(value, _)| value.clone()).collect()
        }
        Generator::Labels(labels) => labels.iter().map(|(value, _)| value.clone()).collect(),
        Generator::InTurn(values) => values.clone(),
        Generator::Constant(value) => vec![value.clone()],
        generator if is_of_domain(generator) => {
            column.column_type.labels.iter().flatten().map(|label| label.as_str().into()).collect()
        }
        _ => Vec::new(),
    }
}

/// Finds the events of which a table's columns tell, and has them filled wherever they happened.
pub fn find(member: &mut TableModel) {
    let mut all: BTreeMap<(usize, String), Vec<(usize, Part)>> = BTreeMap::new();
    for (at, column) in member.columns.iter().enumerate() {
        let is_free = column.unique.is_none()
            && !column.column_type.is_list
            && !matches!(column.generator, Generator::Key(_) | Generator::Tenant(_));
        let (column, scalar) = (&column.column_type.name, column.column_type.scalar);
        let of_row = told(column, scalar).map(|(event, part)| (event, part, String::new()));
        if let Some((event, part, of)) = of_row.or_else(|| told_of_part(column, scalar)).filter(|_| is_free) {
            all.entry((event, of)).or_default().push((at, part));
        }
    }
    let mut found: Vec<Found> = Vec::new();
    for ((event, of), columns) in all {
        let words = &EVENTS[event];
        if !of.is_empty() && columns.len() == 1 {
            continue;
        }
        let told = Told { event: words, columns, member, of: &of };
        let occurs = told.occurs();
        let leader = if let Occurs::Set(at) | Occurs::Status(at, _) = &occurs { Some(*at) } else { None };
        let its = |is_flag: bool| {
            let parts = told.columns.iter().filter(|(_, part)| (*part == Part::Flag) == is_flag);
            let own = parts.map(|(at, _)| *at).filter(|at| Some(*at) != leader);
            // That a deal was won the domain does not say apart from that it was closed.
            let is_half = matches!(occurs, Occurs::Stage([_]));
            let may = |at: &usize| is_half || follows(&member.columns[*at].generator, is_flag);
            own.filter(may).collect::<Vec<usize>>()
        };
        let (mut columns, flags) = (its(false), its(true));
        columns.extend(copies_of(member, &columns));
        let drawn_by = format!("whether {of} {}", words.name).replace("  ", " ");
        let event = Event { occurs, columns, flags, excludes: Vec::new(), drawn_by };
        found.push(Found { words, of, event });
    }
    let events = exclusive(found);
    if events
        .iter()
        .all(|event| event.columns.is_empty() && event.flags.is_empty() && event.excludes.is_empty())
    {
        return;
    }
    fill(member, &events);
    member.events = events;
}

/// The columns that repeat what the rows say to which references lead that are among others.
fn copies_of(member: &TableModel, columns: &[usize]) -> Vec<usize> {
    let is_of = |reference: usize| {
        let own = &member.references[reference].columns;
        columns.iter().any(|at| own.iter().any(|(own, _)| *own == member.columns[*at].column_type.name))
    };
    let is_copy = |column: &ColumnModel| match &column.generator {
        Generator::Copy(copied) => copied.sources.iter().all(|source| is_of(source.reference)),
        _ => false,
    };
    (0..member.columns.len()).filter(|at| !columns.contains(at) && is_copy(&member.columns[*at])).collect()
}

/// An event of which columns tell.
struct Found {
    words: &'static EventWords,
    /// The part of the row to which it happens.
    of: String,
    event: Event,
}

/// The events in the order in which they are decided, each with those before it that exclude it: what a status says comes
/// before what chance says.
fn exclusive(mut found: Vec<Found>) -> Vec<Event> {
    let is_told =
        |occurs: &Occurs| matches!(occurs, Occurs::Status(..) | Occurs::Stage(_) | Occurs::Story(_));
    found.sort_by_key(|found| !is_told(&found.event.occurs));
    for at in 1..found.len() {
        let excludes = |one: &Found, other: &Found| one.words.excludes.contains(&other.words.name);
        let is_other = |other: &usize| {
            let (one, other) = (&found[at], &found[*other]);
            one.of == other.of && (excludes(one, other) || excludes(other, one))
        };
        found[at].event.excludes = (0..at).filter(is_other).collect();
    }
    found.into_iter().map(|found| found.event).collect()
}

/// What happens by chance, or as a status says, is told by all of its columns.
fn fill(member: &mut TableModel, events: &[Event]) {
    let happens = events.iter().filter(|event| !matches!(event.occurs, Occurs::Never));
    for at in happens.flat_map(|event| &event.columns) {
        member.columns[*at].null_percent = 0;
        let own = &member.columns[*at].column_type.name;
        for reference in &mut member.references {
            if matches!(&reference.columns[..], [(column, _)] if column == own) {
                reference.null_percent = 0;
            }
        }
    }
}

/// The ends of which columns of a table tell, as a status would say them.
pub fn ends<'a>(columns: impl Iterator<Item = (&'a str, ScalarType)>) -> Vec<String> {
    let mut ends: Vec<String> = Vec::new();
    for (column, scalar) in columns {
        let event = told(column, scalar).map(|(at, _)| &EVENTS[at]).filter(|event| event.is_end);
        if let Some(event) = event.filter(|event| !ends.iter().any(|end| end == event.name)) {
            ends.push(names::words(event.name).join("_"));
        }
    }
    ends
}
