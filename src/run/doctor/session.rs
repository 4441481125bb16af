//! The connection: how it is secured, what it may write, and what stands between us and the server.

use serde::Deserialize;
use sqlx::{PgConnection, Row};

use crate::db::pooler::Pooler;
use crate::db::query::{execute, fetch};

/// A read-only transaction of its own: where a server has no such view, nothing else is lost.
const QUERY: &str = "SELECT json_build_object(
  'read_only', current_setting('default_transaction_read_only')::boolean OR pg_is_in_recovery(),
  'may_create', coalesce((SELECT has_schema_privilege(n.oid, 'CREATE') FROM pg_namespace n
                          WHERE n.nspname = current_schema()), false),
  'schema', current_schema(),
  'tls', (SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()),
  'tls_version', (SELECT s.version FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()))::text";

/// What the connection is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Its transactions may only read, unless told otherwise.
    pub read_only: bool,
    /// Tables may be created in the schema that the search path names first.
    pub may_create: bool,
    /// Name of the first schema of the search path that exists.
    pub schema: Option<String>,
    /// The server got it encrypted; `None` where that is not known.
    pub tls: Option<bool>,
    /// As `TLSv1.3`.
    pub tls_version: Option<String>,
}

/// Where the role has the shortest of patience with idle transactions, too.
const BEGIN: &str = "BEGIN READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0; \
     SET LOCAL statement_timeout = 0";

impl Session {
    /// Reads it. What cannot be read is not known.
    pub async fn read(connection: &mut PgConnection) -> Self {
        if execute(connection, BEGIN).await.is_err() {
            return Self::default();
        }
        let rows = fetch(connection, QUERY).await.unwrap_or_default();
        let _ = execute(connection, "ROLLBACK").await;
        let text: Option<String> = rows.first().and_then(|row| row.try_get(0).ok());
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }
}

/// What stands between us and the server, in words; `None` where nothing tells of it.
pub const fn pooler(pooler: Pooler) -> Option<&'static str> {
    match pooler {
        Pooler::None | Pooler::Unknown => None,
        Pooler::Seen => Some("detected (the server process was not started for this connection)"),
        Pooler::Supposed(what) => Some(what),
    }
}
