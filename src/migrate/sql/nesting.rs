//! How deep a text is nested: who parses goes down into each level, and has a stack of a certain size.

use squawk_lexer::TokenKind;
use squawk_syntax::{Parse, SourceFile};

/// The most levels of parentheses, brackets, blocks and signs before an operand that are parsed.
const MOST: usize = 2_000;
/// Bodies of functions in bodies of functions that are looked into; deeper ones are parsed by nobody.
const BODIES: usize = 3;

/// The syntax tree of a text; an empty one of a text that is nested too deep.
pub fn parse(text: &str) -> Parse<SourceFile> {
    SourceFile::parse(if is_too_deep(text) { "" } else { text })
}

/// Whether a text, or the body of a function in it, is nested too deep to be parsed.
pub fn is_too_deep(text: &str) -> bool {
    is_deep(text, BODIES)
}

fn is_deep(text: &str, bodies: usize) -> bool {
    let (mut depth, mut signs, mut at) = (0_usize, 0_usize, 0);
    for token in squawk_lexer::tokenize(text) {
        let word = &text[at..at + token.len as usize];
        at += word.len();
        let is = |known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => continue,
            TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket => depth = depth.saturating_sub(1),
            TokenKind::Ident if is(&["case", "begin", "loop"]) => depth += 1,
            TokenKind::Ident if is(&["end"]) => depth = depth.saturating_sub(1),
            TokenKind::Literal { .. }
                if bodies > 0 && word.len() > MOST && is_deep(unquoted(word), bodies - 1) =>
            {
                return true;
            }
            _ => {}
        }
        let is_sign =
            matches!(token.kind, TokenKind::Minus | TokenKind::Plus | TokenKind::Tilde | TokenKind::At);
        signs = if is_sign || is(&["not"]) { signs + 1 } else { 0 };
        if depth + signs > MOST {
            return true;
        }
    }
    false
}

/// What is in quotes or dollar quotes.
fn unquoted(literal: &str) -> &str {
    let open = match literal.strip_prefix('$').and_then(|rest| rest.find('$')) {
        Some(tag) => tag + 2,
        None => 1,
    };
    literal.get(open..literal.len() - open).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_person_writes_is_too_deep() {
        let nested = |levels: usize| format!("SELECT {}1{};", "(".repeat(levels), ")".repeat(levels));
        assert!(!is_too_deep(&nested(1_000)) && is_too_deep(&nested(3_000)));
        assert!(is_too_deep(&format!("DO $a$ BEGIN {} END $a$;", nested(3_000))));
        assert!(is_too_deep(&format!("SELECT {} true;", "NOT ".repeat(3_000))));
        assert!(!is_too_deep(&"SELECT (1), ARRAY[-1], CASE WHEN a THEN 1 END;\n".repeat(3_000)));
        assert!(!is_too_deep(&format!("INSERT INTO t VALUES ('{}');", ":-) ".repeat(3_000))));
    }
}
