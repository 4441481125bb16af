//! Comments, and what they are about.

use std::ops::Range;

use squawk_lexer::TokenKind;

/// Keys by which a block of comments is a file's header, even if no blank line parts it from the first statement.
const HEADER_KEYS: [&str; 7] =
    ["migration", "description", "author", "date", "transaction", "breaking", "drop"];

/// One comment.
pub struct Comment {
    pub range: Range<usize>,
    /// Whether it stands in the file's header: before the first statement, in a block that a blank line parts from it
    /// or that has a header's keys.
    pub is_header: bool,
    /// The statement in which it stands, behind which it stands in the same line, or before which it stands.
    pub statement: Option<usize>,
}

impl Comment {
    /// Its lines, without what makes them comments.
    pub fn lines<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let text = &text[self.range.clone()];
        let block = text.strip_prefix("/*").map(|text| text.trim_end_matches("*/"));
        let bare = |line: &'t str| line.trim().trim_start_matches(['-', '*']).trim();
        block.unwrap_or(text).lines().map(bare)
    }
}

/// The comments of a text whose statements stand there.
pub fn read(text: &str, statements: &[Range<usize>]) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut at = 0;
    for token in squawk_lexer::tokenize(text) {
        let range = at..at + token.len as usize;
        at = range.end;
        if matches!(token.kind, TokenKind::LineComment | TokenKind::BlockComment { .. }) {
            comments.push(Comment {
                statement: statement(text, &range, statements),
                range,
                is_header: false,
            });
        }
    }
    mark_header(text, statements, &mut comments);
    comments
}

/// What a comment is about.
fn statement(text: &str, comment: &Range<usize>, statements: &[Range<usize>]) -> Option<usize> {
    let next = statements.partition_point(|statement| statement.start <= comment.start);
    if let Some(before) = next.checked_sub(1) {
        let behind = text.get(statements[before].end..comment.start).unwrap_or_default();
        // The semicolon is not always part of the statement.
        let same_line = !behind.contains('\n');
        if comment.start < statements[before].end || same_line {
            return Some(before);
        }
    }
    (next < statements.len()).then_some(next)
}

fn mark_header(text: &str, statements: &[Range<usize>], comments: &mut [Comment]) {
    let first = statements.first().map_or(text.len(), |statement| statement.start);
    let count = comments.iter().take_while(|comment| comment.range.start < first).count();
    let comments = &mut comments[..count];
    // The block that touches the first statement.
    let (mut block, mut end) = (count, first);
    while let Some(comment) = block.checked_sub(1).map(|last| &comments[last]) {
        if text[comment.range.end..end].matches('\n').count() > 1 {
            break;
        }
        (block, end) = (block - 1, comment.range.start);
    }
    let has_key = comments[block..].iter().any(|comment| {
        comment
            .lines(text)
            .filter_map(|line| line.split_once(':'))
            .any(|(key, _)| HEADER_KEYS.iter().any(|known| key.trim().eq_ignore_ascii_case(known)))
    });
    let header = if has_key || statements.is_empty() { count } else { block };
    comments[..header].iter_mut().for_each(|comment| comment.is_header = true);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each comment of `text`, whose statements are its words SELECT: whether it is of the header, and of which
    /// statement.
    fn places(text: &str) -> Vec<(bool, Option<usize>)> {
        let statements: Vec<_> = text.match_indices("SELECT").map(|(at, word)| at..at + word.len()).collect();
        read(text, &statements).iter().map(|comment| (comment.is_header, comment.statement)).collect()
    }

    #[test]
    fn a_header_ends_at_a_blank_line_or_has_keys() {
        assert_eq!(
            places("-- about\n\n-- one\nSELECT; -- behind\n-- two\nSELECT"),
            [(true, Some(0)), (false, Some(0)), (false, Some(0)), (false, Some(1)),]
        );
        assert_eq!(places("-- Migration: x\n-- more\nSELECT"), [(true, Some(0)), (true, Some(0))]);
        assert_eq!(places("-- nothing else"), [(true, None)]);
        assert_eq!(places("SELECT;\n-- the end"), [(false, None)]);
    }
}
