//! What SQL reads of a JSON column: `c ->> 'email'`, `jsonb_array_elements(c) e`, `jsonb_to_recordset(c) AS x(email text)`,
//! `c ? 'email'`, `c @> '[{"type": "Work"}]'`, `jsonb_path_query(c, '$[*].email')`. It need not be understood: what looks
//! so is so.

use std::collections::BTreeSet;

use super::lexer::{Token, tokens};
use super::path;
use super::shape::{Scalar, Shape, Step};

/// Words that are no names of what stands before them.
const NO_ALIAS: [&str; 24] = [
    "where", "on", "loop", "join", "cross", "left", "right", "inner", "full", "order", "group", "limit",
    "union", "then", "and", "or", "is", "into", "from", "with", "when", "end", "having", "else",
];

/// Reads `sql`; `others` are the names of other JSON columns.
pub fn read(shape: &mut Shape, sql: &str, column: &str, others: &BTreeSet<&str>) {
    let tokens = tokens(sql);
    let mut reader = Reader { tokens: &tokens, column, shape, names: Vec::new(), items: Vec::new() };
    // What parts are called may be said behind where they are read.
    for at in 0..tokens.len() {
        if let Some((path, next)) = reader.base(at) {
            reader.follow(path, at, next);
        } else if reader.name(at).is_some_and(|name| others.contains(name)) {
            reader.pass_over(at);
        }
    }
    let is_known = |reader: &Reader<'_>, at: usize| {
        reader.names.iter().any(|named| Some(&*named.name) == reader.name(at))
    };
    for at in 0..tokens.len() {
        if let Some((path, next)) = reader.base(at) {
            reader.follow(path, at, next);
            continue;
        }
        // What a loop calls the items, where there is one list only.
        let next = if reader.is(at + 1, ".") { at + 3 } else { at + 1 };
        if let [items] = &reader.items.clone()[..]
            && reader.is_read(next)
            && reader.name(at).is_some_and(|name| !others.contains(name))
            && !reader.is_before(at, ".")
            && !others.contains(reader.name(next - 1).unwrap_or_default())
            && !is_known(&reader, at)
        {
            reader.follow(items.clone(), at, next);
        }
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    column: &'a str,
    shape: &'a mut Shape,
    /// What parts of the document are called, and of others.
    names: Vec<Named>,
    /// Lists of which each item is read.
    items: Vec<Vec<Step>>,
}

/// What a part of a document is called.
struct Named {
    name: String,
    /// Where that is said.
    at: usize,
    /// The part; none where it is one of another column.
    path: Option<Vec<Step>>,
}

