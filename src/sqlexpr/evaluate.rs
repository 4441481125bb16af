//! An expression's value for a row, in the logic of three values that the server has, and with a fourth
//! outcome: that we cannot tell.

use std::borrow::Cow;
use std::sync::Arc;

use crate::sqlexpr::arithmetic;
use crate::sqlexpr::cast::{cast, is_of, shown};
use crate::sqlexpr::compare::{Mode, compare};
use crate::sqlexpr::expression::Expression;
use crate::sqlexpr::operator::{Comparison, Test};
use crate::sqlexpr::outcome::{EvalError, Outcome, Verdict};
use crate::sqlexpr::pattern::Pattern;
use crate::sqlexpr::value::Value;

/// A value on its way: what stands in the row, or in the expression, is not copied.
type Passing<'v> = Result<Cow<'v, Value>, EvalError>;

struct Context<'a, 'v> {
    row: &'a dyn Fn(&str) -> Cow<'v, Value>,
    now: i64,
}

impl Expression {
    /// What it says of a row, at the second `now`.
    pub fn verdict(&self, row: &dyn Fn(&str) -> Value, now: i64) -> Verdict {
        self.verdict_on(&|name| Cow::Owned(row(name)), now)
    }

    /// The same of a row that lends its values.
    pub fn verdict_on<'v>(&'v self, row: &dyn Fn(&str) -> Cow<'v, Value>, now: i64) -> Verdict {
        match (Context { row, now }).value(self).as_deref() {
            Ok(Value::Bool(true) | Value::Null) => Verdict::Passes,
            Ok(Value::Bool(false)) | Err(EvalError::ServerError) => Verdict::Fails,
            Ok(_) | Err(EvalError::Unsupported) => Verdict::Unknown,
        }
    }

    /// Its value for a row; NULL also where there is none. See [`Expression::outcome`].
    pub fn value(&self, row: &dyn Fn(&str) -> Value, now: i64) -> Value {
        self.outcome(row, now).unwrap_or(Value::Null)
    }

    /// Its value for a row.
    ///
    /// # Errors
    /// Where the server would refuse, or where we cannot tell what it would say.
    pub fn outcome(&self, row: &dyn Fn(&str) -> Value, now: i64) -> Outcome {
        Context { row: &|name| Cow::Owned(row(name)), now }.value(self).map(Cow::into_owned)
    }
}

