//! Which table refers to which: by foreign keys, and by columns that are called like a table.

use std::collections::{HashMap, HashSet};

use crate::catalog::Schema;
use crate::infer::names;
use crate::infer::recognition::evidence::TableEvidence;
use crate::infer::table_key::{called_like, is_required, is_same_type, main_key, own_key, who};

/// A reference.
#[derive(Debug)]
pub struct Edge {
    /// The table that has it.
    pub from: usize,
    /// Its column; of several the one that says which row is meant.
    pub column: String,
    /// The table that it leads to.
    pub to: usize,
    /// A foreign key says so.
    pub is_declared: bool,
    /// It cannot be NULL.
    pub is_required: bool,
}

/// All references of a target.
#[derive(Debug)]
pub struct Graph {
    edges: Vec<Edge>,
    from: Vec<Vec<usize>>,
    to: Vec<Vec<usize>>,
}

impl Graph {
    /// Of tables with this evidence.
    pub fn new(schema: &Schema, tables: &[TableEvidence<'_>]) -> Self {
        let mut edges = declared(schema);
        called(schema, tables, &mut edges);
        let (mut from, mut to) = (vec![Vec::new(); tables.len()], vec![Vec::new(); tables.len()]);
        for (at, edge) in edges.iter().enumerate() {
            from[edge.from].push(at);
            to[edge.to].push(at);
        }
        Self { edges, from, to }
    }

    /// What a table refers to.
    pub fn from(&self, table: usize) -> impl Iterator<Item = &Edge> {
        self.from[table].iter().map(|at| &self.edges[*at])
    }

    /// What refers to a table.
    pub fn to(&self, table: usize) -> impl Iterator<Item = &Edge> {
        self.to[table].iter().map(|at| &self.edges[*at])
    }

    /// Whether one table refers to another.
    pub fn leads(&self, from: usize, to: usize) -> bool {
        self.from(from).any(|edge| edge.to == to)
    }
}

fn declared(schema: &Schema) -> Vec<Edge> {
    let at: HashMap<u32, usize> =
        schema.tables.iter().enumerate().map(|(at, table)| (table.oid, at)).collect();
    let keys = schema.foreign_keys.iter();
    let edges = keys.filter_map(|key| {
        let (from, to) = (*at.get(&key.from)?, *at.get(&key.to)?);
        let column = who(schema, key)?.to_owned();
        let is_required = is_required(&schema.tables[from], key);
        Some(Edge { from, column, to, is_declared: true, is_required })
    });
    edges.collect()
}

/// The references of columns without a foreign key, called like a table of the same schema.
fn called(schema: &Schema, tables: &[TableEvidence<'_>], edges: &mut Vec<Edge>) {
    let mut named: HashMap<(&str, String), usize> = HashMap::new();
    for (at, evidence) in tables.iter().enumerate().filter(|(_, evidence)| evidence.table.is_fillable()) {
        let phrase = names::singular_phrase(&names::words(&evidence.name));
        named.entry((&evidence.table.schema, phrase)).or_insert(at);
    }
    let declared: HashSet<(u32, &String)> =
        schema.foreign_keys.iter().flat_map(|key| key.columns.iter().map(|own| (key.from, own))).collect();
    let mut found = Vec::new();
    for (from, evidence) in tables.iter().enumerate().filter(|(_, evidence)| evidence.table.is_fillable()) {
        let own = own_key(evidence.table).map(|key| &key.name);
        for column in &evidence.columns {
            let name = &column.column.name;
            let is_declared = declared.contains(&(evidence.table.oid, name));
            let base = called_like(column.column, &column.words);
            let Some(base) = base.filter(|_| !is_declared && own != Some(name)) else { continue };
            let base: Vec<String> = base.iter().map(|word| names::singular(word)).collect();
            let to = ends(&base).find_map(|end| named.get(&(&evidence.table.schema, end)).copied());
            let Some(to) = to.filter(|to| *to != from) else { continue };
            let key = main_key(schema, tables[to].table);
            if key.is_some_and(|key| is_same_type(column.column, key)) {
                let is_required = column.column.not_null;
                found.push(Edge { from, column: name.clone(), to, is_declared: false, is_required });
            }
        }
    }
    edges.extend(found);
}

/// `billing account`, then `account`.
fn ends(base: &[String]) -> impl Iterator<Item = String> {
    (0..base.len()).map(|at| base[at..].join(" "))
}
