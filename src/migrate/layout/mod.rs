//! Directories of migrations, in the form of whichever tool they were written for.

mod bundled;
mod own;

use std::path::Path;

use crate::error::Result;
use crate::migrate::files::Migration;

pub use bundled::BUNDLED;

/// The form of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Built into the binary.
    Bundled,
    /// Our own: `YYYYMMDDHHMMSS_descriptive_name.sql` and `.down.sql`.
    Own,
}

/// Migrations that belong together.
#[derive(Clone, Debug)]
pub struct Directory {
    pub layout: Layout,
    /// The oldest first.
    pub migrations: Vec<Migration>,
}

/// The migrations that are built into the binary.
pub fn bundled() -> Directory {
    Directory { layout: Layout::Bundled, migrations: bundled::all() }
}

/// Reads a directory.
///
/// # Errors
/// It cannot be read; files that are no migrations.
pub fn read_directory(path: &Path) -> Result<Directory> {
    Ok(Directory { layout: Layout::Own, migrations: own::read(path)? })
}
