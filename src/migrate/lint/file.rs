//! A file of migrations as rules see it: read once, for all of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{Parse, SourceFile, SyntaxNode};

use crate::migrate::files::Source;
use crate::migrate::lint::comments::{self, Comment};
use crate::migrate::sql::nesting;
use crate::migrate::sql::statements;

/// A file, its tree and its comments.
pub struct File<'a> {
    /// The migration's name.
    pub migration: &'a str,
    pub source: &'a Source,
    /// Whether it undoes the migration.
    pub is_down: bool,
    /// What was parsed, at the places at which it stands in the file.
    pub text: Cow<'a, str>,
    pub parse: Parse<SourceFile>,
    pub statements: Vec<Statement>,
    pub comments: Vec<Comment>,
    /// It is nested too deep to be parsed: there are no statements of it.
    pub is_too_deep: bool,
    /// What the header says, by its keys in lower case.
    header: BTreeMap<String, String>,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// A statement and where it stands, without what is around it.
pub struct Statement {
    pub node: ast::Stmt,
    pub range: Range<usize>,
}

impl<'a> File<'a> {
    /// Parses a file.
    pub fn read(migration: &'a str, source: &'a Source, is_down: bool) -> Self {
        let text = without_psql_guards(&source.text);
        let is_too_deep = nesting::is_too_deep(&text);
        let parse = SourceFile::parse(if is_too_deep { "" } else { &text });
        let statement = |node: ast::Stmt| Statement { range: range(node.syntax()), node };
        let is_empty = |node: &ast::Stmt| matches!(node, ast::Stmt::EmptyStmt(_));
        let statements: Vec<_> = parse.tree().stmts().filter(|node| !is_empty(node)).map(statement).collect();
        let comments = comments::read(&text, &statements.iter().map(|s| s.range.clone()).collect::<Vec<_>>());
        let lines =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect::<Vec<_>>();
        let header = header(&comments, &text);
        Self { migration, source, is_down, text, parse, statements, comments, is_too_deep, header, lines }
    }

    /// The line and column of a byte, from 1; the column in characters.
    pub fn location(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|begin| *begin <= at).max(1);
        let begin = self.lines[line - 1];
        (line, self.text.get(begin..at).unwrap_or_default().chars().count() + 1)
    }

    /// The statement in which a byte stands.
    pub fn statement_at(&self, at: usize) -> Option<usize> {
        let next = self.statements.partition_point(|statement| statement.range.start <= at);
        next.checked_sub(1).filter(|index| at < self.statements[*index].range.end)
    }

    /// Of the tokens of a statement, or of none: the same whatever comments and blanks are around them.
    pub fn fingerprint(&self, statement: Option<usize>) -> String {
        let mut hasher = blake3::Hasher::new();
        let text = statement.map_or("", |index| &self.text[self.statements[index].range.clone()]);
        for token in statements::tokens(text.trim_end_matches(';')) {
            hasher.update(token.as_bytes());
            hasher.update(b"\0");
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }

    /// What the header says under a key (`-- Drop: reason`); none where it says nothing.
    pub fn header(&self, key: &str) -> Option<&str> {
        self.header.get(&key.to_lowercase()).map(String::as_str)
    }

    /// The lines of the comments that a reader of a statement has seen: the header, those right before the statement,
    /// and those in it.
    pub fn comments_for(&self, statement: usize) -> impl Iterator<Item = &str> {
        let concerns = move |comment: &&Comment| comment.is_header || comment.statement == Some(statement);
        self.comments.iter().filter(concerns).flat_map(|comment| comment.lines(&self.text))
    }
}

/// What comments of a header say under their keys, the first of each.
fn header(comments: &[Comment], text: &str) -> BTreeMap<String, String> {
    let lines =
        comments.iter().take_while(|comment| comment.is_header).flat_map(|comment| comment.lines(text));
    let mut header = BTreeMap::new();
    for (key, value) in lines.filter_map(|line| line.split_once(':')) {
        if !value.trim().is_empty() {
            header.entry(key.trim().to_lowercase()).or_insert_with(|| value.trim().to_owned());
        }
    }
    header
}

/// Where a node stands, without blanks and comments at its ends.
pub fn range(node: &SyntaxNode) -> Range<usize> {
    let is_code = |token: &squawk_syntax::SyntaxToken| !token.kind().is_trivia();
    let all = node.text_range();
    let mut start = node.first_token();
    while let Some(token) = start.as_ref().filter(|token| !is_code(token)) {
        start = token.next_token();
    }
    let mut end = node.last_token();
    while let Some(token) = end.as_ref().filter(|token| !is_code(token)) {
        end = token.prev_token();
    }
    let start = start.map_or(all.start(), |token| token.text_range().start());
    let end = end.map_or(all.end(), |token| token.text_range().end());
    usize::from(start)..usize::from(end).max(usize::from(start))
}

/// The text with blanks for `\restrict` and `\unrestrict`, which pg_dump writes around a dump: psql's, and no SQL.
fn without_psql_guards(text: &str) -> Cow<'_, str> {
    if !text.contains("\\restrict") && !text.contains("\\unrestrict") {
        return Cow::Borrowed(text);
    }
    let guards = |line: &str| line.starts_with("\\restrict") || line.starts_with("\\unrestrict");
    let blank = |line: &str| line.chars().map(|c| if c == '\n' { c } else { ' ' }).collect::<String>();
    let lines = text.split_inclusive('\n');
    lines.map(|line| if guards(line) && line.is_ascii() { blank(line) } else { line.to_owned() }).collect()
}
