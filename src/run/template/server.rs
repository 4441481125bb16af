//! The server of the target, spoken to from a database that is neither the source nor a template: both must be free of
//! sessions when they are copied.
//!
//! Two advisory locks keep workers apart that begin at the same moment: of all about one source, whoever makes or drops
//! templates holds one alone, and whoever copies one shares it; the other is about the name of a copy. Both end with
//! the session.

use std::time::{Duration, Instant};

use sqlx::Row;

use crate::db::query::{error, execute, fetch};
use crate::db::target::Target;
use crate::error::{Error, Result};
use crate::run::template::mark::{self, Found, Mark};
use crate::sql::{quote_identifier, quote_literal};
use crate::ui;

/// The database that every server has for such work.
const MAINTENANCE: &str = "postgres";
/// `object_in_use`: the server itself has waited for five seconds then.
const IN_USE: &str = "55006";

/// Whoever could not make a template looks again after this.
const PAUSE: Duration = Duration::from_millis(5);

/// The settings of a role or a database may end a statement that waits for others.
const SETTINGS: &str = "SET statement_timeout = 0; SET lock_timeout = 0; SET client_min_messages = warning";

/// The server, and the locks that are held there.
pub struct Server {
    /// A session in the maintenance database.
    pub target: Target,
    templates: i64,
    source: String,
    quiet: bool,
}

/// The number of an advisory lock.
fn key(about: &str, name: &str) -> i64 {
    let hash = blake3::hash(format!("crm-seed {about} {name}").as_bytes());
    let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    i64::from_le_bytes(bytes)
}

impl Server {
    /// Leaves the database `source`, and opens the maintenance database of its server.
    ///
    /// # Errors
    /// That one cannot be reached.
    pub async fn open(target: Target, source: &str, quiet: bool) -> Result<Self> {
        let server = target.beside(MAINTENANCE).await.map_err(|error| {
            let hint = match error.sqlstate() {
                // too_many_connections
                Some("53300") => {
                    "--into needs a second connection; `crm-seed serve` takes one, and has one database"
                        .into()
                }
                _ => format!("--into works from the database {MAINTENANCE}: let the role connect to it"),
            };
            error.context(format!("connecting to the database {MAINTENANCE}")).with_hint(hint)
        });
        target.close().await;
        let mut target = server?;
        execute(&mut target.connection, SETTINGS).await?;
        Ok(Self { target, templates: key("template", source), source: source.to_owned(), quiet })
    }

    /// The databases that bear our mark, and that of this name.
    pub async fn databases(&mut self, named: &str) -> Result<Vec<Found>> {
        mark::databases(&mut self.target.connection, named).await
    }

    /// Waits until nobody makes a template of the source, and keeps everybody from doing so.
    pub async fn share(&mut self) -> Result<()> {
        self.lock("_shared", self.templates).await
    }

    /// The same lock alone, in place of the shared one. False where somebody else has it: they all share it again then,
    /// so that none has to wait for the copies of the others.
    pub async fn hold(&mut self) -> Result<bool> {
        let key = self.templates;
        execute(&mut self.target.connection, &format!("SELECT pg_advisory_unlock_shared({key})")).await?;
        let holds = self.try_lock("", key).await?;
        if !holds {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(holds)
    }

    /// Lets others copy what this one has made; the lock is shared from here on.
    pub async fn release(&mut self) -> Result<()> {
        self.share().await?;
        execute(&mut self.target.connection, &format!("SELECT pg_advisory_unlock({})", self.templates)).await
    }

    /// Waits until nobody makes a copy of this name, and keeps everybody from doing so.
    pub async fn hold_name(&mut self, name: &str) -> Result<()> {
        self.lock("", key("into", name)).await
    }

    async fn try_lock(&mut self, how: &str, key: i64) -> Result<bool> {
        let sql = format!("SELECT pg_try_advisory_lock{how}({key})");
        let rows = fetch(&mut self.target.connection, &sql).await?;
        rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(error))
    }

