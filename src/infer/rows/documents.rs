//! JSON documents.

use serde_json::Value as Json;

use crate::domain::all_columns_of;
use crate::infer::column_type::{text, to_json};
use crate::infer::json::Document;
use crate::infer::rows::maker::Maker;
use crate::infer::rows::row::{Row, lookup};
use crate::random::Slot;
use crate::sqlexpr::value::Value;
use crate::value::Kind;

/// Of the random numbers of a column's row, the first that a part of its document takes.
const PARTS: u64 = 500;

impl Maker<'_> {
    /// The document that a column of a row has.
    pub(super) fn json_document(
        &self,
        member: usize,
        at: usize,
        document: &Document,
        row: &Row,
        slot: Slot,
    ) -> Value {
        let mut parts = PARTS;
        let made = self.part_of_document(member, at, document, row, &mut || {
            parts += 1;
            slot.child(parts)
        });
        self.model.members[member].steps[at].shape.fit(Value::Json(made.to_string()))
    }

    fn part_of_document(
        &self,
        member: usize,
        at: usize,
        part: &Document,
        row: &Row,
        slots: &mut dyn FnMut() -> Slot,
    ) -> Json {
        let known = |position: usize| row.identity.known.as_ref()?.get(position);
        let mut members = |of: &[(String, Document)]| -> serde_json::Map<String, Json> {
            let made = of
                .iter()
                .map(|(name, part)| (name.clone(), self.part_of_document(member, at, part, row, slots)));
            made.collect()
        };
        match part {
            Document::Literal(value) => value.clone(),
            Document::Domain(position) => {
                let value = known(*position).unwrap_or(Value::Null);
                let domain = self.model.members[member].domain;
                let is_json = domain.is_some_and(|domain| {
                    all_columns_of(domain).get(*position).is_some_and(|info| info.holds.kind == Kind::Json)
                });
                // Of mailboxes and telephone numbers the first.
                if is_json && !value.is_null() { text(&value).into() } else { to_json(&value) }
            }
            Document::Column(name) => to_json(&lookup(&self.model.members[member].steps, row, name)),
            Document::Means(meaning) => to_json(&self.meant_by(member, at, *meaning, row, slots())),
            Document::Object(of) => Json::Object(members(of)),
            Document::Over(position, of) => {
                let whole = known(*position).map(|value| to_json(&value));
                let mut whole = whole.and_then(|whole| whole.as_object().cloned()).unwrap_or_default();
                for (name, value) in members(of) {
                    whole.entry(name).or_insert(value);
                }
                Json::Object(whole)
            }
            Document::List(items) => Json::Array(
                items.iter().map(|item| self.part_of_document(member, at, item, row, slots)).collect(),
            ),
        }
    }
}
