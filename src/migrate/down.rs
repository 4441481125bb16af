//! Rolls back what was applied last, after a look at all of it: whether each migration has a rollback,
//! whether it runs, and what it would delete.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::migrate::HISTORY;
use crate::migrate::data_loss::Losses;
use crate::migrate::failure::{Failure, execute, needs_a_commit};
use crate::migrate::files::Source;
use crate::migrate::history::{Entry, History};
use crate::migrate::run::{END_OF_FILE, RESET, Run};
use crate::migrate::script::Script;
use crate::migrate::sql::statements::{cannot_be_tried, runs_alone, sets_session};
use crate::migrate::stepwise::{Stepwise, check_agreed, check_finished};
use crate::migrate::trial::{Change, Trial, run_statement};
use crate::migrate::waiting::LOCK_TIMEOUT;

const UNCHANGED: &str = "its transaction was rolled back";

/// What `down` would do.
pub struct Rollback {
    /// Migrations to roll back, newest first.
    steps: Vec<Step>,
    /// Whether it was tried, so that `losses` is what it would delete.
    is_tried: bool,
}

/// The rollback of one migration.
struct Step {
    entry: Entry,
    /// The rollback SQL that was stored.
    source: Source,
    /// What it changes, as far as the trial has shown.
    known: BTreeSet<Change>,
    /// Rows and values that its rollback would lose.
    losses: Losses,
}

impl Step {
    /// A step whose rollback was stored.
    fn of(entry: Entry) -> Result<Self> {
        let name = &entry.name;
        let sql = entry.rollback_sql.clone().ok_or_else(|| {
            Error::failed(format!("{name}: no rollback SQL was stored when it was applied"))
                .with_hint(format!("undo it by hand, then set rolled_back_at of its row in {HISTORY}"))
        })?;
        let source = Source::new(format!("rollback of {name}"), sql);
        Ok(Self { entry, source, known: BTreeSet::new(), losses: Losses::default() })
    }

    fn script(&self) -> Result<Script<'_>> {
        Script::read(&self.entry.name, &self.source)
    }

    /// The statements that an earlier run has rolled back already.
    fn done(&self) -> usize {
        match &self.entry.progress {
            Some(progress) if self.entry.is_applied => progress.done,
            _ => 0,
        }
    }
}

impl Rollback {
    /// How many migrations it rolls back.
    pub const fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is none to roll back.
    pub const fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The migrations that it rolls back, newest first, with what each would delete.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &Losses)> {
        self.steps.iter().map(|step| (step.entry.name.as_str(), &step.losses))
    }

    /// What it would delete, over all migrations.
    pub fn losses(&self) -> Losses {
        let mut all = Losses::default();
        self.steps.iter().for_each(|step| all.add_all(&step.losses));
        all
    }
}

