//! The pieces of which files are read: objects with known fields, strings, whole numbers, lists.

use super::json::{Json, Member, Node};
use super::location::Problems;

/// The members of an object.
pub fn members<'n>(node: &'n Node, what: &str, problems: &mut Problems) -> &'n [Member] {
    if let Json::Object(members) = &node.json {
        return members;
    }
    problems.add(&node.location, format!("{what} must be an object, not {}", node.described()));
    &[]
}

/// The items of an array.
pub fn items<'n>(node: &'n Node, what: &str, problems: &mut Problems) -> &'n [Node] {
    if let Json::Array(items) = &node.json {
        return items;
    }
    problems.add(&node.location, format!("{what} must be an array, not {}", node.described()));
    &[]
}

/// The string in `node`; otherwise a problem about `what`.
pub fn text<'n>(node: &'n Node, what: &str, problems: &mut Problems) -> Option<&'n str> {
    let text = node.as_text();
    if text.is_none() {
        problems.add(&node.location, format!("{what} must be a string, not {}", node.described()));
    }
    text.filter(|text| {
        let has_nul = text.contains('\0');
        if has_nul {
            problems.add(&node.location, format!("{what} contains a NUL character"));
        }
        !has_nul
    })
}

/// A string that says something.
pub fn words<'n>(node: &'n Node, what: &str, problems: &mut Problems) -> Option<&'n str> {
    let text = text(node, what, problems)?;
    if text.trim().is_empty() {
        problems.add(&node.location, format!("{what} is empty"));
        return None;
    }
    Some(text)
}

/// A truth value.
pub fn flag(node: &Node, what: &str, problems: &mut Problems) -> Option<bool> {
    if let Json::Bool(value) = &node.json {
        return Some(*value);
    }
    problems.add(&node.location, format!("{what} must be true or false, not {}", node.described()));
    None
}

/// A whole number from `least` to `most`.
pub fn whole(node: &Node, what: &str, least: u64, most: u64, problems: &mut Problems) -> Option<u64> {
    let number = if let Json::Number(literal) = &node.json { literal.parse().ok() } else { None };
    let number = number.filter(|number| (least..=most).contains(number));
    if number.is_none() {
        let message =
            format!("{what} must be a whole number from {least} to {most}, not {}", node.described());
        problems.add(&node.location, message);
    }
    number
}

/// The members of an object that has only the fields `known`; the `needed` ones must be there.
pub fn fields<'n>(
    node: &'n Node,
    what: &str,
    known: &[&str],
    needed: &[&str],
    problems: &mut Problems,
) -> Vec<&'n Member> {
    let Json::Object(all) = &node.json else {
        members(node, what, problems);
        return Vec::new();
    };
    let lacks: Vec<String> = needed
        .iter()
        .filter(|name| !all.iter().any(|member| member.key == **name))
        .map(|name| format!("`{name}`"))
        .collect();
    if !lacks.is_empty() {
        problems.add(&node.location, format!("{what} lacks {}", lacks.join(", ")));
    }
    let (found, unknown): (Vec<&Member>, Vec<&Member>) =
        all.iter().partition(|member| known.contains(&member.key.as_str()));
    for member in unknown {
        problems.unknown(&member.location, &format!("field of {what}"), &member.key, known);
    }
    found
}
