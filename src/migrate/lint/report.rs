//! What rules said, and what of it is told.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::migrate::lint::about::About;
use crate::migrate::lint::catalog;
use crate::migrate::lint::context::Problem;
use crate::migrate::lint::file::File;
use crate::migrate::lint::finding::{Finding, Key, Level};
use crate::migrate::lint::ignore::{self, Ignore};

/// Where the first of these found something in a statement, the second need not say that it is breaking.
const ENOUGH_SAID: [(&str, &str); 4] = [
    ("drop-without-deprecation", "undocumented-breaking-change"),
    ("rename-without-alias", "undocumented-breaking-change"),
    ("type-change-without-using", "undocumented-breaking-change"),
    ("type-change-without-using", "changing-column-type"),
];

/// What was said of the files of a directory.
pub struct Reports<'a> {
    files: &'a [File<'a>],
    disabled: &'a BTreeSet<String>,
    /// Of each file.
    said: Vec<Vec<Said>>,
}

struct Said {
    about: &'static About,
    statement: Option<usize>,
    range: Range<usize>,
    level: Level,
    message: String,
    mend: String,
}

impl<'a> Reports<'a> {
    pub fn new(files: &'a [File<'a>], disabled: &'a BTreeSet<String>) -> Self {
        Self { files, disabled, said: files.iter().map(|_| Vec::new()).collect() }
    }

    /// Adds what a rule says of the file of this number.
    pub fn add(&mut self, number: usize, about: &'static About, problem: Problem) {
        if self.disabled.contains(about.id) {
            return;
        }
        let Problem { range, message, mend, level, .. } = problem;
        let statement = self.files[number].statement_at(range.start);
        self.said[number].push(Said {
            about,
            // What is about a file begins and ends at its first byte.
            statement: statement.filter(|_| !range.is_empty() || range.start > 0),
            level: level.unwrap_or(about.level),
            mend: mend.unwrap_or_else(|| about.mend.to_owned()),
            range,
            message,
        });
    }

    pub fn add_all(&mut self, number: usize, about: &'static About, problems: Vec<Problem>) {
        problems.into_iter().for_each(|problem| self.add(number, about, problem));
    }

    /// What is told.
    pub fn findings(mut self) -> Vec<Finding> {
        let known = catalog::ids();
        (0..self.files.len()).flat_map(|number| self.of_file(number, &known)).collect()
    }

    fn of_file(&mut self, number: usize, known: &[&'static str]) -> Vec<Finding> {
        let files = self.files;
        let file = &files[number];
        let (ignores, problems) = ignore::read(file, known);
        let mut used = vec![false; ignores.len()];
        let mut said = without_what_is_said(std::mem::take(&mut self.said[number]));
        said.retain(|said| {
            let hiding: Vec<usize> = (0..ignores.len())
                .filter(|index| ignores[*index].hides(said.about.id, said.statement))
                .collect();
            hiding.iter().for_each(|index| used[*index] = true);
            hiding.is_empty()
        });
        self.said[number] = said;
        self.add_all(number, &ignore::BAD, problems);
        for (ignore, _) in ignores.iter().zip(used).filter(|(_, used)| !used) {
            if !self.disabled.contains(ignore.rule) {
                self.add(number, &ignore::UNUSED, unused(ignore));
            }
        }
        let mut said = std::mem::take(&mut self.said[number]);
        said.sort_by_key(|said| (said.range.start, said.about.id));
        said.into_iter().map(|said| finding(file, said)).collect()
    }
}

fn unused(ignore: &Ignore) -> Problem {
    Problem::new(ignore.range.clone(), format!("there is nothing of {} here to ignore", ignore.rule))
}

/// Without those of which another rule has said enough.
fn without_what_is_said(mut said: Vec<Said>) -> Vec<Said> {
    let enough = |said: &Said| {
        let rules = ENOUGH_SAID.iter().filter(|(first, _)| *first == said.about.id);
        rules.map(|(_, second)| (*second, said.statement)).collect::<Vec<_>>()
    };
    let covered: BTreeSet<_> = said.iter().flat_map(enough).collect();
    said.retain(|said| !covered.contains(&(said.about.id, said.statement)));
    said
}

fn finding(file: &File<'_>, said: Said) -> Finding {
    let (line, column) = file.location(said.range.start);
    let (end_line, end_column) = file.location(said.range.end);
    let migration = format!("{}{}", file.migration, if file.is_down { ".down" } else { "" });
    Finding {
        rule: said.about.id,
        level: said.level,
        file: file.source.file.clone(),
        line,
        column,
        end_line,
        end_column,
        message: said.message,
        mend: said.mend,
        key: Key { migration, fingerprint: file.fingerprint(said.statement) },
    }
}
