//! CHECK expressions, as `pg_get_constraintdef` and `pg_get_expr` write them, as a tree. That form is
//! regular: everything is in parentheses and literals have their types.

use std::sync::Arc;

use crate::sqlexpr::functions::Function;
use crate::sqlexpr::operator::{Comparison, Operator, Test};
use crate::sqlexpr::pattern::Pattern;
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::Value;

/// A parsed SQL expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A column of the row; in the check of a SQL domain, `VALUE`.
    Column(String),
    /// A literal, and the type to which it is cast.
    Literal(Value, Option<Type>),
    /// `ARRAY[...]` of what are not all literals.
    Array(Vec<Expression>),
    /// `NOT`.
    Not(Box<Expression>),
    /// `AND`, of all that stand beside one another.
    And(Vec<Expression>),
    /// `OR`, likewise.
    Or(Vec<Expression>),
    /// `IS NULL`, `IS TRUE` and the like; `IS NOT` is the negation of it.
    Is(Test, Box<Expression>),
    /// `IS DISTINCT FROM`.
    Distinct(Box<Expression>, Box<Expression>),
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `= ANY (array)` where `all` is false, `<> ALL (array)` where it is true.
    Quantified {
        comparison: Comparison,
        /// Left operand.
        left: Box<Expression>,
        /// With each of these.
        array: Box<Expression>,
        /// Every one must hold.
        all: bool,
    },
    /// `~`, `~~` and their kin; those with `!` are the negation of it.
    Match {
        /// The text to be matched.
        subject: Box<Expression>,
        /// The pattern, as an expression.
        source: Box<Expression>,
        is_like: bool,
        /// The case of letters does not matter.
        ignores_case: bool,
        /// The pattern, where it does not depend on the row.
        compiled: Option<Arc<Pattern>>,
    },
    /// Any other binary operator.
    Operation(Operator, Box<Expression>, Box<Expression>),
    /// `x::type`; `COLLATE` as well.
    Cast(Box<Expression>, Type),
    /// `CASE WHEN ... THEN ... ELSE ... END`.
    Case(Vec<(Expression, Expression)>, Box<Expression>),
    /// `COALESCE`.
    Coalesce(Vec<Expression>),
    /// A function that we know.
    Call(&'static Function, Vec<Expression>),
}

impl Expression {
    /// The columns that it names, each once, in order of appearance.
    pub fn columns(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.visit(&mut |expression| {
            if let Self::Column(name) = expression
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        });
        names
    }

    /// What must hold each by itself: the sides of a top-level `AND`, or the whole.
    pub fn conjuncts(&self) -> Vec<&Self> {
        match self {
            Self::And(sides) => sides.iter().flat_map(Self::conjuncts).collect(),
            whole => vec![whole],
        }
    }

    /// How many expressions it is, the items of its lists among them: what evaluating it costs.
    pub fn size(&self) -> usize {
        let mut size = 0;
        self.visit(&mut |expression| {
            size += match expression {
                Self::Literal(Value::List(items), _) => items.len().max(1),
                _ => 1,
            };
        });
        size
    }

    /// How deep expressions stand in one another.
    pub fn height(&self) -> usize {
        let highest = |items: &[Self]| items.iter().map(Self::height).max().unwrap_or(0);
        let inner = match self {
            Self::Column(_) | Self::Literal(..) => 0,
            Self::Not(inner) | Self::Is(_, inner) | Self::Cast(inner, _) => inner.height(),
            Self::Array(items)
            | Self::And(items)
            | Self::Or(items)
            | Self::Coalesce(items)
            | Self::Call(_, items) => highest(items),
            Self::Distinct(left, right)
            | Self::Compare(_, left, right)
            | Self::Operation(_, left, right)
            | Self::Quantified { left, array: right, .. }
            | Self::Match { subject: left, source: right, .. } => left.height().max(right.height()),
            Self::Case(branches, otherwise) => {
                let of_branch = |(a, b): &(Self, Self)| a.height().max(b.height());
                branches.iter().map(of_branch).max().unwrap_or(0).max(otherwise.height())
            }
        };
        inner + 1
    }

    /// Whether it is the same for every row.
    pub fn is_constant(&self) -> bool {
        let mut is_constant = true;
        self.visit(&mut |expression| is_constant &= !matches!(expression, Self::Column(_)));
        is_constant
    }

