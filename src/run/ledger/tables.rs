//! The tables of the ledger.

use sqlx::PgConnection;

use crate::catalog::{LEDGER, Schema, Table};
use crate::db::query::execute;
use crate::error::{Error, Result};

/// Each table with the column that its present form has and an older one lacks.
const TABLES: [(&str, &str); 4] = [
    ("ledger", "table_oids"),
    ("filled", "marks"),
    ("scenario", "system_identifier"),
    ("consent", "schema_oid"),
];

/// What each has in every form that it ever had: a table without that is somebody else's.
const EVER: [(&str, &[&str]); 4] = [
    ("ledger", &["id", "seeded_at", "as_of", "generator_version", "spec", "digest", "row_count"]),
    ("filled", &["id", "table_oid", "by_triggers", "mark_columns"]),
    ("scenario", &["name", "first_id", "loaded_at", "digest", "row_count", "breaks"]),
    ("consent", &["system_identifier", "database_oid", "schema_name", "given_at"]),
];

/// Entries of an older form name no database, and count for nothing. An older list of scenarios cannot say which rows are theirs.
const CREATE: &str = "CREATE SCHEMA IF NOT EXISTS crm_seed;
CREATE TABLE IF NOT EXISTS crm_seed.ledger (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seeded_at timestamptz NOT NULL DEFAULT now(),
  as_of date NOT NULL,
  generator_version integer NOT NULL,
  spec jsonb NOT NULL,
  digest text NOT NULL,
  row_count bigint NOT NULL
);
ALTER TABLE crm_seed.ledger
  ADD COLUMN IF NOT EXISTS system_identifier text,
  ADD COLUMN IF NOT EXISTS database_oid oid,
  ADD COLUMN IF NOT EXISTS table_oids oid[],
  DROP COLUMN IF EXISTS is_sole;
CREATE TABLE IF NOT EXISTS crm_seed.filled (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  system_identifier text NOT NULL,
  database_oid oid NOT NULL,
  table_oid oid NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  by_triggers boolean NOT NULL,
  transaction_id bigint,
  mark_columns text[] NOT NULL,
  marks bigint[]
);
DO $$ BEGIN
  IF to_regclass('crm_seed.scenario') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute
    WHERE attrelid = to_regclass('crm_seed.scenario') AND attname = 'system_identifier') THEN
    DROP TABLE crm_seed.scenario;
  END IF;
END $$;
CREATE TABLE IF NOT EXISTS crm_seed.scenario (
  name text NOT NULL,
  system_identifier text NOT NULL,
  database_oid oid NOT NULL,
  schema_name text NOT NULL,
  first_id bigint NOT NULL,
  loaded_at timestamptz NOT NULL DEFAULT now(),
  digest text NOT NULL,
  row_count bigint NOT NULL,
  breaks jsonb NOT NULL,
  keys jsonb NOT NULL,
  PRIMARY KEY (name, system_identifier, database_oid, schema_name)
);
CREATE TABLE IF NOT EXISTS crm_seed.consent (
  system_identifier text NOT NULL,
  database_oid oid NOT NULL,
  schema_name text NOT NULL,
  given_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (system_identifier, database_oid, schema_name)
);
ALTER TABLE crm_seed.consent ADD COLUMN IF NOT EXISTS schema_oid oid";

/// A table of the ledger, in its present form.
pub fn find<'a>(schema: &'a Schema, name: &str) -> Option<&'a Table> {
    let (_, column) = TABLES.iter().find(|(table, _)| *table == name)?;
    let found = schema.tables.iter().find(|table| table.schema == LEDGER && table.name == name);
    found.filter(|table| table.columns.iter().any(|own| own.name == *column))
}

/// A table of the ledger, if it is there and the role may read it.
pub fn readable(schema: &Schema, name: &str) -> bool {
    find(schema, name).is_some_and(|table| table.may_select)
}

/// Whether the role may write down what a run did, making the tables for it where they are not there.
pub fn may_record(schema: &Schema) -> bool {
    let mut tables = TABLES.iter().map(|(name, _)| find(schema, name));
    let is_open = |table: Option<&Table>| table.is_some_and(|t| t.may_select && t.may_insert && t.may_delete);
    let mut own = schema.tables.iter().filter(|table| table.schema == LEDGER).peekable();
    tables.all(is_open) || schema.server.may_create && (own.peek().is_none() || own.all(|table| table.owned))
}

/// Checks that the tables named like the ledger's have its columns.
///
/// # Errors
/// One does not: it belongs to somebody else.
pub fn check(schema: &Schema) -> Result<()> {
    let is_strange = |table: &&Table| {
        let columns =
            EVER.iter().find(|(name, _)| *name == table.name).map_or(&[][..], |(_, columns)| columns);
        table.schema == LEDGER && columns.iter().any(|name| table.columns.iter().all(|own| own.name != *name))
    };
    match schema.tables.iter().find(is_strange) {
        None => Ok(()),
        Some(table) => Err(Error::refused(format!(
            "{} is not the table in which crm-seed records its runs",
            table.qualified()
        ))
        .with_hint("rename it, or add --no-ledger to run without a record")),
    }
}

/// Makes the tables that are not there, or not in their present form.
pub async fn ensure(connection: &mut PgConnection, schema: &Schema) -> Result<()> {
    check(schema)?;
    match TABLES.iter().all(|(name, _)| find(schema, name).is_some()) {
        true => Ok(()),
        false => execute(connection, CREATE).await.map_err(|error| error.context("creating the ledger")),
    }
}
