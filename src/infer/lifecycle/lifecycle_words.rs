//! What the columns and the statuses of documents, lines and appointments are called: `fixtures/lifecycle_words.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::part::Money;
use crate::fixture::{fixture, list};
use crate::infer::kinds::TableKind;
use crate::infer::names::pattern::Pattern;

type Patterns = Vec<Pattern>;

/// The lines of the table.
pub(super) struct LifecycleWords {
    pub(super) document: Document,
    pub(super) line: Line,
    pub(super) appointment: Appointment,
    pub(super) status: Patterns,
    pub(super) not_status: Patterns,
    /// The columns that are a status of a part alone, and what they say where any text will do.
    pub(super) of_part: Vec<(Patterns, Vec<&'static str>)>,
    /// Words of an amount that say nothing.
    pub(super) silent_amount: Vec<&'static str>,
}

pub(super) struct Document {
    /// In the order in which they are taken.
    steps: Vec<Patterns>,
    pub(super) cancelled: Patterns,
    pub(super) late: Patterns,
    pub(super) latest: Patterns,
    no_step: Patterns,
    no_step_of: HashMap<&'static str, Patterns>,
    pub(super) due: Patterns,
    pub(super) expected: Patterns,
    pub(super) not_expected: Patterns,
    pub(super) expiry: Patterns,
    no_flag: Patterns,
    first: HashMap<&'static str, Patterns>,
    usual: HashMap<&'static str, Vec<&'static str>>,
    pub(super) tax_rate: Patterns,
    pub(super) amounts: Vec<(Money, Patterns)>,
    silent_moment: Vec<&'static str>,
    silent_flag: Vec<&'static str>,
}

pub(super) struct Line {
    pub(super) quantity: Patterns,
    pub(super) percent: Patterns,
    pub(super) tax_rate: Patterns,
    pub(super) amounts: Vec<(Money, Patterns)>,
}

pub(super) struct Appointment {
    pub(super) cancelled: Patterns,
    pub(super) done: Patterns,
    pub(super) planned: Patterns,
    pub(super) is_done: Patterns,
    pub(super) minutes: Patterns,
    pub(super) no_part: Patterns,
    pub(super) reminder: Patterns,
    pub(super) follow_up: Patterns,
    pub(super) ends: Patterns,
    pub(super) occurred: Patterns,
    pub(super) begins: Patterns,
}

/// The lines that are not read yet.
struct Lines(HashMap<(&'static str, &'static str), &'static str>);

impl Lines {
    fn field(&mut self, of: &'static str, what: &'static str) -> &'static str {
        let found = self.0.remove(&(of, what));
        found.unwrap_or_else(|| panic!("fixtures/lifecycle_words.tsv has no line `{of}`, `{what}`"))
    }

    fn patterns(&mut self, of: &'static str, what: &'static str) -> Patterns {
        Pattern::list(self.field(of, what))
    }

    fn amounts(&mut self, of: &'static str, named: &[(Money, &'static str)]) -> Vec<(Money, Patterns)> {
        named.iter().map(|(money, what)| (*money, self.patterns(of, what))).collect()
    }

    /// Lines of documents whose second field is `what`, and the kind of table that they are for.
    fn by_kind<T>(&mut self, what: &str, read: fn(&'static str) -> T) -> HashMap<&'static str, T> {
        let kind = |key: &(&str, &'static str)| key.1.strip_prefix(what)?.strip_prefix(' ');
        let found = self.0.extract_if(|key, _| key.0 == "document" && kind(key).is_some());
        let known = |key: &(&str, &'static str)| {
            let name = kind(key).unwrap_or_default();
            assert!(TableKind::of_name(name).is_some(), "fixtures/lifecycle_words.tsv: no kind {name}");
            name
        };
        found.map(|(key, field)| (known(&key), read(field))).collect()
    }
}

impl LifecycleWords {
    /// Read at first use.
    pub(super) fn get() -> &'static Self {
        static WORDS: LazyLock<LifecycleWords> = LazyLock::new(LifecycleWords::read);
        &WORDS
    }

    /// # Panics
    /// Where the table lacks a line, or has one more.
    fn read() -> Self {
        let lines = fixture!("lifecycle_words.tsv", ["of", "what", "words"]);
        let mut lines = Lines(lines.map(|[of, what, words]| ((of, what), words)).collect());
        let words = Self {
            document: Document::read(&mut lines),
            line: Line::read(&mut lines),
            appointment: Appointment::read(&mut lines),
            status: lines.patterns("status", "is"),
            not_status: lines.patterns("status", "is not"),
            of_part: vec![
                (lines.patterns("status", "payment"), list(lines.field("status", "usual payment"))),
                (lines.patterns("status", "shipping"), list(lines.field("status", "usual shipping"))),
            ],
            silent_amount: list(lines.field("silent", "amount")),
        };
        assert!(lines.0.is_empty(), "fixtures/lifecycle_words.tsv: nothing reads {:?}", lines.0.keys());
        words
    }
}

impl Document {
    fn read(lines: &mut Lines) -> Self {
        let of = "document";
        let steps = [
            "step 0", "step 1", "step 2", "step 3", "step 4", "step 5", "step 6", "step 7", "step 8",
            "step 9",
        ];
        let amounts = [
            (Money::Subtotal, "subtotal"),
            (Money::Tax, "tax"),
            (Money::Shipping, "shipping"),
            (Money::Discount, "discount"),
            (Money::Total, "total"),
            (Money::Paid, "paid"),
            (Money::Balance, "balance"),
        ];
        Self {
            steps: steps.into_iter().map(|step| lines.patterns(of, step)).collect(),
            cancelled: lines.patterns(of, "cancelled"),
            late: lines.patterns(of, "late"),
            latest: lines.patterns(of, "latest"),
            no_step: lines.patterns(of, "no step"),
            no_step_of: lines.by_kind("no step", Pattern::list),
            due: lines.patterns(of, "due"),
            expected: lines.patterns(of, "expected"),
            not_expected: lines.patterns(of, "not expected"),
            expiry: lines.patterns(of, "expiry"),
            no_flag: lines.patterns(of, "no flag"),
            first: lines.by_kind("first", Pattern::list),
            usual: lines.by_kind("usual", list),
            tax_rate: lines.patterns(of, "tax rate"),
            amounts: lines.amounts(of, &amounts),
            silent_moment: list(lines.field("silent", "moment")),
            silent_flag: list(lines.field("silent", "flag")),
        }
    }

    /// The last step that words of a name or a status name.
    pub(super) fn step(&self, name: &str) -> Option<u8> {
        self.steps.iter().rposition(|step| Pattern::any(step, name)).map(|step| step as u8)
    }

    /// Whether the name of a column that says when names no step.
    pub(super) fn is_no_step(&self, name: &str) -> bool {
        Pattern::any(&self.no_step, name) || Pattern::any(&self.cancelled, name)
    }

    /// Whether it names none of a table of this kind.
    pub(super) fn is_no_step_of(&self, kind: TableKind, name: &str) -> bool {
        self.no_step_of.get(kind.name()).is_some_and(|patterns| Pattern::any(patterns, name))
    }

    /// Whether it names the first step of a table of this kind.
    pub(super) fn is_first_of(&self, kind: TableKind, name: &str) -> bool {
        self.first.get(kind.name()).is_some_and(|patterns| Pattern::any(patterns, name))
    }

    /// What a status of a table of this kind says where any text will do.
    pub(super) fn usual(&self, kind: TableKind) -> &[&'static str] {
        self.usual.get(kind.name()).map_or(&[], Vec::as_slice)
    }

    /// The words of a name without those that only say that it is a moment.
    pub(super) fn of_moment<'a>(&self, words: &[&'a str]) -> Vec<&'a str> {
        words.iter().copied().filter(|word| !self.silent_moment.contains(word)).collect()
    }

    /// The step that a flag tells of.
    pub(super) fn flag(&self, words: &[&str]) -> Option<u8> {
        let mut words = words.iter().filter(|word| !self.silent_flag.contains(word));
        let word = words.next().filter(|word| !Pattern::any(&self.no_flag, word))?;
        if words.next().is_none() { self.step(word) } else { None }
    }
}

impl Line {
    fn read(lines: &mut Lines) -> Self {
        let of = "line";
        let amounts = [
            (Money::UnitPrice, "price"),
            (Money::Discount, "discount"),
            (Money::Subtotal, "subtotal"),
            (Money::Tax, "tax"),
            (Money::Total, "total"),
        ];
        Self {
            quantity: lines.patterns(of, "quantity"),
            percent: lines.patterns(of, "percent"),
            tax_rate: lines.patterns(of, "tax rate"),
            amounts: lines.amounts(of, &amounts),
        }
    }
}

impl Appointment {
    fn read(lines: &mut Lines) -> Self {
        let of = "appointment";
        Self {
            cancelled: lines.patterns(of, "cancelled"),
            done: lines.patterns(of, "done"),
            planned: lines.patterns(of, "planned"),
            is_done: lines.patterns(of, "is done"),
            minutes: lines.patterns(of, "minutes"),
            no_part: lines.patterns(of, "no part"),
            reminder: lines.patterns(of, "reminder"),
            follow_up: lines.patterns(of, "follow up"),
            ends: lines.patterns(of, "ends"),
            occurred: lines.patterns(of, "occurred"),
            begins: lines.patterns(of, "begins"),
        }
    }
}
