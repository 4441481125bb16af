//! What is left out of a contact.

use std::collections::HashSet;
use std::fmt::Write;

use crate::domain::explicit::Value;
use crate::domain::explicit::completer::Completer;
use crate::domain::explicit::facts::{Facts, table_called};
use crate::domain::explicit::organizations::area_code_of;
use crate::domain::explicit::text::{host, mailbox};
use crate::domain::explicit::times::{between, touched};
use crate::domain::name::{PHONES, write_phone_of};
use crate::domain::phrase::write_json_string;
use crate::domain::vocabulary::Title;
use crate::random::Slot;

/// Finishes all contacts, whose organizations are finished.
pub fn finish(completer: &mut Completer) {
    for draft in completer.of_table("contacts") {
        let employer = completer.drafts[draft].employer.map(|id| completer.facts("organizations", id));
        let is_first = speaks(completer, draft);
        completer.fill(draft, "is_primary_contact", |_| Value::Bool(is_first));
        named(completer, draft);
        placed(completer, draft, employer.as_ref());
        reached(completer, draft, employer.as_ref());
        timed(completer, draft, employer.as_ref());
    }
}

/// Whether it is its organization's primary contact: where none was said to be, the first of those of
/// an explicit organization. A base customer has its own.
fn speaks(completer: &Completer, draft: usize) -> bool {
    let Some(employer) = completer.drafts[draft].employer else { return false };
    let is_explicit = completer.of_id(table_called("organizations"), employer).is_some();
    let colleagues = completer.employees(employer);
    // Of those before it some are finished: what they are was given or decided.
    let has_one = colleagues
        .iter()
        .any(|row| *row != draft && completer.value(*row, "is_primary_contact").is_some_and(Value::is_true));
    let undecided = colleagues.iter().find(|row| completer.value(**row, "is_primary_contact").is_none());
    is_explicit && !has_one && undecided == Some(&draft)
}

/// First and last name, which together are its name.
fn named(completer: &mut Completer, draft: usize) {
    let vocabulary = completer.vocabulary();
    if let Some(name) = completer.text(draft, "name").map(str::to_owned) {
        let (first, last) = match name.trim().rsplit_once(' ') {
            Some((first, last)) => (first.trim_end().to_owned(), Some(last.to_owned())),
            None => (name.clone(), None),
        };
        completer.fill(draft, "first_name", |_| Value::Text(first));
        completer.fill(draft, "last_name", |_| last.map_or(Value::Null, Value::Text));
    }
    let (first, last) = (completer.slot(draft, "first_name"), completer.slot(draft, "last_name"));
    // Several people of one organization: their mailboxes differ.
    let taken = colleagues_names(completer, draft);
    completer.fill(draft, "first_name", |_| {
        let names = (0..200).map(|number| first.child(number).pick(&vocabulary.first_names).text);
        let free = names.clone().find(|name| !taken.contains(*name));
        free.or_else(|| names.clone().next()).map_or(Value::Null, Value::from)
    });
    completer.fill(draft, "last_name", |_| last.pick(&vocabulary.last_names).text.into());
    completer.fill(draft, "name", |completer| {
        let parts = ["first_name", "last_name"].map(|part| completer.text(draft, part).unwrap_or_default());
        Value::Text(parts.join(" ").trim().to_owned())
    });
}

fn colleagues_names(completer: &Completer, draft: usize) -> HashSet<String> {
    let Some(employer) = completer.drafts[draft].employer else { return HashSet::new() };
    let colleagues = completer.employees(employer).into_iter().filter(|row| *row != draft);
    colleagues.filter_map(|row| completer.text(row, "first_name").map(str::to_owned)).collect()
}

/// Title, and what follows from it.
fn placed(completer: &mut Completer, draft: usize, employer: Option<&Facts>) {
    let title = title(completer, draft, employer);
    completer.fill(draft, "title", |_| title.title.into());
    completer.fill(draft, "department", |_| title.department.into());
    completer.fill(draft, "role", |_| title.role.into());
    completer.fill(draft, "purchase_influence", |_| title.purchase_influence.into());
    completer.fill(draft, "decision_authority", |_| title.decision_authority.into());
}

