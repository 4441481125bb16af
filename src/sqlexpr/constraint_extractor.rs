//! The way through a constraint that collects the facts of a column.

use crate::sqlexpr::column_constraints::ColumnConstraints;
use crate::sqlexpr::column_term::{ColumnTerm, stripped};
use crate::sqlexpr::expression::Expression;
use crate::sqlexpr::operator::{Comparison, Operator, Test};
use crate::sqlexpr::pattern::Pattern;
use crate::sqlexpr::time::Interval;
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::Value;

/// A walk for a column.
pub struct ConstraintExtractor<'a> {
    pub column: &'a str,
    /// The second at which the constraints are read.
    pub now: i64,
}

impl ConstraintExtractor<'_> {
    /// What must be so where `expression` must not be false; or, if `is_negated`, must not be true.
    pub fn facts(&self, expression: &Expression, is_negated: bool) -> ColumnConstraints {
        match expression {
            Expression::Not(inner) => self.facts(inner, !is_negated),
            Expression::And(sides) if !is_negated => self.all(sides, false),
            Expression::Or(sides) if is_negated => self.all(sides, true),
            Expression::And(sides) | Expression::Or(sides) => self.any(sides, is_negated),
            Expression::Is(test, inner) => self.is(*test, inner, is_negated),
            // A COALESCE of truths says the same where the first is not NULL.
            Expression::Coalesce(items) => match items.as_slice() {
                [first, rest @ ..] if rest.iter().all(Expression::is_constant) => {
                    self.facts(first, is_negated)
                }
                _ => ColumnConstraints::default(),
            },
            Expression::Column(_) if self.is_column(expression) => ColumnConstraints {
                labels: Some(vec![Value::Bool(!is_negated)]),
                ..ColumnConstraints::default()
            },
            Expression::Compare(comparison, left, right) => {
                self.compared(if is_negated { comparison.negated() } else { *comparison }, left, right)
            }
            Expression::Distinct(left, right) => {
                let comparison = if is_negated { Comparison::Equal } else { Comparison::Differs };
                match (self.subject(left), self.constant(right)) {
                    (Some(subject), Some(value)) => subject.facts(comparison, &value),
                    _ if is_negated => self.compared(comparison, left, right),
                    _ => ColumnConstraints::default(),
                }
            }
            Expression::Quantified { comparison, left, array, all } => {
                let comparison = if is_negated { comparison.negated() } else { *comparison };
                self.quantified(comparison, left, array, *all != is_negated)
            }
            _ if is_negated => ColumnConstraints::default(),
            Expression::Match { subject, compiled: Some(pattern), .. } => self.matching(subject, pattern),
            Expression::Operation(operator, left, right) => self.operation(*operator, left, right),
            Expression::Call(function, arguments) => match (function.name, arguments.as_slice()) {
                ("starts_with", [text, start]) => self.operation(Operator::StartsWith, text, start),
                _ => ColumnConstraints::default(),
            },
            _ => ColumnConstraints::default(),
        }
    }

    /// Every literal with which the column is compared.
    pub fn literals(&self, expression: &Expression) -> Vec<Value> {
        let mut literals = Vec::new();
        expression.visit(&mut |inner| {
            let (left, right) = match inner {
                Expression::Compare(_, left, right)
                | Expression::Distinct(left, right)
                | Expression::Quantified { left, array: right, .. } => (left, right),
                _ => return,
            };
            for (side, other) in [(left, right), (right, left)] {
                if self.subject(side).is_some_and(|subject| subject.is_the_value()) {
                    match (self.constant(other), inner) {
                        (Some(Value::List(items)), Expression::Quantified { .. }) => literals.extend(items),
                        (value, _) => literals.extend(value),
                    }
                }
            }
        });
        literals.retain(|value| !value.is_null());
        literals
    }

    fn all(&self, sides: &[Expression], is_negated: bool) -> ColumnConstraints {
        sides
            .iter()
            .map(|side| self.facts(side, is_negated))
            .fold(ColumnConstraints::default(), ColumnConstraints::and)
    }

    fn any(&self, sides: &[Expression], is_negated: bool) -> ColumnConstraints {
        ColumnConstraints::any(sides.iter().map(|side| self.facts(side, is_negated)).collect())
    }

    fn is(&self, test: Test, inner: &Expression, is_negated: bool) -> ColumnConstraints {
        match test {
            Test::Null if self.is_column(inner) => ColumnConstraints {
                null_only: !is_negated,
                not_null: is_negated,
                ..ColumnConstraints::default()
            },
            Test::Null => ColumnConstraints::default(),
            // It is true, so it is not false; what is not true may be NULL because of another column.
            Test::True if !is_negated || inner.columns() == [self.column] => self.facts(inner, is_negated),
            Test::False if !is_negated || inner.columns() == [self.column] => self.facts(inner, !is_negated),
            _ => ColumnConstraints::default(),
        }
    }

    fn is_column(&self, expression: &Expression) -> bool {
        matches!(stripped(expression), Expression::Column(name) if name == self.column)
    }

    fn subject(&self, expression: &Expression) -> Option<ColumnTerm> {
        ColumnTerm::of(expression, self.column, self.now)
    }

    fn constant(&self, expression: &Expression) -> Option<Value> {
        let value = expression.is_constant().then(|| expression.outcome(&|_| Value::Null, self.now))?;
        value.ok().filter(|value| !value.is_null())
    }

    fn compared(&self, comparison: Comparison, left: &Expression, right: &Expression) -> ColumnConstraints {
        match (self.subject(left), self.subject(right)) {
            (Some(subject), None) => match self.constant(right) {
                // In an order that is not known, it is no bound.
                Some(_) if !is_ordered(comparison, right) => ColumnConstraints::default(),
                Some(value) => subject.facts(comparison, &value),
                None if subject.is_plain() => self.beside(comparison, right),
                None => ColumnConstraints::default(),
            },
            (None, Some(_)) => self.compared(comparison.turned(), right, left),
            (Some(a), Some(b)) if comparison == Comparison::Equal => a.unchanged().and(b.unchanged()),
            (Some(_), Some(_)) => ColumnConstraints::default(),
            (None, None) => self.difference(comparison, left, right),
        }
    }

    /// Beside an expression of other columns.
    fn beside(&self, comparison: Comparison, other: &Expression) -> ColumnConstraints {
        if other.mentions(self.column) || other.is_constant() {
            return ColumnConstraints::default();
        }
        if comparison == Comparison::Equal {
            return ColumnConstraints { equals: Some(other.clone()), ..ColumnConstraints::default() };
        }
        match stripped(other) {
            Expression::Column(name) => above_or_below(comparison, name),
            // Something is added to another column, so what is above the sum is above that column.
            Expression::Operation(Operator::Plus, left, right) => {
                match (stripped(left), self.constant(right), comparison) {
                    (Expression::Column(name), Some(more), Comparison::Greater)
                        if is_positive(&more, true) =>
                    {
                        above_or_below(comparison, name)
                    }
                    (Expression::Column(name), Some(more), Comparison::GreaterOrEqual)
                        if is_positive(&more, true) =>
                    {
                        let is_strict = is_positive(&more, false);
                        ColumnConstraints {
                            above: vec![(name.clone(), is_strict)],
                            ..ColumnConstraints::default()
                        }
                    }
                    _ => ColumnConstraints::default(),
                }
            }
            _ => ColumnConstraints::default(),
        }
    }

    /// `(a - b) > 0`.
    fn difference(&self, comparison: Comparison, left: &Expression, right: &Expression) -> ColumnConstraints {
        let (Expression::Operation(Operator::Minus, a, b), Some(least)) = (left, self.constant(right)) else {
            return ColumnConstraints::default();
        };
        let comparison = match comparison {
            Comparison::Greater if is_positive(&least, true) => Comparison::Greater,
            Comparison::GreaterOrEqual if is_positive(&least, false) => Comparison::Greater,
            Comparison::GreaterOrEqual if is_positive(&least, true) => Comparison::GreaterOrEqual,
            _ => return ColumnConstraints::default(),
        };
        match (stripped(a), stripped(b)) {
            (Expression::Column(a), Expression::Column(b)) if a == self.column => {
                above_or_below(comparison, b)
            }
            (Expression::Column(a), Expression::Column(b)) if b == self.column => {
                above_or_below(comparison.turned(), a)
            }
            _ => ColumnConstraints::default(),
        }
    }

    fn quantified(
        &self,
        comparison: Comparison,
        left: &Expression,
        array: &Expression,
        all: bool,
    ) -> ColumnConstraints {
        let (Some(subject), Some(Value::List(items))) = (self.subject(left), self.constant(array)) else {
            return ColumnConstraints::default();
        };
        // A NULL among them lets everything pass, which nobody means who writes a list.
        let items = items.iter().filter(|item| !item.is_null());
        let each = items.map(|item| subject.facts(comparison, item));
        if all {
            each.fold(ColumnConstraints::default(), ColumnConstraints::and)
        } else {
            ColumnConstraints::any(each.collect())
        }
    }

    fn matching(&self, subject: &Expression, pattern: &Pattern) -> ColumnConstraints {
        let pattern = match self.subject(subject) {
            Some(ColumnTerm::Plain) => Some(pattern.clone()),
            Some(ColumnTerm::Lower | ColumnTerm::Upper) => pattern.without_case(),
            _ => None,
        };
        ColumnConstraints { patterns: pattern.into_iter().collect(), ..ColumnConstraints::default() }
    }

    fn operation(&self, operator: Operator, left: &Expression, right: &Expression) -> ColumnConstraints {
        let none = ColumnConstraints::default();
        if operator == Operator::Contains && self.is_column(right) {
            return self.operation(Operator::ContainedIn, right, left);
        }
        let (true, Some(value)) = (self.is_column(left), self.constant(right)) else { return none };
        match (operator, value) {
            (Operator::StartsWith, Value::Text(start)) => {
                ColumnConstraints { patterns: Pattern::around("", &start, "%").into_iter().collect(), ..none }
            }
            (Operator::HasKey, Value::Text(key)) => ColumnConstraints { json_keys: vec![key], ..none },
            (Operator::HasAllKeys, Value::List(keys)) => {
                let keys = keys.iter().filter_map(|key| key.as_text().map(str::to_owned));
                ColumnConstraints { json_keys: keys.collect(), ..none }
            }
            (Operator::ContainedIn, Value::List(items)) => {
                ColumnConstraints { item_labels: Some(items), ..none }
            }
            _ => none,
        }
    }
}

