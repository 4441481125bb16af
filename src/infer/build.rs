//! Everything that is decided of a target, in the order in which one decision needs another: which tables are
//! the domain's, which others take part, what refers to what, which rows there are, how each column is made,
//! what keeps keys from repeating, and in which order the tables are filled.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::Schema;
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::infer::column_match::{self, Found};
use crate::infer::columns::{self, Columns};
use crate::infer::key::KeyForm;
use crate::infer::kinds::TableKind;
use crate::infer::load_order::{self, Order};
use crate::infer::model::{ColumnModel, Generator, Model, Reference, ReferenceStrategy, Rows, TableModel};
use crate::infer::overrides::Overrides;
use crate::infer::recognition::{self, Recognition};
use crate::infer::reference_strategy::ReferenceResolver;
use crate::infer::references::TargetView;
use crate::infer::setting;
use crate::infer::table_key::own_key;
use crate::infer::table_selection::{self, Choice, ExistingRows, SelectedTable, SkippedTable};
use crate::infer::troubles::Troubles;
use crate::infer::{
    added_rows, cardinality, counters, events, hosts, key_space, polymorphic, relations, settle,
    told_references, tuples, uniqueness,
};
use crate::note::{Note, NoteKind};
use crate::sqlexpr;

/// The result of the inference.
#[derive(Debug)]
pub struct Built {
    /// The tables and how their rows are made.
    pub model: Arc<Model>,
    /// In which order they are filled.
    pub order: Order,
    /// Tables of the domain that the target lacks.
    pub missing: Vec<&'static str>,
    /// Tables that might be expected and are not filled.
    pub refused: Vec<SkippedTable>,
    /// Tables of which nothing is known.
    pub unrecognized: Vec<SkippedTable>,
    /// Tables that might have been taken for something else as well.
    pub close_choices: Vec<Note>,
    /// CHECK constraints that cannot be read, and so are not held beforehand.
    pub unread_checks: Vec<Note>,
    /// What stands against filling it.
    pub troubles: Troubles,
    /// Columns whose labels nobody but the app knows.
    pub invented_labels: Vec<Note>,
}

/// Decides.
///
/// # Errors
/// None of the CRM's tables is there, or no order of them loads. A column that nobody can fill and a key that nobody
/// can keep is among [`Built::troubles`].
pub fn build(
    dataset: &Dataset,
    schema: &Schema,
    overrides: &Overrides,
    there: &ExistingRows,
) -> Result<Built> {
    told_references::check(schema, overrides)?;
    let recognition = recognition::recognize(schema, overrides)?;
    let mut choice = table_selection::choose(schema, overrides, there, &recognition)?;
    choice.add_rows_to(schema, dataset);
    if choice.chosen.is_empty() || !(recognition.is_crm() || overrides.names_tables()) {
        return Err(nothing(schema, &choice));
    }
    let columns = known_columns(schema, &choice.chosen, overrides)?;
    let mut frame = TargetView::new(schema, &choice.chosen, &columns, overrides, &recognition);
    frame.host_room = hosts::room(&frame);
    let (references, rows) = web(&frame, dataset, there);
    let mut made = Vec::new();
    let mut left = sqlexpr::ALL_PATTERNS;
    for (at, rows) in rows.iter().enumerate() {
        made.push(match rows {
            Rows::Existing { .. } => Columns::default(),
            _ => columns::columns(&frame, at, &references, rows, (dataset.now(), &mut left)),
        });
    }
    Columns::check_copies(&frame, &mut made)?;
    let mut members = Vec::new();
    let (mut unread_checks, mut invented_labels) = (Vec::new(), Vec::new());
    let mut troubles = Troubles::default();
    for (at, ((references, rows), mut made)) in references.into_iter().zip(rows).zip(made).enumerate() {
        for (name, definition, why) in &made.unread {
            let table = frame.table(at).qualified();
            let text = format!(
                "CHECK constraint {name} of {table} uses {why}, which is not supported, and is only \
                 checked by the server: {}",
                sqlexpr::brief(definition)
            );
            unread_checks.push(Note::new(NoteKind::ConstraintUnread, text).about(table));
        }
        made.troubles.drain(..).for_each(|trouble| troubles.add(at, trouble));
        let table = frame.table(at);
        invented_labels.extend(made.invented.iter().map(|(column, labels)| {
            let line = setting::labels(schema, table, column, labels);
            let column = format!("{}.{column}", table.qualified());
            Note::labels_invented(&column, &line).about(table.qualified())
        }));
        members.push(member(&frame, at, references, rows, made));
    }
    added_rows::find(&mut members, dataset);
    key_space::widen(&mut members, dataset, &frame);
    key_space::fit_numbers(&mut members, dataset, &mut troubles);
    tuples::find_hosts(&mut members, dataset);
    keep_uniques(&mut members, dataset, &frame, &mut troubles);
    key_space::fit_numbers(&mut members, dataset, &mut troubles);
    tuples::find_groups(&mut members, dataset);
    let order = load_order::order(&mut members, schema)?;
    settle::all(&mut members, &order.tables, dataset, &mut troubles);
    if troubles.is_empty() {
        counters::count(&mut members, dataset);
    }
    let missing = recognition.roles.iter().enumerate().filter(|(_, found)| found.is_none());
    Ok(Built {
        missing: missing.map(|(domain, _)| TABLES[domain].info().name).collect(),
        close_choices: close_choices(schema, &recognition),
        model: Arc::new(Model { members }),
        order,
        unrecognized: choice.unrecognized(schema, &recognition),
        refused: choice.refused,
        unread_checks,
        troubles,
        invented_labels,
    })
}

