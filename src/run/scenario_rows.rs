//! The explicit rows of scenarios in a database: which are there, who holds on to them, how they go
//! and how they are put in the place of an earlier copy.
//!
//! A scenario's rows are found by their keys, which are recorded in `crm_seed.scenario`: the app may have put others
//! into its range of ids (see [`crate::domain::explicit::ids`]).

use sqlx::{PgConnection, Row};

use crate::catalog::{self, ForeignKey, RelationKind, Schema};
use crate::db::query::{error, execute, fetch};
use crate::domain::TABLES;
use crate::domain::explicit::ids;
use crate::domain::table::Table;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::run::ledger::Filled;
use crate::run::registry::{Keys, Loaded};
use crate::sql::{quote_identifier, quote_literal};

/// The tables of the domain that a database has, children first: the order in which rows may go.
pub struct DomainTables<'a> {
    tables: Vec<(&'static dyn Table, &'a catalog::Table)>,
    schema: &'a Schema,
}

/// Rows that are not a scenario's and refer to rows of it.
#[derive(Debug)]
pub struct Dependent {
    /// The table that has them.
    pub table: String,
    /// The column that refers.
    pub column: String,
    /// How many; unknown where the role may not see all of them.
    pub rows: Option<i64>,
}

/// Which rows are a scenario's.
pub struct ScenarioFilter<'a> {
    first: u64,
    keys: Option<&'a Keys>,
}

impl<'a> ScenarioFilter<'a> {
    /// Those of the scenario called `name`: the recorded ones; without a record those in its range of ids, and
    /// those without an id of which both ends are.
    pub fn of(name: &str, loaded: &'a [Loaded]) -> Self {
        let record = loaded.iter().find(|loaded| loaded.name == name);
        Self { first: ids::first(name), keys: record.map(|loaded| &loaded.keys) }
    }

    /// The recorded keys of a table; none where another table bears its name by now.
    fn recorded(&self, target: &catalog::Table, name: &str) -> Option<&'a [Vec<i64>]> {
        let keys = self.keys?.get(name).filter(|keys| keys.oid == target.oid);
        Some(keys.map_or(&[], |keys| &keys.rows))
    }

    /// The condition that the row `t` of a table meets.
    fn condition(&self, table: &dyn Table, target: &catalog::Table) -> String {
        let info = table.info();
        let key: Vec<String> =
            info.key.iter().map(|column| format!("t.{}", quote_identifier(column))).collect();
        match self.recorded(target, info.name) {
            Some(rows) => among(&key, rows),
            None => {
                let ends: Vec<String> = key.iter().map(|column| self.is_in_range(column)).collect();
                format!("({})", ends.join(" AND "))
            }
        }
    }

    fn is_in_range(&self, column: &str) -> String {
        format!("{column} BETWEEN {} AND {}", self.first, self.first + ids::PLACES - 1)
    }
}

/// A table without those that inherit from it, whose rows are not the scenario's.
fn alone(target: &catalog::Table) -> String {
    match target.kind {
        RelationKind::Table => format!("ONLY {}", target.qualified()),
        _ => target.qualified(),
    }
}

/// The condition that these columns have one of these values.
pub fn among(columns: &[String], rows: &[Vec<i64>]) -> String {
    let row = |row: &Vec<i64>| format!("({})", row.iter().map(i64::to_string).collect::<Vec<_>>().join(", "));
    let rows: Vec<String> = rows.iter().map(row).collect();
    if rows.is_empty() {
        "false".into()
    } else {
        format!("({}) IN ({})", columns.join(", "), rows.join(", "))
    }
}

impl<'a> DomainTables<'a> {
    /// The tables of the domain that `schema` has.
    ///
    /// # Errors
    /// Several schemas have them.
    pub fn of(schema: &'a Schema) -> Result<Self> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.info().name).collect();
        let home = schema.home(&names)?.unwrap_or_default();
        let tables = TABLES.iter().rev().filter_map(|table| {
            let target = schema.find(home, table.info().name)?;
            let has_key = table.info().key.iter().all(|key| target.columns.iter().any(|c| c.name == *key));
            has_key.then_some((*table, target))
        });
        Ok(Self { tables: tables.collect(), schema })
    }

