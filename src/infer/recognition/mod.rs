//! What each table of a target is. All are recognized together, by their names, their columns and what refers to what:
//! who signs in and how, whose the rows are, which tables only link others, and which are the domain's.

mod evidence;
mod graph;
mod links;
mod prefix;
mod roles;
mod signatures;
mod tenants;
mod told;
mod told_tenant;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use crate::catalog::{LEDGER, Schema};
use crate::domain::TABLES;
use crate::error::Result;
use crate::infer::column_match::Found;
use crate::infer::kinds::{self, TableKind};
use crate::infer::overrides::Overrides;
pub use roles::RoleChoice;
pub use told::{Decision, decisions};

use evidence::TableEvidence;
use graph::{Edge, Graph};
use roles::Target;
use signatures::Meaning;

/// What the tables of a target are.
#[derive(Debug)]
pub struct Recognition {
    /// For each table of the domain the one of the target that is meant.
    pub roles: Vec<Option<Found>>,
    /// What each table of the target is.
    pub tables: Vec<Recognized>,
    /// How the tables of the domain were chosen.
    pub choices: Vec<RoleChoice>,
    /// Tables to one row of which all rows belong.
    pub tenants: Vec<usize>,
    /// Columns that say the same in all tables: whose the rows are.
    pub tenant_columns: Vec<String>,
}

impl Recognition {
    /// Whether one of the tables on which a CRM hangs is there.
    pub fn is_crm(&self) -> bool {
        let is_main = |domain: usize| roles::MAIN.contains(&TABLES[domain].info().name);
        self.roles.iter().enumerate().any(|(domain, found)| found.is_some() && is_main(domain))
    }
}

/// The tables that a table links; `None` for one that leads to a row of any table.
pub type Links = Vec<Option<usize>>;

/// What a table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognized {
    /// What it is to people.
    pub kind: TableKind,
    /// Its name without a prefix that others share.
    pub name: String,
    /// It links these tables and does no more, whatever it is called.
    pub links: Option<Links>,
    /// It is a link by what it refers to alone: it takes part where what it links does.
    pub is_link_by_keys: bool,
}

