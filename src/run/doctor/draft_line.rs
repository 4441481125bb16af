//! Lines of the draft of a configuration.

use std::fmt::Write;

/// A description of what is done, and the setting that has the same effect.
#[derive(Debug)]
pub struct Line {
    /// What is done; empty where the setting says it.
    pub about: String,
    /// The setting, as a TOML line without the leading `#`.
    pub setting: Option<String>,
}

/// A name as a key.
pub fn word(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// `text` as a TOML string.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
