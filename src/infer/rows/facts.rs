//! What else follows from the domain's own rows: a deal that is won says so, a line comes to quantity times price.

use rust_decimal::Decimal;

use crate::infer::column_type::cents;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;

/// The value of a column, by the words of its name, that the domain has not, where its own say it; `known` are those.
pub(super) fn of_row(
    table: &str,
    words: &[String],
    scalar: ScalarType,
    known: &dyn Fn(&str) -> Option<Value>,
) -> Option<Value> {
    let words = || words.iter().map(String::as_str).collect::<Vec<&str>>();
    match table {
        "opportunities" => of_deal(&words(), scalar, known),
        "opportunity_products" => of_line(&words(), scalar, known),
        _ => None,
    }
}

/// Whether a column is of those.
pub(super) fn says(table: &str, words: &[String], scalar: ScalarType) -> bool {
    let known = |name: &str| Some(if name == "stage" { "closed_won".into() } else { Value::from(1) });
    of_row(table, words, scalar, &known).is_some()
}

fn number(value: Option<Value>) -> Option<Decimal> {
    match value? {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

fn of_deal(words: &[&str], scalar: ScalarType, known: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let stage = known("stage")?;
    let stage = stage.as_text()?;
    let (is_won, is_lost) = (stage == "closed_won", stage == "closed_lost");
    // `expected_revenue` beside the amount.
    let is_weighted = has(&["weighted", "prorated"])
        || (has(&["expected", "forecasted"]) && has(&["revenue", "value", "amount"]));
    let closed = |is_it: bool| match is_it {
        true => known("actual_close_date").or_else(|| known("updated_at")).or(Some(Value::Null)),
        false => Some(Value::Null),
    };
    match scalar {
        ScalarType::Bool | ScalarType::Integer if words.len() <= 2 && has(&["won"]) => {
            Some(yes(is_won, scalar))
        }
        ScalarType::Bool | ScalarType::Integer if words.len() <= 2 && has(&["lost"]) => {
            Some(yes(is_lost, scalar))
        }
        ScalarType::Bool | ScalarType::Integer if words.len() <= 2 && has(&["closed"]) => {
            Some(yes(is_won || is_lost, scalar))
        }
        ScalarType::Bool if words.len() <= 2 && has(&["open"]) => Some(yes(!is_won && !is_lost, scalar)),
        ScalarType::Date | ScalarType::Timestamp if has(&["won"]) => closed(is_won),
        ScalarType::Date | ScalarType::Timestamp if has(&["lost"]) => closed(is_lost),
        ScalarType::Date | ScalarType::Timestamp if has(&["closed"]) => closed(is_won || is_lost),
        ScalarType::Decimal | ScalarType::Integer if is_weighted => {
            let amount = number(known("amount"))? * number(known("probability"))?;
            Some(Value::Number(cents(amount / Decimal::ONE_HUNDRED)))
        }
        // There is one currency.
        ScalarType::Decimal | ScalarType::Integer
            if has(&["amount", "value"])
                && has(&["base", "home", "usd", "converted", "local", "reporting"]) =>
        {
            known("amount")
        }
        ScalarType::Text if has(&["won"]) && has(&["reason"]) && !is_won => Some(Value::Null),
        ScalarType::Text if has(&["lost"]) && !is_lost => Some(Value::Null),
        _ => None,
    }
}

fn of_line(words: &[&str], scalar: ScalarType, known: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    let is_total = matches!(
        words,
        ["total" | "amount" | "subtotal"]
            | ["line" | "total" | "net" | "extended" | "ext" | "sub", "total" | "price" | "amount"]
    );
    if !is_total || !matches!(scalar, ScalarType::Decimal | ScalarType::Integer) {
        return None;
    }
    let whole = number(known("quantity"))? * number(known("unit_price"))?;
    let off = number(known("discount_percent")).unwrap_or_default();
    Some(Value::Number(cents(whole * (Decimal::ONE_HUNDRED - off) / Decimal::ONE_HUNDRED)))
}

fn yes(is_so: bool, scalar: ScalarType) -> Value {
    match scalar {
        ScalarType::Bool => is_so.into(),
        _ => i64::from(is_so).into(),
    }
}