impl<'a> Reader<'a> {
    fn name(&self, at: usize) -> Option<&'a str> {
        match self.tokens.get(at)? {
            Token::Name(name) => Some(name),
            _ => None,
        }
    }

    fn text(&self, at: usize) -> Option<&'a str> {
        match self.tokens.get(at)? {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is(&self, at: usize, sign: &str) -> bool {
        matches!(self.tokens.get(at), Some(Token::Sign(its)) if *its == sign)
    }

    fn is_word(&self, at: usize, words: &[&str]) -> bool {
        self.name(at).is_some_and(|name| words.contains(&name))
    }

    /// Whether a member is read at a place.
    fn is_read(&self, at: usize) -> bool {
        (self.is(at, "->") || self.is(at, "->>")) && self.text(at + 1).is_some()
    }

    fn is_before(&self, at: usize, sign: &str) -> bool {
        at > 0 && self.is(at - 1, sign)
    }

    /// The column, or what else is part of it, that begins at a position: which part, and what follows.
    fn base(&self, at: usize) -> Option<(Vec<Step>, usize)> {
        let name = self.name(at)?;
        if self.is_before(at, ".") {
            return None;
        }
        let named = self.named(name, at);
        if self.is(at + 1, ".") {
            let of = self.name(at + 2)?;
            return match named {
                Some(named) => Some((named.path.clone()?, at + 3)).filter(|_| of == "value"),
                None => (of == self.column).then(|| (Vec::new(), at + 3)),
            };
        }
        // `AS column`, and a function that is called so.
        if self.is(at + 1, "(") || (at > 0 && self.is_word(at - 1, &["as"])) {
            return None;
        }
        match named {
            Some(named) => Some((named.path.clone()?, at + 1)),
            None => (name == self.column).then(|| (Vec::new(), at + 1)),
        }
    }

    /// What a name means at a position: what is said next in the same statement, as the source of a query stands behind
    /// what is read of it, else what was said last.
    fn named(&self, name: &str, at: usize) -> Option<&Named> {
        let its = || self.names.iter().filter(|named| named.name == name);
        let ends = |token: &Token| *token == Token::Sign(";") || *token == Token::Name("union".into());
        let end = self.tokens[at..].iter().position(ends).map_or(self.tokens.len(), |length| at + length);
        let next = its().filter(|named| (at + 1..end).contains(&named.at)).min_by_key(|named| named.at);
        next.or_else(|| its().filter(|named| named.at < at).max_by_key(|named| named.at))
    }

    /// The items of another column, which have names, too.
    fn pass_over(&mut self, at: usize) {
        const NEAR: usize = 6;
        let is_items = |at: usize| self.name(at).is_some_and(|name| name.ends_with("_array_elements"));
        if (at.saturating_sub(NEAR)..at).any(is_items)
            && let Some(close) = self.close(at + 1)
        {
            self.alias(close + 1, None);
        }
    }

    /// Follows what is done with a part that stands between two places.
    fn follow(&mut self, mut path: Vec<Step>, start: usize, mut at: usize) {
        let (mut start, mut is_leaf) = (start, false);
        loop {
            match () {
                () if self.is(at, "->") || self.is(at, "->>") => {
                    let step = match self.tokens.get(at + 1) {
                        Some(Token::Text(name)) => Step::Member(name.clone()),
                        Some(Token::Number) => Step::Item,
                        _ => break,
                    };
                    is_leaf = self.is(at, "->>");
                    path.push(step);
                    at += 2;
                }
                () if self.is(at, "#>") || self.is(at, "#>>") => {
                    let Some(steps) = self.text(at + 1).map(path::of_array) else { break };
                    is_leaf = self.is(at, "#>>");
                    path.extend(steps);
                    at += 2;
                }
                () if self.is(at, "[") && self.is(at + 2, "]") => {
                    path.push(self.text(at + 1).map_or(Step::Item, |name| Step::Member(name.to_owned())));
                    at += 3;
                }
                () if self.is(at, "::") => {
                    if let Some(scalar) = self.name(at + 1).and_then(scalar_of).filter(|_| is_leaf) {
                        self.shape.at(&path).scalar = Some(scalar);
                    }
                    at += 2;
                    while self.is_word(at, &["precision", "varying", "with", "without", "time", "zone"]) {
                        at += 1;
                    }
                }
                () if self.is(at, ")") && self.is_before(start, "(") && !self.is_call(start - 1) => {
                    (start, at) = (start - 1, at + 1);
                }
                () => break,
            }
        }
        self.shape.at(&path);
        self.compared(&path, at);
        if self.is_before(start, ":=") && start > 1 && !is_leaf {
            self.bind(start - 2, Some(&path));
        }
        if self.is_word(at, &["as"]) && !is_leaf {
            self.bind(at + 1, Some(&path));
        }
        if self.is_before(start, "(")
            && start > 1
            && let Some(function) = self.name(start - 2).map(str::to_owned)
        {
            self.call(&function, path, start - 2, at);
        }
    }

    /// Whether a bracket is that of a call.
    fn is_call(&self, open: usize) -> bool {
        const NONE: [&str; 20] = [
            "in", "and", "or", "not", "when", "then", "else", "select", "where", "on", "check", "values",
            "if", "elsif", "return", "case", "by", "from", "using", "distinct",
        ];
        open > 0 && self.name(open - 1).is_some_and(|name| !NONE.contains(&name))
    }

    fn bind(&mut self, at: usize, path: Option<&[Step]>) {
        if let Some(name) = self.name(at).filter(|name| !NO_ALIAS.contains(name)) {
            self.names.push(Named { name: name.to_owned(), at, path: path.map(<[Step]>::to_vec) });
        }
    }

    /// What a part is compared with.
    fn compared(&mut self, path: &[Step], at: usize) {
        if self.is(at, "?")
            && let Some(name) = self.text(at + 1).map(str::to_owned)
        {
            self.has(path, name);
        } else if self.is(at, "?|") || self.is(at, "?&") {
            for name in self.texts(at + 1) {
                self.has(path, name);
            }
        } else if self.is(at, "@>")
            && let Some(example) = self.text(at + 1).and_then(|text| serde_json::from_str(text).ok())
        {
            self.shape.at(path).learn(&example, true);
        } else if self.is(at, "=") || self.is_word(at, &["in"]) {
            let texts = match self.text(at + 1) {
                Some(text) => vec![text.to_owned()],
                None if self.is(at + 1, "(") || self.is_word(at + 1, &["any", "array"]) => self.texts(at + 1),
                None => Vec::new(),
            };
            self.shape.at(path).values.extend(texts.into_iter().filter(|text| {
                !text.is_empty() && !text.starts_with('[') && !text.starts_with('{') && text != "null"
            }));
        } else if self.is(at, "||") && self.text(at + 1).is_some_and(|text| text.starts_with('[')) {
            self.shape.at(path).is_list = true;
        }
    }

    /// `? 'name'`: it has the member; of a list it has the text.
    fn has(&mut self, path: &[Step], name: String) {
        let part = self.shape.at(path);
        match part.is_array() {
            true => {
                part.item.get_or_insert_with(Box::default).values.insert(name);
            }
            false => {
                part.is_object = true;
                part.members.entry(name).or_default();
            }
        }
    }

    /// The texts up to the end of the brackets that begin soon.
    fn texts(&self, at: usize) -> Vec<String> {
        let rest = self.tokens.get(at..).unwrap_or_default();
        let mut depth = 0_i32;
        let mut texts = Vec::new();
        for token in rest {
            match token {
                Token::Sign("(" | "[") => depth += 1,
                Token::Sign(")" | "]") => depth -= 1,
                Token::Sign(";") => break,
                Token::Text(text) if depth > 0 => texts.push(text.clone()),
                _ => {}
            }
            if depth <= 0 && matches!(token, Token::Sign(")" | "]")) {
                break;
            }
        }
        texts
    }

    /// Where the bracket closes that is open at a place.
    fn close(&self, at: usize) -> Option<usize> {
        let mut depth = 1_i32;
        for (further, token) in self.tokens.get(at..)?.iter().enumerate() {
            match token {
                Token::Sign("(") => depth += 1,
                Token::Sign(")") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at + further);
            }
        }
        None
    }

    /// A function whose first argument is a part; `at`: what stands behind it.
    fn call(&mut self, function: &str, mut path: Vec<Step>, start: usize, at: usize) {
        let Some(close) = self.close(at) else { return };
        let plain = function.strip_prefix("jsonb_").or_else(|| function.strip_prefix("json_"));
        match plain.unwrap_or(function) {
            "array_elements" | "array_elements_text" => {
                path.push(Step::Item);
                self.shape.at(&path);
                if !self.items.contains(&path) {
                    self.items.push(path.clone());
                }
                self.alias(close + 1, Some(&path));
                self.follow(path, start, close + 1);
            }
            "array_length" => self.shape.at(&path).is_list = true,
            "each" | "each_text" | "object_keys" => self.shape.at(&path).is_object = true,
            "typeof" => {
                let texts = match self.text(close + 2) {
                    Some(text) => vec![text.to_owned()],
                    None => Vec::new(),
                };
                let part = self.shape.at(&path);
                part.is_list |= texts.iter().any(|text| text == "array");
                part.is_object |= texts.iter().any(|text| text == "object");
            }
            "path_query" | "path_query_array" | "path_query_first" | "path_exists" | "path_match"
            | "exists" | "value" | "query" => {
                let Some(text) = self.text(at + 1).map(str::to_owned) else { return };
                path::learn(self.shape.at(&path), &text);
            }
            "extract_path" | "extract_path_text" => {
                path.extend(self.tokens[at..close].iter().filter_map(|token| match token {
                    Token::Text(name) => Some(Step::Member(name.clone())),
                    _ => None,
                }));
                self.follow(path, start, close + 1);
            }
            "set" | "insert" => {
                let Some(steps) = self.text(at + 1).map(path::of_array) else { return };
                path.extend(steps);
                self.shape.at(&path);
            }
            "to_recordset" | "to_record" => {
                if function.ends_with("recordset") {
                    path.push(Step::Item);
                }
                self.record(close + 1, &path);
            }
            "coalesce" | "strip_nulls" | "to_jsonb" | "nullif" => {
                if let Some(example) = self.text(at + 1).and_then(|text| serde_json::from_str(text).ok()) {
                    self.shape.at(&path).learn(&example, false);
                }
                self.follow(path, start, close + 1);
            }
            _ => {}
        }
    }

    /// What the items are called: `AS e`, `e(value)`, else `value`.
    fn alias(&mut self, mut at: usize, path: Option<&[Step]>) {
        self.names.push(Named { name: "value".to_owned(), at: at - 1, path: path.map(<[Step]>::to_vec) });
        while self.is_word(at, &["with", "ordinality", "as"]) {
            at += 1;
        }
        self.bind(at, path);
        if self.name(at).is_some_and(|name| !NO_ALIAS.contains(&name)) && self.is(at + 1, "(") {
            self.bind(at + 2, path);
        }
    }

    /// `AS x(email text, is_primary boolean)`.
    fn record(&mut self, mut at: usize, path: &[Step]) {
        while !self.is(at, "(") {
            if self.name(at).is_none() {
                return;
            }
            at += 1;
        }
        loop {
            let Some(name) = self.name(at + 1).map(str::to_owned) else { return };
            let scalar = self.name(at + 2).and_then(scalar_of);
            let part = self.shape.at(path);
            part.is_object = true;
            let member = part.members.entry(name).or_default();
            member.scalar = member.scalar.or(scalar);
            at += 3;
            while !self.is(at, ",") {
                if self.is(at, ")") || at >= self.tokens.len() {
                    return;
                }
                at += 1;
            }
        }
    }
}

/// What a type makes of a text.
fn scalar_of(name: &str) -> Option<Scalar> {
    match name {
        "int" | "integer" | "int2" | "int4" | "int8" | "bigint" | "smallint" | "numeric" | "decimal"
        | "real" | "double" | "float" | "float4" | "float8" | "money" => Some(Scalar::Number),
        "bool" | "boolean" => Some(Scalar::Bool),
        "date" | "timestamp" | "timestamptz" => Some(Scalar::Moment),
        "text" | "varchar" | "citext" => Some(Scalar::Text),
        _ => None,
    }
}
