//! Large loads without the cost of checking each row's foreign keys and of growing each index
//! row by row: both are dropped and made again, inside the load's own transaction.
//!
//! Invariant: the catalog afterwards is what it was before, to the byte of
//! `pg_dump --schema-only`. What cannot be made again from its definition alone (an index with a
//! tablespace or statistics of its own, one that a constraint or CLUSTER hangs on, a foreign key
//! that is not validated or whose triggers are switched off) is left where it is. Profiled on two
//! million rows with PostgreSQL 15: half of the time goes to the triggers of the foreign keys, a
//! third to secondary indexes; checked and built at once they cost a fraction of that.

use sqlx::{PgConnection, Row};

use crate::db::query::{attempt, error, execute, fetch};
use crate::error::Result;
use crate::note::{Note, NoteKind};
use crate::plan::Plan;

/// Loads with fewer rows are not worth the statements.
const WORTH_REBUILDING: u64 = 100_000;

/// Foreign keys of the planned tables among themselves: the statements that drop and make each.
const FOREIGN_KEYS: &str = "
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)),
       format('COMMENT ON CONSTRAINT %I ON %s IS ', k.conname, k.conrelid::regclass)
         || quote_literal(obj_description(k.oid, 'pg_constraint'))
FROM pg_constraint k
JOIN pg_class t ON t.oid = k.conrelid AND t.relkind = 'r' AND NOT t.relispartition
JOIN pg_class r ON r.oid = k.confrelid AND r.relkind = 'r' AND NOT r.relispartition
WHERE k.contype = 'f' AND k.convalidated AND k.conislocal AND k.coninhcount = 0
  AND k.conrelid IN (TABLES) AND k.confrelid IN (TABLES)
  AND pg_has_role(t.relowner, 'USAGE') AND pg_has_role(r.relowner, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O')
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid
                    AND d.classid <> 'pg_trigger'::regclass)
ORDER BY k.conrelid::regclass::text, k.conname";

/// Secondary indexes of the planned tables, in the same form.
const INDEXES: &str = "
SELECT format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid),
       format('COMMENT ON INDEX %s IS ', i.indexrelid::regclass)
         || quote_literal(obj_description(i.indexrelid, 'pg_class'))
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid AND t.relkind = 'r' AND NOT t.relispartition
JOIN pg_class c ON c.oid = i.indexrelid AND c.reltablespace = 0
WHERE i.indrelid IN (TABLES) AND pg_has_role(t.relowner, 'USAGE')
  AND i.indisvalid AND NOT i.indisunique AND NOT i.indisexclusion AND NOT i.indisclustered
  AND NOT i.indisreplident
  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE (d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indexrelid)
                     OR (d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                         AND d.deptype IN ('e', 'x')))
ORDER BY i.indexrelid::regclass::text";

/// Something that is dropped and made again.
struct Object {
    drop: String,
    create: String,
    comment: Option<String>,
}

/// What was dropped and must be made again before the transaction ends.
#[derive(Default)]
pub struct Rebuild {
    indexes: Vec<Object>,
    foreign_keys: Vec<Object>,
}

/// Drops what can be made again, where the load is large; its tables must be empty. Where a rule of the database keeps
/// everybody from that, nothing is.
pub async fn begin(connection: &mut PgConnection, plan: &Plan) -> Result<Rebuild> {
    if plan.rows() < WORTH_REBUILDING {
        return Ok(Rebuild::default());
    }
    let oids: Vec<String> =
        plan.tables.iter().filter_map(|t| t.target.as_ref()).map(|t| t.oid.to_string()).collect();
    let tables = oids.join(", ");
    let rebuild = Rebuild {
        foreign_keys: objects(connection, &FOREIGN_KEYS.replace("TABLES", &tables)).await?,
        indexes: objects(connection, &INDEXES.replace("TABLES", &tables)).await?,
    };
    let drops: Vec<&str> = rebuild.all().map(|object| object.drop.as_str()).collect();
    let is_refused = !drops.is_empty() && attempt(connection, &drops.join(";\n")).await?.is_some();
    Ok(if is_refused { Rebuild::default() } else { rebuild })
}

async fn objects(connection: &mut PgConnection, query: &str) -> Result<Vec<Object>> {
    let rows = fetch(connection, query).await?;
    let read = |row: &sqlx::postgres::PgRow| -> Result<Object, sqlx::Error> {
        Ok(Object { drop: row.try_get(0)?, create: row.try_get(1)?, comment: row.try_get(2)? })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(error)
}

impl Rebuild {
    /// Foreign keys first: they hang on no index that is dropped, but hold tables together.
    fn all(&self) -> impl Iterator<Item = &Object> {
        self.foreign_keys.iter().chain(&self.indexes)
    }

    /// Makes everything again, and says so for the report.
    ///
    /// # Errors
    /// A row that breaks a foreign key among it.
    pub async fn finish(self, connection: &mut PgConnection) -> Result<Option<Note>> {
        if self.indexes.is_empty() && self.foreign_keys.is_empty() {
            return Ok(None);
        }
        // What is deferred to the end would be pending on the tables that are to be changed now.
        execute(connection, "SET CONSTRAINTS ALL IMMEDIATE").await?;
        for object in self.indexes.iter().chain(&self.foreign_keys) {
            execute(connection, &object.create)
                .await
                .map_err(|error| error.context(format!("recreating after the load: {}", object.create)))?;
            if let Some(comment) = &object.comment {
                execute(connection, comment).await?;
            }
        }
        let text = format!(
            "{} foreign keys and {} indexes were dropped before the load and recreated after it",
            self.foreign_keys.len(),
            self.indexes.len()
        );
        Ok(Some(Note::new(NoteKind::LoadMethod, text)))
    }
}
