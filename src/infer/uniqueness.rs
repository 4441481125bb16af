//! Keeps keys, unique constraints and exclusion constraints by construction: by what is unique already, by a
//! column that says the row's number, or by a permutation over what few values there are.

use std::collections::BTreeSet;

use crate::catalog::{Table, Unique};
use crate::domain::TABLES;
use crate::domain::counts::CountRange;
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::infer::kinds::TableKind;
use crate::infer::model::{
    Edge, Generator, Partial, Reference, ReferenceStrategy, Rows, TableCheck, TableModel, UniqueBy,
};
use crate::infer::names;
use crate::infer::references::main_column;
use crate::infer::rows::tiers;
use crate::infer::rows::whole;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr;

/// Columns of the domain that repeat in no two rows, as the domain has them.
const UNIQUE: &[(&str, &[&str])] = &[
    ("organizations", &["name"]),
    ("organizations", &["website"]),
    ("organizations", &["email"]),
    ("contacts", &["email"]),
    ("products", &["upc"]),
    ("products", &["principal_id", "sku"]),
    ("contact_organizations", &["contact_id"]),
    ("contact_organizations", &["contact_id", "organization_id"]),
    ("opportunity_participants", &["opportunity_id", "organization_id"]),
    ("opportunity_participants", &["opportunity_id", "role"]),
    ("product_inventory", &["product_id"]),
    ("tasks", &["opportunity_id", "title"]),
];

/// The role of a column in a unique key.
enum KeyPart {
    ColumnModel(usize),
    Reference(usize),
}

/// The columns that a unique key is about; of expressions those that they read.
pub fn columns(unique: &Unique, table: &Table) -> Vec<String> {
    if let Some(definition) = unique.exclusion.as_deref() {
        return named_in(definition, table);
    }
    let Some(expressions) = &unique.expressions else {
        return unique.columns.iter().flatten().cloned().collect();
    };
    let mut found = Vec::new();
    for text in expressions {
        let read = sqlexpr::read(text).map(|expression| expression.columns());
        for column in read.unwrap_or_else(|_| named_in(text, table)) {
            if !found.contains(&column) {
                found.push(column);
            }
        }
    }
    found
}

/// The columns of a table whose names stand in a piece of SQL.
fn named_in(sql: &str, table: &Table) -> Vec<String> {
    let words: Vec<&str> = sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    table
        .columns
        .iter()
        .filter(|column| words.contains(&column.name.as_str()))
        .map(|column| column.name.clone())
        .collect()
}

/// Makes a member keep all its unique keys.
///
/// # Errors
/// One for which there are too few values.
pub fn keep(
    members: &mut [TableModel],
    counts: &[(u64, u64)],
    member: usize,
    table: &Table,
    dataset: &Dataset,
) -> Result<()> {
    for unique in &table.uniques {
        let columns = columns(unique, table);
        if unique.exclusion.is_some() {
            exclude(&mut members[member], &columns, unique.exclusion.as_deref().unwrap_or_default());
            continue;
        }
        if is_kept(&members[member], &columns) {
            continue;
        }
        if let Some(predicate) = &unique.predicate
            && tell_apart(&mut members[member], predicate, &columns)
        {
            continue;
        }
        make_unique(members, counts, member, unique, (&columns, table), dataset)?;
    }
    Ok(())
}

