//! What a table is that the domain does not know, by its name.

use std::sync::LazyLock;

use crate::infer::names;

/// What a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// People who use the CRM.
    Users,
    /// What was done with a customer.
    Activities,
    /// What is to be done.
    Tasks,
    /// People who may become customers.
    Leads,
    /// What customers complain of or ask for.
    Cases,
    /// Notes on a record.
    Notes,
    /// Tags.
    Tags,
    /// Which record has which tag.
    Tagging,
    /// Market segments.
    Segments,
    /// A list of values.
    Lookup,
    /// Prices of products.
    Pricing,
    /// Who may sell what.
    Authorizations,
    /// Comments.
    Comments,
    /// E-mails and other messages.
    Emails,
    /// Telephone calls.
    Calls,
    /// Meetings.
    Meetings,
    /// Files.
    Attachments,
    /// Addresses.
    Addresses,
    /// Teams of users.
    Teams,
    /// Tenants of the software.
    Tenants,
    /// Sales territories.
    Territories,
    /// Product samples.
    Samples,
    /// Orders.
    Orders,
    /// Lines of orders, quotes and invoices.
    OrderLines,
    /// Invoices.
    Invoices,
    /// Quotes.
    Quotes,
    /// Contracts.
    Contracts,
    /// Campaigns.
    Campaigns,
    /// A link of two records.
    Links,
    /// Appointments in a calendar.
    Events,
    /// Sales targets.
    Goals,
    /// Texts to be filled and sent.
    Templates,
    /// Settings of the software.
    Settings,
    /// What the software writes about itself.
    AuditLog,
    /// Who is signed in.
    Sessions,
    /// Secrets.
    Tokens,
    /// What the software does in the background.
    Jobs,
    /// What a framework knows about its schema.
    Migrations,
    /// Anything else.
    Other,
}

/// What is true of all tables of a kind.
struct Traits {
    kind: TableKind,
    about: &'static str,
    /// Rows for a row of its parent, least and most.
    children: (u64, u64),
    /// Rows of a table without a parent.
    standing: u64,
    parents: &'static [&'static str],
}

const DEALS: &[&str] = &["opportunities", "contacts", "organizations"];
const PEOPLE: &[&str] = &["contacts", "organizations", "opportunities"];
const SALES: &[&str] = &["opportunities", "organizations", "contacts"];
const GOODS: &[&str] = &["products", "organizations"];
const HOMES: &[&str] = &["organizations", "contacts"];
const NONE: &[&str] = &[];

const fn traits(
    kind: TableKind,
    about: &'static str,
    children: (u64, u64),
    standing: u64,
    parents: &'static [&'static str],
) -> Traits {
    Traits { kind, about, children, standing, parents }
}

use TableKind as K;

/// Kinds that belong to a CRM.
const BUSINESS: &[Traits] = &[
    traits(K::Users, "people who use the CRM", (1, 1), 8, NONE),
    traits(K::Activities, "activities", (1, 4), 30, DEALS),
    traits(K::Tasks, "tasks", (1, 2), 20, DEALS),
    traits(K::Leads, "leads", (1, 1), 25, NONE),
    traits(K::Cases, "cases", (1, 1), 20, &["contacts", "organizations", "opportunities"]),
    traits(K::Notes, "notes", (1, 3), 20, DEALS),
    traits(K::Tags, "tags", (1, 2), 12, NONE),
    traits(K::Tagging, "which record has which tag", (1, 2), 10, PEOPLE),
    traits(K::Segments, "market segments", (1, 2), 8, NONE),
    traits(K::Lookup, "a list of values", (1, 2), 8, NONE),
    traits(K::Pricing, "prices", (1, 2), 10, GOODS),
    traits(K::Authorizations, "who may sell what", (1, 2), 10, GOODS),
    traits(K::Comments, "comments", (1, 2), 10, SALES),
    traits(K::Emails, "e-mails", (1, 2), 10, DEALS),
    traits(K::Calls, "calls", (1, 2), 10, DEALS),
    traits(K::Meetings, "meetings", (1, 2), 10, DEALS),
    traits(K::Attachments, "files", (1, 1), 10, SALES),
    traits(K::Addresses, "addresses", (1, 1), 10, HOMES),
    traits(K::Teams, "teams", (1, 1), 3, NONE),
    traits(K::Tenants, "tenants of the software", (1, 1), 1, NONE),
    traits(K::Territories, "sales territories", (1, 1), 6, NONE),
    traits(K::Samples, "product samples", (1, 2), 10, &["products", "opportunities", "contacts"]),
    traits(K::Orders, "orders", (1, 2), 10, SALES),
    traits(K::OrderLines, "lines of orders", (1, 4), 10, &["opportunities", "products"]),
    traits(K::Invoices, "invoices", (1, 1), 10, SALES),
    traits(K::Quotes, "quotes", (1, 2), 10, SALES),
    traits(K::Contracts, "contracts", (1, 1), 10, HOMES),
    traits(K::Campaigns, "campaigns", (1, 1), 5, NONE),
    traits(K::Links, "a link of two records", (1, 2), 10, SALES),
    traits(K::Events, "events in a calendar", (1, 2), 10, DEALS),
    traits(K::Goals, "sales targets", (1, 1), 8, NONE),
    traits(K::Templates, "texts to be sent", (1, 1), 5, NONE),
];

