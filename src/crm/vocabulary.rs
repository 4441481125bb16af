//! The words that the data is made of, read from `fixtures/` at first use.
//!
//! The files are built into the binary. Everything here borrows from them, so that a value
//! which is a word of the vocabulary costs no allocation. Tests hold the files to their rules;
//! a broken file is a bug of ours, and ends in a panic at the first test.

use std::collections::HashMap;
use std::sync::LazyLock;

use fake::locales::{Data, EN};
use unicode_normalization::UnicodeNormalization;

use crate::random::Weighted;

/// A word with its form for e-mail addresses and domains.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As people write it.
    pub text: &'static str,
    /// Lower-case ASCII letters and digits only.
    pub slug: &'static str,
}

/// A town, with the codes that exist there.
#[derive(Debug)]
pub struct Place {
    /// Name of the city.
    pub city: &'static str,
    /// USPS abbreviation of the state.
    pub state: &'static str,
    /// Telephone area codes.
    pub area_codes: Vec<&'static str>,
    /// ZIP codes.
    pub postal_codes: Vec<&'static str>,
}

/// A job of the buying side.
#[derive(Debug)]
pub struct Title {
    /// The title on the card.
    pub title: &'static str,
    /// Department.
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
    /// The same inside a sentence: `dijon mustard`.
    pub lower: String,
    /// The printed pack: `12 ct`.
    pub pack: &'static str,
    /// Units in a case.
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
    /// Everything in it.
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
    fn parse(text: &'static str) -> Self {
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
pub struct Phrases(HashMap<&'static str, Vec<Template>>);

impl Phrases {
    /// The sentences for `when`.
    ///
    /// # Panics
    /// Where the fixtures have none: a test asks for all.
    pub fn of(&self, when: &str) -> &[Template] {
        &self.0[when]
    }
}

/// All words.
#[derive(Debug)]
pub struct Vocabulary {
    /// Towns, the larger the likelier.
    pub places: Weighted<&'static Place>,
    /// First names.
    pub first_names: Vec<Word>,
    /// Last names.
    pub last_names: Vec<Word>,
    /// Kinds of customer.
    pub customers: Weighted<&'static CustomerKind>,
    /// Names of distributors.
    pub distributors: NameParts,
    /// Two-word brands of principals.
    pub brands: NameParts,
    /// Categories of foods.
    pub categories: Vec<Category>,
    /// Next actions by stage.
    pub next_actions: Phrases,
    /// What a deal is, by its category.
    pub motions: Phrases,
    /// Descriptions of deals, by category, and by stage where closed.
    pub descriptions: Phrases,
    /// Titles of tasks: `open` and `done`.
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

impl Vocabulary {
    /// The vocabulary that the binary was built with.
    pub fn get() -> &'static Self {
        static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(load);
        &VOCABULARY
    }
}

/// The rows of a fixture: the fields of each, in the order of `columns`.
///
/// Fixtures are tab-separated, begin with a header, and may hold `#` comments.
fn rows<const N: usize>(
    file: &'static str,
    text: &'static str,
    columns: [&str; N],
) -> impl Iterator<Item = [&'static str; N]> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    assert_eq!(header, columns, "header of fixtures/{file}");
    lines.map(move |line| {
        let fields: Vec<&str> = line.split('\t').collect();
        fields.try_into().unwrap_or_else(|_| panic!("fixtures/{file}: wrong number of fields: {line}"))
    })
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("fixtures: {text} is not a number"))
}

fn list(text: &'static str) -> Vec<&'static str> {
    text.split('|').collect()
}

fn words(text: &'static str) -> Vec<Word> {
    text.split('|').map(word).collect()
}

fn word(text: &'static str) -> Word {
    let mut slug = String::new();
    push_slug(&mut slug, text);
    // Most words are their own slug but for the case; all live as long as the process.
    let slug = if slug == text { text } else { slug.leak() };
    Word { text, slug }
}

/// Appends the lower-case ASCII letters and digits of `text`, accents taken off.
fn push_slug(slug: &mut String, text: &str) {
    for c in text.nfd().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            // These have no accent to take off, or stand for two letters.
            '&' => slug.push_str("and"),
            'æ' => slug.push_str("ae"),
            'đ' | 'ð' => slug.push('d'),
            'ı' => slug.push('i'),
            'ł' => slug.push('l'),
            'ø' => slug.push('o'),
            'œ' => slug.push_str("oe"),
            'ß' => slug.push_str("ss"),
            'þ' => slug.push_str("th"),
            _ => {}
        }
    }
}

macro_rules! fixture {
    ($name:literal, $columns:expr) => {
        rows($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/", $name)), $columns)
    };
}

fn load() -> Vocabulary {
    let mut names = organization_names();
    let mut phrases = phrases();
    let customers = customers(&mut names);
    let (first_names, last_names) = people();
    let texts = |phrases: &mut HashMap<_, Vec<_>>, about| -> Vec<&'static str> {
        phrases
            .remove(about)
            .unwrap_or_else(|| panic!("no {about} phrases"))
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    };
    let line_notes = texts(&mut phrases, "line_note");
    let criteria = texts(&mut phrases, "criterion");
    let competitors = texts(&mut phrases, "competitor");
    let mut templates = |about: &str| {
        let mut map: HashMap<&'static str, Vec<Template>> = HashMap::new();
        for (when, text) in phrases.remove(about).unwrap_or_default() {
            map.entry(when).or_default().push(Template::parse(text));
        }
        Phrases(map)
    };
    let categories = categories(&mut templates("product"));
    Vocabulary {
        places: places(),
        first_names,
        last_names,
        customers,
        distributors: names.remove("distributor").expect("distributor names"),
        brands: names.remove("principal").expect("principal names"),
        categories,
        next_actions: templates("next_action"),
        motions: templates("motion"),
        descriptions: templates("description"),
        tasks: templates("task"),
        task_notes: templates("task_note"),
        line_notes,
        criteria,
        competitors,
    }
}

fn places() -> Weighted<&'static Place> {
    let columns = ["city", "state", "weight", "area_codes", "postal_codes"];
    let places = fixture!("places.tsv", columns).map(|[city, state, weight, areas, postal]| {
        let place: &'static Place =
            Box::leak(Box::new(Place { city, state, area_codes: list(areas), postal_codes: list(postal) }));
        (place, number(weight))
    });
    Weighted::new(places).expect("places")
}