/// Whether no two rows can be alike in `columns` as it is.
fn is_kept(member: &TableModel, columns: &[String]) -> bool {
    let has = |name: &str| columns.iter().any(|column| column == name);
    let steps = || member.steps.iter().filter(|step| has(&step.shape.column));
    if member.rows == Rows::Standing(1) || member.rows == Rows::Standing(0) {
        return true;
    }
    // A column that is not written is NULL, and NULLs differ; or the server numbers it.
    if steps().count() < columns.len() {
        return true;
    }
    if steps().any(|step| {
        matches!(step.make, Generator::Key(_) | Generator::Name(_)) || step.unique == Some(UniqueBy::Number)
    }) {
        return true;
    }
    if let Some(domain) = member.domain {
        let info = TABLES[domain].info();
        let infos: Vec<_> = TABLES[domain].columns().into_iter().chain(TABLES[domain].beyond()).collect();
        let known: Vec<&str> = steps()
            .filter_map(|step| match step.make {
                Generator::Passthrough(position) => Some(infos[position].name),
                Generator::Reference(link, _) => match member.links[link].mode {
                    ReferenceStrategy::FromDomain(position) => Some(infos[position].name),
                    _ => None,
                },
                // Shortened, two may have become one; what mapped labels become is the probe's to judge.
                Generator::Converted(position) if step.shape.max_length.is_none_or(|most| most >= 60) => {
                    Some(infos[position].name)
                }
                _ => None,
            })
            .collect();
        let keys = UNIQUE.iter().filter(|(table, _)| *table == info.name).map(|(_, key)| *key);
        return keys.chain([info.key]).any(|key| key.iter().all(|column| known.contains(column)));
    }
    let links =
        || member.links.iter().filter(|link| !link.columns.is_empty() && has(&main_column(&link.columns)));
    if links().any(|link| link.mode == ReferenceStrategy::Permuted) {
        return true;
    }
    let has_parent = links().any(|link| link.mode == ReferenceStrategy::Parent);
    let only_one = matches!(member.rows, Rows::Children { spread: CountRange { max: 1, .. }, .. });
    let has_distinct = links()
        .any(|link| matches!(link.mode, ReferenceStrategy::Distinct | ReferenceStrategy::NthSibling(..)));
    let is_tier = member.kind == TableKind::Pricing && steps().any(|step| tiers::is_least(&step.shape.words));
    has_parent && (only_one || has_distinct || is_tier)
}

/// A key that holds for some rows only: only the first child of a parent is such a row, or none is.
fn tell_apart(member: &mut TableModel, predicate: &str, columns: &[String]) -> bool {
    let Ok(expression) = sqlexpr::read(predicate) else { return false };
    let read = expression.columns();
    let flags: Vec<usize> = read.iter().filter_map(|column| member.step(column)).collect();
    let of_parent = member.links.iter().any(|link| {
        link.mode == ReferenceStrategy::Parent && link.columns.iter().any(|(own, _)| columns.contains(own))
    });
    for at in flags {
        let step = &mut member.steps[at];
        if step.unique.is_some()
            || !matches!(
                step.make,
                Generator::Semantics(_)
                    | Generator::Lifecycle(_)
                    | Generator::Constant(_)
                    | Generator::Labels(_)
            )
        {
            continue;
        }
        let holds_when = |value: crate::sqlexpr::value::Value| {
            expression.verdict(
                &|name| {
                    if name == step.shape.column { value.clone() } else { crate::sqlexpr::value::Value::Null }
                },
                0,
            ) != sqlexpr::Verdict::Fails
        };
        if step.shape.family != ScalarType::Bool || holds_when(false.into()) || step.shape.is_list {
            continue;
        }
        let stands_out = names::words(&step.shape.column)
            .iter()
            .any(|word| matches!(word.as_str(), "default" | "primary" | "main" | "current" | "preferred"));
        let (unique, about) = match (of_parent, stands_out) {
            (true, _) => (UniqueBy::First, "true for the first of each parent"),
            (false, true) => (UniqueBy::FirstOfAll, "true for the first row"),
            (false, false) => (UniqueBy::Never, "always false, as only few rows may be true"),
        };
        step.unique = Some(unique);
        step.about = about.into();
        return true;
    }
    // The domain keeps its own flags: one primary contact a customer.
    member.domain.is_some()
        && read.iter().any(|column| {
            member.step(column).is_some_and(|at| {
                matches!(member.steps[at].make, Generator::Passthrough(_))
                    && member.steps[at].shape.family == ScalarType::Bool
            })
        })
}