/// What is to be told of tables that might as well be something else.
fn close_choices(schema: &Schema, recognition: &Recognition) -> Vec<Note> {
    let decisions = recognition::decisions(schema, &recognition.choices, &recognition.tenants);
    let close = decisions.into_iter().filter(|decision| decision.is_close);
    let note = |decision: recognition::Decision| {
        let text = format!("{} ({} in crm-seed.toml)", decision.text, decision.setting);
        Note::new(NoteKind::CloseChoice, text)
    };
    close.map(note).collect()
}

fn nothing(schema: &Schema, choice: &Choice) -> Error {
    let database = &schema.server.database;
    if choice.chosen.is_empty() && !choice.refused.is_empty() {
        let why: Vec<String> =
            choice.refused.iter().map(|refused| format!("{}: {}", refused.table, refused.why)).collect();
        return Error::failed(format!("no tables to fill in database {database} ({})", why.join("; ")));
    }
    Error::failed(format!(
        "database {database} has no table that looks like a CRM's: companies, contacts, deals or products, by name, \
         columns and foreign keys"
    ))
    .with_hint(
        "say in crm-seed.toml which table is which: tables.NAME.is = \"organizations\" (or \"contacts\", \
         \"opportunities\", \"products\")",
    )
}

fn known_columns(
    schema: &Schema,
    chosen: &[SelectedTable],
    overrides: &Overrides,
) -> Result<Vec<Vec<Option<Found>>>> {
    let mut columns = Vec::new();
    for one in chosen {
        let Some((domain, _)) = one.domain else {
            columns.push(Vec::new());
            continue;
        };
        let table = &schema.tables[one.at];
        let domain_of = |oid: u32| {
            let to = chosen.iter().find(|other| schema.tables[other.at].oid == oid);
            to.and_then(|to| to.domain).map(|(domain, _)| domain)
        };
        let leads = column_match::leads(schema, table, &domain_of, overrides);
        columns.push(column_match::columns(domain, table, overrides, &leads)?);
    }
    Ok(columns)
}

