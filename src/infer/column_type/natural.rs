//! What values of a column are by themselves: parts of a date, texts that fit what is asked for.

use super::ColumnType;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::Semantics;

impl ColumnType {
    /// Whether what a name means fits all patterns that the column's constraints ask for.
    pub fn fits_patterns(&self, meaning: Semantics) -> bool {
        /// Values that are looked at.
        const SAMPLES: u64 = 8;
        let fits = |number: u64| {
            let sample = meaning.sample(number);
            let text = sample.as_text().unwrap_or_default();
            !text.is_empty() && self.facts.patterns.iter().all(|pattern| pattern.matches(text))
        };
        self.facts.patterns.is_empty() || (1..=SAMPLES).all(fits)
    }

    /// How many values a part of a date has that is kept as a number: the month of a year, or the last years.
    pub fn period(&self) -> Option<u64> {
        if self.scalar != ScalarType::Integer || self.is_list {
            return None;
        }
        Some(match self.words.last()?.as_str() {
            "year" => 6,
            "quarter" => 4,
            "month" => 12,
            "week" => 52,
            "weekday" => 7,
            _ => return None,
        })
    }

    /// Whether it is the year of a date, as a number.
    pub fn is_year(&self) -> bool {
        self.period().is_some() && self.words.last().is_some_and(|last| last == "year")
    }
}