    async fn lock(&mut self, how: &str, key: i64) -> Result<()> {
        if self.try_lock(how, key).await? {
            return Ok(());
        }
        if !self.quiet {
            ui::tell(&format!(
                "waiting for another crm-seed, which makes a template or copy of {}",
                self.source
            ));
        }
        execute(&mut self.target.connection, &format!("SELECT pg_advisory_lock{how}({key})")).await
    }

    /// A copy of a template, marked.
    pub async fn copy(&mut self, template: &str, name: &str, mark: Mark) -> Result<()> {
        let sql =
            format!("CREATE DATABASE {} TEMPLATE {}", quote_identifier(name), quote_identifier(template));
        execute(&mut self.target.connection, &sql)
            .await
            .map_err(|error| error.context(format!("copying the template {template}")))?;
        mark::put(&mut self.target.connection, name, mark).await
    }

    /// Gives a template its name and mark. Nobody can connect to it from here on, and so keep it from being copied.
    pub async fn finish(&mut self, unfinished: &str, mark: Mark) -> Result<()> {
        let (name, quoted) = (mark.name.clone(), quote_identifier(unfinished));
        execute(&mut self.target.connection, &format!("ALTER DATABASE {quoted} ALLOW_CONNECTIONS false"))
            .await?;
        mark::put(&mut self.target.connection, unfinished, mark).await?;
        self.rename(unfinished, &name).await
    }

    pub async fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let sql = format!("ALTER DATABASE {} RENAME TO {}", quote_identifier(from), quote_identifier(to));
        execute(&mut self.target.connection, &sql).await.map_err(|error| match error.sqlstate() {
            // Made by somebody else in this moment.
            Some("42P04") => Error::refused(format!("database {to} exists, and crm-seed did not make it"))
                .with_source(error)
                .with_hint("use another name"),
            _ => error.context(format!("naming database {to}")),
        })
    }

    /// Drops a template or what was to be one: nobody but crm-seed has business there.
    pub async fn drop_own(&mut self, name: &str) -> Result<()> {
        let (quoted, literal) = (quote_identifier(name), quote_literal(name));
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {literal}");
        execute(&mut self.target.connection, &end).await?;
        execute(&mut self.target.connection, &format!("DROP DATABASE IF EXISTS {quoted}"))
            .await
            .map_err(|error| error.context(format!("dropping the old template {name}")))
    }

    /// Drops an earlier copy, when nobody uses it.
    ///
    /// # Errors
    /// Refused, where somebody still does after `wait`.
    pub async fn drop_unused(&mut self, name: &str, wait: Duration) -> Result<()> {
        let deadline = Instant::now() + wait;
        let sql = format!("DROP DATABASE IF EXISTS {}", quote_identifier(name));
        loop {
            match execute(&mut self.target.connection, &sql).await {
                Err(error) if error.sqlstate() == Some(IN_USE) => {
                    if Instant::now() >= deadline {
                        return Err(self.in_use(name).await?.with_source(error));
                    }
                }
                dropped => return dropped,
            }
        }
    }

    /// Who uses a database.
    async fn in_use(&mut self, name: &str) -> Result<Error> {
        let sql = format!(
            "SELECT count(*), coalesce(string_agg(DISTINCT nullif(application_name, ''), ', '), '')
             FROM pg_stat_activity WHERE datname = {}",
            quote_literal(name)
        );
        let rows = fetch(&mut self.target.connection, &sql).await?;
        let row = rows.first();
        let count: i64 = row.map_or(Ok(0), |row| row.try_get(0).map_err(error))?;
        let names: String = row.map_or(Ok(String::new()), |row| row.try_get(1).map_err(error))?;
        let sessions = if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") };
        let whose = if names.is_empty() { String::new() } else { format!(" ({names})") };
        Ok(Error::refused(format!("database {name} is in use by {sessions}{whose}")).with_hint(
            "close its connections before it is made anew (stop the app, end the client's pool), or wait for that with \
             --wait SECONDS",
        ))
    }

    pub async fn close(self) {
        self.target.close().await;
    }
}
