//! Columns of keys and indexes.

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, NameLike};

use crate::migrate::lint::names::Name;
use crate::migrate::lint::schema::Unique;

/// The columns of a UNIQUE or PRIMARY KEY, under the name that is given or that PostgreSQL would give.
pub fn unique(
    table: &Name,
    given: Option<String>,
    parameters: Option<ast::IndexParameters>,
    is_key: bool,
) -> Option<Unique> {
    let columns: Vec<String> =
        parameters?.column_list()?.column_name_refs().map(|column| column.text()).collect();
    let default = || match is_key {
        true => format!("{}_pkey", table.name),
        false => format!("{}_{}_key", table.name, columns.join("_")),
    };
    Some(Unique {
        name: Some(given.unwrap_or_else(default)),
        columns: columns.into_iter().collect(),
        dropped_in: None,
    })
}

/// The columns of an index; none where it is on an expression.
pub fn indexed_columns(node: &ast::CreateIndex) -> Option<BTreeSet<String>> {
    let items = node.partition_item_list()?.partition_items();
    let column = |item: ast::PartitionItem| match item.expr()? {
        ast::Expr::NameRef(name) => Some(name.text()),
        _ => None,
    };
    items.map(column).collect()
}
