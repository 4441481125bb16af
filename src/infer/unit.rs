//! Units of numbers: `fixtures/units.tsv`.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::fixture::{fixture, list, number};

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Amounts; of the currency one.
    Money,
    /// Parts of a whole; a percent.
    Share,
    /// Lengths of time; a day.
    Time,
}

/// In what a number is counted.
#[derive(Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name, as `crm-seed.toml` has it.
    pub name: &'static str,
    pub dimension: Dimension,
    /// How many make one of the dimension's own unit.
    factor: Decimal,
    /// What the end of a name says of it, words that blanks part.
    ends: Vec<&'static str>,
    /// Words of a name in which that says something else.
    unless: Vec<&'static str>,
}

static UNITS: LazyLock<Vec<Unit>> = LazyLock::new(|| {
    let dimension = |name: &str| match name {
        "money" => Dimension::Money,
        "share" => Dimension::Share,
        "time" => Dimension::Time,
        _ => panic!("fixtures/units.tsv: {name} is no dimension"),
    };
    fixture!("units.tsv", ["unit", "dimension", "factor", "ends", "unless"])
        .map(|[name, of, factor, ends, unless]| Unit {
            name,
            dimension: dimension(of),
            factor: number(factor),
            ends: list(ends),
            unless: list(unless),
        })
        .collect()
});

impl Unit {
    /// The names of those of a dimension; of all where none is said.
    pub fn names(of: Option<Dimension>) -> Vec<&'static str> {
        let units = UNITS.iter().filter(|unit| of.is_none_or(|of| unit.dimension == of));
        units.map(|unit| unit.name).collect()
    }

    /// The one of a name, or of what the end of a column's name says of it.
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.to_lowercase().replace(['_', '-'], " ");
        UNITS.iter().find(|unit| unit.name == name || unit.ends.contains(&name.as_str()))
    }

    /// The one that the last words of a name say, and how many they are; the whole name is none.
    pub fn ending(words: &[String]) -> Option<(&'static Self, usize)> {
        let found = UNITS.iter().flat_map(|unit| unit.ends.iter().map(move |end| (unit, *end)));
        let of_words = found.filter_map(|(unit, end)| {
            let end: Vec<&str> = end.split(' ').collect();
            let before = words.len().checked_sub(end.len()).filter(|before| *before > 0)?;
            let is_it = words[before..].iter().eq(&end)
                && !words.iter().any(|word| unit.unless.contains(&word.as_str()));
            // `in cents`
            let count = if before > 1 && words[before - 1] == "in" { end.len() + 1 } else { end.len() };
            is_it.then_some((unit, count))
        });
        of_words.max_by_key(|(_, count)| *count)
    }

    /// Whether it is its dimension's own.
    pub fn is_own(&self) -> bool {
        self.factor == Decimal::ONE
    }

    /// What a number of it is in its dimension's own unit, as SQL; none where that is not exact.
    pub fn uncounted(&self, number: &str) -> Option<String> {
        (self.dimension != Dimension::Time).then(|| format!("({number}::numeric / {})", self.factor))
    }

    /// A number of the dimension's own unit in this one: an amount of a small one is whole.
    pub fn counted(&self, number: Decimal) -> Decimal {
        let number = number.saturating_mul(self.factor);
        let is_small = self.factor > Decimal::ONE && self.dimension == Dimension::Money;
        if is_small { number.round() } else { number.round_dp(6).normalize() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(name: &str) -> Option<(&'static str, usize)> {
        let words: Vec<String> = name.split('_').map(str::to_owned).collect();
        Unit::ending(&words).map(|(unit, count)| (unit.name, count))
    }

    #[test]
    fn names_end_in_units() {
        assert_eq!(ending("amount_micros"), Some(("micros", 1)));
        assert_eq!(ending("price_in_cents"), Some(("cents", 2)));
        assert_eq!(ending("margin_basis_points"), Some(("basis points", 2)));
        assert_eq!(ending("duration_micros"), None);
        assert_eq!(ending("cents"), None);
        assert_eq!(ending("amount"), None);
    }

    #[test]
    fn numbers_are_told_in_units() {
        let in_unit = |name, number: i64, scale| {
            Unit::named(name).expect("a unit").counted(Decimal::new(number, scale)).to_string()
        };
        assert_eq!(in_unit("micros", 68_274, 2), "682740000");
        assert_eq!(in_unit("cents", 68_274, 2), "68274");
        assert_eq!(in_unit("bps", 25, 1), "250");
        assert_eq!(in_unit("fraction", 60, 0), "0.6");
        assert_eq!(in_unit("weeks", 14, 0), "2");
    }
}
