//! Statements: how they are sent, under which settings they mean the same everywhere, and what their errors mean.

use sqlx::PgConnection;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use crate::error::{Error, Result, ServerError};

/// Advisory lock that one crm-seed holds on a database: the letters `crm-seed`.
pub const LOCK_KEY: i64 = 0x6372_6d2d_7365_6564;

/// The error for a lock that another run holds.
pub fn busy() -> Error {
    Error::refused("another crm-seed is working on this database")
        .with_hint("try again when it has finished, or wait for it with --wait SECONDS")
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
        return Err(
            Error::refused("the server is a read replica").with_hint("connect to the primary instead")
        );
    }
    if read_only {
        return Err(Error::refused("the session is read-only (default_transaction_read_only is on)")
            .with_hint(
                "to write anyway, add ?options=-cdefault_transaction_read_only%3Doff to the database URL, \
                 or run ALTER ROLE (or ALTER DATABASE) ... RESET default_transaction_read_only",
            ));
    }
    Ok(())
}

/// An error of a statement.
pub fn error(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(database) => server_error(database.downcast_ref::<PgDatabaseError>()),
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => {
            Error::failed("the connection to the database was lost")
                .with_source(error)
                .connection_lost()
                .with_hint("the server rolls back whatever was not committed")
        }
        other => Error::failed(other.to_string()).with_source(other),
    }
}

/// The fields of an error by which something is decided.
pub fn fields(said: &PgDatabaseError) -> ServerError {
    ServerError {
        sqlstate: said.code().to_owned(),
        constraint: said.constraint().map(str::to_owned),
        routine: said.routine().map(str::to_owned),
        position: match said.position() {
            Some(PgErrorPosition::Original(at)) => Some(at),
            _ => None,
        },
        context: said.r#where().map(str::to_owned),
    }
}

/// An error that the server, or a pooler, reports.
fn server_error(said: &PgDatabaseError) -> Error {
    let context = said.r#where().unwrap_or_default();
    let mut message = said.message().to_owned();
    if let Some(detail) = said.detail() {
        message.push_str(&format!(" ({detail})"));
    }
    if context.starts_with("COPY") {
        message.push_str(&format!(" [{}]", context.lines().next().unwrap_or_default()));
    }
    if let Some(line) = function_line(context) {
        message.push_str(&format!(" [{line}]"));
    }
    let error = Error::failed(message).of_server(fields(said));
    if let Some(told) = pooler_error(said.message()) {
        return told.with_source(error);
    }
    match (said.code(), said.hint()) {
        ("53100", _) => error.with_hint("the disk of the server is full; nothing was changed"),
        ("55P03", _) => error.with_hint("another session holds a conflicting lock; nothing was changed"),
        ("57P01", _) => error.with_hint("the server ended the connection; nothing was changed"),
        ("42501", None) => error.with_hint("grant this privilege to the role, or connect as another role"),
        (_, Some(hint)) => error.with_hint(hint),
        _ => error,
    }
}

/// What a message of PgBouncer means. It has one SQLSTATE (08P01) for nearly all that it says, no other field, and one
/// language.
fn pooler_error(message: &str) -> Option<Error> {
    if message.contains("statement pooling mode") {
        return Some(Error::refused("the pooler does not allow transactions").with_hint(
            "crm-seed needs a transaction: use a pooler with pool_mode = transaction or session, or \
             connect to the server directly",
        ));
    }
    message.contains("query_wait_timeout").then(|| {
        Error::failed("the pooler has no free server connection").with_hint(
            "nothing was changed; check that the server is running and that default_pool_size is large \
             enough",
        )
    })
}

/// The line of an error's context that names a function of the database's own: `PL/pgSQL function refuse() line 3 at
/// RAISE`. No field of the protocol says it, and the context is in the language of `lc_messages`: the name of the
/// language stands in all of them, so that whether there is a function is known in each.
pub fn function_line(context: &str) -> Option<&str> {
    let line = |words: &str| context.lines().find(|line| line.contains(words));
    line("PL/pgSQL function").or_else(|| line("PL/pgSQL"))
}