    /// Those of them that are among these (oids): of others nothing is taken, and their rows stay.
    #[must_use]
    pub fn only(mut self, oids: &[u32]) -> Self {
        self.tables.retain(|(_, target)| oids.contains(&target.oid));
        self
    }

    /// Their oids.
    pub fn oids(&self) -> Vec<u32> {
        self.tables.iter().map(|(_, target)| target.oid).collect()
    }

    /// How many rows of a scenario are there, by table.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn count(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
    ) -> Result<Vec<(String, i64)>> {
        let counts = self.tables.iter().map(|(table, target)| {
            let (name, condition) = (target.qualified(), own.condition(*table, target));
            let told = quote_literal(&name);
            format!("SELECT {told}, count(*) FROM {} t WHERE {condition} HAVING count(*) > 0", alone(target))
        });
        by_table(connection, counts.collect()).await
    }

    /// How many rows bear a recorded key and are none of ours: somebody put them in the place of one.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn replaced(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
        filled: &Filled,
    ) -> Result<Vec<(String, i64)>> {
        let probes = self.tables.iter().filter_map(|(table, target)| {
            let (name, condition) = (target.qualified(), own.condition(*table, target));
            let foreign = foreign(*table, target, filled)?;
            let told = quote_literal(&name);
            Some(format!(
                "SELECT {told}, count(*) FROM {} t WHERE {condition} AND {foreign} HAVING count(*) > 0",
                alone(target)
            ))
        });
        let probes: Vec<String> = if own.keys.is_some() { probes.collect() } else { Vec::new() };
        by_table(connection, probes).await
    }

    /// Who holds on to rows of a scenario: rows of any table whose foreign key leads to one of them and
    /// which are not its own. Where `staged` names a table's new rows, only those that are not among them
    /// count.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn holds(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
        staged: Option<&Staged>,
    ) -> Result<Vec<Dependent>> {
        let mut probes = Vec::new();
        for key in &self.schema.foreign_keys {
            let Some((table, parent)) = self.tables.iter().find(|(_, target)| target.oid == key.to) else {
                continue;
            };
            let child = self.tables.iter().find(|(_, target)| target.oid == key.from);
            let is_own =
                child.map_or_else(|| "false".into(), |(table, target)| own.condition(*table, target));
            let stays = staged.and_then(|staged| staged.of(&parent.qualified()));
            let goes = match stays {
                Some(staged) => format!("{} AND NOT {}", own.condition(*table, parent), staged.has()),
                None => own.condition(*table, parent),
            };
            probes.push(Probe { key, parent: alone(parent), goes, is_own });
        }
        held(connection, self.schema, &probes).await
    }

    /// Deletes the rows of a scenario, but those that somebody has put in their place (see [`DomainTables::replaced`]) where
    /// the rows that are ours are `known`.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn delete(
        &self,
        connection: &mut PgConnection,
        own: &ScenarioFilter<'_>,
        known: Option<&Filled>,
    ) -> Result<()> {
        let sql: Vec<String> = self
            .tables
            .iter()
            .map(|(table, target)| {
                let foreign = known.and_then(|filled| foreign(*table, target, filled));
                let ours = foreign.map_or_else(String::new, |foreign| format!(" AND NOT ({foreign})"));
                let condition = own.condition(*table, target);
                format!("DELETE FROM {} t WHERE {condition}{ours};", alone(target))
            })
            .collect();
        execute(connection, &sql.concat()).await.map_err(|error| error.context("removing the earlier rows"))
    }
}

/// The condition that the row `t` of a table is none of ours, though it has the key of one. None where a key is made of
/// those of other rows and nothing says when it was made: then it means the same, whoever wrote it.
fn foreign(table: &dyn Table, target: &catalog::Table, filled: &Filled) -> Option<String> {
    match table.info().key {
        ["id"] => Some(filled.foreign(target)),
        _ => filled.foreign_by_creation(target),
    }
}

/// The condition that the row `t` is in a table `stage`, by these columns.
fn is_in(stage: &str, columns: &[String]) -> String {
    let same = columns.iter().map(|column| quote_identifier(column));
    let same: Vec<String> = same.map(|column| format!("s.{column} = t.{column}")).collect();
    format!("EXISTS (SELECT FROM {stage} s WHERE {})", same.join(" AND "))
}

