//! Strict JSON in which every value knows its location.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::location::{Location, Problems};
use crate::suggestion::quoted;

/// A value and its location.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub location: Location,
    pub json: Json,
}

/// A JSON value. A number is its literal: no digit is lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    /// true or false
    Bool(bool),
    /// a number, as it was written
    Number(String),
    /// a string, without its escapes
    Text(String),
    Array(Vec<Node>),
    /// an object; no key is there twice
    Object(Vec<Member>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Where the key begins.
    pub location: Location,
    pub key: String,
    pub value: Node,
}

impl Node {
    /// What it is, for a message.
    pub fn described(&self) -> String {
        match &self.json {
            Json::Null => "null".to_owned(),
            Json::Bool(value) => value.to_string(),
            Json::Number(literal) => format!("the number {}", quoted(literal)),
            Json::Text(text) => format!("the string {}", quoted(text)),
            Json::Array(_) => "an array".to_owned(),
            Json::Object(_) => "an object".to_owned(),
        }
    }

    /// Its text, where it is a string.
    pub fn as_text(&self) -> Option<&str> {
        if let Json::Text(text) = &self.json { Some(text) } else { None }
    }

    /// The same with `number` for `{n}` in every string.
    pub fn numbered(&self, number: u64) -> Self {
        let json = match &self.json {
            Json::Text(text) => Json::Text(text.replace("{n}", &number.to_string())),
            Json::Array(nodes) => Json::Array(nodes.iter().map(|node| node.numbered(number)).collect()),
            Json::Object(members) => Json::Object(
                members.iter().map(|m| Member { value: m.value.numbered(number), ..m.clone() }).collect(),
            ),
            other => other.clone(),
        };
        Self { location: self.location.clone(), json }
    }

    /// About how many bytes it takes.
    pub fn size(&self) -> u64 {
        match &self.json {
            Json::Null | Json::Bool(_) => 8,
            Json::Number(text) | Json::Text(text) => text.len() as u64 + 8,
            Json::Array(nodes) => nodes.iter().map(Self::size).sum::<u64>() + 8,
            Json::Object(members) => {
                members.iter().map(|m| m.key.len() as u64 + m.value.size()).sum::<u64>() + 8
            }
        }
    }

    /// Appends it as JSON, with its numbers as they were written.
    pub fn write(&self, out: &mut String) {
        match &self.json {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(literal) => out.push_str(literal),
            Json::Text(text) => write_text(out, text),
            Json::Array(nodes) => {
                write_all(out, ['[', ']'], nodes, |out, node| node.write(out));
            }
            Json::Object(members) => write_all(out, ['{', '}'], members, |out, member| {
                write_text(out, &member.key);
                out.push(':');
                member.value.write(out);
            }),
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn write_all<T>(out: &mut String, [open, close]: [char; 2], items: &[T], write: impl Fn(&mut String, &T)) {
    out.push(open);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(close);
}

/// Finds locations for offsets that do not fall, in one pass over the text.
struct Locator<'t> {
    file: Arc<str>,
    text: &'t str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'t> Locator<'t> {
    const fn new(file: Arc<str>, text: &'t str) -> Self {
        Self { file, text, offset: 0, line: 1, column: 1 }
    }

    fn at(&mut self, offset: usize) -> Location {
        for c in self.text.get(self.offset..offset).unwrap_or_default().chars() {
            (self.line, self.column) =
                if c == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        }
        self.offset = self.offset.max(offset);
        Location { file: Arc::clone(&self.file), line: self.line, column: self.column }
    }
}

/// The value that is in `bytes`; duplicate keys are told and left out.
pub fn read(file: &Arc<str>, bytes: &[u8], problems: &mut Problems) -> Option<Node> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let location = |text: &str, offset| Locator::new(Arc::clone(file), text).at(offset);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            problems
                .add(&location(&valid, valid.len()), "not valid UTF-8: scenario files must be UTF-8 encoded");
            return None;
        }
    };
    match syntax(text) {
        Ok(value) => Some(Reader { locations: Locator::new(Arc::clone(file), text), problems }.node(value)),
        Err((offset, message)) => {
            problems.add(&location(text, offset), message);
            None
        }
    }
}

/// Objects and arrays in one another that a file may have.
const DEEPEST: usize = 32;

fn syntax(text: &str) -> Result<Value<'_>, (usize, String)> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let result = parse_to_ast(text, &CollectOptions::default(), &strict).map_err(|error| {
        let offset = error.range().start.min(text.len());
        match error.kind() {
            ParseErrorKind::NestingDepthExceeded => (offset, too_deep()),
            kind => {
                let found = text.get(offset..).unwrap_or_default().lines().next().unwrap_or_default();
                (offset, format!("not JSON: {} at {}", lower_first(&kind.to_string()), quoted_or_end(found)))
            }
        }
    })?;
    let value = result.value.ok_or((0, "not JSON: the file is empty".to_owned()))?;
    lexical(text)?;
    Ok(value)
}

fn too_deep() -> String {
    format!("objects and arrays are nested too deeply: at most {DEEPEST} levels")
}

