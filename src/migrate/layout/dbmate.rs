//! dbmate: `20240101120000_name.sql` with `-- migrate:up` and `-- migrate:down`.

use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::layout::listing::{Listing, first_digits, plain_number};
use crate::migrate::layout::sections::{Markers, Sections};

pub const MARKERS: Markers = Markers {
    tool: "dbmate",
    line: "-- migrate:up",
    up: |line| marker(line, "migrate:up"),
    down: |line| marker(line, "migrate:down"),
};

fn marker<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix(word)?;
    rest.chars().next().is_none_or(char::is_whitespace).then(|| rest.trim())
}

/// Whether dbmate takes a file of this name for a migration: no more than a digit is asked for.
pub fn is_file(name: &str) -> bool {
    !first_digits(name).is_empty()
}

/// The migrations of a directory, in the order of their names.
///
/// # Errors
/// A file that is none of dbmate's.
pub fn read(listing: &Listing) -> Result<Vec<Migration>> {
    let mut migrations = Vec::new();
    for name in &listing.files {
        let (file, text) = listing.text(name)?;
        let version = plain_number(first_digits(name));
        let name = name.trim_end_matches(".sql");
        let sections = Sections { name, version: &version, file: &file, text: &text };
        let wants = |rest: &str| !rest.split_whitespace().any(|option| option == "transaction:false");
        migrations.push(sections.migration(&MARKERS, wants)?);
    }
    Ok(migrations)
}
