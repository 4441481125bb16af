//! A throwaway database: one that is created on a server for the occasion, or the embedded PostgreSQL in a
//! temporary directory. It is gone afterwards, whatever happens; only a kill leaves it.

use std::time::Duration;

use sqlx::{Connection, Row};
use tempfile::TempDir;

use crate::db::query::{execute, fetch};
use crate::db::target::{self, Target, Wanted};
use crate::db::throwaway::Throwaway;
use crate::error::{Error, Result};
use crate::sql::quote_identifier;
use crate::ui;

/// What the names of such databases begin with.
const PREFIX: &str = "crm_seed_rehearsal_";

/// A throwaway database that is open.
pub struct Scratch {
    /// Declared first, so that its connection closes before the database is dropped.
    target: Option<Target>,
    database: Option<Throwaway>,
    _directory: Option<TempDir>,
}

impl Scratch {
    /// The embedded PostgreSQL, in a directory that goes with it.
    ///
    /// # Errors
    /// No room for the directory; a build without the embedded PostgreSQL.
    pub async fn embedded() -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("crm-seed-rehearsal-").tempdir()?;
        let mut target = target::embedded(directory.path(), Duration::ZERO).await.map_err(|error| {
            error.with_hint("rehearse on a server instead: --scratch postgres://user@host/postgres")
        })?;
        target.description = "embedded PostgreSQL, in a temporary directory".into();
        Ok(Self { target: Some(target), database: None, _directory: Some(directory) })
    }

    /// A new database on the server of a URL, whose own database is not touched; a copy of `template`, where one is
    /// named.
    ///
    /// # Errors
    /// Unreachable; a remote server that was not allowed; no right to create databases.
    pub async fn on_server(wanted: &Wanted, template: Option<&str>) -> Result<Self> {
        let mut server = target::connect(wanted).await?;
        tell_leftovers(&mut server).await;
        let database = Throwaway::named(PREFIX, &server)?;
        create(&mut server, database.name(), template).await?;
        let target = Some(server.beside(database.name()).await?);
        Ok(Self { target, database: Some(database), _directory: None })
    }

    /// The database.
    ///
    /// # Errors
    /// It was removed.
    pub fn target(&mut self) -> Result<&mut Target> {
        self.target.as_mut().ok_or_else(|| Error::failed("the throwaway database is gone"))
    }

    /// Removes it.
    ///
    /// # Errors
    /// The server cannot be reached any more, or somebody else holds the database.
    pub async fn remove(mut self) -> Result<()> {
        if let Some(target) = self.target.take() {
            // What is not seen off is ended by the server.
            let _ = target.connection.close().await;
        }
        match self.database.take() {
            Some(database) => database.remove().await,
            None => Ok(()),
        }
    }
}

async fn create(server: &mut Target, name: &str, template: Option<&str>) -> Result<()> {
    let name = quote_identifier(name);
    if let Some(template) = template {
        let sql = format!("CREATE DATABASE {name} TEMPLATE {}", quote_identifier(template));
        return execute(&mut server.connection, &sql).await.map_err(|error| {
            let failed = error.context(format!("creating a throwaway database as a copy of {template}"));
            failed.with_hint(
                "nobody may be connected to that database, and the role must own it or be a superuser",
            )
        });
    }
    let created = match execute(&mut server.connection, &format!("CREATE DATABASE {name}")).await {
        // Somebody is connected to the usual template.
        Err(error) if error.sqlstate() == Some("55006") => {
            execute(&mut server.connection, &format!("CREATE DATABASE {name} TEMPLATE template0")).await
        }
        created => created,
    };
    created.map_err(|error| {
        let failed = error.context("creating a throwaway database");
        failed.with_hint("--scratch needs a role that may create databases (CREATEDB), and no pooler")
    })
}

/// Names databases of rehearsals that were killed. One that is at work has a session.
async fn tell_leftovers(server: &mut Target) {
    let sql = format!(
        "SELECT datname::text FROM pg_database d WHERE starts_with(datname::text, '{PREFIX}')
         AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname) ORDER BY 1"
    );
    // It is a note beside the work.
    for row in fetch(&mut server.connection, &sql).await.unwrap_or_default() {
        if let Ok(name) = row.try_get::<String, _>(0) {
            ui::tell(&format!(
                "note: database {name} seems to be left from a rehearsal that was killed: DROP DATABASE {name}"
            ));
        }
    }
}
