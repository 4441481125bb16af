//! One scenario file, read and held to its form; what needs other files is checked with them.

use std::sync::Arc;

use super::as_of::AsOf;
use super::base::{self, CountsText, WeightsText};
use super::breaks::{self, BreakText};
use super::expectation::{self, Expectation};
use super::fields::{fields, items, text, words};
use super::json::{self, Member, Node};
use super::library;
use super::location::{At, Location, Problems};
use super::reference::{HANDLE, Handles, is_handle};
use super::rows::{self, RowText};
use crate::suggestion::quoted;

/// The fields of a file.
pub const FIELDS: [&str; 13] = [
    "$schema",
    "$comment",
    "name",
    "title",
    "description",
    "catches",
    "extends",
    "as_of",
    "counts",
    "weights",
    "rows",
    "expect",
    "breaks",
];
/// Those of them that must be there.
pub(super) const NEEDED: [&str; 3] = ["name", "title", "description"];

/// A scenario file as it was written.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where the document begins.
    pub location: Location,
    /// The name by which it is loaded.
    pub name: At<String>,
    /// A line for lists.
    pub title: String,
    /// What the data looks like.
    pub description: String,
    /// Which bug it catches.
    pub catches: Option<String>,
    /// The scenarios that it begins with: names, or paths relative to the file.
    pub extends: Vec<At<String>>,
    pub as_of: Option<At<AsOf>>,
    /// The counts that it gives.
    pub counts: CountsText,
    /// The weights that it gives.
    pub weights: WeightsText,
    pub(super) rows: Vec<RowText>,
    /// Tables of `rows` that the domain does not have.
    pub(super) tables: Vec<At<String>>,
    pub(super) handles: Handles,
    /// What must come out.
    pub expectations: Vec<Expectation>,
    /// Consistency rules that its rows break on purpose.
    pub breaks: Vec<BreakText>,
}

/// Reads a file and holds it to its form.
pub(super) fn read(
    file: &Arc<str>,
    bytes: &[u8],
    rules: &[&str],
    problems: &mut Problems,
) -> Option<Document> {
    let root = json::read(file, bytes, problems)?;
    let mut document = Document::empty(&root.location);
    for member in fields(&root, "the file", &FIELDS, &NEEDED, problems) {
        document.take(member, rules, problems);
    }
    Some(document)
}

impl Document {
    pub(super) fn empty(location: &Location) -> Self {
        Self {
            location: location.clone(),
            name: At { location: location.clone(), value: String::new() },
            title: String::new(),
            description: String::new(),
            catches: None,
            extends: Vec::new(),
            as_of: None,
            counts: CountsText::new(),
            weights: WeightsText::default(),
            rows: Vec::new(),
            tables: Vec::new(),
            handles: Handles::default(),
            expectations: Vec::new(),
            breaks: Vec::new(),
        }
    }

    fn take(&mut self, member: &Member, rules: &[&str], problems: &mut Problems) {
        let (key, node) = (member.key.as_str(), &member.value);
        let mut sentence = || words(node, key, problems).map(str::to_owned);
        match key {
            "title" => self.title = sentence().unwrap_or_default(),
            "description" => self.description = sentence().unwrap_or_default(),
            "catches" => self.catches = sentence(),
            "name" => self.take_name(node, problems),
            "extends" => self.extends = extends(node, problems),
            "as_of" => self.as_of = as_of(node, problems),
            "counts" => self.counts = base::read_counts(node, problems),
            "weights" => self.weights = base::read_weights(node, problems),
            "rows" => (self.rows, self.tables) = rows::read(node, &mut self.handles, problems),
            "expect" => self.expectations = expectation::read(node, problems),
            "breaks" => self.breaks = breaks::read(node, rules, problems),
            _ => {
                text(node, key, problems);
            }
        }
    }

    fn take_name(&mut self, node: &Node, problems: &mut Problems) {
        let Some(name) = words(node, "name", problems) else { return };
        self.name = At { location: node.location.clone(), value: name.to_owned() };
        let stem = library::stem(&node.location.file);
        if !is_handle(name) {
            problems.add(&node.location, format!("invalid name {}: use {HANDLE}", quoted(name)));
        } else if name != stem {
            let message = format!(
                "the name {} does not match the file: change it to {}, or rename the file to {name}.json",
                quoted(name),
                quoted(&stem)
            );
            problems.add(&node.location, message);
        }
    }
}

/// Scenarios that one may extend.
const MOST_EXTENDED: usize = 32;

fn extends(node: &Node, problems: &mut Problems) -> Vec<At<String>> {
    let one = std::slice::from_ref(node);
    let nodes = if node.as_text().is_some() { one } else { items(node, "extends", problems) };
    let mut names: Vec<At<String>> = Vec::new();
    for node in nodes {
        let Some(name) = words(node, "extends", problems) else { continue };
        if names.iter().any(|before| before.value == name) {
            problems.add(&node.location, format!("duplicate {}", quoted(name)));
        } else if names.len() == MOST_EXTENDED {
            problems.add(&node.location, format!("too many scenarios in `extends`: at most {MOST_EXTENDED}"));
            break;
        } else {
            names.push(At { location: node.location.clone(), value: name.to_owned() });
        }
    }
    names
}

fn as_of(node: &Node, problems: &mut Problems) -> Option<At<AsOf>> {
    let text = text(node, "as_of", problems)?;
    let day = if text == "today" { Ok(AsOf::Today) } else { text.parse().map(AsOf::Day) };
    match day {
        Ok(value) => Some(At { location: node.location.clone(), value }),
        Err(error) => {
            problems.add(&node.location, format!("as_of {}: {error}", quoted(text)));
            None
        }
    }
}
