//! What is planned for a table of the domain by itself.

use crate::domain::TABLES;
use crate::domain::world::World;
use crate::plan::heading::Heading;
use crate::plan::table::{ColumnPlan, TablePlan};

pub(super) fn domain_plan(
    position: usize,
    name: String,
    columns: Vec<ColumnPlan>,
    world: &World,
) -> TablePlan {
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
