//! Price tiers: from each quantity on a lower price.

use rust_decimal::Decimal;

use crate::infer::names;
use crate::sqlexpr::value::Value;

/// How a domain's price is handed to those who make tiers of it.
pub const PRICE: &str = "price of the product";
/// Quantities of a tier.
const STEP: u64 = 24;
/// Percent of the price that each tier takes off.
const OFF: i64 = 5;

fn has(column: &str, wanted: &[&str]) -> bool {
    names::words(column).iter().any(|word| wanted.contains(&word.as_str()))
}

fn is_quantity(column: &str) -> bool {
    has(column, &["quantity", "qty", "units", "volume"])
}

/// Whether a column says from which quantity on a tier holds.
pub fn is_least(column: &str) -> bool {
    is_quantity(column) && has(column, &["min", "minimum", "from", "start"])
}

/// The value of a column of the `child`th tier; `None` where it is about something else.
pub fn value(column: &str, child: u64, price: Option<&Value>) -> Option<Value> {
    if is_least(column) {
        return Some(Value::Number((child * STEP + 1).into()));
    }
    if is_quantity(column) && has(column, &["max", "maximum", "to", "until", "end"]) {
        return Some(Value::Number(((child + 1) * STEP).into()));
    }
    match price {
        Some(Value::Number(price)) if has(column, &["price", "amount"]) => {
            let percent = Decimal::from((100 - OFF * child as i64).max(OFF));
            Some(Value::Number((price * percent / Decimal::ONE_HUNDRED).round_dp(2)))
        }
        _ => None,
    }
}
