//! Scenario, schema and seed to what will be done: the tables in dependency order, their rows,
//! and for each column of the target where its value comes from. Pure: no I/O.
//!
//! What of the target is the domain's, and how the rest is filled, is decided in [`crate::infer`]; a table
//! that is the domain's column by column is made by the domain itself.

mod of_member;
mod print;

use std::ops::Range;
use std::sync::Arc;

use crate::catalog::Schema;
use crate::domain::table::{Source, Table};
use crate::domain::world::World;
use crate::domain::{TABLES, explicit};
use crate::error::Result;
use crate::infer::build::{self, Built};
use crate::infer::extra::There;
use crate::infer::member::Adapted;
use crate::infer::probe;
use crate::infer::rows::value_of;
use crate::infer::source::AdaptedSource;
use crate::infer::wishes::Wishes;
use crate::run::handles::InTarget;
use crate::sink::encode::Heading;
use crate::sqlexpr::value::Value;
use crate::value::{Batch, Cell};
use of_member::{late_plan, member_plan};

/// What will be done.
pub struct Plan {
    /// The tables that are filled, parents first.
    pub tables: Vec<TablePlan>,
    /// Columns that are written only after all rows are there: references that lead in a circle.
    pub late: Vec<TablePlan>,
    /// Tables that are not filled, and might be expected to be.
    pub skipped: Vec<Skipped>,
    /// Foreign keys that are made to wait until the end of the transaction: table and name.
    pub loosened: Vec<(String, String)>,
    /// Some foreign keys wait until then.
    pub defers: bool,
    /// What else is to be said.
    pub notes: Vec<String>,
    /// How rows are made that the domain does not make alone.
    adapted: Option<Arc<Adapted>>,
}

/// A table that is not filled.
#[derive(Debug)]
pub struct Skipped {
    /// Its name, in the domain or in the target.
    pub table: String,
    /// Why.
    pub why: String,
}

/// What happens to one table.
pub struct TablePlan {
    /// The table of the domain, and its position there.
    domain: Option<(&'static dyn Table, usize)>,
    /// How its rows are made where the domain does not make them alone.
    member: Option<(Arc<Adapted>, usize)>,
    name: String,
    /// Why it is filled.
    pub why: String,
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
    /// The columns of its key, in the target.
    key: Vec<String>,
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
#[derive(Clone, Debug)]
pub enum ValueSource {
    /// The domain's column at this position, which makes it so.
    Domain {
        /// Position among the table's columns.
        position: usize,
        /// How, in a line.
        about: &'static str,
    },
    /// This step of the table's [`Member`](crate::infer::member::Member).
    Adapted {
        /// Which step; `None` for NULL, as it is written later.
        step: Option<usize>,
        /// What it is, in a word.
        kind: &'static str,
        /// How, in a line.
        about: String,
    },
}

impl ValueSource {
    /// How, in a line.
    pub fn about(&self) -> &str {
        match self {
            Self::Domain { about, .. } => about,
            Self::Adapted { about, .. } => about,
        }
    }

    /// What it is, in a word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Domain { .. } => "domain",
            Self::Adapted { kind, .. } => kind,
        }
    }
}

/// A column that is not written.
#[derive(Debug)]
pub struct LeftOut {
    /// Its name.
    pub column: String,
    /// Why.
    pub why: String,
}

impl TablePlan {
    /// Its name: in the domain, or that of the target.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a table of the domain.
    pub const fn is_domain(&self) -> bool {
        self.domain.is_some()
    }

    /// Whether the domain makes its rows alone, with the keys that the domain has.
    pub fn is_plain(&self) -> bool {
        self.member.is_none()
    }

    /// Its oid in the target.
    pub fn oid(&self) -> Option<u32> {
        self.target.as_ref().map(|target| target.oid)
    }

    /// Its primary key, as the target calls it.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// How many rows of either kind.
    pub const fn all_rows(&self) -> u64 {
        self.rows + self.explicit
    }

