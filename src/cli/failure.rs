//! How an error is told: as text for people, and as JSON where that was asked for.

use serde::Serialize;

use crate::error::{Error, Kind};
use crate::redact;
use crate::terminal;

/// Where the JSON of a command goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Json {
    /// It was not asked for.
    No,
    /// To stdout, which holds one document.
    Stdout,
    /// To stderr, as stdout is for other data.
    Stderr,
}

impl Json {
    /// Of a command that was asked for it or not, where stdout is for other data or not.
    pub const fn new(is_wanted: bool, is_stdout_taken: bool) -> Self {
        match (is_wanted, is_stdout_taken) {
            (false, _) => Self::No,
            (true, false) => Self::Stdout,
            (true, true) => Self::Stderr,
        }
    }
}

/// Tells an error. On stdout there is one document: where it holds a report already, the error is not another.
pub fn tell(error: &Error, json: Json) {
    if error.kind() == Kind::BrokenPipe {
        return;
    }
    if json == Json::Stderr {
        return terminal::tell_data(&as_json(error));
    }
    terminal::tell(&format!("error: {error:#}\n"));
    if let Some(hint) = error.hint() {
        terminal::tell(&format!("  hint: {hint}\n"));
    }
    if json == Json::Stdout && !terminal::has_printed() {
        // Who reads stdout no more has the exit code.
        let _ = terminal::print_data(&as_json(error));
    }
}

/// An error for programs; see `docs/json.md`.
#[derive(Serialize)]
struct Failure {
    error: Fields,
}

#[derive(Serialize)]
struct Fields {
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
    sqlstate: Option<String>,
    exit_code: u8,
}

fn as_json(error: &Error) -> String {
    let fields = Fields {
        message: redact::text(error.message()),
        causes: error.causes().iter().map(|cause| redact::text(cause)).collect(),
        hint: error.hint().map(redact::text),
        sqlstate: error.sqlstate().map(str::to_owned),
        exit_code: error.kind().exit_code(),
    };
    serde_json::to_string_pretty(&Failure { error: fields }).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ServerError;

    #[test]
    fn the_json_of_an_error_has_its_causes_and_no_secret() {
        let server = ServerError { sqlstate: "23505".into(), ..ServerError::default() };
        let error = Error::failed("duplicate key").of_server(server).with_hint("postgres://u:secret@h/d");
        let json: serde_json::Value =
            serde_json::from_str(&as_json(&error.context("loading a"))).expect("JSON");
        let wanted = serde_json::json!({ "error": {
            "message": "loading a",
            "causes": ["duplicate key"],
            "hint": "postgres://u:***@h/d",
            "sqlstate": "23505",
            "exit_code": 1,
        }});
        assert_eq!(json, wanted);
    }
}
