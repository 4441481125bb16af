//! What a table is that the domain does not know, by its name.

use std::sync::LazyLock;

use crate::fixture::{fixture, list, number};
use crate::infer::names::pattern::Pattern;
use crate::infer::names::{self, NameWords};
use crate::infer::word_lists::words;

/// The enum of the kinds, and their names in `fixtures/`.
macro_rules! kinds {
    ($($kind:ident)*) => {
        /// What a table is; `fixtures/table_kinds.tsv` says what that means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the table of kinds says what each is")]
        pub enum TableKind { $($kind),* }

        const KINDS: &[(&str, TableKind)] = &[$((stringify!($kind), TableKind::$kind)),*];
    };
}

kinds! {
    Users Activities Tasks Leads Cases Notes Tags Tagging Segments Lookup Pricing Authorizations Comments Emails Calls
    Meetings Attachments Addresses Teams Tenants Territories Samples Orders OrderLines Invoices Payments Shipments Quotes
    Contracts Expenses
    Campaigns Links Events Goals Templates Settings AuditLog Sessions SignIns Storage Tokens Jobs Migrations Other
}

/// What is true of all tables of a kind.
struct Traits {
    belongs: bool,
    about: &'static str,
    /// What one of its rows is called in an address.
    word: &'static str,
    /// Rows for a row of its parent, least and most.
    children: (u64, u64),
    /// Rows of a table without a parent.
    standing: u64,
    parents: Vec<&'static str>,
    body: &'static str,
    title: &'static str,
    /// As the comment of `fixtures/table_kinds.tsv` has them.
    is_document: bool,
    is_appointment: bool,
    is_about_others: bool,
    is_list: bool,
    must_refer: bool,
    is_of_framework: bool,
    made_for: Vec<TableKind>,
}

/// The words of the column `traits`.
const TRAITS_OF_KINDS: [&str; 6] = ["document", "appointment", "about", "list", "refers", "framework"];

use TableKind as K;

/// In the order of the kinds.
static TRAITS: LazyLock<Vec<Traits>> = LazyLock::new(|| {
    let columns = [
        "kind", "belongs", "about", "word", "least", "most", "alone", "parents", "body", "title", "traits",
        "made_for",
    ];
    let lines: Vec<_> = fixture!("table_kinds.tsv", columns).collect();
    let of = |(name, _): &(&str, TableKind)| {
        let line = lines.iter().find(|line| line[0] == *name);
        let [_, belongs, about, word, least, most, alone, parents, body, title, traits, made_for] =
            *line.unwrap_or_else(|| panic!("fixtures/table_kinds.tsv lacks {name}"));
        let traits = list(traits);
        if let Some(unknown) = traits.iter().find(|word| !TRAITS_OF_KINDS.contains(word)) {
            panic!("fixtures/table_kinds.tsv: {name}: unknown trait {unknown}");
        }
        let is = |word| traits.contains(&word);
        let kind =
            |of: &str| K::of_name(of).unwrap_or_else(|| panic!("fixtures/table_kinds.tsv: no kind {of}"));
        Traits {
            belongs: belongs == "yes",
            about,
            word,
            children: (number(least), number(most)),
            standing: number(alone),
            parents: list(parents),
            body,
            title,
            is_document: is("document"),
            is_appointment: is("appointment"),
            is_about_others: is("about"),
            is_list: is("list"),
            must_refer: is("refers"),
            is_of_framework: is("framework"),
            made_for: list(made_for).into_iter().map(kind).collect(),
        }
    };
    KINDS.iter().map(of).collect()
});

impl TableKind {
    /// The one that `fixtures/` call so.
    pub fn of_name(name: &str) -> Option<Self> {
        KINDS.iter().find(|(its, _)| *its == name).map(|(_, kind)| *kind)
    }

    /// What `fixtures/` call it.
    pub fn name(self) -> &'static str {
        KINDS[self as usize].0
    }

    /// What `crm-seed.toml` calls it: `order_lines`.
    pub fn setting(self) -> String {
        names::words(self.name()).join("_")
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(_, kind)| *kind)
    }

    /// Its rows are written by the framework or by triggers as the app runs: nobody misses them beforehand.
    pub fn is_of_framework(self) -> bool {
        self.traits().is_of_framework
    }

    /// Whether its rows are documents that go from hand to hand: orders, quotes, cases.
    pub fn is_document(self) -> bool {
        self.traits().is_document
    }

    /// Whether its rows are appointments, which are planned, held or missed.
    pub fn is_appointment(self) -> bool {
        self.traits().is_appointment
    }

    /// Whether its rows say nothing without the rows that they refer to.
    pub fn must_refer(self) -> bool {
        self.traits().must_refer
    }

    fn traits(self) -> &'static Traits {
        &TRAITS[self as usize]
    }

    /// Whether a CRM without it looks dead.
    pub fn belongs(self) -> bool {
        self.traits().belongs
    }

    /// What it holds, for people.
    pub fn about(self) -> &'static str {
        self.traits().about
    }

    /// What one of its rows is called in an address.
    pub fn word(self) -> &'static str {
        self.traits().word
    }

    /// Least and most rows for a row of the table that it hangs on.
    pub fn rows_per_parent(self) -> (u64, u64) {
        self.traits().children
    }

    /// How many rows it has where it hangs on no other.
    pub fn standalone_rows(self) -> u64 {
        self.traits().standing
    }

    /// Whether others refer to its rows, which are not made for each row of another table.
    pub fn is_list_of_values(self) -> bool {
        self.traits().is_list
    }

    /// Whether each of its rows is about a row of another table, which a table that only links says.
    pub fn is_about_others(self) -> bool {
        self.traits().is_about_others
    }

    /// Whether its rows are made for those of another kind of table, where it refers to one.
    pub fn made_for(self, other: Self) -> bool {
        self.traits().made_for.contains(&other)
    }

    /// Tables of the domain that it hangs on, the most natural first.
    pub fn parents(self) -> &'static [&'static str] {
        &self.traits().parents
    }

    /// Which sentences its rows have as a text.
    pub fn body(self) -> &'static str {
        self.traits().body
    }

    /// Which sentences say what its rows are about.
    pub fn title(self) -> &'static str {
        self.traits().title
    }
}