    /// Whether it names the column.
    pub fn mentions(&self, column: &str) -> bool {
        let mut mentions = false;
        self.visit(&mut |expression| mentions |= matches!(expression, Self::Column(name) if name == column));
        mentions
    }

    /// The same with other expressions in the place of those for which `other` has one.
    #[must_use]
    pub fn replaced(&self, other: &dyn Fn(&Self) -> Option<Self>) -> Self {
        if let Some(other) = other(self) {
            return other;
        }
        let one = |inner: &Self| Box::new(inner.replaced(other));
        let all = |items: &[Self]| items.iter().map(|item| item.replaced(other)).collect();
        match self {
            Self::Column(_) | Self::Literal(..) => self.clone(),
            Self::Not(inner) => Self::Not(one(inner)),
            Self::Is(test, inner) => Self::Is(*test, one(inner)),
            Self::Cast(inner, kind) => Self::Cast(one(inner), kind.clone()),
            Self::Array(items) => Self::Array(all(items)),
            Self::And(items) => Self::And(all(items)),
            Self::Or(items) => Self::Or(all(items)),
            Self::Coalesce(items) => Self::Coalesce(all(items)),
            Self::Call(function, items) => Self::Call(function, all(items)),
            Self::Distinct(left, right) => Self::Distinct(one(left), one(right)),
            Self::Compare(comparison, left, right) => Self::Compare(*comparison, one(left), one(right)),
            Self::Operation(operator, left, right) => Self::Operation(*operator, one(left), one(right)),
            Self::Quantified { comparison, left, array, all } => {
                Self::Quantified { comparison: *comparison, left: one(left), array: one(array), all: *all }
            }
            Self::Match { subject, source, is_like, ignores_case, compiled } => Self::Match {
                subject: one(subject),
                source: one(source),
                is_like: *is_like,
                ignores_case: *ignores_case,
                compiled: compiled.clone(),
            },
            Self::Case(branches, otherwise) => Self::Case(
                branches.iter().map(|(when, then)| (when.replaced(other), then.replaced(other))).collect(),
                one(otherwise),
            ),
        }
    }

    /// Shows it and everything within it to `seen`, outer before inner, left before right.
    pub fn visit<'a>(&'a self, seen: &mut dyn FnMut(&'a Self)) {
        seen(self);
        match self {
            Self::Column(_) | Self::Literal(..) => {}
            Self::Not(inner) | Self::Is(_, inner) | Self::Cast(inner, _) => inner.visit(seen),
            Self::Array(items)
            | Self::And(items)
            | Self::Or(items)
            | Self::Coalesce(items)
            | Self::Call(_, items) => items.iter().for_each(|item| item.visit(seen)),
            Self::Distinct(left, right)
            | Self::Compare(_, left, right)
            | Self::Operation(_, left, right)
            | Self::Quantified { left, array: right, .. }
            | Self::Match { subject: left, source: right, .. } => {
                left.visit(seen);
                right.visit(seen);
            }
            Self::Case(branches, otherwise) => {
                for (condition, value) in branches {
                    condition.visit(seen);
                    value.visit(seen);
                }
                otherwise.visit(seen);
            }
        }
    }

    /// The type of its value, where the text alone tells it.
    pub fn kind(&self) -> Option<&Type> {
        match self {
            Self::Literal(_, kind) => kind.as_ref(),
            Self::Cast(_, kind) => Some(kind),
            Self::Call(function, arguments) => match &function.gives {
                Some(kind) => Some(kind),
                None => arguments.iter().find_map(Self::kind).filter(|_| function.keeps_kind),
            },
            // Both sides of these are of one type, or the server would have written a cast. (Of days and
            // intervals the result is told by its value.)
            Self::Operation(operator, left, right) if operator.is_arithmetic() => {
                left.kind().or_else(|| right.kind()).filter(|kind| kind.is_number())
            }
            Self::Coalesce(items) | Self::Array(items) => items.iter().find_map(Self::kind),
            Self::Case(branches, otherwise) => {
                branches.iter().find_map(|(_, value)| value.kind()).or_else(|| otherwise.kind())
            }
            _ => None,
        }
    }
}
