//! Which tables take part besides the domain's: those that a filled one cannot do without, those that clearly
//! belong to a CRM, and those that were asked for.

use std::collections::BTreeMap;

use crate::catalog::{Schema, Table};
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::infer::column_match::Found;
use crate::infer::kinds::TableKind;
use crate::infer::names;
use crate::infer::overrides::Overrides;
use crate::infer::recognition::{Links, Recognition, Recognized};
use crate::infer::table_key::is_required;
use crate::infer::told_references;

/// Rows that are there and are not ours, by the oid of their table.
pub type ExistingRows = BTreeMap<u32, ExistingTable>;

/// Rows of a table that are left as they are and referred to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingTable {
    /// The columns that were read.
    pub columns: Vec<String>,
    /// Their values as text, in the order of the key.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A table that is filled or referenced.
#[derive(Clone, Debug)]
pub struct SelectedTable {
    /// Its position among the target's tables.
    pub at: usize,
    /// Its position in the domain, and how alike the names are.
    pub domain: Option<(usize, u8)>,
    /// The kind of table, judging by its name.
    pub kind: TableKind,
    /// Its name without a prefix that others share.
    pub name: String,
    /// The tables that it links, where it does no more.
    pub links: Option<Links>,
    /// Why it takes part.
    pub why: String,
    /// Its existing rows are used.
    pub is_there: bool,
    /// It stands for the rows of scenarios that come to those that are there.
    pub is_added_to: bool,
}

/// A table that is not filled, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedTable {
    pub table: String,
    /// Why it is not filled, for people.
    pub why: String,
}

/// The tables that are filled, and those that are not.
#[derive(Debug, Default)]
pub struct Choice {
    /// The tables that take part: the domain's first.
    pub chosen: Vec<SelectedTable>,
    /// Tables that might be expected and are not filled.
    pub refused: Vec<SkippedTable>,
}

struct Chooser<'a> {
    schema: &'a Schema,
    overrides: &'a Overrides,
    there: &'a ExistingRows,
    recognition: &'a Recognition,
    choice: Choice,
}

/// Chooses.
///
/// # Errors
/// A setting names a table that there is not.
pub fn choose(
    schema: &Schema,
    overrides: &Overrides,
    there: &ExistingRows,
    recognition: &Recognition,
) -> Result<Choice> {
    let found = &recognition.roles[..];
    check_names(schema, overrides)?;
    check_rows(schema, overrides, found)?;
    let mut chooser = Chooser { schema, overrides, there, recognition, choice: Choice::default() };
    chooser.domain(found);
    chooser.belonging(found);
    chooser.needed();
    chooser.signed_in();
    chooser.linking();
    chooser.needed();
    chooser.identities();
    chooser.drop_impossible();
    Ok(chooser.choice)
}

/// Checks that tables named by the user exist.
fn check_names(schema: &Schema, overrides: &Overrides) -> Result<()> {
    let is_there = |setting: &str| {
        schema
            .tables
            .iter()
            .any(|table| setting == table.name || setting == format!("{}.{}", table.schema, table.name))
    };
    let lists =
        [("--include", &overrides.include), ("--exclude", &overrides.exclude), ("--only", &overrides.only)];
    let mut named: Vec<(String, &String)> = lists
        .into_iter()
        .flat_map(|(flag, list)| list.iter().map(move |name| (flag, name)))
        .map(|(flag, name)| {
            let location = overrides.locations.get(name).map(|location| format!("{location}:"));
            (location.unwrap_or_else(|| flag.to_owned()), name)
        })
        .collect();
    named
        .extend(overrides.tables.iter().map(|(name, table)| (format!("{}: [tables]", table.location), name)));
    let Some((location, name)) = named.into_iter().find(|(_, name)| !is_there(name)) else {
        return check_columns(schema, overrides);
    };
    let mut near: Vec<(usize, &str)> = schema
        .tables
        .iter()
        .map(|table| (strsim::levenshtein(&table.name, name), table.name.as_str()))
        .collect();
    near.sort_unstable();
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, name)| name).collect();
    Err(Error::usage(format!("{location} {name}: no such table in this database"))
        .with_hint(format!("did you mean {}?", near.join(", "))))
}

/// The domain's own tables have as many rows as the command line says.
fn check_rows(schema: &Schema, overrides: &Overrides, found: &[Option<Found>]) -> Result<()> {
    for (domain, found) in found.iter().enumerate() {
        let Some(table) = found.map(|found| &schema.tables[found.at]) else { continue };
        if let Some(setting) =
            overrides.table(&table.schema, &table.name).filter(|setting| setting.rows.is_some())
        {
            return Err(Error::usage(format!(
                "{}: rows cannot be set for {}, as it is recognised as {}",
                setting.location,
                table.qualified(),
                TABLES[domain].info().name
            ))
            .with_hint(
                "set the number of rows with --rows, --customers, --opportunities and so on: see crm-seed --help",
            ));
        }
    }
    Ok(())
}

