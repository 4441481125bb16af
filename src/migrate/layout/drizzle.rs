//! Drizzle: `0000_name.sql`, in the order in which `meta/_journal.json` lists them.

use crate::error::Result;
use crate::migrate::files::{Migration, Source};
use crate::migrate::layout::listing::Listing;
use crate::migrate::layout::numbered::bears_transaction;

const JOURNAL: &str = "meta/_journal.json";

/// What drizzle-kit notes of its files.
#[derive(serde::Deserialize)]
struct Journal {
    dialect: String,
    entries: Vec<Entry>,
}

#[derive(serde::Deserialize)]
struct Entry {
    /// When the file was written, in milliseconds: what the history has of it.
    when: i64,
    /// The file, without `.sql`.
    tag: String,
}

/// Whether drizzle-kit keeps the directory.
pub fn has_journal(listing: &Listing) -> bool {
    listing.path.join(JOURNAL).is_file()
}

/// The migrations of a directory.
///
/// # Errors
/// A journal that cannot be read, or is of another database than PostgreSQL; a file in it that does not exist.
pub fn read(listing: &Listing) -> Result<Vec<Migration>> {
    let (_, text) = listing.text(JOURNAL)?;
    let journal: Journal =
        serde_json::from_str(&text).map_err(|error| listing.fault(JOURNAL).with_source(error))?;
    if journal.dialect != "postgresql" && journal.dialect != "pg" {
        return Err(listing.fault(format!("the migrations are for {}, not PostgreSQL", journal.dialect)));
    }
    let read = |Entry { when, tag }: Entry| {
        let file = format!("{tag}.sql");
        if !listing.files.contains(&file) {
            return Err(listing.fault(format!("{JOURNAL} lists {tag}, but there is no file {file}")));
        }
        let own = listing.source(&file)?;
        let in_transaction = own.in_transaction && bears_transaction(&own.text);
        Ok(Migration {
            name: tag.into(),
            version: when.to_string().into(),
            is_repeatable: false,
            up: Source { in_transaction, ..own },
            down: None,
        })
    };
    journal.entries.into_iter().map(read).collect()
}
