//! Our own form: `YYYYMMDDHHMMSS_descriptive_name.sql`, and beside each its rollback in
//! `YYYYMMDDHHMMSS_descriptive_name.down.sql`.

use std::path::Path;

use crate::error::{Error, Result};
use crate::migrate::files::{Migration, Source};
use crate::text_file;

/// The migrations in `directory`, in the order of their names.
///
/// # Errors
/// A directory that cannot be read; a file that is not named as a migration; a rollback without
/// its migration; two migrations of one time.
pub fn read(directory: &Path) -> Result<Vec<Migration>> {
    let fault = |what: String| Error::usage(format!("{}: {what}", directory.display()));
    let unreadable = |error: std::io::Error| Error::usage(directory.display().to_string()).with_source(error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".sql")) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    let read = |name: &str| {
        let path = directory.join(format!("{name}.sql"));
        let text = text_file::text(&path, text_file::MOST_BYTES_OF_SQL)
            .map_err(|why| fault(format!("{name}.sql")).with_source(why))?;
        // Some editors begin a file with a byte order mark, which is no SQL.
        let text = text.trim_start_matches('\u{feff}').to_owned();
        Ok::<_, Error>(Source::new(path.display().to_string(), text))
    };
    let mut migrations: Vec<Migration> = Vec::new();
    for name in &names {
        if let Some(migration) = name.strip_suffix(".down") {
            if !names.iter().any(|other| other == migration) {
                return Err(fault(format!("{name}.sql rolls back {migration}.sql, which does not exist")));
            }
            continue;
        }
        check_name(name).map_err(fault)?;
        if migrations.last().is_some_and(|last| last.name[..14] == name[..14]) {
            return Err(fault(format!("{name}.sql has the same timestamp as another migration")));
        }
        let rollback = format!("{name}.down");
        let down = names.contains(&rollback).then(|| read(&rollback)).transpose()?;
        migrations.push(Migration { name: name.clone().into(), up: read(name)?, down });
    }
    Ok(migrations)
}

fn check_name(name: &str) -> Result<(), String> {
    let wanted = || format!("{name}.sql is not named YYYYMMDDHHMMSS_descriptive_name.sql");
    let (time, words) = name.split_once('_').ok_or_else(wanted)?;
    let digits = time.len() == 14 && time.bytes().all(|b| b.is_ascii_digit());
    let plain =
        !words.is_empty() && words.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let exists = || {
        let date = format!("{}-{}-{}", &time[..4], &time[4..6], &time[6..8]);
        let clock = [&time[8..10], &time[10..12], &time[12..14]].map(|part| part.parse::<u8>().unwrap_or(99));
        date.parse::<jiff::civil::Date>().is_ok() && clock[0] < 24 && clock[1] < 60 && clock[2] < 60
    };
    if digits && plain && exists() { Ok(()) } else { Err(wanted()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_held_to_their_form() {
        assert!(check_name("20250127090000_add_x").is_ok());
        for bad in [
            "20251327090000_add_x",
            "20250127_add_x",
            "20250127090000_",
            "20250127250000_x",
            "x",
            "20250127090000_Add",
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