/// Decides all references and the numbers of rows of all tables.
fn web(frame: &TargetView<'_>, dataset: &Dataset, there: &ExistingRows) -> (Vec<Vec<Reference>>, Vec<Rows>) {
    let count = frame.chosen.len();
    let mut references: Vec<Vec<Reference>> = (0..count)
        .map(|member| {
            if frame.chosen[member].is_there {
                Vec::new()
            } else {
                references_of(frame, member, dataset.now(), there)
            }
        })
        .collect();
    let mut rows: Vec<Rows> = vec![Rows::Domain; count];
    for member in 0..count {
        if frame.chosen[member].is_there {
            rows[member] = there.get(&frame.table(member).oid).map_or(Rows::Standing(0), cardinality::there);
        } else if frame.chosen[member].is_added_to {
            rows[member] = Rows::Standing(0);
        } else if frame.chosen[member].domain.is_none() {
            rows[member] = cardinality::rows(frame, member, &mut references[member], dataset);
            if is_round(&rows, member) {
                let asked = match rows[member] {
                    Rows::Children { total, .. } => total,
                    _ => None,
                };
                let usual = frame.chosen[member].kind.standalone_rows().max(1);
                rows[member] = Rows::Standing(asked.unwrap_or(usual));
                for reference in references[member]
                    .iter_mut()
                    .filter(|reference| reference.strategy == ReferenceStrategy::Parent)
                {
                    reference.strategy = ReferenceStrategy::Any(
                        crate::infer::organization_type::organization_type_hint(&reference.name),
                    );
                }
            }
        }
    }
    share(frame, &mut references, &mut rows);
    let mut web = ReferenceResolver { frame, references, rows };
    web.decide();
    (web.references, web.rows)
}

/// All references of a member; the present, in seconds, is what its CHECK constraints are read by.
fn references_of(frame: &TargetView<'_>, member: usize, now: i64, there: &ExistingRows) -> Vec<Reference> {
    let mut references = frame.declared(member);
    frame.undeclared(member, &mut references);
    polymorphic::references(frame, member, &mut references, (now, there));
    for (position, info) in frame.infos(member).iter().enumerate() {
        let Some(to) = info.holds.refers_to.and_then(|name| frame.of_domain(name)) else { continue };
        if references.iter().all(|reference| reference.strategy != ReferenceStrategy::FromDomain(position)) {
            references.push(Reference::new(to, Vec::new(), ReferenceStrategy::FromDomain(position), true));
        }
    }
    references
}

/// Whether a table's rows are made for rows that are made for its own.
fn is_round(rows: &[Rows], member: usize) -> bool {
    let mut at = member;
    for _ in 0..rows.len() {
        match rows[at] {
            Rows::Children { of, .. } if of == member => return true,
            Rows::Children { of, .. } => at = of,
            _ => return false,
        }
    }
    true
}

/// Where references share a column (a tenant that is part of every key), the table that it leads to gets one
/// row, so that all of them agree.
fn share(frame: &TargetView<'_>, references: &mut [Vec<Reference>], rows: &mut [Rows]) {
    for member in 0..references.len() {
        let single: Vec<usize> = (0..references[member].len())
            .filter(|at| {
                let reference = &references[member][*at];
                let [(own, _)] = &reference.columns[..] else { return false };
                let is_shared = |other: &Reference| {
                    other.columns.len() > 1
                        && other.to != reference.to
                        && other.columns.iter().any(|(o, _)| o == own)
                };
                // Others find rows that agree; what the domain says of who belongs to whom does not look for any.
                let is_for_all = frame.chosen[reference.to].kind == TableKind::Tenants
                    || frame.chosen[member].domain.is_some();
                is_for_all
                    && references[member].iter().any(is_shared)
                    && frame.chosen[reference.to].domain.is_none()
            })
            .collect();
        for at in single {
            let to = references[member][at].to;
            if !matches!(rows[to], Rows::Existing { .. }) {
                rows[to] = Rows::Standing(1);
                for reference in references[to]
                    .iter_mut()
                    .filter(|reference| reference.strategy == ReferenceStrategy::Parent)
                {
                    reference.strategy =
                        ReferenceStrategy::Any(crate::domain::dataset::OrganizationType::Customer);
                }
            }
            references[member][at].strategy = ReferenceStrategy::First;
        }
    }
}

