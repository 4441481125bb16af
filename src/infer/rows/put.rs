//! Values as the cells of a batch.

use std::fmt::Write;

use crate::infer::column_type::text;
use crate::sqlexpr::value::Value;
use crate::value::Batch;

/// Puts a value into a batch.
pub fn put(value: &Value, batch: &mut Batch) {
    match value {
        Value::Null => batch.null(),
        Value::Bool(value) => batch.bool(*value),
        Value::Number(number) => match i64::try_from(*number) {
            Ok(whole) if number.fract().is_zero() => batch.int(whole),
            // Writing to a text never fails.
            _ => batch.compose(|out| _ = write!(out, "{number}")),
        },
        Value::Text(text) => batch.compose(|out| out.push_str(text)),
        // The ends of the types are the days and moments that never come.
        Value::Date(i32::MAX) | Value::Timestamp(i64::MAX) => batch.word("infinity"),
        Value::Date(i32::MIN) | Value::Timestamp(i64::MIN) => batch.word("-infinity"),
        Value::Date(day) => batch.date(*day),
        Value::Timestamp(second) => batch.timestamp(*second),
        Value::Json(document) => batch.json(|out| out.push_str(document)),
        Value::List(items) => batch.compose(|out| write_list(items, out)),
        Value::Range(range) => batch.compose(|out| out.push_str(&range.text())),
    }
}

/// An array as the server reads it.
fn write_list(items: &[Value], out: &mut String) {
    out.push('{');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        match item {
            Value::Null => out.push_str("NULL"),
            Value::List(items) => write_list(items, out),
            item => {
                out.push('"');
                let written = if let Value::Json(document) = item { document.clone() } else { text(item) };
                for c in written.chars() {
                    if c == '"' || c == '\\' {
                        out.push('\\');
                    }
                    out.push(c);
                }
                out.push('"');
            }
        }
    }
    out.push('}');
}
