//! Pairs of columns that refer to a row of any table: `record_type` names the table, `record_id` the row.

use crate::catalog::Column;
use crate::domain::dataset::OrganizationType;
use crate::infer::class_names::{self, Framework};
use crate::infer::column_type::ColumnType;
use crate::infer::kinds::TableKind;
use crate::infer::model::{PolymorphicTarget, Reference, ReferenceStrategy};
use crate::infer::names;
use crate::infer::organization_type::organization_type_hint;
use crate::infer::record_pairs::{PairOf, object_of, partner};
use crate::infer::references::TargetView;
use crate::infer::semantics;
use crate::infer::table_key::{can_hold, is_same_type, main_key};
use crate::infer::table_selection::{ExistingRows, ExistingTable};
use crate::sqlexpr::value::Value;

/// Maximum number of tables that a polymorphic reference can refer to.
const CHOICES: usize = 3;
/// What such a pair refers to where the kind of its table says nothing.
const USUAL: &[&str] = &["organizations", "contacts", "opportunities"];

/// A table that a pair may mean: the member, its key, and what the type column says of it.
struct Candidate {
    to: usize,
    key: String,
    label: String,
    value: Value,
}

/// A pair of a table, and what the type column may say.
struct Pair<'a> {
    frame: &'a TargetView<'a>,
    member: usize,
    id: &'a Column,
    of_type: &'a Column,
    of: PairOf,
}

/// The references of such pairs: one for each table that is meant, of which a row follows one.
///
/// Where the key is part of a unique one there is one table only, so that what keeps references apart keeps
/// these apart too.
pub fn references(
    frame: &TargetView<'_>,
    member: usize,
    references: &mut Vec<Reference>,
    (now, there): (i64, &ExistingRows),
) {
    let table = frame.table(member);
    for id in &table.columns {
        let Some((of_type, of)) = partner(table, id) else { continue };
        let pair = Pair { frame, member, id, of_type, of };
        if pair.is_free(id, references) && pair.is_free(of_type, references) {
            pair.reference(pair.candidates(now), references);
        }
    }
    // A framework's list of its models: the reference to it says which one is meant.
    let listed: Vec<(String, usize)> = references
        .iter()
        .filter_map(|reference| Some((reference.columns.last()?.0.clone(), reference.to)))
        .collect();
    for (of_type, list) in listed {
        let Some(of_type) = table.columns.iter().find(|column| column.name == of_type) else { continue };
        let (Some(id), Some(rows)) = (object_of(table, of_type), there.get(&frame.table(list).oid)) else {
            continue;
        };
        let pair = Pair { frame, member, id, of_type, of: PairOf::Records };
        let found = pair.listed(rows);
        let is_own = |reference: &Reference| reference.columns.iter().any(|(own, _)| *own == of_type.name);
        if !found.is_empty() && pair.is_free(id, references) && !frame.is_overruled(table, &of_type.name) {
            references.retain(|reference| !is_own(reference));
            pair.reference(found, references);
        }
    }
}

