//! What a column of the target takes, and how a value is fitted to it.

mod bounds;
mod convert;
mod counted;
mod natural;

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use rust_decimal::{Decimal, RoundingStrategy};

use crate::calendar::DAY;
use crate::catalog::{Column, Here};
use crate::infer::abbreviate::{abbreviate, cut, host_of, takes_host, with_host_within};
use crate::infer::digits::Digits;
use crate::infer::labels;
use crate::infer::names::FieldName;
use crate::infer::ranges::RangeType;
use crate::infer::scalar_type::ScalarType;
use crate::infer::unit::Unit;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{self, Bound, ColumnConstraints, Expression, LONGEST};
pub use bounds::{clock, step};
use bounds::{is_above, is_below};
use convert::{as_seconds, boolean, date, each_text, mailboxes, number, timestamp};
pub use convert::{cents, text, to_json};

/// Type and constraints of a column.
#[derive(Clone, Debug)]
pub struct ColumnType {
    pub name: String,
    /// The words of its name that say something, or of what the configuration says that it means.
    pub words: Vec<String>,
    /// In what its numbers are counted, where that is not as they are made.
    pub unit: Option<&'static Unit>,
    /// Its type as SQL writes it.
    pub type_name: String,
    /// Name of the type, or of that of an array's elements.
    pub base: String,
    /// Kind of that type.
    pub scalar: ScalarType,
    /// It is an array.
    pub is_list: bool,
    /// Maximum length in characters (bits for `bit` types).
    pub max_length: Option<usize>,
    /// Precision and scale of a `numeric` that has them.
    pub digits: Option<Digits>,
    /// The only texts: labels of an enum, or those that a CHECK lists.
    pub labels: Option<Vec<String>>,
    /// NULL is not allowed.
    pub not_null: bool,
    pub has_default: bool,
    /// The default, where it is a literal, or says the same for every row.
    pub default: Option<Value>,
    /// The default differs from row to row, or from run to run.
    pub is_default_changing: bool,
    /// What the CHECK constraints require of it; of an array also what its elements must be.
    pub facts: ColumnConstraints,
    /// What it is made of, where it is a range or an array of ranges.
    pub range: Option<RangeType>,
    /// How it writes the country of which the domain's companies are, where that is not as they do.
    pub country: Option<&'static str>,
    /// It takes the name of a host, not the address of a page.
    pub is_host: bool,
    /// The most characters of a host in it, where the columns that show the same one have to agree.
    pub host_room: Option<usize>,
    /// The labels, as values of others find the nearest.
    index: OnceLock<Arc<labels::Index>>,
}

/// The most items that a list is given, whatever is asked for.
const MOST_ITEMS: usize = 1_000;

/// Days over which days are spread where a range has one edge only.
const SPREAD: i64 = 60;

/// Types that are written as text.
const TEXTS: &[&str] = &["text", "varchar", "bpchar", "citext", "name", "char"];

/// What kind of type `base` is.
pub fn scalar_type(base: &str, category: char, is_enum: bool) -> ScalarType {
    match base {
        _ if is_enum => ScalarType::Text,
        "bool" => ScalarType::Bool,
        "int2" | "int4" | "int8" | "oid" => ScalarType::Integer,
        "numeric" | "float4" | "float8" | "money" => ScalarType::Decimal,
        "date" => ScalarType::Date,
        "timestamp" | "timestamptz" => ScalarType::Timestamp,
        "time" | "timetz" => ScalarType::Time,
        "interval" => ScalarType::Interval,
        "json" | "jsonb" => ScalarType::Json,
        "uuid" => ScalarType::Uuid,
        "bytea" => ScalarType::Bytes,
        "inet" | "cidr" => ScalarType::Address,
        _ if TEXTS.contains(&base) => ScalarType::Text,
        _ if category == 'R' => ScalarType::Range,
        _ => ScalarType::Other,
    }
}

/// What kind of type the bounds of a range are of.
fn kind_of(base: &str) -> ScalarType {
    scalar_type(base, ' ', false)
}

/// The value of a default that is a literal, or that the server has told.
fn known_default(column: &Column, now: i64) -> Option<Value> {
    match &column.default_here {
        Here::Text(text) => return Some(Value::Text(text.clone())),
        Here::Null => return None,
        Here::Unknown => {}
    }
    let text = column.default.as_deref().filter(|_| !column.has_changing_default())?;
    let expression = sqlexpr::read(text).ok()?;
    if !expression.columns().is_empty() {
        return None;
    }
    let value = expression.value(&|_| Value::Null, now);
    (!value.is_null()).then_some(value)
}

/// What the domain of a column asks for, of `VALUE`, as far as it can be read.
pub fn domain_checks(column: &Column) -> Vec<Expression> {
    readable(&column.domain_checks)
}

