//! Who refers to whom among explicit rows, as a tree.

use std::fmt::Write;

use crate::domain::TABLES;
use crate::domain::dataset::{CHILD_IDS, Dataset, organization_type_and_index};
use crate::domain::explicit::{CompletedRow, ids, table_called};

/// Under one row at most so many of a table are shown.
const SHOWN: usize = 8;

/// The columns by which a row stands under another, the first that leads to an explicit row counting.
const ABOVE: &[(&str, &[&str])] = &[
    ("opportunities", &["customer_organization_id"]),
    ("products", &["principal_id"]),
    ("contact_organizations", &["contact_id", "organization_id"]),
    ("opportunity_participants", &["opportunity_id"]),
    ("opportunity_contacts", &["opportunity_id", "contact_id"]),
    ("opportunity_products", &["opportunity_id", "product_id"]),
    ("product_inventory", &["product_id"]),
    ("tasks", &["opportunity_id", "contact_id"]),
];

/// Column, table and id of all that a row refers to.
pub fn references(made: &CompletedRow) -> Vec<(&'static str, &'static str, i64)> {
    let columns = TABLES[made.table].columns();
    let refers = columns.iter().zip(&made.values);
    refers
        .filter_map(|(column, value)| Some((column.name, column.holds.refers_to?, value.as_number()?)))
        .collect()
}

fn value(made: &CompletedRow, column: &str) -> Option<i64> {
    let position = TABLES[made.table].columns().iter().position(|info| info.name == column)?;
    made.values[position].as_number()
}

fn find<'a>(dataset: &'a Dataset, table: &str, id: i64) -> Option<(usize, &'a CompletedRow)> {
    let table = table_called(table);
    dataset.explicit.iter().enumerate().find(|(_, made)| made.table == table && value(made, "id") == Some(id))
}

/// The handle of the explicit row of a table with this id.
pub fn handle_of<'a>(dataset: &'a Dataset, table: &str, id: i64) -> Option<&'a str> {
    find(dataset, table, id).map(|(_, made)| made.handle.as_str())
}

/// What a row is called.
fn label(made: &CompletedRow) -> String {
    let columns = TABLES[made.table].columns();
    let named = ["name", "title", "role", "warehouse"].iter().find_map(|wanted| {
        let position = columns.iter().position(|column| column.name == *wanted)?;
        made.values[position].as_text()
    });
    let text: String = named.unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    match text.chars().count() {
        0 => String::new(),
        1..=60 => format!("  \"{text}\""),
        _ => format!("  \"{}...\"", text.chars().take(57).collect::<String>()),
    }
}

/// The row under which each stands.
fn parents(dataset: &Dataset) -> Vec<Option<usize>> {
    let above = |made: &CompletedRow| {
        let table = TABLES[made.table].info().name;
        if table == "contacts" {
            return employer(dataset, made);
        }
        let columns = ABOVE.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, columns)| columns);
        columns.iter().find_map(|column| {
            let (_, to, id) = references(made).into_iter().find(|(name, _, _)| name == column)?;
            find(dataset, to, id).map(|(position, _)| position)
        })
    };
    dataset.explicit.iter().map(above).collect()
}

/// The organization that a contact works for.
fn employer(dataset: &Dataset, contact: &CompletedRow) -> Option<usize> {
    let links = table_called("contact_organizations");
    let id = value(contact, "id");
    let link = dataset.explicit.iter().find(|made| {
        let is_primary = TABLES[links].columns().iter().position(|column| column.name == "is_primary");
        made.table == links
            && value(made, "contact_id") == id
            && is_primary.is_some_and(|position| made.values[position].is_true())
    })?;
    find(dataset, "organizations", value(link, "organization_id")?).map(|(position, _)| position)
}

/// The tree, a row a line.
pub fn text(dataset: &Dataset) -> String {
    let parents = parents(dataset);
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); dataset.explicit.len()];
    let mut roots = Vec::new();
    for (row, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(row),
            None => roots.push(row),
        }
    }
    let mut out = String::new();
    let tree = Tree { dataset, children: &children, parents: &parents };
    tree.write(&mut out, &roots, 1);
    out
}

/// A base row in the words of selectors; `None` for an explicit row that is not there.
fn base_row(table: &str, id: u64) -> Option<String> {
    if ids::is_explicit(id) || id == 0 {
        return None;
    }
    let (parent, child) = ((id - 1) / CHILD_IDS + 1, (id - 1) % CHILD_IDS + 1);
    Some(match table {
        "organizations" => {
            let (kind, index) = organization_type_and_index(id);
            format!("{} {}", kind.label(), index + 1)
        }
        "contacts" => format!("contact {child} of customer {parent}"),
        "products" => format!("product {child} of principal {parent}"),
        _ => format!("opportunity {id}"),
    })
}

struct Tree<'a> {
    dataset: &'a Dataset,
    children: &'a [Vec<usize>],
    parents: &'a [Option<usize>],
}

impl Tree<'_> {
    fn write(&self, out: &mut String, rows: &[usize], depth: usize) {
        let mut rest = rows;
        while let Some(first) = rest.first() {
            let table = self.dataset.explicit[*first].table;
            let same = rest.iter().take_while(|row| self.dataset.explicit[**row].table == table).count();
            let shown = if same > SHOWN + 1 { SHOWN } else { same };
            for row in &rest[..shown] {
                self.line(out, *row, depth);
                self.write(out, &self.children[*row], depth + 1);
            }
            if shown < same {
                let (indent, more) = ("  ".repeat(depth), same - shown);
                let _ = writeln!(out, "{indent}  ... and {more} more {}", TABLES[table].info().name);
            }
            rest = &rest[same..];
        }
    }

    fn line(&self, out: &mut String, row: usize, depth: usize) {
        let made = &self.dataset.explicit[row];
        let (indent, mark) = ("  ".repeat(depth), if made.is_implied { "+ " } else { "  " });
        let table = TABLES[made.table].info().name;
        let id = value(made, "id").map(|id| format!(" {id}")).unwrap_or_default();
        let _ = write!(out, "{indent}{mark}{}  {table}{id}{}", made.handle, label(made));
        let above = self.parents[row];
        let others =
            references(made).into_iter().filter_map(|(_, table, id)| match find(self.dataset, table, id) {
                Some((position, _)) if Some(position) == above => None,
                Some((_, other)) => Some(format!("@{}", other.handle)),
                None => base_row(table, u64::try_from(id).ok()?),
            });
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            let _ = write!(out, "  -> {}", others.join(", "));
        }
        out.push('\n');
    }
}
