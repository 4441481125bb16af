//! dbmate: `20240101120000_name.sql` with `-- migrate:up` and `-- migrate:down`.

use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::layout::listing::{Listing, leading_digits, plain_number};
use crate::migrate::layout::sections::{Markers, Sections};

pub const MARKERS: Markers =
    Markers { up: |line| marker(line, "migrate:up"), down: |line| marker(line, "migrate:down") };

fn marker<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix(word)?;
    rest.chars().next().is_none_or(char::is_whitespace).then(|| rest.trim())
}

/// The migrations of a directory.
///
/// # Errors
/// A file that is none of dbmate's.
pub fn read(listing: &Listing) -> Result<Vec<Migration>> {
    let mut migrations = Vec::new();
    for name in &listing.files {
        let stem = name.trim_end_matches(".sql");
        let Some(digits) = leading_digits(stem) else {
            return Err(listing.fault(format!("{name} does not begin with a version and an underscore")));
        };
        let (file, text) = listing.text(name)?;
        let version = plain_number(digits);
        let sections = Sections { name: stem, version: &version, file: &file, text: &text };
        let wants = |rest: &str| !rest.split_whitespace().any(|option| option == "transaction:false");
        let migration = sections.migration(&MARKERS, wants);
        migrations.push(migration.ok_or_else(|| {
            listing.fault(format!("{name} has no line `-- migrate:up`, as the other files of dbmate have"))
        })?);
    }
    Ok(migrations)
}