/// So is the name of a column that its table has not, and a number of rows for what is counted elsewhere.
fn check_columns(schema: &Schema, overrides: &Overrides) -> Result<()> {
    for table in &schema.tables {
        let Some(setting) = overrides.table(&table.schema, &table.name) else { continue };
        for (name, column) in &setting.columns {
            if table.columns.iter().any(|own| own.name == *name) {
                continue;
            }
            let mut near: Vec<(usize, &str)> = table
                .columns
                .iter()
                .map(|own| (strsim::levenshtein(&own.name, name), own.name.as_str()))
                .collect();
            near.sort_unstable();
            let near: Vec<&str> = near.into_iter().take(3).map(|(_, name)| name).collect();
            return Err(Error::usage(format!(
                "{}: {} has no column {name}",
                column.location,
                table.qualified()
            ))
            .with_hint(format!("did you mean {}?", near.join(", "))));
        }
    }
    Ok(())
}

/// Why a table is not filled that nobody asked for.
pub const UNASKED: &str = "not recognised; --include fills it";

impl Choice {
    /// Tables whose rows are there, and that scenarios add rows to, take part once more for these.
    pub fn add_rows_to(&mut self, schema: &Schema, dataset: &Dataset) {
        let is_added_to = |chosen: &&SelectedTable| {
            chosen.is_there && dataset.added.iter().any(|row| row.table == schema.tables[chosen.at].oid)
        };
        let added: Vec<SelectedTable> = self
            .chosen
            .iter()
            .filter(is_added_to)
            .map(|chosen| SelectedTable {
                is_there: false,
                is_added_to: true,
                why: "rows of scenarios".into(),
                ..chosen.clone()
            })
            .collect();
        self.chosen.extend(added);
    }

    /// Tables beside the CRM tables, in their schemas, that nothing is known of and that nobody asked for. Those of
    /// frameworks (their migrations, sign-in and stored files) are not among them: nobody expects rows there.
    pub fn unrecognized(&self, schema: &Schema, recognition: &Recognition) -> Vec<SkippedTable> {
        let table = |at: usize| &schema.tables[at];
        let domain = self.chosen.iter().filter(|chosen| chosen.domain.is_some());
        let homes: Vec<&str> = domain.map(|chosen| table(chosen.at).schema.as_str()).collect();
        let is_known = |at: usize| {
            self.chosen.iter().any(|chosen| chosen.at == at)
                || self.refused.iter().any(|refused| refused.table == table(at).qualified())
                || recognition.tables[at].kind.is_of_framework()
        };
        let is_meant = |at: &usize| {
            table(*at).is_fillable() && homes.contains(&table(*at).schema.as_str()) && !is_known(*at)
        };
        (0..schema.tables.len())
            .filter(is_meant)
            .map(|at| SkippedTable { table: table(at).qualified(), why: UNASKED.into() })
            .collect()
    }
}

