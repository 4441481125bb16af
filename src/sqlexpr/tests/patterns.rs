//! Texts that are made match, are different, and stay within their lengths.

use std::collections::BTreeSet;

use crate::sqlexpr::Pattern;

/// Numbers without any order that matters.
fn drawing(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below.max(1)
    }
}

const REGEXES: &[&str] = &[
    r"^\d{5}(-\d{4})?$",
    r"^[A-Z]{2}\d+$",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$",
    r"^\+?[1-9]\d{1,14}$",
    r"^(https?)://[^\s/$.?#].[^\s]*$",
    r"^#[0-9a-fA-F]{6}$",
    r"^(open|closed|in progress)$",
    r"[[:alpha:]]",
    r"^[]x-]+$",
    r"^[\w.]+[[:punct:]]\Z",
    r"\yfoo\y.*\mbar\M",
    r"^[a-z0-9]+(-[a-z0-9]+)*$",
    r"^([01]\d|2[0-3]):[0-5]\d$",
    r"^\S(.*\S)?$",
    r"(?i)^sku-[a-f]{3}$",
    r"^[&~|[]{2}$",
    r"^a{2,3}b{,2}$",
    r"^é\u00e9[à-ü]$",
    r"***=a.b*c",
    "^$|^x",
    "",
];

#[test]
fn a_text_is_made_for_every_pattern() {
    let mut draw = drawing(1);
    for source in REGEXES {
        let pattern = Pattern::regex(source, false).unwrap_or_else(|why| panic!("{source}: {why}"));
        for _ in 0..50 {
            let text = pattern.generate(&mut draw, Some(40)).unwrap_or_else(|| panic!("{source}"));
            assert!(pattern.matches(&text) && text.chars().count() <= 40, "{source}: {text}");
        }
    }
    for source in ["a%", "%@%.com", "___", "50\\%_%", "\\_x", "", "%"] {
        let pattern = Pattern::like(source, true).unwrap_or_else(|why| panic!("{source}: {why}"));
        assert!(pattern.generate(&mut draw, Some(10)).is_some_and(|text| pattern.matches(&text)), "{source}");
    }
    assert!(Pattern::like("a\\", false).is_err());
}

#[test]
fn every_number_gives_another_text() {
    for source in REGEXES {
        let pattern = Pattern::regex(source, false).expect("readable");
        for limit in [None, Some(12)] {
            let many = pattern.count_between(0, limit).min(3_000);
            let texts: BTreeSet<_> = (0..many).filter_map(|n| pattern.generate_nth(n, limit)).collect();
            assert!(texts.iter().all(|text| pattern.matches(text)), "{source}");
            assert!(
                limit.is_none_or(|limit| texts.iter().all(|text| text.chars().count() <= limit)),
                "{source}"
            );
            // Some come about in two ways, or do not come out right at a word's edge.
            let is_ambiguous =
                source.contains("\\y") || source.contains("\\S(") || source.contains("[1-9]\\d{1,14}");
            assert!(is_ambiguous || texts.len() as u64 == many, "{source}: {} of {many}", texts.len());
        }
    }
}

#[test]
fn counts_are_those_of_the_choices() {
    let count = |source: &str| Pattern::regex(source, false).expect("readable").count();
    assert_eq!(count(r"^\d{3}$"), 1_000);
    assert_eq!(count("^(a|b[xyz])?$"), 5);
    assert_eq!(count("^x$"), 1);
    assert_eq!(count("^[a-z]{100}$"), u64::MAX);
    assert!(count("^[a-z]+$") > 1 << 40);
    assert_eq!(Pattern::regex(r"^\d{3}$", false).expect("readable").generate_nth(1_000, None), None);
    assert_eq!(Pattern::like("a_", false).expect("readable").generate_nth(25, None).as_deref(), Some("az"));
}

#[test]
fn lengths_are_kept() {
    let mut draw = drawing(2);
    for (source, least, most) in [
        ("^[a-z]+$", 10, 12),
        ("^[a-z]+@[a-z]+\\.(com|org)$", 20, 20),
        ("^[A-Z]{2}[0-9]*-[a-z]{0,3}$", 9, 11),
        ("^([a-z]{2,5}){1,2}$", 8, 10),
        ("^([a-z]+-)*x$", 0, 1),
        ("%a%", 0, 1),
    ] {
        let made = if source.starts_with('%') {
            Pattern::like(source, false)
        } else {
            Pattern::regex(source, false)
        };
        let pattern = made.expect("readable");
        for n in 0..100 {
            for text in [
                pattern.generate_between(&mut draw, least, Some(most)),
                pattern.generate_nth_between(n % pattern.count_between(least, Some(most)), least, Some(most)),
            ] {
                let length = text.as_ref().map(|text| text.chars().count());
                assert!(length.is_some_and(|length| (least..=most).contains(&length)), "{source}: {text:?}");
            }
        }
    }
    let long = Pattern::regex("^[a-z]{5,}$", false).expect("readable");
    assert_eq!((long.generate(&mut draw, Some(4)), long.generate_nth(0, Some(4))), (None, None));
}

#[test]
fn repetitions_in_one_another_do_not_grow_beyond_measure() {
    let deep = format!("^{}a{}$", "(".repeat(30), "+)*".repeat(30));
    let pattern = Pattern::regex(&deep, false).expect("readable");
    assert!(
        pattern.matches("aaa")
            && pattern.generate(&mut drawing(3), None).is_none_or(|text| text.len() < 1 << 20)
    );
    let some = Pattern::regex("^((a+b)*c)*$", false).expect("readable");
    assert!((0..500).all(|n| some.generate_nth(n, None).is_some()));
}

#[test]
fn what_the_crate_does_not_have_is_refused() {
    for source in [r"^(?=.*\d)", r"(?<!a)b", r"(a)\1", "(", "[a", "[[:nope:]]", "a\\q", "(?x)a"] {
        assert!(Pattern::regex(source, false).is_err(), "{source}");
    }
}
