//! JSON documents in expressions.

use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Document;

use crate::sqlexpr::operator::Operator;
use crate::sqlexpr::outcome::{EvalError, Outcome};
use crate::sqlexpr::value::Value;

fn document(value: &Value) -> Result<Document, EvalError> {
    match value {
        Value::Json(text) | Value::Text(text) => {
            serde_json::from_str(text).map_err(|_| EvalError::Unsupported)
        }
        _ => Err(EvalError::Unsupported),
    }
}

/// Whether two documents are equal, where both are documents. Numbers are equal by their value.
pub fn same(left: &str, right: &str) -> Option<bool> {
    Some(is_equal(&serde_json::from_str(left).ok()?, &serde_json::from_str(right).ok()?))
}

fn is_equal(left: &Document, right: &Document) -> bool {
    match (left, right) {
        (Document::Number(a), Document::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Document::Array(a), Document::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Document::Object(a), Document::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_equal(a, b)))
        }
        _ => left == right,
    }
}

/// `jsonb_typeof`.
///
/// # Errors
/// Where it is no document.
pub fn type_name(value: &Value) -> Outcome {
    Ok(Value::from(match document(value)? {
        Document::Null => "null",
        Document::Bool(_) => "boolean",
        Document::Number(_) => "number",
        Document::String(_) => "string",
        Document::Array(_) => "array",
        Document::Object(_) => "object",
    }))
}

/// `jsonb_array_length`.
///
/// # Errors
/// Where it is no array, which the server refuses as well.
pub fn array_length(value: &Value) -> Outcome {
    match document(value)? {
        Document::Array(items) => Ok(Value::Number(items.len().into())),
        _ => Err(EvalError::ServerError),
    }
}

/// `@>`.
///
/// # Errors
/// Where one of them is no document.
pub fn contains(whole: &Value, part: &Value) -> Outcome {
    let (whole, part) = (document(whole)?, document(part)?);
    // Only at the top may an array contain a value that is none.
    let has_item = match &whole {
        Document::Array(items) if !part.is_array() && !part.is_object() => {
            items.iter().any(|item| is_equal(item, &part))
        }
        _ => false,
    };
    Ok(Value::Bool(has_item || is_within(&part, &whole)))
}

fn is_within(part: &Document, whole: &Document) -> bool {
    match (part, whole) {
        (Document::Object(part), Document::Object(whole)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| is_within(part, whole)))
        }
        (Document::Array(part), Document::Array(whole)) => {
            part.iter().all(|part| whole.iter().any(|whole| is_within(part, whole)))
        }
        _ => is_equal(part, whole),
    }
}

/// The operators that take a document on the left.
///
/// # Errors
/// The left side is not a document.
pub fn operate(operator: Operator, left: &Value, right: &Value) -> Outcome {
    let document = document(left)?;
    match operator {
        Operator::Member => Ok(member(&document, right)?.map_or(Value::Null, plain)),
        Operator::MemberText => member(&document, right)?.map_or(Ok(Value::Null), text),
        Operator::Path => Ok(path(&document, right)?.map_or(Value::Null, plain)),
        Operator::PathText => path(&document, right)?.map_or(Ok(Value::Null), text),
        Operator::HasKey => Ok(Value::Bool(has_key(&document, right)?)),
        Operator::HasAnyKey | Operator::HasAllKeys => {
            let Value::List(keys) = right else { return Err(EvalError::Unsupported) };
            let mut found = keys.iter().filter(|key| !key.is_null()).map(|key| has_key(&document, key));
            let wanted = operator == Operator::HasAnyKey;
            let stops = found.by_ref().find(|found| *found != Ok(!wanted));
            stops.unwrap_or(Ok(!wanted)).map(Value::Bool)
        }
        _ => Err(EvalError::Unsupported),
    }
}

fn has_key(document: &Document, key: &Value) -> Result<bool, EvalError> {
    let key = key.as_text().ok_or(EvalError::Unsupported)?;
    Ok(match document {
        Document::Object(members) => members.contains_key(key),
        Document::Array(items) => items.iter().any(|item| item.as_str() == Some(key)),
        Document::String(text) => text == key,
        _ => false,
    })
}

fn member<'a>(document: &'a Document, key: &Value) -> Result<Option<&'a Document>, EvalError> {
    match key {
        Value::Text(key) => Ok(document.as_object().and_then(|members| members.get(key))),
        Value::Number(at) => {
            let at = at.to_i64().ok_or(EvalError::Unsupported)?;
            // `jsonb` keeps such a value in an array of one and finds it there, `json` does not.
            if !document.is_array() && !document.is_object() && matches!(at, 0 | -1) {
                return Err(EvalError::Unsupported);
            }
            Ok(document.as_array().and_then(|items| item(items, at)))
        }
        _ => Err(EvalError::Unsupported),
    }
}

/// The item at a place, which counts from the end where it is negative.
fn item(items: &[Document], at: i64) -> Option<&Document> {
    let places = i64::try_from(items.len()).ok()?;
    items.get(usize::try_from(if at < 0 { places.checked_add(at)? } else { at }).ok()?)
}

fn path<'a>(document: &'a Document, keys: &Value) -> Result<Option<&'a Document>, EvalError> {
    let Value::List(keys) = keys else { return Err(EvalError::Unsupported) };
    let mut at = Some(document);
    for key in keys {
        let key = key.as_text().ok_or(EvalError::Unsupported)?;
        at = match at {
            Some(Document::Object(members)) => members.get(key),
            Some(Document::Array(items)) => key.parse().ok().and_then(|at| item(items, at)),
            _ => None,
        };
    }
    Ok(at)
}

fn plain(document: &Document) -> Value {
    Value::Json(document.to_string())
}

/// A member as text: a string without its quotation marks. How the server spaces out an object or an array
/// depends on the column's type.
fn text(document: &Document) -> Outcome {
    match document {
        Document::Null => Ok(Value::Null),
        Document::String(text) => Ok(Value::Text(text.clone())),
        Document::Array(items) if !items.is_empty() => Err(EvalError::Unsupported),
        Document::Object(members) if !members.is_empty() => Err(EvalError::Unsupported),
        other => Ok(Value::Text(other.to_string())),
    }
}
