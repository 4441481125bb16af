//! Cuts a script into its statements, as psql would: at semicolons outside quotes, dollar
//! quotes, comments and parentheses.

/// The statements of `script`, each trimmed, without empty ones. `BEGIN ATOMIC` bodies of SQL
/// functions are kept whole. A psql command (`\connect`) is a statement of its own, to the end of its line;
/// `\restrict` and `\unrestrict`, which pg_dump writes around every dump, guard psql alone and are left out.
pub fn split(script: &str) -> Vec<&str> {
    let bytes = script.as_bytes();
    let mut statements = Vec::new();
    let (mut start, mut at, mut depth, mut has_code, mut atomic) = (0, 0, 0_i32, false, 0_i32);
    let mut before = "";
    while at < bytes.len() {
        let next = token_end(script, at);
        let token = &script[at..next];
        if bytes[at] == b'\\' && !has_code {
            let end = script[at..].find('\n').map_or(script.len(), |length| at + length + 1);
            let line = script[at..end].trim();
            if !guards_psql(line) {
                statements.push(line);
            }
            (start, at) = (end, end);
            continue;
        }
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
        if token.eq_ignore_ascii_case("atomic") && before.eq_ignore_ascii_case("begin") {
            atomic = 1;
        } else if atomic > 0 && token.eq_ignore_ascii_case("case") {
            atomic += 1;
        } else if atomic > 0 && token.eq_ignore_ascii_case("end") {
            atomic -= 1;
        }
        if token.bytes().all(is_word) {
            before = token;
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

fn guards_psql(line: &str) -> bool {
    matches!(line.split_whitespace().next(), Some("\\restrict" | "\\unrestrict"))
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

/// The tokens of a statement: words, quoted names, literals and signs, without blanks and comments.
pub fn tokens(statement: &str) -> Vec<&str> {
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < statement.len() {
        let end = token_end(statement, at);
        let token = &statement[at..end];
        if !token.trim().is_empty() && !token.starts_with("--") && !token.starts_with("/*") {
            tokens.push(token);
        }
        at = end;
    }
    tokens
}

/// What stands for a statement in messages: its first line that is no comment.
pub fn headline(statement: &str) -> &str {
    let line = statement.lines().find(|l| !l.trim().is_empty() && !l.trim_start().starts_with("--"));
    line.unwrap_or(statement).trim()
}

/// A fingerprint of statements that changes with what they do, and not with blanks and comments.
pub fn fingerprint(statements: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for token in statements.iter().flat_map(|statement| tokens(statement).into_iter().chain([";"])) {
        hasher.update(token.as_bytes());
        hasher.update(b"\0");
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// The first two words of a statement, in lower case, whatever stands around and between them.
pub fn command(statement: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut at = 0;
    while at < statement.len() && words.len() < 2 {
        let end = token_end(statement, at);
        let token = &statement[at..end];
        let is_blank = token.trim().is_empty() || token.starts_with("--") || token.starts_with("/*");
        if token.bytes().all(is_word) {
            words.push(token.to_lowercase());
        } else if !is_blank {
            break;
        }
        at = end;
    }
    words.join(" ")
}

/// Whether a statement begins or ends a transaction.
pub fn controls_transaction(statement: &str) -> bool {
    let command = command(statement);
    let first = command.split(' ').next().unwrap_or_default();
    // `ROLLBACK TO` a savepoint stays inside.
    (matches!(first, "begin" | "commit" | "rollback" | "end" | "abort") && command != "rollback to")
        || matches!(command.as_str(), "start transaction" | "prepare transaction")
}

/// Whether a command of psql stands in a statement: outside of quotes SQL has no backslash.
pub fn has_psql_command(statement: &str) -> bool {
    tokens(statement).iter().any(|token| token.starts_with('\\'))
}

/// Whether a statement only sets something for the rest of the session.
pub fn sets_session(statement: &str) -> bool {
    let command = command(statement);
    match command.split_once(' ').unwrap_or((&command, "")) {
        ("set", second) => !matches!(second, "local" | "constraints" | "transaction"),
        ("reset", _) => true,
        ("select", _) => {
            tokens(statement).iter().take(4).any(|token| token.eq_ignore_ascii_case("set_config"))
        }
        _ => false,
    }
}

/// Whether no transaction may be around a statement, as far as its words tell. The server knows of more.
pub fn runs_alone(statement: &str) -> bool {
    let command = command(statement);
    let has = |word: &str| tokens(statement).iter().any(|token| token.eq_ignore_ascii_case(word));
    match command.split(' ').next().unwrap_or_default() {
        "vacuum" => true,
        "create" | "drop" | "reindex" | "alter" => {
            matches!(command.as_str(), "create database" | "drop database" | "alter system")
                || has("concurrently")
        }
        _ => false,
    }
}

/// Whether a statement that cannot be tried may delete rows or values, judged by its words, where a doubt
/// means yes.
pub fn may_delete(statement: &str) -> bool {
    let words: Vec<String> = words(statement).map(str::to_lowercase).collect();
    let cascades = words.iter().any(|word| word == "cascade");
    let drops = words.windows(2).any(|pair| pair[0] == "drop" && (cascades || !keeps_rows(&pair[1])));
    let loses = |word: &String| matches!(word.as_str(), "truncate" | "delete" | "update" | "merge" | "using");
    let deletes = words.iter().any(loses);
    // What a procedure or a block does need not stand in the statement.
    drops
        || deletes
        || cannot_be_tried(statement)
        || matches!(command(statement).split(' ').next(), Some("call" | "do"))
}

/// Whether a statement changes what no rollback takes back, or hides what it changes from the server's counters,
/// judged by its words: then it must not be tried.
pub fn cannot_be_tried(statement: &str) -> bool {
    let words: Vec<String> = words(statement).map(str::to_lowercase).collect();
    let has = |name: &str| words.iter().any(|word| word == name);
    let begins = |word: &String| ["dblink", "lo_", "pg_file_"].iter().any(|begin| word.starts_with(begin));
    words.iter().any(|word| begins(word) || word.ends_with("_replication_slot"))
        || has("copy") && (has("program") || has("to") && !has("stdout"))
        || ["setval", "pg_terminate_backend", "pg_cancel_backend", "track_counts"].into_iter().any(has)
}

/// Whether what DROP names here holds no rows.
fn keeps_rows(word: &str) -> bool {
    const KINDS: &str = " index constraint default not expression identity view function procedure trigger policy rule \
        sequence type role user statistics aggregate operator collation conversion publication subscription event \
        materialized foreign ";
    KINDS.contains(&format!(" {word} "))
}

/// Every word of a statement, those in quotes, bodies and comments included.
pub fn words(statement: &str) -> impl Iterator<Item = &str> {
    statement.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).filter(|word| !word.is_empty())
}

/// Whether a statement waits for rows that only psql would send.
pub fn reads_stdin(statement: &str) -> bool {
    let words: Vec<&str> = statement.split_whitespace().collect();
    command(statement).starts_with("copy")
        && words.windows(2).any(|w| {
            w[0].eq_ignore_ascii_case("from") && w[1].trim_end_matches(';').eq_ignore_ascii_case("stdin")
        })
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
        assert_eq!(statements.len(), 8, "{statements:#?}");
        assert!(statements[3].starts_with("DO $$") && statements[6].ends_with("END"));
    }

    #[test]
    fn a_column_called_atomic_begins_no_body() {
        assert_eq!(split("CREATE TABLE t (atomic int); COMMIT; SELECT 1").len(), 3);
    }

    #[test]
    fn transaction_commands_are_known_behind_comments() {
        assert!(controls_transaction("-- UP\nBEGIN"));
        assert!(controls_transaction("start transaction"));
        assert!(controls_transaction("COMMIT"));
        assert!(!controls_transaction("SELECT 'begin'"));
        assert!(!controls_transaction("SAVEPOINT a"));
        assert!(!controls_transaction("ROLLBACK TO SAVEPOINT a"));
        assert!(controls_transaction("commit/**/"));
        assert!(controls_transaction("start /* a */ transaction"));
    }

    #[test]
    fn psql_commands_are_statements_of_their_own_but_for_the_guards_of_a_dump() {
        let script = "\\restrict k;\nSELECT E'\\\\' AS a;\n-- c\n\\connect crm\nSELECT 1;\n\\unrestrict k";
        assert_eq!(split(script), ["SELECT E'\\\\' AS a", "\\connect crm", "SELECT 1"]);
    }

    #[test]
    fn a_fingerprint_is_of_what_is_done() {
        let one = fingerprint(&["SELECT 1", "SELECT 'a  b'"]);
        assert_eq!(one, fingerprint(&["SELECT  1 -- one", "/* b */ SELECT\n'a  b'"]));
        assert_ne!(one, fingerprint(&["SELECT 1", "SELECT 'a b'"]));
        assert_ne!(one, fingerprint(&["SELECT 1 SELECT 'a  b'"]));
    }

    #[test]
    fn statements_that_set_the_session_are_known() {
        for statement in [
            "SET search_path = a",
            "set role x",
            "RESET ALL",
            "SELECT pg_catalog.set_config('a', 'b', false)",
        ] {
            assert!(sets_session(statement), "{statement}");
        }
        for statement in ["SET LOCAL a = 1", "SET CONSTRAINTS ALL DEFERRED", "SELECT 1", "UPDATE t SET a = 1"]
        {
            assert!(!sets_session(statement), "{statement}");
        }
    }

    #[test]
    fn what_may_delete_is_judged_by_its_words() {
        for statement in [
            "DROP DATABASE x",
            "alter table a drop b",
            "ALTER TABLE a DROP IF EXISTS b",
            "DROP TYPE a CASCADE",
            "DO $$ BEGIN TRUNCATE a; COMMIT; END $$",
            "-- Transaction: none\nCALL purge()",
            "DO $$ BEGIN PERFORM purge(); COMMIT; END $$",
            "DROP TABLE a",
            "DROP SCHEMA a CASCADE",
        ] {
            assert!(may_delete(statement), "{statement}");
        }
        for statement in [
            "DROP INDEX CONCURRENTLY a",
            "ALTER TABLE a DROP CONSTRAINT b, ALTER c DROP NOT NULL",
            "CREATE INDEX CONCURRENTLY a ON b (c)",
            "VACUUM a",
        ] {
            assert!(!may_delete(statement), "{statement}");
        }
    }

    #[test]
    fn rows_from_stdin_are_known() {
        assert!(reads_stdin("-- rows\nCOPY t (a, b) FROM stdin"));
        assert!(!reads_stdin("COPY t FROM '/tmp/stdin'"));
        assert!(!reads_stdin("SELECT 'copy from stdin'"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_without_a_panic(script: String) {
            split(&script);
        }
    }
}
