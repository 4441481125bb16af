//! Holds the fixtures to their rules.

use std::collections::HashSet;

use super::{Claim, Item, Piece, Template, Vocabulary};
use crate::domain::dataset::{DEAL_CATEGORIES, STAGES};

fn vocabulary() -> &'static Vocabulary {
    Vocabulary::get()
}

#[test]
fn no_two_combinations_of_any_kind_make_the_same_name_or_domain() {
    let (mut names, mut domains) = (HashSet::new(), HashSet::new());
    let short = |text: &str| {
        let hash = blake3::hash(text.to_lowercase().as_bytes());
        u128::from_le_bytes(hash.as_bytes()[..16].try_into().expect("16 bytes"))
    };
    let kinds = vocabulary().customers.shares().map(|(kind, _)| &kind.names);
    for parts in kinds.chain([&vocabulary().distributors]) {
        for index in 0..parts.combinations() {
            let words = parts.combination(index);
            let [a, b, c] = words.map(|word| word.text);
            assert!(names.insert(short(&format!("{a} {b} {c}"))), "{a} {b} {c}");
            let [a, b, c] = words.map(|word| word.slug);
            assert!(domains.insert(short(&format!("{a}-{b}-{c}"))), "{a}-{b}-{c}");
        }
    }
}

#[test]
fn no_competitor_could_be_a_principal() {
    let [ones, twos] = &vocabulary().brands.0[..] else { panic!("two parts") };
    for competitor in &vocabulary().competitors {
        let begins = |one: &str, two: &str| competitor.starts_with(&format!("{one} {two}"));
        assert!(!ones.iter().any(|one| twos.iter().any(|two| begins(one.text, two.text))), "{competitor}");
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
        assert!(!word.slug.is_empty() && word.slug.bytes().all(|b| b.is_ascii_lowercase()), "{}", word.text);
        let letters = word.text.chars().filter(|c| c.is_alphabetic()).count();
        assert!(word.slug.len() >= letters, "a letter of {} is not folded", word.text);
    }
    assert_ne!(vocabulary().first_names.len() as u64 % 1_000_003, 0);
    assert!(vocabulary().first_names.len() as u64 > crate::domain::counts::MOST_CHILDREN);
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
    for story in ["closed_won", "closed_lost", "closed_won_renewal", "closed_lost_renewal"] {
        assert!(vocabulary().descriptions.of(story).len() >= 10, "{story}");
    }
    for (story, least) in [("open", 60), ("done", 24), ("closed", 24)] {
        let titles = vocabulary().tasks.of(story);
        assert!(titles.len() >= least, "{story}");
        assert!(titles.iter().all(|title| title.0.len() > 1), "a title without a name repeats itself");
    }
    assert!(!vocabulary().task_notes.of("any").is_empty());
    assert!(vocabulary().criteria.len() >= 12 && !vocabulary().competitors.is_empty());
}

#[test]
fn a_principal_with_the_most_products_has_no_two_alike() {
    for category in &vocabulary().categories {
        // Eight lines, the first without a name: see `products`.
        assert!(category.items.len() as u64 * 8 > crate::domain::counts::MOST_CHILDREN, "{}", category.name);
    }
}

fn item(name: &str) -> &'static Item {
    let mut items = vocabulary().categories.iter().flat_map(|category| &category.items);
    items.find(|item| item.name == name).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn claims_are_those_of_the_food_and_its_variety() {
    let kosher = [
        ("Pork Egg Rolls", Claim::Never),
        ("Vegetable Egg Rolls", Claim::Varies),
        ("Maple Bacon", Claim::Never),
        ("Kosher Dill Pickles", Claim::Always),
    ];
    assert!(kosher.iter().all(|(name, claim)| item(name).kosher == *claim));
    let gluten_free = [
        ("Gluten Free Pizza Dough", Claim::Always),
        ("White Pizza Dough", Claim::Never),
        ("Breaded Shrimp", Claim::Never),
        ("Peeled Shrimp", Claim::Varies),
        ("Gala Apples", Claim::Always),
    ];
    assert!(gluten_free.iter().all(|(name, claim)| item(name).gluten_free == *claim));
    assert!(item("Organic Lemons").organic && !item("Small Lemons").organic);
}

#[test]
fn names_of_places_keep_their_capital_in_a_sentence() {
    assert_eq!(item("Sliced Swiss Cheese").lower, "sliced Swiss cheese");
    assert_eq!(item("Dijon Mustard").lower, "dijon mustard");
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