fn quoted_or_end(text: &str) -> String {
    if text.is_empty() { "the end".to_owned() } else { quoted(text) }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// What the parser lets pass although JSON does not, in a text that it has read.
fn lexical(text: &str) -> Result<(), (usize, String)> {
    let (mut in_string, mut escaped, mut depth) = (false, false, 0_usize);
    for (offset, c) in text.char_indices() {
        if in_string {
            if c < ' ' {
                let message =
                    format!("not JSON: write this control character in a string as \\u{:04x}", c as u32);
                return Err((offset, message));
            }
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => in_string = true,
            '{' | '[' if depth == DEEPEST => return Err((offset, too_deep())),
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ' ' | '\t' | '\n' | '\r' => {}
            c if c.is_whitespace() => {
                return Err((
                    offset,
                    format!("not JSON: {} is not JSON white space", quoted(c.encode_utf8(&mut [0; 4]))),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

struct Reader<'t, 'p> {
    locations: Locator<'t>,
    problems: &'p mut Problems,
}

impl Reader<'_, '_> {
    fn node(&mut self, value: Value<'_>) -> Node {
        let location = self.locations.at(value.range().start);
        let json = match value {
            Value::NullKeyword(_) => Json::Null,
            Value::BooleanLit(literal) => Json::Bool(literal.value),
            Value::NumberLit(literal) => Json::Number(literal.value.to_owned()),
            Value::StringLit(literal) => Json::Text(literal.value.into_owned()),
            Value::Array(array) => Json::Array(array.elements.into_iter().map(|e| self.node(e)).collect()),
            Value::Object(object) => Json::Object(self.members(object.properties)),
        };
        Node { location, json }
    }

    fn members(&mut self, properties: Vec<ObjectProp<'_>>) -> Vec<Member> {
        let mut first: HashMap<String, Location> = HashMap::new();
        let mut members = Vec::new();
        for property in properties {
            let location = self.locations.at(property.range.start);
            let key = property.name.into_string();
            let value = self.node(property.value);
            match first.entry(key.clone()) {
                Entry::Occupied(first) => {
                    let (line, column) = (first.get().line, first.get().column);
                    let message = format!("duplicate {}; the first is at {line}:{column}", quoted(&key));
                    self.problems.add(&location, message);
                }
                Entry::Vacant(slot) => {
                    slot.insert(location.clone());
                    members.push(Member { location, key, value });
                }
            }
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &[u8]) -> Vec<String> {
        let mut problems = Problems::default();
        read(&"x.json".into(), text, &mut problems);
        problems.sorted().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        let deep = ["[".repeat(33), "]".repeat(33)].concat();
        let deeper = ["[".repeat(5000), "]".repeat(5000)].concat();
        let cases: &[(&[u8], &str)] = &[
            (b"", "x.json:1:1: not JSON: the file is empty"),
            (b"{\n  \"a\": 1,\n}", "x.json:2:9: not JSON: trailing commas"),
            (b"{ // no\n}", "x.json:1:3: not JSON: comments"),
            (b"{\"a\": /* no */ 1}", "x.json:1:7: not JSON: comments"),
            (b"{a: 1}", "x.json:1:2: not JSON: expected string"),
            (b"{'a': 1}", "x.json:1:2: not JSON: single-quoted"),
            (b"{\"a\" 1}", "x.json:1:6: not JSON: expected colon"),
            (b"[1 2]", "x.json:1:3: not JSON: expected comma"),
            (b"[0x1f]", "x.json:1:2: not JSON: hexadecimal"),
            (b"[+1]", "x.json:1:2: not JSON: unary plus"),
            (b"[.5]", "x.json:1:2: not JSON: "),
            (b"[01]", "x.json:1:3: not JSON: expected comma"),
            (b"[NaN]", "x.json:1:2: not JSON: "),
            (b"[\"\\x41\"]", "x.json:1:3: not JSON: invalid escape"),
            (b"[\"a", "x.json:1:2: not JSON: unterminated string"),
            (b"{} {}", "x.json:1:4: not JSON: text cannot contain more than one"),
            (b"{\"a\": [", "x.json:1:7: not JSON: unterminated array"),
            (b"[\"a\tb\"]", "x.json:1:4: not JSON: write this control character in a string as \\u0009"),
            ("[\u{a0}1]".as_bytes(), "x.json:1:2: not JSON: "),
            (b"[\"\xff\"]", "x.json:1:3: not valid UTF-8"),
            (deep.as_bytes(), "x.json:1:33: objects and arrays are nested too deeply: at most 32"),
            (deeper.as_bytes(), "objects and arrays are nested too deeply"),
            ("{\"é\": 1, \"é\": 2}".as_bytes(), "x.json:1:10: duplicate `é`; the first is at 1:2"),
        ];
        for (text, expected) in cases {
            let problems = problems(text);
            assert_eq!(problems.len(), 1, "{expected}: {problems:?}");
            assert!(problems[0].contains(expected), "{expected}: {problems:?}");
        }
    }

    #[test]
    fn json_is_written_as_it_was_read() {
        let text = r#"{"a":[1.50,-0,1e5,true,null],"b\n\"":"ü\u0001{n}"}"#;
        let mut problems = Problems::default();
        let with_mark = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        let node = read(&"x".into(), &with_mark, &mut problems).expect("JSON");
        let mut out = String::new();
        node.numbered(7).write(&mut out);
        assert_eq!(out, text.replace("{n}", "7"));
        assert!(problems.is_empty());
    }
}