/// Spans that overlap no other row's, or none of the rows of the same parent.
fn exclude(member: &mut TableModel, columns: &[String], definition: &str) {
    let of_family = |member: &TableModel, is_it: fn(ScalarType) -> bool| -> Vec<usize> {
        let steps = columns.iter().filter_map(|column| member.step(column));
        steps.filter(|at| is_it(member.steps[*at].shape.family)).collect()
    };
    let moments = of_family(member, |family| matches!(family, ScalarType::Date | ScalarType::Timestamp));
    let days = of_family(member, |family| family == ScalarType::Date);
    let ranges = of_family(member, |family| family == ScalarType::Range);
    let is_equal = |link: &Reference| definition.contains(&format!("{} WITH =", main_column(&link.columns)));
    let of_parent = member.links.iter().any(|link| link.mode == ReferenceStrategy::Parent && is_equal(link));
    let is_date_range = |at: &usize| member.steps[*at].shape.base == "daterange";
    let found: Vec<(usize, UniqueBy)> = match (&moments[..], &days[..], &ranges[..]) {
        (_, [start, end], _) if of_parent => {
            vec![(*start, UniqueBy::Season(Edge::Start)), (*end, UniqueBy::Season(Edge::End))]
        }
        (_, _, [range]) if of_parent && is_date_range(range) => {
            vec![(*range, UniqueBy::Season(Edge::Whole))]
        }
        ([start, end], _, _) => vec![(*start, UniqueBy::Start), (*end, UniqueBy::End)],
        _ => Vec::new(),
    };
    for (at, unique) in found {
        member.steps[at].about = match unique {
            UniqueBy::Season(_) => "a different year for each row of a parent".into(),
            _ => "a range that overlaps no other row".into(),
        };
        member.steps[at].unique = Some(unique);
    }
}

/// Number of values of a column, if there are few.
fn few(member: &TableModel, at: usize) -> Option<u64> {
    let shape = &member.steps[at].shape;
    match (&member.steps[at].make, &shape.labels) {
        (_, Some(labels)) => Some(labels.len() as u64),
        (Generator::Labels(labels), None) => Some(labels.len() as u64),
        (Generator::Pattern(pattern), None) => Some(pattern.count_between(0, shape.max_length)),
        _ if !shape.facts.patterns.is_empty() => {
            Some(shape.facts.patterns[0].count_between(0, shape.max_length))
        }
        (Generator::Constant(_), _) if shape.family == ScalarType::Bool => Some(2),
        _ if shape.family == ScalarType::Bool => Some(2),
        _ if shape.family == ScalarType::Text => {
            shape.max_length.filter(|most| *most < 8).map(|most| 36_u64.saturating_pow(most as u32))
        }
        _ => {
            if let Some(digits) = shape.digits.filter(|digits| digits.is_odd()) {
                return Some(digits.count());
            }
            let low = shape.facts.low.as_ref().and_then(|bound| whole(&bound.value));
            let high = shape.facts.high.as_ref().and_then(|bound| whole(&bound.value));
            match (low, high) {
                (low, Some(high)) if matches!(shape.family, ScalarType::Integer | ScalarType::Decimal) => {
                    Some((high - low.unwrap_or(0).min(high)).saturating_add(1))
                }
                (low, None) if shape.base == "int2" => {
                    Some((i16::MAX as u64).saturating_sub(low.unwrap_or(0)))
                }
                _ => None,
            }
        }
    }
}

/// Whether a column says which of its parent's children a row is.
fn is_place(member: &TableModel, at: usize) -> bool {
    let step = &member.steps[at];
    let places =
        ["position", "order", "number", "no", "rank", "sequence", "index", "line", "sort", "step", "version"];
    let words = names::words(&step.shape.column);
    matches!(step.make, Generator::Semantics(_))
        && step.shape.family == ScalarType::Integer
        && words.last().is_some_and(|word| places.contains(&word.as_str()))
}

/// Values that are enough for any number of rows.
const MANY: u64 = 1_000_000;

