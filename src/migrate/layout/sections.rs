//! Files that hold both directions, told apart by lines of comment (dbmate, goose).

use crate::migrate::files::{Migration, Source, wants_no_transaction};

/// The lines that begin a section of one tool.
pub struct Markers {
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

impl Markers {
    /// Whether the text is in this form.
    pub fn are_in(&self, text: &str) -> bool {
        text.lines().any(|line| (self.up)(line).is_some())
    }
}

impl Sections<'_> {
    /// The migration. `in_transaction` says of what stands behind a marker whether a transaction is wanted.
    ///
    /// # Errors
    /// There is nothing to apply: the line that is missing must be told by the caller.
    pub fn migration(&self, markers: &Markers, in_transaction: impl Fn(&str) -> bool) -> Option<Migration> {
        let (mut direction, mut up, mut down) = (Direction::Neither, String::new(), String::new());
        let (mut up_wants, mut down_wants) = (None, None);
        let allows = !wants_no_transaction(self.text);
        for line in self.text.split_inclusive('\n') {
            if let Some(rest) = (markers.up)(line) {
                (direction, up_wants) = (Direction::Up, Some(allows && in_transaction(rest)));
            } else if let Some(rest) = (markers.down)(line) {
                (direction, down_wants) = (Direction::Down, Some(allows && in_transaction(rest)));
            }
            // What is of the other section leaves its line ends, so that lines keep their numbers.
            let end = if line.ends_with('\n') { "\n" } else { "" };
            up.push_str(if direction == Direction::Up { line } else { end });
            down.push_str(if direction == Direction::Down { line } else { end });
        }
        let source = |text: String, in_transaction| Source {
            file: self.file.to_owned(),
            text: text.into(),
            in_transaction,
        };
        Some(Migration {
            name: self.name.to_owned().into(),
            version: self.version.to_owned().into(),
            is_repeatable: false,
            up: source(up, up_wants?),
            down: down_wants.map(|wants| source(down, wants)),
        })
    }
}
