//! What a table of the domain is: rows that can be made from anywhere, and columns as data.

use std::marker::PhantomData;
use std::ops::Range;

use crate::domain::dataset::{Dataset, Numbering};
use crate::random::{Slot, Stream};
use crate::value::{Batch, Kind};

/// What a table is called and what it hangs on.
#[derive(Debug)]
pub struct TableInfo {
    /// Name in the database.
    pub name: &'static str,
    /// A line for people.
    pub about: &'static str,
    /// Tables whose rows its rows belong to: without them it makes no sense.
    pub needs: &'static [&'static str],
    /// Columns of the primary key.
    pub key: &'static [&'static str],
    /// What its rows are numbered by.
    pub numbering: Numbering,
    /// The populations that share the table, each with streams of its own. A table of one
    /// population names itself.
    pub populations: &'static [&'static str],
}

/// Which row it is: what its random numbers hang on, whatever else is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowKey {
    /// Position in [`TableInfo::populations`].
    pub population: usize,
    /// Index of the row, or of the parent of which it is a child.
    pub index: u64,
    /// Which child of that parent; `None` for a row that stands alone.
    pub child: Option<u64>,
}

impl RowKey {
    /// A row that stands alone.
    pub const fn of(index: u64) -> Self {
        Self { population: 0, index, child: None }
    }

    /// The `child`th child of `index`.
    pub const fn child_of(index: u64, child: u64) -> Self {
        Self { population: 0, index, child: Some(child) }
    }
}

enum Put<R: 'static> {
    Derived(fn(&R, &mut Batch)),
    Drawn(fn(&R, Slot, &mut Batch)),
}

/// A column: its name, what it holds, how its value is made.
pub struct Column<R: 'static> {
    name: &'static str,
    holds: ColumnSpec,
    about: &'static str,
    put: Put<R>,
}

/// What a column holds: its kind, and of the bundled schema's constraints those that one value can
/// break. What people write in scenario files is held to them.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSpec {
    pub kind: Kind,
    /// NULL is not allowed.
    pub not_null: bool,
    /// A row makes no sense unless this is given.
    pub needed: bool,
    /// The only values; empty where any will do.
    pub labels: &'static [&'static str],
    /// Least and most, in the unit of the kind: whole numbers, or hundredths.
    pub range: Option<(i64, i64)>,
    /// The table of whose rows it is a key.
    pub refers_to: Option<&'static str>,
}

/// Any true or false.
pub const BOOL: ColumnSpec = ColumnSpec::any(Kind::Bool);
/// Any whole number.
pub const INT: ColumnSpec = ColumnSpec::any(Kind::Int);
/// Any number with two decimals.
pub const DECIMAL: ColumnSpec = ColumnSpec::any(Kind::Decimal);
/// Any text.
pub const TEXT: ColumnSpec = ColumnSpec::any(Kind::Text);
/// Any JSON document.
pub const JSON: ColumnSpec = ColumnSpec::any(Kind::Json);
/// Any day.
pub const DATE: ColumnSpec = ColumnSpec::any(Kind::Date);
/// Any moment.
pub const TIMESTAMP: ColumnSpec = ColumnSpec::any(Kind::Timestamp);

impl ColumnSpec {
    const fn any(kind: Kind) -> Self {
        Self { kind, not_null: false, needed: false, labels: &[], range: None, refers_to: None }
    }

    /// The same, and never NULL.
    #[must_use]
    pub const fn not_null(self) -> Self {
        Self { not_null: true, ..self }
    }

    /// The same, without which a row makes no sense.
    #[must_use]
    pub const fn needed(self) -> Self {
        Self { needed: true, not_null: true, ..self }
    }

    /// The same, with these values only.
    #[must_use]
    pub const fn one_of(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    /// The same, from `least` to `most`, in the unit of its kind.
    #[must_use]
    pub const fn within(self, least: i64, most: i64) -> Self {
        Self { range: Some((least, most)), ..self }
    }

    /// The same, a key of `table`.
    #[must_use]
    pub const fn refers_to(self, table: &'static str) -> Self {
        Self { refers_to: Some(table), ..self }
    }
}

impl<R> Column<R> {
    /// A column that follows from the row.
    pub const fn derived(
        name: &'static str,
        holds: ColumnSpec,
        about: &'static str,
        put: fn(&R, &mut Batch),
    ) -> Self {
        Self { name, holds, about, put: Put::Derived(put) }
    }

