//! What a unique key or exclusion constraint asks of the rows that are written.

use crate::catalog::{Column, Table, Unique};
use crate::domain::all_columns_of;
use crate::infer::generated::Generated;
use crate::infer::model::{Generator, KeyOperator, KeyRule, Reference, ReferenceStrategy, Rows, TableModel};
use crate::sqlexpr::operator::Operator;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{self, Expression};

/// What is known of a key.
pub enum KeyKind {
    /// It is kept whatever is written: a part of it is always NULL, or differs in every row by itself.
    Kept,
    /// To be held to.
    Rule(KeyRule),
    /// It cannot be read; these are the columns whose names stand in it.
    Unread(Vec<String>),
}

/// Reads a key of a member of the model.
pub fn read(unique: &Unique, table: &Table, member: &TableModel) -> KeyKind {
    let generated = Generated::of(table);
    let parts: Vec<std::result::Result<Expression, String>> = match &unique.expressions {
        Some(expressions) => expressions.iter().map(|text| sqlexpr::read(text)).collect(),
        None => {
            unique.columns.iter().flatten().map(|column| Ok(Expression::Column(column.clone()))).collect()
        }
    };
    let parts: Option<Vec<Expression>> =
        parts.into_iter().map(|part| generated.written_out(part.ok()?).ok()).collect();
    let predicate = unique
        .predicate
        .as_ref()
        .map(|text| sqlexpr::read(text).and_then(|expression| generated.written_out(expression)));
    let (Some(parts), Ok(predicate)) = (parts, predicate.transpose()) else {
        return KeyKind::Unread(columns(unique, table));
    };
    let is_written = |name: &str| member.column(name).is_some();
    let unwritten: Vec<&Column> = table.columns.iter().filter(|column| !is_written(&column.name)).collect();
    // What the server numbers or draws by itself repeats in no two rows.
    let differs = |part: &Expression| match part {
        Expression::Column(name) => {
            unwritten.iter().any(|column| column.name == *name && is_numbered(column))
        }
        _ => false,
    };
    if !unique.is_exclusion() && parts.iter().any(differs) {
        return KeyKind::Kept;
    }
    let constant = |inner: &Expression| {
        let Expression::Column(name) = inner else { return None };
        if let Some(column) = unwritten.iter().find(|column| column.name == *name) {
            return Some(default(column));
        }
        is_always_null(member, name).then(|| Expression::Literal(Value::Null, None))
    };
    let known: Vec<Expression> = parts.iter().map(|part| part.replaced(&constant)).collect();
    let nulls_same = unique.nulls_not_distinct;
    let is_null =
        |part: &Expression| part.is_constant() && part.outcome(&|_| Value::Null, 0) == Ok(Value::Null);
    let never = |inside: &Expression| {
        let inside = inside.replaced(&constant);
        inside.is_constant()
            && inside.outcome(&|_| Value::Null, 0).is_ok_and(|value| value != Value::Bool(true))
    };
    if (!nulls_same && known.iter().any(is_null)) || predicate.as_ref().is_some_and(never) {
        return KeyKind::Kept;
    }
    // Of a column that is written NULL in every row as it is, another value may still save a row.
    let unwritten_only = |inner: &Expression| match inner {
        Expression::Column(name) if !is_written(name) => constant(inner),
        _ => None,
    };
    let parts: Vec<Expression> = parts.iter().map(|part| part.replaced(&unwritten_only)).collect();
    let mut columns: Vec<String> = Vec::new();
    for column in parts.iter().flat_map(Expression::columns) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let operators = match &unique.operators {
        Some(operators) => operators.iter().map(|symbol| operator(symbol)).collect(),
        None => vec![KeyOperator::Equal; parts.len()],
    };
    let by_parent = matches!(member.rows, Rows::Children { .. })
        && member.references.iter().any(|reference| {
            let is_part = |own: &String| {
                let part =
                    parts.iter().position(|part| matches!(part, Expression::Column(name) if name == own));
                part.is_some_and(|part| operators[part] == KeyOperator::Equal)
            };
            reference.strategy == ReferenceStrategy::Parent
                && reference.columns.iter().all(|(own, _)| is_part(own))
        });
    KeyKind::Rule(KeyRule {
        name: unique.name.clone(),
        caseless: parts.iter().map(|part| is_caseless(part, table)).collect(),
        predicate: predicate.map(|inside| inside.replaced(&unwritten_only)),
        parts,
        operators,
        nulls_same,
        columns,
        by_parent,
    })
}