impl Run<'_> {
    /// The migrations that were applied after `name`, or all where it is none: how many.
    ///
    /// # Errors
    /// It is not applied by crm-seed.
    pub async fn applied_after(&mut self, name: Option<&str>) -> Result<usize> {
        let entries = match History::find(self.connection).await? {
            Some(history) => history.entries(self.connection).await?,
            None => Vec::new(),
        };
        let real: Vec<&Entry> = entries.iter().filter(|entry| entry.is_real()).collect();
        let Some(name) = name else { return Ok(real.len()) };
        let at = real.iter().rposition(|entry| entry.name == name);
        at.map(|at| real.len() - at - 1).ok_or_else(|| {
            Error::refused(format!("{name} was not applied by crm-seed, so that there is no way back to it"))
                .with_hint("`crm-seed migrate status` says who applied what")
        })
    }

    /// Looks at the rollback of the last `count` migrations. With `tries` it is run in a transaction that
    /// is rolled back, to see what it would delete.
    ///
    /// # Errors
    /// A migration without a rollback; one that would fail.
    pub async fn plan_down(&mut self, count: usize, tries: bool) -> Result<Rollback> {
        let Some(history) = History::find(self.connection).await? else {
            return Ok(Rollback { steps: Vec::new(), is_tried: tries });
        };
        let entries = history.entries(self.connection).await?;
        let real = entries.into_iter().rev().filter(Entry::is_real);
        let mut steps: Vec<Step> = real.take(count).map(Step::of).collect::<Result<_>>()?;
        for step in &steps {
            let script = step.script()?;
            if let Some(progress) = step.entry.progress.as_ref().filter(|_| step.entry.is_applied) {
                check_finished(&script, &history, step.entry.id, progress)?;
            }
        }
        while tries && !steps.is_empty() {
            self.begin().await?;
            let tried = self.try_all(&mut steps).await;
            self.rollback().await;
            match tried {
                Ok(()) => break,
                Err(failure) => self.wait_out(failure, LOCK_TIMEOUT, "nothing was rolled back").await?,
            }
        }
        Ok(Rollback { steps, is_tried: tries })
    }

    /// Tries all steps in the transaction that is open.
    async fn try_all(&mut self, steps: &mut [Step]) -> Result<(), Failure> {
        // Where a statement was left out, what fails after it may fail for that alone.
        let mut is_whole = true;
        for (i, step) in steps.iter_mut().enumerate() {
            step.losses = Losses::default();
            self.apply_settings(true).await?;
            if i > 0 {
                // The check behind the step before has made all of them immediate.
                execute(self.connection, "SET CONSTRAINTS ALL DEFERRED").await?;
            }
            let name = step.entry.name.clone();
            let done = step.done();
            let Step { entry, source, known, losses } = step;
            let has_gaps = !entry.is_applied;
            let script = Script::read(&name, source)?;
            if !script.in_transaction {
                let whole = Whole { so_far: is_whole, has_gaps };
                is_whole &= self.try_stepwise(&script, done, known, losses, whole).await?;
                continue;
            }
            if script.statements.iter().any(|statement| cannot_be_tried(statement)) {
                script.statements.iter().for_each(|statement| losses.add_untried(statement));
                is_whole = false;
                continue;
            }
            execute(self.connection, "SAVEPOINT crm_seed_step").await?;
            match self.try_script(&script, known).await {
                Ok(lost) => *losses = lost,
                Err(failure)
                    if !failure.is_lock() && (!is_whole || i > 0 && needs_a_commit(&failure.error)) =>
                {
                    execute(self.connection, "ROLLBACK TO SAVEPOINT crm_seed_step").await?;
                    script.statements.iter().for_each(|statement| losses.add_untried(statement));
                    is_whole = false;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    async fn try_script(
        &mut self,
        script: &Script<'_>,
        known: &mut BTreeSet<Change>,
    ) -> Result<Losses, Failure> {
        let trial = Trial {
            file: script.file,
            statements: script.statements.clone(),
            reset: END_OF_FILE,
            locks: false,
        };
        let losses = trial.run(self.connection, known).await?;
        // As the COMMIT of the real one does.
        let check = execute(self.connection, "SET CONSTRAINTS ALL IMMEDIATE").await;
        check.map_err(|failure| failure.context(format!("{}: committing", script.name)))?;
        Ok(losses)
    }

    /// Tries the statements of a script without a transaction. False where one had to be left out.
    async fn try_stepwise(
        &mut self,
        script: &Script<'_>,
        done: usize,
        known: &mut BTreeSet<Change>,
        losses: &mut Losses,
        whole: Whole,
    ) -> Result<bool, Failure> {
        let mut is_whole = whole.so_far;
        for (i, statement) in script.statements.iter().enumerate().skip(done) {
            if runs_alone(statement) || cannot_be_tried(statement) {
                losses.add_untried(statement);
                is_whole = false;
                continue;
            }
            self.apply_settings(true).await?;
            execute(self.connection, "SAVEPOINT crm_seed_step").await?;
            let mut statements = script.statements[..i].to_vec();
            statements.retain(|statement| sets_session(statement));
            statements.push(*statement);
            let trial = Trial { file: script.file, statements, reset: RESET, locks: false };
            match trial.run(self.connection, known).await {
                Ok(lost) => losses.add_all(&lost),
                Err(failure) if failure.is_lock() => return Err(failure),
                Err(failure) => {
                    let is_gap = whole.has_gaps && failure.is_done_already();
                    let may_run =
                        !is_whole || failure.wants_no_transaction() || needs_a_commit(&failure.error);
                    if !is_gap && !may_run {
                        return Err(failure);
                    }
                    execute(self.connection, "ROLLBACK TO SAVEPOINT crm_seed_step").await?;
                    if !is_gap {
                        losses.add_untried(statement);
                        is_whole = false;
                    }
                }
            }
        }
        Ok(is_whole)
    }

    /// Rolls back what was planned, and names it. Returns how many migrations were rolled back.
    ///
    /// # Errors
    /// A statement that fails: what its migration's rollback did is undone, those before it stay; more
    /// that would be deleted than the plan has.
    pub async fn down(&mut self, mut rollback: Rollback) -> Result<usize> {
        self.account.open("rolled back", rollback.len());
        let undone = self.undo_all(&mut rollback).await.map_err(|error| self.account.explain(error));
        let done = self.account.done();
        self.account.close();
        undone.map(|()| done)
    }

    async fn undo_all(&mut self, rollback: &mut Rollback) -> Result<()> {
        let is_tried = rollback.is_tried;
        for step in &mut rollback.steps {
            let name = step.entry.name.clone();
            self.account.begin(&name);
            if step.script()?.in_transaction {
                self.undo_in_transaction(step, is_tried).await?;
            } else {
                self.undo_stepwise(step, is_tried).await?;
            }
            self.account.finish();
            self.tell(&format!("rolled back {name}"));
        }
        Ok(())
    }

    async fn undo_in_transaction(&mut self, step: &mut Step, is_tried: bool) -> Result<()> {
        let name = step.entry.name.clone();
        loop {
            self.begin().await?;
            match self.try_to_undo(step, is_tried).await {
                Ok(()) => return self.commit(&name).await,
                Err(failure) => {
                    self.rollback().await;
                    self.wait_out(failure, LOCK_TIMEOUT, UNCHANGED).await?;
                }
            }
        }
    }

    async fn try_to_undo(&mut self, step: &mut Step, is_tried: bool) -> Result<(), Failure> {
        let history = self.history_with_last(&step.entry).await?;
        let name = &step.entry.name;
        let script = Script::read(name, &step.source)?;
        if is_tried && !step.losses.has_any_untried() {
            let trial =
                Trial { file: script.file, statements: script.statements, reset: END_OF_FILE, locks: true };
            let lost = trial.run(self.connection, &mut step.known).await?;
            check_agreed(
                name,
                &lost,
                &step.losses,
                "this migration was not rolled back; run the command again",
            )?;
        } else {
            for statement in &script.statements {
                run_statement(self.connection, statement, script.file).await?;
            }
            execute(self.connection, END_OF_FILE).await?;
        }
        Ok(history.complete_down(self.connection, step.entry.id).await?)
    }

    /// The history, where `entry` is still the last one that was applied.
    async fn history_with_last(&mut self, entry: &Entry) -> Result<History> {
        let history = History::find_or_create(self.connection).await?;
        let entries = history.entries(self.connection).await?;
        if entries.iter().rfind(|entry| entry.is_real()).is_some_and(|last| last.id == entry.id) {
            return Ok(history);
        }
        Err(Error::refused(format!("{} is no longer the latest applied migration", entry.name)).with_hint(
            "another run applied or rolled back migrations in the meantime; run the command again",
        ))
    }

    async fn undo_stepwise(&mut self, step: &mut Step, is_tried: bool) -> Result<()> {
        let name = step.entry.name.clone();
        self.note_without_lock(&name);
        let history = self.history_of_progress(&name).await?;
        self.history_with_last(&step.entry).await?;
        let (id, progress) = (step.entry.id, step.entry.progress.clone());
        let source = step.source.clone();
        let script = Script::read(&name, &source)?;
        let mut file = match progress.filter(|_| step.entry.is_applied) {
            Some(progress) => Stepwise::resume(&script, history.clone(), id, &progress)?,
            None if history.has_progress => {
                self.begin().await?;
                history.begin_down(self.connection, id, script.statements.len()).await?;
                self.commit(&name).await?;
                Stepwise::new(&script, Some((history.clone(), id)))
            }
            None => Stepwise::new(&script, None),
        };
        if !step.entry.is_applied {
            file.expect_gaps();
        }
        self.run_stepwise(&mut file, is_tried.then_some(&mut step.losses)).await?;
        self.begin().await?;
        history.complete_down(self.connection, id).await?;
        self.commit(&name).await
    }
}

/// What the trial of a script without a transaction begins with.
#[derive(Clone, Copy)]
struct Whole {
    /// No statement was left out before it.
    so_far: bool,
    /// What it rolls back was not finished, so that some of what it drops may not be there.
    has_gaps: bool,
}
