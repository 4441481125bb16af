//! Which migrations are meant.

use std::path::PathBuf;

use crate::cli::fit::ConfigArgs;
use crate::error::Result;
use crate::infer::overrides::Overrides;
use crate::migrate::{self, Directory, MigrationConfig};

/// Where the migrations are.
#[derive(Clone, Debug, clap::Args)]
pub struct DirectoryArgs {
    /// Directory of your own migrations [default: dir in [migrations] of crm-seed.toml, else the bundled ones]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

impl DirectoryArgs {
    /// What crm-seed.toml says of migrations.
    ///
    /// # Errors
    /// It cannot be read, or says something that means nothing.
    pub fn config(&self) -> Result<MigrationConfig> {
        self.config
            .file()?
            .map_or_else(|| Ok(MigrationConfig::default()), |path| MigrationConfig::read(&path))
    }

    /// What crm-seed.toml says of tables and columns.
    ///
    /// # Errors
    /// As for [`config`](Self::config).
    pub fn overrides(&self) -> Result<Overrides> {
        self.config.overrides()
    }

    /// The directory that is meant; none where it is the bundled migrations.
    ///
    /// # Errors
    /// As for [`config`](Self::config).
    pub fn path(&self) -> Result<Option<PathBuf>> {
        match &self.dir {
            Some(dir) => Ok(Some(dir.clone())),
            None => Ok(self.config()?.dir),
        }
    }

    /// The migrations.
    ///
    /// # Errors
    /// A directory that cannot be read, or whose files are not migrations.
    pub fn read(&self) -> Result<Directory> {
        self.path()?.map_or_else(|| Ok(migrate::bundled()), |path| migrate::read_directory(&path))
    }
}
