//! Statements: how they are sent, under which settings they mean the same everywhere, and what their errors mean.

use sqlx::PgConnection;
use sqlx::postgres::PgDatabaseError;

use crate::error::{Error, Result};

/// Advisory lock that one crm-seed holds on a database: the letters `crm-seed`.
pub const LOCK_KEY: i64 = 0x6372_6d2d_7365_6564;

/// Somebody else holds the lock.
pub fn busy() -> Error {
    Error::refused("another crm-seed is working on this database").with_hint("try again when it is done")
}

/// Sets for the transaction whatever the meaning of our statements and of the rows' texts hangs on, and what
/// would end them while they work: a role, a database, a URL or a pooler may have set it otherwise. A server
/// that does not know a setting is not asked for it.
///
/// To be sent in a message of its own: the settings change how the statements behind it are read. Statements
/// that nobody answers any more end with our connection, and their locks with them.
pub const SETTINGS: &str = "
SELECT count(set_config(name, value, true)) FROM (VALUES
  ('standard_conforming_strings', 'on'), ('transform_null_equals', 'off'), ('array_nulls', 'on'),
  ('quote_all_identifiers', 'off'), ('exit_on_error', 'off'), ('xmloption', 'content'),
  ('extra_float_digits', '1'), ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'),
  ('TimeZone', 'UTC'), ('bytea_output', 'hex'), ('lc_monetary', 'C'), ('row_security', 'on'),
  ('default_table_access_method', 'heap'), ('jit', 'off'), ('client_min_messages', 'warning'),
  ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
  ('search_path', CASE WHEN current_schemas(false) = '{}' THEN 'public' ELSE current_setting('search_path') END)
) AS setting(name, value) WHERE current_setting(name, true) IS NOT NULL";

/// Has the server look now and then, while a statement runs, whether we are still there (from version 14 on, on
/// most platforms), so that a client that was killed leaves no lock behind.
pub const NOTICE_OUR_END: &str = "DO $$ BEGIN SET LOCAL client_connection_check_interval = '500ms';
   EXCEPTION WHEN OTHERS THEN NULL; END $$";

/// Refuses servers and sessions that only read, by `pg_is_in_recovery()` and `transaction_read_only`.
///
/// # Errors
/// A standby, or a session that is read-only, with what to do about it.
pub fn check_writable(in_recovery: bool, read_only: bool) -> Result<()> {
    if in_recovery {
        return Err(Error::refused("the server is a read replica").with_hint("name the primary instead"));
    }
    if read_only {
        return Err(Error::refused("the session is read-only (default_transaction_read_only is on)")
            .with_hint(
                "if it may be written: add ?options=-cdefault_transaction_read_only%3Doff to the database \
                 URL, or ALTER ROLE or DATABASE ... RESET default_transaction_read_only",
            ));
    }
    Ok(())
}

/// An error of a statement.
pub fn error(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default().into_owned();
            let server = database.downcast_ref::<PgDatabaseError>();
            let mut message = server.message().to_owned();
            if let Some(detail) = server.detail() {
                message.push_str(&format!(" ({detail})"));
            }
            if let Some(place) = server.r#where().filter(|place| place.starts_with("COPY")) {
                message.push_str(&format!(" [{}]", place.lines().next().unwrap_or_default()));
            }
            if let Some(place) = server.r#where().filter(|place| place.contains("PL/pgSQL function")) {
                let line = place.lines().find(|line| line.contains("PL/pgSQL function")).unwrap_or_default();
                message.push_str(&format!(" [{line}]"));
            }
            if message.contains("statement pooling mode") {
                return Error::refused(format!("the pooler refuses transactions: {message}")).with_hint(
                    "name one with pool_mode = transaction or session, or the server itself: \
                     all or nothing takes a transaction",
                );
            }
            if message.contains("query_wait_timeout") {
                return Error::failed(format!(
                    "the pooler has no connection to the server to lend: {message}"
                ))
                .with_hint("is the server up, and default_pool_size large enough? nothing was changed");
            }
            let error = Error::failed(message).with_sqlstate(code.clone());
            let is_in_function = server.r#where().is_some_and(|place| place.contains("PL/pgSQL function"));
            let error = if is_in_function { error.in_function() } else { error };
            match (code.as_str(), server.hint()) {
                ("53100", _) => error.with_hint("the server's disk is full; nothing was changed"),
                ("55P03", _) => error.with_hint("another session holds a lock on it; nothing was changed"),
                ("57P01", _) => error.with_hint("the server ended the connection; nothing was changed"),
                ("42501", None) => error.with_hint("the role of the database URL lacks this right"),
                (_, Some(hint)) => error.with_hint(hint),
                _ => error,
            }
        }
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => {
            Error::failed(format!("the connection to the database was lost: {error}"))
                .with_hint("the server undoes what was not committed")
        }
        other => Error::failed(other.to_string()),
    }
}

/// Runs one or several statements by the simple protocol, and forgets their rows.
///
/// # Errors
/// Whatever the server says.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<()> {
    // Made of quoted identifiers and literals, or a migration that the user wants run as it is.
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop).map_err(error)
}

/// Runs one statement, and says how many rows it changed.
///
/// # Errors
/// Whatever the server says.
pub async fn affected(connection: &mut PgConnection, sql: &str) -> Result<u64> {
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map_err(error)?;
    Ok(done.rows_affected())
}

/// Runs statements and returns all their rows.
///
/// # Errors
/// Whatever the server says.
pub async fn fetch(connection: &mut PgConnection, sql: &str) -> Result<Vec<sqlx::postgres::PgRow>> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await.map_err(error)
}
