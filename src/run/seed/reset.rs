//! A reset: everything that the database holds is dropped, once it is known whose rows go with it.

use std::time::Duration;

use sqlx::PgConnection;

use crate::catalog::table_locks::{self, Deadline, Lock, Mode};
use crate::catalog::{self, Schema, Table};
use crate::db::query::execute;
use crate::db::target::Target;
use crate::error::{Error, Result};
use crate::infer::overrides::Clean;
use crate::migrate;
use crate::note::{Note, NoteKind};
use crate::run::ledger::{self, Filled, Identity};
use crate::run::registry::{self, Home};
use crate::run::safety;
use crate::run::seed::clearance::{self, Agreed, Clearance};
use crate::run::seed::question::Question;
use crate::run::seed::request::Request;
use crate::sink::postgres;

/// Drops what our role itself owns, and in `public` what it may drop; what belongs to an extension stays, and what crm-seed
/// keeps of its runs. The texts are made first: an object may go with another before its turn. A schema that still holds
/// something of others stays.
const DROP: &str = r#"DO $$
DECLARE statement text;
BEGIN
  FOREACH statement IN ARRAY (
    WITH me AS (SELECT oid FROM pg_roles WHERE rolname = current_user),
    schema AS (
      SELECT n.oid, n.nspname, n.nspowner FROM pg_namespace n
      WHERE n.nspname NOT IN ('information_schema', 'crm_seed') AND n.nspname !~ '^pg_'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e'))
    SELECT coalesce(array_agg(text ORDER BY place, text), '{}') FROM (
      SELECT 1 AS place, format('DROP %s IF EXISTS %s CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW'
        WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE'
        WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, c.oid::regclass) AS text
      FROM pg_class c JOIN schema n ON n.oid = c.relnamespace CROSS JOIN me
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
        AND (c.relowner = me.oid OR n.nspname = 'public' AND pg_has_role(c.relowner, 'USAGE'))
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
      UNION ALL
      SELECT 2, format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
      FROM pg_proc p JOIN schema n ON n.oid = p.pronamespace CROSS JOIN me
      WHERE (p.proowner = me.oid OR n.nspname = 'public' AND pg_has_role(p.proowner, 'USAGE'))
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
      UNION ALL
      SELECT 3, format('DROP TYPE IF EXISTS %s CASCADE', t.oid::regtype)
      FROM pg_type t JOIN schema n ON n.oid = t.typnamespace CROSS JOIN me
      WHERE t.typtype IN ('e', 'd', 'r')
        AND (t.typowner = me.oid OR n.nspname = 'public' AND pg_has_role(t.typowner, 'USAGE'))
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype IN ('e', 'i'))
      UNION ALL
      SELECT 4, format('DROP %s IF EXISTS %s CASCADE', o.kind, i.identity)
      FROM (
        SELECT 'COLLATION' AS kind, 'pg_collation'::regclass AS class, oid, collnamespace AS home, collowner AS owner FROM pg_collation
        UNION ALL SELECT 'CONVERSION', 'pg_conversion'::regclass, oid, connamespace, conowner FROM pg_conversion
        UNION ALL SELECT 'OPERATOR', 'pg_operator'::regclass, oid, oprnamespace, oprowner FROM pg_operator
        UNION ALL SELECT 'OPERATOR FAMILY', 'pg_opfamily'::regclass, oid, opfnamespace, opfowner FROM pg_opfamily
        UNION ALL SELECT 'TEXT SEARCH CONFIGURATION', 'pg_ts_config'::regclass, oid, cfgnamespace, cfgowner FROM pg_ts_config
        UNION ALL SELECT 'TEXT SEARCH DICTIONARY', 'pg_ts_dict'::regclass, oid, dictnamespace, dictowner FROM pg_ts_dict
      ) AS o
      JOIN schema n ON n.oid = o.home CROSS JOIN me CROSS JOIN pg_identify_object(o.class, o.oid, 0) AS i
      WHERE (o.owner = me.oid OR n.nspname = 'public' AND pg_has_role(o.owner, 'USAGE'))
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype IN ('e', 'i'))
      UNION ALL
      SELECT 5, format('DROP SCHEMA IF EXISTS %I', n.nspname)
      FROM schema n CROSS JOIN me
      WHERE n.nspname <> 'public' AND n.nspowner = me.oid
    ) AS statements)
  LOOP
    IF statement LIKE 'DROP SCHEMA %' THEN
      BEGIN
        EXECUTE statement;
      EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
      END;
    ELSE
      EXECUTE statement;
    END IF;
  END LOOP;
