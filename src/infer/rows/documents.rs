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
        let shape = &self.model.members[member].columns[at].column_type;
        // What lacks nothing is left as it is.
        if let Document::Over(whole, of) = document
            && let Some(Value::Json(text)) = self.whole_document(member, at, whole, row, slot)
            && let Ok(Json::Object(members)) = serde_json::from_str(&text)
            && of.iter().all(|(name, _)| members.contains_key(name))
        {
            return shape.fit(Value::Json(text));
        }
        let mut parts = PARTS;
        let made = self.part_of_document(member, at, document, row, &mut || {
            parts += 1;
            slot.child(parts)
        });
        shape.fit(Value::Json(made.to_string()))
    }

    fn whole_document(
        &self,
        member: usize,
        at: usize,
        whole: &Document,
        row: &Row,
        slot: Slot,
    ) -> Option<Value> {
        match whole {
            Document::Whole(position) => row.identity.known.as_ref()?.get(*position),
            Document::Means(meaning) => Some(self.meant_by(member, at, *meaning, row, slot)),
            _ => None,
        }
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
            Document::Column(name) => to_json(&lookup(&self.model.members[member].columns, row, name)),
            Document::Means(meaning) => to_json(&self.meant_by(member, at, *meaning, row, slots())),
            Document::Object(of) => Json::Object(self.members(member, at, of, row, slots)),
            Document::Whole(position) => known(*position).map_or(Json::Null, |value| to_json(&value)),
            Document::Over(whole, of) => {
                let Json::Object(mut whole) = self.part_of_document(member, at, whole, row, slots) else {
                    return Json::Object(self.members(member, at, of, row, slots));
                };
                for (name, value) in self.members(member, at, of, row, slots) {
                    whole.entry(name).or_insert(value);
                }
                Json::Object(whole)
            }
            Document::List(items) => Json::Array(
                items.iter().map(|item| self.part_of_document(member, at, item, row, slots)).collect(),
            ),
        }
    }

    fn members(
        &self,
        member: usize,
        at: usize,
        of: &[(String, Document)],
        row: &Row,
        slots: &mut dyn FnMut() -> Slot,
    ) -> serde_json::Map<String, Json> {
        let mut made = serde_json::Map::new();
        for (name, part) in of {
            made.insert(name.clone(), self.part_of_document(member, at, part, row, slots));
        }
        made
    }
}
