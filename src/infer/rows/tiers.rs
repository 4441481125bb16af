//! Price tiers: from each quantity on a lower price.

use rust_decimal::Decimal;

use crate::sqlexpr::value::Value;

/// How a domain's price is handed to those who make tiers of it.
pub const PRICE: &str = "price of the product";
/// Quantities of a tier.
const STEP: u64 = 24;
/// Percent of a price for which a thing is sold at least, and at most.
const LEAST: i64 = 85;
const MOST: i64 = 120;
/// Percent of the price that each tier takes off.
const OFF: i64 = 5;

fn has(words: &[String], wanted: &[&str]) -> bool {
    words.iter().any(|word| wanted.contains(&word.as_str()))
}

fn is_quantity(words: &[String]) -> bool {
    has(words, &["quantity", "qty", "units", "volume"])
}

/// Whether a column of these words says from which quantity on a tier holds.
pub fn is_least(words: &[String]) -> bool {
    is_quantity(words) && has(words, &["min", "minimum", "from", "start"])
}

/// The value of a column of these words, of the `child`th tier; `None` where it is about something else.
pub fn value(words: &[String], child: u64, price: Option<&Value>) -> Option<Value> {
    if is_least(words) {
        return Some(Value::Number((child * STEP + 1).into()));
    }
    if is_quantity(words) && has(words, &["max", "maximum", "to", "until", "end"]) {
        return Some(Value::Number(((child + 1) * STEP).into()));
    }
    match price {
        Some(Value::Number(price)) if has(words, &["price", "amount"]) && !has(words, &["discount"]) => {
            // It may be had for somewhat less, and never costs much more.
            let of_price = match () {
                () if has(words, &["min", "minimum", "floor", "lowest"]) => LEAST,
                () if has(words, &["max", "maximum", "ceiling", "highest"]) => MOST,
                () => 100,
            };
            let percent = Decimal::from((of_price - OFF * child as i64).max(OFF));
            Some(Value::Number((price * percent / Decimal::ONE_HUNDRED).round_dp(2)))
        }
        _ => None,
    }
}
