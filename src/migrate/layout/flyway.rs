//! Flyway: `V1_2__name.sql`, its undo `U1_2__name.sql`, and `R__name.sql`, which is applied whenever it changed.

use crate::error::{Error, Result};
use crate::migrate::files::{Migration, Source};
use crate::migrate::layout::listing::{Listing, plain_number};
use crate::migrate::layout::numbered::bears_transaction;

/// A name of Flyway's.
struct Named<'a> {
    prefix: char,
    /// Empty for what is repeatable.
    version: &'a str,
}

fn named(file: &str) -> Option<Named<'_>> {
    let stem = file.strip_suffix(".sql")?;
    let prefix = stem.chars().next().filter(|prefix| matches!(prefix, 'V' | 'U' | 'R' | 'B'))?;
    // Flyway does without a description.
    let version = stem[1..].split_once("__").map_or(&stem[1..], |(version, _)| version);
    let is_version = !version.is_empty()
        && version.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'_')
        && version.starts_with(|c: char| c.is_ascii_digit());
    let fits = if prefix == 'R' { stem.starts_with("R__") } else { is_version };
    fits.then_some(Named { prefix, version })
}

/// Whether a file is named so.
pub fn is_named(file: &str) -> bool {
    named(file).is_some()
}

/// A version as Flyway compares it: parts as numbers, without zeros at the end.
pub fn plain_version(version: &str) -> String {
    let mut parts: Vec<String> = version.split(['.', '_']).map(plain_number).collect();
    while parts.len() > 1 && parts.last().is_some_and(|part| part == "0") {
        parts.pop();
    }
    parts.join(".")
}

/// The migrations of a directory: by version, then what is repeatable, by name.
///
/// # Errors
/// A file that is none of Flyway's, or has what only Flyway does: callbacks, baselines, placeholders.
pub fn read(listing: &Listing) -> Result<Vec<Migration>> {
    if let Some(folder) = listing.folders.first() {
        return Err(listing
            .fault(format!("{folder} is a directory: migrations in directories below are not read"))
            .with_hint("name that directory, or move its files"));
    }
    let mut migrations = Vec::new();
    for name in &listing.files {
        let Some(Named { prefix, version }) = named(name) else { return Err(not_named(listing, name)) };
        match prefix {
            'B' => {
                return Err(listing
                    .fault(format!("{name} is a baseline, which only Flyway runs"))
                    .with_hint("remove it, or apply these migrations with Flyway"));
            }
            'U' => continue,
            _ => {}
        }
        let undo = listing.files.iter().find(|undo| {
            prefix == 'V'
                && named(undo).is_some_and(|undo| {
                    undo.prefix == 'U' && plain_version(undo.version) == plain_version(version)
                })
        });
        migrations.push(Migration {
            name: name.trim_end_matches(".sql").to_owned().into(),
            version: if prefix == 'R' { name.clone().into() } else { plain_version(version).into() },
            is_repeatable: prefix == 'R',
            up: source(listing, name)?,
            down: undo.map(|undo| source(listing, undo)).transpose()?,
        });
    }
    let key = |migration: &Migration| {
        let parts = migration.version.split('.').map(|part| part.parse::<u128>().unwrap_or(u128::MAX));
        let parts = if migration.is_repeatable { Vec::new() } else { parts.collect::<Vec<_>>() };
        (migration.is_repeatable, parts, migration.name.to_string())
    };
    migrations.sort_by_key(key);
    Ok(migrations)
}

fn not_named(listing: &Listing, name: &str) -> Error {
    let is_callback = ["before", "after"].iter().any(|when| name.starts_with(when));
    match is_callback {
        true => listing
            .fault(format!("{name} is a callback, which only Flyway calls"))
            .with_hint("move it away, or apply these migrations with Flyway"),
        false => listing.fault(format!(
            "{name} is not named V1__name.sql, U1__name.sql or R__name.sql, as the others are"
        )),
    }
}

fn source(listing: &Listing, name: &str) -> Result<Source> {
    let own = listing.source(name)?;
    if let Some(at) = own.text.find("${") {
        let line = own.text[..at].matches('\n').count() + 1;
        return Err(Error::usage(format!(
            "{}:{line}: a placeholder ${{...}}, which only Flyway fills in",
            own.file
        ))
        .with_hint("write the value into the file, or apply these migrations with Flyway"));
    }
    let setting = format!("{name}.conf");
    let says_no = listing.others.contains(&setting)
        && listing
            .text(&setting)?
            .1
            .lines()
            .any(|line| line.replace(' ', "") == "executeInTransaction=false");
    let in_transaction = own.in_transaction && !says_no && bears_transaction(&own.text);
    Ok(Source { in_transaction, ..own })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_parts() {
        assert_eq!(plain_version("1.0"), "1");
        assert_eq!(plain_version("2_01"), "2.1");
        for name in ["V1__a.sql", "R__a.sql", "U1.2__b c.sql", "V2.sql", "V3__.sql"] {
            assert!(is_named(name), "{name}");
        }
        for other in ["V__a.sql", "V1_a.sql", "R1__a.sql", "v1__a.sql", "Va__b.sql"] {
            assert!(!is_named(other), "{other}");
        }
    }
}
