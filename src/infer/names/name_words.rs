//! Words in names, and what they are to the name: `fixtures/name_words.tsv`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::pattern::Pattern;
use crate::fixture::{fixture, list};

type Words = HashSet<&'static str>;

/// The lines of the table.
pub struct NameWords {
    /// Before a table's name they say nothing, where a table of the domain is looked for.
    pub before_domain: Words,
    pub behind_domain: Words,
    /// Before a table's name they say nothing, where its kind is looked for.
    pub before_kind: Words,
    pub behind_kind: Words,
    /// Which one of a table's rows a reference means.
    pub qualifiers: Words,
    /// Between the parts of the name of a table that links two.
    pub between: Words,
    /// Names of tables of a CRM, of which two are a link.
    pub link_parts: Words,
    /// Words beside them.
    pub linking: Words,
    /// Schemas whose tables are no business of a CRM.
    pub system_schemas: Words,
    /// Which address a column is of: the one meant.
    pub address: Words,
    /// Which address a column is of: maybe the one meant.
    pub other_address: Words,
    /// What a column tells of a person or a place.
    pub telling: Words,
    /// Those whom a column is about beside the row's own person.
    pub other_people: Words,
    /// That something was done: words, and the first word of the same.
    pub done: HashMap<&'static str, &'static str>,
    /// Names by which a whole number says yes or no.
    pub flags: Vec<Pattern>,
    /// Words that are in labels of any meaning.
    pub small: Words,
    /// Words that only say that a column is a key.
    pub keys: Words,
    /// What rows are called in their own columns: the usual first.
    pub names: Vec<&'static str>,
    /// What a row never repeats of another.
    pub never_copied: Words,
    /// What a line repeats of its product under that name alone.
    pub of_product: Words,
    /// What a row repeats of its company so.
    pub of_company: Words,
    /// Other names of what columns call a person.
    pub people_otherwise: HashMap<&'static str, Vec<&'static str>>,
    /// Before the word for what is counted.
    pub counts_before: Vec<&'static str>,
    pub counts_behind: Words,
    /// Columns that count whatever refers to the row.
    pub counts_uses: Words,
    /// Rows of the same table that refer to it.
    pub own_children: Words,
    /// Before what a column is they carry nothing.
    pub before_field: Words,
    pub behind_field: Words,
    /// Of a moment they say only that it is one.
    pub moment: Words,
    /// Columns of an address: its town and code.
    pub town: Words,
    /// Its other parts.
    pub address_part: Words,
    pub whole_address: Words,
    /// That it is the whole of it.
    pub whole: Words,
    /// Tables and columns of files.
    pub file: Words,
    /// That a column holds a document.
    pub document: Words,
}

impl NameWords {
    /// Read at first use.
    pub fn get() -> &'static Self {
        static WORDS: LazyLock<NameWords> = LazyLock::new(NameWords::read);
        &WORDS
    }

    /// # Panics
    /// Where the table lacks a line, or has one more.
    fn read() -> Self {
        let mut lines: HashMap<&str, Vec<&str>> =
            fixture!("name_words.tsv", ["use", "words"]).map(|[name, words]| (name, list(words))).collect();
        let mut line = |name| {
            lines.remove(name).unwrap_or_else(|| panic!("fixtures/name_words.tsv has no line `{name}`"))
        };
        let (before, behind) = (line("before"), line("behind"));
        let (counts_before, names) = (line("counts before"), line("name"));
        let people_otherwise = otherwise(line("people otherwise"));
        let mut set = |name| Words::from_iter(line(name));
        let words = Self {
            before_domain: &set("before domain") | &Words::from_iter(before.iter().copied()),
            behind_domain: &set("behind domain") | &Words::from_iter(behind.iter().copied()),
            before_kind: &set("before kind") | &Words::from_iter(before),
            behind_kind: &set("behind kind") | &Words::from_iter(behind),
            qualifiers: set("qualifier"),
            between: set("between"),
            link_parts: set("link part"),
            linking: set("linking"),
            system_schemas: set("system schema"),
            address: set("address"),
            other_address: set("other address"),
            telling: set("telling"),
            other_people: set("other people"),
            small: set("small"),
            keys: set("key"),
            never_copied: set("never copied"),
            of_product: set("of a product"),
            of_company: set("of a company"),
            counts_behind: set("counts behind"),
            counts_uses: set("counts uses"),
            own_children: set("own children"),
            counts_before,
            names,
            before_field: set("before field"),
            behind_field: set("behind field"),
            moment: set("moment"),
            town: set("town"),
            address_part: set("address part"),
            whole_address: set("whole address"),
            whole: set("whole"),
            file: set("file"),
            document: set("document"),
            people_otherwise,
            done: line("done")
                .iter()
                .flat_map(|same| same.split(' ').map(|word| (word, first(same))))
                .collect(),
            flags: line("flag").into_iter().map(Pattern::read).collect(),
        };
        assert!(lines.is_empty(), "fixtures/name_words.tsv: nothing reads {:?}", lines.keys());
        words
    }
}

/// Each name with its others: the name and `=` stand before them, and `/` between.
fn otherwise(names: Vec<&'static str>) -> HashMap<&'static str, Vec<&'static str>> {
    let read = |names: &'static str| {
        let (name, others) = names.split_once('=').unwrap_or((names, ""));
        (name, others.split('/').collect())
    };
    names.into_iter().map(read).collect()
}

fn first(words: &'static str) -> &'static str {
    words.split(' ').next().unwrap_or(words)
}
