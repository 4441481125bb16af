//! Which database a record is about. A dump takes the ledger along to wherever it is restored, and a template to
//! every database made of it: there its entries are about other rows.

use sqlx::{PgConnection, Row};

use crate::db::query::{error, fetch};
use crate::error::Result;
use crate::sql::quote_literal;

/// The identity of a database, different from that of every copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The cluster's system identifier, or what stands in for it.
    system: String,
    /// `pg_database.oid`.
    database: i64,
}

/// `pg_control_system` may be closed to a role. Then the oid of our ledger, which a restored copy has by chance only,
/// stands in for the cluster.
const QUERY: &str = "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE'),
  (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
  coalesce((SELECT c.oid::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'crm_seed' AND c.relname = 'ledger'), 0)";

impl Identity {
    /// That of the database that `connection` leads to.
    pub async fn of(connection: &mut PgConnection) -> Result<Self> {
        let rows = fetch(connection, QUERY).await?;
        let Some(row) = rows.first() else { return Ok(Self { system: String::new(), database: 0 }) };
        let database = row.try_get(1).map_err(error)?;
        if !row.try_get::<bool, _>(0).map_err(error)? {
            let ledger: i64 = row.try_get(2).map_err(error)?;
            return Ok(Self { system: format!("ledger {ledger}"), database });
        }
        let sql = "SELECT system_identifier::text FROM pg_catalog.pg_control_system()";
        let rows = fetch(connection, sql).await?;
        let system = rows.first().map_or(Ok(String::new()), |row| row.try_get(0).map_err(error))?;
        Ok(Self { system, database })
    }

    /// The condition that a record is about this database.
    pub fn condition(&self) -> String {
        format!("system_identifier = {} AND database_oid = {}", quote_literal(&self.system), self.database)
    }

    /// The values of `system_identifier, database_oid`.
    pub fn values(&self) -> String {
        format!("{}, {}", quote_literal(&self.system), self.database)
    }
}
