//! What the software keeps for itself.

use super::people;
use super::rules::{ALWAYS_NULL, Rule, RuleContext, rule, rule_of};
use crate::infer::kinds::TableKind;
use crate::infer::uuid::random_uuid;
use crate::sqlexpr::value::Value;

/// The bcrypt hash, at cost 10, of the password `crm-seed`: whoever tries the demo may sign in with it.
pub(super) const PASSWORD: &str = "$2a$10$PZPmxuKyRUkkbvzv4b7HLeuFiTGbQWRZLAZuIf2uGzeK2c8Z.gjse";

/// Texts.
pub(super) const TEXTS: &[Rule] = &[
    // GoTrue reads these as texts, and fails at NULL.
    rule_of(
        TableKind::Users,
        "=confirmation token|=recovery token|^email change|\
         ^phone change|=reauthentication token",
        "no secret, which Supabase wants empty",
        0,
        |_| "".into(),
    ),
    rule(
        "encrypted password|=password hash|=hashed password|\
         =password digest|=passwd|=password",
        "the password `crm-seed`",
        0,
        |_| PASSWORD.into(),
    ),
    rule("=aud", "who a token is for", 0, |_| "authenticated".into()),
    rule_of(TableKind::Users, "role", "a role of a user", 0, role),
    rule("=provider", "who knows the password", 0, |_| "email".into()),
    rule("provider id", "how the provider knows the user", 0, |draw| {
        let known = draw.known(&["email", "user_id", "id"]);
        known.unwrap_or_else(|| draw.context.number.to_string()).into()
    }),
    rule(
        "~token|~secret|api key|access key|private key|public key|\
         ~salt|~otp|~hash|~nonce|~signature|~password|~passcode|~pin|~credential|~encrypted|~cipher",
        "a secret",
        ALWAYS_NULL,
        |_| "x".into(),
    ),
    rule(
        "search vector|tsv|fts|searchable|search text|search|\
         ~embedding|~vector|document vector",
        "for searching",
        ALWAYS_NULL,
        |draw| draw.word("broker|dairy|frozen|produce"),
    ),
    rule(
        "~error|~stack|~exception|~trace|~raw|~blob|~payload|~request|~response|~debug",
        "what the software saw",
        ALWAYS_NULL,
        |draw| draw.word("none|ok"),
    ),
    rule(
        "~external|~legacy|~hubspot|~salesforce|~stripe|~quickbook|\
         ~import id|~sync id|~remote|~foreign|~google|~outlook|~crm id|~source id|~message id|\
         ~thread id|~zoho|~pipedrive|~netsuite|~mailchimp|~twilio|~erp",
        "how other software knows it",
        ALWAYS_NULL,
        |draw| hexadecimal(draw, 12),
    ),
    rule("checksum|md5|sha1|sha256|etag|fingerprint|digest", "a checksum", 20, |draw| hexadecimal(draw, 32)),
    rule("ip|ip address|last ip|sign in ip|remote addr", "an address in a network", 15, address),
    rule("user agent|browser", "a browser", 15, |_| {
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0".into()
    }),
    rule("mime type|content type|mimetype|media type", "a type of file", 0, |_| "application/pdf".into()),
    rule("file name|filename|original name|file", "the name of a file", 0, |draw| file(draw).into()),
    rule(
        "file path|path|storage path|object path|storage key|file key|object key",
        "the path of a file",
        0,
        |draw| format!("documents/{}/{}", draw.context.number, file(draw)).into(),
    ),
    rule("bucket|bucket id|bucket name", "where files lie", 0, |_| "documents".into()),
    rule("file type|file extension", "a type of file", 0, |_| "pdf".into()),
    rule("hostname|host|domain|email domain|domain name", "a domain", 15, |draw| {
        let Value::Text(site) = people::website(draw) else { return Value::Null };
        site.trim_start_matches("https://www.").into()
    }),
    rule("duration|interval", "a length of time", 15, |draw| draw.word("30 minutes|45 minutes|1 hour")),
];

