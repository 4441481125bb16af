//! Files without a transaction, statement by statement. The history keeps how far they got, so that one
//! that is cut short goes on where it stopped.
//!
//! A statement that may run in a transaction has one of its own, together with its record. One that may
//! not is recorded as begun before it runs and as done after it; where only the beginning is recorded, the
//! next run looks whether it was finished.

use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};
use crate::migrate::concurrent_index::{self, NewIndex};
use crate::migrate::data_loss::Losses;
use crate::migrate::failure::{Failure, execute};
use crate::migrate::history::{History, Progress};
use crate::migrate::run::{AS_LOGIN_ROLE, END_OF_FILE, RESET, Run};
use crate::migrate::script::Script;
use crate::migrate::sql::statements::{Statement, fingerprint, headline, runs_alone, sets_session};
use crate::migrate::trial::{Trial, run_statement};
use crate::migrate::waiting::{self, LOCK_TIMEOUT};

/// A file that runs statement by statement.
pub struct Stepwise<'a> {
    script: &'a Script<'a>,
    /// Where its progress is kept, where the history can.
    record: Option<(History, i64)>,
    /// Statements that are done.
    done: usize,
    /// Whether an earlier run has begun the one after them.
    begun: bool,
    /// Whether what it drops may not be there, as what it rolls back was not finished.
    has_gaps: bool,
}

impl<'a> Stepwise<'a> {
    /// A file of which nothing is done.
    pub const fn new(script: &'a Script<'a>, record: Option<(History, i64)>) -> Self {
        Self { script, record, done: 0, begun: false, has_gaps: false }
    }

    /// The rest of a file that was cut short.
    ///
    /// # Errors
    /// The statements that are done were edited since.
    pub fn resume(script: &'a Script<'a>, history: History, id: i64, progress: &Progress) -> Result<Self> {
        check_finished(script, &history, id, progress)?;
        let (done, begun) = (progress.done, progress.begun);
        Ok(Self { script, record: Some((history, id)), done, begun, has_gaps: false })
    }

    /// The file rolls back a migration that was applied in part.
    pub const fn expect_gaps(&mut self) {
        self.has_gaps = true;
    }

    /// Its row in the history, where its progress is kept.
    pub fn id(&self) -> Option<i64> {
        self.record.as_ref().map(|(_, id)| *id)
    }

    /// What the statements that are done have SET, which a new session knows nothing of.
    fn session(&self) -> Vec<Statement<'a>> {
        let done = self.script.statements.iter().take(self.done);
        done.copied().filter(|statement| sets_session(statement)).collect()
    }

    /// What the history is to say once the next statement is done.
    fn next(&self) -> Progress {
        let done = self.done + 1;
        let statements = &self.script.statements;
        Progress { done, total: statements.len(), checksum: fingerprint(&statements[..done]), begun: false }
    }

    /// What is left of the file where a statement fails.
    fn left(&self) -> String {
        let (done, total) = (self.done, self.script.statements.len());
        let next = match self.record {
            Some(_) => "the next run continues with the one that failed",
            None => "fix the rest and run it again",
        };
        format!(
            "the file runs without a transaction: {done} of its {total} statements are done and stay; \
             {next}"
        )
    }
}

/// Refuses a file whose finished statements are not those that were run.
///
/// # Errors
/// They were edited; the file has a transaction now.
pub fn check_finished(script: &Script<'_>, history: &History, id: i64, progress: &Progress) -> Result<()> {
    let (name, done) = (script.name, progress.done);
    if progress.is_nothing() {
        return Ok(());
    }
    let start_over = format!(
        "or undo the statements by hand, run DELETE FROM {} WHERE id = {id}, and start over",
        history.table()
    );
    if script.in_transaction {
        return Err(Error::refused(format!(
            "{name} was started with `-- Transaction: none`, which its file no longer has"
        ))
        .with_hint(format!("put `-- Transaction: none` back at the top of the file, {start_over}")));
    }
    let finished = script.statements.get(..done).map(fingerprint);
    if done > 0 && finished.as_ref() != Some(&progress.checksum) {
        return Err(Error::refused(format!(
            "{name}: its first {done} statements were edited after they were run"
        ))
        .with_hint(format!("restore them, {start_over}")));
    }
    Ok(())
}

