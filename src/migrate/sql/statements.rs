//! Cuts a script into its statements, as psql would: at semicolons outside quotes, dollar
//! quotes, comments and parentheses. What is a word, a literal or a comment is squawk's to say.

use std::ops::{Deref, Range};

use squawk_lexer::TokenKind;

/// One statement of a script, with the comments before it. It is its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    text: &'a str,
    /// Where the text begins in its file: line and column, from 1.
    begins: (usize, usize),
}

impl Deref for Statement<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.text
    }
}

impl<'a> Statement<'a> {
    /// A statement of our own, which stands in no file.
    pub const fn of(text: &'a str) -> Self {
        Self { text, begins: (1, 1) }
    }

    /// The line and column in its file, from 1, of its character number `at` (from 1), or else of its first word.
    pub fn location(self, at: Option<usize>) -> (usize, usize) {
        let first = || lex(self.text).find(|(_, kind)| !is_blank(*kind)).map_or(0, |(range, _)| range.start);
        let offset = match at {
            Some(at) => self.text.char_indices().nth(at.saturating_sub(1)).map_or(0, |(offset, _)| offset),
            None => first(),
        };
        advance(self.begins, &self.text[..offset])
    }
}

/// A line and column, from 1, after `text`.
fn advance((line, column): (usize, usize), text: &str) -> (usize, usize) {
    match text.rfind('\n') {
        Some(last) => {
            (line + text.bytes().filter(|b| *b == b'\n').count(), text[last + 1..].chars().count() + 1)
        }
        None => (line, column + text.chars().count()),
    }
}

/// The tokens of a text, blanks and comments too, each with where it stands.
fn lex(text: &str) -> impl Iterator<Item = (Range<usize>, TokenKind)> {
    squawk_lexer::tokenize(text).scan(0, |at, token| {
        let start = *at;
        *at += token.len as usize;
        Some((start..*at, token.kind))
    })
}

const fn is_blank(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. })
}

/// The statements of `script`, each trimmed, without empty ones. `BEGIN ATOMIC` bodies of SQL
/// functions are kept whole. A psql command (`\connect`) is a statement of its own, to the end of its line;
/// `\restrict` and `\unrestrict`, which pg_dump writes around every dump, guard psql alone and are left out.
pub fn split(script: &str) -> Vec<Statement<'_>> {
    let mut cut = Cut { script, statements: Vec::new(), counted: 0, location: (1, 1) };
    let mut start = 0;
    // A command of psql is no SQL: what stands behind it is read anew.
    while let Some(rest) = cut.statements_from(start) {
        start = rest;
    }
    cut.statements
}

/// A script that is being cut.
struct Cut<'a> {
    script: &'a str,
    statements: Vec<Statement<'a>>,
    /// Up to there lines are counted, and this is the line and column there.
    counted: usize,
    location: (usize, usize),
}

impl Cut<'_> {
    fn push(&mut self, range: Range<usize>) {
        let text = &self.script[range.clone()];
        let begin = range.start + (text.len() - text.trim_start().len());
        self.location = advance(self.location, &self.script[self.counted..begin]);
        self.counted = begin;
        self.statements.push(Statement { text: text.trim(), begins: self.location });
    }

    /// Cuts what begins at `from`. Where it came upon a command of psql, the rest of the script begins there.
    fn statements_from(&mut self, from: usize) -> Option<usize> {
        let script = self.script;
        let (mut start, mut depth, mut has_code, mut atomic) = (from, 0_i32, false, 0_i32);
        let mut before = "";
        for (range, kind) in lex(&script[from..]) {
            let (at, next) = (from + range.start, from + range.end);
            let token = &script[at..next];
            if token == "\\" && !has_code {
                let end = script[at..].find('\n').map_or(script.len(), |length| at + length + 1);
                if !guards_psql(script[at..end].trim()) {
                    self.push(at..end);
                }
                return Some(end);
            }
            match kind {
                TokenKind::Semi if depth <= 0 && atomic <= 0 => {
                    if has_code {
                        self.push(start..at);
                    }
                    (start, has_code) = (next, false);
                    continue;
                }
                TokenKind::OpenParen => depth += 1,
                TokenKind::CloseParen => depth -= 1,
                TokenKind::Ident => {
                    if token.eq_ignore_ascii_case("atomic") && before.eq_ignore_ascii_case("begin") {
                        atomic = 1;
                    } else if atomic > 0 && token.eq_ignore_ascii_case("case") {
                        atomic += 1;
                    } else if atomic > 0 && token.eq_ignore_ascii_case("end") {
                        atomic -= 1;
                    }
                    before = token;
                }
                _ => {}
            }
            has_code |= !is_blank(kind);
        }
        if has_code {
            self.push(start..script.len());
        }
        None
    }
}

