//! Our own form: `YYYYMMDDHHMMSS_descriptive_name.sql`, and beside each its rollback in
//! `YYYYMMDDHHMMSS_descriptive_name.down.sql`.

use crate::error::Result;
use crate::migrate::files::Migration;
use crate::migrate::layout::listing::{Listing, is_sql};

/// The migrations in a directory, in the order of their names.
///
/// # Errors
/// A file that is not named as a migration; a rollback without its migration; two migrations of one time.
pub fn read(listing: &Listing) -> Result<Vec<Migration>> {
    if let Some(name) = listing.others.iter().find(|name| is_sql(name)) {
        return Err(listing
            .fault(format!("{name} does not end in .sql"))
            .with_hint("rename it: in lower case"));
    }
    let names: Vec<&str> = listing.files.iter().filter_map(|name| name.strip_suffix(".sql")).collect();
    let mut migrations: Vec<Migration> = Vec::new();
    for name in &names {
        if let Some(migration) = name.strip_suffix(".down") {
            if !names.contains(&migration) {
                return Err(
                    listing.fault(format!("{name}.sql rolls back {migration}.sql, which does not exist"))
                );
            }
            continue;
        }
        check_name(name).map_err(|what| listing.fault(what).with_hint(OTHERWISE))?;
        if migrations.last().is_some_and(|last| last.version == name[..14]) {
            return Err(listing.fault(format!("{name}.sql has the same timestamp as another migration")));
        }
        let rollback = format!("{name}.down");
        let down = names.contains(&&*rollback).then(|| listing.source(&format!("{rollback}.sql")));
        migrations.push(Migration {
            name: (*name).to_owned().into(),
            version: name[..14].to_owned().into(),
            is_repeatable: false,
            up: listing.source(&format!("{name}.sql"))?,
            down: down.transpose()?,
        });
    }
    Ok(migrations)
}

/// What to do about a file of another form.
const OTHERWISE: &str =
    "rename it, or, where the directory is another tool's, say so with --layout (see `migrate up --help`)";

/// Whether a name, without `.sql`, is one of ours.
pub fn is_own(name: &str) -> bool {
    check_name(name.strip_suffix(".down").unwrap_or(name)).is_ok()
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
