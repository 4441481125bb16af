//! Cuts a script into its statements, as psql would: at semicolons outside quotes, dollar
//! quotes, comments and parentheses.

/// The statements of `script`, each trimmed, without empty ones. `BEGIN ATOMIC` bodies of SQL
/// functions are kept whole.
pub fn split(script: &str) -> Vec<&str> {
    let bytes = script.as_bytes();
    let mut statements = Vec::new();
    let (mut start, mut at, mut depth, mut has_code, mut atomic) = (0, 0, 0_i32, false, 0_i32);
    while at < bytes.len() {
        let next = token_end(script, at);
        let token = &script[at..next];
        match bytes[at] {
            b';' if depth <= 0 && atomic <= 0 => {
                if has_code {
                    statements.push(script[start..at].trim());
                }
                (start, has_code) = (next, false);
            }
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if token.eq_ignore_ascii_case("atomic") {
            atomic = 1;
        } else if atomic > 0 && token.eq_ignore_ascii_case("case") {
            atomic += 1;
        } else if atomic > 0 && token.eq_ignore_ascii_case("end") {
            atomic -= 1;
        }
        let is_comment = token.starts_with("--") || token.starts_with("/*");
        has_code |= next > start && !is_comment && !token.trim().is_empty() && bytes[at] != b';';
        at = next;
    }
    if has_code {
        statements.push(script[start..].trim());
    }
    statements
}

/// One past the token that begins at `at`.
fn token_end(script: &str, at: usize) -> usize {
    let rest = &script[at..];
    let after = |found: Option<usize>, width: usize| found.map_or(script.len(), |i| at + i + width);
    match rest.as_bytes()[0] {
        b'-' if rest.starts_with("--") => after(rest.find('\n'), 1),
        b'/' if rest.starts_with("/*") => at + comment_length(rest),
        b'\'' => at + quote_length(rest, b'\'', is_escape_string(&script[..at])),
        b'"' => at + quote_length(rest, b'"', false),
        b'$' => match dollar_tag(rest) {
            Some(tag) => after(rest[tag.len()..].find(tag), tag.len() * 2),
            None => at + 1,
        },
        b if is_word(b) => at + rest.bytes().position(|b| !is_word(b) && b != b'$').unwrap_or(rest.len()),
        _ => at + rest.chars().next().map_or(1, char::len_utf8),
    }
}

const fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

/// `E'...'`: a quote right after an E that is no part of a longer word.
fn is_escape_string(before: &str) -> bool {
    let mut back = before.bytes().rev();
    matches!(back.next(), Some(b'e' | b'E')) && !back.next().is_some_and(is_word)
}

fn quote_length(text: &str, quote: u8, escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 1,
            b if b == quote && bytes.get(at + 1) == Some(&quote) => at += 1,
            b if b == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Block comments nest.
fn comment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0, 0);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => (depth, at) = (depth + 1, at + 1),
            (b'*', Some(b'/')) => {
                (depth, at) = (depth - 1, at + 1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// `$$` or `$tag$`.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text[1..].find('$')? + 1;
    let tag = &text[1..end];
    let is_tag = tag.bytes().all(is_word) && !tag.starts_with(|c: char| c.is_ascii_digit());
    is_tag.then_some(&text[..=end])
}

/// Comments and blanks before a statement's first word.
fn without_comments(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    while rest.starts_with("--") || rest.starts_with("/*") {
        rest = rest[token_end(rest, 0)..].trim_start();
    }
    rest
}

/// The first words of a statement, in lower case, behind its comments.
pub fn command(statement: &str) -> String {
    let rest = without_comments(statement);
    let words: Vec<&str> = rest.split_whitespace().take(2).collect();
    words.join(" ").to_lowercase()
}

/// Whether a statement begins or ends a transaction.
pub fn controls_transaction(statement: &str) -> bool {
    let command = command(statement);
    let first = command.split(' ').next().unwrap_or_default();
    matches!(first, "begin" | "commit" | "rollback" | "end" | "abort") || command == "start transaction"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_inside_quotes_comments_and_bodies_do_not_cut() {
        let script = "SELECT 'a;b''c'; -- d;e\nSELECT E'it\\';s';/* f; /* g; */ */ SELECT \";\";\n\
                      DO $$ BEGIN NULL; END $$;\nSELECT $tag$;$tag$;\n\
                      CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);\n\
                      CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\n\
                      SELECT $1; -- the end;";
        let statements = split(script);
        let starts: Vec<String> = statements.iter().map(|s| command(s)).collect();
        assert_eq!(
            starts,
            [
                "select 'a;b''c'",
                "select e'it\\';s'",
                "select \";\"",
                "do $$",
                "select $tag$;$tag$",
                "create rule",
                "create function",
                "select $1"
            ],
            "{statements:#?}"
        );
    }

    #[test]
    fn transaction_commands_are_known_behind_comments() {
        assert!(controls_transaction("-- UP\nBEGIN"));
        assert!(controls_transaction("start transaction"));
        assert!(controls_transaction("COMMIT"));
        assert!(!controls_transaction("SELECT 'begin'"));
        assert!(!controls_transaction("SAVEPOINT a"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_without_a_panic(script: String) {
            split(&script);
        }
    }
}
