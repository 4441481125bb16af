//! The rules: one file for each number, one registry for all.
//!
//! Every query returns one text column, a row for each violation, and reads only what its
//! `needs` list. Whatever the target's columns are made of, enum or text, is compared as text;
//! times are compared in UTC, which the session is set to.

mod chronology;
mod codes;
mod distributions;
mod foods;
mod line_items;
mod mailboxes;
mod names;
mod orphans;
mod participants;
mod parties;
mod people;
mod pipeline;
mod places;
mod rule;
mod sizes;
mod texts;

pub use rule::{Asked, Rule};

/// The rules, grouped by their number.
const GROUPS: &[&[Rule]] = &[
    parties::RULES,
    participants::RULES,
    people::RULES,
    mailboxes::RULES,
    places::RULES,
    line_items::RULES,
    pipeline::RULES,
    chronology::RULES,
    codes::RULES,
    foods::RULES,
    sizes::RULES,
    names::RULES,
    distributions::RULES,
    texts::RULES,
    orphans::RULES,
];

/// All rules, in the order of their numbers.
pub static RULES: &[Rule] = &FLAT;

static FLAT: [Rule; count()] = flat();

const fn count() -> usize {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        count += GROUPS[group].len();
        group += 1;
    }
    count
}

const fn flat<const N: usize>() -> [Rule; N] {
    let mut all = [GROUPS[0][0]; N];
    let (mut next, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut i = 0;
        while i < GROUPS[group].len() {
            all[next] = GROUPS[group][i];
            next += 1;
            i += 1;
        }
        group += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Day;
    use crate::domain::TABLES;

    /// Numbers of the rules about references, and about times.
    const ORPHANS: u32 = 15;
    const CHRONOLOGY: u32 = 8;

    #[test]
    fn names_are_unique_and_made_of_lower_case_words() {
        for (i, rule) in RULES.iter().enumerate() {
            assert!(RULES[..i].iter().all(|other| other.name != rule.name), "{}", rule.name);
            assert!(rule.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.name);
            assert!(rule.name.len() <= 34, "{} is wider than its column", rule.name);
        }
    }

    #[test]
    fn all_fifteen_are_there_in_order() {
        let mut numbers: Vec<u32> = RULES.iter().map(|rule| rule.number).collect();
        assert!(numbers.is_sorted());
        numbers.dedup();
        assert_eq!(numbers, (1..=15).collect::<Vec<u32>>());
    }

    #[test]
    fn every_table_is_checked_for_orphans_and_for_the_order_of_its_times() {
        let is_asked = |number: u32, name: &str| {
            let mut rules = RULES.iter().filter(|rule| rule.number == number);
            rules.any(|rule| rule.needed().any(|need| need.name() == name))
        };
        for table in TABLES {
            let name = table.info().name;
            for column in table.columns() {
                let column_name = format!("{name}.{}", column.name);
                let is_checked = column.holds.refers_to.is_none() || is_asked(ORPHANS, &column_name);
                assert!(is_checked, "no rule looks for orphans by {column_name}");
                let is_checked = column.name != "created_at" || is_asked(CHRONOLOGY, &column_name);
                assert!(is_checked, "no rule compares {column_name}");
            }
        }
    }

    #[test]
    fn a_query_reads_what_it_needs() {
        for rule in RULES {
            let sql = rule.sql(&Asked { as_of: Day::DEFAULT_AS_OF, is_utf8: true });
            assert!(sql.trim_start().starts_with("SELECT") || sql.trim_start().starts_with("WITH"));
            assert!(!sql.contains(';'), "{}", rule.name);
            for need in rule.needed() {
                let reads = sql.contains(need.table) && sql.contains(need.column);
                assert!(reads, "{} does not read {}", rule.name, need.name());
            }
        }
    }

    #[test]
    fn what_a_query_needs_is_in_the_bundled_schema() {
        let migrations: String = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
            .expect("migrations")
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok())
            .collect();
        for need in RULES.iter().flat_map(Rule::needed) {
            let line = |word: &str| migrations.lines().any(|l| l.split_whitespace().any(|w| w == word));
            assert!(line(need.table) && (need.column.is_empty() || line(need.column)), "{}", need.name());
        }
    }
}