fn member(
    frame: &TargetView<'_>,
    at: usize,
    references: Vec<Reference>,
    rows: Rows,
    made: Columns,
) -> TableModel {
    let table = frame.table(at);
    let chosen = &frame.chosen[at];
    let mut member = TableModel {
        name: table.name.clone(),
        short_name: chosen.name.clone(),
        qualified: table.qualified(),
        oid: table.oid,
        position: chosen.at,
        kind: chosen.kind,
        domain: chosen.domain.map(|(domain, _)| domain),
        key: key(frame, at, &made.columns),
        primary: table.single_key().map(str::to_owned),
        rows,
        references,
        checks: made.checks.into_iter().map(|check| check.of(&made.columns)).collect(),
        columns: made.columns,
        unsettled: Vec::new(),
        settled: BTreeMap::new(),
        dropped: Vec::new(),
        limit: None,
        hosts: None,
        counted: None,
        added: Vec::new(),
        is_added_to: chosen.is_added_to,
        added_keys: BTreeMap::new(),
        given: BTreeMap::new(),
        has_existing: false,
        ordered: Vec::new(),
        events: Vec::new(),
        relations: Vec::new(),
        left_out: made.left_out,
        by_server: made.by_server,
        invented: made.invented,
        why: chosen.why.clone(),
    };
    events::find(&mut member);
    relations::find(&mut member);
    member
}

/// The key of a table whose rows are known by their number.
fn key(frame: &TargetView<'_>, at: usize, columns: &[ColumnModel]) -> Option<(String, KeyForm)> {
    let written = |name: &str| columns.iter().find(|column| column.column_type.name == name);
    if let Some((domain, _)) = frame.chosen[at].domain {
        let numbered = ["organizations", "contacts", "products", "opportunities"];
        if !numbered.contains(&TABLES[domain].info().name) {
            return None;
        }
        let column = &frame.table(at).columns[frame.columns[at].first().copied().flatten()?.at];
        return match &written(&column.name)?.generator {
            Generator::Passthrough(_) => Some((column.name.clone(), KeyForm::Number)),
            Generator::Key(form) => Some((column.name.clone(), form.clone())),
            _ => None,
        };
    }
    // Where a tenant is part of the key, the number is still what tells rows apart.
    let column = own_key(frame.table(at)).map_or("id", |key| key.name.as_str());
    match &written(column)?.generator {
        Generator::Key(form) => Some((column.to_owned(), form.clone())),
        _ => None,
    }
}

fn keep_uniques(
    members: &mut Vec<TableModel>,
    dataset: &Dataset,
    frame: &TargetView<'_>,
    troubles: &mut Troubles,
) {
    for at in 0..members.len() {
        uniqueness::pair_up(&mut members[at]);
        let needs_care = members[at].is_written() && !frame.table(at).uniques.is_empty();
        if needs_care && !(members[at].is_plain() && only_own_keys(frame, at)) {
            let counts = key_space::counts(members, dataset);
            if let Err(trouble) = uniqueness::keep(members, &counts, at, frame.table(at), dataset) {
                troubles.add(at, trouble);
            }
        }
    }
}

/// The bundled schema's keys are kept by the domain: nothing needs to be counted for them.
fn only_own_keys(frame: &TargetView<'_>, at: usize) -> bool {
    let Some((domain, _)) = frame.chosen[at].domain else { return false };
    let key = TABLES[domain].info().key;
    frame.table(at).uniques.iter().all(|unique| {
        unique.primary
            && unique.columns.len() == key.len()
            && unique.columns.iter().flatten().all(|column| {
                frame.known(at, column).is_some_and(|known| key.contains(&frame.infos(at)[known].name))
            })
    })
}