    /// Fills `batch` with the explicit rows `ordinals`.
    pub fn fill_explicit(&self, world: &World, ordinals: Range<u64>, batch: &mut Batch) {
        batch.reset(self.columns.len());
        let Some((table, position)) = self.domain else { return };
        let rows = &world.explicit_of(position)[ordinals.start as usize..ordinals.end as usize];
        let Some((adapted, member)) = &self.member else {
            for made in rows {
                for column in &self.columns {
                    if let ValueSource::Domain { position, .. } = column.source {
                        made.values[position].put(batch);
                    }
                }
            }
            return;
        };
        let mut source = AdaptedSource::new(adapted, world, *member, self.steps());
        let mut own = Batch::default();
        for made in rows {
            own.reset(made.values.len());
            made.values.iter().for_each(|value| value.put(&mut own));
            let mut known: Vec<Value> =
                own.rows().next().unwrap_or_default().iter().map(|cell| value_of(&own, *cell)).collect();
            let beyond = table.beyond();
            known.extend(beyond.iter().map(|info| explicit::beyond(world, made, info.name).into()));
            source.put_given(known, batch);
        }
    }

    /// Id and `created_at` (in seconds since 1970-01-01 UTC) of a base row.
    pub fn born(&self, world: &World, ordinal: u64) -> (i64, i64) {
        let Some((table, _)) = self.domain else { return (0, 0) };
        let known = table.columns();
        let position = |name| known.iter().position(|column| column.name == name);
        let wanted: Vec<usize> = ["id", "created_at"].into_iter().filter_map(position).collect();
        let mut batch = Batch::default();
        table.source(world, &wanted).fill(ordinal..ordinal + 1, &mut batch);
        match batch.rows().next() {
            Some([Cell::Int(id), Cell::Timestamp(made)]) => (*id, *made),
            _ => (0, 0),
        }
    }

    /// A maker of its base rows.
    pub fn source(&self, world: &World) -> Box<dyn Source> {
        if let Some((adapted, member)) = &self.member {
            return Box::new(AdaptedSource::new(adapted, world, *member, self.steps()));
        }
        let position = |column: &ColumnPlan| match column.source {
            ValueSource::Domain { position, .. } => Some(position),
            ValueSource::Adapted { .. } => None,
        };
        let wanted: Vec<usize> = self.columns.iter().filter_map(position).collect();
        match self.domain {
            Some((table, _)) => table.source(world, &wanted),
            None => unreachable!("a table that the domain does not know has a member"),
        }
    }