/// The department that every business has.
const ANY_BUSINESS: &str = "Purchasing";

/// A job at such an organization that fits what is given, as far as there is one.
fn title(completer: &Completer, draft: usize, employer: Option<&Facts>) -> &'static Title {
    let industry = employer.map_or("", |facts| facts.text("industry"));
    let slot = completer.slot(draft, "title");
    let is_primary = completer.value(draft, "is_primary_contact").is_some_and(Value::is_true);
    let customers = &completer.vocabulary().customers;
    let kind = customers.shares().map(|(kind, _)| *kind).find(|kind| kind.industry == industry);
    let is_buying = kind.is_some();
    let kind = kind.unwrap_or_else(|| customers.pick(slot.child(0)));
    let likely = if is_primary { &kind.buyers } else { &kind.titles };
    let fits = |title: &&Title| {
        [
            ("title", title.title),
            ("department", title.department),
            ("role", title.role),
            ("purchase_influence", title.purchase_influence),
            ("decision_authority", title.decision_authority),
        ]
        .iter()
        .all(|(column, value)| completer.text(draft, column).is_none_or(|given| given == *value))
        // Principals, distributors and partners have the jobs that any business has.
        && (is_buying || title.department == ANY_BUSINESS)
    };
    let drawn = (0..64).map(|number| *likely.pick(slot.child(1 + number))).find(|title| fits(title));
    let any = || {
        let all = customers.shares().flat_map(|(kind, _)| kind.titles.shares().map(|(title, _)| *title));
        let fitting: Vec<&'static Title> = all.filter(|title| fits(title)).collect();
        (!fitting.is_empty()).then(|| *slot.pick(&fitting))
    };
    drawn.or_else(any).unwrap_or_else(|| likely.pick(slot))
}

/// E-mail and telephone at its organization.
fn reached(completer: &mut Completer, draft: usize, employer: Option<&Facts>) {
    let id = completer.drafts[draft].id;
    let at = employer.and_then(|facts| host(facts.text("website")).or_else(|| host(facts.text("email"))));
    completer.fill(draft, "email", |completer| {
        let parts =
            ["first_name", "last_name"].map(|part| mailbox(completer.text(draft, part).unwrap_or_default()));
        let named: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let name = if named.is_empty() { format!("contact-{id}") } else { named.join(".") };
        let mut json = String::from(r#"[{"type":"work","value":"#);
        write_json_string(&mut json, |s| {
            let _ = write!(s, "{name}@{}", at.unwrap_or("contacts.example"));
        });
        json.push_str(r#","primary":true}]"#);
        Value::Json(json)
    });
    let slot = completer.slot(draft, "phone");
    let code = employer.and_then(|facts| area_code_of(completer, facts, slot.child(0)));
    completer.fill(draft, "phone", |_| Value::Json(phone(code.as_deref(), slot)));
}

fn phone(area_code: Option<&str>, slot: Slot) -> String {
    // Where there is no area code there is no telephone: any would be somebody's.
    let Some(area_code) = area_code else { return "[]".to_owned() };
    let mut json = String::from(r#"[{"type":"office","value":""#);
    write_phone_of(&mut json, area_code, slot.below(PHONES));
    json.push_str(r#"","primary":true}]"#);
    json
}

/// Younger than its organization, and no younger than what happened to it.
fn timed(completer: &mut Completer, draft: usize, employer: Option<&Facts>) {
    let slot = completer.slot(draft, "created_at");
    let after = employer.and_then(|facts| facts.number("created_at"));
    let second = between(after, completer.drafts[draft].latest, 300, slot);
    completer.fill(draft, "created_at", |_| Value::Timestamp(second));
    touched(completer, draft);
}
