//! A database that crm-seed makes and drops again, whatever happens; only a kill leaves it. One that turns out as it
//! should may be kept.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use sqlx::Connection;

use crate::db::query::{execute, fetch};
use crate::db::target::{Again, Target};
use crate::error::{Error, Result};
use crate::sql::{quote_identifier, quote_literal};
use crate::ui;

/// Tries to drop one whose last session is still on its way out, and the pause between two.
const TRIES: usize = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// A database that is to be dropped, and how to come to its server by another one.
pub struct Throwaway {
    name: String,
    /// `None` where it is kept, or gone.
    server: Option<Again>,
}

impl Throwaway {
    /// For a database that is made next on the server that `beside` leads to: from here on it is dropped, also if the
    /// connection breaks in the middle.
    ///
    /// # Errors
    /// The PostgreSQL inside, which has one database.
    pub fn named(prefix: &str, beside: &Target) -> Result<Self> {
        let server = beside.again.clone();
        let server = server.ok_or_else(|| Error::failed("the embedded PostgreSQL has one database"))?;
        let name = format!("{prefix}{:016x}", RandomState::new().build_hasher().finish());
        Ok(Self { name, server: Some(server) })
    }

    /// Its name, which no other has.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// It is not dropped any more.
    pub fn keep(mut self) {
        self.server = None;
    }

    /// Drops it.
    ///
    /// # Errors
    /// The server cannot be reached any more, or somebody else holds the database.
    pub async fn remove(mut self) -> Result<()> {
        match self.server.take() {
            Some(server) => drop_now(&self.name, &server).await,
            None => Ok(()),
        }
    }
}

impl Drop for Throwaway {
    /// Ctrl-C drops it in the middle of an await: what is left to do is done by a thread with a runtime of its own.
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        let name = self.name.clone();
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(drop_now(&name, &server))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            let name = &self.name;
            ui::tell(&format!("note: the throwaway database could not be dropped: DROP DATABASE {name}"));
        }
    }
}

async fn drop_now(name: &str, server: &Again) -> Result<()> {
    let mut connection = server.connect().await?.connection;
    let (name, literal) = (quote_identifier(name), quote_literal(name));
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {literal}");
    let mut tries = 0;
    loop {
        fetch(&mut connection, &end).await?;
        match execute(&mut connection, &format!("DROP DATABASE IF EXISTS {name}")).await {
            // object_in_use
            Err(error) if error.sqlstate() == Some("55006") && tries < TRIES => tries += 1,
            Err(error) => {
                return Err(error.context(format!("dropping the throwaway database {name}")));
            }
            Ok(()) => break,
        }
        tokio::time::sleep(PAUSE).await;
    }
    // It is done, whether the server hears of our end or not.
    let _ = connection.close().await;
    Ok(())
}
