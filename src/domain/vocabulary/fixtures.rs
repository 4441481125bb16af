//! Reads the tables of `fixtures/` that the domain is made of.

use std::collections::{HashMap, HashSet};

use fake::locales::{Data, EN};
use unicode_normalization::UnicodeNormalization;

use super::words::{
    Category, Claim, CustomerKind, Item, NameParts, Phrases, Place, Template, Title, Vocabulary, Word,
};
use crate::fixture::{fixture, list, number};
use crate::random::Weighted;

/// Words of organizations: what is parted by blanks is parted by hyphens in a domain, so that
/// Mill Pond and Millpond have domains of their own.
fn words(text: &'static str) -> Vec<Word> {
    text.split('|').map(|text| word(text, "-")).collect()
}

/// A name of a person: in a mailbox it is one word.
fn person(text: &'static str) -> Word {
    word(text, "")
}

fn word(text: &'static str, blank: &str) -> Word {
    let mut slug = String::new();
    for part in text.split(' ') {
        let start = slug.len();
        push_slug(&mut slug, part);
        if start > 0 && slug.len() > start {
            slug.insert_str(start, blank);
        }
    }
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

/// Reads all word lists from the embedded fixtures.
pub fn load() -> Vocabulary {
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
    let mut first: Vec<Word> = EN::NAME_FIRST_NAME.iter().copied().map(person).collect();
    let mut last: Vec<Word> = EN::NAME_LAST_NAME.iter().copied().map(person).collect();
    for [kind, names] in fixture!("people.tsv", ["kind", "names"]) {
        match kind {
            "first" => first.extend(list(names).into_iter().map(person)),
            _ => last.extend(list(names).into_iter().map(person)),
        }
    }
    (without_repeats(first), without_repeats(last))
}

fn without_repeats(words: Vec<Word>) -> Vec<Word> {
    let mut seen = HashSet::new();
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

/// What words of foods say: `fixtures/food_words.tsv`.
struct FoodWords {
    never_kosher: Vec<&'static str>,
    gluten: Vec<&'static str>,
    seasoned: Vec<&'static str>,
    proper: Vec<&'static str>,
}

impl FoodWords {
    fn read() -> Self {
        let mut lines: HashMap<&str, &str> =
            fixture!("food_words.tsv", ["says", "words"]).map(|[says, words]| (says, words)).collect();
        let mut line = |says| {
            list(lines.remove(says).unwrap_or_else(|| panic!("fixtures/food_words.tsv has no line `{says}`")))
        };
        let words = Self {
            never_kosher: line("never kosher"),
            gluten: line("gluten"),
            seasoned: line("seasoned"),
            proper: line("proper"),
        };
        assert!(lines.is_empty(), "fixtures/food_words.tsv: nothing reads {:?}", lines.keys());
        words
    }

    /// `name` as it stands inside a sentence.
    fn in_prose(&self, name: &str) -> String {
        let word =
            |word: &str| if self.proper.contains(&word) { word.to_owned() } else { word.to_lowercase() };
        name.split(' ').map(word).collect::<Vec<String>>().join(" ")
    }

    /// Whether `name`, of a food that is `yes` or `never`, is kosher. What calls itself so must be.
    fn kosher(&self, name: &str, food: &str) -> Claim {
        match food {
            _ if has_word(name, &["Kosher"]) => Claim::Always,
            "yes" if !has_word(name, &self.never_kosher) => Claim::Varies,
            "yes" | "never" => Claim::Never,
            other => panic!("fixtures/foods.tsv: kosher is yes or never, not {other}"),
        }
    }

    /// Whether `name`, of a food that is `free` of gluten, `contains` it or `varies`, is free of it.
    fn gluten_free(&self, name: &str, food: &str) -> Claim {
        match food {
            _ if name.starts_with("Gluten Free ") => Claim::Always,
            "contains" => Claim::Never,
            "free" | "varies" if has_word(name, &self.gluten) => Claim::Never,
            "free" if !has_word(name, &self.seasoned) => Claim::Always,
            "free" | "varies" => Claim::Varies,
            other => panic!("fixtures/foods.tsv: gluten is free, contains or varies, not {other}"),
        }
    }
}

fn has_word(name: &str, words: &[&str]) -> bool {
    name.split(' ').any(|word| words.contains(&word))
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
        "kosher",
        "gluten",
    ];
    let words = FoodWords::read();
    fixture!("foods.tsv", columns).map(
        move |[category, food, varieties, unit, packs, a, b, c, d, e, f, seasonal, kosher_food, gluten]| {
            let mut items = Vec::new();
            for variety in varieties.split('|') {
                let name = format!("{variety} {food}");
                for pack in packs.split('|') {
                    let (units, label) = pack.split_once(':').expect("UNITS:LABEL");
                    items.push(Item {
                        lower: words.in_prose(&name),
                        name: name.clone(),
                        pack: label,
                        units_per_case: number(units),
                        unit_of_measure: unit,
                        cost: (number(a), number(b)),
                        shelf_life: (number(c), number(d)),
                        lead_time: (number(e), number(f)),
                        seasonal: seasonal == "yes",
                        organic: has_word(&name, &["Organic"]),
                        kosher: words.kosher(&name, kosher_food),
                        gluten_free: words.gluten_free(&name, gluten),
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
