//! Columns that the server computes of others: what is said of them is said of those.

use crate::catalog::{Column, Table};
use crate::infer::digits::Digits;
use crate::sqlexpr::operator::{Comparison, Test};
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{self, Expression};

/// What a generated column must be: not NULL, and within the digits of its type. The server would raise else.
fn must_be(column: &Column, expression: &Expression) -> Option<(String, Expression)> {
    let mut sides = Vec::new();
    if column.not_null {
        let is_null = Expression::Is(Test::Null, Box::new(expression.clone()));
        sides.push(Expression::Not(Box::new(is_null)));
    }
    let digits = Digits::of(column.typmod).filter(|_| column.base == "numeric");
    if let Some(most) = digits.and_then(Digits::most) {
        for (comparison, bound) in [(Comparison::LessOrEqual, most), (Comparison::GreaterOrEqual, -most)] {
            let bound = Expression::Literal(Value::Number(bound), Some(Type::Numeric(None)));
            sides.push(Expression::Compare(comparison, Box::new(expression.clone()), Box::new(bound)));
        }
    }
    let definition = format!("{} {}", column.name, column.type_name);
    (!sides.is_empty()).then_some((definition, Expression::And(sides)))
}

/// The generated columns of a table.
#[derive(Debug, Default)]
pub struct Generated(Vec<(String, std::result::Result<Expression, String>)>);

impl Generated {
    /// Of `table`.
    pub fn of(table: &Table) -> Self {
        let generated = table.columns.iter().filter_map(|column| {
            let text = column.generated_as.as_deref()?;
            Some((column.name.clone(), sqlexpr::read(text)))
        });
        Self(generated.collect())
    }

    /// The expression of a column, where it is one of them and can be read.
    pub fn expression(&self, column: &str) -> Option<&Expression> {
        self.0.iter().find(|(name, _)| name == column)?.1.as_ref().ok()
    }

    /// What must hold of the columns of which those of `table` are generated: the column, its definition, and what.
    pub fn requirements(&self, table: &Table) -> Vec<(String, String, Expression)> {
        let all = table.columns.iter().filter_map(|column| {
            let (definition, expression) = must_be(column, self.expression(&column.name)?)?;
            Some((column.name.clone(), definition, expression))
        });
        all.collect()
    }

    /// An expression with what they are computed of in the place of such columns.
    ///
    /// # Errors
    /// What of their expressions cannot be read.
    pub fn written_out(&self, expression: Expression) -> std::result::Result<Expression, String> {
        if let Some((name, Err(why))) =
            self.0.iter().find(|(name, read)| read.is_err() && expression.mentions(name))
        {
            return Err(format!("{why}, of which {name} is generated"));
        }
        if self.0.iter().all(|(name, _)| !expression.mentions(name)) {
            return Ok(expression);
        }
        Ok(expression.replaced(&|inner| match inner {
            Expression::Column(name) => self.expression(name).cloned(),
            _ => None,
        }))
    }
}
