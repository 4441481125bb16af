//! goose: `00001_name.sql` with `-- +goose Up` and `-- +goose Down`.

use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::layout::listing::{Listing, leading_digits, plain_number};
use crate::migrate::layout::sections::{Markers, Sections};

pub const MARKERS: Markers = Markers {
    tool: "goose",
    line: "-- +goose Up",
    up: |line| marker(line, "up"),
    down: |line| marker(line, "down"),
};

/// What stands behind `-- +goose WORD`. Where the words stand for themselves, in any case.
fn marker<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix("+goose")?.trim_start();
    let (head, tail) = (rest.get(..word.len())?, &rest[word.len()..]);
    let is_it = head.eq_ignore_ascii_case(word) && tail.chars().next().is_none_or(char::is_whitespace);
    is_it.then(|| tail.trim())
}

/// The migrations of a directory. Statements between `StatementBegin` and `StatementEnd` need no care: bodies in dollar
/// quotes are cut nowhere anyway.
///
/// # Errors
/// A file that is none of goose's; one in Go; one whose variables goose would put in.
pub fn read(listing: &Listing) -> Result<Vec<Migration>> {
    let is_go = |name: &&String| {
        name.ends_with(".go") && !name.ends_with("_test.go") && leading_digits(name).is_some()
    };
    if let Some(name) = listing.others.iter().find(is_go) {
        return Err(listing
            .fault(format!("{name} is a migration in Go, which only goose can run"))
            .with_hint("apply these migrations with goose, and let crm-seed seed what they made"));
    }
    let mut migrations = Vec::new();
    for name in &listing.files {
        let stem = name.trim_end_matches(".sql");
        let Some(digits) = leading_digits(stem) else {
            return Err(listing.fault(format!("{name} does not begin with a version and an underscore")));
        };
        let (file, text) = listing.text(name)?;
        if text.lines().any(|line| marker(line, "envsub on").is_some()) {
            return Err(listing
                .fault(format!("{name} wants environment variables put in (ENVSUB), which only goose does"))
                .with_hint("write the values into the file, or apply it with goose"));
        }
        let version = plain_number(digits);
        let sections = Sections { name: stem, version: &version, file: &file, text: &text };
        let wants = !text.lines().any(|line| marker(line, "no transaction").is_some());
        migrations.push(sections.migration(&MARKERS, |_| wants)?);
    }
    // Versions are numbers, of as many digits as it pleases.
    migrations.sort_by_key(|migration| (migration.version.len(), migration.version.to_string()));
    Ok(migrations)
}
