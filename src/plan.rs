//! Scenario, schema and seed to what will be done: the tables in dependency order, their rows,
//! and for each column of the target where its value comes from. Pure: no I/O.
//!
//! The seam for columns and tables that the domain does not know is [`ValueSource`]: a further
//! kind of source is a further variant.

use std::ops::Range;

use crate::crm::TABLES;
use crate::crm::table::{ColumnInfo, Source, Table};
use crate::crm::world::World;
use crate::encode::Heading;
use crate::error::{Error, Result};
use crate::schema::{self, Schema};
use crate::value::{Batch, Cell, Kind};

/// What will be done.
pub struct Plan {
    /// The tables that are filled, parents first.
    pub tables: Vec<TablePlan>,
    /// Tables of the domain that the target lacks.
    pub skipped: Vec<Skipped>,
}

/// A table that is not filled.
#[derive(Debug)]
pub struct Skipped {
    /// Its name in the domain.
    pub table: &'static str,
    /// Why.
    pub why: String,
}

/// What happens to one table.
pub struct TablePlan {
    table: &'static dyn Table,
    /// Its position in the domain.
    position: usize,
    /// Its name in the target, and the columns that are written.
    pub heading: Heading,
    /// Where each written column comes from.
    pub columns: Vec<ColumnPlan>,
    /// Columns that are not written, and why.
    pub left_out: Vec<LeftOut>,
    /// How many base rows.
    pub rows: u64,
    /// How many explicit rows.
    pub explicit: u64,
    /// The table in the target; `None` where files are written.
    pub target: Option<TargetTable>,
}

/// What the loader must know of a table in the target.
#[derive(Clone, Debug)]
pub struct TargetTable {
    /// Its oid.
    pub oid: u32,
    /// Row-level security applies to us.
    pub rls_applies: bool,
    /// Written columns that draw from a sequence when nothing is given.
    pub sequences: Vec<Sequence>,
}

/// A sequence that must stand behind the highest key.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// The column.
    pub column: String,
    /// The sequence, qualified and quoted.
    pub name: String,
    /// It may be restarted, which takes part in the transaction; else only set.
    pub owned: bool,
}

/// A column that is written.
#[derive(Debug)]
pub struct ColumnPlan {
    /// Its name.
    pub name: String,
    /// Its type in the target, or what it holds.
    pub type_name: String,
    /// Where its values come from.
    pub source: ValueSource,
}

/// Where the values of a column come from.
#[derive(Clone, Copy, Debug)]
pub enum ValueSource {
    /// The domain's column at this position, which makes it so.
    Domain {
        /// Position among the table's columns.
        position: usize,
        /// How, in a line.
        about: &'static str,
    },
}

/// A column that is not written.
#[derive(Debug)]
pub struct LeftOut {
    /// Its name.
    pub column: String,
    /// Why.
    pub why: &'static str,
}

impl TablePlan {
    /// Its name in the domain.
    pub fn name(&self) -> &'static str {
        self.table.info().name
    }

    /// Its primary key in the domain.
    pub fn key(&self) -> &'static [&'static str] {
        self.table.info().key
    }

    /// How many rows of either kind.
    pub const fn all_rows(&self) -> u64 {
        self.rows + self.explicit
    }

    /// Fills `batch` with the explicit rows `ordinals`.
    pub fn fill_explicit(&self, world: &World, ordinals: Range<u64>, batch: &mut Batch) {
        batch.reset(self.columns.len());
        let rows = world.explicit_of(self.position);
        for made in &rows[ordinals.start as usize..ordinals.end as usize] {
            for column in &self.columns {
                match column.source {
                    ValueSource::Domain { position, .. } => made.values[position].put(batch),
                }
            }
        }
    }

    /// Id and `created_at` (in seconds since 1970-01-01 UTC) of a base row.
    pub fn born(&self, world: &World, ordinal: u64) -> (i64, i64) {
        let known = self.table.columns();
        let position = |name| known.iter().position(|column| column.name == name);
        let wanted: Vec<usize> = ["id", "created_at"].into_iter().filter_map(position).collect();
        let mut batch = Batch::default();
        self.table.source(world, &wanted).fill(ordinal..ordinal + 1, &mut batch);
        match batch.rows().next() {
            Some([Cell::Int(id), Cell::Timestamp(made)]) => (*id, *made),
            _ => (0, 0),
        }
    }

    /// A maker of its base rows.
    pub fn source(&self, world: &World) -> Box<dyn Source> {
        let wanted: Vec<usize> = self
            .columns
            .iter()
            .map(|column| match column.source {
                ValueSource::Domain { position, .. } => position,
            })
            .collect();
        self.table.source(world, &wanted)
    }
}

