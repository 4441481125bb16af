//! Texts that say who somebody is, where, and how they are reached.

use super::people;
use super::places;
use super::rules::{ALWAYS_NULL, Rule, RuleContext, rule, rule_of};
use crate::infer::kinds::TableKind;
use crate::sqlexpr::value::Value;

/// Texts.
pub(super) const CONTACT: &[Rule] = &[
    rule("~linkedin", "a page that nobody has", 20, |draw| people::page(draw, "linkedin.example/in")),
    rule("~twitter|=x url|=x handle", "a page that nobody has", 40, |draw| people::page(draw, "x.example")),
    rule("~facebook", "a page that nobody has", 40, |draw| people::page(draw, "facebook.example")),
    rule("~instagram", "a page that nobody has", 40, |draw| people::page(draw, "instagram.example")),
    rule("~youtube|~tiktok|~github|~yelp", "a page that nobody has", 50, |draw| {
        people::page(draw, "pages.example")
    }),
    rule("~avatar|~photo|~picture|~headshot", "a picture that nobody has", 30, |draw| image(draw, "people")),
    rule("~logo|~image|~thumbnail|~banner|~cover|~img", "a picture that nobody has", 30, |draw| {
        image(draw, "images")
    }),
    rule(
        "website|site|web|homepage|website url|site url|company url|\
         domain url|webpage|web page",
        "a website",
        15,
        people::website,
    ),
    rule("url|uri|link|href", "an address that nobody has", 20, |draw| {
        format!("https://files.example/{}/{}", people::slug(&table(draw), "-"), draw.context.number).into()
    }),
    rule("salutation|honorific|prefix|=title prefix", "how somebody is addressed", 30, |draw| {
        draw.word("Ms.|Mr.|Dr.")
    }),
    rule("suffix|name suffix", "what follows a name", 80, |draw| draw.word("Jr.|Sr.|III")),
    // Names do not tell it, and a wrong one is worse than none.
    rule("gender|sex", "a gender", ALWAYS_NULL, |draw| draw.word("female|male|nonbinary")),
    rule("pronoun", "pronouns", 30, |draw| draw.word("she/her|he/him|they/them")),
    rule("nickname|nick name|preferred name|goes by", "a nickname", 30, |draw| people::first(draw).into()),
    rule("middle name|middle initial", "a middle initial", 40, |draw| draw.word("A.|B.|E.|J.|L.|M.|R.")),
    rule("first name|given name|firstname|fname|forename", "a first name", 0, |draw| {
        people::first(draw).into()
    }),
    rule("last name|surname|family name|lastname|lname", "a last name", 0, |draw| people::last(draw).into()),
    rule("username|user name|login|handle|screen name", "a name to sign in by", 0, |draw| {
        people::mailbox(draw, ".").into()
    }),
    rule("initial", "initials", 0, |draw| {
        let (first, last) = (people::first(draw), people::last(draw));
        let letters: String = first.chars().take(1).chain(last.chars().take(1)).collect();
        letters.to_uppercase().into()
    }),
    rule(
        "billing email|company email|general email|support email|reply to|reply to email",
        "an e-mail address",
        15,
        people::desk,
    ),
    rule(
        "email|e mail|email address|mail|from address|to address|cc|\
         bcc|sender|recipient|from email|to email",
        "an e-mail address",
        0,
        people::email,
    ),
    rule("fax|fax number", "a telephone number", 60, people::phone),
    rule(
        "phone|phone number|mobile|cell|telephone|tel|mobile number|\
         mobile phone|cell phone|work phone|whatsapp|from number|to number|direct line|\
         contact number|sms",
        "a telephone number",
        15,
        people::phone,
    ),
    rule("^phone|^mobile|^fax|sent from|sent to", "a telephone number", 30, people::phone),
    rule("phone extension|ext|phone ext|extension", "an extension", 50, |draw| {
        draw.slot.between(100, 499).to_string().into()
    }),
    rule(
        "full name|person name|contact name|rep name|sale rep|\
         salesperson|account manager|owner name|manager|attendee|created by|updated by|assigned to|\
         author|owner|approved by|requested by|signed by|decision maker|performed by|reported by|\
         sender name|recipient name|manager name|contact person|buyer|chef|by",
        "a person",
        5,
        |draw| people::whole(draw).into(),
    ),
    rule(
        "line 2|line2|address 2|address2|street 2|street2|suite|\
         unit number|apartment|apt|floor",
        "part of an address",
        30,
        |draw| format!("{} {}", draw.one_of("Suite|Unit|Floor"), draw.slot.child(1).between(2, 40)).into(),
    ),
    rule(
        "street|street address|line 1|line1|address 1|address1|\
         street 1|address line|address street|street name",
        "a street",
        5,
        places::street,
    ),
    rule(
        "address|full address|mailing address|formatted address|location|venue|place",
        "an address",
        10,
        places::whole,
    ),
    rule("city|town|municipality|locality", "a town", 5, |draw| places::place(draw).0.city.into()),
    rule("zip|zip code|postal code|postcode|zipcode|postal|postalcode", "a ZIP code", 5, |draw| {
        places::place(draw).1.into()
    }),
    rule("state name|province name", "a state", 5, places::state_name),
    rule(
        "state code|province|state province|state abbreviation|\
         ~billing state|~shipping state",
        "a state",
        5,
        |draw| places::place(draw).0.state.into(),
    ),
    rule_of(TableKind::Addresses, "state", "a state", 0, |draw| places::place(draw).0.state.into()),
    rule("country code|country iso", "a country", 0, |_| "US".into()),
    rule("country|nation", "a country", 0, |_| "United States".into()),
    rule("county", "a county", 30, |draw| {
        draw.word("Washington County|Jefferson County|Franklin County|Jackson County")
    }),
    rule("region|territory|territory name|area|zone", "a region", 10, |draw| {
        draw.word("Northeast|Mid-Atlantic|Southeast|Midwest|Southwest|West Coast")
    }),
    rule("timezone|time zone|tz|zoneinfo", "a time zone", 0, places::zone),
    rule("language", "a language", 10, |draw| draw.word("en|en|en|es")),
    rule("locale|lang|language code", "a locale", 0, |_| "en-US".into()),
    rule("latitude|lat", "a latitude", 10, |draw| {
        format!("{}.{:04}", draw.slot.between(30, 47), draw.slot.child(1).below(10_000)).into()
    }),
    rule("longitude|lng|lon", "a longitude", 10, |draw| {
        format!("-{}.{:04}", draw.slot.between(73, 121), draw.slot.child(1).below(10_000)).into()
    }),
];

/// A word for what the row is, for an address.
fn table(draw: &RuleContext<'_>) -> String {
    draw.context.kind.about().rsplit(' ').next().unwrap_or("record").to_owned()
}

fn image(draw: &RuleContext<'_>, folder: &str) -> Value {
    format!("https://images.example/{folder}/{}.png", draw.slot.between(1, 400)).into()
}
