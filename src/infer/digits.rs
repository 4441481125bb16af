//! The digits of a `numeric`. The scale may be negative (whole hundreds only) or above the precision (below one
//! hundredth only), and both may be far beyond what a [`Decimal`] holds, which is 28 digits.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// The most digits behind the point of a [`Decimal`], and the most zeros of a power of ten that is one.
const MOST: u32 = 28;

/// How many digits a type has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// Total number of digits: the precision of `numeric(p, s)`.
    precision: u32,
    /// Those behind the point; where it is negative, so many zeros stand before it.
    scale: i32,
}

impl Digits {
    /// By the modifier of a column's type, `pg_attribute.atttypmod`; `None` where it has none.
    pub fn of(modifier: i32) -> Option<Self> {
        let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
        // Eleven bits with a sign.
        let scale = ((packed & 0x7ff) ^ 1024) - 1024;
        Some(Self { precision: (packed >> 16 & 0xffff) as u32, scale })
    }

    /// So many stand before the point; where it is negative, so many zeros stand behind it.
    pub fn whole(self) -> i32 {
        i32::try_from(self.precision).unwrap_or(i32::MAX).saturating_sub(self.scale)
    }

    /// Number of digits after the decimal point.
    pub fn scale(self) -> i32 {
        self.scale
    }

    /// Whether small whole numbers (1, 2, 3) are not values of the type.
    pub fn is_odd(self) -> bool {
        self.scale < 0 || self.whole() <= 0
    }

    /// The least step from one value to the next; `None` where a [`Decimal`] holds no value of it but 0.
    pub fn unit(self) -> Option<Decimal> {
        match u32::try_from(self.scale) {
            Ok(scale) => (self.whole() > -(MOST as i32)).then(|| Decimal::new(1, scale.min(MOST))),
            Err(_) => power_of_ten(-self.scale),
        }
    }

    /// Number of values above 0.
    pub fn count(self) -> u64 {
        self.unit().map_or(0, |unit| self.steps(unit).to_u64().unwrap_or(u64::MAX))
    }

    /// The highest value in steps.
    fn steps(self, unit: Decimal) -> Decimal {
        let digits = match self.scale > MOST as i32 {
            true => self.whole() + MOST as i32,
            false => i32::try_from(self.precision).unwrap_or(i32::MAX),
        };
        let held = Decimal::MAX.checked_div(unit).unwrap_or(Decimal::MAX).trunc();
        power_of_ten(digits).map_or(held, |end| held.min(end - Decimal::ONE))
    }

    /// `number` as a value: rounded, and within the range. Where 1, 2, 3 are no values and so it would become 0
    /// or one end of the range, it is another one instead, as many as there are.
    pub fn fitted(self, number: Decimal) -> Decimal {
        let Some(unit) = self.unit() else { return Decimal::ZERO };
        let most = self.highest(unit);
        let rounded = rounded(number, unit);
        if !self.is_odd() || number.is_zero() || (!rounded.is_zero() && rounded.abs() <= most) {
            return rounded.clamp(-most, most);
        }
        let hundredths = number.abs().saturating_mul(Decimal::ONE_HUNDRED).trunc();
        let counted = hundredths.to_u64().unwrap_or(u64::MAX);
        let made = self.nth(counted % self.count().clamp(1, 1_000_000_000) + 1);
        if number.is_sign_negative() { -made } else { made }
    }

    /// The `n`th value above 0 as text, also where no [`Decimal`] holds it.
    pub fn written(self, n: u64) -> String {
        let end = 10_u64.saturating_pow(self.precision.min(18));
        format!("{}e{}", n % end.saturating_sub(1).max(1) + 1, -self.scale)
    }

    /// The `n`th value above 0.
    pub fn nth(self, n: u64) -> Decimal {
        self.unit().map_or(Decimal::ZERO, |unit| unit.saturating_mul(n.into()))
    }

    /// The highest value, where a [`Decimal`] holds it; of usual digits the highest whole one.
    pub fn most(self) -> Option<Decimal> {
        self.unit().map(|unit| self.highest(unit))
    }