impl Plan {
    /// Everything that the domain knows, for files.
    pub fn of_domain(world: &World) -> Self {
        let tables = TABLES.iter().enumerate().map(|(number, table)| {
            let columns = table.columns().into_iter().enumerate().map(|(position, column)| ColumnPlan {
                name: column.name.to_owned(),
                type_name: format!("{:?}", column.holds.kind).to_lowercase(),
                source: ValueSource::Domain { position, about: column.about },
            });
            table_plan(number, table.info().name.to_owned(), columns.collect(), world)
        });
        Self { tables: tables.collect(), skipped: Vec::new() }
    }

    /// What can be done to the target.
    ///
    /// # Errors
    /// No table of ours; a table missing that another needs; a column that must have a value
    /// and that nobody knows; a column of a type that its values do not fit.
    pub fn of_target(world: &World, schema: &Schema) -> Result<Self> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.info().name).collect();
        let home = schema.home(&names)?.unwrap_or_default();
        let found: Vec<(&'static dyn Table, Option<&schema::Table>)> =
            TABLES.iter().map(|table| (*table, schema.find(home, table.info().name))).collect();
        if found.iter().all(|(_, target)| target.is_none()) {
            return Err(Error::failed(format!(
                "database {} has none of the CRM's tables",
                schema.server.database
            ))
            .with_hint("create them with `crm-seed migrate up`"));
        }
        let mut plan = Self { tables: Vec::new(), skipped: Vec::new() };
        for (number, (table, target)) in found.iter().enumerate() {
            match target {
                Some(target) => plan.tables.push(fit(number, target, world, schema)?),
                None => plan.skipped.push(skip(table.info().name, &found)?),
            }
        }
        plan.tables = in_dependency_order(plan.tables, schema)?;
        Ok(plan)
    }

    /// Rows over all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(TablePlan::all_rows).sum()
    }

    /// Base rows over all tables.
    pub fn base_rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Writes keys and `created_at` alone, of the tables that have all the columns of their key.
    pub fn keep_keys(&mut self) {
        self.tables
            .retain(|table| table.key().iter().all(|key| table.columns.iter().any(|c| c.name == *key)));
        for table in &mut self.tables {
            let key = table.key();
            let stays = |column: &str| key.contains(&column) || column == "created_at";
            table.columns.retain(|column| stays(&column.name));
            table.heading.columns.retain(|column| stays(column));
        }
    }

    /// Leaves the base rows out: they are there already.
    pub fn keep_base(&mut self) {
        for table in &mut self.tables {
            table.rows = 0;
        }
    }
}

fn table_plan(position: usize, name: String, columns: Vec<ColumnPlan>, world: &World) -> TablePlan {
    let table = TABLES[position];
    let names = columns.iter().map(|column| column.name.clone()).collect();
    TablePlan {
        table,
        position,
        heading: Heading { table: name, columns: names },
        columns,
        left_out: Vec::new(),
        rows: table.rows(world),
        explicit: world.explicit_of(position).len() as u64,
        target: None,
    }
}

