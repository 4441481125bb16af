//! How people tell two of the same name apart: by a middle initial, a second last name, the town.

use crate::domain::vocabulary::Vocabulary;
use crate::infer::kinds::TableKind;
use crate::infer::model::{ColumnModel, TableModel};
use crate::random::Slot;

/// What a text calls. Of several columns of a key the first of these is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Called {
    /// A person, by the first name.
    First,
    /// A person, by first and last name.
    Person,
    /// A person, by the last name.
    Last,
    /// A company, a place.
    Company,
    /// Anything else that has a name or title.
    Thing,
    /// A name among machines: of a mailbox, of an account, in an address.
    Handle,
    /// What people quote: a reference, a code.
    Code,
}

/// What a column calls.
pub(super) fn called(member: &TableModel, column: &ColumnModel) -> Called {
    let words: Vec<&str> = column.column_type.words.iter().map(String::as_str).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let is_person = member.kind == TableKind::Users || is_domain(member, "contacts");
    let is_company =
        is_domain(member, "organizations") || has(&["company", "organization", "account", "legal"]);
    match words.last().copied() {
        _ if has(&[
            "email",
            "mail",
            "mailbox",
            "username",
            "login",
            "handle",
            "slug",
            "subdomain",
            "nickname",
        ]) =>
        {
            Called::Handle
        }
        _ if has(&["website", "url", "uri", "link", "domain", "hostname", "host", "path"]) => Called::Handle,
        Some(
            "code" | "sku" | "reference" | "ref" | "number" | "no" | "id" | "key" | "token" | "barcode"
            | "upc",
        ) => Called::Code,
        _ if has(&["first", "given", "forename", "firstname", "fname"]) => Called::First,
        _ if has(&["last", "family", "surname", "lastname", "lname"]) => Called::Last,
        _ if is_company && has(&["name", "title", "company", "organization", "account"]) => Called::Company,
        Some("name") if is_person => Called::Person,
        _ if has(&["person", "contact", "signer", "sender", "attendee"]) && has(&["name"]) => Called::Person,
        _ => Called::Thing,
    }
}

fn is_domain(member: &TableModel, name: &str) -> bool {
    member.domain.is_some_and(|domain| crate::domain::TABLES[domain].info().name == name)
}

/// Initials: few names begin with the letters that are missing.
const INITIALS: &[u8] = b"AJMRLCEDKSTBHGPNWFV";
/// Months, as deals and notes are named after them.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The `attempt`th way, from 1, to write `base` so that it is told from another of the same name; `None` where there are
/// no more.
pub(super) fn variation(called: Called, base: &str, attempt: u64, slot: Slot) -> Option<String> {
    let base = base.trim().trim_end_matches(['.', ',', ';']);
    if base.is_empty() {
        return None;
    }
    let count = INITIALS.len() as u64;
    let initial = |offset: u64| char::from(INITIALS[((slot.below(count) + offset) % count) as usize]);
    let initials = || match attempt {
        attempt if attempt <= count => Some(format!("{}.", initial(attempt))),
        attempt => Some(format!("{}. {}.", initial(attempt), initial(attempt / count + attempt))),
    };
    match called {
        Called::First => Some(format!("{base} {}", initials()?)),
        Called::Person => {
            let (first, rest) = base.split_once(' ')?;
            Some(format!("{first} {} {rest}", initials()?))
        }
        Called::Last => {
            let names = &Vocabulary::get().last_names;
            let other = slot.child(attempt).pick(names).text;
            (!base.contains(other)).then(|| format!("{base}-{other}")).or_else(|| Some(format!("{base} Jr.")))
        }
        Called::Company => Some(format!("{base} {}", town(attempt, slot))),
        Called::Thing => {
            let town = town(attempt, slot);
            Some(match attempt {
                attempt if attempt <= 12 => format!("{base}, {town}"),
                _ => {
                    let month = slot.child(attempt).child(1).pick(&MONTHS);
                    format!("{base}, {month}, {town}")
                }
            })
        }
        Called::Handle => {
            let number = attempt + 1;
            Some(match base.split_once('@') {
                Some((local, host)) => format!("{local}{number}@{host}"),
                None => match base.split_once("://") {
                    Some((scheme, rest)) => {
                        let (host, path) =
                            rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
                        let (name, end) = host.rsplit_once('.')?;
                        let slash = if path.is_empty() && !rest.ends_with('/') { "" } else { "/" };
                        format!("{scheme}://{name}-{number}.{end}{slash}{path}")
                    }
                    None => format!("{base}-{number}"),
                },
            })
        }
        // A code is told from another by its number.
        Called::Code => Some(format!("{base}-{}", attempt + 1)),
    }
}

fn town(attempt: u64, slot: Slot) -> &'static str {
    Vocabulary::get().places.pick(slot.child(attempt)).city
}
