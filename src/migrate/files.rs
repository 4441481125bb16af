//! Migration files: `YYYYMMDDHHMMSS_descriptive_name.sql`, and beside each its rollback in
//! `YYYYMMDDHHMMSS_descriptive_name.down.sql`.

use std::borrow::Cow;
use std::path::Path;

use crate::error::{Error, Result};
use crate::text_file;

/// A migration: how to do it and how to undo it.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The file's name without `.sql`.
    pub name: Cow<'static, str>,
    /// SQL that applies it.
    pub up: Cow<'static, str>,
    /// What undoes it, where there is such a file.
    pub down: Option<Cow<'static, str>>,
}

/// A bundled migration: its name, its text, its rollback.
pub type Bundled = (&'static str, &'static str, &'static str);

macro_rules! bundled {
    ($($name:literal),* $(,)?) => {
        &[$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, ".sql")),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, ".down.sql")),
        )),*]
    };
}

/// The files in `migrations/`, built into the binary; a test holds the list to the directory.
pub const BUNDLED: &[Bundled] = bundled![
    "20250125000000_fresh_crm_schema",
    "20250126143000_add_opportunity_indexes",
    "20250127090000_create_opportunity_products_table",
    "20250127110000_create_product_inventory_table",
    "20250128090000_add_product_custom_attributes",
    "20250129090000_add_customer_segments",
    "20250130090000_add_forecast_category",
    "20250131090000_add_task_priority",
    "20250201090000_create_opportunity_pipeline_summary",
];

/// The bundled migrations, oldest first.
pub fn bundled() -> Vec<Migration> {
    let migration =
        |&(name, up, down): &Bundled| Migration { name: name.into(), up: up.into(), down: Some(down.into()) };
    BUNDLED.iter().map(migration).collect()
}

/// Whether a script asks in its header for no transaction around it (`-- Transaction: none`), as
/// `CREATE INDEX CONCURRENTLY` needs.
pub fn wants_no_transaction(script: &str) -> bool {
    let header = script.lines().take_while(|line| line.starts_with("--") || line.trim().is_empty());
    header.filter_map(|line| line.trim_start_matches('-').trim().split_once(':')).any(|(key, value)| {
        key.trim().eq_ignore_ascii_case("transaction") && value.trim().eq_ignore_ascii_case("none")
    })
}

impl Migration {
    /// A fingerprint of what it does: a file changed after it was applied shows.
    pub fn checksum(&self) -> String {
        blake3::hash(self.up.as_bytes()).to_hex()[..32].to_owned()
    }
}

/// The migrations in `directory`, in the order of their names.
///
/// # Errors
/// A directory that cannot be read; a file that is not named as a migration; a rollback without
/// its migration; two migrations of one time.
pub fn read_directory(directory: &Path) -> Result<Vec<Migration>> {
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
        Ok::<_, Error>(text.trim_start_matches('\u{feff}').to_owned())
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
        migrations.push(Migration {
            name: name.clone().into(),
            up: read(name)?.into(),
            down: down.map(Cow::from),
        });
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
    fn the_bundled_list_is_the_directory() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let read = read_directory(&directory).expect("well-named files");
        let names =
            |migrations: &[Migration]| migrations.iter().map(|m| m.name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&read), names(&bundled()));
        assert!(read.iter().all(|migration| migration.down.is_some()));
    }

    #[test]
    fn every_bundled_file_has_its_header() {
        for migration in bundled() {
            let date =
                format!("{}-{}-{}", &migration.name[..4], &migration.name[4..6], &migration.name[6..8]);
            for line in [
                format!("-- Migration: {}.sql", migration.name),
                "-- Description: ".into(),
                "-- Author: ".into(),
                format!("-- Date: {date}"),
            ] {
                assert!(migration.up.contains(&line), "{}: {line}", migration.name);
            }
        }
    }

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

    #[test]
    fn a_header_may_ask_for_no_transaction() {
        assert!(wants_no_transaction("-- Migration: x\n-- Transaction: none\nSELECT 1;"));
        assert!(!wants_no_transaction("-- Migration: x\nSELECT 1;\n-- Transaction: none"));
    }
}
