//! Which migrations a rehearsal has passed, by name and checksum, in `.crm-seed/rehearsed.json`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::db::target::local_directory;
use crate::error::{Error, Result};
use crate::migrate::files::Migration;
use crate::migrate::sql::statements::{fingerprint, split};
use crate::{text_file, whole_file};

/// The checksums of migrations by their names.
pub type Rehearsed = BTreeMap<String, String>;

fn path() -> PathBuf {
    local_directory().join("rehearsed.json")
}

/// What was rehearsed in this directory so far; nothing where there is no such file.
///
/// # Errors
/// The file cannot be read, or is not what a rehearsal writes.
pub fn read() -> Result<Rehearsed> {
    let path = path();
    if !path.exists() {
        return Ok(Rehearsed::new());
    }
    let text = text_file::text(&path, text_file::MOST_BYTES)?;
    serde_json::from_str(&text).map_err(|why| {
        Error::failed(format!("{} is damaged", path.display()))
            .with_source(why)
            .with_hint("delete it and run `crm-seed migrate rehearse` again")
    })
}

/// What a rehearsal holds of a migration: what applies it and what undoes it.
fn checksum(migration: &Migration) -> String {
    let down = migration.down.as_ref().map(|down| fingerprint(&split(&down.text)));
    format!("{}-{}", migration.checksum(), down.unwrap_or_default())
}

/// Refuses migrations that have not passed a rehearsal as they are now.
///
/// # Errors
/// There is one; the record cannot be read.
pub fn check<'m>(migrations: impl IntoIterator<Item = &'m Migration>) -> Result<()> {
    let all = read()?;
    let is_rehearsed = |migration: &&Migration| {
        all.get(&*migration.name).is_some_and(|rehearsed| *rehearsed == checksum(migration))
    };
    let Some(migration) = migrations.into_iter().find(|migration| !is_rehearsed(migration)) else {
        return Ok(());
    };
    let what = match all.contains_key(&*migration.name) {
        true => "was edited since its rehearsal",
        false => "was not rehearsed",
    };
    Err(Error::refused(format!("{} {what}", migration.name))
        .with_hint(
            "nothing was applied; rehearse all that is pending with `crm-seed migrate rehearse --database-url URL`",
        ))
}

/// Adds migrations that have passed. A damaged file is replaced.
///
/// # Errors
/// The file cannot be written.
pub fn add<'m>(migrations: impl IntoIterator<Item = &'m Migration>) -> Result<()> {
    let mut all = read().unwrap_or_default();
    all.extend(migrations.into_iter().map(|migration| (migration.name.to_string(), checksum(migration))));
    let path = path();
    std::fs::create_dir_all(local_directory()).map_err(|error| whole_file::fault(&path, error))?;
    let text = serde_json::to_string_pretty(&all).unwrap_or_default() + "\n";
    whole_file::replace(&path, text.as_bytes())
}
