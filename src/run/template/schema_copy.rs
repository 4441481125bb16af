//! A new database with the schema of another one, and the rows of few of its tables.
//!
//! `pg_dump` writes the schema down, whoever is connected to the source. Where it is not installed (an image that has
//! only Node), the server copies the whole database, which it does while nobody is connected to that; then what does not
//! come along is emptied in the copy.

use std::process::{Command, Stdio};

use crate::db::libpq::{self, Environment, PG_DUMP};
use crate::db::query::execute;
use crate::db::target::Target;
use crate::error::{Error, Result};
use crate::redact;
use crate::run::template::mark::{self, Mark};
use crate::run::template::source::Source;
use crate::sql::quote_identifier;

/// pg_dump gives up on a table that somebody holds for longer than this.
const LOCK_WAIT: &str = "--lock-wait-timeout=30s";

/// Views that kept their rows when the tables lost theirs, in the order in which they were made.
const REFRESH: &str = "DO $$ DECLARE view regclass; BEGIN
  FOR view IN SELECT c.oid::regclass FROM pg_class c WHERE c.relkind = 'm' AND c.relispopulated ORDER BY c.oid LOOP
    EXECUTE format('REFRESH MATERIALIZED VIEW %s', view);
  END LOOP; END $$";

/// Makes the database `name` beside `server`, and marks it.
///
/// # Errors
/// Refused, where `pg_dump` is missing and somebody uses the source; no right to create databases; a schema that cannot
/// be copied.
pub async fn copy(
    server: &mut Target,
    source: &Source,
    environment: Option<Environment>,
    name: &str,
    mark: &Mark,
) -> Result<()> {
    let script = match dump_fault(source.version) {
        None => Ok(dump(source, environment).await?),
        Some(why) => Err(why),
    };
    let quoted = quote_identifier(name);
    let sql = match &script {
        Ok(_) => format!("CREATE DATABASE {quoted} TEMPLATE template0 {}", source.locale),
        Err(_) => format!("CREATE DATABASE {quoted} TEMPLATE {}", quote_identifier(&source.name)),
    };
    let created = execute(&mut server.connection, &sql).await;
    created.map_err(|error| told(error, source, script.as_ref().err()))?;
    mark::put(&mut server.connection, name, mark.clone()).await?;
    settings(server, source, name).await?;
    let mut target = server.beside(name).await?;
    let applied = match script {
        Ok(script) => execute(&mut target.connection, &without_guards(&script)).await,
        Err(_) => empty(&mut target, source).await,
    };
    let applied = applied.map_err(|error| {
        error.context(format!("copying the schema of {}", source.name)).with_hint(
            "tables named with --with-rows need the rows that they refer to; extensions, owners and grants need a role \
             that may create them: use one that may do everything (a superuser)",
        )
    });
    target.close().await;
    applied
}

/// What `ALTER DATABASE ... SET` says of the source is said of another database.
///
/// # Errors
/// A setting that the role may not make.
pub async fn settings(server: &mut Target, source: &Source, name: &str) -> Result<()> {
    for (setting, value) in &source.settings {
        let sql = format!("ALTER DATABASE {} SET {setting} TO {value}", quote_identifier(name));
        execute(&mut server.connection, &sql).await.map_err(|error| {
            error.context(format!("copying the setting {setting} of database {}", source.name))
        })?;
    }
    Ok(())
}

/// Why the schema cannot be written down; `None` where it can.
fn dump_fault(server: i32) -> Option<String> {
    match libpq::dump_version() {
        None => Some(format!("{PG_DUMP} is not installed")),
        Some(version) if version < server => {
            Some(format!("{PG_DUMP} {version} is older than the server ({server})"))
        }
        Some(_) => None,
    }
}

fn told(error: Error, source: &Source, no_dump: Option<&String>) -> Error {
    let Source { name, role, version, .. } = source;
    match (error.sqlstate(), no_dump) {
        (Some("42501"), None) => error.context("creating a database").with_hint(may_create(role)),
        (Some("42501" | "55006"), Some(why)) => Error::refused(format!(
            "cannot copy database {name}: it is in use or another role's, and {why}"
        ))
        .with_source(error)
        .with_hint(format!(
            "install the client programs of PostgreSQL {version}, whose {PG_DUMP} copies the schema of a \
                     database that is in use; or close the connections to {name}"
        )),
        _ => error.context("creating a database"),
    }
}

/// What to do where a role may not create databases.
pub fn may_create(role: &str) -> String {
    format!("--into needs a role that may create databases: ALTER ROLE {} CREATEDB", quote_identifier(role))
}

/// The schema as SQL, with the rows that come along.
async fn dump(source: &Source, environment: Option<Environment>) -> Result<String> {
    let mut command = Command::new(PG_DUMP);
    command.args([
        "--no-password",
        "--encoding=UTF8",
        // The one protocol that takes all of it at once has no room for COPY.
        "--inserts",
        "--rows-per-insert=500",
        "--no-blobs",
        "--no-publications",
        "--no-subscriptions",
        "--exclude-schema=crm_seed",
        LOCK_WAIT,
    ]);
    if !source.is_superuser {
        command.arg("--no-owner");
    }
    command.args(source.emptied.iter().map(|relation| format!("--exclude-table-data={}", relation.name)));
    if let Some(environment) = environment {
        environment.apply(&mut command);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // On a thread of its own, as a signal must be heard meanwhile.
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.map_err(|error| Error::failed("internal error").with_source(error))??;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        return Err(Error::failed(format!("cannot read the schema of {}", source.name))
            .with_source(Error::failed(redact::text(&said))));
    }
    String::from_utf8(output.stdout)
        .map_err(|error| Error::failed("pg_dump wrote no text").with_source(error))
}

/// A dump without `\restrict` and `\unrestrict`, which stand around it and are psql's.
fn without_guards(script: &str) -> String {
    let Some((before, rest)) = script.split_once("\\restrict ") else { return script.to_owned() };
    if !before.lines().all(|line| line.is_empty() || line.starts_with("--")) {
        return script.to_owned();
    }
    let (key, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    rest.replacen(&format!("\n\\unrestrict {key}"), "", 1)
}

/// Empties in a copy of the whole database what does not come along.
async fn empty(target: &mut Target, source: &Source) -> Result<()> {
    let of = |kind: &'static str| source.emptied.iter().filter(move |relation| relation.kind == kind);
    let tables: Vec<String> = of("r").map(|table| format!("ONLY {}", table.name)).collect();
    let mut sql = "BEGIN; DROP SCHEMA IF EXISTS crm_seed CASCADE;".to_owned();
    if !tables.is_empty() {
        sql.push_str(&format!("TRUNCATE {};", tables.join(", ")));
    }
    of("S").for_each(|sequence| sql.push_str(&format!("ALTER SEQUENCE {} RESTART;", sequence.name)));
    sql.push_str(&format!("{REFRESH}; COMMIT"));
    execute(&mut target.connection, &sql).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guards_of_psql_are_left_out_of_a_dump() {
        let script = "--\n-- dump\n--\n\n\\restrict k3y\n\nSELECT '\\restrict';\n\n\\unrestrict k3y\n\n";
        assert_eq!(without_guards(script), "\nSELECT '\\restrict';\n\n\n");
        assert_eq!(without_guards("SELECT '\\restrict x';"), "SELECT '\\restrict x';");
    }
}
