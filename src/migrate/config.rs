//! `[migrations]` of `crm-seed.toml`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Result;
use crate::infer::config;
use crate::migrate::layout::Layout;
use crate::migrate::quiet_hours::QuietHours;

/// What a project says of its migrations.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrationConfig {
    /// The directory of its migrations; in the file it is relative to the file.
    pub dir: Option<PathBuf>,
    /// The tool for which its files were written, where their form does not tell.
    pub layout: Option<Layout>,
    /// When nothing is applied or rolled back, but on this machine.
    pub quiet_hours: Option<QuietHours>,
}

/// The file, of which the other sections are read elsewhere.
#[derive(Default, Deserialize)]
struct File {
    #[serde(default)]
    migrations: MigrationConfig,
}

impl MigrationConfig {
    /// Reads the section of a file.
    ///
    /// # Errors
    /// It cannot be read, or says something that means nothing: with its location.
    pub fn read(path: &Path) -> Result<Self> {
        let (text, name) = (config::text(path)?, path.display().to_string());
        let file: File = toml::from_str(&text).map_err(|error| config::syntax_error(&error, &text, &name))?;
        let mut config = file.migrations;
        config.dir = config.dir.map(|dir| path.parent().unwrap_or(Path::new("")).join(dir));
        Ok(config)
    }
}
