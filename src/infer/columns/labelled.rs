//! The app's words for the labels that would be written, as the configuration maps them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Decided, Decision};
use crate::domain::TABLES;
use crate::error::{Error, Result};
use crate::infer::lifecycle::LifecycleField;
use crate::infer::model::{Generator, LabelMap};
use crate::infer::overrides::ColumnOverride;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics;
use crate::sqlexpr::value::Value;
use crate::suggestion::suggestion;

/// Last words of columns that say how far a row is.
const PROGRESS: [&str; 4] = ["stage", "status", "state", "phase"];

impl Decision<'_> {
    /// What was decided, with the app's words for its labels.
    ///
    /// # Errors
    /// There are no labels to map, or not this one, or the column takes no such word; with its line.
    pub(super) fn labelled(&self, decided: Decided, setting: &ColumnOverride) -> Result<(Decided, LabelMap)> {
        let name = format!("{}.{}", self.table().name, self.column.name);
        let known = match &decided {
            Decided::Generated(generator, ..) => self.written_labels(generator),
            _ => Vec::new(),
        };
        if known.is_empty() {
            let why = format!("{}: {name} has no labels that crm-seed invents", setting.location);
            return Err(Error::usage(why).with_hint(
                "give it values with weights = { ... } or value = ...; crm-seed --dry-run shows what it gets",
            ));
        }
        let mut map = BTreeMap::new();
        for label in &setting.labels {
            if !known.contains(&label.from) {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                let why = format!("{}: {name}: crm-seed has no label {} there", label.location, label.from);
                let hint = format!("{} (its labels: {})", suggestion(&label.from, &names), names.join(", "));
                return Err(Error::usage(why).with_hint(hint));
            }
            let word =
                self.taken(&label.to).map_err(|why| Error::usage(format!("{}: {why}", label.location)))?;
            map.insert(label.from.clone(), word);
        }
        // A number cannot be told from a label that stays as it is.
        let left: Vec<&str> =
            known.iter().filter(|label| !map.contains_key(*label)).map(String::as_str).collect();
        if self.column_type.scalar != ScalarType::Text && !left.is_empty() && !self.may_be_left(&left) {
            let why = format!("{}: labels of {name} lacks {}", setting.location, left.join(", "));
            return Err(
                Error::usage(why).with_hint(format!("{name} has type {}", self.column_type.type_name))
            );
        }
        let Decided::Generated(generator, null_percent, about) = decided else {
            return Ok((decided, None));
        };
        let generator = match generator {
            Generator::Passthrough(position) => Generator::Converted(position),
            generator => generator,
        };
        let about = format!("{about}, in the words of the config file");
        Ok((Decided::Generated(generator, null_percent, about), Some(Arc::new(map))))
    }

    /// Closed, or won and lost: one of both is enough.
    fn may_be_left(&self, left: &[&str]) -> bool {
        left == ["closed"] || left == ["closed_won", "closed_lost"]
    }

    /// The labels of a free text that says how far its row is: nobody but the app knows which it has, and so they are
    /// invented. None of another column, or of one of which labels are told.
    pub(super) fn invented(&self, decided: &Decided) -> Option<Vec<String>> {
        let column_type = &self.column_type;
        let Decided::Generated(generator, ..) = decided else { return None };
        let is_free = column_type.scalar == ScalarType::Text
            && !column_type.is_list
            && column_type.labels.is_none()
            && column_type.facts.patterns.is_empty();
        let is_progress = column_type.words.last().is_some_and(|word| PROGRESS.contains(&word.as_str()));
        let is_place = || self.meant().last().is_some_and(|word| word == "code");
        let is_told = matches!(generator, Generator::Constant(_));
        if !is_free || !is_progress || is_told || is_place() {
            return None;
        }
        Some(self.written_labels(generator)).filter(|labels| labels.len() > 1)
    }

    /// The labels that the domain has in a column; and where won and lost may be states of their own, these.
    fn labels_of_domain(&self, position: usize) -> Vec<String> {
        let Some((domain, _)) = self.frame.chosen[self.member].domain else { return Vec::new() };
        let infos = self.frame.infos(self.member);
        let Some(info) = infos.get(position) else { return Vec::new() };
        let table = TABLES[domain].info().name;
        let mut labels = crate::domain::values(table, info.name);
        if table == "opportunities" && labels.iter().any(|label| label == "closed") {
            labels.extend(["closed_won".to_owned(), "closed_lost".to_owned()]);
        }
        labels
    }

    /// The labels that a column would be given, each once.
    fn written_labels(&self, generator: &Generator) -> Vec<String> {
        let texts = |values: &mut dyn Iterator<Item = &Value>| -> Vec<String> {
            values.filter_map(Value::as_text).map(str::to_owned).collect()
        };
        let mut labels = match generator {
            Generator::Passthrough(position) | Generator::Converted(position) => {
                self.labels_of_domain(*position)
            }
            Generator::Lifecycle(LifecycleField::Status(statuses)) => {
                texts(&mut statuses.iter().map(|(value, _)| value))
            }
            Generator::Semantics(meaning) => {
                let chosen = &self.frame.chosen[self.member];
                let thing = semantics::thing(&self.column.name, &chosen.name);
                meaning.all(chosen.kind, &thing).unwrap_or_default()
            }
            Generator::InTurn(values) => texts(&mut values.iter()),
            Generator::Constant(value) => texts(&mut std::iter::once(value)),
            _ => Vec::new(),
        };
        let mut seen = std::collections::HashSet::new();
        labels.retain(|label| seen.insert(label.clone()));
        labels
    }
}
