//! What users may do: most are active, whatever state a new one has, and the first of each eight administers.

use super::{Decided, Decision};
use crate::infer::kinds::TableKind;
use crate::infer::labels::{How, nearest};
use crate::infer::model::Generator;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::value::Value;

/// Users of whom one administers.
const ROUND: usize = 8;
/// Words of flags of those who may sign in.
const ACTIVE: [&str; 8] =
    ["active", "enabled", "activated", "approved", "verified", "confirmed", "status", "invited"];
/// Words of flags, and of labels, of those who administer: the surest first.
const ADMINISTERS: [&str; 9] =
    ["admin", "administrator", "superadmin", "superuser", "sysadmin", "owner", "root", "manager", "staff"];

impl Decision<'_> {
    /// A column of users that says whether they may sign in, or what they may do.
    pub(super) fn of_user(&self) -> Option<Decided> {
        let is_user = self.frame.chosen[self.member].kind == TableKind::Users;
        // What Supabase keeps for itself says something else.
        let is_signed_in_by_other = self.table().columns.iter().any(|column| column.name == "instance_id");
        if !is_user || is_signed_in_by_other || self.column_type.is_list || self.is_in_key() {
            return None;
        }
        let found = match self.column_type.scalar {
            ScalarType::Bool => self.flag(),
            ScalarType::Integer if self.is_yes_or_no() => self.flag(),
            ScalarType::Text if self.is_about(&["status", "state"]) => self.status(),
            ScalarType::Text if self.is_about(&["role", "permission", "access"]) => self.role(),
            _ => None,
        };
        let (values, about) = found?;
        values.iter().all(|value| self.passes(value)).then(|| {
            let values = values.into_iter().map(|value| self.column_type.fit(value)).collect();
            Decided::Generated(Generator::InTurn(values), 0, about.to_owned())
        })
    }

    fn is_about(&self, last: &[&str]) -> bool {
        self.column_type.words.last().is_some_and(|word| last.contains(&word.as_str()))
    }

    fn has(&self, words: &[&str]) -> bool {
        self.column_type.words.iter().any(|word| words.contains(&word.as_str()))
    }

    /// A small number that is called like a flag, or can be no other.
    fn is_yes_or_no(&self) -> bool {
        let bits = [Value::from(0), Value::from(1)];
        let is_bit = match (&self.column_type.facts.labels, &self.column_type.facts.high) {
            (Some(labels), _) => labels.len() == 2 && labels.iter().all(|label| bits.contains(label)),
            (None, Some(high)) => high.value == bits[1] && high.inclusive,
            (None, None) => !self.is_about(&["status"]),
        };
        is_bit && self.column_type.words.len() <= 2 && (self.has(&ACTIVE) || self.has(&ADMINISTERS))
    }

    fn flag(&self) -> Option<(Vec<Value>, &'static str)> {
        let yes = |yes: bool| match self.column_type.scalar {
            ScalarType::Bool => Value::Bool(yes),
            _ => Value::from(i64::from(yes)),
        };
        // What is so for everybody from the beginning stays so.
        if self.column_type.default == Some(yes(true)) {
            return None;
        }
        let mut values = vec![yes(false); ROUND];
        if self.has(&ADMINISTERS) {
            values[0] = yes(true);
            return Some((values, "one of eight is an administrator"));
        }
        let is_negated = self.has(&["not", "no", "never", "until", "un"]);
        if self.has(&ACTIVE) && !is_negated {
            values[..ROUND - 1].fill(yes(true));
            return Some((values, "most are active"));
        }
        None
    }

    /// The labels that there are; those of a text that says none are guessed from its default.
    fn labels_of(&self, guessed: &[&str]) -> Vec<String> {
        if let Some(labels) = &self.column_type.labels {
            return labels.clone();
        }
        let Some(default) = self.column_type.default.as_ref().and_then(Value::as_text) else {
            return Vec::new();
        };
        let is_upper = default.chars().all(|c| !c.is_lowercase());
        let is_title = default.chars().next().is_some_and(char::is_uppercase);
        let like = |word: &str| match (is_upper, is_title) {
            (true, _) => word.to_uppercase(),
            (_, true) => word[..1].to_uppercase() + &word[1..],
            _ => word.to_owned(),
        };
        let mut labels: Vec<String> = guessed.iter().map(|word| like(word)).collect();
        if !labels.iter().any(|label| label == default) {
            labels.push(default.to_owned());
        }
        labels
    }

    fn status(&self) -> Option<(Vec<Value>, &'static str)> {
        let labels = self.labels_of(&["active"]);
        let found = nearest("active", &labels, None)?;
        let is_sure = matches!(found.how, How::Same | How::Spelling | How::Semantics);
        let mut others =
            labels.iter().enumerate().filter(|(at, _)| *at != found.index).map(|(_, label)| label);
        let active = Value::from(labels[found.index].as_str());
        let mut values = vec![active; ROUND];
        for value in values[ROUND - 2..].iter_mut().rev() {
            if let Some(other) = others.next() {
                *value = other.as_str().into();
            }
        }
        is_sure.then_some((values, "most are active"))
    }

    fn role(&self) -> Option<(Vec<Value>, &'static str)> {
        let labels = self.labels_of(&["admin"]);
        let says = |label: &String, word: &&str| {
            let letters: String = label.chars().filter(char::is_ascii_alphabetic).collect();
            letters.to_lowercase().contains(word)
        };
        let first = ADMINISTERS.iter().find_map(|word| labels.iter().position(|label| says(label, word)))?;
        let default = self.column_type.default.as_ref().and_then(Value::as_text);
        let others: Vec<&String> =
            labels.iter().enumerate().filter(|(at, _)| *at != first).map(|(_, label)| label).collect();
        let usual = others.iter().find(|label| Some(label.as_str()) == default).or_else(|| others.first())?;
        let mut values = vec![Value::from(usual.as_str()); ROUND];
        values[0] = labels[first].as_str().into();
        let rare = others.iter().filter(|label| *label != usual);
        for (at, label) in [ROUND / 2, ROUND - 2].into_iter().zip(rare) {
            values[at] = label.as_str().into();
        }
        Some((values, "one of eight is an administrator"))
    }
}
