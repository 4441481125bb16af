//! Drafts as files of a directory.

use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, Result};
use crate::migrate::layout::{Layout, read_directory};
use crate::migrate::new::draft::Draft;
use crate::whole_file;

/// The form of a timestamp, in UTC.
const FORM: &str = "%Y%m%d%H%M%S";

/// A migration that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What it is called in the history.
    pub name: String,
    pub up: PathBuf,
    pub down: PathBuf,
}

/// Writes drafts into a directory, which is made where only it is missing: in their order, and behind all migrations
/// that are there, whatever the clock says. All of them are written, or none.
///
/// # Errors
/// A directory that cannot be made, or that holds what are no migrations of our form; what cannot be written.
pub fn write(directory: &Path, drafts: &[Draft], author: &str, now: Timestamp) -> Result<Vec<Written>> {
    let is_new = make(directory)?;
    let written = in_order(directory, now).and_then(|mut time| {
        let (mut written, mut files) = (Vec::new(), Vec::new());
        for draft in drafts {
            let name = format!("{}_{}", time.strftime(FORM), draft.name);
            let path = |end: &str| directory.join(format!("{name}{end}"));
            let one = Written { up: path(".sql"), down: path(".down.sql"), name };
            // The rollback first: nobody is to find a migration without it.
            files.push((one.down.clone(), text(draft, &one.name, author, time, true)));
            files.push((one.up.clone(), text(draft, &one.name, author, time, false)));
            written.push(one);
            time = later(time)?;
        }
        whole_file::create_all(&files).map(|()| written)
    });
    if is_new && written.is_err() {
        // What is not empty stays.
        let _ = std::fs::remove_dir(directory);
    }
    written
}

/// Makes the directory where only it is missing. Returns whether it was.
fn make(directory: &Path) -> Result<bool> {
    if directory.is_dir() {
        return Ok(false);
    }
    let made = std::fs::create_dir(directory).map(|()| true);
    made.map_err(|error| {
        let failed = Error::usage(format!("cannot create the directory {}", directory.display()));
        let is_missing = error.kind() == std::io::ErrorKind::NotFound;
        let failed = failed.with_source(error);
        if is_missing {
            failed.with_hint("create the directory above it first, or check --dir")
        } else {
            failed
        }
    })
}

/// The time of the first new migration: now, or behind all that are there.
fn in_order(directory: &Path, now: Timestamp) -> Result<DateTime> {
    let read = read_directory(directory, None)?;
    if read.layout != Layout::Own {
        return Err(Error::refused(format!(
            "{} holds the migrations of another tool, which would misread a file of crm-seed's form",
            directory.display()
        ))
        .with_hint("create the migration with that tool, or use another directory (--dir)"));
    }
    let now = now.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let now = now.with().subsec_nanosecond(0).build().unwrap_or(now);
    let last = read.migrations.iter().filter_map(|migration| migration.name.get(..14)).max();
    match last.and_then(|last| DateTime::strptime(FORM, last).ok()) {
        Some(last) if last >= now => later(last),
        _ => Ok(now),
    }
}

/// A second later.
fn later(time: DateTime) -> Result<DateTime> {
    time.checked_add(SignedDuration::from_secs(1))
        .map_err(|error| Error::failed("there is no timestamp behind the last migration").with_source(error))
}

/// A file: its header and its statements.
fn text(draft: &Draft, name: &str, author: &str, time: DateTime, is_down: bool) -> String {
    let (end, description, body) = match is_down {
        true => (".down.sql", &draft.down_description, &draft.down),
        false => (".sql", &draft.description, &draft.up),
    };
    // What a user says may have several lines; the header has one for each thing.
    let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let date = time.date();
    let transaction = if draft.in_transaction { "" } else { "-- Transaction: none\n" };
    format!(
        "-- Migration: {name}{end}\n-- Description: {description}\n-- Author: {author}\n-- Date: {date}\n\
         {transaction}\n{body}"
    )
}
