//! Arguments of what is filled of a target, and how.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;

use crate::db::target::Target;
use crate::error::Result;
use crate::infer::config;
use crate::infer::overrides::Overrides;
use crate::migrate::{self, Directory, MigrationConfig};
use crate::project;

/// Whether triggers fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Triggers {
    /// Fire triggers as for any other client
    On,
    /// Disable triggers and foreign-key checks (needs permission to set session_replication_role)
    Off,
}

/// What of the target is filled.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Tables")]
pub struct FitArgs {
    /// Also fill these tables, which are skipped by default
    #[arg(long, value_name = "TABLE", value_delimiter = ',')]
    pub include: Vec<String>,
    /// Do not fill these tables
    #[arg(long, value_name = "TABLE", value_delimiter = ',')]
    pub exclude: Vec<String>,
    /// Fill only these tables and the tables they depend on
    #[arg(long, value_name = "TABLE", value_delimiter = ',')]
    pub only: Vec<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(flatten)]
    pub bundled: BundledArgs,
    /// Whether triggers fire
    #[arg(long, value_enum, default_value_t = Triggers::On)]
    pub triggers: Triggers,
}

impl FitArgs {
    /// The same for those who decide.
    ///
    /// # Errors
    /// A configuration that cannot be read.
    pub fn overrides(&self) -> Result<Overrides> {
        let mut overrides = self.config.overrides()?;
        overrides.include.extend(self.include.iter().cloned());
        overrides.exclude.extend(self.exclude.iter().cloned());
        overrides.only.extend(self.only.iter().cloned());
        Ok(overrides)
    }
}

/// Whether the bundled schema is wanted.
#[derive(Clone, Debug, clap::Args)]
pub struct BundledArgs {
    /// Create the bundled schema in an empty database (the default in the local one)
    #[arg(long, env = "CRM_SEED_BUNDLED", value_parser = FalseyValueParser::new(), hide_env_values = true)]
    #[arg(help_heading = "Tables")]
    pub bundled: bool,
}

impl BundledArgs {
    /// The migrations that make the tables of an empty database: those that the project names, else the bundled ones
    /// where they are wanted.
    ///
    /// # Errors
    /// A directory that cannot be read, or whose files are not migrations.
    pub fn migrations(&self, config: &ConfigArgs, target: &Target) -> Result<Option<Directory>> {
        if self.bundled {
            return Ok(Some(migrate::bundled()));
        }
        let config = config.migrations()?;
        if let Some(dir) = &config.dir {
            return migrate::read_directory(dir, config.layout).map(Some);
        }
        Ok(target.is_own.then(migrate::bundled))
    }
}

/// Where it is said what is overruled.
#[derive(Clone, Debug, clap::Args)]
pub struct ConfigArgs {
    /// Config file with table and column overrides [default: crm-seed.toml, here or above in the repository]
    #[arg(long, value_name = "FILE", help_heading = "Tables")]
    pub config: Option<PathBuf>,
}

impl ConfigArgs {
    /// The file, where there is one.
    ///
    /// # Errors
    /// There is no current directory.
    pub fn file(&self) -> Result<Option<PathBuf>> {
        self.config.clone().map_or_else(|| project::find(config::NAME), |file| Ok(Some(file)))
    }

    /// What the file says of migrations.
    ///
    /// # Errors
    /// It cannot be read, or says something that means nothing.
    pub fn migrations(&self) -> Result<MigrationConfig> {
        self.file()?.map_or_else(|| Ok(MigrationConfig::default()), |path| MigrationConfig::read(&path))
    }

    /// What the file says of tables.
    pub fn overrides(&self) -> Result<Overrides> {
        self.file()?.map_or_else(|| Ok(Overrides::default()), |path| config::read(&path))
    }
}
