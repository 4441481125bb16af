//! Numbers that a rule draws: `1..12`, `0.70..1.40`, `25000..1000000 by 500 skewed`, `7|14|30`.

use rust_decimal::Decimal;

use crate::random::Slot;

/// Numbers of which a rule draws one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// `low..high`, both included, in units of the last digit that is written.
    Range {
        /// The least, in steps.
        low: i64,
        /// The highest, in steps.
        high: i64,
        /// How far they are apart.
        step: i64,
        /// How many digits stand behind the point.
        digits: u32,
        /// Whether small ones are likelier.
        is_skewed: bool,
    },
    /// `a|b|c`: one of these.
    OneOf(Vec<i64>),
}

/// A number as it is written, in units of its last digit, and how many digits stand behind the point.
fn units(text: &str) -> Option<(i64, u32)> {
    let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
    Some((format!("{whole}{behind}").parse().ok()?, u32::try_from(behind.len()).ok()?))
}

impl Numbers {
    /// As they are written.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let bad = || {
            format!("`{text}` is no `low..high`, `low..high by step`, with `skewed` or without, nor `a|b`")
        };
        let (range, rest) = text.split_once(' ').unwrap_or((text, ""));
        let Some((low, high)) = range.split_once("..") else {
            let numbers: Option<Vec<i64>> = text.split('|').map(|number| number.parse().ok()).collect();
            return numbers.map(Self::OneOf).ok_or_else(bad);
        };
        let (Some((low, digits)), Some((high, its))) = (units(low), units(high)) else { return Err(bad()) };
        let (step, is_skewed) = match rest.split(' ').collect::<Vec<_>>()[..] {
            [""] => (1, false),
            ["skewed"] => (1, true),
            ["by", step] => (step.parse().map_err(|_| bad())?, false),
            ["by", step, "skewed"] => (step.parse().map_err(|_| bad())?, true),
            _ => return Err(bad()),
        };
        if low > high || digits != its || step < 1 || low % step != 0 || high % step != 0 {
            return Err(bad());
        }
        Ok(Self::Range { low: low / step, high: high / step, step, digits, is_skewed })
    }

    /// Whether none of them has a fraction.
    pub(super) fn are_whole(&self) -> bool {
        !matches!(self, Self::Range { digits: 1.., .. })
    }

    /// One of them, in units of the last digit.
    pub(super) fn whole(&self, slot: Slot) -> i64 {
        match self {
            Self::Range { low, high, step, is_skewed: true, .. } => slot.skewed(*low, *high) * step,
            Self::Range { low, high, step, .. } => slot.between(*low, *high) * step,
            Self::OneOf(numbers) => *slot.pick(numbers),
        }
    }

    /// One of them.
    pub(super) fn decimal(&self, slot: Slot) -> Decimal {
        let digits = if let Self::Range { digits, .. } = self { *digits } else { 0 };
        Decimal::new(self.whole(slot), digits)
    }

    /// One of the hundredths between the least and the highest, where all are whole.
    pub(super) fn hundredths(&self, slot: Slot) -> Decimal {
        match self {
            Self::Range { low, high, step: 1, is_skewed, .. } => {
                let draw = if *is_skewed { Slot::skewed } else { Slot::between };
                Decimal::new(draw(slot, low * 100, high * 100), 2)
            }
            _ => self.decimal(slot),
        }
    }
}
