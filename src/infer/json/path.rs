//! Paths into a document, as texts say them.

use super::shape::{Shape, Step};

/// `{address,city}`.
pub fn of_array(text: &str) -> Vec<Step> {
    let inner = text.trim_start_matches('{').trim_end_matches('}');
    let parts = inner.split(',').map(|part| part.trim().trim_matches('"')).filter(|part| !part.is_empty());
    let is_place = |part: &str| part.trim_start_matches('-').bytes().all(|digit| digit.is_ascii_digit());
    parts.map(|part| if is_place(part) { Step::Item } else { Step::Member(part.to_owned()) }).collect()
}

/// What a JSON path reads: `$[*].email`, `$.phones[*] ? (@.type == "Work").number`.
pub fn learn(shape: &mut Shape, text: &str) {
    let mut outer: Vec<Step> = Vec::new();
    let mut path: Vec<Step> = Vec::new();
    let mut rest = text;
    let mut depth = 0_usize;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        match first {
            '$' => path.clear(),
            '@' => path.clone_from(&outer),
            '.' => {
                let (name, end) = member(&rest[1..]);
                // Methods, and `.*`.
                if !name.is_empty() && !rest[1 + end..].starts_with('(') {
                    path.push(Step::Member(name));
                }
                length = 1 + end;
            }
            '[' => {
                path.push(Step::Item);
                length = rest.find(']').map_or(rest.len(), |at| at + 1);
            }
            '(' => {
                if depth == 0 {
                    outer.clone_from(&path);
                }
                depth += 1;
            }
            ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    path.clone_from(&outer);
                }
            }
            '=' => {
                let value = rest.trim_start_matches(['=', ' ']);
                if let Some(text) = value.strip_prefix('"') {
                    let end = text.find('"').unwrap_or(text.len());
                    shape.at(&path).values.insert(text[..end].to_owned());
                    length = rest.len() - text.len() + (end + 1).min(text.len());
                }
            }
            _ => {}
        }
        shape.at(&path);
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// The name at the beginning of a text, and how long it stands there.
fn member(text: &str) -> (String, usize) {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"').unwrap_or(quoted.len());
        return (quoted[..end].to_owned(), (end + 2).min(text.len()));
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    (text[..end].to_owned(), end.max(usize::from(text.starts_with('*'))))
}
