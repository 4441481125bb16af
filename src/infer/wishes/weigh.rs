//! Weights of labels: where the domain decides the column, its own labels are weighted, so that all that hangs on them
//! still agrees; else those of the column.

use std::collections::BTreeMap;

use super::Granting;
use crate::catalog::{Column, Table};
use crate::domain::TABLES;
use crate::domain::table::ColumnInfo;
use crate::infer::column_type::{ColumnType, text};
use crate::infer::labels::{self, How};
use crate::infer::names::{self, FieldName};
use crate::infer::overrides::{ColumnOverride, RowNames};
use crate::infer::recognition::domain_at;
use crate::infer::scalar_type::ScalarType;
use crate::scenario::wishes::{LabelWeight, WEIGHTED, Wish, weighable};
use crate::sqlexpr::{self, Expression};
use crate::suggestion::{quoted, suggestion};

/// Columns of the domain that follow from others, and from what.
const FOLLOWS: [(&str, &str, &str); 2] = [
    ("opportunities", "status", "follows from the stage: weight that"),
    (
        "organizations",
        "organization_type",
        "follows from the numbers of principals, distributors and customers: set those",
    ),
];
/// What weights are held below, so that sums stay far inside 64 bits.
const HEAVIEST: u128 = 1_000_000_000_000;

