//! Names of people, and how they are reached.

use std::sync::LazyLock;

use super::context::RuleContext;
use super::places;
use crate::domain::vocabulary::{Vocabulary, Word};
use crate::infer::kinds::TableKind;
use crate::infer::word_lists::words;
use crate::random::Slot;

/// The companies that people work for whom the row gives none, and the domains of their mailboxes.
struct Companies {
    names: Vec<&'static str>,
    domains: Vec<&'static str>,
}

impl Companies {
    fn get() -> &'static Self {
        static COMPANIES: LazyLock<Companies> = LazyLock::new(|| {
            let list = |name| words(name).unwrap_or_else(|error| panic!("{error}"));
            Companies { names: list("@companies"), domains: list("@company_domains") }
        });
        &COMPANIES
    }
}

/// Those who use the CRM, and the domain of their mailboxes.
const HOME_NAME: &str = "Harvest Bridge Brokerage";
const HOME: &str = "harvestbridge.example";
/// Where people have the mailboxes that are nobody else's.
const PRIVATE: &str = "mail.example";

/// Columns that name the company of the row's person.
const EMPLOYER: [&str; 6] =
    ["company", "company_name", "legal_name", "organization_name", "account_name", "customer_name"];

fn word(words: &'static [Word], slot: Slot) -> &'static str {
    words.get(slot.below(words.len() as u64) as usize).map_or("Maya", |word| word.text)
}

/// The first name of the row's person.
pub(super) fn first(draw: &RuleContext<'_>) -> String {
    if let Some(first) = draw.certain_of_person(&["first_name", "given_name", "firstname", "fname"]) {
        return first;
    }
    let first = certain_whole(draw).and_then(|name| name.split_whitespace().next().map(str::to_owned));
    first.unwrap_or_else(|| word(&Vocabulary::get().first_names, draw.context.hidden.child(1)).to_owned())
}

/// The last name of the row's person.
pub(super) fn last(draw: &RuleContext<'_>) -> String {
    if let Some(last) = draw.certain_of_person(&["last_name", "surname", "family_name", "lastname", "lname"])
    {
        return last;
    }
    let last = certain_whole(draw).and_then(|name| name.split_whitespace().last().map(str::to_owned));
    last.unwrap_or_else(|| word(&Vocabulary::get().last_names, draw.context.hidden.child(2)).to_owned())
}

/// Columns with the whole name of a person; and those with that of whatever the row is.
const WHOLE: [&str; 2] = ["full_name", "contact_name"];
const OF_ROW: [&str; 2] = ["name", "display_name"];

/// The whole name of the row's person, where that is given: of a row that is no person its name is none.
fn certain_whole(draw: &RuleContext<'_>) -> Option<String> {
    let of_row = || {
        draw.certain_of_person(&OF_ROW)
            .filter(|_| matches!(draw.context.kind, TableKind::Users | TableKind::Leads))
    };
    let is_whole =
        |name: &String| name.split_whitespace().count() == 2 || draw.context.kind == TableKind::Users;
    draw.certain_of_person(&WHOLE).or_else(of_row).filter(is_whole)
}

/// First and last name.
pub(super) fn whole(draw: &RuleContext<'_>) -> String {
    format!("{} {}", first(draw), last(draw))
}

/// `maya.lindqvist` of the row's person.
pub(super) fn mailbox(draw: &RuleContext<'_>, between: &str) -> String {
    format!("{}{between}{}", slug(&first(draw), ""), slug(&last(draw), ""))
}

/// A text in ASCII: letters without their marks, others left out.
pub fn ascii(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let plain = |c: char| match c {
        'ı' => 'i',
        'ø' => 'o',
        'Ø' => 'O',
        'ł' => 'l',
        'Ł' => 'L',
        'đ' | 'ð' => 'd',
        'Đ' | 'Ð' => 'D',
        'æ' => 'a',
        'Æ' => 'A',
        'þ' => 't',
        'Þ' => 'T',
        'ß' => 's',
        c => c,
    };
    text.nfd().map(plain).filter(char::is_ascii).collect()
}

/// The ASCII letters and digits of a text, lower-case, with `between` where others stood.
pub(super) fn slug(text: &str, between: &str) -> String {
    let plain = ascii(text).replace('\'', "").to_ascii_lowercase();
    let parts: Vec<&str> =
        plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).collect();
    if parts.is_empty() { "record".into() } else { parts.join(between) }
}

