//! Numbers, and whether something is so.

use rust_decimal::Decimal;

use super::rules::{ALWAYS_NULL, Rule, RuleContext, Tag, rule};
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;

/// Numbers with a meaning.
pub(super) const NUMBERS: &[Rule] = &[
    rule("latitude|lat|=geo lat", "a latitude", 10, |draw| {
        Value::Number(Decimal::new(draw.slot.between(300_000, 475_000), 4))
    }),
    rule("longitude|lng|lon|long", "a longitude", 10, |draw| {
        Value::Number(Decimal::new(draw.slot.between(-1_220_000, -725_000), 4))
    }),
    rule("zip|zip code|postal code|postcode|zipcode", "a ZIP code", 10, |draw| {
        super::places::place(draw).1.parse::<i64>().ok().into()
    }),
    rule("phone|mobile|fax|telephone|phone number", "a telephone number", 15, |draw| {
        draw.whole(2_025_550_100, 2_025_550_199)
    }),
    rule("percent|pct|percentage|probability|~percent|~pct|margin", "a percentage", 5, |draw| {
        Value::Number(Decimal::new(draw.slot.between(1, 20) * 5, 0))
    }),
    rule(
        "discount rate|tax rate|commission rate|conversion rate|\
         win rate|open rate|click rate|bounce rate|rate|ratio|share|fraction|confidence|similarity",
        "a share of one",
        10,
        rate,
    ),
    rule("exchange rate", "an exchange rate", 0, |draw| {
        Value::Number(Decimal::new(draw.slot.between(7000, 14_000), 4))
    }),
    rule("discount|discount amount|markdown", "a discount", 10, |draw| draw.number(0, 25)),
    rule(
        "tax|tax amount|vat|shipping|shipping cost|freight|\
         freight cost|fee|tip|surcharge|handling",
        "a fee",
        10,
        |draw| money(draw, 5, 250),
    ),
    rule(
        "quota|budget|target|goal|revenue|annual revenue|forecast|\
         pipeline|pipeline value|annual spend|credit limit|lifetime value|ltv|arr|mrr|turnover|spend|\
         sale|target amount|quota amount|sale target|deal size|annual volume|actual cost|total cost|\
         estimated cost|expected revenue|actual revenue|committed|best case|upside|closed amount|won amount",
        "an amount of money",
        10,
        |draw| Value::Number(Decimal::new(draw.slot.skewed(50, 2000), 0) * Decimal::new(500, 0)),
    ),
    rule("commission|bonus|incentive", "a commission", 15, |draw| money(draw, 100, 5000)),
    rule(
        "unit price|price|cost|unit cost|list price|case price|\
         rate per case|msrp|sale price|net price|amount per case",
        "a price",
        0,
        |draw| money(draw, 8, 120),
    ),
    rule(
        "total|subtotal|sub total|grand total|amount|balance|value|\
         payment|paid|due|outstanding|net|gross|amount due|amount paid|sum|line total|extended price|\
         deposit|refund",
        "an amount of money",
        5,
        |draw| money(draw, 150, 9000),
    ),
    rule("price cent|cost cent|amount cent|total cent|cent", "an amount in cents", 0, |draw| {
        draw.whole(800, 120_000)
    }),
    rule(
        "founded|established|~founded|~established|birth year|year of birth",
        "a year long ago",
        15,
        |draw| (1970 + draw.context.now.div_euclid(31_556_952) - draw.slot.between(24, 60)).into(),
    ),
    rule("year|fiscal year|model year", "a year", 10, year),
    rule("quarter|fiscal quarter", "a quarter", 5, |draw| draw.whole(1, 4)),
    rule("month|fiscal month|month number", "a month", 5, |draw| draw.whole(1, 12)),
    rule("day of week|weekday|dow", "a day of the week", 5, |draw| draw.whole(1, 5)),
    rule("day of month|billing day", "a day of the month", 5, |draw| draw.whole(1, 28)),
    rule("hour of day|send hour", "an hour of the day", 5, |draw| draw.whole(8, 17)),
    rule("age", "an age", 30, |draw| draw.whole(24, 63)),
    rule(
        "duration|duration minute|minute|duration min|min duration|length minute|time spent",
        "some minutes",
        10,
        |draw| (draw.slot.between(1, 12) * 5).into(),
    ),
    rule("second|duration second|call duration|duration sec|talk time", "some seconds", 10, |draw| {
        draw.whole(45, 1800)
    }),
    rule("duration m|latency m|millisecond|elapsed m", "some milliseconds", 10, |draw| draw.whole(5, 900)),
    rule("hour|estimated hour|actual hour|duration hour", "some hours", 15, |draw| draw.number(1, 12)),
    rule(
        "day|lead time|shelf life|payment term|term|net day|day to close|term day",
        "some days",
        10,
        |draw| draw.slot.pick(&[7_i64, 10, 14, 21, 30, 45, 60]).to_owned().into(),
    ),
    rule("week", "some weeks", 10, |draw| draw.whole(1, 12)),
    rule("star|rating|satisfaction", "a rating of one to five", 20, |draw| draw.whole(2, 5)),
    rule("nps|nps score", "a score of zero to ten", 30, |draw| draw.whole(5, 10)),
    rule("sentiment|sentiment score", "a score between zero and one", 20, rate),
    rule("score|lead score|health score|engagement score|fit score", "a score of at most 100", 10, |draw| {
        draw.whole(20, 98)
    }),
    rule("priority|level|tier|importance|severity|urgency", "a level", 5, |draw| draw.whole(1, 4)),
    rule(
        "rank|position|sort order|sequence|display order|order index|\
         sort|ordinal|order|index|line number|line no|sort index|sort key|row order|step|seq",
        "its place among others",
        0,
        |draw| Value::from(i64::try_from(draw.context.number % 1000).unwrap_or(0).max(1)),
    ),
    rule("version|revision|lock version|row version", "a version", 0, |draw| draw.slot.skewed(1, 4).into()),
    rule(
        "attempt|retry|error count|failure count|failed attempt|retry count|bounce count",
        "how often it failed",
        0,
        |_| Value::from(0),
    ),
    rule(
        "employee|employee count|headcount|num employee|number of employee",
        "how many people work there",
        10,
        |draw| draw.slot.skewed(8, 900).into(),
    ),
    rule(
        "location count|store count|number of location|num location|unit count",
        "how many places",
        10,
        |draw| draw.slot.skewed(1, 40).into(),
    ),
    rule("~count|^nb|^num|^number of|^no of|~total", "a count", 0, |draw| draw.slot.skewed(0, 24).into()),
    rule(
        "quantity|qty|case|min quantity|minimum quantity|min order|\
         moq|unit|pack size|case pack|order quantity|pallet|stock|on hand|inventory|in stock|\
         available|reserved",
        "a quantity",
        0,
        |draw| draw.whole(1, 48),
    ),
    rule("weight|net weight|gross weight|case weight|weight lb|weight kg|lb|kg|oz", "a weight", 15, |draw| {
        draw.number(5, 45)
    }),
    rule("height|width|depth|length|dimension", "a measure", 20, |draw| draw.number(6, 24)),
    rule("temperature|temp|storage temp|min temp|max temp", "a temperature in Fahrenheit", 15, |draw| {
        draw.number(-5, 70)
    }),
    rule("volume|cube|capacity", "a volume", 15, |draw| draw.number(1, 60)),
    rule("file size|size|size byte|byte|content length", "a size in bytes", 0, |draw| {
        draw.whole(18_000, 2_400_000)
    }),
    rule("latency|progress|completion|complete", "a percentage", 5, |draw| draw.whole(0, 100)),
    rule("~at|~timestamp|~date|~epoch", "a point in time", 15, super::times::after),
];

