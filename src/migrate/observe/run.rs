//! What a run does under observation: a file that is tried and rolled back, and one that is applied in a
//! rehearsal.

use crate::error::{Error, Result};
use crate::migrate::failure::{Failure, execute};
use crate::migrate::files::{Migration, Source};
use crate::migrate::history::History;
use crate::migrate::observe::{Observed, Observer};
use crate::migrate::run::{END_OF_FILE, Run};
use crate::migrate::script::Script;
use crate::migrate::sql::statements::{Statement, cannot_be_tried, headline, runs_alone};
use crate::migrate::waiting::LOCK_TIMEOUT;

const UNCHANGED: &str = "nothing was changed";
const REHEARSE: &str = "rehearse it on a throwaway database instead: `crm-seed migrate rehearse`";

impl Run<'_> {
    /// Runs all statements of a file in one transaction, reports what they do, and rolls back.
    ///
    /// # Errors
    /// Refused, where no transaction may be around a statement or none takes back what it does; a statement that
    /// fails.
    pub async fn try_file(&mut self, source: &Source) -> Result<Vec<Observed>> {
        let script = Script::cut(&source.file, source);
        // First, as what it says to do goes for a file that is run, not for one that is tried.
        script.statements.iter().try_for_each(|statement| check_can_be_tried(&script, statement))?;
        script.check()?;
        loop {
            self.begin().await?;
            let tried = self.observe_all(&script).await;
            self.rollback().await;
            match tried {
                Ok(observed) => return Ok(observed),
                Err(failure) => {
                    let failure = explain(failure);
                    self.wait_out(failure, LOCK_TIMEOUT, UNCHANGED).await?;
                }
            }
        }
    }

    async fn observe_all(&mut self, script: &Script<'_>) -> Result<Vec<Observed>, Failure> {
        let mut observer = Observer::begin(self.connection, script.file).await?;
        for statement in &script.statements {
            observer.run(self.connection, statement).await?;
        }
        // As the COMMIT of the real one does.
        let check = execute(self.connection, "SET CONSTRAINTS ALL IMMEDIATE").await;
        check.map_err(|failure| failure.context(format!("{}: committing", script.file)))?;
        Ok(observer.finish())
    }

    /// Applies one migration as `up` does, in a database that nobody else uses, and reports what its statements did.
    ///
    /// # Errors
    /// A statement that fails: what its transaction did is rolled back.
    pub async fn apply_observed(&mut self, migration: &Migration) -> Result<Vec<Observed>> {
        let script = Script::read(&migration.name, &migration.up)?;
        let applied = match script.in_transaction {
            true => self.observe_in_transaction(migration, &script).await,
            false => self.observe_stepwise(migration, &script).await,
        };
        if applied.is_err() {
            self.rollback().await;
        }
        Ok(applied?)
    }

    async fn observe_in_transaction(
        &mut self,
        migration: &Migration,
        script: &Script<'_>,
    ) -> Result<Vec<Observed>, Failure> {
        self.begin().await?;
        let mut observer = Observer::begin(self.connection, script.file).await?;
        for statement in &script.statements {
            observer.run(self.connection, statement).await.map_err(|failure| {
                match failure.wants_no_transaction() && !failure.statement_is("set") {
                    true => failure.with_hint("begin the file with the line `-- Transaction: none`"),
                    false => failure,
                }
            })?;
        }
        self.record_applied(migration).await?;
        Ok(observer.finish())
    }

    async fn observe_stepwise(
        &mut self,
        migration: &Migration,
        script: &Script<'_>,
    ) -> Result<Vec<Observed>, Failure> {
        self.apply_settings(false).await?;
        let mut all = Vec::new();
        for statement in &script.statements {
            all.extend(self.observe_step(script, statement).await?);
        }
        self.begin().await?;
        self.record_applied(migration).await?;
        Ok(all)
    }

    async fn observe_step(
        &mut self,
        script: &Script<'_>,
        statement: &Statement<'_>,
    ) -> Result<Vec<Observed>, Failure> {
        if !runs_alone(statement) {
            self.begin_as_is().await?;
            let mut observer = Observer::begin(self.connection, script.file).await?;
            match observer.run(self.connection, statement).await {
                Ok(()) => {
                    self.commit(script.name).await?;
                    return Ok(observer.finish());
                }
                Err(failure) if failure.wants_no_transaction() => self.rollback().await,
                Err(failure) => return Err(failure),
            }
        }
        let observer = Observer::begin(self.connection, script.file).await?;
        observer.run_alone(self.connection, statement).await
    }

    /// Records the migration in the transaction that is open, and commits.
    async fn record_applied(&mut self, migration: &Migration) -> Result<(), Failure> {
        execute(self.connection, END_OF_FILE).await?;
        let history = History::find_or_create(self.connection).await?;
        history.record(self.connection, migration).await?;
        Ok(self.commit(&migration.name).await?)
    }
}

fn check_can_be_tried(script: &Script<'_>, statement: &Statement<'_>) -> Result<()> {
    let refused = |why: &str| {
        let (at, line) = (script.location(statement), headline(statement));
        Error::refused(format!("{at}: `{line}` cannot be tried: {why}")).with_hint(REHEARSE)
    };
    if runs_alone(statement) {
        return Err(refused("no transaction may be around it, so nothing would take it back"));
    }
    if cannot_be_tried(statement) {
        return Err(refused("it does what no ROLLBACK takes back"));
    }
    Ok(())
}

/// A statement of which only the server knows that no transaction may be around it, or that a COMMIT has to stand
/// before it.
fn explain(failure: Failure) -> Failure {
    let why = match failure.sqlstate() {
        Some("55P04" | "55006") => "it needs the COMMIT of a statement before it",
        _ if failure.wants_no_transaction() && !failure.statement_is("set") => {
            "no transaction may be around it"
        }
        _ => return failure,
    };
    let doing = failure.doing.clone();
    let refused = Error::refused(format!("{doing} cannot be tried: {why}")).with_source(failure.error);
    Failure { error: refused.with_hint(REHEARSE), ..Failure::from(Error::failed(doing)) }
}