fn make_unique(
    members: &mut [TableModel],
    counts: &[(u64, u64)],
    member: usize,
    unique: &Unique,
    (columns, table): (&[String], &Table),
    dataset: &Dataset,
) -> Result<()> {
    let rows = counts[member].0;
    let parts: Vec<KeyPart> = columns
        .iter()
        .filter_map(|column| {
            let planned = &members[member];
            let leads = |link: &Reference| !link.columns.is_empty() && main_column(&link.columns) == *column;
            match (planned.links.iter().position(leads), planned.link_of(column)) {
                (Some(link), _) => Some(KeyPart::Reference(link)),
                // Part of a key with a tenant: it tells nothing apart.
                (None, Some(_)) => None,
                (None, None) => planned.step(column).map(KeyPart::ColumnModel),
            }
        })
        .collect();
    let steps: Vec<usize> = parts
        .iter()
        .filter_map(|part| match part {
            KeyPart::ColumnModel(at) => Some(*at),
            KeyPart::Reference(_) => None,
        })
        .filter(|at| {
            !matches!(
                members[member].steps[*at].make,
                Generator::Equals(_) | Generator::Record(_) | Generator::RecordType(_) | Generator::Tenant(_)
            )
        })
        .collect();
    if let Some(at) = steps.iter().copied().find(|at| is_place(&members[member], *at))
        && parts
            .iter()
            .any(|part| matches!(part, KeyPart::Reference(link) if members[member].links[*link].mode == ReferenceStrategy::Parent))
    {
        let step = &mut members[member].steps[at];
        step.unique = Some(UniqueBy::Digit { sizes: vec![MANY], place: 0, by_child: true });
        step.null_percent = 0;
        step.about = "numbered within its parent".into();
        return Ok(());
    }
    // What a junction links tells its rows apart, not what it says besides.
    if matches!(members[member].kind, TableKind::Tagging | TableKind::Links)
        && by_links(members, member, &parts, dataset)
    {
        return Ok(());
    }
    // A column with room for any number says it; one that we made up before one of the domain.
    let mut roomy: Vec<usize> = steps
        .iter()
        .copied()
        .filter(|at| few(&members[member], *at).is_none_or(|few| few >= rows.max(1) && few >= rows.min(MANY)))
        .collect();
    roomy.sort_by_key(|at| {
        let step = &members[member].steps[*at];
        let is_domain = matches!(step.make, Generator::Passthrough(_) | Generator::Converted(_));
        let is_text = step.shape.family == ScalarType::Text;
        (is_domain, !is_text, few(&members[member], *at).is_some())
    });
    if let Some(at) = roomy.first() {
        let step = &mut members[member].steps[*at];
        // Where the numbers of the rows do not fit, their places do.
        let fits = step.shape.highest().is_none_or(|highest| counts[member].1 <= highest);
        step.unique = Some(if fits { UniqueBy::Number } else { UniqueBy::RowRef });
        step.null_percent = 0;
        step.about.push_str("; made unique by the row number");
        if let Generator::Passthrough(position) = step.make {
            step.make = Generator::Converted(position);
        }
        return Ok(());
    }
    if by_links(members, member, &parts, dataset) {
        return Ok(());
    }
    let told = by_digits(members, rows, member, &steps, &parts, unique, table);
    match (told, &unique.predicate) {
        (Err(refused), Some(predicate)) => match partial(&members[member], unique, predicate, columns) {
            Some(partial) => {
                members[member].partials.push(partial);
                Ok(())
            }
            None => Err(refused),
        },
        (told, _) => told,
    }
}

/// A key of some rows only: where two would share it, the later one is put out of it.
fn partial(member: &TableModel, unique: &Unique, predicate: &str, columns: &[String]) -> Option<Partial> {
    let outside = format!("NOT ({predicate})");
    Some(Partial {
        key: columns.to_vec(),
        inside: sqlexpr::read(predicate).ok()?,
        outside: TableCheck::new(unique.name.clone(), outside.clone(), sqlexpr::read(&outside).ok()?)
            .of(&member.steps),
        later: BTreeSet::new(),
    })
}

/// Keys of references: each row refers to another one.
fn by_links(members: &mut [TableModel], member: usize, parts: &[KeyPart], dataset: &Dataset) -> bool {
    let mut links: Vec<usize> = Vec::new();
    for part in parts {
        if let KeyPart::Reference(link) = part
            && !links.contains(link)
        {
            links.push(*link);
        }
    }
    let is_parent = |at: &usize| members[member].links[*at].mode == ReferenceStrategy::Parent;
    let has_parent = links.iter().any(is_parent);
    let free = |at: &usize| {
        let link = &members[member].links[*at];
        !is_parent(at)
            && !matches!(
                link.mode,
                ReferenceStrategy::FromDomain(_)
                    | ReferenceStrategy::First
                    | ReferenceStrategy::Preceding
                    | ReferenceStrategy::OwnChild
            )
    };
    // One that nothing decides before one that follows from others.
    let is_open = |at: &usize| matches!(members[member].links[*at].mode, ReferenceStrategy::Any(_));
    let free: Vec<usize> = links.iter().copied().filter(free).collect();
    let free = free.iter().copied().find(is_open).or_else(|| free.first().copied());
    let Some(free) = free else { return false };
    let link = &members[member].links[free];
    let mode = match (link.among, has_parent) {
        (Some((via, through)), true) if members[link.to].domain.is_some() => {
            ReferenceStrategy::NthSibling(via, through)
        }
        (_, true) => ReferenceStrategy::Distinct,
        (_, false) => ReferenceStrategy::Permuted,
    };
    let is_nth = matches!(mode, ReferenceStrategy::NthSibling(..));
    let link = &mut members[member].links[free];
    // What one row of many may refer to once: the others refer to none.
    link.mode = mode;
    link.null_percent = 0;
    if link.name.is_empty() {
        link.name = link.columns.first().map(|(own, _)| own.clone()).unwrap_or_default();
    }
    let (to, is_nullable) = (link.to, link.is_nullable);
    let domain = members[to].domain;
    if is_nth {
        // Every customer has two contacts, every principal more products, unless fewer were asked for.
        if let Rows::Children { spread, .. } = &mut members[member].rows {
            spread.max = spread.max.min(fewest(domain, dataset));
            spread.min = spread.min.min(spread.max);
        }
        return true;
    }
    cap(members, member, to, has_parent, is_nullable);
    true
}

