//! Whose the rows are: the table on which every other hangs, users included, is the tenant and holds no customers; so
//! is a column that all tables have and that all policies ask for.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::catalog::{Policy, Table};
use crate::infer::kinds::TableKind;
use crate::infer::names;
use crate::infer::names::pattern::Pattern;
use crate::infer::recognition::evidence::{ColumnEvidence, TableEvidence};
use crate::infer::recognition::graph::Graph;
use crate::infer::recognition::links;
use crate::infer::table_key::own_key;
use crate::infer::word_lists::words;

/// What speaks for a tenant must weigh so much.
const ENOUGH: i32 = 6;
/// Fewer tables are no "all".
const LEAST: usize = 2;

/// What is known of the tables before their tenant is.
pub struct Before<'a> {
    /// Them.
    pub tables: &'a [TableEvidence<'a>],
    /// Their references.
    pub graph: &'a Graph,
    /// Their kinds.
    pub kinds: &'a [TableKind],
    /// Those that may be the organizations, contacts, deals, products or tasks of the CRM.
    pub core: &'a [usize],
    /// Those of them that may be the organizations.
    pub organizations: &'a [usize],
    /// The same by names that say it less surely, as leads, partners and suppliers do.
    pub likely: &'a [usize],
    /// Those of them that may be the organizations.
    pub partners: &'a [usize],
}

static TENANT: LazyLock<Vec<Pattern>> = LazyLock::new(|| read("@tenant_columns"));
static CUSTOMER: LazyLock<Vec<Pattern>> = LazyLock::new(|| read("@customer_columns"));
static NAMED: LazyLock<Vec<Pattern>> = LazyLock::new(|| read("@tenant_keys"));

fn read(list: &'static str) -> Vec<Pattern> {
    let words = words(list).unwrap_or_else(|error| panic!("fixtures/word_lists.tsv: {error}"));
    words.into_iter().map(Pattern::read).collect()
}

/// The tenants, by their places.
pub fn tables(before: &Before<'_>, is_overridden: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let may_be = |at: &usize| {
        before.tables[*at].table.is_fillable()
            && !is_overridden(*at)
            && (before.kinds[*at] == TableKind::Tenants || before.weigh(*at) >= ENOUGH)
    };
    (0..before.tables.len()).filter(may_be).collect()
}

impl Before<'_> {
    /// What speaks for a table as the tenant, and against it.
    fn weigh(&self, at: usize) -> i32 {
        let kind = self.kinds[at];
        if kind == TableKind::Users || !(kind.belongs() || kind == TableKind::Other) {
            return 0;
        }
        let core = if self.must_have_users(at) { self.likely } else { self.core };
        let core: Vec<usize> = core.iter().copied().filter(|other| *other != at).collect();
        let hanging: Vec<usize> = core.iter().copied().filter(|other| self.graph.leads(*other, at)).collect();
        // What all users must be of may leave products and more to all, where the customers are another table.
        let is_of_users = || self.must_have_users(at) && self.has_customers(at, &core);
        let are_most =
            4 * hanging.len() >= 3 * core.len() || (2 * hanging.len() >= core.len() && is_of_users());
        if hanging.len() < LEAST || !are_most {
            return 0;
        }
        // A list of values may be asked for everywhere: a tenant must be.
        let must = |other: &usize| self.graph.from(*other).any(|edge| edge.to == at && edge.is_required);
        if kind.is_list_of_values() && !hanging.iter().all(must) {
            return 0;
        }
        let all = if hanging.len() == core.len() { 3 } else { 2 };
        let has = |patterns: &[Pattern]| {
            self.tables[at]
                .columns
                .iter()
                .filter(|c| patterns.iter().any(|pattern| pattern.fits(&c.phrase)))
                .count()
        };
        let refers_to_core = core.iter().any(|other| self.graph.leads(at, *other));
        all + 3 * i32::from(self.has_users(at))
            + 3 * i32::from(self.has_customers(at, &core))
            + 3 * i32::from(self.is_asked_by_policies(at))
            + i32::from(has(&TENANT) > 0)
            - has(&CUSTOMER).min(3) as i32
            - 3 * i32::from(refers_to_core)
    }

    /// Users hang on it, by themselves or by their memberships.
    fn has_users(&self, at: usize) -> bool {
        let is_users = |table: usize| self.kinds[table] == TableKind::Users;
        self.graph.to(at).any(|edge| {
            let is_membership = || {
                let ends = links::ends(edge.from, &self.tables[edge.from], self.graph, &[]);
                ends.is_some_and(|ends| ends.iter().flatten().any(|end| is_users(end.to)))
            };
            is_users(edge.from) || is_membership()
        })
    }

    /// No user is without it.
    fn must_have_users(&self, at: usize) -> bool {
        self.graph.to(at).any(|edge| self.kinds[edge.from] == TableKind::Users && edge.is_required)
    }

    /// Another table is the customers', to which contacts or deals refer beside it.
    fn has_customers(&self, at: usize, core: &[usize]) -> bool {
        let is_customers = |other: &usize| {
            *other != at
                && self.graph.leads(*other, at)
                && core.iter().any(|table| {
                    table != other && self.graph.leads(*table, *other) && self.graph.leads(*table, at)
                })
        };
        self.organizations.iter().any(is_customers)
            || (self.must_have_users(at) && self.partners.iter().any(is_customers))
    }

    /// All rows that may be seen are those of one of its rows.
    fn is_asked_by_policies(&self, at: usize) -> bool {
        let guarded = |table: usize| -> Option<bool> {
            let edge = self.graph.from(table).find(|edge| edge.to == at)?;
            is_asked(self.tables[table].table, &edge.column)
        };
        let answers: Vec<bool> = self.core.iter().filter_map(|table| guarded(*table)).collect();
        answers.len() >= LEAST && answers.iter().all(|is_asked| *is_asked)
    }
}