/// The English lists of `fake`, and after them the names that those leave out.
fn people() -> (Vec<Word>, Vec<Word>) {
    let mut first: Vec<Word> = EN::NAME_FIRST_NAME.iter().copied().map(word).collect();
    let mut last: Vec<Word> = EN::NAME_LAST_NAME.iter().copied().map(word).collect();
    for [kind, names] in fixture!("people.tsv", ["kind", "names"]) {
        match kind {
            "first" => first.extend(words(names)),
            _ => last.extend(words(names)),
        }
    }
    (without_repeats(first), without_repeats(last))
}

fn without_repeats(words: Vec<Word>) -> Vec<Word> {
    let mut seen = std::collections::HashSet::new();
    words.into_iter().filter(|word| seen.insert(word.slug)).collect()
}

fn organization_names() -> HashMap<&'static str, NameParts> {
    let mut names: HashMap<&'static str, NameParts> = HashMap::new();
    for [kind, part, list] in fixture!("organization_names.tsv", ["kind", "part", "words"]) {
        let parts = names.entry(kind).or_insert_with(|| NameParts(Vec::new()));
        parts.0.push(words(list));
        assert_eq!(parts.0.len(), number::<usize>(part), "parts of {kind} in order");
    }
    names
}

fn titles() -> HashMap<&'static str, Vec<(&'static Title, u64)>> {
    let columns =
        ["kind", "title", "department", "role", "purchase_influence", "decision_authority", "weight"];
    let mut titles: HashMap<_, Vec<_>> = HashMap::new();
    for [kind, title, department, role, purchase_influence, decision_authority, weight] in
        fixture!("titles.tsv", columns)
    {
        let title: &'static Title =
            Box::leak(Box::new(Title { title, department, role, purchase_influence, decision_authority }));
        titles.entry(kind).or_default().push((title, number(weight)));
    }
    titles
}

