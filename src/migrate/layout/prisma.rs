//! Prisma: `20240101120000_name/migration.sql`, and beside it, where somebody wrote one, `down.sql`.

use crate::error::Result;
use crate::migrate::files::{Migration, Source};
use crate::migrate::layout::listing::{Listing, leading_digits};
use crate::migrate::layout::numbered::bears_transaction;

const UP: &str = "migration.sql";
const DOWN: &str = "down.sql";
/// In which Prisma notes for which database the files are.
const LOCK: &str = "migration_lock.toml";

/// Whether a directory holds one of Prisma's migrations.
pub fn is_migration(listing: &Listing, folder: &str) -> bool {
    listing.path.join(folder).join(UP).is_file()
}

/// The migrations of a directory, by name.
///
/// # Errors
/// A directory without a migration, which others were written to follow; migrations for another database than PostgreSQL.
pub fn read(listing: &Listing) -> Result<Vec<Migration>> {
    if listing.others.iter().any(|name| name == LOCK) {
        let (file, text) = listing.text(LOCK)?;
        let lock: toml::Table = text.parse().unwrap_or_default();
        let provider = lock.get("provider").and_then(toml::Value::as_str).unwrap_or("postgresql");
        if !matches!(provider, "postgresql" | "cockroachdb") {
            return Err(crate::error::Error::usage(format!(
                "{file}: the migrations are for {provider}, not PostgreSQL"
            )));
        }
    }
    let is_empty = |folder: &&String| !is_migration(listing, folder) && leading_digits(folder).is_some();
    if let Some(folder) = listing.folders.iter().find(is_empty) {
        return Err(listing
            .fault(format!("{folder} has no {UP}"))
            .with_hint("restore the file, or remove the directory; what is not SQL crm-seed cannot run"));
    }
    let folders = listing.folders.iter().filter(|folder| is_migration(listing, folder));
    let read = |folder: &String| -> Result<Migration> {
        let inner = Listing::of(&listing.path.join(folder))?;
        let source = |name: &str| -> Result<Source> {
            let own = inner.source(name)?;
            Ok(Source { in_transaction: own.in_transaction && bears_transaction(&own.text), ..own })
        };
        let down = inner.files.iter().any(|name| name == DOWN).then(|| source(DOWN));
        Ok(Migration {
            name: folder.clone().into(),
            version: folder.clone().into(),
            is_repeatable: false,
            up: source(UP)?,
            down: down.transpose()?,
        })
    };
    folders.map(read).collect()
}