/// Recognizes the tables of a target.
///
/// # Errors
/// Several schemas have the domain's tables, and nothing says which are meant.
pub fn recognize(schema: &Schema, overrides: &Overrides) -> Result<Recognition> {
    let tables = evidence::read(schema);
    let home = home(schema, &tables)?;
    let graph = Graph::new(schema, &tables);
    let told_kinds: Vec<Option<TableKind>> = tables.iter().map(|table| told_kind(table, overrides)).collect();
    let told = told_tenant::read(schema, &tables, overrides)?;
    let setting = |at: usize| setting_of(&tables[at], overrides).or(told_kinds[at].map(|_| None));
    let is_home = |at: usize| {
        let table = tables[at].table;
        table.is_fillable() && table.schema != LEDGER && home.as_deref() == Some(&table.schema)
    };
    let declared: HashSet<(u32, &str)> = schema
        .foreign_keys
        .iter()
        .flat_map(|key| key.columns.iter().map(|own| (key.from, own.as_str())))
        .collect();
    let shapes: Vec<Option<Meaning>> = tables.iter().map(|table| shape(table, &declared)).collect();
    let mut kinds: Vec<TableKind> =
        tables.iter().zip(&shapes).map(|(table, shape)| kind_of(table, *shape)).collect();
    for at in 0..tables.len() {
        // Where it is said whose the rows are, no other table says it.
        let is_denied = told.is_some() && kinds[at] == K::Tenants;
        kinds[at] = told_kinds[at].unwrap_or(if is_denied { K::Other } else { kinds[at] });
    }
    let is_open = |at: usize, kinds: &[TableKind]| {
        let kind = kinds[at];
        is_home(at) && (kind.belongs() || kind == TableKind::Other) && kind != TableKind::Users
    };
    let core: Vec<usize> = (0..tables.len())
        .filter(|at| {
            is_open(*at, &kinds) && CORE.iter().any(|name| tables[*at].is_called(roles::position(name)))
        })
        .collect();
    let organizations: Vec<usize> =
        core.iter().copied().filter(|at| tables[*at].is_called(roles::position("organizations"))).collect();
    let likely: Vec<usize> = (0..tables.len())
        .filter(|at| {
            is_open(*at, &kinds) && CORE.iter().any(|name| tables[*at].may_be_called(roles::position(name)))
        })
        .collect();
    let partners: Vec<usize> = likely
        .iter()
        .copied()
        .filter(|at| tables[*at].may_be_called(roles::position("organizations")))
        .collect();
    let before = tenants::Before {
        tables: &tables,
        graph: &graph,
        kinds: &kinds,
        core: &core,
        organizations: &organizations,
        likely: &likely,
        partners: &partners,
    };
    let is_overridden = |at: usize| setting(at).flatten().is_some();
    let (tenants, tenant_columns) = match told {
        Some(told) => (told.tables, told.columns.unwrap_or_else(|| tenants::columns(&before))),
        None => (tenants::tables(&before, &is_overridden), tenants::columns(&before)),
    };
    for at in &tenants {
        kinds[*at] = TableKind::Tenants;
    }
    let ends: Vec<Option<Links>> = tables
        .iter()
        .enumerate()
        .map(|(at, table)| {
            // A membership links a user to a tenant, which is none of the others' ends.
            let is_membership =
                |ends: &Vec<Option<&Edge>>| ends.iter().flatten().any(|end| kinds[end.to] == K::Users);
            let ends = links::ends(at, table, &graph, &tenants)
                .or_else(|| links::ends(at, table, &graph, &[]).filter(is_membership))
                .filter(|_| is_home(at))?;
            Some(ends.into_iter().map(|end| end.map(|edge| edge.to)).collect())
        })
        .collect();
    let named = kinds.clone();
    let is_told = |at: &usize| told_kinds[*at].is_some();
    for at in (0..tables.len())
        .filter(|at| !is_told(at) && is_list_of_tags(*at, &tables[*at], &graph, &named, &tenants))
    {
        kinds[at] = K::Tags;
    }
    for at in (0..tables.len()).filter(|at| !is_told(at)) {
        match &ends[at] {
            Some(ends) => kinds[at] = linking(at, &tables[at], ends, &graph, &kinds),
            // An e-mail account of a user is no link of mails and customers.
            None if kinds[at] == K::Links && !links::may_link(&tables[at]) => kinds[at] = K::Other,
            None => {}
        }
    }
    let is_role_open = |at: usize| is_open(at, &named) && !tenants.contains(&at);
    let has_kind = |at: usize| !matches!(kinds[at], K::Other | K::Links | K::OrderLines | K::Users);
    let (roles, choices) = roles::assign(&Target {
        tables: &tables,
        graph: &graph,
        is_open: &is_role_open,
        setting: &setting,
        shape: &|at| shapes[at],
        ends: &ends,
        is_linking: &|at| ends[at].is_some() || kinds[at] == K::Links,
        has_kind: &has_kind,
    });
    // What links rows of a table that the software keeps for itself, or whose name says nothing of a link.
    let is_by_keys = |at: usize| {
        let is_technical = |end: &usize| !kinds[*end].belongs() && kinds[*end] != K::Other;
        let links = ends[at].as_ref().filter(|_| matches!(kinds[at], K::Links | K::Tagging) && !is_told(&at));
        links.is_some_and(|ends| !named[at].belongs() || ends.iter().flatten().any(is_technical))
    };
    let by_keys: Vec<bool> = (0..tables.len()).map(is_by_keys).collect();
    // What is called like a link of what it refers to is one, too, even if it says more.
    let linked = |at: usize| {
        let edges = graph.from(at).filter(|edge| !tenants.contains(&edge.to));
        let ends: Links = edges.map(|edge| Some(edge.to)).collect();
        (kinds[at] == K::Links && ends.len() > 1).then_some(ends)
    };
    let all: Vec<Option<Links>> = (0..tables.len()).map(linked).collect();
    let recognized = tables.into_iter().zip(ends.into_iter().zip(all)).enumerate();
    let recognized = recognized.map(|(at, (table, (bare, all)))| Recognized {
        kind: kinds[at],
        name: table.name,
        links: bare.filter(|_| matches!(kinds[at], K::Links | K::Tagging)).or(all),
        is_link_by_keys: by_keys[at],
    });
    Ok(Recognition { roles, tables: recognized.collect(), choices, tenants, tenant_columns })
}

use TableKind as K;

/// Tables that belong to one tenant, where there are tenants.
const CORE: [&str; 5] = ["organizations", "contacts", "opportunities", "products", "tasks"];

/// The domain's table that the user says a table is, or none.
fn setting_of(table: &TableEvidence<'_>, overrides: &Overrides) -> Option<Option<usize>> {
    let setting = overrides.table(&table.table.schema, &table.table.name)?.is.as_deref()?;
    Some(TABLES.iter().position(|domain| domain.info().name == setting))
}

/// The kind that the user says a table is of.
fn told_kind(table: &TableEvidence<'_>, overrides: &Overrides) -> Option<TableKind> {
    overrides.table(&table.table.schema, &table.table.name)?.kind
}

/// What the columns of a table say.
fn shape(table: &TableEvidence<'_>, declared: &HashSet<(u32, &str)>) -> Option<Meaning> {
    if !table.table.is_fillable() {
        return None;
    }
    let oid = table.table.oid;
    let references: HashSet<&str> = table
        .columns
        .iter()
        .map(|column| column.column.name.as_str())
        .filter(|name| declared.contains(&(oid, name)))
        .collect();
    let is_named = by_name(table) != K::Other;
    signatures::meaning(table, &references, is_named)
}