impl<'v> Context<'_, 'v> {
    fn value(&self, expression: &'v Expression) -> Passing<'v> {
        let made = match expression {
            Expression::Column(name) => return Ok((self.row)(name)),
            Expression::Literal(value, _) => return Ok(Cow::Borrowed(value)),
            Expression::Array(items) => Ok(Value::List(self.values(items)?)),
            Expression::Not(inner) => match *self.value(inner)? {
                Value::Bool(value) => Ok(Value::Bool(!value)),
                Value::Null => Ok(Value::Null),
                _ => Err(EvalError::Unsupported),
            },
            Expression::And(sides) => self.all(sides),
            Expression::Or(sides) => self.any(sides),
            Expression::Is(test, inner) => {
                let value = self.value(inner)?;
                Ok(Value::Bool(match test {
                    Test::Null => value.is_null(),
                    Test::True => *value == Value::Bool(true),
                    Test::False => *value == Value::Bool(false),
                }))
            }
            Expression::Distinct(left, right) => self.distinct(left, right),
            Expression::Compare(comparison, left, right) => {
                let mode = mode(left, right);
                compare(*comparison, &*self.value(left)?, &*self.value(right)?, mode)
            }
            Expression::Quantified { comparison, left, array, all } => {
                self.quantified(*comparison, left, array, *all)
            }
            Expression::Match { subject, source, is_like, ignores_case, compiled } => {
                let (subject, source) = (self.value(subject)?, self.value(source)?);
                matched(&subject, &source, *is_like, *ignores_case, compiled.as_ref())
            }
            Expression::Operation(operator, left, right) => {
                let (a, b) = (self.value(left)?, self.value(right)?);
                arithmetic::operate(*operator, &a, &b, expression.kind())
            }
            Expression::Cast(inner, kind) => {
                let value = self.value(inner)?;
                if is_of(&value, kind) {
                    return Ok(value);
                }
                cast(value.into_owned(), kind)
            }
            Expression::Case(branches, otherwise) => {
                for (condition, value) in branches {
                    if *self.value(condition)? == Value::Bool(true) {
                        return self.value(value);
                    }
                }
                return self.value(otherwise);
            }
            Expression::Coalesce(items) => {
                for item in items {
                    let value = self.value(item)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Ok(Value::Null)
            }
            Expression::Call(function, arguments) => {
                let values = self.values(arguments)?;
                if function.is_strict && values.iter().any(Value::is_null) {
                    return Ok(Cow::Owned(Value::Null));
                }
                (function.body)(&values, self.now)
            }
        };
        made.map(Cow::Owned)
    }

    fn values(&self, items: &'v [Expression]) -> Result<Vec<Value>, EvalError> {
        items.iter().map(|item| self.value(item).map(Cow::into_owned)).collect()
    }

    /// From left to right until one is false, as the server does it: what stands behind may raise.
    fn all(&self, sides: &'v [Expression]) -> Outcome {
        let mut so_far = Ok(Value::Bool(true));
        for side in sides {
            match self.value(side).as_deref() {
                Ok(Value::Bool(true)) => {}
                Ok(Value::Bool(false)) => return Ok(Value::Bool(false)),
                Ok(Value::Null) if so_far.is_ok() => so_far = Ok(Value::Null),
                Ok(Value::Null) => {}
                Err(EvalError::ServerError) => return Err(EvalError::ServerError),
                Ok(_) | Err(EvalError::Unsupported) => so_far = Err(EvalError::Unsupported),
            }
        }
        so_far
    }

    fn any(&self, sides: &'v [Expression]) -> Outcome {
        let mut so_far = Ok(Value::Bool(false));
        for side in sides {
            match self.value(side).as_deref() {
                Ok(Value::Bool(false)) => {}
                Ok(Value::Bool(true)) => return Ok(Value::Bool(true)),
                Ok(Value::Null) if so_far.is_ok() => so_far = Ok(Value::Null),
                Ok(Value::Null) => {}
                Err(EvalError::ServerError) if so_far.is_ok() => return Err(EvalError::ServerError),
                Ok(_) | Err(_) => so_far = Err(EvalError::Unsupported),
            }
        }
        so_far
    }

    fn distinct(&self, left: &'v Expression, right: &'v Expression) -> Outcome {
        let (a, b) = (self.value(left)?, self.value(right)?);
        if a.is_null() || b.is_null() {
            return Ok(Value::Bool(a.is_null() != b.is_null()));
        }
        compare(Comparison::Differs, &a, &b, mode(left, right))
    }

    fn quantified(
        &self,
        comparison: Comparison,
        left: &'v Expression,
        array: &'v Expression,
        all: bool,
    ) -> Outcome {
        let mode = mode(left, array);
        let value = self.value(left)?;
        // A literal may have thousands of items.
        let array = self.value(array)?;
        let items = match array.as_ref() {
            Value::List(items) => items,
            Value::Null => return Ok(Value::Null),
            _ => return Err(EvalError::Unsupported),
        };
        let mut so_far = Ok(Value::Bool(all));
        for item in items {
            match compare(comparison, &value, item, mode) {
                Ok(Value::Bool(holds)) if holds != all => return Ok(Value::Bool(holds)),
                Ok(Value::Bool(_)) => {}
                Ok(_) if so_far.is_ok() => so_far = Ok(Value::Null),
                Ok(_) => {}
                Err(trouble) => so_far = Err(trouble),
            }
        }
        so_far
    }
}

/// How the values of two expressions compare. Sums and differences of times are intervals.
fn mode(left: &Expression, right: &Expression) -> Mode {
    match Mode::of(left.kind(), right.kind()) {
        Mode::Plain | Mode::Moment if is_computed(left) || is_computed(right) => Mode::Interval,
        mode => mode,
    }
}

fn is_computed(expression: &Expression) -> bool {
    matches!(expression, Expression::Operation(operator, _, _) if operator.is_arithmetic())
}

fn matched(
    subject: &Value,
    source: &Value,
    is_like: bool,
    ignores_case: bool,
    compiled: Option<&Arc<Pattern>>,
) -> Outcome {
    if subject.is_null() || source.is_null() {
        return Ok(Value::Null);
    }
    let text = shown(subject)?;
    if let Some(pattern) = compiled {
        return Ok(Value::Bool(pattern.matches(&text)));
    }
    let source = shown(source)?;
    let made = Pattern::of_row(&source, is_like, ignores_case);
    made.map(|pattern| Value::Bool(pattern.matches(&text))).map_err(|_| EvalError::Unsupported)
}