    /// A column that draws its value from its own stream.
    pub const fn drawn(
        name: &'static str,
        holds: ColumnSpec,
        about: &'static str,
        put: fn(&R, Slot, &mut Batch),
    ) -> Self {
        Self { name, holds, about, put: Put::Drawn(put) }
    }
}

/// What others may know of a column.
#[derive(Clone, Copy, Debug)]
pub struct ColumnInfo {
    /// Name in the database.
    pub name: &'static str,
    /// Type, range and constraints of its values.
    pub holds: ColumnSpec,
    /// How its value is made, in a line.
    pub about: &'static str,
}

/// The rows of a table: how to find the first and how to go on.
pub trait Entity: Send + Sized + 'static {
    /// A row with all that its columns need.
    type Row;
    /// Name, key and parents of the table.
    const TABLE: TableInfo;
    /// Its columns, in the order of the bundled schema.
    const COLUMNS: &'static [Column<Self::Row>];
    /// What the domain knows besides, and the bundled schema has no column for.
    const VIRTUAL_COLUMNS: &'static [Column<Self::Row>] = &[];

    /// A reader of the rows of `dataset`.
    fn new(dataset: &Dataset) -> Self;
    fn rows(&mut self) -> u64;
    /// Makes the `ordinal`th row the next one.
    fn seek(&mut self, ordinal: u64);
    /// The next row. Not called past the last one.
    fn next_row(&mut self) -> (RowKey, Self::Row);
}

/// A table of the domain, whatever its rows are.
pub trait Table: Send + Sync {
    /// Name, key and parents of the table.
    fn info(&self) -> &'static TableInfo;
    /// All columns, in the order in which they are written.
    fn columns(&self) -> Vec<ColumnInfo>;
    /// What it knows besides its columns; their positions go on from those.
    fn virtual_columns(&self) -> Vec<ColumnInfo>;
    /// How many rows it has in `dataset`.
    fn rows(&self, dataset: &Dataset) -> u64;
    /// A maker of its rows, with the columns at the positions `wanted`.
    fn source(&self, dataset: &Dataset, wanted: &[usize]) -> Box<dyn Source>;
}

/// Makes any range of rows of a table.
pub trait Source: Send {
    /// Fills `batch` with the rows `ordinals`.
    fn fill(&mut self, ordinals: Range<u64>, batch: &mut Batch);
}

/// An [`Entity`] as a [`Table`].
pub struct Of<E>(PhantomData<fn() -> E>);

#[expect(clippy::new_without_default, reason = "made in statics only, where Default cannot be called")]
impl<E: Entity> Of<E> {
    /// The table of `E`.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Entity> Table for Of<E> {
    fn info(&self) -> &'static TableInfo {
        const { &E::TABLE }
    }

    fn columns(&self) -> Vec<ColumnInfo> {
        infos(E::COLUMNS)
    }

    fn virtual_columns(&self) -> Vec<ColumnInfo> {
        infos(E::VIRTUAL_COLUMNS)
    }

    fn rows(&self, dataset: &Dataset) -> u64 {
        E::new(dataset).rows()
    }

    fn source(&self, dataset: &Dataset, wanted: &[usize]) -> Box<dyn Source> {
        let columns = wanted.iter().map(|&i| {
            let column = E::COLUMNS.get(i).unwrap_or_else(|| &E::VIRTUAL_COLUMNS[i - E::COLUMNS.len()]);
            match column.put {
                Put::Derived(put) => Maker::Derived(put),
                Put::Drawn(put) => Maker::Drawn {
                    streams: E::TABLE
                        .populations
                        .iter()
                        .map(|population| Stream::new(dataset.seed, population, column.name))
                        .collect(),
                    put,
                },
            }
        });
        Box::new(Rows { entity: E::new(dataset), columns: columns.collect() })
    }
}

fn infos<R>(columns: &[Column<R>]) -> Vec<ColumnInfo> {
    columns.iter().map(|c| ColumnInfo { name: c.name, holds: c.holds, about: c.about }).collect()
}

enum Maker<R: 'static> {
    Derived(fn(&R, &mut Batch)),
    Drawn { streams: Vec<Stream>, put: fn(&R, Slot, &mut Batch) },
}

struct Rows<E: Entity> {
    entity: E,
    columns: Vec<Maker<E::Row>>,
}

impl<E: Entity> Source for Rows<E> {
    fn fill(&mut self, ordinals: Range<u64>, batch: &mut Batch) {
        batch.reset(self.columns.len());
        self.entity.seek(ordinals.start);
        for _ in ordinals {
            let (key, row) = self.entity.next_row();
            for column in &mut self.columns {
                match column {
                    Maker::Derived(put) => put(&row, batch),
                    Maker::Drawn { streams, put } => {
                        let slot = streams[key.population].at(key.index);
                        let slot = key.child.map_or(slot, |child| slot.child(child));
                        put(&row, slot, batch);
                    }
                }
            }
        }
    }
}
