//! The one way by which text for people leaves the process: without secrets, and without characters that
//! would move a terminal's cursor, change its colours or turn the direction of what is read.
//!
//! Names, values and messages come from databases and files that somebody else may have written. Data for
//! programs (files, JSON, completions) goes out as it is, by [`print_data`].

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Result;
use crate::redact;

/// A process has one stdout.
static HAS_PRINTED: AtomicBool = AtomicBool::new(false);

/// Whether something went to stdout.
pub fn has_printed() -> bool {
    HAS_PRINTED.load(Ordering::Relaxed)
}

/// Writes a text for people to stdout.
pub fn print(text: &str) -> Result<()> {
    print_data(&safe(text))
}

/// Writes data to stdout, as it is.
pub fn print_data(text: &str) -> Result<()> {
    if !text.is_empty() {
        HAS_PRINTED.store(true, Ordering::Relaxed);
    }
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Writes a text for people to stderr.
pub fn tell(text: &str) {
    tell_data(&safe(text));
}

/// Writes data to stderr, as it is.
pub fn tell_data(text: &str) {
    // Where stderr is gone too, the exit code has to do.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// `text` for people: secrets masked, control characters shown as escapes.
pub fn safe(text: &str) -> String {
    visible(&redact::text(text), |c| c == '\n' || c == '\t')
}

/// A name or a value that stands within a line: a line's end in it is shown, too.
pub fn name(text: &str) -> String {
    visible(text, |_| false)
}

/// Escapes for characters that move a cursor, change its direction or have no width, but for the `kept`.
fn visible(text: &str, kept: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !kept(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Writes a report to stdout; as JSON it is data.
pub fn print_report(text: &str, is_json: bool) -> Result<()> {
    if is_json { print_data(text) } else { print(text) }
}

/// The same where stdout is taken by other data.
pub fn tell_report(text: &str, is_json: bool) {
    if is_json { tell_data(text) } else { tell(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(safe("a\u{1b}[31m\tb\r\nc\u{7}\u{9b}2J"), "a\\u{1b}[31m\tb\\r\nc\\u{7}\\u{9b}2J");
        assert_eq!(safe("user\u{202e}nimda\u{2066}\u{200b}"), "user\\u{202e}nimda\\u{2066}\\u{200b}");
        assert_eq!(name("a\nerror: b"), "a\\nerror: b");
        assert_eq!(safe("Äpfel, 日本, 👍"), "Äpfel, 日本, 👍");
    }

    #[test]
    fn secrets_are_masked() {
        assert_eq!(safe("postgres://u:se\u{1b}cret@h"), "postgres://u:***@h");
    }
}
