//! Texts with placeholders in braces, as rules write them.

use std::cell::OnceCell;
use std::fmt::Write;

use super::context::RuleContext;
use super::{people, places, products};
use crate::domain::vocabulary::Place;
use crate::infer::uuid::random_uuid;
use crate::infer::word_lists::words;
use crate::random::Slot;

/// A text with placeholders. A brace that a placeholder cannot follow stands for itself, as those of JSON do: one
/// before `"` or `}`.
#[derive(Debug)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Literal(&'static str),
    Piece(Piece),
    /// One of words; the random number that chooses.
    Word(Draw, Vec<&'static str>),
    /// A number between two, of at least so many digits.
    Number(Draw, i64, i64, usize),
}

/// Which random number of the row decides: its first, or a further one, which does not go with the first.
#[derive(Clone, Copy, Debug)]
struct Draw(Option<u64>);

impl Draw {
    const fn of(self, slot: Slot) -> Slot {
        match self.0 {
            None => slot,
            Some(child) => slot.child(child),
        }
    }
}

/// What a row says of itself, its person or its place.
#[derive(Clone, Copy, Debug)]
enum Piece {
    /// The row's number.
    Number,
    /// What the row is, in a word.
    Kind,
    /// What a name is of: `Lead Type`.
    Thing,
    FirstName,
    LastName,
    FullName,
    Initials,
    /// `maya.lindqvist`.
    Mailbox,
    Email,
    /// A further address of the row's person, or company.
    OtherEmail,
    Phone,
    Street,
    City,
    State,
    StateName,
    PostalCode,
    TimeZone,
    /// The sales territory of the row's state.
    Territory,
    /// Three letters for the category of the row's product.
    CategoryCode,
    /// The company whose mailbox the row's person has.
    Company,
    /// The domain of the row's company.
    Domain,
    /// The key of the user that the row is about, else the row's number.
    User,
    Uuid,
    /// So many digits.
    Hexadecimal(usize),
}

impl Piece {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "number" => Self::Number,
            "kind" => Self::Kind,
            "thing" => Self::Thing,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "full_name" => Self::FullName,
            "initials" => Self::Initials,
            "mailbox" => Self::Mailbox,
            "email" => Self::Email,
            "other_email" => Self::OtherEmail,
            "phone" => Self::Phone,
            "street" => Self::Street,
            "city" => Self::City,
            "state" => Self::State,
            "state_name" => Self::StateName,
            "postal_code" => Self::PostalCode,
            "time_zone" => Self::TimeZone,
            "territory" => Self::Territory,
            "category_code" => Self::CategoryCode,
            "company" => Self::Company,
            "domain" => Self::Domain,
            "user" => Self::User,
            "uuid" => Self::Uuid,
            _ => {
                let digits = text.strip_prefix("hexadecimal ")?.parse().ok()?;
                (1..=32).contains(&digits).then_some(Self::Hexadecimal(digits))?
            }
        })
    }
}

