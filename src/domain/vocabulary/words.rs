//! What the vocabulary is made of.

use std::collections::HashMap;

use crate::random::Weighted;

/// A word with its form for e-mail addresses and domains.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As people write it.
    pub text: &'static str,
    /// Lower-case ASCII letters and digits only; words of an organization's name are parted by
    /// hyphens.
    pub slug: &'static str,
}

/// A town, with the codes that exist there.
#[derive(Debug)]
pub struct Place {
    /// Name of the city.
    pub city: &'static str,
    /// USPS abbreviation of the state.
    pub state: &'static str,
    pub area_codes: Vec<&'static str>,
    pub postal_codes: Vec<&'static str>,
}

/// A job of the buying side.
#[derive(Debug)]
pub struct Title {
    /// The title on the card.
    pub title: &'static str,
    pub department: &'static str,
    /// Role in a purchase.
    pub role: &'static str,
    /// High, Medium or Low.
    pub purchase_influence: &'static str,
    /// Decision Maker, Influencer or None.
    pub decision_authority: &'static str,
}

/// The three word lists whose combinations name a kind of organization.
#[derive(Debug)]
pub struct NameParts(pub Vec<Vec<Word>>);

impl NameParts {
    /// How many names there are.
    pub fn combinations(&self) -> u64 {
        self.0.iter().map(|part| part.len() as u64).product()
    }

    /// The `index`th combination, the last part turning fastest.
    pub fn combination(&self, mut index: u64) -> [Word; 3] {
        let mut words = [Word { text: "", slug: "" }; 3];
        for (word, part) in words.iter_mut().zip(&self.0).rev() {
            *word = part[(index % part.len() as u64) as usize];
            index /= part.len() as u64;
        }
        words
    }
}

/// A kind of customer: restaurant, school, grocer, hotel, hospital.
#[derive(Debug)]
pub struct CustomerKind {
    /// Its key in the fixtures.
    pub kind: &'static str,
    /// The `industry` column.
    pub industry: &'static str,
    /// Least and most employees.
    pub employees: (i64, i64),
    /// Least and most revenue an employee and year, in dollars.
    pub revenue_per_employee: (i64, i64),
    /// What it may be called.
    pub names: NameParts,
    /// Everyone who may be a contact there.
    pub titles: Weighted<&'static Title>,
    /// Those who may be the primary contact: they decide or buy.
    pub buyers: Weighted<&'static Title>,
}

/// A food in one variety and pack.
#[derive(Debug)]
pub struct Item {
    /// Variety and food: `Dijon Mustard`.
    pub name: String,
    /// The same inside a sentence: `dijon mustard`, `Swiss cheese`.
    pub lower: String,
    /// The printed pack: `12 ct`.
    pub pack: &'static str,
    pub units_per_case: i64,
    /// case, each or pound.
    pub unit_of_measure: &'static str,
    /// Least and most cost a unit, in cents.
    pub cost: (i64, i64),
    /// Least and most shelf life, in days.
    pub shelf_life: (i64, i64),
    /// Least and most lead time, in days.
    pub lead_time: (i64, i64),
    /// Sold in a season only.
    pub seasonal: bool,
    /// Its variety is an organic one.
    pub organic: bool,
    pub kosher: Claim,
    /// Whether it is free of gluten.
    pub gluten_free: Claim,
}

/// What may be claimed of a food.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// True of every such food.
    Always,
    /// True of none: it would be a lie, and of an allergen a dangerous one.
    Never,
    /// Some makers can claim it, others cannot.
    Varies,
}

impl Claim {
    /// Whether it holds for a maker that claims it where it can, if `claimed`.
    pub const fn holds(self, claimed: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Varies => claimed,
        }
    }
}

/// A category of foods.
#[derive(Debug)]
pub struct Category {
    /// The `category` column of products.
    pub name: &'static str,
    /// The same in prose: `frozen foods`.
    pub label: &'static str,
    /// Three letters in a SKU: `FRZ`.
    pub code: &'static str,
    /// Least and most margin of list price over cost, in percent.
    pub margin: (i64, i64),
    /// Positions of the categories that the same maker may also make.
    pub related: Vec<usize>,
    /// What ends the name of a maker of these.
    pub suffixes: Vec<Word>,
    /// ambient, refrigerated or frozen.
    pub storage: &'static str,
    /// The foods of the category.
    pub items: Vec<Item>,
    /// Product descriptions.
    pub descriptions: Vec<Template>,
}

/// A piece of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Literal(&'static str),
    /// The contact's first name.
    Contact,
    /// The customer's name.
    Customer,
    /// The principal's brand.
    Brand,
    /// The food, in lower case.
    Food,
    /// The category's label.
    Category,
    /// The distributor's name.
    Distributor,
}

/// A sentence with places for names.
#[derive(Debug)]
pub struct Template(pub Vec<Piece>);

impl Template {
    pub(super) fn parse(text: &'static str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').expect("a closed placeholder") + open;
            if open > 0 {
                pieces.push(Piece::Literal(&rest[..open]));
            }
            pieces.push(match &rest[open + 1..close] {
                "contact" => Piece::Contact,
                "customer" => Piece::Customer,
                "brand" => Piece::Brand,
                "food" => Piece::Food,
                "category" => Piece::Category,
                "distributor" => Piece::Distributor,
                other => panic!("fixtures/phrases.tsv: unknown placeholder {{{other}}}"),
            });
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest));
        }
        Self(pieces)
    }
}

/// Sentences by what they are about, keyed by a value of another column.
#[derive(Debug)]
pub struct Phrases(pub(super) HashMap<&'static str, Vec<Template>>);

impl Phrases {
    /// The sentences for `when`.
    ///
    /// # Panics
    /// Where the fixtures have none: a test asks for all.
    pub fn of(&self, when: &str) -> &[Template] {
        &self.0[when]
    }
}

/// All word lists, read from `fixtures/`.
#[derive(Debug)]
pub struct Vocabulary {
    /// Towns, the larger the likelier.
    pub places: Weighted<&'static Place>,
    pub first_names: Vec<Word>,
    pub last_names: Vec<Word>,
    pub customers: Weighted<&'static CustomerKind>,
    pub distributors: NameParts,
    /// Two-word brands of principals.
    pub brands: NameParts,
    /// Categories of foods.
    pub categories: Vec<Category>,
    /// Next actions by stage.
    pub next_actions: Phrases,
    /// What a deal is, by its category.
    pub motions: Phrases,
    /// Descriptions of deals, by category; where closed by stage, and whether it was a renewal.
    pub descriptions: Phrases,
    /// Titles of tasks: `open`, `done`, and `closed` for what is done just before a deal is over.
    pub tasks: Phrases,
    /// Notes on tasks.
    pub task_notes: Phrases,
    /// Notes on line items.
    pub line_notes: Vec<&'static str>,
    /// What a customer decides by.
    pub criteria: Vec<&'static str>,
    /// Rivals, none of them in the CRM.
    pub competitors: Vec<&'static str>,
}
