//! A run of `migrate`: the connection and the lines that it tells.

use crate::cli::args::TargetArgs;
use crate::cli::migrate::report::{ChangeArgs, MigrateReport};
use crate::db::target::{self, Target};
use crate::error::{Error, Result};
use crate::migrate::{Chosen, Directory, MigrationConfig, Rollback, Run, Settings, rehearsed};
use crate::ui;

/// What `up` and `down` share.
pub struct Session {
    target: Target,
    settings: Settings,
}

/// How a run against `target` goes about it.
///
/// # Errors
/// The connection is lost.
pub async fn settings(target: &mut Target, args: &TargetArgs) -> Result<Settings> {
    let keeps_session = target.ask_pooler().await?.keeps_session();
    Ok(Settings { keeps_session, wait: args.wanted().wait })
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// A target that cannot be reached, or may not be touched.
    pub async fn open(args: &TargetArgs) -> Result<Self> {
        let mut target = target::connect(&args.wanted()).await?;
        Ok(Self { settings: settings(&mut target, args).await?, target })
    }

    /// Refuses to go on in hours in which nobody wants a migration. A database of this machine has none.
    ///
    /// # Errors
    /// It is one of them.
    pub async fn keep_quiet_hours(&mut self, config: &MigrationConfig, args: &ChangeArgs) -> Result<()> {
        match &config.quiet_hours {
            Some(hours) if !self.target.is_local && !args.during_quiet_hours && !args.report.dry_run => {
                hours.check(&mut self.target.connection).await
            }
            _ => Ok(()),
        }
    }

    pub const fn target(&mut self) -> &mut Target {
        &mut self.target
    }

    /// Applies the chosen migrations, or only says which it would; where it is asked for, only what was rehearsed.
    ///
    /// # Errors
    /// A file that cannot be run; a statement that fails.
    pub async fn up(
        &mut self,
        directory: &Directory,
        chosen: &Chosen,
        (is_dry, only_rehearsed): (bool, bool),
    ) -> Result<MigrateReport> {
        let mut told = |line: &str| ui::tell(line);
        let mut run = Run::open(&mut self.target.connection, self.settings, &mut told).await?;
        let pending = run.plan_up(directory, chosen).await?;
        run.check_drops(directory, &pending).await?;
        if only_rehearsed {
            rehearsed::check(pending.iter().map(|file| file.migration))?;
        }
        if !is_dry {
            run.up(&pending).await?;
        }
        run.close().await;
        Ok(MigrateReport::up(&pending, is_dry, &self.target.description))
    }

    /// Rolls back the latest `count` migrations (all after `name` where there is one), or only says which it would.
    ///
    /// # Errors
    /// A migration without a rollback, or one that would fail; data that would be deleted, where nobody agreed.
    pub async fn down(&mut self, back: Back<'_>, agreed: bool, is_dry: bool) -> Result<MigrateReport> {
        let mut told = |line: &str| ui::tell(line);
        let mut run = Run::open(&mut self.target.connection, self.settings, &mut told).await?;
        let count = match back {
            Back::Latest(count) => count,
            Back::To(name) => run.applied_after(name).await?,
        };
        let rollback = run.plan_down(count, is_dry || !agreed).await?;
        let report = MigrateReport::down(&rollback, is_dry, &self.target.description);
        if !is_dry {
            confirm(&rollback).await?;
            run.down(rollback).await?;
        }
        run.close().await;
        Ok(report)
    }
}

/// How far to roll back.
#[derive(Clone, Copy)]
pub enum Back<'a> {
    /// The latest so many.
    Latest(usize),
    /// All that were applied after this one, or all.
    To(Option<&'a str>),
}

/// Asks whether what a rollback deletes may go.
async fn confirm(rollback: &Rollback) -> Result<()> {
    let losses = rollback.losses();
    if losses.is_empty() {
        return Ok(());
    }
    let what = match rollback.len() {
        1 => "this migration".to_owned(),
        number => format!("{number} migrations"),
    };
    let question = format!("Rolling back {what} deletes data ({losses}). Continue?");
    // On a thread of its own, as a signal must be heard while nobody answers.
    let answer = tokio::task::spawn_blocking(move || ui::confirm(&question)).await;
    match answer.ok().flatten() {
        Some(true) => Ok(()),
        Some(false) => Err(Error::refused("nothing was rolled back")),
        None => Err(Error::refused(format!("rolling back {what} would delete data: {losses}"))
            .with_hint("nothing was rolled back; to roll back and delete that, add --yes")),
    }
}
