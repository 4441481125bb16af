//! Tables of the app whose rows explicit rows must refer to, and that have none for them: a row is made for each explicit
//! row of the parent table, and is the scenario's, too.

use crate::domain::TABLES;
use crate::domain::dataset::{Dataset, OrganizationType};
use crate::domain::explicit::CompletedRow;
use crate::infer::model::{Rows, TableModel};

/// Finds the tables, and for which rows they have one.
pub fn find(members: &mut [TableModel], dataset: &Dataset) {
    if dataset.explicit.is_empty() {
        return;
    }
    let needed: Vec<usize> = members
        .iter()
        .filter(|member| member.domain.is_some_and(|domain| !dataset.explicit_of(domain).is_empty()))
        .flat_map(|member| &member.references)
        .filter(|reference| !reference.is_nullable && members[reference.to].domain.is_none())
        .map(|reference| reference.to)
        .collect();
    for at in needed {
        let Rows::Children { of, kin, .. } = members[at].rows else { continue };
        let Some(domain) = members[of].domain else { continue };
        members[at].beside_explicit = parents(domain, kin, dataset);
    }
}

/// The explicit rows of a table; of organizations those of a type, else the first of any.
fn parents(domain: usize, kin: OrganizationType, dataset: &Dataset) -> Vec<u64> {
    let info = TABLES[domain].info();
    let columns = TABLES[domain].columns();
    let of_type = columns.iter().position(|column| column.name == "organization_type");
    let rows = dataset.explicit_of(domain);
    let number = |made: &CompletedRow| {
        let id = made.key().next().map(|(_, id)| id)?;
        (info.key == ["id"]).then(|| u64::try_from(id).ok()).flatten()
    };
    let is_kin =
        |made: &&CompletedRow| of_type.is_none_or(|at| made.values[at].as_text() == Some(kin.label()));
    let found: Vec<u64> = rows.iter().filter(is_kin).filter_map(number).collect();
    if found.is_empty() { rows.first().and_then(number).into_iter().collect() } else { found }
}
