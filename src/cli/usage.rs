//! What clap says of a command line, without the secrets that were typed.
//!
//! clap repeats what it does not understand. That is often a database URL whose flag was forgotten.

use clap::error::{ContextKind, ContextValue};

use crate::redact;
use crate::terminal;

/// Tells help and the version on stdout, and errors on stderr.
pub fn tell(mut error: clap::Error) {
    if !error.use_stderr() {
        // A closed pipe is no error.
        let _ = error.print();
        return;
    }
    let values: Vec<(ContextKind, ContextValue)> =
        error.context().map(|(kind, value)| (kind, value.clone())).collect();
    let is_database =
        values.iter().flat_map(|(_, value)| texts(value)).any(|text| redact::is_database(&text));
    for (kind, value) in values {
        let masked = masked(&value);
        if masked != value {
            error.insert(kind, masked);
        }
    }
    let told = error.render().to_string();
    let safe = terminal::safe(&told);
    if safe == told {
        // With its colours, where stderr has any.
        let _ = error.print();
    } else {
        terminal::tell(&safe);
    }
    if is_database {
        terminal::tell("\n  hint: set the database with --database-url URL, or in DATABASE_URL\n");
    }
}

fn texts(value: &ContextValue) -> Vec<String> {
    match value {
        ContextValue::String(text) => vec![text.clone()],
        ContextValue::Strings(all) => all.clone(),
        ContextValue::StyledStr(text) => vec![text.to_string()],
        ContextValue::StyledStrs(all) => all.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// The value without secrets. Advice that repeats one is left out.
fn masked(value: &ContextValue) -> ContextValue {
    match value {
        ContextValue::String(text) => ContextValue::String(redact::argument(text)),
        ContextValue::Strings(all) => {
            ContextValue::Strings(all.iter().map(|text| redact::argument(text)).collect())
        }
        ContextValue::StyledStr(_) | ContextValue::StyledStrs(_) => {
            let is_safe = texts(value).iter().all(|text| redact::argument(text) == *text);
            if is_safe { value.clone() } else { ContextValue::None }
        }
        other => other.clone(),
    }
}