/// Kinds that do not.
const TECHNICAL: &[Traits] = &[
    traits(K::Settings, "settings of the software", (1, 1), 5, NONE),
    traits(K::AuditLog, "what the software writes about itself", (1, 2), 10, NONE),
    traits(K::Sessions, "who is signed in", (1, 1), 10, NONE),
    traits(K::Tokens, "secrets of the software", (1, 1), 10, NONE),
    traits(K::Jobs, "what the software does in the background", (1, 1), 10, NONE),
    traits(K::Migrations, "a table of a framework", (1, 1), 1, NONE),
    OTHER,
];

const OTHER: Traits = traits(K::Other, "a table with no known meaning", (1, 2), 10, NONE);

impl TableKind {
    fn traits(self) -> &'static Traits {
        BUSINESS.iter().chain(TECHNICAL).find(|traits| traits.kind == self).unwrap_or(&OTHER)
    }

    /// Whether a CRM without it looks dead.
    pub fn belongs(self) -> bool {
        BUSINESS.iter().any(|traits| traits.kind == self)
    }

    /// What it holds, for people.
    pub fn about(self) -> &'static str {
        self.traits().about
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
    pub const fn is_list_of_values(self) -> bool {
        matches!(self, K::Users | K::Tenants | K::Lookup | K::Tags | K::Segments | K::Teams | K::Territories)
    }

    /// Whether its rows are made for those of another kind of table, where it refers to one.
    pub const fn made_for(self, other: Self) -> bool {
        matches!(
            (self, other),
            (K::OrderLines, K::Orders | K::Quotes | K::Invoices)
                | (K::Invoices, K::Orders)
                | (K::Comments, K::Notes | K::Activities | K::Emails)
                | (K::Attachments, K::Emails | K::Notes | K::Contracts | K::Quotes)
        )
    }

    /// Tables of the domain that it hangs on, the most natural first.
    pub fn parents(self) -> &'static [&'static str] {
        self.traits().parents
    }
}

/// Schemas whose tables are no business of a CRM.
const SYSTEM_SCHEMAS: &str = "storage|realtime|vault|extensions|graphql|graphql_public|\
         cron|net|pgsodium|pgsodium_masks|pgbouncer|pgmq|drizzle|hdb_catalog|information_schema|\
         pg_catalog|topology|tiger|partman|graphile_worker|pgboss|_realtime|_analytics";

/// How names of a table of a framework begin.
const FRAMEWORKS: &str = "schema migration|schema version|schema info|ar internal|\
         prisma migration|knex migration|flyway|alembic|django|migration|migration history|typeorm|\
         sequelize|spatial ref|geometry column|geography column|drizzle|goose|atlas|sqlx|diesel|\
         refinery|seaql|databasechangelog|doctrine|phinxlog|pg stat|pg|crm seed";