/// A question after rows that refer to others which are to go.
struct Probe<'a> {
    key: &'a ForeignKey,
    /// The table that is referred to.
    parent: String,
    /// The condition that its row `t` goes.
    goes: String,
    /// The condition that a row `t` that refers goes as well.
    is_own: String,
}

impl Probe<'_> {
    /// What counts them; where the role may not see them all, what counts the rows that are to go.
    fn sql(&self, is_hidden: bool) -> String {
        let Self { key, parent, goes, is_own } = self;
        let told = format!("{}, {}", quote_literal(&key.from_name), quote_literal(&key.columns.join(", ")));
        if is_hidden {
            return format!("SELECT {told}, NULL::bigint FROM {parent} t WHERE {goes} HAVING count(*) > 0");
        }
        let pairs = key.columns.iter().zip(&key.to_columns);
        let pairs: Vec<String> = pairs
            .map(|(own, to)| format!("t.{} = c.{}", quote_identifier(to), quote_identifier(own)))
            .collect();
        format!(
            "SELECT {told}, count(*) FROM (SELECT t.* FROM {} t WHERE NOT ({is_own})) c
             WHERE EXISTS (SELECT FROM {parent} t WHERE {} AND {goes}) HAVING count(*) > 0",
            key.from_name,
            pairs.join(" AND ")
        )
    }
}

/// What these questions find.
async fn held(
    connection: &mut PgConnection,
    schema: &Schema,
    probes: &[Probe<'_>],
) -> Result<Vec<Dependent>> {
    let sql = |probe: &Probe<'_>| {
        let table = schema.table(probe.key.from);
        let is_hidden = table.is_some_and(|table| !table.may_select || !table.shows_all(&schema.server));
        // What is only refused to be left behind the server tells by itself.
        (!is_hidden || probe.key.reaches_on_delete()).then(|| probe.sql(is_hidden))
    };
    let queries: Vec<String> = probes.iter().filter_map(sql).collect();
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    let rows = fetch(connection, &queries.join(" UNION ALL ")).await?;
    rows.iter()
        .map(|row| {
            let get = |at| row.try_get(at).map_err(error);
            Ok(Dependent { table: get(0)?, column: get(1)?, rows: row.try_get(2).map_err(error)? })
        })
        .collect()
}

/// Numbers of rows by table, as these queries tell them.
async fn by_table(connection: &mut PgConnection, queries: Vec<String>) -> Result<Vec<(String, i64)>> {
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    let rows = fetch(connection, &queries.join(" UNION ALL ")).await?;
    rows.iter().map(|row| Ok((row.try_get(0).map_err(error)?, row.try_get(1).map_err(error)?))).collect()
}

/// `1 of tasks, 2 of contacts`.
pub fn told(rows: &[(String, i64)]) -> String {
    rows.iter().map(|(table, rows)| format!("{rows} of {table}")).collect::<Vec<_>>().join(", ")
}

/// Refuses to remove what others hold on to.
///
/// # Errors
/// Names them.
pub fn refuse_held(scenario: &str, holds: &[Dependent]) -> Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    let one = |Dependent { table, column, rows }: &Dependent| match rows {
        Some(rows) => format!("{rows} of {table} (by {column})"),
        None => format!("an unknown number of {table} (by {column}), which this role may not all see"),
    };
    let holds: Vec<String> = holds.iter().map(one).collect();
    Err(Error::refused(format!(
        "rows that are not scenario {scenario}'s hold on to rows of it: {}",
        holds.join(", ")
    ))
    .with_hint("nothing was changed; delete those rows first"))
}

/// Refuses to replace rows that somebody has put in the place of a scenario's.
///
/// # Errors
/// Names them.
pub fn refuse_replaced(scenario: &str, replaced: &[(String, i64)]) -> Result<()> {
    if replaced.is_empty() {
        return Ok(());
    }
    Err(Error::refused(format!(
        "rows of scenario {scenario} were replaced by others with their ids: {}",
        told(replaced)
    ))
    .with_hint("nothing was changed; --yes takes those for the scenario's"))
}