/// A missing table may be skipped unless a table that is there needs it.
fn skip(missing: &'static str, found: &[(&'static dyn Table, Option<&schema::Table>)]) -> Result<Skipped> {
    let needed_by =
        found.iter().find(|(table, target)| target.is_some() && table.info().needs.contains(&missing));
    match needed_by {
        Some((table, _)) => Err(Error::failed(format!(
            "the target has no table {missing}, which {} needs",
            table.info().name
        ))
        .with_hint("`crm-seed migrate status` shows which migrations are pending")),
        None => Ok(Skipped { table: missing, why: "the target has no such table".into() }),
    }
}

/// Matches the domain's columns with the target's.
fn fit(position: usize, target: &schema::Table, world: &World, schema: &Schema) -> Result<TablePlan> {
    let mut columns = Vec::new();
    let mut left_out = Vec::new();
    let mut sequences = Vec::new();
    let known = TABLES[position].columns();
    // In the domain's order, whatever the target's is: it decides the bytes and their digest.
    for (place, info) in known.iter().enumerate() {
        let mut leave = |why| left_out.push(LeftOut { column: info.name.to_owned(), why });
        let Some(column) = target.columns.iter().find(|column| column.name == info.name) else {
            leave("the target has no such column");
            continue;
        };
        if column.generated {
            leave("generated by the server");
            continue;
        }
        check_type(info, column, target)?;
        columns.push(ColumnPlan {
            name: column.name.clone(),
            type_name: column.type_name.clone(),
            source: ValueSource::Domain { position: place, about: info.about },
        });
        if let Some(name) = &column.sequence {
            sequences.push(Sequence {
                column: column.name.clone(),
                name: name.clone(),
                owned: column.owns_sequence,
            });
        }
    }
    for column in target.columns.iter().filter(|column| known.iter().all(|info| info.name != column.name)) {
        left_out.push(LeftOut { column: column.name.clone(), why: unknown(column, target)? });
    }
    let mut plan = table_plan(position, target.qualified(), columns, world);
    plan.left_out = left_out;
    plan.target =
        Some(TargetTable { oid: target.oid, rls_applies: target.rls_applies(&schema.server), sequences });
    Ok(plan)
}

/// Why a column that the domain does not know may stay as it is.
fn unknown(column: &schema::Column, table: &schema::Table) -> Result<&'static str> {
    match column {
        c if c.generated => Ok("generated by the server"),
        c if c.identity => Ok("unknown; numbered by the server"),
        c if c.has_default => Ok("unknown; its default applies"),
        c if !c.not_null => Ok("unknown; left NULL"),
        _ => Err(Error::failed(format!(
            "column {}.{} ({}) must have a value, and crm-seed does not know what to put there",
            table.name, column.name, column.type_name
        ))
        .with_hint("give the column a default, or let it be NULL")),
    }
}

/// Holds the kind of a known column to its type in the target.
fn check_type(known: &ColumnInfo, column: &schema::Column, table: &schema::Table) -> Result<()> {
    let text = matches!(column.base.as_str(), "text" | "varchar" | "bpchar" | "citext" | "name");
    let fits = match known.holds.kind {
        Kind::Bool => column.base == "bool",
        Kind::Int => matches!(column.base.as_str(), "int8" | "int4" | "int2" | "numeric"),
        Kind::Decimal => matches!(column.base.as_str(), "numeric" | "float8" | "float4" | "money"),
        Kind::Text => text || column.labels.is_some(),
        Kind::Json => text || matches!(column.base.as_str(), "json" | "jsonb"),
        Kind::Date | Kind::Timestamp => {
            text || matches!(column.base.as_str(), "date" | "timestamp" | "timestamptz")
        }
    };
    if fits {
        return Ok(());
    }
    Err(Error::failed(format!(
        "column {}.{} is {}, which the {} that crm-seed makes for it do not fit",
        table.name,
        column.name,
        column.type_name,
        match known.holds.kind {
            Kind::Bool => "true/false values",
            Kind::Int => "whole numbers",
            Kind::Decimal => "decimal numbers",
            Kind::Text => "texts",
            Kind::Json => "JSON documents",
            Kind::Date => "dates",
            Kind::Timestamp => "timestamps",
        }
    )))
}