/// Whether a function of this name, bare or with its schema, was at work where an error with this context happened.
/// Each of the server's languages writes functions with their arguments in parentheses: `refuse()`.
pub fn is_in_function(context: &str, function: &str) -> bool {
    let call = format!("{}(", function.rsplit('.').next().unwrap_or(function));
    let is_end_of_name = |before: &str| before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let lines = context.lines().filter(|line| line.contains("PL/pgSQL"));
    lines
        .flat_map(|line| line.match_indices(&call).map(|(at, _)| &line[..at]))
        .any(|before| !is_end_of_name(before))
}

/// Runs one or several statements by the simple protocol, and forgets their rows.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<()> {
    // Made of quoted identifiers and literals, or a migration that the user wants run as it is.
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop).map_err(error)
}

/// Runs one statement, and says how many rows it changed.
pub async fn affected(connection: &mut PgConnection, sql: &str) -> Result<u64> {
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map_err(error)?;
    Ok(done.rows_affected())
}

/// Runs statements and returns all their rows.
pub async fn fetch(connection: &mut PgConnection, sql: &str) -> Result<Vec<sqlx::postgres::PgRow>> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await.map_err(error)
}

/// Whether the database does not want a statement, be it a rule of its own or a right; no lock that is held, no end of
/// the connection or of the disk.
pub fn is_refusal(error: &Error) -> bool {
    let passing = ["08", "40", "53", "55P03", "57", "58", "F0", "XX"];
    error.sqlstate().is_some_and(|state| !passing.iter().any(|class| state.starts_with(class)))
}

/// Undoes what was done since a savepoint, which is gone then: while it stands, rows that are written bear the number of a
/// subtransaction and not our own, by which they are known as ours.
pub async fn undo(connection: &mut PgConnection, savepoint: &str) -> Result<()> {
    execute(connection, &format!("ROLLBACK TO SAVEPOINT {savepoint}; RELEASE SAVEPOINT {savepoint}")).await
}

/// Runs statements of which all or none are to be done, inside the transaction. Where the database refuses them, all
/// is as it was, and the refusal is returned.
///
/// # Errors
/// Whatever else the server says.
pub async fn attempt(connection: &mut PgConnection, sql: &str) -> Result<Option<Error>> {
    let whole = format!("SAVEPOINT crm_seed_attempt;\n{sql};\nRELEASE SAVEPOINT crm_seed_attempt");
    match execute(connection, &whole).await {
        Ok(()) => Ok(None),
        Err(error) if is_refusal(&error) => {
            undo(connection, "crm_seed_attempt").await?;
            Ok(Some(error))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What servers say of a trigger that refuses a row, under several `lc_messages`.
    const CONTEXTS: [&str; 4] = [
        "PL/pgSQL function audit.refuse(integer) line 3 at RAISE\nSQL statement \"SELECT 1\"",
        "PL/pgSQL-Funktion refuse() Zeile 3 bei RAISE\nCOPY contacts, Zeile 1",
        "fonction PL/pgSQL refuse(), ligne 3 à RAISE",
        "PL/pgSQL関数refuse()の3行目のRAISE",
    ];

    #[test]
    fn a_function_is_found_in_every_language() {
        for context in CONTEXTS {
            assert_eq!(function_line(context), context.lines().next());
            assert!(
                is_in_function(context, "audit.refuse") && is_in_function(context, "refuse"),
                "{context}"
            );
            assert!(!is_in_function(context, "use") && !is_in_function(context, "refuse_all"), "{context}");
        }
        let assignment = "PL/pgSQL assignment \"x := f()\"\nPL/pgSQL function g() line 1 at assignment";
        assert_eq!(function_line(assignment), Some("PL/pgSQL function g() line 1 at assignment"));
        assert_eq!(function_line("COPY contacts, line 1"), None);
    }

    #[test]
    fn a_pooler_that_refuses_is_told_with_its_own_words_behind() {
        let told = pooler_error("transaction blocks not allowed in statement pooling mode").expect("known");
        let error = told.with_source(Error::failed("statement pooling mode"));
        assert_eq!(format!("{error:#}"), "the pooler does not allow transactions: statement pooling mode");
        assert!(pooler_error("duplicate key").is_none());
    }
}
