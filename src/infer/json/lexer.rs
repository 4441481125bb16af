//! SQL and PL/pgSQL in pieces, as far as they matter here; what is none is passed over.

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name or a key word; in lower case unless it was quoted.
    Name(String),
    Text(String),
    Number,
    /// An operator or a bracket.
    Sign(&'static str),
}

/// Signs, longer ones before those that they begin with.
const SIGNS: [&str; 28] = [
    "#>>", "->>", "->", "#>", "@>", "<@", "@?", "@@", "::", ":=", "||", "?|", "?&", "<>", "!=", "<=", ">=",
    "?", "(", ")", "[", "]", ",", ".", ";", "=", "<", ">",
];

/// The pieces of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skip = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
        let run = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
        let length = match first {
            _ if rest.starts_with("--") => skip("\n"),
            _ if rest.starts_with("/*") => skip("*/"),
            '\'' | '"' => {
                let (content, length) = quoted(rest, first);
                tokens.push(if first == '"' { Token::Name(content) } else { Token::Text(content) });
                length
            }
            c if c.is_alphabetic() || c == '_' => {
                let length = run(|c| c.is_alphanumeric() || c == '_' || c == '$');
                // The mark of a text with escapes.
                if !(length == 1 && rest[1..].starts_with('\'')) {
                    tokens.push(Token::Name(rest[..length].to_lowercase()));
                }
                length
            }
            c if c.is_ascii_digit() => {
                tokens.push(Token::Number);
                run(|c| c.is_ascii_alphanumeric())
            }
            c => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => {
                    tokens.push(Token::Sign(sign));
                    sign.len()
                }
                None => c.len_utf8(),
            },
        };
        rest = &rest[length.max(1)..];
    }
    tokens
}

/// What stands between two marks, of which doubled ones are one, and how long all of it is.
fn quoted(text: &str, mark: char) -> (String, usize) {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != mark {
            content.push(c);
        } else if chars.next_if(|(_, next)| *next == mark).is_some() {
            content.push(mark);
        } else {
            return (content, at + 1);
        }
    }
    (content, text.len())
}