fn readable(checks: &Option<Vec<String>>) -> Vec<Expression> {
    checks.iter().flatten().filter_map(|text| sqlexpr::read(text).ok()).collect()
}

impl ColumnType {
    /// Of `column`, under these CHECK constraints of its table.
    pub fn new(column: &Column, checks: &[&Expression], now: i64) -> Self {
        let is_list = column.category == 'A';
        let base = column.element.as_deref().filter(|_| is_list).unwrap_or(&column.base).to_owned();
        let category = if is_list { ' ' } else { column.category };
        let mut scalar = scalar_type(&base, category, column.labels.is_some());
        if column.range_of.is_some() {
            scalar = ScalarType::Range;
        }
        let mut facts = sqlexpr::facts(checks, &column.name, now);
        let domain = domain_checks(column);
        let domain: Vec<&Expression> = domain.iter().collect();
        facts = facts.and(sqlexpr::facts(&domain, "VALUE", now));
        let elements = readable(&column.element_checks);
        let elements: Vec<&Expression> = elements.iter().collect();
        let of_table = if is_list { &[] } else { checks };
        let of_domain = if is_list { &elements } else { &domain };
        let range = column
            .range_of
            .as_deref()
            .and_then(|bounds| RangeType::of(column, kind_of(bounds), of_table, of_domain, now));
        // That an element is not NULL says nothing of the array.
        facts = facts.and(ColumnConstraints { not_null: false, ..sqlexpr::facts(&elements, "VALUE", now) });
        let listed = || {
            let texts = facts.labels.as_ref()?.iter().map(|v| v.as_text().map(str::to_owned));
            texts.collect::<Option<Vec<String>>>().filter(|_| scalar == ScalarType::Text)
        };
        let mut labels = match (&column.labels, listed()) {
            (Some(labels), Some(listed)) => {
                let listed: HashSet<String> = listed.into_iter().collect();
                Some(labels.iter().filter(|label| listed.contains(*label)).cloned().collect())
            }
            (Some(labels), None) => Some(labels.clone()),
            (None, listed) => listed,
        };
        if let Some(labels) = &mut labels {
            let excluded: HashSet<&str> = facts.excluded.iter().filter_map(Value::as_text).collect();
            labels.retain(|label| !excluded.contains(label.as_str()));
        }
        let digits = Digits::of(column.typmod).filter(|_| base == "numeric");
        let max_length = match base.as_str() {
            "varchar" | "bpchar" if column.typmod > 4 => Some(column.typmod as usize - 4),
            "bit" | "varbit" if column.typmod > 0 => Some(column.typmod as usize),
            "name" => Some(63),
            "char" => Some(1),
            _ => None,
        };
        let name = FieldName::of(&column.name);
        Self {
            name: column.name.clone(),
            is_host: takes_host(&name.words),
            words: name.words,
            unit: name.unit,
            country: None,
            type_name: column.type_name.clone(),
            scalar,
            is_list,
            max_length: max_length.into_iter().chain(facts.max_length).min(),
            digits,
            labels,
            not_null: column.not_null || facts.not_null,
            has_default: column.has_default,
            is_default_changing: column.has_changing_default(),
            // An empty text is what frameworks write for none.
            default: known_default(column, now).filter(|default| default.as_text() != Some("")),
            base,
            facts,
            range,
            host_room: None,
            index: OnceLock::new(),
        }
    }

    /// The highest whole number that it takes, where it takes whole numbers only.
    pub fn highest(&self) -> Option<u64> {
        match self.base.as_str() {
            "int2" => Some(i16::MAX as u64),
            "int4" => Some(i32::MAX as u64),
            "oid" => Some(u32::MAX.into()),
            "int8" => Some(i64::MAX as u64),
            // Of odd digits no whole number is one, or not each.
            "numeric" => self.digits.map(|digits| match digits.is_odd() {
                true => 0,
                false => 10_u64.saturating_pow(digits.whole().unsigned_abs()) - 1,
            }),
            _ => None,
        }
    }

    /// The `n`th of the numbers that it takes, which are whole ones where it takes those.
    pub fn nth_number(&self, n: u64) -> Value {
        match self.digits.filter(|digits| digits.is_odd()) {
            Some(digits) => Value::Number(digits.nth(n)),
            None => Value::Number(n.into()),
        }
    }

