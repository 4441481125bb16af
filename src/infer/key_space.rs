//! How many rows there are keys for: numbers that leave room for growth are counted where they do not fit, tables that
//! others need row by row are made as long as those.

use std::sync::Arc;

use crate::catalog::Schema;
use crate::domain::TABLES;
use crate::domain::dataset::{Dataset, Numbering, Pool};
use crate::error::{Error, Result};
use crate::infer::column_match::{self, Leads};
use crate::infer::column_type::ColumnType;
use crate::infer::key::KeyForm;
use crate::infer::model::{
    ColumnModel, DecidedBy, Generator, Model, ReferenceStrategy, Rows, TableModel, UniqueBy,
};
use crate::infer::overrides::Overrides;
use crate::infer::recognition;
use crate::infer::references::TargetView;
use crate::infer::rows::RowGenerator;
use crate::infer::table_key::own_key;
use crate::infer::troubles::Troubles;
use crate::note::{Note, NoteKind};

/// Lowers the counts of a dataset to what the keys of the target's tables hold, and tells of each that was.
///
/// # Errors
/// What the overrides name is not there.
pub fn shrink(dataset: &mut Dataset, schema: &Schema, overrides: &Overrides) -> Result<Vec<Note>> {
    if !has_narrow_key(schema, dataset) {
        return Ok(Vec::new());
    }
    let recognition = recognition::recognize(schema, overrides)?;
    let mut notes = Vec::new();
    for (domain, found) in recognition.roles.iter().enumerate() {
        let Some(found) = found.as_ref().filter(|_| TABLES[domain].info().key == ["id"]) else { continue };
        let table = &schema.tables[found.at];
        let columns = column_match::columns(domain, table, overrides, &Leads::new())?;
        let Some(id) = columns.first().copied().flatten() else { continue };
        let column_type = ColumnType::new(&table.columns[id.at], &[], dataset.now());
        let Some(form) = KeyForm::of(&table.name, &column_type) else { continue };
        let room = form.highest(&column_type);
        let before = TABLES[domain].rows(dataset) + dataset.explicit_of(domain).len() as u64;
        let mut rows = before;
        for _ in 0..ROUNDS {
            if rows <= room {
                break;
            }
            for pool in pools(dataset, TABLES[domain].info().numbering) {
                // A little less than the share, as children of each vary.
                let share = u128::from(pool.count) * u128::from(room) / u128::from(rows);
                pool.count =
                    u64::try_from(share).unwrap_or(pool.count).min(pool.count.saturating_sub(1)).max(1);
            }
            rows = TABLES[domain].rows(dataset) + dataset.explicit_of(domain).len() as u64;
        }
        let told = overrides.told.iter().find(|told| told.domain == TABLES[domain].info().name);
        if let Some(told) = told.filter(|_| rows < before) {
            return Err(Error::usage(format!(
                "{}: {before} rows do not fit {}, as {} ({}) has room for {room} keys",
                told.location,
                table.qualified(),
                column_type.name,
                column_type.type_name
            )));
        }
        if rows < before {
            let table = table.qualified();
            let text = format!(
                "{table} gets {rows} rows instead of {before}, as {} ({}) has room for {room} keys",
                column_type.name, column_type.type_name
            );
            notes.push(Note::new(NoteKind::FewerRows, text).about(table));
        }
    }
    Ok(notes)
}

/// Whether a key of any table holds fewer numbers than a table of the domain has rows: most do not, and are not looked
/// at further.
fn has_narrow_key(schema: &Schema, dataset: &Dataset) -> bool {
    let rows = |domain: usize| TABLES[domain].rows(dataset) + dataset.explicit_of(domain).len() as u64;
    let numbered = (0..TABLES.len()).filter(|domain| TABLES[*domain].info().key == ["id"]);
    let most = numbered.map(rows).max().unwrap_or(0);
    schema.tables.iter().any(|table| {
        let own = own_key(table).map_or("id", |key| &key.name);
        let mut keys = table.columns.iter().filter(|column| column.name == "id" || column.name == own);
        keys.any(|column| {
            let column_type = ColumnType::new(column, &[], dataset.now());
            KeyForm::of(&table.name, &column_type).is_some_and(|form| form.highest(&column_type) < most)
        })
    })
}

