//! What the lint has to say of one place in a file.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It may be slow, may fail without harm, or is not good practice.
    Warning,
    /// It loses data, breaks running clients, opens rows to strangers, or fails on a table that holds rows.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One finding, as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub rule: &'static str,
    pub level: Level,
    /// The file, as messages name it.
    pub file: String,
    /// Lines and columns count from 1, columns in characters. The end is the first character behind it.
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    pub message: String,
    /// What to do.
    pub mend: String,
    /// By which a baseline knows it.
    #[serde(flatten)]
    pub key: Key,
}

/// What stays the same of a finding when lines move, directories are renamed, or comments and blanks change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Key {
    /// The migration's name, with `.down` where it is its rollback.
    pub migration: String,
    /// Of the tokens of its statement; of no tokens where it is about the file.
    pub fingerprint: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, level, file, line, column, message, mend, .. } = self;
        write!(f, "{file}:{line}:{column}: {level}[{rule}]: {message}\n    {mend}\n")
    }
}