impl Granting<'_> {
    /// Weights of a column.
    pub(super) fn weights(&mut self, wish: &Wish<Vec<LabelWeight>>) {
        let Wish { location, name, value } = wish;
        let (at, column) = match self.names().column(name) {
            Ok(found) => found,
            Err(why) => return self.fault(location, name, &why),
        };
        let table = &self.schema.tables[at];
        let column = &table.columns[column];
        let role = domain_at(&self.recognition.roles, at).map(|domain| TABLES[domain].info().name);
        let info = self.meant(at, column);
        let follows = FOLLOWS
            .iter()
            .find(|(of, which, _)| role == Some(*of) && info.is_some_and(|info| info.name == *which));
        if let Some((_, _, why)) = follows {
            return self.fault(location, name, why);
        }
        if !self.chosen.contains(&at)
            && self
                .granted
                .overrides
                .table(&table.schema, &table.name)
                .is_none_or(|setting| setting.asked.is_none())
        {
            return self.fault(location, name, "the table is not filled (--include fills it)");
        }
        let of_domain = role.zip(info).map(|(role, info)| format!("{role}.{}", info.name));
        let weighted = of_domain.and_then(|name| WEIGHTED.iter().find(|known| **known == name));
        let shape = self.shape(table, column);
        let is_key = self.leads_to_list(table, column);
        if let Some(known) = weighted {
            let words = self.words(table, column, &shape, weighable(known), is_key);
            match split(value, &words) {
                Ok(reached) => {
                    let before = self.granted.weights.get(*known);
                    let weights = share(&reached, before);
                    self.granted.weights.insert((*known).to_owned(), weights);
                    let own = value.iter().map(|weight| weight.label.clone());
                    let own: Vec<String> =
                        own.filter(|label| words.labels.iter().all(|(known, _)| known != label)).collect();
                    if is_key && !own.is_empty() {
                        self.rows_of_list(wish, table, column, RowNames::Named(own));
                    }
                    return;
                }
                // A label of the column that none of the domain's becomes.
                Err(_) if shape.labels.is_some() => {}
                Err(label) => return self.unknown_label(name, label, &words, shape.scalar),
            }
        }
        let mut keys = self.schema.foreign_keys.iter();
        if is_key {
            let weights = value.iter().map(|weight| (weight.label.clone(), weight.weight)).collect();
            return self.rows_of_list(wish, table, column, RowNames::Weighted(weights));
        }
        if keys.any(|key| key.from == table.oid && key.columns.contains(&column.name)) {
            let why = "it is a key, and weights are for labels and for the names of a list";
            return self.fault(location, name, why);
        }
        let wrong = shape.labels.as_ref().and_then(|labels| {
            let known: Vec<&str> = labels.iter().map(String::as_str).collect();
            let wrong = value.iter().filter(|weight| !labels.contains(&weight.label));
            let told: Vec<(String, String)> = wrong
                .map(|weight| {
                    let near = suggestion(&weight.label, &known);
                    (weight.location.clone(), format!("no label {}; {near}", quoted(&weight.label)))
                })
                .collect();
            (!told.is_empty() && !shape.is_list).then_some(told)
        });
        for (location, why) in wrong.into_iter().flatten() {
            self.fault(&location, name, &why);
        }
        let key = format!("{}.{}", table.schema, table.name);
        let overrides = &mut self.granted.overrides;
        let mut setting = overrides.table(&table.schema, &table.name).cloned().unwrap_or_default();
        let before = setting.columns.remove(&column.name).unwrap_or_default();
        let weights = value.iter().map(|weight| (weight.label.clone(), weight.weight)).collect();
        let asked = ColumnOverride {
            is: before.is,
            means: before.means,
            weights: Some(weights),
            is_asked: true,
            location: location.trim_end_matches(':').to_owned(),
            ..ColumnOverride::default()
        };
        setting.columns.insert(column.name.clone(), asked);
        overrides.tables.insert(key, setting);
    }

    /// Rows of a list, which only the plan knows.
    fn rows_of_list(
        &mut self,
        wish: &Wish<Vec<LabelWeight>>,
        table: &Table,
        column: &Column,
        rows: RowNames,
    ) {
        let overrides = &mut self.granted.overrides;
        let mut setting = overrides.table(&table.schema, &table.name).cloned().unwrap_or_default();
        let before = setting.columns.remove(&column.name).unwrap_or_default();
        let location = wish.location.trim_end_matches(':').to_owned();
        let asked = ColumnOverride {
            is: before.is,
            means: before.means,
            refers_to: before.refers_to,
            rows: Some(rows),
            is_asked: true,
            location,
            ..ColumnOverride::default()
        };
        setting.columns.insert(column.name.clone(), asked);
        overrides.tables.insert(format!("{}.{}", table.schema, table.name), setting);
    }

    /// The domain's column that a column is, or whose place its reference has taken.
    fn meant(&self, at: usize, column: &Column) -> Option<ColumnInfo> {
        let table = &self.schema.tables[at];
        let position = table.columns.iter().position(|own| own.name == column.name)?;
        if let Some((_, info)) = self.names().of_domain(at).into_iter().find(|(own, _)| *own == position) {
            return Some(info);
        }
        let domain = domain_at(&self.recognition.roles, at)?;
        if !self.leads_to_list(table, column) {
            return None;
        }
        let mut words = names::words(&column.name);
        if words.len() > 1
            && words.last().is_some_and(|last| matches!(last.as_str(), "id" | "code" | "key" | "uuid"))
        {
            words.pop();
        }
        let field = FieldName::of(&words.join("_"));
        let (role, infos) = (TABLES[domain].info().name, TABLES[domain].columns());
        let score = |info: &ColumnInfo| names::column_match(role, info.name, &field);
        infos
            .into_iter()
            .filter(|info| !info.holds.labels.is_empty())
            .filter(|info| score(info).is_some())
            .max_by_key(score)
    }

    /// Whether a column is a key of a table that is none of the domain's.
    fn leads_to_list(&self, table: &Table, column: &Column) -> bool {
        let is_own = |columns: &[String]| matches!(columns, [own] if *own == column.name);
        let mut keys = self.schema.foreign_keys.iter();
        keys.any(|key| {
            let to = self.schema.tables.iter().position(|other| other.oid == key.to);
            key.from == table.oid
                && is_own(&key.columns)
                && to.is_some_and(|to| domain_at(&self.recognition.roles, to).is_none())
        })
    }

    fn shape(&self, table: &Table, column: &Column) -> ColumnType {
        let mut left = sqlexpr::ALL_PATTERNS;
        let checks: Vec<Expression> = table
            .checks
            .iter()
            .filter_map(|check| sqlexpr::read_within(&check.definition, &mut left).ok())
            .filter(|check| check.columns().contains(&column.name))
            .collect();
        ColumnType::new(column, &checks.iter().collect::<Vec<_>>(), self.now)
    }

    /// The words that may be said for each of the domain's labels: the label itself, and what is written for it.
    fn words(
        &self,
        table: &Table,
        column: &Column,
        shape: &ColumnType,
        known: &[&'static str],
        is_key: bool,
    ) -> Words {
        let setting = self.granted.overrides.column(&table.schema, &table.name, &column.name);
        let told = setting.map_or(&[][..], |setting| &setting.labels);
        let default = shape.default.as_ref().and_then(|value| value.as_text());
        let written = |label: &str| match told.iter().find(|told| told.from == label) {
            Some(told) => text(&told.to),
            None => match &shape.labels {
                Some(labels) => labels::nearest(label, labels, default)
                    .map_or(label.to_owned(), |found| labels[found.index].clone()),
                None => label.to_owned(),
            },
        };
        let labels = known.iter().map(|label| (*label, written(label))).collect();
        Words { labels, own: shape.labels.clone().unwrap_or_default(), by_meaning: is_key }
    }

    fn unknown_label(&mut self, name: &str, label: &LabelWeight, words: &Words, scalar: ScalarType) {
        let mut known: Vec<&str> = words.labels.iter().map(|(_, written)| written.as_str()).collect();
        known.extend(words.labels.iter().map(|(label, _)| *label));
        let mut before = std::collections::HashSet::new();
        known.retain(|name| before.insert(*name));
        let map = if scalar == ScalarType::Text && !words.by_meaning {
            "; the column is free text, and `labels` in crm-seed.toml maps these to your words"
        } else {
            ""
        };
        let near = suggestion(&label.label, &known);
        self.fault(&label.location, name, &format!("no label {}; {near}{map}", quoted(&label.label)));
    }
}

