//! What makes the values of a rule: the generators that `fixtures/column_rules.tsv` names, with their arguments.

use super::context::RuleContext;
use super::files::FilePart;
use super::numbers::Numbers;
use super::sentences::{self, sentence};
use super::sign_ins::SignInPart;
use super::template::Template;
use super::{people, times, together};
use crate::fixture::list;
use crate::infer::kinds::TableKind;
use crate::infer::scalar_type::ScalarType;
use crate::infer::word_lists::words;
use crate::sqlexpr::value::Value;
use rust_decimal::Decimal;

/// Makes a value of a row.
#[derive(Debug)]
pub(super) enum Generator {
    Text(Template),
    Json(Template),
    Word(Vec<&'static str>),
    Sentence(&'static str),
    Body,
    Title,
    Page(&'static str),
    File(FilePart),
    Known(Vec<&'static str>, Template),
    IfKnown(Vec<&'static str>, &'static str, Vec<&'static str>),
    Slug(Vec<&'static str>, Vec<&'static str>),
    Abbreviation(Vec<&'static str>, Vec<&'static str>),
    Exact(Numbers),
    Number(Numbers),
    Share(Numbers),
    Year(Numbers),
    Position,
    Parsed(Template),
    Chance(u64),
    Done,
    SinceCreated,
    LastChange,
    Created,
    BeforeCreated(Numbers),
    DaysAhead(Numbers),
    DaysAgo(Numbers),
    Birthday(Numbers),
    SignIn(SignInPart),
    Clock((i64, i64)),
}

type Parsed = Result<Generator, String>;

/// A generator's name, and what reads its arguments.
type Named = (&'static str, fn(&'static str) -> Parsed);

/// All generators, by their names in the table.
pub(super) const GENERATORS: &[Named] = &[
    // `TEXT`: a text with placeholders; `""` is the empty one.
    ("text", |text| Template::parse(text).map(Generator::Text)),
    // `JSON`: a document with placeholders in its texts.
    ("json", |text| Template::parse(text).map(Generator::Json)),
    // `a|b|b`: one of words; what stands twice is twice as likely.
    ("word", |list| words(list).map(Generator::Word)),
    // `KIND`: one of those of fixtures/sentences.tsv.
    ("sentence", |kind| match sentences::is_kind(kind) {
        true => Ok(Generator::Sentence(kind)),
        false => Err(format!("fixtures/sentences.tsv has no {kind}")),
    }),
    // Some sentences, or a line that says what the row is about: of the kind that fixtures/table_kinds.tsv has for its table.
    ("body", |none| nothing(none, Generator::Body)),
    ("title", |none| nothing(none, Generator::Title)),
    // `SITE`: a page of the row's person or company on a site.
    ("page", |site| Ok(Generator::Page(site))),
    // `PART`: what a column tells of the row's file.
    ("file", |part| {
        FilePart::parse(part).map(Generator::File).ok_or_else(|| format!("`{part}` is no part of a file"))
    }),
    // `COLUMNS; TEXT`: what the first of these columns says, else a text.
    ("known", |text| {
        let [columns, text] = parts(text)?;
        Ok(Generator::Known(list(columns), Template::parse(text)?))
    }),
    // `COLUMNS; TEXT; WORDS`: a text where one of these columns says something, else one of words.
    ("if_known", |text| {
        let [columns, text, others] = parts(text)?;
        Ok(Generator::IfKnown(list(columns), text, words(others)?))
    }),
    // `COLUMNS; WORDS`: what the first of these columns says, else one of words, as it stands in an address
    // (`aged-cheddar`), or its first letters (`AGEDCH`).
    ("slug", |text| {
        let [columns, others] = parts(text)?;
        Ok(Generator::Slug(list(columns), words(others)?))
    }),
    ("abbreviation", |text| {
        let [columns, others] = parts(text)?;
        Ok(Generator::Abbreviation(list(columns), words(others)?))
    }),
    // `low..high`: a number with as many digits behind the point as are written, whatever the type.
    ("whole", |text| whole(text).map(Generator::Exact)),
    ("decimal", |text| Numbers::parse(text).map(Generator::Exact)),
    // `low..high`: a number, with two digits behind the point where the type may have them.
    ("number", |text| whole(text).map(Generator::Number)),
    // `low..high`: so many percent, as a share of one where the type may have a fraction.
    ("share", |text| whole(text).map(Generator::Share)),
    // `low..high`: the year so many years ago.
    ("year", |text| whole(text).map(Generator::Year)),
    // The row's place among others.
    ("position", |none| nothing(none, Generator::Position)),
    // `TEXT`: the number that a text with placeholders says.
    ("parsed", |text| Template::parse(text).map(Generator::Parsed)),
    // `n`: true in so many of 100 rows.
    ("chance", |percent| match percent.parse() {
        Ok(percent @ 0..=100) => Ok(Generator::Chance(percent)),
        _ => Err(format!("`{percent}` is no percentage")),
    }),
    // Whether the row's matter is done: all columns that tell of it agree.
    ("done", |none| nothing(none, Generator::Done)),
    // Points in time and days: between the row's making and the present; when it was made; so many days before that,
    // from now, ago; a birthday so many years ago.
    ("since_created", |none| nothing(none, Generator::SinceCreated)),
    ("last_change", |none| nothing(none, Generator::LastChange)),
    ("created", |none| nothing(none, Generator::Created)),
    ("before_created", |text| whole(text).map(Generator::BeforeCreated)),
    ("days_ahead", |text| whole(text).map(Generator::DaysAhead)),
    ("days_ago", |text| whole(text).map(Generator::DaysAgo)),
    ("birthday", |text| whole(text).map(Generator::Birthday)),
    // `count`, `current`, `last`: what a column tells of how often a user has signed in, and when.
    ("sign_in", |part| {
        SignInPart::parse(part).map(Generator::SignIn).ok_or_else(|| format!("`{part}` is no part of it"))
    }),
    // `hh:mm..hh:mm`: a full or half hour of the day.
    ("clock", |text| {
        times::half_hours(text).map(Generator::Clock).ok_or_else(|| format!("`{text}` are no half hours"))
    }),
];

fn nothing(arguments: &str, generator: Generator) -> Parsed {
    if arguments == "-" { Ok(generator) } else { Err(format!("it takes no arguments, not `{arguments}`")) }
}

/// Arguments that `; ` parts.
fn parts<const N: usize>(arguments: &'static str) -> Result<[&'static str; N], String> {
    let parts: Vec<&str> = arguments.split("; ").collect();
    parts.try_into().map_err(|_| format!("it takes {N} arguments that `; ` parts, not `{arguments}`"))
}

fn whole(text: &str) -> Result<Numbers, String> {
    let numbers = Numbers::parse(text)?;
    if numbers.are_whole() { Ok(numbers) } else { Err(format!("`{text}` are no whole numbers")) }
}

impl Generator {
    /// The one of a name, with its arguments.
    pub(super) fn parse(name: &str, arguments: &'static str) -> Parsed {
        let found = GENERATORS.iter().find(|(its, _)| *its == name);
        let (_, read) = found.ok_or_else(|| format!("there is no generator `{name}`"))?;
        read(arguments)
    }

    /// Whether it makes sentences.
    pub(super) const fn is_prose(&self) -> bool {
        matches!(self, Self::Sentence(_) | Self::Title | Self::Body)
    }

    /// All that it says of a thing, where that is one of a few texts.
    pub(super) fn all(&self, kind: TableKind, thing: &str) -> Option<Vec<String>> {
        let owned = |words: &[&'static str]| words.iter().map(|word| (*word).to_owned()).collect();
        match self {
            Self::Word(words) => Some(owned(words)),
            Self::Text(template) => template.all(thing),
            Self::Sentence(kind) => Some(sentences::all(kind).to_vec()),
            Self::Title => Some(sentences::all(kind.title()).to_vec()),
            _ => None,
        }
    }

    /// A value of a row.
    pub(super) fn make(&self, draw: &RuleContext<'_>) -> Value {
        match self {
            Self::Text(template) => template.text(draw).into(),
            Self::Json(template) => Value::Json(template.json(draw)),
            Self::Word(words) => draw.slot.word(words).into(),
            Self::Sentence(kind) => sentence(draw, kind).into(),
            Self::Body => sentence(draw, draw.context.kind.body()).into(),
            Self::Title => sentence(draw, draw.of_kind.unwrap_or(draw.context.kind).title()).into(),
            Self::Page(site) => people::page(draw, site).into(),
            Self::File(part) => part.of(draw).into(),
            Self::Known(columns, other) => draw.known(columns).unwrap_or_else(|| other.text(draw)).into(),
            Self::IfKnown(columns, text, words) => match draw.known(columns) {
                Some(_) => (*text).into(),
                None => draw.slot.word(words).into(),
            },
            Self::Slug(columns, words) => people::slug(&named(draw, columns, words), "-").into(),
            Self::Abbreviation(columns, words) => {
                let letters = people::slug(&named(draw, columns, words), "");
                letters.chars().take(6).collect::<String>().to_uppercase().into()
            }
            Self::Exact(numbers) => Value::Number(numbers.decimal(draw.slot)),
            Self::Number(numbers) => match draw.scalar {
                ScalarType::Integer => numbers.whole(draw.slot).into(),
                _ => Value::Number(numbers.hundredths(draw.slot)),
            },
            Self::Share(percent) => match draw.scalar {
                ScalarType::Integer => percent.whole(draw.slot).into(),
                _ => Value::Number(Decimal::new(percent.whole(draw.slot), 2)),
            },
            Self::Year(years) => times::year(draw, years),
            Self::Position => i64::try_from(draw.context.number % 1000).unwrap_or(0).max(1).into(),
            Self::Parsed(template) => template.text(draw).parse::<i64>().ok().into(),
            Self::Chance(percent) => draw.slot.chance(*percent).into(),
            Self::Done => together::is_done(draw.context.hidden).into(),
            Self::SinceCreated => times::since_created(draw),
            Self::LastChange => times::last_change(draw),
            Self::Created => times::created(draw),
            Self::BeforeCreated(days) => times::before_created(draw, days),
            Self::DaysAhead(days) => times::days_ahead(draw, days),
            Self::DaysAgo(days) => times::days_ago(draw, days),
            Self::Birthday(years) => times::birthday(draw, years),
            Self::SignIn(part) => part.of(draw),
            Self::Clock(halves) => times::clock(draw, *halves),
        }
    }
}

/// What the row is called, else one of words.
fn named(draw: &RuleContext<'_>, columns: &[&str], words: &[&'static str]) -> String {
    draw.known(columns).unwrap_or_else(|| draw.slot.word(words).to_owned())
}
