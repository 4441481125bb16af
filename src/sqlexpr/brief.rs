//! Texts cut short for messages.

/// The beginning of a definition or a pattern, to be told of: some fill pages.
pub fn brief(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
