//! Which migrations are meant.

use std::path::PathBuf;

use crate::cli::fit::ConfigArgs;
use crate::error::{Error, Result};
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

/// Where new migrations go.
#[derive(Clone, Debug, clap::Args)]
pub struct OwnDirectoryArgs {
    /// Directory for the files [default: dir in [migrations] of crm-seed.toml]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

impl OwnDirectoryArgs {
    /// The directory.
    ///
    /// # Errors
    /// Nothing names one; a crm-seed.toml that cannot be read.
    pub fn path(self) -> Result<PathBuf> {
        let Self { dir, config } = self;
        let named = DirectoryArgs { dir, config }.path()?;
        named.ok_or_else(|| {
            Error::usage("no directory for migrations is set").with_hint(
                "name it with --dir DIR, or write `[migrations]` and `dir = \"migrations\"` into crm-seed.toml",
            )
        })
    }
}