/// Where a comment begins that never ends, which hides the rest of the script from the server: line and column.
pub fn open_comment(script: &str) -> Option<(usize, usize)> {
    let is_open =
        |(_, kind): &(Range<usize>, TokenKind)| matches!(kind, TokenKind::BlockComment { terminated: false });
    lex(script).find(is_open).map(|(range, _)| advance((1, 1), &script[..range.start]))
}

fn guards_psql(line: &str) -> bool {
    matches!(line.split_whitespace().next(), Some("\\restrict" | "\\unrestrict"))
}

/// The tokens of a statement: words, quoted names, literals and signs, without blanks and comments.
pub fn tokens(statement: &str) -> Vec<&str> {
    lex(statement).filter(|(_, kind)| !is_blank(*kind)).map(|(range, _)| &statement[range]).collect()
}

/// A statement without its comments and the blanks at the ends of its lines.
pub fn without_comments(statement: &str) -> String {
    let is_comment = |kind| matches!(kind, TokenKind::LineComment | TokenKind::BlockComment { .. });
    let code = lex(statement).filter(|(_, kind)| !is_comment(*kind));
    let text: String = code.map(|(range, _)| &statement[range]).collect();
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Its first line that is no comment.
pub fn first_line(statement: &str) -> &str {
    let line = statement.lines().find(|l| !l.trim().is_empty() && !l.trim_start().starts_with("--"));
    line.unwrap_or(statement).trim()
}

/// How much of a statement stands for it, in bytes, where its first line is not longer.
const HEADLINE: usize = 80;

/// What stands for a statement in messages: its beginning, on one line and without comments.
pub fn headline(statement: &str) -> String {
    let code = without_comments(statement);
    let mut lines = code.lines();
    let mut text = lines.next().unwrap_or(statement).trim().to_owned();
    for word in lines.flat_map(str::split_whitespace) {
        if text.len() + word.len() >= HEADLINE {
            return text + " ...";
        }
        text = text + " " + word;
    }
    text
}

/// A fingerprint of statements that changes with what they do, and not with blanks and comments.
pub fn fingerprint(statements: &[Statement<'_>]) -> String {
    let mut hasher = blake3::Hasher::new();
    for token in statements.iter().flat_map(|statement| tokens(statement.text).into_iter().chain([";"])) {
        hasher.update(token.as_bytes());
        hasher.update(b"\0");
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// The first two words of a statement, in lower case, whatever stands around and between them.
pub fn command(statement: &str) -> String {
    let code = lex(statement).filter(|(_, kind)| !is_blank(*kind));
    let words = code.take_while(|(_, kind)| *kind == TokenKind::Ident).take(2);
    words.map(|(range, _)| statement[range].to_lowercase()).collect::<Vec<_>>().join(" ")
}

/// Whether a statement begins or ends a transaction.
pub fn controls_transaction(statement: &str) -> bool {
    let command = command(statement);
    let first = command.split(' ').next().unwrap_or_default();
    // `ROLLBACK TO` a savepoint stays inside.
    (matches!(first, "begin" | "commit" | "rollback" | "end" | "abort") && command != "rollback to")
        || matches!(command.as_str(), "start transaction" | "prepare transaction")
}

/// Whether it is a BEGIN without options.
pub fn begins_transaction(statement: &str) -> bool {
    matches!(phrase(statement).as_str(), "begin" | "begin work" | "begin transaction" | "start transaction")
}

/// Whether it is a COMMIT that begins no other transaction.
pub fn commits_transaction(statement: &str) -> bool {
    let phrase = phrase(statement);
    let (first, rest) = phrase.split_once(' ').unwrap_or((&phrase, ""));
    matches!(first, "commit" | "end") && matches!(rest, "" | "work" | "transaction")
}

/// All tokens of a statement, in lower case, with a blank between.
fn phrase(statement: &str) -> String {
    tokens(statement).join(" ").to_lowercase()
}

/// Whether a statement sets something that ends with its transaction.
pub fn sets_transaction(statement: &str) -> bool {
    matches!(command(statement).as_str(), "set local" | "set constraints" | "set transaction")
        || tokens(statement).iter().any(|token| token.eq_ignore_ascii_case("set_config"))
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
    let statement = &without_comments(statement);
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
    let statement = without_comments(statement);
    let words: Vec<String> = words(&statement).map(str::to_lowercase).collect();
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

/// Every word of a statement, those in quotes, bodies and their comments included.
pub fn words(statement: &str) -> impl Iterator<Item = &str> {
    statement.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).filter(|word| !word.is_empty())
}

/// Whether a statement waits for rows that only psql would send, or sends rows that only psql would take.
pub fn copies_through_psql(statement: &str) -> bool {
    let is = |token: &str, wanted: &str| token.eq_ignore_ascii_case(wanted);
    let tokens = tokens(statement);
    tokens.first().is_some_and(|token| is(token, "copy"))
        && tokens.windows(2).any(|pair| {
            is(pair[0], "from") && is(pair[1], "stdin") || is(pair[0], "to") && is(pair[1], "stdout")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_goes_on_over_lines_as_long_as_it_is_short() {
        let column = "-- Why\nALTER TABLE tasks\n  -- how\n  ADD COLUMN note text /* x */";
        assert_eq!(headline(column), "ALTER TABLE tasks ADD COLUMN note text");
        let table = format!("CREATE TABLE a (\n{}  id int\n)", "  word text,\n".repeat(20));
        let table = headline(&table);
        assert!(
            table.starts_with("CREATE TABLE a ( word text, word text, ") && table.ends_with(" ..."),
            "{table}"
        );
        assert!(table.len() < HEADLINE + 4, "{table}");
        let line = format!("SELECT {}", "1, ".repeat(60));
        assert_eq!(headline(&format!("{line}\nFROM a")), format!("{} ...", line.trim()));
        assert_eq!(headline("-- nothing"), "-- nothing");
    }

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
    fn a_statement_knows_where_it_stands() {
        let statements = split("-- a\n\nSELECT 1;  -- b\n  SELECT 'é',\n x");
        assert_eq!(statements[0].location(None), (3, 1));
        assert_eq!(statements[1].location(None), (4, 3));
        assert_eq!(statements[1].location(Some(statements[1].chars().count())), (5, 2));
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
        let statements: Vec<String> = split(script).iter().map(|statement| statement.to_string()).collect();
        assert_eq!(statements, ["SELECT E'\\\\' AS a", "\\connect crm", "SELECT 1"]);
    }

    #[test]
    fn a_fingerprint_is_of_what_is_done() {
        let fingerprint = |script: &str| super::fingerprint(&split(script));
        let one = fingerprint("SELECT 1; SELECT 'a  b'");
        assert_eq!(one, fingerprint("SELECT  1 -- one\n; /* b */ SELECT\r\n'a  b';"));
        assert_ne!(one, fingerprint("SELECT 1; SELECT 'a b'"));
        assert_ne!(one, fingerprint("SELECT 1 SELECT 'a  b'"));
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
            "-- Description: Drop the index, and delete nothing\nDROP INDEX /* copy to */ CONCURRENTLY a",
            "ALTER TABLE a DROP CONSTRAINT b, ALTER c DROP NOT NULL",
            "CREATE INDEX CONCURRENTLY a ON b (c)",
            "VACUUM a",
        ] {
            assert!(!may_delete(statement), "{statement}");
        }
    }

    #[test]
    fn rows_from_stdin_are_known() {
        for statement in [
            "-- rows\nCOPY t (a, b) FROM stdin",
            "COPY t FROM STDIN(FORMAT csv)",
            "copy (SELECT 1) to/**/stdout",
        ] {
            assert!(copies_through_psql(statement), "{statement}");
        }
        for statement in ["COPY t FROM '/tmp/stdin'", "SELECT 'copy from stdin'", "COPY t TO PROGRAM 'cat'"] {
            assert!(!copies_through_psql(statement), "{statement}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_without_a_panic(script: String) {
            split(&script);
        }
    }
}
