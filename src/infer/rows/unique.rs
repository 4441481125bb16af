//! Values that do not repeat.

use crate::calendar::DAY;
use crate::domain::row_sampler::RowRef;
use crate::infer::column_type::{self, text};
use crate::infer::exotic;
use crate::infer::model::{ColumnModel, Edge, Generator, UniqueBy};
use crate::infer::rows::forms::shape_list;
use crate::infer::rows::maker::Maker;
use crate::infer::rows::program::ColumnProgram;
use crate::infer::rows::row::{NO_ORDINAL, Row, whole};
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::unique_text;
use crate::sqlexpr::Bound;
use crate::sqlexpr::value::Value;

/// More combinations than any table has rows, and no more than a permutation can go through.
const MOST_COMBINATIONS: u64 = 1 << 62;
/// Characters that a word and a number need.
const ROOMY: usize = 8;

impl Maker<'_> {
    /// Keeps a value from repeating.
    pub(super) fn unique(
        &self,
        member: usize,
        at: usize,
        unique: &UniqueBy,
        value: Value,
        row: &Row,
    ) -> Value {
        let column = &self.model.members[member].columns[at];
        let program = &self.table(member).columns[at];
        let day = self.program.now.div_euclid(DAY) as i32;
        match unique {
            UniqueBy::Number => self.numbered(member, column, program, value, row),
            UniqueBy::Ordinal => {
                let low = column.column_type.facts.low.as_ref();
                let low = low.and_then(first_above).unwrap_or(1);
                let place = self.place(member, row.identity.row_ref, numbers_from(column, low));
                column.column_type.nth_number(low.saturating_add(place))
            }
            UniqueBy::Digit { sizes, position: digit, by_child } => {
                let all = |sizes: &[u64]| sizes.iter().fold(1, |all: u64, size| all.saturating_mul(*size));
                let size = all(sizes).clamp(1, MOST_COMBINATIONS);
                let index = if *by_child {
                    row.identity.child
                } else {
                    self.place(member, row.identity.row_ref, size)
                } % size;
                let tweak = if *by_child { row.identity.parent.map_or(0, |parent| parent.number) } else { 0 };
                // One column alone counts; several go through all combinations in a mixed order.
                let name = &self.model.members[member].name;
                let mixed = match (sizes.len(), by_child) {
                    (1, true) => index,
                    _ => program.digits(self.program.seed, name, size).at(index, tweak),
                };
                nth(column, mixed / all(&sizes[..*digit]).max(1) % sizes[*digit].max(1), self.program.now)
            }
            UniqueBy::EndOf(start) => {
                let slot = self.slot(member, at, &row.identity);
                match &row.values[*start] {
                    Value::Date(day) => Value::Date(day + slot.between(1, 5) as i32),
                    Value::Timestamp(second) => Value::Timestamp(second + 900 * slot.between(2, 6)),
                    _ => value,
                }
            }
            UniqueBy::First => Value::Bool(row.identity.child == 0),
            UniqueBy::FirstOfAll => Value::Bool(row.identity.row_ref.ordinal == 0),
            UniqueBy::Season(edge) => season(*edge, day, row.identity.child),
            UniqueBy::Never => match column.column_type.scalar {
                ScalarType::Bool => Value::Bool(false),
                _ if column.column_type.not_null => value,
                _ => Value::Null,
            },
        }
    }

    /// Which of so many different values a row has: that of its ordinal. An explicit row has one that is counted from the
    /// end, so that growth does not move it and base rows reach it last.
    pub(super) fn place(&self, member: usize, row_ref: RowRef, room: u64) -> u64 {
        let RowRef { ordinal, number } = row_ref;
        if ordinal != NO_ORDINAL {
            return ordinal;
        }
        let (room, base) = (room.max(1), self.state.counts[member]);
        let behind = if base < room / 2 { room - room / 2 } else { room.saturating_sub(base).max(1) };
        room - 1 - number % behind
    }

    fn numbered_text(&self, member: usize, column: &ColumnModel, value: &Value, row: &Row) -> Value {
        let number = row.identity.row_ref.number;
        let column_type = &column.column_type;
        let own = match &column.generator {
            Generator::Pattern(pattern) => Some(pattern),
            _ => column_type.facts.patterns.first(),
        };
        if let Some(pattern) = own {
            let (least, most) = (column_type.facts.min_length.unwrap_or(0), column_type.max_length);
            let place = self.place(member, row.identity.row_ref, pattern.count_between(least, most));
            return pattern.generate_nth_between(place, least, most).map_or(Value::Null, Value::Text);
        }
        let counted = || {
            let letters = column_type.max_length.unwrap_or(BASE36_LETTERS).min(BASE36_LETTERS);
            let place = self.place(member, row.identity.row_ref, 36_u64.pow(letters as u32));
            column_type.fit_text(base36(place, column_type.max_length))
        };
        // Where a number leaves no room for words, letters and digits count further.
        if column_type.max_length.is_some_and(|most| most < ROOMY) {
            return counted();
        }
        let made = unique_text(&text(value), number, column_type.max_length);
        let is_long = made.chars().count() > column_type.max_length.unwrap_or(usize::MAX);
        if is_long { counted() } else { column_type.fit_text(made) }
    }

    fn numbered(
        &self,
        member: usize,
        column: &ColumnModel,
        program: &ColumnProgram,
        value: Value,
        row: &Row,
    ) -> Value {
        let number = row.identity.row_ref.number;
        let place = |room: u64| self.place(member, row.identity.row_ref, room);
        let column_type = &column.column_type;
        let now = self.program.now;
        let one = match column_type.scalar {
            _ if let Some(labels) = &column_type.labels => nth(column, place(labels.len() as u64), now),
            ScalarType::Text => self.numbered_text(member, column, &value, row),
            ScalarType::Integer
                if column_type.is_year() && matches!(column.generator, Generator::Semantics(_)) =>
            {
                year_before(now, place(YEARS))
            }
            ScalarType::Integer | ScalarType::Decimal => {
                let low = column_type.facts.low.as_ref().and_then(first_above);
                match (low, column_type.highest().is_none_or(|highest| number <= highest)) {
                    (Some(low), _) => {
                        column_type.nth_number(low.saturating_add(place(numbers_from(column, low))))
                    }
                    (None, true) => column_type.nth_number(number),
                    (None, false) => column_type.nth_number(place(numbers_from(column, 0))),
                }
            }
            ScalarType::Date => Value::Date(now.div_euclid(DAY) as i32 - place(DAYS) as i32 - 1),
            ScalarType::Timestamp => Value::Timestamp(now - 60 * (place(DAYS * MINUTES) as i64 + 1)),
            ScalarType::Uuid => program.uuids(column_type).value(number),
            ScalarType::Time => {
                let place = place(MINUTES * 60) as i64;
                Value::Text(column_type::clock(place * 60 % DAY + place * 60 / DAY))
            }
            ScalarType::Interval => Value::Text(format!("{} minutes", place(DAYS * MINUTES) + 1)),
            ScalarType::Bytes => Value::Text(format!("\\x{number:016x}")),
            ScalarType::Address => {
                Value::Text(format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255))
            }
            ScalarType::Json => Value::Json(format!("{{\"reference\": {number}}}")),
            ScalarType::Range | ScalarType::Other => {
                let slot = program.stream.at(row.identity.key);
                exotic::value(column_type, slot, place(DAYS), (now, now)).unwrap_or(Value::Null)
            }
            ScalarType::Bool => Value::Bool(place(2) == 0),
        };
        shape_list(column_type, one)
    }
}

