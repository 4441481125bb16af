//! One run of `up` or `down`: the lock that keeps two runs apart, the transactions and what is set in
//! them, waiting for other sessions, and the account of what is done where the run is cut off.

use std::time::{Duration, Instant};

use sqlx::{PgConnection, Row};

use crate::db::query::{LOCK_KEY, busy, check_writable, fetch};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::migrate::account::Account;
use crate::migrate::failure::{Failure, execute};
use crate::migrate::sql::statements::headline;
use crate::migrate::waiting::{self, LOCK_TIMEOUT, Patience};

/// Pause between two tries for the lock that keeps two runs apart.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes back what statements have SET, within a transaction or after it.
pub const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL";

/// Takes back what a whole file has left in the session: what it SET, and temporary tables, which the next file would take
/// for those of their names.
pub const END_OF_FILE: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; DISCARD TEMP";

/// Lets the rest of a transaction be done by the role that logged in, and the session go on as it was SET.
pub const AS_LOGIN_ROLE: &str = "SET LOCAL session_authorization TO DEFAULT; SET LOCAL role TO DEFAULT";

/// What a run hangs on.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The connection is surely one server session, and no pooler lends it others.
    pub keeps_session: bool,
    /// How long to wait for another run, and for other sessions' locks; zero waits for no other run, and
    /// a usual time for locks.
    pub wait: Duration,
}

/// A run that is under way. It tells what it does, a line at a time.
pub struct Run<'a> {
    pub(super) connection: &'a mut PgConnection,
    pub(super) keeps_session: bool,
    pub(super) patience: Patience,
    pub(super) account: Account,
    told: &'a mut dyn FnMut(&str),
    /// Until then another run is waited for.
    turn_until: Instant,
}

impl Drop for Run<'_> {
    /// Ctrl-C drops a run in the middle: what is done stays, and must be known.
    fn drop(&mut self) {
        if let Some(line) = self.account.text() {
            (self.told)(&line);
        }
    }
}

impl<'a> Run<'a> {
    /// Waits until no other run is at work, and keeps others away: for the whole run where the session is
    /// ours to hold a lock, else in each transaction. A lock of the session would stay with a pooler's
    /// server process, for nobody to give back.
    ///
    /// # Errors
    /// Another run that is not done in time; a server or session that only reads.
    pub async fn open(
        connection: &'a mut PgConnection,
        settings: Settings,
        told: &'a mut dyn FnMut(&str),
    ) -> Result<Self> {
        let Settings { keeps_session, wait } = settings;
        let mut run = Self {
            connection,
            keeps_session,
            patience: Patience::new(wait),
            account: Account::default(),
            told,
            turn_until: Instant::now() + wait,
        };
        if keeps_session {
            run.check_writable().await?;
            run.take_lock("pg_try_advisory_lock").await?;
        } else {
            run.begin().await?;
            run.rollback().await;
        }
        // Once it was our turn we do not give up at once where another run came between two files.
        run.turn_until = run.turn_until.max(Instant::now() + run.patience.whole());
        Ok(run)
    }

    /// Gives the lock back. All is committed by now, and where the connection is gone the server frees it itself: a
    /// failure here is none of the run's.
    pub async fn close(self) {
        if self.keeps_session {
            let _ = execute(self.connection, &format!("SELECT pg_advisory_unlock({LOCK_KEY})")).await;
        }
    }

    /// Prints a line for people.
    pub(super) fn tell(&mut self, line: &str) {
        (self.told)(line);
    }

    async fn check_writable(&mut self) -> Result<()> {
        let sql = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean";
        let rows = fetch(self.connection, sql).await?;
        let is = |column: usize| rows.first().is_some_and(|row| row.try_get(column).unwrap_or(false));
        check_writable(is(0), is(1))
    }

