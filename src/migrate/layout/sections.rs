//! Files that hold both directions, told apart by lines of comment (dbmate, goose).

use crate::error::{Error, Result};
use crate::migrate::files::{Migration, Source, wants_no_transaction};
use crate::migrate::sql::statements::{headline, split};

/// The lines that begin a section of one tool.
pub struct Markers {
    /// The tool.
    pub tool: &'static str,
    /// The line that begins what applies a migration, for messages.
    pub line: &'static str,
    /// Whether a line begins what applies the migration; with the rest of the line.
    pub up: fn(&str) -> Option<&str>,
    /// Whether a line begins what undoes it.
    pub down: fn(&str) -> Option<&str>,
}

/// A file with both directions.
pub struct Sections<'a> {
    pub name: &'a str,
    pub version: &'a str,
    /// The file, as messages name it.
    pub file: &'a str,
    pub text: &'a str,
}

/// Which section a line is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Neither,
    Up,
    Down,
}

/// The sections of one direction, one after the other as they stand in the file.
#[derive(Default)]
struct Side {
    text: String,
    /// Whether all of them want a transaction; `None` where there is no section.
    in_transaction: Option<bool>,
}

impl Markers {
    /// Whether the text is in this form, be it that the line which begins it is not as it should be.
    pub fn are_in(&self, text: &str) -> bool {
        text.lines().any(|line| (self.up)(line).or_else(|| (self.down)(line)).is_some())
    }
}

impl Side {
    fn begin(&mut self, wants: bool) {
        self.in_transaction = Some(wants && self.in_transaction.unwrap_or(true));
    }

    /// What is of another section leaves its line ends, so that lines keep their numbers.
    fn push(&mut self, line: &str, is_mine: bool) {
        self.text.push_str(match is_mine {
            true => line,
            false if line.ends_with('\n') => "\n",
            false => "",
        });
    }

    fn source(self, file: &str) -> Option<Source> {
        let in_transaction = self.in_transaction?;
        Some(Source { file: file.to_owned(), text: self.text.into(), in_transaction })
    }
}

impl Sections<'_> {
    /// The migration. `in_transaction` says of what stands behind a marker whether a transaction is wanted.
    ///
    /// # Errors
    /// There is nothing to apply; statements in front of the first section, which belong to no direction.
    pub fn migration(&self, markers: &Markers, in_transaction: impl Fn(&str) -> bool) -> Result<Migration> {
        let mut direction = Direction::Neither;
        let (mut up, mut down, mut before) = (Side::default(), Side::default(), String::new());
        let allows = !wants_no_transaction(self.text);
        for line in self.text.split_inclusive('\n') {
            if let Some(rest) = (markers.up)(line) {
                direction = Direction::Up;
                up.begin(allows && in_transaction(rest));
            } else if let Some(rest) = (markers.down)(line) {
                direction = Direction::Down;
                down.begin(allows && in_transaction(rest));
            } else if direction == Direction::Neither {
                before.push_str(line);
            }
            up.push(line, direction == Direction::Up);
            down.push(line, direction == Direction::Down);
        }
        let (file, line) = (self.file, markers.line);
        let Some(up) = up.source(file) else {
            return Err(Error::usage(format!(
                "{file} has no line `{line}`, as the other files of {} have",
                markers.tool
            )));
        };
        if let Some(statement) = split(&before).first() {
            let (row, column) = statement.location(None);
            return Err(Error::usage(format!(
                "{file}:{row}:{column}: `{}` stands before the line `{line}`",
                headline(statement)
            ))
            .with_hint("move it below that line"));
        }
        Ok(Migration {
            name: self.name.to_owned().into(),
            version: self.version.to_owned().into(),
            is_repeatable: false,
            up,
            down: down.source(file),
        })
    }
}