/// Parents first; otherwise in the domain's order.
fn in_dependency_order(mut waiting: Vec<TablePlan>, schema: &Schema) -> Result<Vec<TablePlan>> {
    let oid = |table: &TablePlan| table.target.as_ref().map(|target| target.oid);
    let mut ordered: Vec<TablePlan> = Vec::new();
    while !waiting.is_empty() {
        let free = |table: &TablePlan| {
            schema.foreign_keys.iter().all(|key| {
                Some(key.from) != oid(table)
                    || key.to == key.from
                    || waiting.iter().all(|other| oid(other) != Some(key.to))
            })
        };
        let Some(next) = waiting.iter().position(free) else {
            let names: Vec<&str> = waiting.iter().map(|table| table.name()).collect();
            return Err(Error::failed(format!(
                "the foreign keys of {} form a cycle, so none of them can be filled first",
                names.join(", ")
            )));
        };
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

/// The plan in print: for `--dry-run`.
impl Plan {
    /// Keeps only the table called `name`.
    ///
    /// # Errors
    /// There is none: names those that there are.
    pub fn keep_only(&mut self, name: &str) -> Result<()> {
        let names: Vec<&str> = self.tables.iter().map(TablePlan::name).collect();
        if !names.contains(&name) {
            return Err(Error::usage(format!("there is no table {name}"))
                .with_hint(format!("there are {}", names.join(", "))));
        }
        self.tables.retain(|table| table.name() == name);
        Ok(())
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (i, table) in self.tables.iter().enumerate() {
            let spelled_out = match table.explicit {
                0 => String::new(),
                explicit => format!(", {explicit} of them explicit"),
            };
            out.push_str(&format!(
                "{}. {}  {} rows{spelled_out}\n",
                i + 1,
                table.heading.table,
                table.all_rows()
            ));
            let width = table.columns.iter().map(|c| c.name.len()).max().unwrap_or(0);
            let types = table.columns.iter().map(|c| c.type_name.len()).max().unwrap_or(0);
            for column in &table.columns {
                let ValueSource::Domain { about, .. } = column.source;
                out.push_str(&format!("   {:width$}  {:types$}  {about}\n", column.name, column.type_name));
            }
            for left in &table.left_out {
                out.push_str(&format!("   {:width$}  left out: {}\n", left.column, left.why));
            }
        }
        for skipped in &self.skipped {
            out.push_str(&format!("-  {}  skipped: {}\n", skipped.table, skipped.why));
        }
        out.push_str(&format!("{} rows in {} tables; nothing was changed\n", self.rows(), self.tables.len()));
        out
    }

    /// For machines.
    pub fn json(&self) -> serde_json::Value {
        use serde_json::{Value, json};
        let tables: Vec<Value> = self
            .tables
            .iter()
            .map(|table| {
                let columns = table.columns.iter().map(|column| {
                    let ValueSource::Domain { about, .. } = column.source;
                    json!({ "name": column.name, "type": column.type_name, "source": "domain", "about": about })
                });
                let left_out = table.left_out.iter().map(|l| json!({ "name": l.column, "why": l.why }));
                json!({
                    "name": table.name(),
                    "target": table.heading.table,
                    "rows": table.all_rows(),
                    "explicit": table.explicit,
                    "columns": columns.collect::<Vec<_>>(),
                    "left_out": left_out.collect::<Vec<_>>(),
                })
            })
            .collect();
        let skipped: Vec<Value> =
            self.skipped.iter().map(|s| json!({ "name": s.table, "why": s.why })).collect();
        json!({ "dry_run": true, "rows": self.rows(), "tables": tables, "skipped": skipped })
    }
}