/// Whether every policy that lets rows be seen asks for a column; `None` where there is no policy.
fn is_asked(table: &Table, column: &str) -> Option<bool> {
    let sees = |policy: &&Policy| policy.permissive && matches!(policy.command, '*' | 'r');
    let asks = |policy: &Policy| {
        let text = policy.using.as_deref().unwrap_or_default();
        let names = |word: &str| word == column;
        // What else may be seen is seen whatever the column says.
        !text.contains(" OR ") && text.split(|c: char| !c.is_alphanumeric() && c != '_').any(names)
    };
    let mut policies = table.policies.iter().filter(sees).peekable();
    policies.peek()?;
    Some(policies.all(asks))
}

/// The columns that say whose a row is and refer to no tenant's table: all tables of the CRM have them, and either all
/// policies ask for them, or they are called like a tenant and lead nowhere.
pub fn columns(before: &Before<'_>) -> Vec<String> {
    let mut having: BTreeMap<&str, Vec<(usize, &ColumnEvidence<'_>)>> = BTreeMap::new();
    for at in before.core {
        let table = &before.tables[*at];
        let key = own_key(table.table).map(|key| &key.name);
        let columns = table.columns.iter().filter(|column| Some(&column.column.name) != key);
        for column in columns.filter(|column| is_key_like(column)) {
            having.entry(&column.column.name).or_default().push((*at, column));
        }
    }
    let is_all = |tables: &[(usize, &ColumnEvidence<'_>)]| {
        tables.len() >= LEAST && 4 * tables.len() >= 3 * before.core.len()
    };
    let is_tenant = |name: &str, tables: &[(usize, &ColumnEvidence<'_>)]| {
        let answers: Vec<bool> =
            tables.iter().filter_map(|(at, _)| is_asked(before.tables[*at].table, name)).collect();
        let is_guarded = answers.len() >= LEAST && answers.iter().all(|is_asked| *is_asked);
        let is_lost = tables.iter().all(|(at, _)| before.graph.from(*at).all(|edge| edge.column != name));
        // `company_id` in all but the companies is theirs.
        let is_in = |at: &usize| tables.iter().any(|(other, _)| other == at);
        let is_named = NAMED.iter().any(|pattern| pattern.fits(&tables[0].1.phrase))
            && before.organizations.iter().all(is_in);
        is_guarded || (is_lost && is_named && tables.len() > LEAST)
    };
    having
        .into_iter()
        .filter(|(name, tables)| is_all(tables) && is_tenant(name, tables))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn is_key_like(column: &ColumnEvidence<'_>) -> bool {
    let is_key = matches!(column.last(), "id" | "uuid" | "key" | "by" | "owner" | "user" | "tenant");
    is_key && !column.column.generated && names::words(&column.column.name).len() <= 3
}