/// Words of a name and the kind that they say; the first that fits decides. `=` before them: the whole name;
/// `^`: its beginning; nothing: its end.
const NAMES: &[(TableKind, &str)] = &[
    (
        K::AuditLog,
        "recent view|recently viewed|audit|audit log|audit trail|\
         audit event|history|change log|changelog|system event|system log|error log|access log|\
         login attempt|^audit|page view|api log|event log|security event|domain event|event store|\
         log entry|flow state",
    ),
    (K::Calls, "call|call log|phone log"),
    (
        K::Activities,
        "activity|interaction|touchpoint|touch point|engagement|\
         timeline|timeline event|timeline entry|visit|activity log|interaction log|contact log|\
         activity feed|follow up|followup",
    ),
    (K::Emails, "=email log|email event|=mail log"),
    (K::AuditLog, "log|login|=user event|=auth event|webhook event"),
    (
        K::Tokens,
        "token|api key|secret|credential|password|password reset|\
         one time code|otp|mfa factor|mfa challenge|mfa amr claim|passkey|verification|\
         verification code|oauth client|saml provider|sso provider|sso domain|saml relay state|=key|\
         =identity",
    ),
    (K::Sessions, "session|device|presence"),
    (
        K::Settings,
        "setting|config|configuration|preference|feature flag|=flag|\
         =option|permission|policy|=metadata",
    ),
    (
        K::Jobs,
        "job|queue|outbox|inbox message|webhook|import|export|\
         import batch|sync state|sync log|cron|worker|failed job|job batch|lock|cache|\
         idempotency key|background task|integration",
    ),
    (K::Tasks, "task|todo|to do|action item|=check list item|=checklist item"),
    (K::Templates, "template"),
    (
        K::Tagging,
        "tagging|tag assignment|tag link|tag map|taggable|\
         =tag contact|=tag organization|=tag company|=tag opportunity|=tag deal",
    ),
    (K::Tags, "=tag|=label"),
    (K::Tagging, "tag|label"),
    (
        K::Users,
        "=user|=sale|=profile|=user profile|=staff|=employee|=agent|\
         =member|=team member|sale rep|sale representative|sale person|salesperson|salespeople|\
         account manager|account executive|=rep|=admin|=operator|app user|crm user|=user account|\
         =tenant user|=owner|=workspace member|=organization member|auth user",
    ),
    (K::Notes, "note|memo|=remark|=annotation"),
    (K::Comments, "comment|reply|remark|feedback"),
    (
        K::OrderLines,
        "order line|order item|line item|invoice line|invoice item|\
         quote line|quote item|order product|order detail|quote product|proposal item",
    ),
    (K::Samples, "sample|sample request|sample order|sample shipment"),
    (
        K::Pricing,
        "price|price list|pricing|price book|pricing tier|price tier|\
         rate card|price list item|price book entry|discount|price level|price history|price break",
    ),
    (K::Authorizations, "authorization|authorized distributor|authorized product|listing|authorisation"),
    (K::Segments, "segment"),
    (
        K::Lookup,
        "status|type|category|stage|industry|region|source|currency|\
         country|role|priority|department|brand|unit|reason|pipeline|kind|tier|outcome|channel|\
         language|subcategory|sub category|lookup|=state|=city|=timezone|=tax rate|payment term|\
         =group|unit of measure|state province|job title|certification|allergen|product line|\
         product family|specialty|cuisine|storage class|=warehouse",
    ),
    (K::Teams, "team|sale group|=squad"),
    (
        K::Tenants,
        "=tenant|=workspace|=org unit|=instance|=brokerage|\
         =business unit|=company setting|=subscription account",
    ),
    (K::Territories, "territory|=district|sale area|sale region"),
    (K::Meetings, "meeting|appointment|demo|=tasting"),
    (K::Events, "=event|calendar event|=calendar|calendar entry|reminder|trade show|=schedule"),
    (
        K::Emails,
        "email|mail|message|email message|email thread|conversation|\
         =communication|correspondence",
    ),
    (K::Attachments, "attachment|document|file|upload|image|photo|medium|media|asset"),
    (K::Addresses, "address|location|shipping address|=site"),
    (K::Orders, "order|purchase order|sale order"),
    (K::Invoices, "invoice|bill|credit note"),
    (K::Quotes, "quote|quotation|proposal|estimate|bid"),
    (K::Contracts, "contract|agreement"),
    (K::Campaigns, "campaign|promotion|marketing list|promo"),
    (K::Leads, "=lead|=prospect|=inquiry|=enquiry|=web lead|=sale lead"),
    (K::Cases, "=case|=ticket|=issue|=complaint|support ticket|support case|service case|service request"),
    (K::Goals, "goal|quota|target|forecast|objective|kpi"),
];

/// Words that name a table of a CRM: two of them are a link.
const DOMAIN: &str = "organization|company|account|customer|client|contact|person|\
         people|opportunity|deal|product|item|distributor|principal|manufacturer|supplier|vendor|\
         user|team|territory|task|segment|category|brand|lead|participant|partner|owner|member|\
         campaign|role|employee|tag|operator|sale|group|call|meeting|activity|email|event|attendee|invitee|\
         note";