/// Times that counts are lowered, as rows follow from them only roughly.
const ROUNDS: usize = 64;

/// The pools from which the rows of a table of the domain come.
fn pools(dataset: &mut Dataset, numbering: Numbering) -> Vec<&mut Pool> {
    match numbering {
        Numbering::Organizations => {
            vec![&mut dataset.principals, &mut dataset.distributors, &mut dataset.customers]
        }
        Numbering::OfCustomers => vec![&mut dataset.customers],
        Numbering::OfPrincipals => vec![&mut dataset.principals],
        Numbering::Opportunities | Numbering::OfOpportunities | Numbering::ByOthers => {
            vec![&mut dataset.opportunities]
        }
    }
}

/// How many rows each member has, and their highest number.
pub fn counts(members: &mut Vec<TableModel>, dataset: &Dataset) -> Vec<(u64, u64)> {
    with_maker(members, dataset, |maker, count| {
        (0..count).map(|member| (maker.count(member), maker.highest(member))).collect()
    })
}

/// Lends the members to a maker of rows.
pub fn with_maker<T>(
    members: &mut Vec<TableModel>,
    dataset: &Dataset,
    ask: impl FnOnce(&mut RowGenerator, usize) -> T,
) -> T {
    let model = Arc::new(Model { members: std::mem::take(members) });
    let mut maker = RowGenerator::new(&model, dataset);
    let answer = ask(&mut maker, model.members.len());
    drop(maker);
    *members = Arc::into_inner(model).map(|model| model.members).unwrap_or_default();
    answer
}

/// Gives a table as many rows as another needs, the rows of which are the domain's and each refer to one of their own;
/// of one whose rows are of several kinds as many of each kind.
pub fn widen(members: &mut Vec<TableModel>, dataset: &Dataset, frame: &TargetView<'_>) {
    let counts = counts(members, dataset);
    for at in 0..members.len() {
        for which in 0..members[at].references.len() {
            let reference = &members[at].references[which];
            let (to, is_needed) = (reference.to, !reference.is_nullable && !reference.columns.is_empty());
            let constant = reference.agrees.iter().find(|agreed| matches!(agreed.by, DecidedBy::Value(_)));
            let kind = constant.and_then(|agreed| members[to].column(&agreed.theirs));
            let is_alone = frame.table(at).uniques.iter().any(|unique| {
                let columns = || unique.columns.iter().flatten();
                unique.predicate.is_none()
                    && !unique.is_exclusion()
                    && columns().count() == unique.columns.len()
                    && columns().all(|column| reference.columns.iter().any(|(own, _)| own == column))
            });
            let kinds = kind.map_or(1, |column| spread_kinds(&mut members[to].columns[column]));
            let is_fixed = members[at].domain.is_some() && members[at].is_written();
            if let (Rows::Standing(rows), true) = (&mut members[to].rows, is_needed && is_alone && is_fixed) {
                *rows = (*rows).max(counts[at].0.saturating_mul(kinds));
            }
        }
    }
}

/// Makes a column that says the kind of a row say each as often, and tells how many there are.
fn spread_kinds(column: &mut ColumnModel) -> u64 {
    let count = match (&column.generator, &column.column_type.labels) {
        (Generator::Labels(_), Some(labels)) => labels.len() as u64,
        (Generator::Labels(labels), None) => labels.len() as u64,
        _ => return 1,
    };
    if column.unique.is_none() {
        column.unique = Some(UniqueBy::Digit { sizes: vec![count], position: 0, by_child: false });
        column.null_percent = 0;
    }
    count.max(1)
}

