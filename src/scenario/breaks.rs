//! Consistency rules that rows break on purpose: `breaks`, a list of rules, or of each rule the rows.

use super::fields::{items, members, text};
use super::json::{Json, Node};
use super::location::{At, Problems};
use super::reference::Handles;
use crate::suggestion::quoted;

/// A rule, and the rows that break it; `None` for any of the scenario's.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakText {
    pub rule: At<String>,
    pub rows: Option<Vec<At<String>>>,
}

/// A consistency rule that rows of a scenario break on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Its name.
    pub rule: String,
    /// The handles of the rows; `None` where any row of the scenario may.
    pub handles: Option<Vec<String>>,
}

impl Break {
    /// Whether it is about the row of this handle, or about one that stands beside such a row.
    pub fn is_of(&self, handle: &str) -> bool {
        let is_it = |named: &String| {
            handle.strip_prefix(named.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.handles.as_ref().is_none_or(|handles| handles.iter().any(is_it))
    }
}

impl From<BreakText> for Break {
    fn from(text: BreakText) -> Self {
        let handles = text.rows.map(|rows| rows.into_iter().map(|row| row.value).collect());
        Self { rule: text.rule.value, handles }
    }
}

/// Reads `breaks`.
pub fn read(node: &Node, rules: &[&str], problems: &mut Problems) -> Vec<BreakText> {
    if matches!(node.json, Json::Object(_)) {
        return by_rule(node, rules, problems);
    }
    let mut read: Vec<BreakText> = Vec::new();
    for item in items(node, "breaks", problems) {
        let Some(name) = text(item, "each of `breaks`", problems) else { continue };
        let rule = At { location: item.location.clone(), value: name.to_owned() };
        if !rules.contains(&name) {
            problems.unknown(&item.location, "rule", name, rules);
        } else if read.iter().any(|before| before.rule.value == name) {
            problems.add(&item.location, format!("duplicate {}", quoted(name)));
        } else {
            read.push(BreakText { rule, rows: None });
        }
    }
    read
}

fn by_rule(node: &Node, rules: &[&str], problems: &mut Problems) -> Vec<BreakText> {
    let mut read = Vec::new();
    for member in members(node, "breaks", problems) {
        if member.key == "$comment" {
            continue;
        }
        if !rules.contains(&member.key.as_str()) {
            problems.unknown(&member.location, "rule", &member.key, rules);
            continue;
        }
        let mut rows: Vec<At<String>> = Vec::new();
        let listed = items(&member.value, &member.key, problems);
        for item in listed {
            let Some(handle) = text(item, "each row of `breaks`", problems) else { continue };
            // A reference to the row is as good as its handle.
            let handle = handle.strip_prefix('@').unwrap_or(handle);
            if rows.iter().any(|before| before.value == handle) {
                problems.add(&item.location, format!("duplicate {}", quoted(handle)));
            } else {
                rows.push(At { location: item.location.clone(), value: handle.to_owned() });
            }
        }
        if listed.is_empty() && matches!(member.value.json, Json::Array(_)) {
            problems.add(&member.value.location, format!("{} names no row", member.key));
        }
        let rule = At { location: member.location.clone(), value: member.key.clone() };
        read.push(BreakText { rule, rows: Some(rows) });
    }
    read
}

/// Lays what another file says over this.
pub fn lay_over(mine: &mut Vec<BreakText>, other: Vec<BreakText>) {
    for text in other {
        match mine.iter_mut().find(|mine| mine.rule.value == text.rule.value) {
            Some(mine) => match (&mut mine.rows, text.rows) {
                (Some(rows), Some(more)) => rows.extend(more),
                (rows, _) => *rows = None,
            },
            None => mine.push(text),
        }
    }
}

/// Tells which rows are named that there are not.
pub fn check(breaks: &[BreakText], handles: &Handles, problems: &mut Problems) {
    for row in breaks.iter().flat_map(|text| text.rows.iter().flatten()) {
        if !handles.has(&row.value) {
            handles.unknown(&row.location, &row.value, problems);
        }
    }
}