/// How many whole numbers a column takes from `low` on.
fn numbers_from(column: &ColumnModel, low: u64) -> u64 {
    let highest = column.column_type.highest().unwrap_or(i64::MAX as u64);
    highest.saturating_sub(low).saturating_add(1)
}

/// Years before the present one that a column counts back to, at most.
const YEARS: u64 = 200;
/// Days before today that it does.
const DAYS: u64 = 3_650;
/// Minutes of a day.
const MINUTES: u64 = 1_440;
/// Letters and digits that count further.
const BASE36_LETTERS: usize = 8;

/// The year that lies so many before the present one.
fn year_before(now: i64, years: u64) -> Value {
    /// Seconds of a mean Gregorian year.
    const YEAR: i64 = 31_556_952;
    Value::from(1970 + now.div_euclid(YEAR) - years as i64)
}

/// The year of a child: that of the first began a quarter ago, that of the next ended the day before.
fn season(edge: Edge, today: i32, child: u64) -> Value {
    let start = today - QUARTER - YEAR * child as i32;
    let text = |day: i32| crate::calendar::Day(day).to_string();
    match edge {
        Edge::Start => Value::Date(start),
        Edge::End => Value::Date(start + YEAR - 1),
        Edge::Whole => Value::Text(format!("[{},{})", text(start), text(start + YEAR))),
    }
}

/// Days of a quarter of a year.
const QUARTER: i32 = 91;
/// Days of a year.
const YEAR: i32 = 365;

/// The first whole number within a range that begins there.
fn first_above(low: &Bound) -> Option<u64> {
    whole(&low.value).map(|number| number.saturating_add(u64::from(!low.inclusive)))
}

/// A short text that no two numbers share, of as many characters as there is room for.
fn base36(mut number: u64, most: Option<usize>) -> String {
    let width = most.unwrap_or(BASE36_LETTERS).min(BASE36_LETTERS);
    let mut digits = vec![b'A'; width];
    for digit in digits.iter_mut().rev() {
        *digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[(number % 36) as usize];
        number /= 36;
    }
    String::from_utf8(digits).unwrap_or_default()
}
/// The `index`th of the few values that a column has.
fn nth(column: &ColumnModel, index: u64, now: i64) -> Value {
    let column_type = &column.column_type;
    let low = column_type.facts.low.as_ref().and_then(first_above);
    let value = match (&column.generator, &column_type.labels) {
        (Generator::Pattern(pattern), None) => {
            let least = column_type.facts.min_length.unwrap_or(0);
            pattern
                .generate_nth_between(index, least, column_type.max_length)
                .map_or(Value::Null, Value::Text)
        }
        (_, Some(labels)) => labels.get(index as usize).map_or(Value::Null, |label| label.as_str().into()),
        (Generator::Labels(labels), None) => {
            labels.get(index as usize).map_or(Value::Null, |(label, _)| label.clone())
        }
        _ if column_type.scalar == ScalarType::Bool => Value::Bool(index == 1),
        (Generator::Semantics(_), None) if column_type.is_year() => year_before(now, index),
        _ => column_type.nth_number(low.unwrap_or(1).saturating_add(index)),
    };
    shape_list(column_type, value)
}