    /// `value` as the column takes it; what does not fit at all becomes NULL.
    pub fn fit(&self, value: Value) -> Value {
        match (self.is_list, value) {
            (_, Value::Null) => Value::Null,
            (true, Value::List(items)) if items.is_empty() && self.facts.min_items.unwrap_or(0) > 0 => {
                self.listed(self.any_item())
            }
            (true, Value::List(items)) => {
                Value::List(items.into_iter().map(|item| self.fit_one(item)).collect())
            }
            (true, Value::Json(document)) => {
                let items = mailboxes(&document).into_iter().map(|item| self.fit_one(item.into()));
                Value::List(items.collect())
            }
            (true, value) => self.listed(self.fit_one(value)),
            (false, Value::List(items)) if self.scalar == ScalarType::Json => {
                let items: Vec<serde_json::Value> = items.iter().map(to_json).collect();
                Value::Json(serde_json::Value::Array(items).to_string())
            }
            (false, Value::List(items)) => {
                items.into_iter().next().map_or(Value::Null, |item| self.fit_one(item))
            }
            (false, value) => self.fit_one(value),
        }
    }

    /// A list of so many as there must be at least, of one value where that is allowed.
    pub fn listed(&self, value: Value) -> Value {
        let value = match &self.facts.item_labels {
            Some(labels) if !labels.contains(&value) => self.any_item(),
            _ => value,
        };
        let most = self.facts.max_items.unwrap_or(MOST_ITEMS).clamp(1, MOST_ITEMS);
        let count = self.facts.min_items.unwrap_or(1).clamp(1, most);
        Value::List(vec![value; count])
    }

    /// Any value that an array of this type may contain.
    fn any_item(&self) -> Value {
        let listed = self.facts.item_labels.as_ref().and_then(|labels| labels.first().cloned());
        listed.unwrap_or_else(|| match self.scalar {
            ScalarType::Integer | ScalarType::Decimal => self.fit_number(Decimal::ONE),
            ScalarType::Bool => Value::Bool(false),
            ScalarType::Date => Value::Date(0),
            ScalarType::Timestamp => Value::Timestamp(0),
            _ => self.fit_one(Value::Text("standard".into())),
        })
    }

    /// A document of the kind, and with the members, that CHECK constraints ask for.
    fn fit_json(&self, document: String) -> Value {
        if self.facts.json_type.is_none() && self.facts.json_keys.is_empty() && self.facts.min_items.is_none()
        {
            return Value::Json(document);
        }
        let parsed: serde_json::Value = serde_json::from_str(&document).unwrap_or_default();
        let kind = match &parsed {
            serde_json::Value::Null => "null",
            serde_json::Value::Bool(_) => "boolean",
            serde_json::Value::Number(_) => "number",
            serde_json::Value::String(_) => "string",
            serde_json::Value::Array(_) => "array",
            serde_json::Value::Object(_) => "object",
        };
        let mut parsed = match self.facts.json_type.as_deref() {
            Some(wanted) if wanted != kind => match wanted {
                "array" => serde_json::Value::Array(vec![parsed]),
                "object" => serde_json::json!({}),
                "string" => document.clone().into(),
                "number" => 0.into(),
                "boolean" => false.into(),
                _ => serde_json::Value::Null,
            },
            _ if self.facts.json_keys.is_empty() && self.facts.min_items.is_none() => {
                return Value::Json(document);
            }
            _ => parsed,
        };
        if let Some(object) = parsed.as_object_mut() {
            for key in &self.facts.json_keys {
                object.entry(key.clone()).or_insert_with(|| "standard".into());
            }
        }
        if let Some(items) = parsed.as_array_mut() {
            while items.len() < self.facts.min_items.unwrap_or(0).min(MOST_ITEMS) {
                items.push("standard".into());
            }
        }
        Value::Json(parsed.to_string())
    }

    fn fit_one(&self, value: Value) -> Value {
        if value.is_null() {
            return value;
        }
        if let Some(labels) = &self.labels {
            let default = self.default.as_ref().and_then(Value::as_text);
            let index = self.index.get_or_init(|| Arc::new(labels::Index::of(labels)));
            let found = match &value {
                Value::Text(text) => index.nearest(text, default),
                other => index.nearest(&text(other), default),
            };
            return found.map_or(Value::Null, |found| Value::Text(labels[found.index].clone()));
        }
        match self.scalar {
            ScalarType::Text => self.fit_text(self.addressed(match value {
                Value::Text(text) => text,
                other => text(&other),
            })),
            ScalarType::Integer | ScalarType::Decimal => {
                number(&value).map_or(Value::Null, |number| self.fit_number(number))
            }
            ScalarType::Bool => boolean(&value),
            ScalarType::Date => self.bounded(date(&value)),
            ScalarType::Timestamp => self.bounded(timestamp(&value)),
            ScalarType::Json => match value {
                Value::Json(document) => self.fit_json(self.addressed_within(document)),
                other => self.fit_json(to_json(&other).to_string()),
            },
            _ => match value {
                Value::Text(_) | Value::Range(_) => value,
                _ => Value::Null,
            },
        }
    }

