//! JSON documents in the shape that the configuration says, or that the app's SQL reads.

use serde_json::Value as Json;

use super::{Decided, Decision};
use crate::error::{Error, Result};
use crate::infer::json::{self, Document, Scalar, Shape};
use crate::infer::model::Generator;
use crate::infer::names::{self, FieldName, NameWords};
use crate::infer::overrides::ColumnOverride;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::{self, Semantics};
use crate::sqlexpr::value::Value;
use crate::suggestion::{quoted, suggestion};
use crate::value::Kind;

impl Decision<'_> {
    /// The document that the configuration says.
    ///
    /// # Errors
    /// It is no JSON, or a name in it means nothing; the error has its line.
    pub(super) fn shaped(&self, setting: &ColumnOverride, shape: &str) -> Result<Decided> {
        let name = format!("{}.{}", self.table().name, self.column.name);
        let error = |why: String| Error::usage(format!("{}: {name}: {why}", setting.location));
        if !matches!(self.column_type.scalar, ScalarType::Json | ScalarType::Text) || self.column_type.is_list
        {
            return Err(error(format!("a shape needs a JSON column, not {}", self.column_type.type_name)));
        }
        let template = json::template(shape).map_err(|why| error(format!("the shape is no JSON: {why}")))?;
        let document = self.filled(&template).map_err(error)?;
        let about = "a document in the shape of the config file".to_owned();
        Ok(Decided::Generated(Generator::Document(document), 0, about))
    }

    /// A document with names in it.
    fn filled(&self, template: &Json) -> std::result::Result<Document, String> {
        Ok(match template {
            Json::String(text) => match json::placeholder(text) {
                Some(name) => self.placed(name)?,
                None => Document::Literal(template.clone()),
            },
            Json::Array(items) => Document::List(
                items.iter().map(|item| self.filled(item)).collect::<std::result::Result<_, _>>()?,
            ),
            Json::Object(members) => {
                let filled = members.iter().map(|(name, member)| Ok((name.clone(), self.filled(member)?)));
                Document::Object(filled.collect::<std::result::Result<_, String>>()?)
            }
            _ => Document::Literal(template.clone()),
        })
    }

    /// What a name in a shape stands for.
    fn placed(&self, name: &str) -> std::result::Result<Document, String> {
        let field = FieldName::of(name);
        if let Some(position) = self.of_domain(&field) {
            return Ok(Document::Domain(position));
        }
        let mut columns = self.table().columns.iter().filter(|column| column.name != self.column.name);
        if columns.any(|column| column.name == name && !column.generated) {
            return Ok(Document::Column(name.to_owned()));
        }
        if let Some(meaning) = self.known(&field.words, None) {
            return Ok(Document::Means(meaning));
        }
        let mut known = semantics::names_of(ScalarType::Text);
        known.extend(self.frame.infos(self.member).iter().map(|info| info.name.to_owned()));
        known.extend(self.table().columns.iter().map(|column| column.name.clone()));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Err(format!(
            "unknown name {} in the shape; {}",
            quoted(&format!("${name}")),
            suggestion(name, &known)
        ))
    }

    /// The document that the app's SQL reads, where it shows enough of it.
    pub(super) fn read_by_the_app(&mut self) -> Option<Decided> {
        if self.column_type.scalar != ScalarType::Json
            || self.column_type.is_list
            || self.column.has_telling_default()
        {
            return None;
        }
        let read = json::shape_of(self.frame.schema, self.table(), self.column);
        let of_rows = json::shape_of_rows(self.column);
        let is_of_rows = !read.has_parts() && of_rows.has_parts() && !self.is_usual(&of_rows);
        let shape = if is_of_rows { of_rows } else { read };
        if !shape.has_parts() {
            let kind = if shape.is_array() { Some("array") } else { shape.is_object.then_some("object") };
            self.column_type.facts.json_type =
                self.column_type.facts.json_type.take().or(kind.map(str::to_owned));
            return None;
        }
        // What begins with something in it is kept.
        let default = self.column.default.as_deref().map(json::example).filter(Shape::has_parts);
        if default.is_some() {
            return None;
        }
        let path: Vec<String> = self.column_type.words.iter().map(|word| names::singular(word)).collect();
        let silent = &NameWords::get().document;
        let path: Vec<String> = path.into_iter().filter(|word| !silent.contains(word.as_str())).collect();
        let document = match (self.whole_document(), self.document(&shape, &path, 0)) {
            (Some(whole), Document::Object(members)) => Document::Over(Box::new(whole), members),
            (_, document) => document,
        };
        let about = match is_of_rows {
            true => "a document in the shape of those that are there",
            false => "a document in the shape that the app's SQL reads",
        };
        let about = about.to_owned();
        Some(Decided::Generated(Generator::Document(document), 0, about))
    }

    /// Whether documents are as they would be made anyway, as those of a former run are.
    fn is_usual(&self, shape: &Shape) -> bool {
        let mut usual = Shape::default();
        match self.frame.known(self.member, &self.column.name) {
            Some(position) if names::is_document(self.frame.infos(self.member)[position].name) => {
                return true;
            }
            Some(_) => usual.learn(&serde_json::json!([{"type": "", "value": "", "primary": true}]), false),
            None => {
                let kind = self.frame.chosen[self.member].kind;
                let meaning = semantics::meaning(kind, &self.column_type.words, ScalarType::Json);
                if let Value::Json(text) = meaning.sample(1)
                    && let Ok(sample) = serde_json::from_str(&text)
                {
                    usual.learn(&sample, false);
                }
            }
        }
        shape.is_within(&usual)
    }

    /// What the column holds, where its members must be there whatever is read of them.
    fn whole_document(&self) -> Option<Document> {
        if let Some(position) = self.frame.known(self.member, &self.column.name) {
            let info = self.frame.infos(self.member)[position];
            let is_one = info.holds.kind == Kind::Json && names::is_document(info.name);
            return is_one.then_some(Document::Whole(position));
        }
        let kind = self.frame.chosen[self.member].kind;
        let meaning = semantics::meaning(kind, &self.column_type.words, ScalarType::Json);
        meaning.is_whole_document().then_some(Document::Means(meaning))
    }

    /// What is made for a shape; `path`: the words of what leads to it.
    fn document(&self, shape: &Shape, path: &[String], depth: usize) -> Document {
        /// No document is read deeper.
        const DEEPEST: usize = 8;
        if depth > DEEPEST {
            return Document::Literal(Json::Null);
        }
        if shape.is_array() {
            let item = shape.item.as_deref().cloned().unwrap_or_default();
            return Document::List(vec![self.document(&item, path, depth + 1)]);
        }
        if !shape.members.is_empty() {
            let is_of_item = depth > 0;
            let members = shape.members.iter().map(|(name, member)| {
                let words = FieldName::of(name).words;
                let path: Vec<String> =
                    path.iter().cloned().chain(words.iter().map(|word| names::singular(word))).collect();
                let part = match member.has_parts() || member.is_array() {
                    true => self.document(member, &path, depth + 1),
                    false => self.leaf(member, &path, &words, is_of_item),
                };
                (name.clone(), part)
            });
            let is_read = shape.members.values().all(|member| member.examples.is_empty());
            return Document::Object(with_type(members.collect(), is_of_item && is_read));
        }
        if shape.is_object {
            return Document::Object(Vec::new());
        }
        self.leaf(shape, path, path, true)
    }

    /// A part that has none; `path`: all words that lead to it, `own`: those of its own name.
    fn leaf(&self, shape: &Shape, path: &[String], own: &[String], is_of_item: bool) -> Document {
        if let Some(value) = shape.values.first() {
            return Document::Literal(literal(value, shape.scalar));
        }
        let is_first =
            own.iter().any(|word| matches!(word.as_str(), "primary" | "main" | "default" | "preferred"));
        if is_of_item && is_first {
            return Document::Literal(true.into());
        }
        let whole = FieldName::of(&path.join("_"));
        let alone = FieldName::of(&own.join("_"));
        let of_domain = self.of_domain(&whole).or_else(|| self.of_domain(&alone).filter(|_| !is_of_item));
        if let Some(position) = of_domain {
            return Document::Domain(position);
        }
        let known = self.known(&whole.words, shape.scalar).or_else(|| self.known(&alone.words, shape.scalar));
        let example = || shape.examples.first().map_or(Json::Null, |value| literal(value, shape.scalar));
        known.map_or_else(|| Document::Literal(example()), Document::Means)
    }

    /// The domain's column of a name, in a table of the domain.
    fn of_domain(&self, name: &FieldName) -> Option<usize> {
        let (domain, _) = self.frame.chosen[self.member].domain?;
        let table = crate::domain::TABLES[domain].info().name;
        let infos = self.frame.infos(self.member);
        let infos = infos.iter().enumerate();
        let values = infos.filter(|(_, info)| {
            info.name != "id" && info.holds.refers_to.is_none() && !names::is_document(info.name)
        });
        let scores = values.filter_map(|(position, info)| {
            Some((names::column_match(table, info.name, name)?, std::cmp::Reverse(position)))
        });
        scores.max().map(|(_, position)| position.0)
    }

    /// What words mean, as a type if that is told.
    fn known(&self, words: &[String], scalar: Option<Scalar>) -> Option<Semantics> {
        let kind = self.frame.chosen[self.member].kind;
        let found = |scalar| {
            let meaning = semantics::meaning(kind, words, scalar);
            Some(meaning).filter(|meaning| !meaning.is_unknown() && !meaning.is_always_null())
        };
        match scalar {
            Some(Scalar::Number) => found(ScalarType::Decimal),
            Some(Scalar::Bool) => Some(semantics::meaning(kind, words, ScalarType::Bool)),
            Some(Scalar::Moment) => found(ScalarType::Timestamp),
            Some(Scalar::Text) => found(ScalarType::Text),
            None => {
                let text = found(ScalarType::Text);
                let number = found(ScalarType::Decimal).filter(|_| text.is_none_or(Semantics::is_number));
                let others = [ScalarType::Bool, ScalarType::Timestamp];
                number.or(text).or_else(|| others.into_iter().find_map(found))
            }
        }
    }
}

/// The members of an item of which only what it holds is read: people have several, and keep apart which is which.
fn with_type(mut members: Vec<(String, Document)>, is_of_item: bool) -> Vec<(String, Document)> {
    if let [(name, _)] = &members[..]
        && is_of_item
        && matches!(name.as_str(), "email" | "phone" | "number" | "address" | "value")
    {
        members.push(("type".to_owned(), Document::Literal("Work".into())));
    }
    members
}

/// What a text is compared with, as the type that it is read as.
fn literal(value: &str, scalar: Option<Scalar>) -> Json {
    let is_plain = |json: &Json| json.is_boolean() || json.is_number();
    let plain = || serde_json::from_str::<Json>(value).ok().filter(is_plain);
    match scalar {
        Some(Scalar::Number | Scalar::Bool) => plain().unwrap_or_else(|| value.into()),
        _ => value.into(),
    }
}
