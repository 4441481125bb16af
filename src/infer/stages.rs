//! What rows of a list of the domain's stages say besides their names.

use rust_decimal::Decimal;

use crate::domain::dataset::STAGES;
use crate::infer::labels;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;

/// What is known of one of the domain's stages, in a column of these words.
pub fn of_stage(name: &str, words: &[String], scalar: ScalarType) -> Option<Value> {
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

/// Which of the labels a stage has, where they part stages into those that go on, are won and are lost.
pub fn label_of(name: &str, labels: &[String]) -> Option<String> {
    if !STAGES.iter().any(|stage| stage.name == name) {
        return None;
    }
    let exact = |wanted: &str| {
        let found = labels::nearest(wanted, labels, None)?;
        matches!(found.how, labels::How::Same | labels::How::Spelling | labels::How::Semantics)
            .then(|| labels.get(found.index).cloned())?
    };
    let (won, lost) = (exact("won")?, exact("lost")?);
    match name {
        _ if won == lost => None,
        "closed_won" => Some(won),
        "closed_lost" => Some(lost),
        _ => exact("open").filter(|open| *open != won && *open != lost),
    }
}