    async fn take_lock(&mut self, function: &str) -> Result<()> {
        loop {
            let rows = fetch(self.connection, &format!("SELECT {function}({LOCK_KEY})")).await?;
            if rows.first().is_some_and(|row| row.try_get(0).unwrap_or(false)) {
                return Ok(());
            }
            if Instant::now() >= self.turn_until {
                let who = waiting::other_run(self.connection).await.unwrap_or_default();
                return Err(match who.as_slice() {
                    [] => busy(),
                    who => busy().with_hint(format!(
                        "it is {}; try again when it has finished, or wait for it with --wait SECONDS",
                        waiting::list(who)
                    )),
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Opens a transaction with our settings, and the lock where the session does not hold it.
    pub(super) async fn begin(&mut self) -> Result<()> {
        execute(self.connection, "BEGIN").await?;
        if !self.keeps_session {
            self.check_writable().await?;
            self.take_lock("pg_try_advisory_xact_lock").await?;
        }
        self.apply_settings(true).await
    }

    /// Opens a transaction in which the session's settings stay in force.
    pub(super) async fn begin_as_is(&mut self) -> Result<()> {
        Ok(execute(self.connection, "BEGIN").await?)
    }

    /// Sets what a migration needs, for the transaction (`local`) or for the session. The timeouts that a
    /// role or a database has are meant for an app's queries. A server that goes on with a long statement
    /// after we are gone would keep our locks: from version 14 on, on most platforms, it looks now and
    /// then whether we are there.
    pub(super) async fn apply_settings(&mut self, local: bool) -> Result<()> {
        let lock_timeout = LOCK_TIMEOUT.as_millis();
        let sql = format!(
            "SELECT set_config('statement_timeout', '0', {local}), set_config('lock_timeout', '{lock_timeout}', {local}),
                    set_config('idle_in_transaction_session_timeout', '0', {local});
             DO $$ BEGIN PERFORM set_config('client_connection_check_interval', '500ms', {local});
               EXCEPTION WHEN OTHERS THEN NULL; END $$;
             DO $$ BEGIN PERFORM set_config('transaction_timeout', '0', {local});
               EXCEPTION WHEN OTHERS THEN NULL; END $$"
        );
        Ok(execute(self.connection, &sql).await?)
    }

    /// Commits: the one place in which what a run has done becomes lasting.
    pub(super) async fn commit(&mut self, name: &str) -> Result<()> {
        self.account.is_committing = true;
        let committing = interrupt::committing();
        let done = execute(self.connection, "COMMIT").await;
        drop(committing);
        self.account.is_committing = false;
        done.map_err(|failure| {
            let error = failure.context(format!("{name}: committing")).error;
            match error.is_connection_lost() {
                true => error.with_hint("run `crm-seed migrate status` to see whether it was committed"),
                false => error,
            }
        })
    }

    /// Ends a transaction without a trace. A dead connection is rolled back by the server.
    pub(super) async fn rollback(&mut self) {
        let _ = execute(self.connection, "ROLLBACK").await;
    }

    /// Waits before a statement is tried again that other sessions' locks kept from running for `spent`,
    /// and names them. Its transaction must have been rolled back; `undone` says what is left of it.
    ///
    /// # Errors
    /// The failure itself where it is another one; where no patience is left, who is in the way.
    pub(super) async fn wait_out(
        &mut self,
        failure: Failure,
        spent: Duration,
        undone: &str,
    ) -> Result<(), Failure> {
        if !failure.is_lock() {
            return Err(failure);
        }
        let who = waiting::blockers(self.connection, &failure.statement).await.unwrap_or_default();
        let named = match who.as_slice() {
            [] => "another session holds it".to_owned(),
            who => waiting::list(who),
        };
        let doing = match failure.doing.as_str() {
            "" => &headline(&failure.statement),
            doing => doing,
        };
        if let Some(pause) = self.patience.pause_after(spent) {
            self.tell(&format!("waiting for a lock: {doing}: {named}"));
            tokio::time::sleep(pause).await;
            return Ok(());
        }
        let seconds = self.patience.whole().as_secs();
        let end = who.iter().find_map(|blocker| blocker.pid);
        let end = end.map(|pid| format!(", end it (SELECT pg_terminate_backend({pid}))")).unwrap_or_default();
        let hint = format!("{undone}; wait for that session{end}, or wait longer with --wait SECONDS");
        let mut error = Error::failed(format!("{doing}: could not get a lock within {seconds} s: {named}"));
        if let Some(server) = failure.error.server() {
            error = error.of_server(server.clone());
        }
        Err(Failure { error: error.with_hint(hint), tells_what_is_left: true, ..failure })
    }
}
