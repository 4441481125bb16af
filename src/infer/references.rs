//! What the tables refer to: by foreign keys, by what the domain knows, and by columns that are references in
//! all but declaration.

use std::collections::HashMap;

use crate::catalog::{Column, Schema, Table};
use crate::domain::TABLES;
use crate::domain::table::ColumnInfo;
use crate::infer::column_match::Found;
use crate::infer::kinds::{self, TableKind};
use crate::infer::model::{Reference, ReferenceStrategy};
use crate::infer::names;
use crate::infer::organization_type::organization_type_hint;
use crate::infer::overrides::{ColumnOverride, Overrides};
use crate::infer::people::{PeopleMeant, person};
use crate::infer::recognition::Recognition;
use crate::infer::record_pairs::{is_of_any, is_of_people, partner};
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics;
use crate::infer::table_key::{
    called_like, can_hold, is_constant, is_required, is_same_type, main_key, own_key, singular_of, who,
};
use crate::infer::table_selection::SelectedTable;
use crate::infer::told_references;

/// The target as far as references are concerned.
pub struct TargetView<'a> {
    /// The catalog of the target.
    pub schema: &'a Schema,
    /// The tables that take part.
    pub chosen: &'a [SelectedTable],
    /// For each of them that is the domain's, which column is which of its own.
    pub columns: &'a [Vec<Option<Found>>],
    /// Settings of `crm-seed.toml` and the command line.
    pub overrides: &'a Overrides,
    /// What all tables are.
    pub recognition: &'a Recognition,
    people: PeopleMeant,
    /// The tables that take no part, by the schema and the word for one of their rows.
    unfilled: HashMap<(&'a str, String), usize>,
    /// The most characters of a host, where the columns that show it have no room for all of it.
    pub host_room: Option<usize>,
}

impl<'a> TargetView<'a> {
    /// Of these tables.
    pub fn new(
        schema: &'a Schema,
        chosen: &'a [SelectedTable],
        columns: &'a [Vec<Option<Found>>],
        overrides: &'a Overrides,
        recognition: &'a Recognition,
    ) -> Self {
        let is_chosen = |at: &usize| chosen.iter().any(|chosen| chosen.at == *at);
        let unfilled = (0..schema.tables.len()).filter(|at| !is_chosen(at)).map(|at| {
            let name = names::singular_phrase(&names::words(&recognition.tables[at].name));
            ((schema.tables[at].schema.as_str(), name), at)
        });
        let (people, unfilled) = (PeopleMeant::of(schema), unfilled.collect());
        Self { schema, chosen, columns, overrides, recognition, people, unfilled, host_room: None }
    }

