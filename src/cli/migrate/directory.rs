//! Which migrations are meant.

use std::path::PathBuf;

use crate::cli::fit::{BundledArgs, ConfigArgs};
use crate::db::target::Target;
use crate::error::{Error, Result};
use crate::infer::overrides::Overrides;
use crate::migrate::{self, Directory, Layout, MigrationConfig};

/// Where the migrations are.
#[derive(Clone, Debug, clap::Args)]
pub struct DirectoryArgs {
    /// Directory of the migrations [default: dir in [migrations] of crm-seed.toml]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Tool for which its files were written [default: told by their form]
    #[arg(long, value_enum, value_name = "TOOL")]
    layout: Option<LayoutArg>,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    bundled: BundledArgs,
}

impl DirectoryArgs {
    /// What crm-seed.toml says of migrations.
    ///
    /// # Errors
    /// It cannot be read, or says something that means nothing.
    pub fn config(&self) -> Result<MigrationConfig> {
        self.config.migrations()
    }

    /// What crm-seed.toml says of tables and columns.
    ///
    /// # Errors
    /// As for [`config`](Self::config).
    pub fn overrides(&self) -> Result<Overrides> {
        self.config.overrides()
    }

    /// The directory that is meant, where one is named.
    ///
    /// # Errors
    /// As for [`config`](Self::config).
    pub fn path(&self) -> Result<Option<PathBuf>> {
        match &self.dir {
            Some(dir) => Ok(Some(dir.clone())),
            None if self.bundled.bundled => Ok(None),
            None => Ok(self.config()?.dir),
        }
    }

    /// The migrations that are named.
    ///
    /// # Errors
    /// A directory that cannot be read, or whose files are not migrations.
    pub fn named(&self) -> Result<Option<Directory>> {
        let Some(path) = self.path()? else { return Ok(self.bundled.bundled.then(migrate::bundled)) };
        let layout = match self.layout {
            Some(layout) => Some(layout.into()),
            None => self.config()?.layout,
        };
        migrate::read_directory(&path, layout).map(Some)
    }

    /// The migrations, where no database says that they are the bundled ones.
    ///
    /// # Errors
    /// As for [`named`](Self::named); none are named.
    pub fn read(&self) -> Result<Directory> {
        self.named()?.ok_or_else(unnamed)
    }
}

/// The migrations for `target`: those that are `named`, else, in the embedded database, the bundled ones.
///
/// # Errors
/// None are named.
pub fn of_target(named: Option<Directory>, target: &Target) -> Result<Directory> {
    named.or_else(|| target.is_own.then(migrate::bundled)).ok_or_else(unnamed)
}

fn unnamed() -> Error {
    Error::usage("no migrations are named").with_hint(
        "name their directory with --dir, or as dir in [migrations] of crm-seed.toml; --bundled is the CRM schema \
         that comes with crm-seed",
    )
}

/// A tool whose files are read.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LayoutArg {
    /// YYYYMMDDHHMMSS_name.sql and YYYYMMDDHHMMSS_name.down.sql
    CrmSeed,
    /// supabase/migrations: YYYYMMDDHHMMSS_name.sql
    Supabase,
    /// 1_name.up.sql and 1_name.down.sql, or 1_name.sql
    Sqlx,
    /// 000001_name.up.sql and 000001_name.down.sql
    GolangMigrate,
    /// One file with `-- migrate:up` and `-- migrate:down`
    Dbmate,
    /// One file with `-- +goose Up` and `-- +goose Down`
    Goose,
    /// V1__name.sql, U1__name.sql and R__name.sql
    Flyway,
    /// YYYYMMDDHHMMSS_name/migration.sql
    Prisma,
    /// 0000_name.sql and meta/_journal.json
    Drizzle,
}

impl From<LayoutArg> for Layout {
    fn from(layout: LayoutArg) -> Self {
        match layout {
            LayoutArg::CrmSeed => Self::Own,
            LayoutArg::Supabase => Self::Supabase,
            LayoutArg::Sqlx => Self::Sqlx,
            LayoutArg::GolangMigrate => Self::GolangMigrate,
            LayoutArg::Dbmate => Self::Dbmate,
            LayoutArg::Goose => Self::Goose,
            LayoutArg::Flyway => Self::Flyway,
            LayoutArg::Prisma => Self::Prisma,
            LayoutArg::Drizzle => Self::Drizzle,
        }
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
        let named = self
            .dir
            .map_or_else(|| self.config.migrations().map(|config| config.dir), |dir| Ok(Some(dir)))?;
        named.ok_or_else(|| {
            Error::usage("no directory for migrations is set").with_hint(
                "name it with --dir DIR, or write `[migrations]` and `dir = \"migrations\"` into crm-seed.toml",
            )
        })
    }
}