impl Template {
    /// As it is written; `""` is the empty text.
    pub(super) fn parse(text: &'static str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), if text == "\"\"" { "" } else { text });
        let mut literal = 0;
        while let Some(found) = rest[literal..].find('{') {
            let open = literal + found;
            if rest[open + 1..].starts_with(['"', '}']) {
                literal = open + 1;
                continue;
            }
            let close = rest[open..].find('}').ok_or_else(|| format!("`{text}` lacks a `}}`"))? + open;
            if open > 0 {
                parts.push(Part::Literal(&rest[..open]));
            }
            parts.push(Part::parse(&rest[open + 1..close])?);
            (rest, literal) = (&rest[close + 1..], 0);
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest));
        }
        Ok(Self(parts))
    }

    /// The text for a row.
    pub(super) fn text(&self, draw: &RuleContext<'_>) -> String {
        self.write(draw, |text, piece| text.push_str(piece))
    }

    /// All texts that it makes of a thing, where they differ in one word alone.
    pub(super) fn all(&self, thing: &str) -> Option<Vec<String>> {
        let mut words = self.0.iter().filter_map(|part| match part {
            Part::Word(_, words) => Some(words),
            _ => None,
        });
        let (Some(words), None) = (words.next(), words.next()) else { return None };
        let text = |word: &&str| -> Option<String> {
            let part = |part: &Part| match part {
                Part::Literal(literal) => Some((*literal).to_owned()),
                Part::Word(..) => Some((*word).to_owned()),
                Part::Piece(Piece::Thing) => Some(thing.to_owned()),
                _ => None,
            };
            self.0.iter().map(part).collect()
        };
        words.iter().map(text).collect()
    }

    /// The JSON document for a row, whose texts the placeholders stand in.
    pub(super) fn json(&self, draw: &RuleContext<'_>) -> String {
        self.write(draw, |text, piece| {
            let quoted = serde_json::Value::from(piece).to_string();
            text.push_str(&quoted[1..quoted.len() - 1]);
        })
    }

    fn write(&self, draw: &RuleContext<'_>, put: impl Fn(&mut String, &str)) -> String {
        let mut text = String::new();
        let place = OnceCell::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Word(which, words) => put(&mut text, which.of(draw.slot).word(words)),
                Part::Number(which, low, high, width) => {
                    let number = which.of(draw.slot).between(*low, *high);
                    let _ = write!(text, "{number:0width$}");
                }
                Part::Piece(piece) => piece.put(draw, &place, |piece| put(&mut text, piece)),
            }
        }
        text
    }
}

impl Part {
    /// What stands between two braces.
    fn parse(text: &'static str) -> Result<Self, String> {
        if let Some(piece) = Piece::parse(text) {
            return Ok(Self::Piece(piece));
        }
        let numbered = text.split_once(':').and_then(|(draw, rest)| Some((draw.parse().ok()?, rest)));
        let (draw, rest) = numbered.map_or((Draw(None), text), |(draw, rest)| (Draw(Some(draw)), rest));
        if let Some((low, high)) = rest.split_once("..") {
            let bad = || format!("`{{{text}}}` is no range of numbers");
            let width = if low.starts_with('0') { low.len() } else { 0 };
            let (low, high) = (low.parse().map_err(|_| bad())?, high.parse().map_err(|_| bad())?);
            return if low < high { Ok(Self::Number(draw, low, high, width)) } else { Err(bad()) };
        }
        if rest.starts_with('@') || rest.contains('|') {
            return Ok(Self::Word(draw, words(rest)?));
        }
        Err(format!("there is no placeholder `{{{text}}}`"))
    }
}

/// The row's place, looked for once for a text.
type FoundPlace = OnceCell<(&'static Place, &'static str)>;

impl Piece {
    fn put(self, draw: &RuleContext<'_>, found: &FoundPlace, mut put: impl FnMut(&str)) {
        let place = || found.get_or_init(|| places::place(draw));
        match self {
            Self::Number => put(&draw.context.number.to_string()),
            Self::Kind => put(draw.context.kind.word()),
            Self::Thing => put(draw.context.thing),
            Self::FirstName => put(&people::first(draw)),
            Self::LastName => put(&people::last(draw)),
            Self::FullName => put(&people::whole(draw)),
            Self::Initials => put(&people::initials(draw)),
            Self::Mailbox => put(&people::mailbox(draw, ".")),
            Self::Email => put(&people::email(draw)),
            Self::OtherEmail => put(&people::other_email(draw)),
            Self::Phone => put(&people::phone(draw)),
            Self::Street => put(&places::street(draw)),
            Self::City => put(place().0.city),
            Self::State => put(place().0.state),
            Self::StateName => put(places::state_name(place().0.state)),
            Self::PostalCode => put(place().1),
            Self::TimeZone => put(places::time_zone(place().0.state)),
            Self::Territory => put(places::territory(place().0.state)),
            Self::CategoryCode => put(products::category_code(draw)),
            Self::Company => put(people::company(draw)),
            Self::Domain => put(&people::domain(draw)),
            Self::User => {
                put(&draw.known(&["user_id", "id"]).unwrap_or_else(|| draw.context.number.to_string()));
            }
            Self::Uuid => put(&random_uuid(draw.slot.bits())),
            Self::Hexadecimal(digits) => {
                let text = format!("{:016x}{:016x}", draw.slot.bits(), draw.slot.child(1).bits());
                put(&text[..digits]);
            }
        }
    }
}