/// Patterns of names, and what they say; the first that fits decides.
type Patterns<T> = Vec<(Vec<Pattern>, T)>;

/// What the first patterns that fit say.
fn first<'a, T>(table: &'a Patterns<T>, name: &str) -> Option<&'a T> {
    table.iter().find(|(patterns, _)| patterns.iter().any(|pattern| pattern.fits(name))).map(|(_, says)| says)
}

static NAMES: LazyLock<Patterns<TableKind>> = LazyLock::new(|| {
    let of =
        |name| K::of_name(name).unwrap_or_else(|| panic!("fixtures/table_kind_names.tsv: no kind {name}"));
    fixture!("table_kind_names.tsv", ["kind", "names"])
        .map(|[kind, names]| (Pattern::list(names), of(kind)))
        .collect()
});

/// What `schema.table` is.
pub fn kind(schema: &str, table: &str) -> TableKind {
    let name = phrase(table);
    let schema = schema.to_lowercase();
    if schema == "auth" && matches!(name.as_str(), "user" | "account") {
        return K::Users;
    }
    let is_system =
        NameWords::get().system_schemas.contains(schema.as_str()) || schema.starts_with("supabase_");
    let found = first(&NAMES, &name).copied();
    let found = found.or_else(|| is_link(&name).then_some(K::Links)).unwrap_or(K::Other);
    // A table of the server's own keeps a kind only where that kind is the server's business, too.
    if (is_system || schema == "auth") && found.belongs() { K::Other } else { found }
}

/// The words of a table's name, singular, without those that say nothing.
pub fn phrase(table: &str) -> String {
    let words: Vec<String> = names::words(table).iter().map(|word| names::singular(word)).collect();
    let words = match &words[..] {
        [app, model, ..] if app == model => words[1..].to_vec(),
        _ => words,
    };
    let silent = NameWords::get();
    let before = words.iter().take_while(|word| silent.before_kind.contains(word.as_str())).count();
    let words = words.get(before.min(words.len().saturating_sub(1))..).unwrap_or_default();
    let behind = words.iter().rev().take_while(|word| silent.behind_kind.contains(word.as_str())).count();
    words.get(..words.len() - behind.min(words.len().saturating_sub(1))).unwrap_or_default().join(" ")
}

/// Whether a word, singular, names a table of a CRM by itself.
pub fn is_word_of_table(word: &str) -> bool {
    NameWords::get().link_parts.contains(word)
}

fn is_link(name: &str) -> bool {
    let words = NameWords::get();
    let is_part = |word: &&str| words.link_parts.contains(word);
    name.split(' ').all(|word| is_part(&word) || words.linking.contains(word))
        && name.split(' ').filter(is_part).count() >= 2
}

static LOOKUPS: LazyLock<Patterns<Vec<&'static str>>> = LazyLock::new(|| {
    let rows = |names| words(names).unwrap_or_else(|error| panic!("fixtures/lookups.tsv: {error}"));
    fixture!("lookups.tsv", ["patterns", "names"])
        .map(|[names, its]| (Pattern::list(names), rows(its)))
        .collect()
});

/// Names for the rows of a well-known list.
pub fn lookup_rows(kind: TableKind, table: &str) -> Option<&'static [&'static str]> {
    let name = match kind {
        // `deal_tags`, where they are tags.
        K::Tags => "tag".to_owned(),
        // Whatever they are called.
        K::Tenants => "tenant".to_owned(),
        _ => phrase(table),
    };
    if matches!(kind, K::Users | K::Links | K::Tagging | K::Migrations | K::AuditLog) {
        return None;
    }
    let as_type = || name.strip_suffix("kind").map(|base| format!("{base}type"));
    first(&LOOKUPS, &name).or_else(|| first(&LOOKUPS, &as_type()?)).map(Vec::as_slice)
}

#[cfg(test)]
mod tests;
