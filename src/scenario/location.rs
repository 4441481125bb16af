//! Where in which file something is wrong, and how that is told.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::suggestion::{quoted, suggestion, visible};

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file, as the user knows it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", visible(&self.file), self.line, self.column)
    }
}

/// Something with its location.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    pub location: Location,
    pub value: T,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub location: Location,
    /// What, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message)
    }
}

/// All that is wrong.
#[derive(Debug, Default)]
pub struct Problems {
    certain: Vec<Problem>,
    /// Those that only a database can be right about.
    unsure: Vec<Problem>,
}

/// Problems that are shown; of the others, how many they are.
const SHOWN: usize = 50;
/// Problems among whose names no nearest one is looked for: nobody sees them.
const GUESSED: usize = 4 * SHOWN;

impl Problems {
    /// Something is wrong at `location`.
    pub fn add(&mut self, location: &Location, message: impl Into<String>) {
        self.certain.push(Problem { location: location.clone(), message: message.into() });
    }

    /// Something is wrong at `location` unless a database says otherwise.
    pub fn doubt(&mut self, location: &Location, message: impl Into<String>) {
        self.unsure.push(Problem { location: location.clone(), message: message.into() });
    }

    /// `name` at `location` is no `what` that we know, but a database may have it.
    pub fn unsure(&mut self, location: &Location, what: &str, name: &str, known: &[&str]) {
        let more = if self.guesses() { format!("; {}", suggestion(name, known)) } else { String::new() };
        self.doubt(location, format!("unknown {what} {}{more}", quoted(name)));
    }

    /// What only a database can be right about is wrong, as there is none to ask, or as there is enough else.
    pub fn settle(&mut self, is_alone: bool) {
        let unsure = std::mem::take(&mut self.unsure);
        if is_alone || !self.certain.is_empty() {
            self.certain.extend(unsure);
        }
    }

    /// `name` at `location` is no `what` that we know: says which is meant, or which there are.
    pub fn unknown(&mut self, location: &Location, what: &str, name: &str, known: &[&str]) {
        let more = if self.guesses() { format!("; {}", suggestion(name, known)) } else { String::new() };
        self.add(location, format!("unknown {what} {}{more}", quoted(name)));
    }

    /// Whether it is worth while to look for the nearest name.
    pub const fn guesses(&self) -> bool {
        self.certain.len() + self.unsure.len() < GUESSED
    }

    /// Whether nothing is wrong.
    pub const fn is_empty(&self) -> bool {
        self.certain.is_empty()
    }

    /// How many there are, those included that a database may be right about.
    pub const fn len(&self) -> usize {
        self.certain.len() + self.unsure.len()
    }

    /// Each once, in the order of the files, and of the locations in them.
    pub fn sorted(mut self) -> Vec<Problem> {
        let mut files = HashMap::new();
        for problem in &self.certain {
            let next = files.len();
            files.entry(Arc::clone(&problem.location.file)).or_insert(next);
        }
        self.certain.sort_by_key(|problem| {
            (files.get(&problem.location.file).copied(), problem.location.line, problem.location.column)
        });
        self.certain.dedup();
        self.certain
    }
}

/// Each problem once, in the order of the files, and of the locations in them.
pub fn sorted(problems: Vec<Problem>) -> Vec<Problem> {
    Problems { certain: problems, unsure: Vec::new() }.sorted()
}

/// One error that tells all `problems`, a line each.
pub fn error(problems: &[Problem]) -> Error {
    let mut message: Vec<String> = problems.iter().take(SHOWN).map(Problem::to_string).collect();
    if problems.len() > SHOWN {
        message.push(format!("and {} more", problems.len() - SHOWN));
    }
    Error::usage(message.join("\n"))
}

/// Where a row and its columns stand.
#[derive(Clone, Debug)]
pub struct RowLocations {
    /// Where its handle is.
    pub row: Location,
    /// The columns, by name.
    pub cells: BTreeMap<String, Location>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_problems_are_cut_and_sorted() {
        let file: Arc<str> = "x.json".into();
        let mut problems = Problems::default();
        for line in (1..=60).rev() {
            problems.add(&Location { file: Arc::clone(&file), line, column: 1 }, "bad");
        }
        let message = error(&problems.sorted()).to_string();
        assert!(message.starts_with("x.json:1:1: bad\nx.json:2:1: bad\n"), "{message}");
        assert!(message.ends_with("x.json:50:1: bad\nand 10 more"), "{message}");
    }
}