fn customers(names: &mut HashMap<&'static str, NameParts>) -> Weighted<&'static CustomerKind> {
    let columns = [
        "kind",
        "industry",
        "weight",
        "employees_min",
        "employees_max",
        "revenue_per_employee_min",
        "revenue_per_employee_max",
    ];
    let mut titles = titles();
    let kinds = fixture!("customers.tsv", columns).map(|[kind, industry, weight, a, b, c, d]| {
        let titles = titles.remove(kind).expect("titles of the kind");
        let buyers =
            titles.iter().copied().filter(|(title, _)| matches!(title.role, "decision_maker" | "buyer"));
        let kind: &'static CustomerKind = Box::leak(Box::new(CustomerKind {
            kind,
            industry,
            employees: (number(a), number(b)),
            revenue_per_employee: (number(c), number(d)),
            names: names.remove(kind).expect("names of the kind"),
            buyers: Weighted::new(buyers).expect("buyers"),
            titles: Weighted::new(titles).expect("titles"),
        }));
        (kind, number(weight))
    });
    Weighted::new(kinds.collect::<Vec<_>>()).expect("customer kinds")
}

fn categories(descriptions: &mut Phrases) -> Vec<Category> {
    let columns =
        ["category", "label", "code", "margin_min", "margin_max", "related", "company_suffixes", "storage"];
    let lines: Vec<_> = fixture!("categories.tsv", columns).collect();
    let position = |name| {
        lines
            .iter()
            .position(|line| line[0] == name)
            .unwrap_or_else(|| panic!("fixtures: unknown category {name}"))
    };
    let mut categories: Vec<Category> = lines
        .iter()
        .map(|[name, label, code, margin_min, margin_max, related, suffixes, storage]| Category {
            name,
            label,
            code,
            margin: (number(margin_min), number(margin_max)),
            related: list(related).into_iter().map(position).collect(),
            suffixes: words(suffixes),
            storage,
            items: Vec::new(),
            descriptions: descriptions.0.remove(name).expect("descriptions"),
        })
        .collect();
    for food in foods() {
        let (category, items) = food;
        categories[position(category)].items.extend(items);
    }
    categories
}

fn foods() -> impl Iterator<Item = (&'static str, Vec<Item>)> {
    let columns = [
        "category",
        "food",
        "varieties",
        "unit_of_measure",
        "packs",
        "cost_min",
        "cost_max",
        "shelf_min",
        "shelf_max",
        "lead_min",
        "lead_max",
        "seasonal",
    ];
    fixture!("foods.tsv", columns).map(
        |[category, food, varieties, unit, packs, a, b, c, d, e, f, seasonal]| {
            let mut items = Vec::new();
            for variety in varieties.split('|') {
                let name = format!("{variety} {food}");
                for pack in packs.split('|') {
                    let (units, label) = pack.split_once(':').expect("UNITS:LABEL");
                    items.push(Item {
                        lower: name.to_lowercase(),
                        name: name.clone(),
                        pack: label,
                        units_per_case: number(units),
                        unit_of_measure: unit,
                        cost: (number(a), number(b)),
                        shelf_life: (number(c), number(d)),
                        lead_time: (number(e), number(f)),
                        seasonal: seasonal == "yes",
                    });
                }
            }
            (category, items)
        },
    )
}