/// Refuses to write over rows that have keys of a scenario's new rows.
///
/// # Errors
/// Names them.
pub fn refuse_taken(taken: &[(String, i64)]) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    Err(Error::refused(format!("rows that are no scenario's have the ids of its new rows: {}", told(taken)))
        .with_hint("nothing was changed; give those rows other ids, or delete them"))
}

/// Rows that are on their way into the place of an earlier copy to which others hold on: they are sent
/// into temporary tables, and laid over the earlier rows from there.
pub struct Staged {
    tables: Vec<StagedTable>,
}

struct StagedTable {
    target: String,
    stage: String,
    columns: Vec<String>,
    key: Vec<String>,
    condition: String,
}

impl Staged {
    /// Makes the temporary tables and turns `plan` to them. Only explicit rows may be planned.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn begin(
        connection: &mut PgConnection,
        plan: &mut Plan,
        places: &DomainTables<'_>,
        owns: &[ScenarioFilter<'_>],
    ) -> Result<Self> {
        let mut staged = Self { tables: Vec::new() };
        for table in &mut plan.tables {
            let place = places.tables.iter().find(|(_, target)| Some(target.oid) == table.oid());
            let condition =
                |own: &ScenarioFilter<'_>| place.map(|(domain, target)| own.condition(*domain, target));
            let conditions: Vec<String> = owns.iter().filter_map(condition).collect();
            let stage = format!("pg_temp.{}", quote_identifier(&format!("crm_seed_{}", table.name())));
            let target = std::mem::replace(&mut table.heading.table, stage.clone());
            let columns: Vec<String> = table.heading.columns.iter().map(|c| quote_identifier(c)).collect();
            let sql = format!(
                "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {target} LIMIT 0",
                &stage["pg_temp.".len()..],
                columns.join(", ")
            );
            execute(connection, &sql).await?;
            staged.tables.push(StagedTable {
                target,
                stage,
                columns,
                key: table.key().to_vec(),
                condition: if conditions.is_empty() { "false".into() } else { conditions.join(" OR ") },
            });
        }
        Ok(staged)
    }

    fn of(&self, target: &str) -> Option<&StagedTable> {
        self.tables.iter().find(|staged| staged.target == target)
    }

    /// Rows that have the key of one that is to come, and are no scenario's: they would be written over.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn in_the_way(&self, connection: &mut PgConnection) -> Result<Vec<(String, i64)>> {
        let probe = |staged: &StagedTable| {
            let told = quote_literal(&staged.target);
            format!(
                "SELECT {told}, count(*) FROM {} t WHERE {} AND NOT ({}) HAVING count(*) > 0",
                staged.target,
                staged.has(),
                staged.condition
            )
        };
        by_table(connection, self.tables.iter().map(probe).collect()).await
    }

    /// Lays the rows over the earlier ones, and deletes those that are no longer in the scenario, on which
    /// nobody may hold (see [`DomainTables::holds`]).
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn finish(self, connection: &mut PgConnection, plan: &mut Plan) -> Result<()> {
        for staged in self.tables.iter().rev() {
            let sql = format!(
                "DELETE FROM {} t WHERE ({}) AND NOT {}",
                staged.target,
                staged.condition,
                staged.has()
            );
            execute(connection, &sql)
                .await
                .map_err(|error| error.context("removing rows that left the scenario"))?;
        }
        for (staged, table) in self.tables.iter().zip(&mut plan.tables) {
            execute(connection, &staged.upsert())
                .await
                .map_err(|error| error.context("replacing the earlier rows"))?;
            table.heading.table.clone_from(&staged.target);
        }
        Ok(())
    }
}

impl StagedTable {
    /// The row `t` has the key of one that is to come.
    fn has(&self) -> String {
        is_in(&self.stage, &self.key)
    }

    fn upsert(&self) -> String {
        let columns = self.columns.join(", ");
        let is_key = |column: &&String| self.key.iter().any(|key| quote_identifier(key) == **column);
        let set: Vec<String> = self
            .columns
            .iter()
            .filter(|column| !is_key(column))
            .map(|column| format!("{column} = EXCLUDED.{column}"))
            .collect();
        let action = if set.is_empty() { "NOTHING".into() } else { format!("UPDATE SET {}", set.join(", ")) };
        format!(
            "INSERT INTO {} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {} ON CONFLICT ({}) DO {action}",
            self.target,
            self.stage,
            self.key.join(", ")
        )
    }
}