/// Words beside them that say nothing more.
const LINKING: &str = "to|x|link|relationship|relation|assignment|map|mapping|\
         junction|preferred|favorite|follower|watcher|subscriber|assignee|and|for|has|in";

/// Words before a table's name that say nothing.
const PREFIXES: &[&str] = &["tbl", "crm", "app", "public", "my", "t", "core", "lkp", "dim", "ref", "lu"];

/// Words behind a table's name that say nothing.
const SUFFIXES: &[&str] = &["enum", "lookup", "tbl", "table", "master", "lkp", "ref"];

/// What `schema.table` is.
pub fn kind(schema: &str, table: &str) -> TableKind {
    let name = phrase(table);
    let schema = schema.to_lowercase();
    if schema == "auth" && matches!(name.as_str(), "user" | "account") {
        return K::Users;
    }
    if FRAMEWORKS.split('|').any(|words| begins(&name, words)) {
        return K::Migrations;
    }
    let is_system =
        SYSTEM_SCHEMAS.split('|').any(|system| system == schema) || schema.starts_with("supabase_");
    let found =
        NAMES.iter().find(|(_, patterns)| patterns.split('|').any(|p| fits(&name, p))).map(|(kind, _)| *kind);
    let found = found.or_else(|| is_link(&name).then_some(K::Links)).unwrap_or(K::Other);
    // A table of the server's own keeps a kind only where that kind is the server's business, too.
    if (is_system || schema == "auth") && found.belongs() { K::Other } else { found }
}

/// The words of a table's name, singular, without those that say nothing.
fn phrase(table: &str) -> String {
    let words: Vec<String> = names::words(table).iter().map(|word| names::singular(word)).collect();
    let words = match &words[..] {
        [app, model, ..] if app == model => words[1..].to_vec(),
        _ => words,
    };
    let silent = words.iter().take_while(|word| PREFIXES.contains(&word.as_str())).count();
    let words = words.get(silent.min(words.len().saturating_sub(1))..).unwrap_or_default();
    let behind = words.iter().rev().take_while(|word| SUFFIXES.contains(&word.as_str())).count();
    words.get(..words.len() - behind.min(words.len().saturating_sub(1))).unwrap_or_default().join(" ")
}

fn begins(name: &str, words: &str) -> bool {
    name.strip_prefix(words.trim_end()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn fits(name: &str, pattern: &str) -> bool {
    if let Some(whole) = pattern.strip_prefix('=') {
        return name == whole;
    }
    if let Some(begin) = pattern.strip_prefix('^') {
        return begins(name, begin);
    }
    name.strip_suffix(pattern).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
}

fn listed(list: &str, word: &str) -> bool {
    list.split('|').any(|one| one == word)
}

fn is_link(name: &str) -> bool {
    let is_known = |word: &str| listed(DOMAIN, word) || listed(LINKING, word);
    name.split(' ').all(is_known) && name.split(' ').filter(|word| DOMAIN.contains(word)).count() >= 2
}

/// Patterns of names of well-known lists, and the names of their rows; the first that fits decides.
type Lookups = Vec<(Vec<&'static str>, Vec<&'static str>)>;

/// `fixtures/lookups.tsv`, in which `|` parts the items of a field.
static LOOKUPS: LazyLock<Lookups> = LazyLock::new(|| {
    let lines = include_str!("../../fixtures/lookups.tsv").lines().skip(1);
    let parts = |text: &'static str| text.split('|').collect();
    lines
        .filter_map(|line| line.split_once('\t'))
        .map(|(patterns, names)| (parts(patterns), parts(names)))
        .collect()
});

/// Names for the rows of a well-known list.
pub fn lookup_rows(table: &str) -> Option<&'static [&'static str]> {
    let name = phrase(table);
    if matches!(kind("", table), K::Users | K::Links | K::Tagging | K::Migrations | K::AuditLog) {
        return None;
    }
    let of = |name: &str| LOOKUPS.iter().find(|(patterns, _)| patterns.iter().any(|p| fits(name, p)));
    let as_type = name.strip_suffix("kind").map(|base| format!("{base}type"));
    let found = of(&name).or_else(|| of(&as_type?));
    found.map(|(_, names)| names.as_slice())
}

#[cfg(test)]
mod tests;
