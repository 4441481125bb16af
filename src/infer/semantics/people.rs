//! Names of people, and how they are reached.

use super::places;
use super::rules::RuleContext;
use crate::domain::vocabulary::{Vocabulary, Word};
use crate::infer::kinds::TableKind;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// Domains of mailboxes whose owner has no company.
const DOMAINS: &str = "harborline-foods.example|copper-kettle.example|\
         prairie-table.example|silver-brook.example|maple-hollow.example|stonemill-market.example";

/// The domain of those who use the CRM.
pub(super) const HOME: &str = "harvestbridge.example";

fn word(words: &'static [Word], slot: Slot) -> &'static str {
    words.get(slot.below(words.len() as u64) as usize).map_or("Maya", |word| word.text)
}

/// The first name of the row's person.
pub(super) fn first(draw: &RuleContext<'_>) -> String {
    if let Some(first) = draw.given(&["first_name", "given_name", "firstname", "fname"]) {
        return first;
    }
    let whole = draw.given(&WHOLE).filter(|name| is_person(draw, name));
    let first = whole.and_then(|name| name.split_whitespace().next().map(str::to_owned));
    first.unwrap_or_else(|| word(&Vocabulary::get().first_names, draw.context.hidden.child(1)).to_owned())
}

/// The last name of the row's person.
pub(super) fn last(draw: &RuleContext<'_>) -> String {
    if let Some(last) = draw.given(&["last_name", "surname", "family_name", "lastname", "lname"]) {
        return last;
    }
    let whole = draw.given(&WHOLE).filter(|name| is_person(draw, name));
    let last = whole.and_then(|name| name.split_whitespace().last().map(str::to_owned));
    last.unwrap_or_else(|| word(&Vocabulary::get().last_names, draw.context.hidden.child(2)).to_owned())
}

const WHOLE: [&str; 4] = ["full_name", "name", "display_name", "contact_name"];

/// Whether `name` may be one of a person: of two words, and not in a table of things.
fn is_person(draw: &RuleContext<'_>, name: &str) -> bool {
    name.split_whitespace().count() == 2 || draw.context.kind == TableKind::Users
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
        'đ' => 'd',
        'Đ' => 'D',
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

/// The e-mail address of the row's person.
pub(super) fn email(draw: &RuleContext<'_>) -> Value {
    if let Some(known) = draw.given(&["email", "email_address"]) {
        return known.into();
    }
    let of_person = RuleContext { slot: draw.context.hidden.child(3), ..*draw };
    let domain = if draw.context.kind == TableKind::Users { HOME } else { of_person.one_of(DOMAINS) };
    format!("{}@{domain}", mailbox(draw, ".")).into()
}

/// An address that no person owns.
pub(super) fn desk(draw: &RuleContext<'_>) -> Value {
    let desk = draw.one_of("info|orders|purchasing|kitchen|office");
    let domain = RuleContext { slot: draw.slot.child(1), ..*draw }.one_of(DOMAINS);
    format!("{desk}@{domain}").into()
}

/// A telephone number that is reserved for fiction.
pub(super) fn phone(draw: &RuleContext<'_>) -> Value {
    format!("({}) 555-01{:02}", places::area_code(draw), draw.slot.child(4).below(100)).into()
}

/// The page of the row's person or company on a site.
pub(super) fn page(draw: &RuleContext<'_>, site: &str) -> Value {
    let is_person = draw.known(&["first_name", "given_name", "firstname", "fname"]).is_some();
    let is_company = !is_person && draw.known(&["website", "organization_type", "employee_count"]).is_some();
    let company = draw.known(&["company", "company_name", "legal_name"]);
    let company = company.or_else(|| is_company.then(|| draw.known(&["name"])).flatten());
    let Some(name) = company.filter(|_| !is_person) else {
        return format!("https://{site}/{}", mailbox(draw, "-")).into();
    };
    // Sites have people and companies apart.
    let site = site.strip_suffix("/in").map_or_else(|| site.to_owned(), |site| format!("{site}/company"));
    format!("https://{site}/{}", slug(&name, "-")).into()
}

/// The site of the row's company.
pub(super) fn website(draw: &RuleContext<'_>) -> Value {
    let name = draw.known(&["name", "company", "company_name", "legal_name"]);
    let name = name.map_or_else(
        || draw.one_of(DOMAINS).to_owned(),
        |name| {
            format!("{}.example", slug(&name, "-").chars().take(60).collect::<String>().trim_end_matches('-'))
        },
    );
    format!("https://www.{name}").into()
}