/// How many children of the domain's table every parent has at least.
fn fewest(domain: Option<usize>, dataset: &Dataset) -> u64 {
    match domain.map(|domain| TABLES[domain].info().name) {
        Some("products") => dataset.products_per_principal.min,
        _ => dataset.contacts_per_customer.min,
    }
}

/// Limits the rows of a table to the number of rows that it can refer to.
fn cap(members: &mut [TableModel], member: usize, to: usize, has_parent: bool, is_nullable: bool) {
    let most = match &members[to].rows {
        Rows::Standing(count) => Some(*count),
        Rows::Listed(names) => Some(names.len() as u64),
        Rows::Existing { rows, .. } => Some(rows.len() as u64),
        Rows::Domain | Rows::Children { .. } => None,
    };
    let (Some(most), false) = (most, is_nullable) else { return };
    match &mut members[member].rows {
        Rows::Children { spread, .. } if has_parent => {
            spread.max = spread.max.min(most.max(1));
            spread.min = spread.min.min(spread.max);
        }
        Rows::Standing(count) => *count = (*count).min(most),
        _ => {}
    }
}

/// Few values in each column: together they count through all combinations.
fn by_digits(
    members: &mut [TableModel],
    rows: u64,
    member: usize,
    steps: &[usize],
    parts: &[KeyPart],
    unique: &Unique,
    table: &Table,
) -> Result<()> {
    let planned = &members[member];
    let by_child = parts
        .iter()
        .any(|part| matches!(part, KeyPart::Reference(link) if planned.links[*link].mode == ReferenceStrategy::Parent));
    let free: Vec<usize> = steps
        .iter()
        .copied()
        .filter(|at| {
            planned.steps[*at].unique.is_none()
                && !matches!(planned.steps[*at].make, Generator::Passthrough(_))
        })
        .collect();
    let sizes: Vec<u64> = free.iter().map(|at| few(planned, *at).unwrap_or(MANY)).collect();
    let room = sizes.iter().fold(1_u64, |room, size| room.saturating_mul(*size));
    let needed = match planned.rows {
        Rows::Children { spread, .. } if by_child => spread.max,
        _ => rows,
    };
    if free.is_empty() || room == 0 {
        return refuse(planned, unique, table);
    }
    if needed > room {
        match &mut members[member].rows {
            Rows::Children { spread, .. } if by_child => {
                *spread = CountRange { min: spread.min.min(room), max: room };
            }
            Rows::Standing(count) => *count = room,
            Rows::Listed(names) => names.truncate(room as usize),
            Rows::Children { .. } => members[member].rows = Rows::Standing(room),
            _ => return refuse(&members[member], unique, table),
        }
    }
    for (place, at) in free.iter().enumerate() {
        let step = &mut members[member].steps[*at];
        step.unique = Some(UniqueBy::Digit { sizes: sizes.clone(), place, by_child });
        step.null_percent = 0;
        step.about.push_str("; each combination once");
    }
    Ok(())
}

fn refuse(member: &TableModel, unique: &Unique, table: &Table) -> Result<()> {
    let columns = columns(unique, table).join(", ");
    Err(Error::failed(format!(
        "cannot generate rows for {} of {}: no way to make {columns} unique",
        unique.name, member.qualified
    ))
    .with_hint("leave the table out with --exclude, or set fewer rows for it in crm-seed.toml"))
}