impl Chooser<'_> {
    fn table(&self, at: usize) -> &Table {
        &self.schema.tables[at]
    }

    fn is_excluded(&self, table: &Table) -> bool {
        Overrides::names(&self.overrides.exclude, &table.schema, &table.name)
    }

    fn why_excluded(&self, table: &Table) -> String {
        match self.overrides.concession(&table.schema, &table.name, None) {
            Some(why) => format!("the server rejects its rows: {why}"),
            None => "excluded".into(),
        }
    }

    fn is_included(&self, table: &Table) -> bool {
        Overrides::names(&self.overrides.include, &table.schema, &table.name)
            || Overrides::names(&self.overrides.added, &table.schema, &table.name)
            || Overrides::names(&self.overrides.only, &table.schema, &table.name)
    }

    /// Whether `--only` leaves it out.
    fn is_passed_by(&self, table: &Table) -> bool {
        !self.overrides.only.is_empty() && !Overrides::names(&self.overrides.only, &table.schema, &table.name)
    }

    fn chosen(&self, oid: u32) -> Option<&SelectedTable> {
        self.choice.chosen.iter().find(|chosen| self.table(chosen.at).oid == oid)
    }

    fn refuse(&mut self, at: usize, why: impl Into<String>) {
        let table = self.table(at).qualified();
        self.choice.refused.push(SkippedTable { table, why: why.into() });
    }

    fn domain(&mut self, found: &[Option<Found>]) {
        for (domain, found) in found.iter().enumerate() {
            let Some(found) = found else { continue };
            let table = self.table(found.at);
            if self.is_excluded(table) {
                self.refuse(found.at, self.why_excluded(table));
                continue;
            }
            if self.is_passed_by(table) {
                self.refuse(found.at, "not selected by --only");
                continue;
            }
            let why = format!("{} of the bundled schema", TABLES[domain].info().name);
            self.push(found.at, Some((domain, found.score)), why, false);
        }
    }

    /// Tables that make a CRM look alive, in the schemas of the domain's tables.
    fn belonging(&mut self, found: &[Option<Found>]) {
        let homes: Vec<String> =
            found.iter().flatten().map(|found| self.table(found.at).schema.clone()).collect();
        for at in 0..self.schema.tables.len() {
            let table = self.table(at);
            if found.iter().flatten().any(|found| found.at == at) || table.schema == crate::catalog::LEDGER {
                continue;
            }
            let Recognized { kind, is_link_by_keys, .. } = self.recognition.tables[at];
            let is_overridden = self.is_included(table);
            let is_part = kind == TableKind::Other && self.is_part(at, found);
            let belongs = ((kind.belongs() && !is_link_by_keys) || is_part) && homes.contains(&table.schema);
            if !is_overridden && !belongs {
                continue;
            }
            if !table.is_fillable() {
                if is_overridden || kind.belongs() {
                    self.refuse(at, format!("is a {}", table.kind.name()));
                }
                continue;
            }
            if !table.inherits_from.is_empty() {
                self.refuse(at, "inherits from another table and would share its keys");
            } else if self.is_excluded(table) {
                self.refuse(at, self.why_excluded(table));
            } else if is_overridden || (belongs && !self.is_passed_by(table)) {
                let why = match (is_overridden, is_part) {
                    (true, _) => "included".into(),
                    (_, true) => "belongs to a CRM table".into(),
                    _ => kind.about().to_owned(),
                };
                self.choose(at, why);
            }
        }
    }

    /// Its name begins with that of a table of the domain, to which it belongs row by row.
    fn is_part(&self, at: usize, found: &[Option<Found>]) -> bool {
        let table = self.table(at);
        let name = &self.recognition.tables[at].name;
        let Some(first) = names::words(name).into_iter().next() else { return false };
        self.schema.foreign_keys.iter().filter(|key| key.from == table.oid && is_required(table, key)).any(
            |key| {
                let domain =
                    found.iter().position(|found| found.is_some_and(|f| self.table(f.at).oid == key.to));
                domain.is_some_and(|domain| names::table_match(TABLES[domain].info().name, &first).is_some())
            },
        )
    }

    fn choose(&mut self, at: usize, why: String) {
        let is_there = self.there.contains_key(&self.table(at).oid);
        self.push(at, None, why, is_there);
    }

    fn push(&mut self, at: usize, domain: Option<(usize, u8)>, why: String, is_there: bool) {
        let Recognized { kind, name, links, .. } = self.recognition.tables[at].clone();
        self.choice.chosen.push(SelectedTable {
            at,
            domain,
            kind,
            name,
            links,
            why,
            is_there,
            is_added_to: false,
        });
    }

    /// Tables that only link others, where all of those take part.
    fn linking(&mut self) {
        let homes: Vec<&str> =
            self.choice.chosen.iter().map(|chosen| self.table(chosen.at).schema.as_str()).collect();
        let takes_part = |at: &usize| self.choice.chosen.iter().any(|chosen| chosen.at == *at);
        let is_wanted = |at: &usize| {
            let (table, known) = (self.table(*at), &self.recognition.tables[*at]);
            known.is_link_by_keys
                && homes.contains(&table.schema.as_str())
                && table.is_fillable()
                && table.inherits_from.is_empty()
                && !self.is_excluded(table)
                && !self.is_passed_by(table)
                && !takes_part(at)
                && known.links.iter().flatten().flatten().all(takes_part)
        };
        let wanted: Vec<usize> = (0..self.schema.tables.len()).filter(is_wanted).collect();
        for at in wanted {
            let about = self.recognition.tables[at].kind.about();
            self.choose(at, about.to_owned());
        }
    }

    /// The tables without which the chosen ones cannot be filled.
    fn needed(&mut self) {
        let mut at = 0;
        while at < self.choice.chosen.len() {
            let chosen = self.choice.chosen[at].clone();
            at += 1;
            if chosen.is_there {
                continue;
            }
            self.needed_by_setting(&chosen);
            let from = self.table(chosen.at).oid;
            for key in self.schema.foreign_keys.iter().filter(|key| key.from == from) {
                if self.chosen(key.to).is_some() {
                    continue;
                }
                let Some(to) = self.schema.tables.iter().position(|table| table.oid == key.to) else {
                    continue;
                };
                let parent = &self.schema.tables[to];
                let is_users = is_auth_users(parent);
                let is_needed = is_required(self.table(chosen.at), key);
                let is_there = self.there.contains_key(&parent.oid);
                let may_be_made = parent.is_fillable()
                    && !self.is_excluded(parent)
                    && (!is_users || self.overrides.is_local);
                if is_there && (is_needed || chosen.domain.is_some() || is_users) {
                    self.choose(to, "its existing rows are used".into());
                } else if may_be_made && (is_needed || is_users) {
                    self.choose(to, format!("required by {}", self.table(chosen.at).qualified()));
                }
            }
        }
    }

    /// Tables to which the configuration says that a chosen one refers.
    fn needed_by_setting(&mut self, chosen: &SelectedTable) {
        let from = self.table(chosen.at);
        let told: Vec<u32> =
            told_references::of(self.schema, from, self.overrides).map(|told| told.to.oid).collect();
        let name = from.qualified();
        for oid in told.into_iter().filter(|oid| self.chosen(*oid).is_none()).collect::<Vec<_>>() {
            let Some(to) = self.schema.tables.iter().position(|table| table.oid == oid) else { continue };
            let parent = &self.schema.tables[to];
            let may_be_made = parent.is_fillable()
                && !self.is_excluded(parent)
                && (!is_auth_users(parent) || self.overrides.is_local);
            if self.there.contains_key(&oid) || may_be_made {
                self.choose(to, format!("{name} refers to it, as the config file says"));
            }
        }
    }

    /// Who is signed in sees what is theirs: where policies ask for that by a column that all tables have, its rows are
    /// a user's even if no foreign key says so.
    fn signed_in(&mut self) {
        let is_asked = self.choice.chosen.iter().any(|chosen| {
            let policies = self.table(chosen.at).policies.iter();
            policies.filter_map(|policy| policy.using.as_deref()).any(|using| {
                using.contains("auth.uid()")
                    && self.recognition.tenant_columns.iter().any(|column| using.contains(column.as_str()))
            })
        });
        let Some(at) = self.schema.tables.iter().position(is_auth_users).filter(|_| is_asked) else { return };
        let table = self.table(at);
        let may_be = self.there.contains_key(&table.oid)
            || (table.is_fillable()
                && table.may_insert
                && self.overrides.is_local
                && !self.is_excluded(table));
        if may_be && self.chosen(table.oid).is_none() {
            self.choose(at, "its users see their own rows alone".into());
        }
    }

    /// Adds `auth.identities`, without which Supabase users cannot log in.
    fn identities(&mut self) {
        let users =
            self.choice.chosen.iter().find(|chosen| is_auth_users(self.table(chosen.at)) && !chosen.is_there);
        if users.is_none() {
            return;
        }
        let found =
            self.schema.tables.iter().position(|table| table.schema == "auth" && table.name == "identities");
        if let Some(at) = found.filter(|at| self.chosen(self.table(*at).oid).is_none()) {
            self.choose(at, "required for sign-in".into());
        }
    }

    /// Drops what cannot be filled for lack of what it needs, and then what needs that.
    fn drop_impossible(&mut self) {
        loop {
            let lacking = self.choice.chosen.iter().position(|chosen| self.lacks(chosen).is_some());
            let Some(position) = lacking else { return };
            let lack = self.lacks(&self.choice.chosen[position]).unwrap_or_default();
            let chosen = self.choice.chosen.remove(position);
            self.refuse(chosen.at, lack);
        }
    }

    fn lacks(&self, chosen: &SelectedTable) -> Option<String> {
        if chosen.is_there {
            return None;
        }
        let table = self.table(chosen.at);
        let mut keys = self.schema.foreign_keys.iter().filter(|key| key.from == table.oid);
        let key = keys.find(|key| is_required(table, key) && self.chosen(key.to).is_none())?;
        let parent = self.schema.tables.iter().find(|table| table.oid == key.to);
        let name = parent.map_or_else(|| "a table that the role cannot see".into(), Table::qualified);
        Some(match parent {
            Some(parent) if is_auth_users(parent) && !self.overrides.is_local => {
                format!("needs rows of {name}, which is empty and not filled on a remote host")
            }
            Some(parent) if self.is_excluded(parent) => format!("needs {name}, which is excluded"),
            Some(parent) if !parent.is_fillable() => {
                format!("needs {name}, which is a {}", parent.kind.name())
            }
            _ => format!("needs {name}, which is not filled"),
        })
    }
}

/// The users of Supabase's authentication.
pub fn is_auth_users(table: &Table) -> bool {
    table.schema == "auth" && table.name == "users"
}