impl Pair<'_> {
    fn is_free(&self, column: &Column, references: &[Reference]) -> bool {
        let name = &column.name;
        let is_taken = references.iter().any(|reference| {
            reference.columns.iter().any(|(own, _)| own == name)
                || reference
                    .alternative
                    .as_ref()
                    .is_some_and(|pair| pair.id == *name || pair.of_type == *name)
        });
        let table = self.frame.table(self.member);
        !is_taken
            && !column.generated
            && self.frame.known(self.member, name).is_none()
            && !self.frame.is_overruled(table, name)
    }

    fn reference(&self, mut found: Vec<Candidate>, references: &mut Vec<Reference>) {
        let Self { id, of_type, .. } = self;
        let table = self.frame.table(self.member);
        let is_unique =
            table.uniques.iter().any(|unique| unique.columns.iter().flatten().any(|c| *c == id.name));
        found.truncate(if is_unique { 1 } else { CHOICES });
        let count = found.len();
        for (position, Candidate { to, key, label, value }) in found.into_iter().enumerate() {
            let kin = match self.frame.chosen[to].domain {
                Some(_) => organization_type_hint(&label),
                None => OrganizationType::Customer,
            };
            let alternative = PolymorphicTarget {
                id: id.name.clone(),
                key: key.clone(),
                of_type: of_type.name.clone(),
                label,
                value,
                follows: Vec::new(),
            };
            let (columns, strategy) = match is_unique {
                true => (vec![(id.name.clone(), key)], ReferenceStrategy::Any(kin)),
                false => (Vec::new(), ReferenceStrategy::Polymorphic { position, count, kin }),
            };
            references.push(Reference {
                name: id.name.clone(),
                alternative: Some(alternative),
                ..Reference::new(to, columns, strategy, !id.not_null)
            });
        }
    }

    /// The members that may be meant, the most natural first.
    fn wanted(&self) -> Vec<usize> {
        let frame = self.frame;
        if self.of == PairOf::People {
            let is_people = |to: &usize| frame.chosen[*to].kind == TableKind::Users;
            return (0..frame.chosen.len()).filter(is_people).collect();
        }
        let natural = frame.chosen[self.member].kind.parents();
        let rest = USUAL.iter().filter(|name| !natural.contains(name));
        let members = natural.iter().chain(rest).filter_map(|name| frame.of_domain(name));
        members.filter(|to| *to != self.member).collect()
    }

    /// Whether a pair whose name says nothing is one, as frameworks with classes have no others: where it has the type
    /// of keys, and is not another system's.
    fn is_of_framework(&self, framework: Framework) -> bool {
        let has_type_of_key = |to: usize| {
            let key = main_key(self.frame.schema, self.frame.table(to));
            key.is_some_and(|key| {
                is_same_type(self.id, key) && !matches!(self.id.base.as_str(), "varchar" | "text" | "citext")
            })
        };
        let id = ColumnType::new(self.id, &[], 0);
        let meaning = semantics::meaning(self.frame.chosen[self.member].kind, &id.words, id.scalar);
        framework != Framework::None
            && (meaning.is_unknown() || !meaning.is_always_null())
            && self.wanted().first().is_some_and(|to| has_type_of_key(*to))
    }

    /// The column of a member's key, where the pair has room for it.
    fn key_of(&self, to: usize) -> Option<String> {
        let key = main_key(self.frame.schema, self.frame.table(to))?;
        can_hold(self.id, key).then(|| key.name.clone())
    }

    /// The tables that are meant, with their keys and what the type column says.
    fn candidates(&self, now: i64) -> Vec<Candidate> {
        let table = self.frame.table(self.member);
        let checks: Vec<_> =
            table.checks.iter().filter_map(|check| crate::sqlexpr::read(&check.definition).ok()).collect();
        let column_type = ColumnType::new(self.of_type, &checks.iter().collect::<Vec<_>>(), now);
        let candidate = |to: usize, label: String| {
            let value = column_type.fit(label.as_str().into());
            Some(Candidate { to, key: self.key_of(to)?, label, value })
        };
        let Some(labels) = &column_type.labels else {
            let framework = Framework::of(self.frame.schema);
            if self.of == PairOf::Unknown && !self.is_of_framework(framework) {
                return Vec::new();
            }
            let spelled = |to: usize| {
                let (table, short) = (&self.frame.table(to).name, &self.frame.chosen[to].name);
                class_names::spelled(framework, self.of_type, table, short)
            };
            return self.wanted().into_iter().filter_map(|to| candidate(to, spelled(to))).collect();
        };
        let labelled = |to: usize| {
            let label = labels.iter().find(|label| self.is_named(label, to))?;
            candidate(to, label.clone())
        };
        let found: Vec<Candidate> = self.wanted().into_iter().filter_map(labelled).collect();
        match found.is_empty() {
            true => {
                (0..self.frame.chosen.len()).filter(|to| *to != self.member).filter_map(labelled).collect()
            }
            false => found,
        }
    }

    /// Whether a label means a member's table.
    fn is_named(&self, label: &str, to: usize) -> bool {
        let chosen = &self.frame.chosen[to];
        let domain = chosen.domain.map(|(domain, _)| crate::domain::TABLES[domain].info().name);
        let letters = class_names::letters(label);
        let same = |table: &str| match letters.len() {
            // `A` of accounts.
            1 => class_names::letters(table).starts_with(&letters),
            _ => letters == class_names::letters(table),
        };
        same(&self.frame.table(to).name)
            || same(&chosen.name)
            || domain.is_some_and(|domain| names::table_match(domain, label).is_some())
    }

    /// The tables that the rows of a framework's list name.
    fn listed(&self, rows: &ExistingTable) -> Vec<Candidate> {
        let Some(key) = self.list_key(rows) else { return Vec::new() };
        let frame = self.frame;
        let others = (0..frame.chosen.len()).filter(|to| frame.chosen[*to].domain.is_none());
        let is_record = |to: &usize| {
            let chosen = &frame.chosen[*to];
            !chosen.is_there
                && *to != self.member
                && (chosen.kind.belongs() || chosen.kind == TableKind::Other)
        };
        let candidate = |to: usize| {
            let row = rows.rows.iter().find(|row| class_names::names_table(row, &frame.table(to).name))?;
            Some(Candidate {
                to,
                key: self.key_of(to)?,
                label: frame.table(to).name.clone(),
                value: Value::Text(row.get(key)?.clone()?),
            })
        };
        let usual: Vec<Candidate> = self.wanted().into_iter().filter_map(candidate).collect();
        match usual.is_empty() {
            true => others.filter(is_record).filter_map(candidate).collect(),
            false => usual,
        }
    }

    /// The place of the key among the columns that were read of a list.
    fn list_key(&self, rows: &ExistingTable) -> Option<usize> {
        let oid = self.frame.table(self.member).oid;
        let mut keys = self.frame.schema.foreign_keys.iter().filter(|key| key.from == oid);
        let key = keys.find(|key| key.columns == [self.of_type.name.clone()])?;
        rows.columns.iter().position(|column| key.to_columns.first() == Some(column))
    }
}
