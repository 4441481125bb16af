//! Which migrations are meant.

use std::path::PathBuf;

use crate::cli::fit::ConfigArgs;
use crate::error::Result;
use crate::migrate::{self, Directory, Layout, MigrationConfig};

/// Where the migrations are.
#[derive(Clone, Debug, clap::Args)]
pub struct DirectoryArgs {
    /// Directory of your own migrations [default: dir in [migrations] of crm-seed.toml, else the bundled ones]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Tool for which its files were written [default: told by their form]
    #[arg(long, value_enum, value_name = "TOOL")]
    layout: Option<LayoutArg>,
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
        let Some(path) = self.path()? else { return Ok(migrate::bundled()) };
        let layout = match self.layout {
            Some(layout) => Some(layout.into()),
            None => self.config()?.layout,
        };
        migrate::read_directory(&path, layout)
    }
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
        }
    }
}