/// Whether it is known how values of such a type stand to one another, as far as the comparison asks.
fn is_ordered(comparison: Comparison, value: &Expression) -> bool {
    matches!(comparison, Comparison::Equal | Comparison::Differs)
        || !matches!(value.kind(), Some(Type::Named(_) | Type::Odd(_)))
}

fn above_or_below(comparison: Comparison, name: &str) -> ColumnConstraints {
    let none = ColumnConstraints::default();
    let name = name.to_owned();
    match comparison {
        Comparison::Greater => ColumnConstraints { above: vec![(name, true)], ..none },
        Comparison::GreaterOrEqual => ColumnConstraints { above: vec![(name, false)], ..none },
        Comparison::Less => ColumnConstraints { below: vec![(name, true)], ..none },
        Comparison::LessOrEqual => ColumnConstraints { below: vec![(name, false)], ..none },
        _ => none,
    }
}

/// Whether a number or an interval is above zero, or at least zero.
fn is_positive(value: &Value, or_zero: bool) -> bool {
    let sign = match value {
        Value::Number(number) => number.cmp(&0.into()),
        Value::Text(text) => match Interval::read(text) {
            Some(interval) => interval.length().cmp(&0),
            None => return false,
        },
        _ => return false,
    };
    sign.is_gt() || (or_zero && sign.is_eq())
}
