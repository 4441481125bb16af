//! What constraints say of one column by itself.

use crate::sqlexpr::column_constraints::ColumnConstraints;
use crate::sqlexpr::constraint_extractor::ConstraintExtractor;
use crate::sqlexpr::expression::Expression;
use crate::sqlexpr::outcome::Verdict;
use crate::sqlexpr::value::Value;

/// So many of the literals, the patterns and the other columns that it is compared with are looked at. What is
/// passed by is held to all the same: the constraints have the last word.
const MOST_LITERALS: usize = 1_000;
const MOST_PATTERNS: usize = 32;
const MOST_COLUMNS: usize = 32;

/// What all of the constraints say of a column together, at the second `now`. In the constraint of a SQL domain
/// the column is called `VALUE`.
pub fn facts(checks: &[&Expression], column: &str, now: i64) -> ColumnConstraints {
    let walk = ConstraintExtractor { column, now };
    let mut facts = ColumnConstraints::default();
    for check in checks {
        for part in check.conjuncts().into_iter().filter(|part| part.mentions(column)) {
            facts = facts.and(walk.facts(part, false));
            let is_alone = part.columns() == [column];
            facts.not_null |= is_alone && part.verdict(&|_| Value::Null, now) == Verdict::Fails;
        }
        for literal in literals(check, column, now) {
            if facts.literals.len() < MOST_LITERALS && !facts.literals.contains(&literal) {
                facts.literals.push(literal);
            }
        }
    }
    facts.patterns.truncate(MOST_PATTERNS);
    facts.above.truncate(MOST_COLUMNS);
    facts.below.truncate(MOST_COLUMNS);
    facts.without_contradictions()
}

/// The literals with which a constraint compares a column, each once.
pub fn literals(check: &Expression, column: &str, now: i64) -> Vec<Value> {
    let mut literals: Vec<Value> = Vec::new();
    for literal in (ConstraintExtractor { column, now }).literals(check) {
        if literals.len() == MOST_LITERALS {
            break;
        }
        if !literals.contains(&literal) {
            literals.push(literal);
        }
    }
    literals
}
