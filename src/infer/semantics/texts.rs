//! Texts that people read.

use super::people;
use super::rules::{ALWAYS_NULL, Rule, RuleContext, Tag, rule, rule_of};
use super::sentences::{body, sentence, title};
use super::times;
use crate::infer::kinds::TableKind;

/// Everything else.
pub(super) const TEXTS: &[Rule] = &[
    rule("currency|currency code", "a currency", 0, |_| "USD".into()),
    rule("color|colour|hex", "a color", 0, |draw| {
        draw.word("#2563eb|#16a34a|#d97706|#dc2626|#7c3aed|#0891b2|#be185d|#4b5563")
    }),
    rule("icon|emoji", "an icon", 20, |draw| draw.word("star|phone|mail|calendar|tag|truck|box|users")),
    rule("slug|permalink|key", "a short name", 0, |draw| {
        let name = draw.known(&["name", "title", "label"]);
        people::slug(&name.unwrap_or_else(|| draw.one_of(FOODS).to_owned()), "-").into()
    }),
    rule(
        "sku|item number|part number|item code|product code|upc|gtin|barcode|ean",
        "a code of a product",
        10,
        |draw| {
            format!(
                "{}-{:04}",
                draw.one_of("DRY|FRZ|DAI|BEV|SNK|CND|PRO"),
                draw.slot.child(1).between(1, 9999)
            )
            .into()
        },
    ),
    rule(
        "vat|vat number|tax id|tax number|ein|license|license number|\
         registration number|duns|registration|permit|tin|certificate number|tax identifier|\
         resale certificate",
        "a number of an authority",
        40,
        |draw| format!("00-{:07}", draw.slot.between(1000, 9_999_999)).into(),
    ),
    rule(
        "order number|invoice number|quote number|po number|\
         purchase order|number|reference|ref|reference number|no|tracking number|confirmation number|\
         lot number|lot|batch|contract number|account number|customer number|reference code|\
         case number",
        "a number that people quote",
        5,
        |draw| format!("{}-{}", draw.one_of("HB|FB|CR"), draw.slot.child(1).between(10_000, 99_999)).into(),
    )
    .tagged(Tag::DocumentNumber),
    rule("code|short code|abbreviation|abbr|short name|acronym", "a code", 0, |draw| {
        let name = draw.known(&["name", "title", "label"]).unwrap_or_else(|| draw.one_of(FOODS).to_owned());
        people::slug(&name, "").chars().take(6).collect::<String>().to_uppercase().into()
    }),
    rule_of(TableKind::Users, "job title|title|position|job", "a job", 5, |draw| {
        draw.word(
            "Sales Representative|Account Manager|Regional Manager|\
         Sales Director|Customer Success Manager",
        )
    }),
    rule("job title|job role|position|occupation|designation", "a job", 10, |draw| {
        draw.word(
            "Executive Chef|Purchasing Manager|Food Service Director|\
         Owner|Kitchen Manager|Category Buyer",
        )
    }),
    rule("subject|subject line|headline|title|topic|heading|agenda|caption", "what it is about", 0, title),
    rule("bio|about|biography", "what somebody does", 30, |_| {
        "Works with kitchens and distributors on new items, samples and line reviews.".into()
    }),
    rule("tagline|slogan|motto", "a slogan", 30, |draw| {
        draw.word("From the plant to the plate|Good food, well placed|The right item in every kitchen")
    }),
    rule("email signature|mail signature", "the end of an e-mail", 30, |draw| {
        format!("Best regards, {}", people::whole(draw)).into()
    }),
    rule("=next step|=next action|=next activity", "what is to be done", 20, title),
    // What a list's values mean nobody else can say.
    rule_of(
        TableKind::Lookup,
        "~comment|~description|~note|~definition|~help|~detail",
        "a remark",
        ALWAYS_NULL,
        |draw| draw.known(&["name", "label", "title", "value"]).unwrap_or_else(|| "Standard".into()).into(),
    ),
    rule("symbol|currency symbol", "a currency", 0, |_| "$".into()),
    rule("~message|~sms body|~chat", "a message", 10, |draw| sentence(draw, "message").into()),
    rule("~comment|~reply|~remark|~feedback", "a comment", 20, |draw| sentence(draw, "comment").into()),
    rule("description|~description|detail|scope|definition|help text|explanation", "a description", 20, body),
    rule(
        "~note|body|content|text|body text|body html|html|markdown|\
         summary|memo|transcript|~next step|~instruction|~observation|~background|~overview|\
         notes internal|excerpt|snippet|preview|~takeaway|~objective|~requirement|~criteria|\
         ~action item|~pain point|~success|~strategy|talking point|minute|recap|body plain",
        "what a sales rep would write",
        10,
        body,
    ),
    rule_of(TableKind::Tenants, "name|display name|legal name", "the broker", 0, |_| {
        "Harvest Bridge Brokerage".into()
    }),
    rule_of(TableKind::Users, "name|display name|label", "a person", 0, |draw| people::whole(draw).into()),
    rule_of(TableKind::Leads, "name|display name|label", "a person", 0, |draw| people::whole(draw).into()),
    rule_of(TableKind::Leads, "status|state|stage", "how far a lead is", 0, |draw| {
        draw.word("new|contacted|contacted|qualified|nurturing|unqualified")
    }),
    rule_of(TableKind::Emails, "direction", "which way it went", 0, |_| "outbound".into()),
    rule_of(TableKind::Campaigns, "name|display name|label", "a campaign", 0, title),
    rule_of(TableKind::Events, "name|display name|label", "an event", 0, title),
    rule_of(TableKind::Meetings, "name|display name|label", "a meeting", 0, title),
    rule_of(TableKind::Teams, "name|display name|label", "a team", 0, |draw| {
        draw.word("East Sales|West Sales|Key Accounts|Inside Sales")
    }),
    rule_of(TableKind::Territories, "name|display name|label", "a territory", 0, |draw| {
        draw.word("Northeast|Mid-Atlantic|Southeast|Midwest|Southwest|West Coast")
    }),
    rule_of(TableKind::Attachments, "name|display name|label", "a file", 0, |draw| {
        draw.word("Spec sheet.pdf|Price list.pdf|Product catalog.pdf|Line review.pdf|Sell sheet.pdf")
    }),
    rule_of(TableKind::Tasks, "name|display name|label", "what is to be done", 0, title),
    rule_of(TableKind::Templates, "name|display name|label", "a text to be sent", 0, title),
    rule_of(TableKind::Pricing, "name|display name|label|~tier|~level", "a price list", 0, |draw| {
        draw.word("List|Distributor|Volume|Contract|Promotional")
    }),
    rule(
        "company|company name|legal name|organization|\
         organization name|account name|customer name|client name|business name|vendor name|supplier|\
         distributor|employer|dba|trade name|customer|client|account|vendor|competitor|\
         competitor name",
        "a company",
        10,
        // Of the company whose mailbox the row's person has.
        |draw| {
            RuleContext { slot: draw.context.hidden.child(3), ..*draw }.word(
                "Harborline Foods|Copper Kettle Kitchens|Prairie Table|\
         Silver Brook Markets|Maple Hollow Catering|Stonemill Market",
            )
        },
    ),
    rule("product|product name|item|item name|food|product line", "a food", 10, |draw| draw.word(FOODS)),
    rule("brand|brand name|manufacturer|principal", "a brand", 10, |draw| {
        draw.word(
            "Maple Hollow|Silver Brook|Prairie Table|Harbor Lane|\
         Copper Kettle|Blue Orchard|Stone Mill|Golden Field",
        )
    }),
    rule("department|dept|division", "a department", 15, |draw| {
        draw.word("Sales|Purchasing|Culinary|Operations|Marketing|Finance")
    }),
    rule("industry|vertical|sector", "an industry", 10, |draw| {
        draw.word("Restaurants|Education|Healthcare|Hospitality|Grocery Retail")
    }),
    rule("segment", "a market segment", 10, |draw| {
        draw.word("Independent Restaurants|Regional Chains|K-12 Schools|Healthcare|Grocery Retail")
    }),
    rule_of(TableKind::Activities, "type|kind|activity type", "what was done", 0, |draw| {
        draw.word("call|email|meeting|site_visit|demo|sample_drop")
    }),
    rule_of(TableKind::Tasks, "type|kind|task type|category", "what is to be done", 0, |draw| {
        draw.word("call|email|meeting|follow_up|sample|quote")
    }),
    rule_of(TableKind::Notes, "type|kind|note type|category", "what a note is", 0, |draw| {
        draw.word("general|call|email|meeting|visit")
    }),
    rule_of(TableKind::Attachments, "type|kind|category|document type", "what a file is", 0, |draw| {
        draw.word("spec_sheet|price_list|catalog|contract|photo")
    }),
    rule_of(TableKind::Addresses, "type|kind|label|name", "what an address is for", 0, |draw| {
        draw.word("billing|shipping|warehouse|office")
    }),
    rule("direction", "which way it went", 0, |draw| draw.word("outbound|outbound|inbound")),
    rule("outcome|result|disposition", "how it went", 15, |draw| {
        draw.word("connected|left_voicemail|interested|meeting_booked")
    }),
    rule("priority|importance|urgency|severity", "a priority", 0, |draw| draw.word("low|medium|medium|high")),
    rule_of(TableKind::Orders, "status|state", "how far an order is", 0, |draw| {
        draw.word("confirmed|shipped|delivered|delivered")
    }),
    rule_of(TableKind::Invoices, "status|state", "how far an invoice is", 0, |draw| {
        draw.word("sent|paid|paid")
    }),
    rule_of(TableKind::Quotes, "status|state", "how far a quote is", 0, |draw| {
        draw.word("draft|sent|accepted")
    }),
    rule_of(TableKind::Samples, "status|state", "how far a sample is", 0, |draw| {
        draw.word("requested|shipped|delivered|feedback_received")
    }),
    rule_of(TableKind::Events, "status|state", "whether it takes place", 0, |draw| {
        draw.word("confirmed|confirmed|tentative")
    }),
    rule("status|state|condition", "a status", 0, |draw| draw.word("active|active|active|pending|inactive")),
    rule("stage|phase|step|lifecycle stage", "a stage", 5, |draw| {
        draw.word("new_lead|initial_outreach|awaiting_response|feedback_logged|demo_scheduled")
    }),
    rule("source|lead source|origin|acquired via|referrer|how heard", "where it came from", 10, |draw| {
        draw.word("referral|trade_show|website|cold_call|distributor")
    }),
    rule("channel|medium|contact method|method|preferred contact|via", "how they talk", 10, |draw| {
        draw.word("email|phone|in_person|text")
    }),
    rule("campaign|utm campaign|utm content|utm term", "a campaign", 30, |draw| {
        draw.word("spring-menu|back-to-school|holiday-baking|food-show")
    }),
    rule("utm source", "where it came from", 30, |draw| draw.word("newsletter|search|partner")),
    rule("sentiment|mood|tone", "a mood", 15, |draw| draw.word("positive|positive|neutral|negative")),
    rule("reason|lost reason|loss reason|cause|justification", "a reason", 50, |draw| {
        draw.word("Price|Quality|Timing|Availability|Menu change")
    }),
    rule("payment term|term|term of payment|net term", "when they pay", 10, |draw| {
        draw.word("Net 15|Net 30|Net 30|Net 45|Prepaid")
    }),
    rule("unit|uom|unit of measure|measure", "a unit", 0, |draw| draw.word("case|case|each|pound")),
    rule("pack|pack size|size|package|packaging|case pack", "a size", 10, |draw| {
        draw.word("6/5 lb|12 ct|4/1 gal|24/12 oz|10 lb|6/10 can")
    }),
    rule("dimension", "a measure", 20, |draw| draw.word("12 x 10 x 8 in|16 x 12 x 10 in|20 x 14 x 9 in")),
    rule("storage|temperature|temp zone|storage type|temperature zone", "how it is stored", 5, |draw| {
        draw.word("ambient|refrigerated|frozen")
    }),
    rule("ingredient", "what is in it", 20, |draw| {
        draw.word(
            "Tomatoes, olive oil, garlic, salt|\
         Wheat flour, water, yeast, salt|Milk, cultures, salt, enzymes",
        )
    }),
    rule("allergen", "allergens", 20, |draw| draw.word("milk|wheat|soy|eggs|tree nuts")),
    rule("certification|claim", "a certification", 20, |draw| {
        draw.word("Organic|Kosher|Non-GMO|Gluten-free")
    }),
    rule("cuisine", "a cuisine", 15, |draw| draw.word("American|Italian|Mexican|Asian|Mediterranean")),
    rule("tier|level|grade|rank|class", "a class", 10, |draw| draw.word("A|B|B|C")),
    rule("rating|temperature rating|quality", "a rating", 15, |draw| draw.word("Hot|Warm|Warm|Cold")),
    rule("frequency|cadence|recurrence|rrule|order frequency|period", "how often", 15, |draw| {
        draw.word("weekly|every two weeks|monthly|quarterly")
    }),
    rule("quarter|fiscal quarter", "a quarter", 5, |draw| draw.word("Q1|Q2|Q3|Q4")),
    rule("relationship|relation|relationship type", "how they are related", 10, |draw| {
        draw.word("customer|distributor|principal|partner")
    }),
    rule("role|user role|contact role", "a role", 5, |draw| {
        draw.word("Decision Maker|Influencer|Buyer|Chef")
    }),
    rule("permission|access level|visibility|access", "who may see it", 0, |draw| {
        draw.word("team|team|private|everyone")
    }),
    rule("theme|mode|view", "how it looks", 10, |draw| draw.word("light|dark|system")),
    rule("format", "a format", 10, |draw| draw.word("pdf|csv")),
    rule(
        "resource type|entity type|record type|related type|\
         subject type|target type|object type|parent type|entity|entity name|table name",
        "a kind of record",
        0,
        |draw| draw.word("contact|organization|opportunity|product"),
    ),
    rule("action|event|verb|event type|event name", "what happened", 0, |draw| {
        draw.word("created|updated|viewed|sent")
    }),
    rule("subcategory|sub category", "a category", 10, |draw| {
        draw.word("Cheese|Sauces|Frozen Desserts|Juices|Poultry|Chips|Dressings")
    }),
    rule("category|family|product category|group|group name|collection", "a category", 5, |draw| {
        draw.word("Beverages|Dairy|Frozen Foods|Fresh Produce|Meat & Poultry|Snacks|Condiments")
    }),
    rule("type|kind|variant|classification|style", "a kind", 0, |draw| {
        draw.word("standard|standard|preferred|seasonal")
    }),
    rule("tag|label|interest|keyword|skill|topic tag|specialty|hashtag", "a tag", 10, |draw| {
        draw.word(
            "Key Account|Organic|Chef-driven|Seasonal Menu|Referral|\
         Local Sourcing|Trade Show Lead|Gluten-free",
        )
    }),
    rule("version|revision", "a version", 10, |draw| draw.word("1.0|1.1|2.0")),
    rule("question", "a question", 10, |draw| {
        draw.word("Which pack size do you need?|Who is your distributor?|When does the menu change?")
    }),
    rule("answer", "an answer", 10, |draw| {
        draw.word("Six five-pound bags|In the fall|Our broadline distributor")
    }),
    rule("name|display name|full label|nombre", "a name", 0, |draw| draw.word(NAMES)),
    rule("percent|pct|probability|score", "a number", 15, |draw| {
        draw.slot.between(10, 95).to_string().into()
    }),
    rule("price|cost|amount|total|value|revenue|budget", "an amount of money", 15, |draw| {
        format!("{}.{:02}", draw.slot.between(10, 900), draw.slot.child(1).below(100)).into()
    }),
    rule("quantity|qty|count|volume", "a quantity", 10, |draw| draw.slot.between(1, 48).to_string().into()),
    rule("birthday|date of birth|dob|birth date", "a birthday", 30, times::birthday),
    rule("~date|~at|~on|timestamp|deadline", "a day", 15, times::after),
    rule(
        "hour|opening hour|business hour|delivery window|availability|time|best time",
        "hours of a day",
        15,
        |draw| draw.word("Mon-Fri 7 am to 3 pm|Mon-Sat 6 am to 2 pm|Tue-Fri 8 am to 4 pm"),
    ),
    rule("^is|^has|^can|^need|flag", "yes or no", 5, |draw| draw.word("no|no|yes")),
];

/// Any other: of what nobody knows NULL is better than words.
pub(super) const TEXT: Rule = rule("", "a text", ALWAYS_NULL, |draw| {
    draw.word("Standard|Preferred|Broadline|Regional|Seasonal|Independent|National")
});

const FOODS: &str = "Aged Cheddar|Marinara Sauce|Frozen Pizza Dough|\
         Cold Brew Concentrate|Herb Butter|Kettle Chips|Chicken Thighs|Honey Mustard|Brioche Buns|\
         Roasted Peppers|Oat Milk|Lemon Bars";

const NAMES: &str = "Spring Menu|Core Items|House Favorites|Kitchen Essentials|\
         Regional Program|Volume Program|Chef Selection|Opening Order|Seasonal Program|\
         Broadline Basics|Retail Program|Catering Program";