/// The domain's labels, and what a column has for them.
struct Words {
    labels: Vec<(&'static str, String)>,
    /// All labels of the column.
    own: Vec<String>,
    /// What a row of a list is called is known by its meaning.
    by_meaning: bool,
}

/// For each weight the domain's labels that become its label; else the first label that none becomes.
fn split<'w>(
    wanted: &'w [LabelWeight],
    words: &Words,
) -> Result<Vec<(u64, Vec<&'static str>)>, &'w LabelWeight> {
    let own: Vec<String> = words.labels.iter().map(|(label, _)| (*label).to_owned()).collect();
    let mut taken: Vec<&str> = Vec::new();
    wanted
        .iter()
        .map(|weight| {
            let is_own = words.own.contains(&weight.label);
            let written = words.labels.iter().filter(|(_, written)| *written == weight.label);
            let mut reached: Vec<&'static str> = written.map(|(label, _)| *label).collect();
            if reached.is_empty() && !is_own {
                reached.extend(
                    words.labels.iter().map(|(label, _)| *label).filter(|label| *label == weight.label),
                );
            }
            if reached.is_empty() && words.by_meaning {
                let found =
                    labels::nearest(&weight.label, &own, None).filter(|found| found.how <= How::Semantics);
                reached.extend(found.map(|found| words.labels[found.index].0));
            }
            let is_new = reached.iter().all(|label| !taken.contains(label));
            taken.extend(&reached);
            if reached.is_empty() || !is_new { Err(weight) } else { Ok((weight.weight, reached)) }
        })
        .collect()
}

/// The weights of the domain's labels: what several of them share is shared as before.
fn share(
    reached: &[(u64, Vec<&'static str>)],
    before: Option<&BTreeMap<String, u64>>,
) -> BTreeMap<String, u64> {
    let was = |label: &str| before.map_or(1, |weights| weights.get(label).copied().unwrap_or(0));
    let sum = |labels: &[&str]| labels.iter().map(|label| u128::from(was(label))).sum::<u128>();
    // Labels that had no weight share alike.
    let share = |labels: &[&str], label: &str| match sum(labels) {
        _ if labels.len() == 1 => (1, 1),
        0 => (1, labels.len() as u128),
        all => (u128::from(was(label)), all),
    };
    let parts = reached.iter().flat_map(|(weight, labels)| {
        labels.iter().map(|label| {
            let (part, all) = share(labels, label);
            ((*label).to_owned(), *weight, part, all)
        })
    });
    let parts: Vec<(String, u64, u128, u128)> = parts.collect();
    // Sums are at most a few times the heaviest weight: where all of them together are too large, what is left over in
    // the division is less than anybody can see.
    let common =
        parts.iter().map(|(_, _, _, all)| *all).fold(1, |common, all| lowest(common, all).min(HEAVIEST));
    let whole = |(label, weight, part, all): (String, u64, u128, u128)| {
        (label, u128::from(weight) * part * common / all)
    };
    let weights: Vec<(String, u128)> = parts.into_iter().map(whole).collect();
    let most = weights.iter().map(|(_, weight)| *weight).max().unwrap_or(0);
    let by = most.div_ceil(HEAVIEST).max(1);
    let weights = weights.into_iter().map(|(label, weight)| {
        let kept = if weight > 0 { (weight / by).max(1) } else { 0 };
        (label, u64::try_from(kept).unwrap_or(u64::MAX))
    });
    weights.collect()
}

/// The lowest common multiple.
fn lowest(a: u128, b: u128) -> u128 {
    let (mut x, mut y) = (a, b);
    while y > 0 {
        (x, y) = (y, x % y);
    }
    (a / x).saturating_mul(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(of: &[(&str, u64)]) -> BTreeMap<String, u64> {
        of.iter().map(|(label, weight)| ((*label).to_owned(), *weight)).collect()
    }

    #[test]
    fn labels_that_become_one_share_its_weight_as_before() {
        let before = weights(&[("new", 3), ("old", 1), ("won", 7)]);
        let shared = share(&[(2, vec!["new", "old"]), (1, vec!["won"])], Some(&before));
        assert_eq!(shared, weights(&[("new", 6), ("old", 2), ("won", 4)]));
        assert_eq!(share(&[(5, vec!["won"])], None), weights(&[("won", 5)]));
        assert_eq!(share(&[(2, vec!["a", "b"])], Some(&before)), weights(&[("a", 2), ("b", 2)]));
        let heavy = weights(&[("new", 999_999_937), ("old", 999_999_929), ("won", 999_999_893)]);
        let shared = share(&[(1_000_000_000, vec!["new", "old"]), (1, vec!["won"])], Some(&heavy));
        assert!(shared.values().all(|weight| (1..=1_000_000_000_000).contains(weight)), "{shared:?}");
    }
}
