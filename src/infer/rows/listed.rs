//! Rows of lists of values: what they are called, and what else is known of the domain's.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::domain::dataset::STAGES;
use crate::fixture::fixture;
use crate::infer::model::Called;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::for_people;
use crate::sqlexpr::value::Value;

static CODES: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| fixture!("list_codes.tsv", ["name", "code"]).map(|[name, code]| (name, code)).collect());

/// What a column calls a row.
pub(super) fn called(name: &str, how: Called) -> String {
    match how {
        Called::AsItIs => name.to_owned(),
        Called::Code => CODES.get(name).map_or_else(|| slug(name, "_"), |code| (*code).to_owned()),
        Called::Slug => slug(name, "-"),
        Called::ForPeople => for_people(name),
    }
}

fn slug(name: &str, between: &str) -> String {
    let lower = name.to_lowercase();
    let parts = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(between)
}

/// What is known of one of the domain's stages.
pub(super) fn of_stage(name: &str, words: &[String], scalar: ScalarType) -> Option<Value> {
    let stage = STAGES.iter().find(|stage| stage.name == name)?;
    let (is_won, is_lost) = (name == "closed_won", name == "closed_lost");
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    match scalar {
        ScalarType::Bool if has(&["won", "win", "success"]) => Some(is_won.into()),
        ScalarType::Bool if has(&["lost", "loss"]) => Some(is_lost.into()),
        ScalarType::Bool if has(&["closed", "final", "terminal", "end"]) => Some((is_won || is_lost).into()),
        ScalarType::Bool if has(&["open"]) => Some((!is_won && !is_lost).into()),
        ScalarType::Integer | ScalarType::Decimal if has(&["probability", "percent", "chance"]) => {
            Some(Value::Number(Decimal::from((stage.probability.0 + stage.probability.1) / 2)))
        }
        _ => None,
    }
}