    /// The steps of its columns.
    fn steps(&self) -> Vec<Option<usize>> {
        let step = |column: &ColumnPlan| match column.source {
            ValueSource::Adapted { step, .. } => step,
            ValueSource::Domain { .. } => None,
        };
        self.columns.iter().map(step).collect()
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
            domain_plan(number, table.info().name.to_owned(), columns.collect(), world)
        });
        Self::of_tables(tables.collect())
    }

    /// These tables alone.
    pub fn of_tables(tables: Vec<TablePlan>) -> Self {
        Self {
            tables,
            late: Vec::new(),
            skipped: Vec::new(),
            loosened: Vec::new(),
            defers: false,
            notes: Vec::new(),
            adapted: None,
        }
    }

    /// What can be done to the target, as the user wishes, beside the rows of others that are there.
    ///
    /// # Errors
    /// No table of ours; a column that must have a value and that nobody can fill; a row that a constraint
    /// would refuse.
    pub fn of_target(world: &World, schema: &Schema, wishes: &Wishes, there: &There) -> Result<Self> {
        let built = build::build(world, schema, wishes, there)?;
        probe::probe(&built.adapted, world, schema)?;
        let Built { adapted, order, missing, refused, notes } = built;
        let mut skipped: Vec<Skipped> = missing
            .into_iter()
            .map(|table| Skipped { table: table.to_owned(), why: "the target has no such table".into() })
            .collect();
        skipped.extend(refused.into_iter().map(|refused| Skipped { table: refused.table, why: refused.why }));
        let mut maker = None;
        let tables =
            order.tables.iter().map(|member| member_plan(&adapted, *member, world, schema, &mut maker));
        let tables: Vec<TablePlan> = tables.collect();
        let late = order
            .tables
            .iter()
            .zip(&tables)
            .filter_map(|(member, table)| late_plan(&adapted, *member, table));
        Ok(Self {
            late: late.collect(),
            tables,
            skipped,
            loosened: order.loosened,
            defers: order.defers,
            notes,
            adapted: Some(adapted),
        })
    }

    /// The name and key in the target of a row of a domain's table; `None` where they are the same.
    pub fn in_target(&self, table: &str, key: &[(&str, i64)]) -> Option<InTarget> {
        let planned = self.tables.iter().find(|planned| planned.is_domain() && planned.name() == table)?;
        let adapted = self.adapted.as_ref()?;
        let info = planned.domain?.0;
        let of = |name: &str| {
            let found = adapted
                .members
                .iter()
                .find(|member| member.domain.is_some_and(|d| TABLES[d].info().name == name));
            found.and_then(|member| member.key.as_ref()).map(|(_, form)| form)
        };
        let value = |(column, number): &(&str, i64)| {
            let known = info.columns().into_iter().find(|known| known.name == *column);
            let table = known.and_then(|known| known.holds.refers_to).unwrap_or(table);
            let number = u64::try_from(*number).unwrap_or_default();
            of(table).map_or_else(|| number.into(), |form| crate::infer::shape::to_json(&form.value(number)))
        };
        let name = adapted
            .members
            .iter()
            .find(|member| Some(member.oid) == planned.target.as_ref().map(|t| t.oid))?;
        let same = name.name == table && planned.key.iter().zip(key).all(|(own, (column, _))| own == column);
        let written: Vec<(String, serde_json::Value)> =
            planned.key.iter().cloned().zip(key.iter().map(value)).collect();
        let same = same && written.iter().all(|(_, value)| value.is_number());
        (!same && written.len() == key.len()).then(|| (name.name.clone(), written))
    }

    /// Whether the domain's tables and keys are those of the domain, as explicit rows that stand beside others
    /// need it: the first that is not.
    pub fn foreign(&self) -> Option<&TablePlan> {
        self.tables.iter().filter(|table| table.is_domain()).find(|table| {
            let info = table.domain.map(|(domain, _)| domain.info());
            let types = ["bigint", "integer"];
            let has = |key: &&str| {
                table
                    .columns
                    .iter()
                    .any(|column| column.name == **key && types.contains(&column.type_name.as_str()))
            };
            let is_called = crate::sql::quote_identifier(table.name());
            let bare = table.heading.table.rsplit('.').next().unwrap_or_default();
            bare != is_called || !info.is_some_and(|info| info.key.iter().all(has))
        })
    }

    /// The oids of the tables in the target.
    pub fn oids(&self) -> Vec<u32> {
        self.tables.iter().filter_map(TablePlan::oid).collect()
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
        self.tables.retain(|table| {
            table.is_domain() && table.key().iter().all(|key| table.columns.iter().any(|c| c.name == *key))
        });
        for table in &mut self.tables {
            let key = table.key.clone();
            let stays = |column: &str| key.iter().any(|key| key == column) || column == "created_at";
            table.columns.retain(|column| stays(&column.name));
            table.heading.columns.retain(|column| stays(column));
        }
    }

    /// Leaves the base rows out: they are there already.
    pub fn keep_base(&mut self) {
        for table in self.tables.iter_mut().chain(&mut self.late) {
            table.rows = 0;
        }
    }
}

fn domain_plan(position: usize, name: String, columns: Vec<ColumnPlan>, world: &World) -> TablePlan {
    let table = TABLES[position];
    let names = columns.iter().map(|column| column.name.clone()).collect();
    let info = table.info();
    TablePlan {
        domain: Some((table, position)),
        member: None,
        name: info.name.to_owned(),
        why: info.about.to_owned(),
        heading: Heading { table: name, columns: names },
        columns,
        left_out: Vec::new(),
        rows: table.rows(world),
        explicit: world.explicit_of(position).len() as u64,
        target: None,
        key: info.key.iter().map(|key| (*key).to_owned()).collect(),
    }
}
