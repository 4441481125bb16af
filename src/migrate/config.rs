//! `[migrations]` of `crm-seed.toml`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::error::{Error, Result};
use crate::infer::config;
use crate::migrate::layout::Layout;
use crate::migrate::lint;
use crate::migrate::quiet_hours::QuietHours;
use crate::suggestion::{quoted, suggestion};

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
    /// Findings of the lint that are not told; in the file it is relative to the file.
    pub lint_baseline: Option<PathBuf>,
    #[serde(default)]
    pub lint: LintConfig,
}

/// `[migrations.lint]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LintConfig {
    /// The ids of rules that are not asked.
    #[serde(default)]
    pub disable: Vec<Spanned<String>>,
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
        let beside = |other: PathBuf| path.parent().unwrap_or(Path::new("")).join(other);
        config.dir = config.dir.map(beside);
        config.lint_baseline = config.lint_baseline.map(beside);
        config.lint.check(|at| config::location(&text, &name, at))?;
        Ok(config)
    }
}

impl LintConfig {
    /// The ids of rules that are not asked.
    pub fn disabled(&self) -> BTreeSet<String> {
        self.disable.iter().map(|rule| rule.get_ref().clone()).collect()
    }

    fn check(&self, location: impl Fn(usize) -> String) -> Result<()> {
        let known = lint::rule_ids();
        let Some(rule) = self.disable.iter().find(|rule| !known.contains(&rule.get_ref().as_str())) else {
            return Ok(());
        };
        let (at, id) = (location(rule.span().start), rule.get_ref());
        Err(Error::usage(format!("{at}: [migrations.lint]: unknown rule {}", quoted(id)))
            .with_hint(suggestion(id, &known)))
    }
}