    pub fn table(&self, member: usize) -> &'a Table {
        &self.schema.tables[self.chosen[member].at]
    }

    /// The member of a table.
    pub fn member(&self, oid: u32) -> Option<usize> {
        (0..self.chosen.len()).find(|member| self.table(*member).oid == oid)
    }

    /// The member that is a table of the domain.
    pub fn of_domain(&self, name: &str) -> Option<usize> {
        self.chosen
            .iter()
            .position(|chosen| chosen.domain.is_some_and(|(domain, _)| TABLES[domain].info().name == name))
    }

    /// What the domain knows of a member's rows: its columns and what is beyond them.
    pub fn infos(&self, member: usize) -> Vec<ColumnInfo> {
        let Some((domain, _)) = self.chosen[member].domain else { return Vec::new() };
        let table = TABLES[domain];
        table.columns().into_iter().chain(table.virtual_columns()).collect()
    }

    /// The position in the domain of a column of a member.
    pub fn known(&self, member: usize, column: &str) -> Option<usize> {
        let table = self.table(member);
        let at = table.columns.iter().position(|other| other.name == column)?;
        self.columns[member].iter().position(|found| found.is_some_and(|found| found.at == at))
    }

    /// The references that are foreign keys.
    pub fn declared(&self, member: usize) -> Vec<Reference> {
        let table = self.table(member);
        let mut references = Vec::new();
        for key in self.schema.foreign_keys.iter().filter(|key| key.from == table.oid) {
            // A row that refers to itself by its own key does so whatever the key is.
            if key.to == key.from && key.columns == key.to_columns {
                continue;
            }
            let Some(to) = self.member(key.to) else { continue };
            let mut columns: Vec<(String, String)> =
                key.columns.iter().cloned().zip(key.to_columns.iter().cloned()).collect();
            // Of a key with a tenant in it the last column says who is meant.
            let who = who(self.schema, key);
            columns.sort_by_key(|(own, _)| Some(own) == who);
            let of = |name: &str| table.columns.iter().find(|column| column.name == name);
            if columns.iter().any(|(own, _)| of(own).is_none_or(is_computed) || self.is_overruled(table, own))
            {
                continue;
            }
            let by_domain = columns.iter().find_map(|(own, _)| self.domain_strategy(member, own, to));
            let strategy = by_domain
                .unwrap_or_else(|| ReferenceStrategy::Any(organization_type_hint(&main_column(&columns))));
            references.push(Reference {
                is_declared: true,
                is_deferrable: key.deferrable,
                is_nullable: match key.match_full {
                    true => key.columns.iter().all(|own| of(own).is_some_and(|column| !column.not_null)),
                    false => !is_required(table, key),
                },
                is_full: key.match_full,
                name: key.name.clone(),
                ..Reference::new(to, columns, strategy, true)
            });
        }
        references.sort_by(|a, b| b.columns.len().cmp(&a.columns.len()).then_with(|| a.name.cmp(&b.name)));
        references
    }

    /// Whether the config file sets the values of a column.
    pub fn is_overruled(&self, table: &Table, column: &str) -> bool {
        self.overrides.column(&table.schema, &table.name, column).is_some_and(ColumnOverride::is_decided)
    }

    /// The strategy of a reference that the bundled schema has, too.
    fn domain_strategy(&self, member: usize, own: &str, to: usize) -> Option<ReferenceStrategy> {
        let position = self.known(member, own)?;
        let info = *self.infos(member).get(position)?;
        let (domain, _) = self.chosen[to].domain?;
        (info.holds.refers_to == Some(TABLES[domain].info().name))
            .then_some(ReferenceStrategy::FromDomain(position))
    }

    /// Finds references for which no foreign key is declared.
    pub fn undeclared(&self, member: usize, references: &mut Vec<Reference>) {
        let table = self.table(member);
        for column in &table.columns {
            let is_taken = references
                .iter()
                .any(|reference| reference.columns.iter().any(|(own, _)| *own == column.name));
            let is_key = own_key(table).is_some_and(|key| key.name == column.name);
            if is_taken
                || column.generated
                || self.is_overruled(table, &column.name)
                || self.leads_nowhere(member, column).is_some()
            {
                continue;
            }
            let domain_column = self.known(member, &column.name);
            let meant = domain_column.and_then(|position| self.infos(member)[position].holds.refers_to);
            if let Some((to, theirs, strategy)) = self.told(member, column, domain_column) {
                let columns = vec![(column.name.clone(), theirs)];
                references.push(Reference {
                    is_told: true,
                    ..Reference::new(to, columns, strategy, !column.not_null)
                });
                continue;
            }
            let found = match (domain_column, meant) {
                (Some(position), Some(name)) => {
                    self.of_domain(name).map(|to| (to, ReferenceStrategy::FromDomain(position)))
                }
                (Some(_), None) => None,
                (None, _) if is_key => None,
                (None, _) => self
                    .meant(member, column)
                    .map(|to| (to, ReferenceStrategy::Any(organization_type_hint(&column.name)))),
            };
            let Some((to, strategy)) = found else { continue };
            let Some(key) = main_key(self.schema, self.table(to)) else { continue };
            if can_hold(column, key) && !self.is_of_others(member, column, to) {
                references.push(Reference::new(
                    to,
                    vec![(column.name.clone(), key.name.clone())],
                    strategy,
                    !column.not_null,
                ));
            }
        }
    }

    /// Where the configuration says that a column leads.
    fn told(
        &self,
        member: usize,
        column: &Column,
        domain_column: Option<usize>,
    ) -> Option<(usize, String, ReferenceStrategy)> {
        let told = told_references::of(self.schema, self.table(member), self.overrides)
            .find(|told| told.own == column.name)?;
        let to = self.member(told.to.oid)?;
        let meant = domain_column.filter(|position| {
            let domain = self.chosen[to].domain.map(|(domain, _)| TABLES[domain].info().name);
            domain.is_some() && self.infos(member)[*position].holds.refers_to == domain
        });
        let any = || ReferenceStrategy::Any(organization_type_hint(&column.name));
        Some((to, told.theirs.name.clone(), meant.map_or_else(any, ReferenceStrategy::FromDomain)))
    }

    /// The table that takes no part and that a column leads to: by a foreign key, or as it is called like it.
    pub fn leads_nowhere(&self, member: usize, column: &Column) -> Option<&'a Table> {
        let table = self.table(member);
        let mut keys = self.schema.foreign_keys.iter().filter(|key| {
            key.from == table.oid
                && key.columns.contains(&column.name)
                && !(key.to == key.from && key.columns == key.to_columns)
        });
        if let Some(key) = keys.find(|key| self.member(key.to).is_none()) {
            return self.schema.tables.iter().find(|table| table.oid == key.to);
        }
        let mut told = told_references::of(self.schema, table, self.overrides);
        if let Some(told) = told.find(|told| told.own == column.name) {
            return self.member(told.to.oid).is_none().then_some(told.to);
        }
        let base = called_like(column, &names::words(&column.name))?;
        if own_key(table).is_some_and(|key| key.name == column.name) {
            return None;
        }
        let at = self.unfilled.get(&(table.schema.as_str(), names::singular_phrase(&base)))?;
        let to = &self.schema.tables[*at];
        main_key(self.schema, to).filter(|key| is_same_type(column, key)).map(|_| to)
    }

    /// A tenant's column in a table of people says who they are, not whose.
    pub fn is_own_tenant(&self, member: usize, column: &str) -> bool {
        let own = own_key(self.table(member)).is_some_and(|key| key.name == column);
        own || self.chosen[member].kind == TableKind::Users
    }

    /// The name of a member's table without a prefix that others share.
    fn name(&self, member: usize) -> &str {
        &self.chosen[member].name
    }

    /// A text that is called after another system is no key of ours, unless it is called like the table alone.
    fn is_of_others(&self, member: usize, column: &Column, to: usize) -> bool {
        let words = names::words(&column.name);
        let base = called_like(column, &words).unwrap_or_default();
        let is_text = column.category == 'S';
        let meaning = || semantics::meaning(self.chosen[member].kind, &words, ScalarType::Text);
        is_text
            && names::singular_phrase(&base) != names::singular_phrase(&names::words(self.name(to)))
            && Some(meaning()).is_some_and(|meaning| meaning.is_always_null() && !meaning.is_unknown())
    }

    /// Whether a column is called like the key of a table that takes part, and cannot hold it.
    pub fn is_misfit(&self, member: usize, column: &Column) -> bool {
        let is_key = own_key(self.table(member)).is_some_and(|key| key.name == column.name);
        let words = names::words(&column.name);
        if is_key || called_like(column, &words).is_none() {
            return false;
        }
        let to = self.meant(member, column);
        let key = to.and_then(|to| main_key(self.schema, self.table(to)));
        key.is_some_and(|key| !can_hold(column, key))
    }

    /// The people that a column means.
    fn users(&self, column: &Column, words: &[String]) -> Option<usize> {
        let fits =
            |to: &usize| main_key(self.schema, self.table(*to)).is_some_and(|key| is_same_type(column, key));
        if let Some(oid) = self.people.named(words)
            && let Some(table) = self.schema.tables.iter().find(|table| table.oid == oid)
            && main_key(self.schema, table).is_some_and(|key| is_same_type(column, key))
        {
            return self.member(oid);
        }
        let weight = |to: &usize| {
            let table = self.table(*to);
            let signs_in = table
                .columns
                .iter()
                .any(|column| names::words(&column.name).iter().any(|word| word.contains("password")));
            (self.people.count(table.oid), signs_in, std::cmp::Reverse(*to))
        };
        let users = (0..self.chosen.len()).filter(|to| self.chosen[*to].kind == TableKind::Users);
        users.filter(fits).max_by_key(weight)
    }

    /// The table that the name of a column suggests.
    fn meant(&self, member: usize, column: &Column) -> Option<usize> {
        let words = names::words(&column.name);
        let (last, base) = words.split_last()?;
        if column.category == 'A' && !matches!(last.as_str(), "id" | "ids") {
            // A list of keys is called like the table.
            let named = |to: &usize| is_named(self.name(*to), &column.name);
            return (0..self.chosen.len()).find(named);
        }
        let is_key_like = matches!(last.as_str(), "id" | "ids" | "uuid" | "fk");
        // Beside the name of a table it is a key of that one.
        let table = self.table(member);
        if is_of_people(table, column) || is_of_any(table, column) {
            return None;
        }
        let is_person = person(&words).is_some();
        let users = || self.users(column, &words);
        if words.join(" ") == "reports to" || base.join(" ") == "reports to" {
            return Some(member);
        }
        if is_person && !is_key_like {
            return users();
        }
        let base = called_like(column, &words)?.join("_");
        if base == "parent" {
            let is_pair = partner(self.table(member), column).is_some();
            return (!is_pair).then_some(member);
        }
        let named = |to: &usize| is_named(self.name(*to), &base);
        // `category_id` of products is one of `product_categories`.
        let own = singular_of(self.name(member));
        let part = |to: &usize| is_named(self.name(*to), &format!("{own}_{base}"));
        let all = 0..self.chosen.len();
        let of_domain = |to: &usize| {
            self.chosen[*to]
                .domain
                .is_some_and(|(domain, _)| names::table_match(TABLES[domain].info().name, &base).is_some())
        };
        // `tag_id` of a table `labels`.
        let kind = kinds::kind("", &base);
        let of_kind = |to: &usize| {
            kind.is_list_of_values() && kind != TableKind::Lookup && self.chosen[*to].kind == kind
        };
        all.clone()
            .find(named)
            .or_else(|| all.clone().find(of_domain))
            .or_else(|| all.clone().find(part))
            .or_else(|| all.clone().find(of_kind))
            .or_else(|| if is_person { users() } else { None })
    }
}

/// Whether the server computes a column of others.
fn is_computed(column: &Column) -> bool {
    column.generated && !is_constant(column)
}

/// Whether a table's name, or the end of it, is the plural of `base`.
fn is_named(table: &str, base: &str) -> bool {
    let singular =
        |name: &str| -> Vec<String> { names::words(name).iter().map(|word| names::singular(word)).collect() };
    let (table, base) = (singular(table), singular(base));
    !base.is_empty() && (table == base || base.ends_with(&table))
}

/// The column of a reference that says who is meant: the last, behind a tenant.
pub fn main_column(columns: &[(String, String)]) -> String {
    columns.last().map(|(own, _)| own.clone()).unwrap_or_default()
}