/// What whole numbers stand for where a framework keeps its enums so.
pub(super) const CODES: &[Rule] = &[rule(
    "status|state|kind|type|role|stage|category|mode|visibility|access|channel|direction|outcome|result|\
     gender|source|phase|permission|privacy|resolution",
    "a code of a few",
    0,
    |draw| draw.slot.skewed(0, 2).into(),
)
.tagged(Tag::Code)];

/// Any other whole number.
pub(super) const INTEGER: Rule = rule("", "a number", 15, |draw| draw.slot.skewed(0, 100).into());
/// Any other number.
pub(super) const DECIMAL: Rule = rule("", "a number", 15, |draw| draw.number(0, 1000));

/// Whether something is so.
pub(super) const BOOLS: &[Rule] = &[
    rule(
        "is super admin|is sso user|is anonymous|~superuser",
        "whether it is a special user",
        ALWAYS_NULL,
        |_| false.into(),
    ),
    rule(
        "~deleted|~archived|~test|~disabled|~locked|~hidden|~draft|\
         ~blocked|~banned|~suspended|~spam|~bounced|~cancelled|~canceled|~failed|~internal|~system|\
         ~demo|~inactive|~discontinued|~obsolete|~trashed|~dismissed|~duplicate|~merged|\
         ~unsubscribed|~expired|~revoked|~blacklisted|~opt out|~opted out|~optout|~not call|\
         ~not email|~not contact|~admin|~staff|~error|~invalid",
        "whether it is out of use",
        0,
        |_| false.into(),
    ),
    rule(
        "~active|~enabled|~verified|~confirmed|~valid|~visible|\
         ~public|~published|~available|~billable|~current|~subscribed|~opt in|~opted in|~consent|\
         ~approved|~taxable|~read|~seen|~notification|~sellable|~accepts|~allow|~success|~sent|\
         ~delivered|^can|~in stock",
        "whether it is in use",
        0,
        |draw| draw.slot.chance(90).into(),
    ),
    rule(
        "~primary|~main|~default|~preferred|~favorite|~starred|~pinned|~featured|~key|~vip",
        "whether it stands out",
        0,
        |draw| draw.slot.chance(20).into(),
    ),
    rule(
        "~completed|~complete|~done|~is closed|~resolved|~finished|\
         ~paid|~shipped|~opened|~replied|~won|~responded|~converted|~contacted",
        "whether it is done",
        0,
        |draw| super::together::is_done(draw.context.hidden).into(),
    ),
];

/// Any other.
pub(super) const BOOL: Rule = rule("", "yes or no", 0, |draw| draw.slot.chance(25).into());

fn rate(draw: &RuleContext<'_>) -> Value {
    if draw.family == ScalarType::Integer {
        return draw.slot.between(5, 95).into();
    }
    Value::Number(Decimal::new(draw.slot.between(5, 95), 2))
}

/// So many dollars, with cents where the type has them; small sums are likelier.
fn money(draw: &RuleContext<'_>, low: i64, high: i64) -> Value {
    if draw.family == ScalarType::Integer {
        return draw.slot.skewed(low, high).into();
    }
    Value::Number(Decimal::new(draw.slot.skewed(low * 100, high * 100), 2))
}

/// The year of the present or of the last few.
fn year(draw: &RuleContext<'_>) -> Value {
    let years = draw.context.now.div_euclid(31_556_952);
    (1970 + years - draw.slot.skewed(0, 3)).into()
}