fn file(draw: &RuleContext<'_>) -> &'static str {
    draw.one_of(
        "spec-sheet.pdf|price-list.pdf|product-catalog.pdf|\
         line-review.pdf|sell-sheet.pdf|nutrition-facts.pdf|distributor-agreement.pdf",
    )
}

fn role(draw: &RuleContext<'_>) -> Value {
    match draw.known(&["aud", "instance_id"]) {
        Some(_) => "authenticated".into(),
        None => draw.word("sales_rep|sales_rep|sales_rep|manager|admin"),
    }
}

fn hexadecimal(draw: &RuleContext<'_>, digits: usize) -> Value {
    let mut text = format!("{:016x}{:016x}", draw.slot.bits(), draw.slot.child(1).bits());
    text.truncate(digits);
    text.into()
}

fn address(draw: &RuleContext<'_>) -> Value {
    format!("192.0.2.{}", draw.slot.between(1, 254)).into()
}

/// Numbers.
pub(super) const NUMBERS: &[Rule] = &[
    rule(
        "~external|~legacy|~hubspot|~salesforce|~remote|~foreign|~import id|~sync id|~parent",
        "how others know it",
        ALWAYS_NULL,
        |draw| draw.whole(1000, 9999),
    ),
    rule("~token|~otp|~pin|~error code", "a secret", ALWAYS_NULL, |_| 0_i64.into()),
];

/// UUIDs.
pub(super) const UUIDS: &[Rule] = &[
    rule("=instance id", "the instance of Supabase", 0, |_| "00000000-0000-0000-0000-000000000000".into()),
    rule("id|~external|~token|~parent", "a record that nobody knows", ALWAYS_NULL, uuid),
];
/// Any other.
pub(super) const UUID: Rule = rule("", "a UUID", 15, uuid);

fn uuid(draw: &RuleContext<'_>) -> Value {
    random_uuid(draw.slot.bits()).into()
}

/// Bytes.
pub(super) const BYTES: &[Rule] = &[];
/// Any.
pub(super) const BYTE: Rule =
    rule("", "bytes", ALWAYS_NULL, |draw| format!("\\x{:016x}", draw.slot.bits()).into());

/// Addresses in a network.
pub(super) const ADDRESS: Rule = rule("", "an address in a network", 15, address);

/// JSON documents.
pub(super) const DOCUMENTS: &[Rule] = &[
    rule("raw app meta data", "who knows the password", 0, |_| {
        Value::Json(r#"{"provider":"email","providers":["email"]}"#.into())
    }),
    rule("raw user meta data|user metadata", "who a user is", 0, |draw| {
        document(&[("first_name", people::first(draw)), ("last_name", people::last(draw))])
    }),
    rule("identity data", "how the provider knows the user", 0, |draw| {
        let sub = draw.known(&["user_id", "id"]).unwrap_or_else(|| draw.context.number.to_string());
        let email = people::email(draw).as_text().unwrap_or_default().to_owned();
        document(&[("sub", sub), ("email", email)])
    }),
    rule("tag|label|interest|keyword|skill|topic|certification", "words", 0, |draw| {
        Value::Json(format!(
            "[{}]",
            quoted(draw.one_of("Key Account|Organic|Chef-driven|Seasonal Menu|Referral"))
        ))
    }),
    rule("~email|~e mail", "e-mail addresses", 0, |draw| {
        let email = people::email(draw).as_text().unwrap_or_default().to_owned();
        Value::Json(format!(r#"[{{"email":{},"type":"Work"}}]"#, quoted(&email)))
    }),
    rule("~phone", "telephone numbers", 0, |draw| {
        let phone = people::phone(draw).as_text().unwrap_or_default().to_owned();
        Value::Json(format!(r#"[{{"number":{},"type":"Work"}}]"#, quoted(&phone)))
    }),
    rule("~address|location", "an address", 15, |draw| {
        let (place, postal) = super::places::place(draw);
        let street = super::places::street(draw).as_text().unwrap_or_default().to_owned();
        document(&[
            ("street", street),
            ("city", place.city.to_owned()),
            ("state", place.state.to_owned()),
            ("postal_code", postal.to_owned()),
        ])
    }),
    rule("preference|setting|notification|config|option", "settings", 0, |draw| {
        document(&[("theme", draw.one_of("light|dark|system").into()), ("locale", "en-US".into())])
    }),
    rule(
        "attachment|file|item|line|list|link|note|history|\
         participant|attendee|contact|product",
        "a list",
        0,
        |_| Value::Json("[]".into()),
    ),
    rule("~raw|~error|~payload|~request|~response|~embedding", "what the software saw", ALWAYS_NULL, |_| {
        Value::Json("{}".into())
    }),
];
/// Any other.
pub(super) const DOCUMENT: Rule = rule("", "a document", 0, |_| Value::Json("{}".into()));

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A document of texts.
fn document(members: &[(&str, String)]) -> Value {
    let members: Vec<String> =
        members.iter().map(|(name, text)| format!("{}:{}", quoted(name), quoted(text))).collect();
    Value::Json(format!("{{{}}}", members.join(",")))
}