fn phrases() -> HashMap<&'static str, Vec<(&'static str, &'static str)>> {
    let mut phrases: HashMap<_, Vec<_>> = HashMap::new();
    for [about, when, text] in fixture!("phrases.tsv", ["use", "when", "text"]) {
        phrases.entry(about).or_default().push((when, text));
    }
    phrases
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::crm::world::{DEAL_CATEGORIES, STAGES};

    fn vocabulary() -> &'static Vocabulary {
        Vocabulary::get()
    }

    #[test]
    fn every_text_is_trimmed_and_free_of_control_characters() {
        let files = [
            include_str!("../../fixtures/places.tsv"),
            include_str!("../../fixtures/people.tsv"),
            include_str!("../../fixtures/organization_names.tsv"),
            include_str!("../../fixtures/customers.tsv"),
            include_str!("../../fixtures/titles.tsv"),
            include_str!("../../fixtures/categories.tsv"),
            include_str!("../../fixtures/foods.tsv"),
            include_str!("../../fixtures/phrases.tsv"),
        ];
        for line in files.iter().flat_map(|file| file.lines()) {
            for word in line.split(['\t', '|']) {
                assert!(word == word.trim() && !word.contains("  "), "{line}");
                assert!(!word.is_empty() && !word.contains(char::is_control), "{line}");
            }
        }
    }

    #[test]
    fn no_two_combinations_of_any_kind_make_the_same_name() {
        let mut seen = HashSet::new();
        let kinds = vocabulary().customers.shares().map(|(kind, _)| &kind.names);
        for parts in kinds.chain([&vocabulary().distributors]) {
            for index in 0..parts.combinations() {
                let [a, b, c] = parts.combination(index).map(|word| word.text);
                let hash = blake3::hash(format!("{a} {b} {c}").to_lowercase().as_bytes());
                assert!(
                    seen.insert(u128::from_le_bytes(hash.as_bytes()[..16].try_into().expect("16 bytes"))),
                    "{a} {b} {c}"
                );
            }
        }
    }

    #[test]
    fn brands_are_two_words_of_letters_and_no_suffix_could_be_mistaken_for_one() {
        let brands = &vocabulary().brands.0;
        assert_eq!(brands.len(), 2);
        for word in brands.iter().flatten() {
            assert!(word.text.chars().all(char::is_alphabetic) && word.slug.len() >= 3, "{}", word.text);
        }
        let mut suffixes: Vec<&str> =
            vocabulary().categories.iter().flat_map(|c| &c.suffixes).map(|word| word.text).collect();
        let kinds = vocabulary().customers.shares().flat_map(|(kind, _)| &kind.names.0[2]);
        suffixes.extend(kinds.chain(&vocabulary().distributors.0[2]).map(|word| word.text));
        let distinct: HashSet<String> = suffixes.iter().map(|s| s.to_lowercase()).collect();
        assert_eq!(distinct.len(), suffixes.len(), "a suffix belongs to one kind");
        assert!(suffixes.iter().all(|suffix| !suffix.starts_with("& ")));
    }

    #[test]
    fn names_have_a_form_for_addresses() {
        let people = vocabulary().first_names.iter().chain(&vocabulary().last_names);
        for word in people {
            assert!(
                !word.slug.is_empty() && word.slug.bytes().all(|b| b.is_ascii_alphanumeric()),
                "{}",
                word.text
            );
            let letters = word.text.chars().filter(|c| c.is_alphabetic()).count();
            assert!(word.slug.len() >= letters, "a letter of {} is not folded", word.text);
        }
        assert_ne!(vocabulary().first_names.len() as u64 % 1_000_003, 0);
        assert!(vocabulary().first_names.len() as u64 > crate::scenario::MOST_CHILDREN);
    }

    #[test]
    fn there_is_a_phrase_for_every_situation() {
        for stage in STAGES.iter().filter(|stage| !stage.is_closed()) {
            assert!(!vocabulary().next_actions.of(stage.name).is_empty());
        }
        for category in DEAL_CATEGORIES {
            assert!(!vocabulary().motions.of(category).is_empty());
            assert!(!vocabulary().descriptions.of(category).is_empty());
        }
        for story in ["closed_won", "closed_lost"] {
            assert!(!vocabulary().descriptions.of(story).is_empty());
        }
        for story in ["open", "done"] {
            assert!(!vocabulary().tasks.of(story).is_empty());
        }
        assert!(!vocabulary().task_notes.of("any").is_empty());
        assert!(vocabulary().criteria.len() >= 12 && !vocabulary().competitors.is_empty());
    }

    #[test]
    fn a_principal_with_the_most_products_has_no_two_alike() {
        for category in &vocabulary().categories {
            // Eight lines, the first without a name: see `products`.
            assert!(category.items.len() as u64 * 8 > crate::scenario::MOST_CHILDREN, "{}", category.name);
        }
    }

    #[test]
    fn templates_are_cut_at_their_placeholders() {
        let template = Template::parse("Call {contact} about {food}.");
        let wanted = [
            Piece::Literal("Call "),
            Piece::Contact,
            Piece::Literal(" about "),
            Piece::Food,
            Piece::Literal("."),
        ];
        assert_eq!(template.0, wanted);
    }
}