END $$"#;

impl Request {
    /// Asks whether rows that crm-seed did not make may go, where nobody has said so yet.
    ///
    /// # Errors
    /// Refused, where the answer is no, or where there is nobody to ask.
    pub async fn agree_to_reset(&self, target: &mut Target) -> Result<Agreed> {
        let deadline = Deadline::within(self.wait);
        postgres::begin(&mut target.connection, self.wait, deadline).await?;
        let connection = &mut target.connection;
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        let (clearance, agreed) = self.look_at_all(connection, &schema).await?;
        execute(connection, "ROLLBACK").await?;
        let open = clearance.unanswered(&agreed);
        if open.is_empty() {
            return Ok(agreed);
        }
        Question::new(&schema.server.database, open, clearance.not_ours).of_reset().ask().await
    }

    /// Drops everything, in a transaction of its own.
    ///
    /// # Errors
    /// As for [`Request::run`]; the database is as it was then.
    pub async fn reset_alone(&self, target: &mut Target) -> Result<()> {
        let deadline = Deadline::within(self.wait);
        postgres::begin(&mut target.connection, self.wait, deadline).await?;
        let connection = &mut target.connection;
        let nothing = Agreed::default();
        let agreed = self.reset.as_ref().unwrap_or(&nothing);
        self.drop_all(connection, agreed, deadline, &mut Vec::new()).await?;
        execute(connection, "COMMIT").await
    }

    /// Drops everything, inside the transaction.
    ///
    /// # Errors
    /// Rows that came since somebody `agreed`; what the role may not drop.
    pub(super) async fn drop_all(
        &self,
        connection: &mut PgConnection,
        agreed: &Agreed,
        deadline: Deadline,
        notes: &mut Vec<Note>,
    ) -> Result<()> {
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        safety::check_writable(&schema)?;
        let locks =
            dropped(&schema).into_iter().map(|table| Lock::of(table, Mode::AccessExclusive)).collect();
        table_locks::lock(connection, locks, deadline, self.quiet).await?;
        // What is locked by now cannot change any more.
        let schema = table_locks::introspect(connection, deadline, self.quiet).await?;
        let (clearance, _) = self.look_at_all(connection, &schema).await?;
        let open = clearance.unanswered(agreed);
        if !open.is_empty() {
            return Err(Error::refused(format!("rows came meanwhile: {}", clearance::told(&open)))
                .with_hint("nothing was changed; run the command again"));
        }
        let identity = Identity::of(connection).await?;
        registry::forget(connection, &schema, &Home::of(&schema, &identity)?, None).await?;
        execute(connection, DROP).await.map_err(|error| error.context("dropping what the database holds"))?;
        execute(connection, &deadline.setting(Duration::MAX)).await?;
        if !clearance.not_ours.is_empty() {
            let text = format!(
                "dropped rows that crm-seed did not create: {}",
                clearance::told(&clearance.not_ours)
            );
            notes.push(Note::new(NoteKind::RowsDeleted, text));
        }
        Ok(())
    }

    /// Whose rows would go, and what may go without a question.
    async fn look_at_all(
        &self,
        connection: &mut PgConnection,
        schema: &Schema,
    ) -> Result<(Clearance, Agreed)> {
        let identity = Identity::of(connection).await?;
        let filled = Filled::read(connection, schema, &identity).await?;
        let tables = dropped(schema);
        let clearance = Clearance::of_all(connection, &tables, schema, &filled).await?;
        let by_file = self.overrides.databases.get(&schema.server.database);
        let by_answer = match by_file {
            Some(Clean::Ask) => Vec::new(),
            _ => ledger::agreed(connection, schema, &identity).await?,
        };
        let may_go = |name: &String| self.yes || by_file == Some(&Clean::Always) || by_answer.contains(name);
        let rows = clearance.not_ours.iter().filter(|rows| may_go(&rows.schema)).map(|rows| (rows.oid, None));
        Ok((clearance.clone(), Agreed { rows: rows.collect(), always: false }))
    }
}

/// The tables that [`DROP`] drops, but for the history of migrations.
fn dropped(schema: &Schema) -> Vec<&Table> {
    let role = &schema.server.role;
    let is_dropped = |table: &&Table| {
        table.is_fillable()
            && (table.owner == *role || table.owned && table.schema == "public")
            && table.schema != catalog::LEDGER
            && table.name != migrate::HISTORY
    };
    schema.tables.iter().filter(is_dropped).collect()
}