impl Run<'_> {
    /// Says so where another run cannot be kept away from a file without a transaction.
    pub(super) fn note_without_lock(&mut self, name: &str) {
        if !self.keeps_session {
            self.tell(&format!(
                "note: {name} runs without the lock against concurrent runs: the connection may go \
                 through a pooler"
            ));
        }
    }

    /// Runs what is left of a file. `agreed` is what it may delete; `None` does not look.
    pub(super) async fn run_stepwise(
        &mut self,
        file: &mut Stepwise<'_>,
        mut agreed: Option<&mut Losses>,
    ) -> Result<()> {
        let total = file.script.statements.len();
        if self.keeps_session {
            self.apply_settings(false).await?;
            for statement in file.session() {
                run_statement(self.connection, &statement, file.script.file).await?;
            }
        }
        while file.done < total {
            self.account.advance(file.done, total);
            let statement = file.script.statements[file.done];
            let run = self.run_step(file, &statement, agreed.as_deref_mut()).await;
            run.map_err(|Failure { error, tells_what_is_left, .. }| match error.kind() {
                Kind::Failed if !tells_what_is_left => error.with_hint(file.left()),
                _ => error,
            })?;
            file.done += 1;
            file.begun = false;
        }
        self.account.advance(file.done, total);
        if self.keeps_session {
            execute(self.connection, END_OF_FILE).await?;
        }
        Ok(())
    }

    async fn run_step(
        &mut self,
        file: &Stepwise<'_>,
        statement: &Statement<'_>,
        agreed: Option<&mut Losses>,
    ) -> Result<(), Failure> {
        let may_run = agreed.as_ref().is_none_or(|agreed| agreed.has_untried(statement));
        if !file.begun && !runs_alone(statement) {
            match self.run_in_transaction(file, statement, agreed).await {
                Err(failure) if failure.wants_no_transaction() => {}
                Err(failure) if file.has_gaps && failure.is_done_already() => {
                    self.tell(&format!(
                        "note: {:#}: skipped, as an unfinished run may have done it already",
                        failure.error
                    ));
                    return Ok(self.record_done(file).await?);
                }
                done => return done,
            }
        }
        let mut untried = Losses::default();
        untried.add_untried(statement);
        if !may_run && !untried.is_empty() {
            let name = file.script.name;
            return Err(Error::refused(format!("{name}: not confirmed: {untried}")).into());
        }
        self.run_alone(file, statement).await
    }

    /// Runs a statement and its record in one transaction.
    async fn run_in_transaction(
        &mut self,
        file: &Stepwise<'_>,
        statement: &Statement<'_>,
        mut agreed: Option<&mut Losses>,
    ) -> Result<(), Failure> {
        loop {
            self.begin_step().await?;
            match self.try_in_transaction(file, statement, agreed.as_deref()).await {
                Ok(lost) => {
                    self.commit(file.script.name).await?;
                    if let Some(agreed) = &mut agreed {
                        agreed.take(&lost);
                    }
                    return Ok(());
                }
                Err(failure) => {
                    self.rollback().await;
                    if failure.wants_no_transaction() || file.has_gaps && failure.is_done_already() {
                        return Err(failure);
                    }
                    self.wait_out(failure, LOCK_TIMEOUT, &file.left()).await?;
                }
            }
        }
    }

    async fn try_in_transaction(
        &mut self,
        file: &Stepwise<'_>,
        statement: &Statement<'_>,
        agreed: Option<&Losses>,
    ) -> Result<Losses, Failure> {
        let name = file.script.name;
        let path = file.script.file;
        let reset = if self.keeps_session { AS_LOGIN_ROLE } else { RESET };
        let mut statements = if self.keeps_session { Vec::new() } else { file.session() };
        statements.push(*statement);
        let mut lost = Losses::default();
        match agreed.filter(|agreed| !agreed.has_untried(statement)) {
            Some(agreed) => {
                let trial = Trial { file: path, statements, reset, locks: true };
                lost = trial.run(self.connection, &mut Default::default()).await?;
                check_agreed(name, &lost, agreed, &file.left())?;
            }
            None => {
                for statement in statements {
                    run_statement(self.connection, &statement, path).await?;
                }
                execute(self.connection, reset).await?;
            }
        }
        if let Some((history, id)) = &file.record {
            history.advance(self.connection, *id, &file.next()).await?;
        }
        Ok(lost)
    }

    /// Opens the transaction of one statement. Where the session is ours it has our settings already, and
    /// on top of them what the file has SET.
    async fn begin_step(&mut self) -> Result<()> {
        if self.keeps_session { self.begin_as_is().await } else { self.begin().await }
    }

    /// Runs a statement that no transaction may be around.
    async fn run_alone(&mut self, file: &Stepwise<'_>, statement: &Statement<'_>) -> Result<(), Failure> {
        let new_index = NewIndex::of(statement);
        if let Some(index) = &new_index {
            let is_there = self.make_way(file, index).await?;
            if file.begun && self.is_finished(file, statement, index, is_there)? {
                return Ok(self.record_done(file).await?);
            }
        }
        self.record_begun(file).await?;
        loop {
            let began = Instant::now();
            let Err(failure) = self.run_bare(file, statement).await else { break };
            if (file.begun || file.has_gaps) && failure.is_done_already() {
                self.tell(&format!(
                    "note: {:#}: skipped, as the interrupted run has done it already",
                    failure.error
                ));
                break;
            }
            let waited = self.wait_out(failure, began.elapsed(), &file.left()).await;
            if waited.is_err() {
                self.tell_left_behind(statement, new_index.as_ref()).await;
                return waited;
            }
            if let Some(index) = &new_index {
                self.make_way(file, index).await?;
            }
        }
        if let Some(index) = &new_index {
            self.check_valid(file.script.name, index).await?;
        }
        if concurrent_index::reindexes(statement) {
            self.tell_leftovers().await;
        }
        Ok(self.record_done(file).await?)
    }

    /// Runs the statement itself, with what the file has SET.
    async fn run_bare(&mut self, file: &Stepwise<'_>, statement: &Statement<'_>) -> Result<(), Failure> {
        let path = file.script.file;
        let session = file.session();
        if !self.keeps_session {
            for set in &session {
                run_statement(self.connection, set, path).await?;
            }
            let run = run_statement(self.connection, statement, path).await;
            if !session.is_empty() {
                execute(self.connection, RESET).await?;
            }
            return run;
        }
        // CONCURRENTLY lets others pass while it waits, and would begin all over.
        let is_concurrent = statement.to_lowercase().contains("concurrently");
        let sets_timeout = session.iter().any(|set| set.to_lowercase().contains("lock_timeout"));
        let is_patient = is_concurrent && !sets_timeout;
        if is_concurrent {
            self.tell_in_the_way(file, statement).await;
        }
        if is_patient {
            let left = self.patience.left().max(LOCK_TIMEOUT);
            self.set_lock_timeout(left).await?;
        }
        let run = run_statement(self.connection, statement, path).await;
        if is_patient {
            self.set_lock_timeout(LOCK_TIMEOUT).await?;
        }
        run
    }

    async fn set_lock_timeout(&mut self, timeout: Duration) -> Result<(), Failure> {
        execute(self.connection, &format!("SET lock_timeout = {}", timeout.as_millis())).await
    }

    /// Names beforehand whom a statement will wait for, as it does so in one go.
    async fn tell_in_the_way(&mut self, file: &Stepwise<'_>, statement: &Statement<'_>) {
        let who = waiting::named_blockers(self.connection, statement).await.unwrap_or_default();
        if !who.is_empty() {
            let (name, line) = (file.script.name, headline(statement));
            self.tell(&format!("waiting for a lock: {name}: `{line}`: {}", waiting::list(&who)));
        }
    }

    /// Drops an INVALID index of this name that a failed build has left. Tells whether a whole one is there.
    async fn make_way(&mut self, file: &Stepwise<'_>, index: &NewIndex) -> Result<bool> {
        let name = file.script.name;
        loop {
            let Some(standing) = index.standing(self.connection).await? else { return Ok(false) };
            let index = &standing.index;
            if standing.is_valid {
                return Ok(true);
            }
            if standing.is_being_built {
                let Some(pause) = self.patience.pause_after(Duration::ZERO) else {
                    return Err(Error::failed(format!("{name}: another session is building index {index}")));
                };
                self.tell(&format!("waiting: {name}: another session is building index {index}"));
                tokio::time::sleep(pause).await;
                continue;
            }
            self.tell(&format!("note: {name}: dropping index {index}, which a failed build left INVALID"));
            let drop = format!("DROP INDEX CONCURRENTLY {index}");
            run_statement(self.connection, &Statement::of(&drop), name).await?;
        }
    }

    /// Whether a build that an earlier run has begun is finished.
    fn is_finished(
        &mut self,
        file: &Stepwise<'_>,
        statement: &str,
        index: &NewIndex,
        is_there: bool,
    ) -> Result<bool> {
        let (name, line) = (file.script.name, headline(statement));
        if index.name.is_none() {
            return Err(Error::failed(format!(
                "{name}: `{line}` was started by an interrupted run, and without a name its index cannot \
                 be found: give the index a name in the file (if it was built, the one it has)"
            )));
        }
        if is_there {
            self.tell(&format!("note: {name}: `{line}` was completed by the interrupted run"));
        }
        Ok(is_there)
    }

    /// Tells what a statement that failed has left.
    async fn tell_left_behind(&mut self, statement: &str, index: Option<&NewIndex>) {
        if concurrent_index::reindexes(statement) {
            self.tell_leftovers().await;
        }
        let standing = match index {
            Some(index) => index.standing(self.connection).await.ok().flatten(),
            None => None,
        };
        if let Some(standing) = standing.filter(|standing| !standing.is_valid) {
            let index = standing.index;
            self.tell(&format!("note: index {index} is left INVALID; the next run drops it first"));
        }
    }

    async fn check_valid(&mut self, name: &str, index: &NewIndex) -> Result<()> {
        match index.standing(self.connection).await? {
            Some(standing) if !standing.is_valid => Err(Error::failed(format!(
                "{name}: index {} is INVALID; the next run drops it and builds it again",
                standing.index
            ))),
            _ => Ok(()),
        }
    }

    async fn tell_leftovers(&mut self) {
        // It is a note beside what is told anyway.
        for index in concurrent_index::leftovers(self.connection).await.unwrap_or_default() {
            self.tell(&format!(
                "note: REINDEX CONCURRENTLY left index {index} INVALID; drop it with DROP INDEX \
                 CONCURRENTLY {index}"
            ));
        }
    }

    async fn record_begun(&mut self, file: &Stepwise<'_>) -> Result<()> {
        let Some((history, id)) = &file.record else { return Ok(()) };
        self.begin_step().await?;
        execute(self.connection, AS_LOGIN_ROLE).await?;
        history.begin_statement(self.connection, *id).await?;
        self.commit(file.script.name).await
    }

    async fn record_done(&mut self, file: &Stepwise<'_>) -> Result<()> {
        let Some((history, id)) = &file.record else { return Ok(()) };
        self.begin_step().await?;
        execute(self.connection, AS_LOGIN_ROLE).await?;
        history.advance(self.connection, *id, &file.next()).await?;
        self.commit(file.script.name).await
    }
}

/// Checks that nothing is lost beyond what was confirmed.
///
/// # Errors
/// Refused, with what would be lost in addition.
pub fn check_agreed(name: &str, lost: &Losses, agreed: &Losses, left: &str) -> Result<()> {
    let beyond = lost.beyond(agreed);
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Error::refused(format!("{name}: rolling back would delete more than was confirmed: {beyond}"))
        .with_hint(format!("the data changed in the meantime, or could not be checked before; {left}")))
}