    /// The highest value; where whole numbers are values, the highest of these.
    fn highest(self, unit: Decimal) -> Decimal {
        if self.is_odd() {
            return self.steps(unit).saturating_mul(unit);
        }
        let end = power_of_ten(self.whole()).and_then(|end| (end - Decimal::ONE).to_u64());
        Decimal::from(end.unwrap_or(u64::MAX - 1))
    }
}

/// 10 to the power of `exponent`, where a [`Decimal`] holds it.
fn power_of_ten(exponent: i32) -> Option<Decimal> {
    let size = exponent.unsigned_abs();
    if size > MOST {
        return None;
    }
    if exponent < 0 {
        return Some(Decimal::new(1, size));
    }
    Some(Decimal::from_i128_with_scale(10_i128.checked_pow(size)?, 0))
}

/// The nearest multiple of `unit`, a power of ten; halves away from zero.
fn rounded(number: Decimal, unit: Decimal) -> Decimal {
    let strategy = RoundingStrategy::MidpointAwayFromZero;
    if unit <= Decimal::ONE {
        return number.round_dp_with_strategy(unit.scale(), strategy);
    }
    let steps = number.checked_div(unit).unwrap_or_default().round_dp_with_strategy(0, strategy);
    steps.checked_mul(unit).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the server packs them.
    fn digits(precision: i32, scale: i32) -> Digits {
        Digits::of((precision << 16 | scale & 0x7ff) + 4).expect("digits")
    }

    fn fitted(precision: i32, scale: i32, number: &str) -> String {
        let number = number.parse().expect("a number");
        digits(precision, scale).fitted(number).normalize().to_string()
    }

    #[test]
    fn usual_digits_round_and_end_at_their_whole_numbers() {
        assert_eq!(Digits::of(-1), None);
        assert_eq!((digits(6, -2).whole(), digits(6, -2).scale), (8, -2));
        for (precision, scale, number, becomes) in [
            (10, 2, "12.345", "12.35"),
            (5, 2, "-12345.6", "-999"),
            (38, 30, "12.5", "12.5"),
            (38, 30, "1234567890", "99999999"),
            (1000, 500, "12.345678", "12.345678"),
            (1000, 0, "12.6", "13"),
            (28, 0, "12.6", "13"),
        ] {
            assert_eq!(fitted(precision, scale, number), becomes, "numeric({precision},{scale}) of {number}");
        }
    }

    #[test]
    fn odd_digits_hold_other_values_than_zero() {
        for (precision, scale, number, becomes) in [
            (3, -5, "1234567", "1200000"),
            (3, -5, "12", "20200000"),
            (2, 4, "0.00123", "0.0012"),
            (4, 4, "0.5", "0.5"),
            (4, 4, "0", "0"),
        ] {
            assert_eq!(fitted(precision, scale, number), becomes, "numeric({precision},{scale}) of {number}");
        }
        for (precision, scale) in [(3, -5), (6, -2), (2, 4), (4, 4), (1000, 1000), (3, 30), (5, -28), (1, 28)]
        {
            for number in ["35", "-1250.75", "0.35", "79228162514264337593543950335"] {
                let made: Decimal = fitted(precision, scale, number).parse().expect("a number");
                let digits = digits(precision, scale);
                let unit = digits.unit().expect("a unit");
                assert!(!made.is_zero(), "numeric({precision},{scale}) of {number}");
                assert!((made % unit).is_zero(), "numeric({precision},{scale}) of {number}: {made}");
                let end = power_of_ten(digits.whole());
                assert!(end.is_none_or(|end| made.abs() < end), "numeric({precision},{scale}): {made}");
            }
        }
    }

    #[test]
    fn what_no_decimal_holds_has_no_unit() {
        for (precision, scale) in [(3, -29), (3, 40), (3, 1000), (1000, -1000)] {
            assert_eq!(digits(precision, scale).unit(), None, "numeric({precision},{scale})");
            assert_eq!(fitted(precision, scale, "35"), "0");
        }
    }
}