/// The keys of rows that are to go, in temporary tables.
pub struct StagedKeys {
    /// Children first.
    tables: Vec<KeyTable>,
}

struct KeyTable {
    oid: u32,
    target: String,
    stage: String,
    key: Vec<String>,
    /// The key, and when the row was made: an app's row may have got the key of one that is gone.
    columns: Vec<String>,
    /// The condition that the row `t` is none of ours.
    foreign: String,
}

impl KeyTable {
    /// The row `t` is among the keys, and ours.
    fn has(&self) -> String {
        format!("({} AND NOT ({}))", is_in(&self.stage, &self.columns), self.foreign)
    }

    /// The row `t` has one of the keys.
    fn has_key(&self) -> String {
        is_in(&self.stage, &self.key)
    }
}

impl StagedKeys {
    /// Makes the temporary tables and turns `plan` to them, and to nothing but keys.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn begin(
        connection: &mut PgConnection,
        plan: &mut Plan,
        schema: &Schema,
        filled: &Filled,
    ) -> Result<Self> {
        plan.keep_keys();
        let mut tables = Vec::new();
        for table in &mut plan.tables {
            let stage = quote_identifier(&format!("crm_seed_{}", table.name()));
            let target = std::mem::replace(&mut table.heading.table, format!("pg_temp.{stage}"));
            let sql = format!(
                "CREATE TEMPORARY TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM {target} LIMIT 0;
                 CREATE UNIQUE INDEX ON {stage} ({columns})",
                columns = table.heading.columns.join(", ")
            );
            execute(connection, &sql).await?;
            let oid = table.target.as_ref().map_or(0, |target| target.oid);
            let (key, columns) = (table.key().to_vec(), table.heading.columns.clone());
            let domain = table.domain_table();
            let foreign =
                domain.zip(schema.table(oid)).and_then(|(domain, own)| foreign(domain, own, filled));
            let foreign = foreign.unwrap_or_else(|| "false".into());
            let stage = table.heading.table.clone();
            tables.push(KeyTable { oid, target, stage, key, columns, foreign });
        }
        tables.reverse();
        Ok(Self { tables })
    }

    /// Who holds on to the rows: others whose foreign key leads to one of them.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn holds(&self, connection: &mut PgConnection, schema: &Schema) -> Result<Vec<Dependent>> {
        let probe = |key| {
            let key: &ForeignKey = key;
            let parent = self.tables.iter().find(|table| table.oid == key.to)?;
            let own = self.tables.iter().find(|table| table.oid == key.from);
            let is_own = own.map_or_else(|| "false".into(), KeyTable::has);
            Some(Probe { key, parent: parent.target.clone(), goes: parent.has(), is_own })
        };
        let probes: Vec<Probe<'_>> = schema.foreign_keys.iter().filter_map(probe).collect();
        held(connection, schema, &probes).await
    }

    /// How many rows have one of the keys and are none of ours: somebody put them in the place of one.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn replaced(&self, connection: &mut PgConnection) -> Result<Vec<(String, i64)>> {
        let probe = |table: &KeyTable| {
            let (told, target) = (quote_literal(&table.target), &table.target);
            format!(
                "SELECT {told}, count(*) FROM {target} t WHERE {} AND NOT {} HAVING count(*) > 0",
                table.has_key(),
                table.has()
            )
        };
        by_table(connection, self.tables.iter().map(probe).collect()).await
    }

    /// Deletes the rows and tells how many there were.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn delete(self, connection: &mut PgConnection) -> Result<u64> {
        let mut deleted = 0;
        for table in &self.tables {
            let sql = format!(
                "WITH gone AS (DELETE FROM {} t WHERE {} RETURNING 1) SELECT count(*) FROM gone",
                table.target,
                table.has()
            );
            let rows = fetch(connection, &sql).await?;
            deleted +=
                rows.first().map_or(Ok(0), |row| row.try_get::<i64, _>(0).map_err(error))?.unsigned_abs();
        }
        Ok(deleted)
    }
}