fn operator(symbol: &str) -> KeyOperator {
    match symbol {
        "=" => KeyOperator::Equal,
        "<>" => KeyOperator::Differs,
        "&&" => KeyOperator::Overlaps,
        other => KeyOperator::Other(other.to_owned()),
    }
}

/// A sequence or a random default.
fn is_numbered(column: &Column) -> bool {
    let draws = |default: &str| {
        ["nextval(", "uuid", "random("].iter().any(|draw| default.to_lowercase().contains(draw))
    };
    column.identity || column.sequence.is_some() || column.default.as_deref().is_some_and(draws)
}

/// What a column that is not written holds: its default, which is the same in all rows of one run, or NULL.
fn default(column: &Column) -> Expression {
    let none = Expression::Literal(Value::Null, None);
    let Some(default) = &column.default else { return none };
    match sqlexpr::read(default) {
        Ok(read) if read.is_constant() && read.outcome(&|_| Value::Null, 0).is_ok() => read,
        _ => Expression::Literal(Value::Text(default.clone()), None),
    }
}

/// Whether a column is written NULL in every row.
pub(super) fn is_always_null(member: &TableModel, column: &str) -> bool {
    let Some(column) = member.column(column).map(|at| &member.columns[at]) else { return false };
    match &column.generator {
        Generator::Constant(value) => value.is_null(),
        Generator::Semantics(_) | Generator::Exotic => column.null_percent >= 100 && column.unique.is_none(),
        Generator::Passthrough(at) | Generator::Converted(at) => {
            let info = member.domain.and_then(|domain| all_columns_of(domain).get(*at));
            !column.column_type.not_null && info.is_some_and(|info| NEVER.contains(&info.name))
        }
        _ => false,
    }
}

/// Columns of the domain that are NULL in all base rows.
const NEVER: [&str; 1] = ["deleted_at"];

fn is_caseless(part: &Expression, table: &Table) -> bool {
    let columns = part.columns();
    table.columns.iter().any(|column| column.base == "citext" && columns.contains(&column.name))
}

/// The columns of a table whose names stand in a piece of SQL.
fn named_in(sql: &str, table: &Table) -> Vec<String> {
    let words: Vec<&str> = sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let quoted = |name: &str| sql.contains(&format!("\"{name}\""));
    let columns = table.columns.iter().map(|column| &column.name);
    columns.filter(|name| words.contains(&name.as_str()) || quoted(name)).cloned().collect()
}

/// The columns that a unique key is about; of expressions those that they read.
pub fn columns(unique: &Unique, table: &Table) -> Vec<String> {
    let Some(expressions) = &unique.expressions else {
        return unique.columns.iter().flatten().cloned().collect();
    };
    let mut found = Vec::new();
    for text in expressions {
        let read = sqlexpr::read(text).map(|expression| expression.columns());
        for column in read.unwrap_or_else(|_| named_in(text, table)) {
            if !found.contains(&column) {
                found.push(column);
            }
        }
    }
    found
}

/// The columns of which a part of a key says so much that rows which differ in one of them differ in it: the column
/// itself, the same in small letters, several put together.
pub(super) fn told_by(part: &Expression) -> Vec<&str> {
    match part {
        Expression::Column(name) => vec![name],
        Expression::Cast(inner, kind) if kind.is_wider() => told_by(inner),
        Expression::Call(function, arguments) if ["lower", "upper", "btrim"].contains(&function.name) => {
            arguments.first().map(told_by).unwrap_or_default()
        }
        Expression::Coalesce(items) => items.first().map(told_by).unwrap_or_default(),
        Expression::Operation(Operator::Concat, left, right) => {
            told_by(left).into_iter().chain(told_by(right)).collect()
        }
        _ => Vec::new(),
    }
}

/// The column of a reference that says who is meant: the last that nothing else decides.
pub(super) fn reference_column(reference: &Reference) -> Option<&str> {
    let is_free = |own: &String| reference.agrees.iter().all(|agreed| agreed.own != *own);
    reference.columns.iter().rev().find(|(own, _)| is_free(own)).map(|(own, _)| own.as_str())
}
