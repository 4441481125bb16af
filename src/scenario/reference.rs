//! References to other rows: how they are written, and whether there is what they mean.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{Json, Member, Node};
use super::location::{Location, Problems};
use super::own::condition;
use crate::domain::counts::Counts;
use crate::domain::explicit::{Lookup, Nth, Reference, RowKind};
use crate::suggestion::{quoted, suggestion};

/// What a handle looks like.
pub const HANDLE: &str =
    "lower-case letters, digits and hyphens, starting with a letter, such as `enterprise-deal`";
/// The most characters of a handle.
pub const LONGEST: usize = 63;
/// What handles of rows begin with that are made for a whole scenario.
pub const MADE: &str = "made";

/// Whether `text` is a handle: `[a-z][a-z0-9]*(-[a-z0-9]+)*`.
pub fn is_handle(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Whether `text` is a handle, or one of a row that is made beside others: parts with dots between.
fn is_dotted_handle(text: &str) -> bool {
    text.split('.').all(is_handle)
}

/// The reference that `node` is.
///
/// # Errors
/// It is not a reference.
pub fn read(name: &str, node: &Node) -> Result<Reference, String> {
    match &node.json {
        Json::Text(text) => match text.strip_prefix('@') {
            Some(handle) if is_dotted_handle(handle) => Ok(Reference::Handle(handle.to_owned())),
            Some(_) => Err(format!("{name}: {} is not a reference: in a handle, use {HANDLE}", quoted(text))),
            None => Err(wanted(name, node)),
        },
        Json::Object(members) => selector(members).map_err(|why| format!("{name}: {why}")),
        _ => Err(wanted(name, node)),
    }
}

fn wanted(name: &str, node: &Node) -> String {
    let example = "a reference such as \"@handle\", {\"customer\": 1} or {\"some\": \"distributor\"}";
    format!("{name} must be {example}, not {}", node.described())
}

/// `{"existing": "users", "where": {"email": "qa@example.test"}}`
fn lookup(members: &[Member]) -> Result<Reference, String> {
    let example = "{\"existing\": \"users\", \"where\": {\"email\": \"qa@example.test\"}}";
    let named = |key: &str| members.iter().find(|member| member.key == key).map(|member| &member.value);
    let table = named("existing").and_then(Node::as_text).filter(|table| !table.trim().is_empty());
    let Some(table) = table else { return Err(format!("`existing` must name a table, as in {example}")) };
    let conditions = match named("where").map(|node| &node.json) {
        Some(Json::Object(conditions)) if !conditions.is_empty() => conditions,
        _ => return Err(format!("`where` must say what columns hold, as in {example}")),
    };
    if let Some(other) = members.iter().find(|member| !["existing", "where"].contains(&member.key.as_str())) {
        return Err(format!("a lookup has `existing` and `where`, and no {}", quoted(&other.key)));
    }
    let mut lookup = Lookup { table: table.to_owned(), conditions: Vec::new() };
    for Member { key, value, .. } in conditions {
        let text = condition(value);
        if [Some(key), text.as_ref()].into_iter().flatten().any(|text| text.contains('\0')) {
            return Err("a lookup contains a NUL character".to_owned());
        }
        if matches!(value.json, Json::Array(_) | Json::Object(_)) {
            return Err(format!("{key} in `where` must be a single value, not {}", value.described()));
        }
        lookup.conditions.push((key.clone(), text));
    }
    lookup.conditions.sort();
    Ok(Reference::Existing(lookup))
}

fn selector(members: &[Member]) -> Result<Reference, String> {
    if members.iter().any(|member| member.key == "existing" || member.key == "where") {
        return lookup(members);
    }
    let (of, kinds): (Vec<&Member>, Vec<&Member>) = members.iter().partition(|member| member.key == "of");
    let [member] = kinds[..] else {
        return Err("a selector must name exactly one kind of row, as in {\"customer\": 1}".to_owned());
    };
    let names = RowKind::ALL.map(RowKind::name);
    let kind = |name: &str| RowKind::ALL.into_iter().find(|kind| kind.name() == name);
    let unknown =
        |name: &str, names: &[&str]| format!("unknown kind {}; {}", quoted(name), suggestion(name, names));
    if member.key == "some" {
        let wanted = || format!("`some` must be one of {}", names.join(", "));
        let name = member.value.as_text().ok_or_else(wanted)?;
        return match of[..] {
            [] => kind(name).map(Reference::Some).ok_or_else(|| unknown(name, &names)),
            _ => Err("`some` cannot be combined with `of`".to_owned()),
        };
    }
    let known: Vec<&str> = names.iter().copied().chain(["some"]).collect();
    let kind = kind(&member.key).ok_or_else(|| unknown(&member.key, &known))?;
    let (number, of) = (ordinal(member)?, of.first().map(|member| ordinal(member)).transpose()?);
    match (kind, of) {
        (RowKind::Contact | RowKind::Product, Some(of)) => Ok(Reference::Nth(Nth { kind, number, of })),
        (RowKind::Contact, None) => Err("a contact needs the number of its customer: {\"contact\": 1, \
                                         \"of\": 1}"
            .to_owned()),
        (RowKind::Product, None) => {
            Err("a product needs the number of its principal: {\"product\": 1, \"of\": 1}".to_owned())
        }
        (_, Some(_)) => {
            Err(format!("`of` can only be used with `contact` and `product`, not with `{}`", kind.name()))
        }
        (_, None) => Ok(Reference::Nth(Nth { kind, number, of: 0 })),
    }
}

fn ordinal(member: &Member) -> Result<u64, String> {
    let number = if let Json::Number(literal) = &member.value.json { literal.parse().ok() } else { None };
    number.filter(|number| *number > 0).ok_or_else(|| {
        format!("`{}` must be a whole number of at least 1, not {}", member.key, member.value.described())
    })
}

/// The handles of a scenario, with their tables and locations.
#[derive(Clone, Debug, Default)]
pub struct Handles {
    /// Rows, by handle.
    pub rows: BTreeMap<String, (String, Location)>,
    /// Handles under tables that there are not: told once, not at each reference.
    pub strays: BTreeSet<String>,
}

impl Handles {
    /// Whether `handle`, perhaps of a row that is made beside another, can be one.
    pub fn has(&self, handle: &str) -> bool {
        let root = handle.split('.').next().unwrap_or_default();
        let known = self.rows.contains_key(root) || self.strays.contains(root);
        if handle.contains('.') { root == MADE || known } else { known }
    }

    /// Says that there is no `handle`, and which one is near.
    pub fn unknown(&self, location: &Location, handle: &str, problems: &mut Problems) {
        if !problems.guesses() {
            return problems.add(location, format!("unknown handle {}", quoted(&format!("@{handle}"))));
        }
        let names: Vec<String> = self.rows.keys().map(|name| format!("@{name}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        problems.unknown(location, "handle", &format!("@{handle}"), &names);
    }

    /// Tells where `reference` does not lead to a row of `table`.
    pub fn check(&self, location: &Location, reference: &Reference, table: &str, problems: &mut Problems) {
        let Reference::Handle(handle) = reference else { return };
        match self.rows.get(handle) {
            // What a database calls its table may be the same one.
            Some((is, _)) if is != table && super::registry::table(is).is_some() => {
                problems.add(location, format!("`@{handle}` is a row of {is}; expected a row of {table}"))
            }
            None if !self.has(handle) => self.unknown(location, handle, problems),
            _ => {}
        }
    }
}

/// Why `reference` means no base row of `table` among `counts`, where it means none.
pub fn base_fault(reference: &Reference, table: &str, counts: &Counts) -> Option<String> {
    let (kind, nth) = match reference {
        Reference::Handle(_) | Reference::Existing(_) => return None,
        Reference::Some(kind) => (*kind, None),
        Reference::Nth(nth) => (nth.kind, Some(nth)),
    };
    let name = kind.name();
    if kind.table() != table {
        return Some(format!("a {name} is a row of {}; expected a row of {table}", kind.table()));
    }
    let none = |parents: u64, each: u64| if parents == 0 { 0 } else { each };
    let (count, parent) = match kind {
        RowKind::Principal => (counts.principals, None),
        RowKind::Distributor => (counts.distributors, None),
        RowKind::Customer => (counts.customers, None),
        RowKind::Opportunity => (counts.opportunities, None),
        RowKind::Contact => {
            (none(counts.customers, counts.contacts_of_each().min), Some((counts.customers, "customer")))
        }
        RowKind::Product => {
            (none(counts.principals, counts.products_of_each().min), Some((counts.principals, "principal")))
        }
    };
    if count == 0 {
        return Some(format!("there is no base {name}: the counts of the scenario generate none"));
    }
    let nth = nth?;
    match parent {
        Some((parents, parent)) if nth.of > parents => Some(format!(
            "there is no base {parent} {}: the counts of the scenario generate {parents}",
            nth.of
        )),
        Some((_, parent)) if nth.number > count => Some(format!(
            "a {parent} may not have a {name} {}: the counts of the scenario guarantee only {count} each",
            nth.number
        )),
        None if nth.number > count => Some(format!(
            "there is no base {name} {}: the counts of the scenario generate {count}",
            nth.number
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_words_with_hyphens() {
        for good in ["a", "a1", "enterprise-deal", "a-1-b2", &"a".repeat(63)] {
            assert!(is_handle(good), "{good}");
        }
        for bad in ["", "A", "1a", "-a", "a-", "a--b", "a_b", "a b", "é", "a';--", "a.b", &"a".repeat(64)] {
            assert!(!is_handle(bad), "{bad}");
        }
    }
}
