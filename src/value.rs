//! A generated row as cells, before any format touches it.
//!
//! A [`Batch`] is reused: it keeps its memory between fills, so that a row costs no allocation.

use std::borrow::Cow;

use rust_decimal::Decimal;

/// What a column holds, before it meets the type of the target's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// true or false
    Bool,
    /// a whole number; keys too
    Int,
    /// a number with a fixed count of decimals
    Decimal,
    /// text without NUL
    Text,
    /// a JSON document
    Json,
    /// a day
    Date,
    /// a moment, in UTC
    Timestamp,
}

/// One value. Text lives in the batch's arena unless it is part of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell {
    /// SQL NULL
    Null,
    /// true or false
    Bool(bool),
    /// a whole number
    Int(i64),
    /// hundredths
    Cents(i64),
    /// days since 1970-01-01
    Date(i32),
    /// seconds since 1970-01-01 00:00:00 UTC
    Timestamp(i64),
    /// a word of the vocabulary
    Word(&'static str),
    /// a span of the arena
    Text {
        /// first byte
        start: u32,
        /// one past the last byte
        end: u32,
    },
    /// a span of the arena that is a JSON document
    Json {
        /// first byte
        start: u32,
        /// one past the last byte
        end: u32,
    },
}

/// Rows of one table, row by row.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    width: usize,
    cells: Vec<Cell>,
    arena: String,
}

impl Batch {
    /// Empties it for rows of `width` cells, keeping the memory.
    pub fn reset(&mut self, width: usize) {
        self.width = width;
        self.cells.clear();
        self.arena.clear();
    }

    /// The rows, each as a slice of cells.
    pub fn rows(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks_exact(self.width.max(1))
    }

    /// The row at a place among them.
    pub fn row(&self, at: usize) -> Option<&[Cell]> {
        self.cells.get(at * self.width..(at + 1) * self.width)
    }

    /// The text of a span of the arena.
    #[inline]
    pub fn text(&self, start: u32, end: u32) -> &str {
        &self.arena[start as usize..end as usize]
    }

    /// Writes the amounts of a column so that the server, which reads two digits behind the point, stores as many units
    /// as a currency of `digits` such digits has.
    pub fn restore_money(&mut self, column: usize, digits: u32) {
        let hundredth = Decimal::new(1, 2);
        for at in (column..self.cells.len()).step_by(self.width.max(1)) {
            let amount = match self.cells[at] {
                Cell::Int(whole) => Some(Decimal::from(whole)),
                Cell::Cents(cents) => Some(Decimal::from(cents) * hundredth),
                Cell::Text { start, end } => self.text(start, end).parse().ok(),
                _ => None,
            };
            let units =
                amount.and_then(|amount| amount.checked_mul(Decimal::from(10_i64.pow(digits.min(9)))));
            if let Some(units) = units.and_then(|units| i64::try_from(units.round()).ok()) {
                self.cells[at] = Cell::Cents(units);
            }
        }
    }

    /// Writes its texts otherwise: `write` borrows those that stay.
    pub fn rewrite(&mut self, write: impl Fn(&str) -> Cow<'_, str>) {
        for at in 0..self.cells.len() {
            let cell = self.cells[at];
            let text = match cell {
                Cell::Word(word) => word,
                Cell::Text { start, end } | Cell::Json { start, end } => self.text(start, end),
                _ => continue,
            };
            let Cow::Owned(written) = write(text) else { continue };
            let (start, end) = self.write(|arena| arena.push_str(&written));
            self.cells[at] = match cell {
                Cell::Json { .. } => Cell::Json { start, end },
                _ => Cell::Text { start, end },
            };
        }
    }

    #[inline]
    fn push(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    #[inline]
    fn write(&mut self, write: impl FnOnce(&mut String)) -> (u32, u32) {
        let start = self.arena.len() as u32;
        write(&mut self.arena);
        (start, self.arena.len() as u32)
    }

    /// SQL NULL.
    #[inline]
    pub fn null(&mut self) {
        self.push(Cell::Null);
    }

    /// true or false.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.push(Cell::Bool(value));
    }

    /// A whole number.
    #[inline]
    pub fn int(&mut self, value: i64) {
        self.push(Cell::Int(value));
    }

    /// A key: an id fits `i64` by the limits on counts.
    #[inline]
    pub fn id(&mut self, value: u64) {
        self.push(Cell::Int(value as i64));
    }

    /// An amount in hundredths.
    #[inline]
    pub fn cents(&mut self, value: i64) {
        self.push(Cell::Cents(value));
    }

    /// A day, in days since 1970-01-01.
    #[inline]
    pub fn date(&mut self, day: i32) {
        self.push(Cell::Date(day));
    }

    /// A moment, in seconds since 1970-01-01 UTC.
    #[inline]
    pub fn timestamp(&mut self, second: i64) {
        self.push(Cell::Timestamp(second));
    }

    /// A word of the vocabulary.
    #[inline]
    pub fn word(&mut self, word: &'static str) {
        self.push(Cell::Word(word));
    }

    /// A text that `write` appends.
    #[inline]
    pub fn compose(&mut self, write: impl FnOnce(&mut String)) {
        let (start, end) = self.write(write);
        self.push(Cell::Text { start, end });
    }

    /// A JSON document that `write` appends.
    #[inline]
    pub fn json(&mut self, write: impl FnOnce(&mut String)) {
        let (start, end) = self.write(write);
        self.push(Cell::Json { start, end });
    }

    /// What `put` pushes of `value`, or NULL.
    #[inline]
    pub fn option<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => put(self, value),
            None => self.null(),
        }
    }
}
