//! `-- lint:ignore RULE reason`: before a statement, in it or behind it in its last line for that statement; in the
//! header for the whole file.

use std::ops::Range;

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::Problem;
use crate::migrate::lint::file::File;
use crate::migrate::lint::finding::Level;
use crate::suggestion::{quoted, suggestion};

/// What begins such a comment.
const MARK: &str = "lint:ignore";

pub const BAD: About = About {
    id: "bad-ignore",
    level: Level::Error,
    summary: "A lint:ignore without a reason, or of an unknown rule",
    why: "It hides nothing. Whoever reads it later has to learn from it why the rule does not hold here.",
    mend: "write `-- lint:ignore RULE reason`; `migrate lint --list-rules` prints the rules",
    bad: "-- lint:ignore ban-char-field\nCREATE TABLE countries (code char(2));\n",
    good: "-- lint:ignore ban-char-field ISO codes have two letters, and the old system pads too\n\
           CREATE TABLE countries (code char(2));\n",
    in_rollbacks: true,
};

pub const UNUSED: About = About {
    id: "unused-ignore",
    level: Level::Warning,
    summary: "A lint:ignore that hides nothing",
    why: "What it was written for is gone, or it stands in the wrong place. Left there, it would hide the next finding.",
    mend: "remove it, or put it on the line before the statement that it is about",
    bad: "-- lint:ignore ban-char-field ISO codes have two letters\nCREATE TABLE countries (code text);\n",
    good: "-- lint:ignore ban-char-field ISO codes have two letters\nCREATE TABLE countries (code char(2));\n",
    in_rollbacks: true,
};

/// One such comment.
pub struct Ignore {
    pub rule: &'static str,
    pub range: Range<usize>,
    /// It is in the header.
    is_for_file: bool,
    statement: Option<usize>,
}

impl Ignore {
    /// Whether it hides what a rule found in a statement, or of the file.
    pub fn hides(&self, rule: &str, statement: Option<usize>) -> bool {
        // What is about the file is ignored before its first statement.
        let is_here = self.is_for_file
            || self.statement == statement
            || statement.is_none() && self.statement == Some(0);
        rule == self.rule && is_here
    }
}

/// The comments of a file that ignore one of the `known` rules, and those that mean to.
pub fn read(file: &File<'_>, known: &[&'static str]) -> (Vec<Ignore>, Vec<Problem>) {
    let (mut ignores, mut problems) = (Vec::new(), Vec::new());
    for comment in &file.comments {
        for line in comment.lines(&file.text) {
            let Some(rest) = line.strip_prefix(MARK) else { continue };
            // `lint:ignored` is another word.
            if rest.starts_with(|c: char| c.is_alphanumeric()) {
                continue;
            }
            let (rule, reason) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
            let fault = |message: String| Problem::new(comment.range.clone(), message);
            match known.iter().find(|known| **known == rule) {
                _ if rule.is_empty() => problems.push(fault("lint:ignore names no rule".to_owned())),
                None => {
                    let message = format!("lint:ignore of an unknown rule: {}", quoted(rule));
                    problems.push(fault(message).with_mend(suggestion(rule, known)));
                }
                Some(_) if reason.trim().is_empty() => {
                    problems.push(fault(format!("lint:ignore {rule} gives no reason")));
                }
                Some(rule) => ignores.push(Ignore {
                    rule,
                    range: comment.range.clone(),
                    is_for_file: comment.is_header,
                    statement: comment.statement,
                }),
            }
        }
    }
    (ignores, problems)
}