/// The first letters of both.
pub(super) fn initials(draw: &RuleContext<'_>) -> String {
    let (first, last) = (first(draw), last(draw));
    let letters: String = first.chars().take(1).chain(last.chars().take(1)).collect();
    letters.to_uppercase()
}

/// The e-mail address of the row's person.
pub(super) fn email(draw: &RuleContext<'_>) -> String {
    if let Some(known) = draw.certain_of_person(&["email", "email_address"]) {
        return known;
    }
    match draw.context.kind {
        TableKind::Tenants => format!("office@{HOME}"),
        TableKind::Users => format!("{}@{HOME}", mailbox(draw, ".")),
        _ => {
            let company = draw.certain(&EMPLOYER);
            let domain = company.map_or_else(|| domain_of_employer(draw), |company| domain_of(&company));
            format!("{}@{domain}", mailbox(draw, "."))
        }
    }
}

/// A further e-mail address: of a person a private one, of a company that of its office.
pub(super) fn other_email(draw: &RuleContext<'_>) -> String {
    let is_person = matches!(draw.context.kind, TableKind::Users | TableKind::Leads)
        || draw.known(&["first_name", "given_name", "firstname", "fname", "full_name"]).is_some();
    let known = draw.known(&["email", "email_address"]);
    let known = known.and_then(|email| Some(email.split_once('@')?.0.to_owned()));
    match is_person {
        true => format!("{}@{PRIVATE}", known.unwrap_or_else(|| mailbox(draw, "."))),
        false => format!("office@{}", domain(draw)),
    }
}

/// What chooses the company of the row's person.
fn employer(draw: &RuleContext<'_>) -> Slot {
    draw.context.hidden.child(3)
}

/// The company whose mailbox the row's person has.
pub(super) fn company(draw: &RuleContext<'_>) -> &'static str {
    match draw.context.kind {
        TableKind::Tenants | TableKind::Users => HOME_NAME,
        _ => employer(draw).word(&Companies::get().names),
    }
}

/// The domain of that company.
fn domain_of_employer(draw: &RuleContext<'_>) -> String {
    employer(draw).word(&Companies::get().domains).to_owned()
}

/// The domain of the company of this name.
fn domain_of(name: &str) -> String {
    let companies = Companies::get();
    if name == HOME_NAME {
        return HOME.to_owned();
    }
    if let Some(at) = companies.names.iter().position(|known| *known == name) {
        return companies.domains[at].to_owned();
    }
    let slug: String = slug(name, "-").chars().take(60).collect();
    format!("{}.example", slug.trim_end_matches('-'))
}

/// A telephone number that is reserved for fiction.
pub(super) fn phone(draw: &RuleContext<'_>) -> String {
    format!("({}) 555-01{:02}", places::area_code(draw), draw.slot.child(4).below(100))
}

/// The page of the row's person or company on a site.
pub(super) fn page(draw: &RuleContext<'_>, site: &str) -> String {
    let is_person = draw.known(&["first_name", "given_name", "firstname", "fname"]).is_some();
    let is_company = !is_person && draw.known(&["website", "organization_type", "employee_count"]).is_some();
    let company = draw.known(&["company", "company_name", "legal_name"]);
    let company = company.or_else(|| is_company.then(|| draw.known(&["name"])).flatten());
    let Some(name) = company.filter(|_| !is_person) else {
        return format!("https://{site}/{}", mailbox(draw, "-"));
    };
    // Sites have people and companies apart.
    let site = site.strip_suffix("/in").map_or_else(|| site.to_owned(), |site| format!("{site}/company"));
    format!("https://{site}/{}", slug(&name, "-"))
}

/// The domain of the row's company.
pub(super) fn domain(draw: &RuleContext<'_>) -> String {
    let is_person = draw.context.kind == TableKind::Leads;
    let name = || draw.known(&["name"]).filter(|_| !is_person);
    match draw.certain(&EMPLOYER).or_else(name).or_else(|| draw.known(&EMPLOYER)) {
        Some(name) => domain_of(&name),
        None if draw.context.kind == TableKind::Tenants => HOME.to_owned(),
        None => domain_of_employer(draw),
    }
}