/// What a table is by its name.
fn by_name(table: &TableEvidence<'_>) -> TableKind {
    match kinds::kind(&table.table.schema, &table.table.name) {
        K::Other => kinds::kind(&table.table.schema, &table.name),
        kind => kind,
    }
}

/// What a table is by its name and its columns.
fn kind_of(table: &TableEvidence<'_>, shape: Option<Meaning>) -> TableKind {
    let named = by_name(table);
    match shape {
        _ if named == K::Migrations || table.table.schema == "auth" => named,
        Some(Meaning::Kind(kind)) => kind,
        // The targets of a campaign are people, too.
        _ if named == K::Goals && has(table, &["first name"]) && has(table, &["last name"]) => K::Leads,
        // `sales` are people who sell, or what they sold.
        _ if named == K::Users && !has(table, &PERSON) && has(table, &MONEY) => K::Orders,
        _ => named,
    }
}

/// Columns of people.
const PERSON: [&str; 12] = [
    "email",
    "name",
    "full name",
    "first name",
    "last name",
    "username",
    "user name",
    "login",
    "phone",
    "user id",
    "auth id",
    "display name",
];
/// Columns of what was sold.
const MONEY: [&str; 7] =
    ["amount", "total", "quantity", "price", "unit price", "total amount", "total price"];
/// Columns that say what a row of a list is called.
const NAME: [&str; 4] = ["name", "label", "title", "tag"];

fn has(table: &TableEvidence<'_>, phrases: &[&str]) -> bool {
    table.columns.iter().any(|column| phrases.contains(&column.phrase.as_str()))
}

/// Whether what is called like a link of tags is the list of them: it has a name, and refers to nothing that it could
/// be about.
fn is_list_of_tags(
    at: usize,
    table: &TableEvidence<'_>,
    graph: &Graph,
    kinds: &[TableKind],
    tenants: &[usize],
) -> bool {
    let is_of = |to: usize| to != at && !tenants.contains(&to) && kinds[to] != K::Users;
    kinds[at] == K::Tagging && has(table, &NAME) && !graph.from(at).any(|edge| is_of(edge.to))
}

/// What a table is that only links others, whatever it is called.
fn linking(
    at: usize,
    table: &TableEvidence<'_>,
    ends: &Links,
    graph: &Graph,
    kinds: &[TableKind],
) -> TableKind {
    let named = kinds[at];
    let is_referred = || graph.to(at).any(|edge| edge.from != at);
    // Of these a row says something of its own, whatever it refers to.
    let is_about = named.belongs() && !named.is_list_of_values() && !MAY_LINK.contains(&named);
    let is_fixed = matches!(named, K::Migrations | K::SignIns | K::Storage | K::Tenants | K::Authorizations)
        || (is_about && !links::is_bare(table, ends.len()))
        || (named.belongs() && !MAY_LINK.contains(&named) && is_referred());
    if is_fixed {
        return named;
    }
    let has_tag = ends.iter().flatten().any(|end| kinds[*end] == K::Tags);
    if has_tag || named == K::Tagging { K::Tagging } else { K::Links }
}

/// Kinds that a name may say of what is no more than a link.
const MAY_LINK: [TableKind; 5] = [K::Goals, K::Tagging, K::Links, K::Templates, K::Pricing];

/// For each table of the domain the one of the target that is meant.
///
/// # Errors
/// As for [`recognize`].
pub fn roles(schema: &Schema, overrides: &Overrides) -> Result<Vec<Option<Found>>> {
    Ok(recognize(schema, overrides)?.roles)
}

/// The oids of the tables that are meant.
///
/// # Errors
/// As for [`recognize`].
pub fn oids(schema: &Schema, overrides: &Overrides) -> Result<Vec<u32>> {
    let found = roles(schema, overrides)?;
    Ok(found.iter().flatten().map(|found| schema.tables[found.at].oid).collect())
}

/// The table of the domain that the target's table at a position is.
pub fn domain_at(found: &[Option<Found>], at: usize) -> Option<usize> {
    found.iter().position(|found| found.is_some_and(|found| found.at == at))
}

/// The schema that the tables are in: that of those with the domain's own names, else the one with most
/// tables that look like the domain's.
fn home(schema: &Schema, tables: &[TableEvidence<'_>]) -> Result<Option<String>> {
    let domain: Vec<&str> = TABLES.iter().map(|table| table.info().name).collect();
    if let Some(home) = schema.home(&domain)? {
        return Ok(Some(home.to_owned()));
    }
    let mut alike: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for evidence in tables.iter().filter(|evidence| evidence.table.schema != LEDGER) {
        let (count, is_visible) = alike.entry(&evidence.table.schema).or_default();
        if evidence.table.is_fillable() {
            *count += (0..domain.len()).filter(|at| evidence.called(*at).is_some()).count();
        }
        *is_visible |= evidence.table.visible;
    }
    let best = alike.into_iter().max_by_key(|(name, alike)| (*alike, Reverse(*name)));
    Ok(best.filter(|(_, (count, _))| *count > 0).map(|(name, _)| name.to_owned()))
}
