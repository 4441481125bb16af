//! Unique keys that hold without further ado, by the way in which their columns are generated.

use crate::domain::counts::CountRange;
use crate::domain::{TABLES, all_columns_of};
use crate::infer::column_type::ColumnType;
use crate::infer::kinds::TableKind;
use crate::infer::model::{Generator, KeyRule, ReferenceStrategy, Rows, TableModel, UniqueBy};
use crate::infer::rows::tiers;
use crate::infer::uniqueness::rule::{reference_column, told_by};

/// Columns of the domain that repeat in no two rows, as the domain has them.
const UNIQUE: &[(&str, &[&str])] = &[
    ("organizations", &["name"]),
    ("organizations", &["website"]),
    ("organizations", &["email"]),
    ("contacts", &["email"]),
    ("products", &["upc"]),
    ("products", &["principal_id", "sku"]),
    ("contact_organizations", &["contact_id", "organization_id"]),
    ("opportunity_participants", &["opportunity_id", "organization_id"]),
    ("opportunity_participants", &["opportunity_id", "role"]),
    ("product_inventory", &["product_id"]),
    ("tasks", &["opportunity_id", "title"]),
];

/// Whether no two rows of the domain's `table` are alike in `columns`.
pub fn is_distinct(table: &str, columns: &[&str]) -> bool {
    let has = |distinct: &[&str]| distinct.iter().all(|column| columns.contains(column));
    has(&["id"]) || UNIQUE.iter().any(|(its, distinct)| *its == table && has(distinct))
}

/// Whether no two rows can be alike in the parts of a key as it is.
pub(super) fn is_kept(member: &TableModel, rule: &KeyRule) -> bool {
    if matches!(member.rows, Rows::Standing(0 | 1)) {
        return true;
    }
    let told: Vec<&str> = rule.parts.iter().flat_map(told_by).collect();
    let has = |name: &str| told.contains(&name);
    let columns =
        || member.columns.iter().filter(|column| has(&column.column_type.name) && !column.is_null());
    if columns().any(|column| {
        matches!(column.generator, Generator::Key(_) | Generator::Name(_) | Generator::Default(_))
            || column.unique == Some(UniqueBy::Number)
            || is_each_its_own(member, &column.generator)
    }) {
        return true;
    }
    if let Some(domain) = member.domain {
        let infos = all_columns_of(domain);
        let known: Vec<&str> = columns()
            .filter_map(|column| match column.generator {
                Generator::Passthrough(position) => Some(infos[position].name),
                Generator::Reference(reference, _) => match member.references[reference].strategy {
                    ReferenceStrategy::FromDomain(position) => Some(infos[position].name),
                    _ => None,
                },
                Generator::Converted(position) if is_whole(infos[position].name, &column.column_type) => {
                    Some(infos[position].name)
                }
                _ => None,
            })
            .collect();
        let info = TABLES[domain].info();
        let keys = UNIQUE.iter().filter(|(table, _)| *table == info.name).map(|(_, key)| *key);
        return keys.chain([info.key]).any(|key| key.iter().all(|column| known.contains(column)));
    }
    let references = || {
        member
            .references
            .iter()
            .enumerate()
            .filter(|(_, reference)| reference_column(reference).is_some_and(has))
    };
    if references().any(|(_, reference)| reference.strategy == ReferenceStrategy::Permuted) {
        return true;
    }
    let is_pair = |with: usize| references().any(|(at, _)| at == with);
    if references()
        .any(|(_, reference)| matches!(reference.strategy, ReferenceStrategy::Pair(with) if is_pair(with)))
    {
        return true;
    }
    let has_parent = references().any(|(_, reference)| reference.strategy == ReferenceStrategy::Parent);
    let only_one = matches!(member.rows, Rows::Children { spread: CountRange { max: 1, .. }, .. });
    let has_distinct = references().any(|(_, reference)| {
        matches!(reference.strategy, ReferenceStrategy::Distinct | ReferenceStrategy::NthSibling(..))
    });
    let is_tier = member.kind == TableKind::Pricing
        && columns().any(|column| tiers::is_least(&column.column_type.words));
    has_parent && (only_one || has_distinct || is_tier)
}

/// Whether a table has so few rows that each has its own of some values.
fn is_each_its_own(member: &TableModel, generator: &Generator) -> bool {
    let Generator::InTurn(values) = generator else { return false };
    let rows = match &member.rows {
        Rows::Standing(rows) => *rows,
        Rows::Listed(names) => names.len() as u64,
        _ => return false,
    };
    let is_told = |at: usize| !values[..at].contains(&values[at]) && !values[at].is_null();
    rows <= values.len() as u64 && (0..rows as usize).all(is_told)
}

/// Whether a column is long enough that CRM values are not shortened, and so stay distinct. What becomes of them by
/// mapped labels is seen when the planned rows are compared.
fn is_whole(name: &str, column_type: &ColumnType) -> bool {
    let longest = match name {
        "upc" => 12,
        "sku" => 11,
        _ => 60,
    };
    column_type.host_room.is_none() && column_type.max_length.is_none_or(|most| most >= longest)
}