/// Holds the numbers of rows to the types of their keys: those that leave room for growth and do not fit are counted
/// instead, and there are no more rows than a key holds.
pub fn fit_numbers(members: &mut Vec<TableModel>, dataset: &Dataset, troubles: &mut Troubles) {
    if members.iter().all(|member| member.domain.is_some() && member.is_plain()) {
        return;
    }
    for at in 0..members.len() {
        if !members[at].is_written() {
            continue;
        }
        let Some((room, column)) = narrowest_key(&members[at]) else { continue };
        if numbers(members, at, dataset) <= room {
            continue;
        }
        if let Rows::Children { stride, .. } = &mut members[at].rows {
            *stride = None;
        }
        if members[at].counted.is_none() {
            count_keys(members, at, column, dataset);
        }
        if numbers(members, at, dataset) <= room {
            continue;
        }
        let member = &mut members[at];
        if member.domain.is_some() {
            let column_type = &member.columns[column].column_type;
            let trouble = Error::failed(format!(
                "the keys of {} go up to more than {room}, which is too large for {} ({})",
                member.qualified, column_type.name, column_type.type_name
            ))
            .with_hint("generate fewer rows, or change the column to a larger type");
            troubles.add(at, trouble);
            continue;
        }
        member.limit = Some(member.limit.unwrap_or(room).min(room));
    }
}

/// The key of a member that holds the fewest numbers, and how many.
fn narrowest_key(member: &TableModel) -> Option<(u64, usize)> {
    let rooms = member.columns.iter().enumerate().filter_map(|(at, column)| match &column.generator {
        Generator::Key(form) => Some((form.highest(&column.column_type), at)),
        Generator::Passthrough(0)
            if member.domain.is_some_and(|domain| TABLES[domain].info().key == ["id"]) =>
        {
            Some((column.column_type.highest().unwrap_or(u64::MAX), at))
        }
        _ => None,
    });
    rooms.min_by_key(|(room, _)| *room)
}

/// The highest number in a key of a member.
fn numbers(members: &mut Vec<TableModel>, at: usize, dataset: &Dataset) -> u64 {
    let is_counted = members[at].counted.is_some();
    let explicit = members[at].domain.map_or(0, |domain| dataset.explicit_of(domain).len() as u64);
    with_maker(members, dataset, |maker, _| match is_counted {
        true => maker.count(at) + explicit,
        false => maker.highest(at),
    })
}

/// Makes the keys of a table of the domain count its rows, and what refers to it follow.
fn count_keys(members: &mut [TableModel], at: usize, column: usize, dataset: &Dataset) {
    let member = &mut members[at];
    let (Some(domain), Rows::Domain) = (member.domain, &member.rows) else { return };
    if TABLES[domain].info().key != ["id"] {
        return;
    }
    let column_type = &member.columns[column].column_type;
    let Some(form) = KeyForm::of(&member.name, column_type) else { return };
    let rows = TABLES[domain].rows(dataset);
    let explicit = dataset.explicit_of(domain).iter().enumerate();
    let numbers = explicit.filter_map(|(place, made)| {
        let (_, number) = made.key().next()?;
        Some((u64::try_from(number).ok()?, rows + place as u64 + 1))
    });
    member.counted = Some(numbers.collect());
    let name = column_type.name.clone();
    member.key = Some((name.clone(), form.clone()));
    member.columns[column].generator = Generator::Key(form);
    member.columns[column].about = "the row's position, as its number would not fit".into();
    for other in members.iter_mut() {
        let references: Vec<(usize, usize)> = other
            .references
            .iter()
            .enumerate()
            .filter(|(_, reference)| reference.to == at)
            .filter_map(|(which, reference)| match reference.strategy {
                ReferenceStrategy::FromDomain(position) => Some((which, position)),
                _ => None,
            })
            .collect();
        for column in &mut other.columns {
            let Generator::Passthrough(position) = column.generator else { continue };
            if let Some((reference, _)) = references.iter().find(|(_, of)| *of == position) {
                column.generator = Generator::Reference(*reference, name.clone());
            }
        }
    }
}
