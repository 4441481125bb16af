//! What an app's SQL shows of a JSON document: its kind, its members, and what they are compared with.

use std::collections::{BTreeMap, BTreeSet};

/// Part of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// It is read as a list.
    pub is_list: bool,
    /// It is read as an object.
    pub is_object: bool,
    /// Its members, by name.
    pub members: BTreeMap<String, Shape>,
    /// Its items, where they are read.
    pub item: Option<Box<Shape>>,
    /// Of what type it is read.
    pub scalar: Option<Scalar>,
    /// What it is compared with, in the order of the alphabet.
    pub values: BTreeSet<String>,
    /// What examples have there.
    pub examples: BTreeSet<String>,
}

/// A type that has no parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    Text,
    Number,
    Bool,
    /// A day or a moment.
    Moment,
}

/// A step into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its member of this name.
    Member(String),
    Item,
}

impl Shape {
    /// Whether nothing is known of it.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is known what it is made of.
    pub fn has_parts(&self) -> bool {
        !self.members.is_empty() || self.item.as_ref().is_some_and(|item| !item.is_unknown())
    }

    /// Whether another has all of its parts.
    pub fn is_within(&self, other: &Self) -> bool {
        let item = |shape: &Self| shape.item.as_deref().cloned().unwrap_or_default();
        self.is_list == other.is_list
            && self
                .members
                .iter()
                .all(|(name, own)| other.members.get(name).is_some_and(|theirs| own.is_within(theirs)))
            && (self.item.is_none() || item(self).is_within(&item(other)))
    }

    /// Whether it is a list: where it is read in both ways, what its parts are decides.
    pub fn is_array(&self) -> bool {
        self.item.is_some() || (self.is_list && self.members.is_empty())
    }

    /// The part to which steps lead, which is there from now on.
    pub fn at(&mut self, path: &[Step]) -> &mut Self {
        path.iter().fold(self, |shape, step| match step {
            Step::Member(name) => {
                shape.is_object = true;
                shape.members.entry(name.clone()).or_default()
            }
            Step::Item => {
                shape.is_list = true;
                shape.item.get_or_insert_with(Box::default)
            }
        })
    }

    /// What an example shows; `is_telling`: its values are those that are looked for.
    pub fn learn(&mut self, example: &serde_json::Value, is_telling: bool) {
        use serde_json::Value;
        let mut scalar = |scalar| {
            self.scalar.get_or_insert(scalar);
        };
        match example {
            Value::Null => {}
            Value::Bool(_) => scalar(Scalar::Bool),
            Value::Number(_) => scalar(Scalar::Number),
            Value::String(_) => scalar(Scalar::Text),
            Value::Array(items) => {
                self.is_list = true;
                for item in items {
                    self.item.get_or_insert_with(Box::default).learn(item, is_telling);
                }
            }
            Value::Object(members) => {
                self.is_object = true;
                for (name, value) in members {
                    self.members.entry(name.clone()).or_default().learn(value, is_telling);
                }
            }
        }
        if matches!(example, Value::Bool(_) | Value::Number(_) | Value::String(_)) {
            let known = if is_telling { &mut self.values } else { &mut self.examples };
            known.insert(example.as_str().map_or_else(|| example.to_string(), str::to_owned));
        }
    }
}
