//! What is planned for a table, as it was decided in [`crate::infer`].

use std::sync::Arc;

use crate::catalog::{self, Schema};
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::infer::load_order::deferred_columns;
use crate::infer::model::{Generator, Model, ReferenceStrategy, TableModel};
use crate::infer::rows::RowGenerator;
use crate::plan::header::TableHeader;
use crate::plan::of_domain::domain_plan;
use crate::plan::table::{ColumnPlan, LeftOut, Sequence, TablePlan, TargetTable, ValueSource};

/// The plan of a member: of the domain alone where that is all that is written.
pub(super) fn member_plan(
    model: &Arc<Model>,
    at: usize,
    dataset: &Dataset,
    schema: &Schema,
    maker: &mut Option<RowGenerator>,
) -> TablePlan {
    let member = &model.members[at];
    let target = &schema.tables[member.position];
    let deferred: Vec<usize> = (0..member.references.len())
        .filter(|reference| member.references[*reference].is_deferred)
        .flat_map(|reference| deferred_columns(member, reference))
        .collect();
    let columns: Vec<ColumnPlan> = (0..member.columns.len())
        .map(|column| column_plan(member, column, deferred.contains(&column)))
        .collect();
    let mut plan = match member.domain {
        Some(domain) => domain_plan(domain, target.qualified(), columns, dataset),
        None => {
            let maker = maker.get_or_insert_with(|| RowGenerator::new(model, dataset));
            TablePlan {
                domain: None,
                member: None,
                name: member.name.clone(),
                why: member.why.clone(),
                header: TableHeader {
                    table: target.qualified(),
                    columns: columns.iter().map(|column| column.name.clone()).collect(),
                },
                columns,
                left_out: Vec::new(),
                rows: maker.kept_count(at),
                explicit: member.added.len() as u64,
                is_added_to: member.is_added_to,
                target: None,
                key: Vec::new(),
            }
        }
    };
    if member.domain.is_some() {
        plan.rows -= member.dropped.len() as u64;
    }
    if !member.is_plain() {
        plan.member = Some((Arc::clone(model), at));
    }
    plan.key = key_of(member, target);
    plan.left_out = member
        .left_out
        .iter()
        .map(|(column, why)| LeftOut { column: column.clone(), why: why.clone() })
        .collect();
    plan.target = Some(TargetTable {
        oid: target.oid,
        name: match target.visible {
            true => target.name.clone(),
            false => format!("{}.{}", target.schema, target.name),
        },
        rls_applies: target.rls_applies(&schema.server),
        sequences: sequences(target, &plan.columns),
    });
    plan
}

/// The columns of a table's key: those that the domain knows as such, else of the primary key.
fn key_of(member: &TableModel, target: &catalog::Table) -> Vec<String> {
    if let Some(domain) = member.domain {
        let table = TABLES[domain];
        let infos = table.columns();
        let called = |name: &&'static str| {
            let position = infos.iter().position(|info| info.name == *name)?;
            let is_it = |generator: &Generator| match generator {
                Generator::Passthrough(at) | Generator::Converted(at) => *at == position,
                Generator::Reference(reference, _) => {
                    matches!(member.references[*reference].strategy, ReferenceStrategy::FromDomain(at) if at == position)
                }
                Generator::Key(_) => position == 0 && *name == "id",
                _ => false,
            };
            member
                .columns
                .iter()
                .find(|column| is_it(&column.generator))
                .map(|column| column.column_type.name.clone())
        };
        let found: Option<Vec<String>> = table.info().key.iter().map(called).collect();
        if let Some(found) = found {
            return found;
        }
    }
    let primary = target.uniques.iter().find(|unique| unique.primary);
    primary.map(|unique| unique.columns.iter().flatten().cloned().collect()).unwrap_or_default()
}

fn column_plan(member: &TableModel, at: usize, is_deferred: bool) -> ColumnPlan {
    let column = &member.columns[at];
    let source = match &column.generator {
        Generator::Passthrough(position) if member.is_plain() => {
            let info = member.domain.map(|domain| TABLES[domain].columns()[*position]);
            ValueSource::Domain { position: *position, about: info.map_or("", |info| info.about) }
        }
        generator => ValueSource::Model {
            column: (!is_deferred).then_some(at),
            kind: kind(generator),
            about: match generator {
                Generator::Reference(reference, _)
                    if !matches!(
                        member.references[*reference].strategy,
                        ReferenceStrategy::FromDomain(_)
                    ) =>
                {
                    format!("{}, {}", column.about, member.references[*reference].strategy.about())
                }
                _ if is_deferred => String::new(),
                _ => column.about.clone(),
            } + if is_deferred { ", set after all rows are loaded" } else { "" },
        },
    };
    ColumnPlan {
        name: column.column_type.name.clone(),
        type_name: column.column_type.type_name.clone(),
        source,
    }
}

/// The kind of generator, as in `source` of `--dry-run --json`.
const fn kind(generator: &Generator) -> &'static str {
    match generator {
        Generator::Passthrough(_) => "domain",
        Generator::Converted(_) => "fitted",
        Generator::Key(_) => "key",
        Generator::Reference(..)
        | Generator::Record(_)
        | Generator::RecordType(_)
        | Generator::Copy(_)
        | Generator::Count(_) => "reference",
        Generator::Labels(_) => "labels",
        Generator::Semantics(_) | Generator::Lifecycle(_) | Generator::Document(_) | Generator::InTurn(_) => {
            "name"
        }
        Generator::Constant(_) | Generator::Tenant(_) => "constant",
        Generator::Default(_) => "default",
        Generator::Pattern(_) | Generator::Equals(_) => "check",
        Generator::Name(_) => "lookup",
        Generator::Exotic => "type",
    }
}

fn sequences(target: &catalog::Table, columns: &[ColumnPlan]) -> Vec<Sequence> {
    let written = target.columns.iter().filter(|column| columns.iter().any(|plan| plan.name == column.name));
    let sequence = |column: &catalog::Column| {
        column.sequence.as_ref().map(|name| Sequence {
            column: column.name.clone(),
            name: name.clone(),
            owned: column.owns_sequence,
            base: column.base.clone(),
        })
    };
    written.filter_map(sequence).collect()
}

/// The columns of a table that are set after all rows are loaded.
pub(super) fn deferred_plan(model: &Arc<Model>, at: usize, table: &TablePlan) -> Option<TablePlan> {
    let member = &model.members[at];
    let mut columns: Vec<usize> = table.key.iter().filter_map(|key| member.column(key)).collect();
    let deferred: Vec<usize> = (0..member.references.len())
        .filter(|reference| member.references[*reference].is_deferred)
        .flat_map(|reference| deferred_columns(member, reference))
        .collect();
    if deferred.is_empty() {
        return None;
    }
    columns.extend(
        deferred.iter().filter(|column| !table.key.contains(&member.columns[**column].column_type.name)),
    );
    let columns: Vec<ColumnPlan> = columns.iter().map(|column| column_plan(member, *column, false)).collect();
    Some(TablePlan {
        domain: table.domain,
        member: table.member.clone(),
        name: table.name.clone(),
        why: table.why.clone(),
        header: TableHeader {
            table: table.header.table.clone(),
            columns: columns.iter().map(|column| column.name.clone()).collect(),
        },
        columns,
        left_out: Vec::new(),
        rows: table.rows,
        explicit: table.explicit,
        is_added_to: table.is_added_to,
        target: None,
        key: table.key.clone(),
    })
}