    /// Whether a text is what all patterns ask for.
    pub fn meets_patterns(&self, value: &Value) -> bool {
        match value {
            Value::Text(text) => self.facts.patterns.iter().all(|pattern| pattern.matches(text)),
            Value::List(items) => items.iter().all(|item| self.meets_patterns(item)),
            _ => true,
        }
    }

    /// `text` with the host that all columns show, alone where no more is taken.
    fn addressed(&self, text: String) -> String {
        let text = match self.host_room {
            Some(room) => with_host_within(&text, room),
            None => text,
        };
        if self.is_host { host_of(&text).to_owned() } else { text }
    }

    /// The same in each text of a document.
    fn addressed_within(&self, document: String) -> String {
        if self.host_room.is_none() {
            return document;
        }
        let mut parsed: serde_json::Value = serde_json::from_str(&document).unwrap_or_default();
        each_text(&mut parsed, &|text| self.addressed(text));
        parsed.to_string()
    }

    /// `text` shortened as what it is, in the letter case that constraints require. What nothing so short can be is
    /// left out where it may be.
    pub fn fit_text(&self, mut text: String) -> Value {
        if self.facts.is_lower {
            text = text.to_lowercase();
        }
        if self.facts.is_upper {
            text = text.to_uppercase();
        }
        // No text has more characters than bytes.
        if let Some(most) = self.max_length
            && text.len() > most
            && text.chars().count() > most
        {
            text = match abbreviate(&text, most, &self.words) {
                Some(short) => short,
                None if !self.not_null => return Value::Null,
                None => cut(&text, most),
            };
        }
        let most = self.max_length.unwrap_or(LONGEST).min(LONGEST);
        let least = self.facts.min_length.unwrap_or(0).min(most);
        while least > 0 && text.chars().count() < least {
            let more = if text.is_empty() { "x".to_owned() } else { format!("{text} {text}") };
            text = more.chars().take(least.max(1)).collect::<String>().trim_end().to_owned();
            if text.chars().count() < least && text.len() + 1 >= least {
                text.push('.');
            }
        }
        Value::Text(text)
    }

    fn fit_number(&self, number: Decimal) -> Value {
        if let Some(digits) = self.digits {
            return self.bounded(Value::Number(digits.fitted(number)));
        }
        let scale = if self.scalar == ScalarType::Integer { 0 } else { 4 };
        let mut number = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
        if let Some(highest) = self.highest() {
            let highest = Decimal::from(highest);
            number = number.clamp(-highest, highest);
        }
        self.bounded(Value::Number(number))
    }

    /// The nearest value in the range that the CHECK constraints leave.
    pub fn bounded(&self, value: Value) -> Value {
        let value = self.spread(value);
        let value = match &self.facts.low {
            Some(low) if is_below(&value, low) => step(&low.value, !low.inclusive, 1, self.unit()),
            _ => value,
        };
        match &self.facts.high {
            Some(high) if is_above(&value, high) => step(&high.value, !high.inclusive, -1, self.unit()),
            _ => value,
        }
    }

    /// Days outside of a range, somewhere within it rather than all at its edge.
    fn spread(&self, value: Value) -> Value {
        let (low, high) = (self.facts.low.as_ref(), self.facts.high.as_ref());
        let is_outside =
            low.is_some_and(|low| is_below(&value, low)) || high.is_some_and(|high| is_above(&value, high));
        let Some(second) = as_seconds(&value).filter(|_| is_outside) else { return value };
        let edge = |bound: Option<&Bound>| bound.and_then(|bound| as_seconds(&bound.value));
        let (first, span) = match (edge(low), edge(high)) {
            (Some(low), Some(high)) if high - low > 2 * DAY => (low + DAY, high - low - 2 * DAY),
            (Some(low), None) => (low + DAY, SPREAD * DAY),
            (None, Some(high)) => (high - (SPREAD + 1) * DAY, SPREAD * DAY),
            _ => return value,
        };
        let moved = first + second.rem_euclid(span + 1);
        match value {
            Value::Date(_) => Value::Date(moved.div_euclid(DAY) as i32),
            Value::Timestamp(_) => Value::Timestamp(moved),
            other => other,
        }
    }

    /// Whether its numbers are shares of one rather than percent: it has no room for those.
    pub fn is_share(&self) -> bool {
        let is_one = |bound: &Bound| bound.value == Value::from(1);
        self.scalar == ScalarType::Decimal
            && (self.digits.is_some_and(|digits| digits.whole() <= 1)
                || self.facts.high.as_ref().is_some_and(is_one))
    }

    /// The least step of a number of the column.
    pub fn unit(&self) -> Decimal {
        match self.scalar {
            ScalarType::Integer => Decimal::ONE,
            _ => self.digits.and_then(Digits::unit).unwrap_or(Decimal::new(1, 2)),
        }
    }
}
