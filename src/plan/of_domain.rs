//! What is planned for a table of the domain by itself.

use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::plan::header::TableHeader;
use crate::plan::table::{ColumnPlan, TablePlan};

pub(super) fn domain_plan(
    position: usize,
    name: String,
    columns: Vec<ColumnPlan>,
    dataset: &Dataset,
) -> TablePlan {
    let table = TABLES[position];
    let names = columns.iter().map(|column| column.name.clone()).collect();
    let info = table.info();
    TablePlan {
        domain: Some((table, position)),
        member: None,
        name: info.name.to_owned(),
        why: info.about.to_owned(),
        header: TableHeader { table: name, columns: names },
        columns,
        left_out: Vec::new(),
        rows: table.rows(dataset),
        explicit: dataset.explicit_of(position).len() as u64,
        is_added_to: false,
        target: None,
        key: info.key.iter().map(|key| (*key).to_owned()).collect(),
    }
}
