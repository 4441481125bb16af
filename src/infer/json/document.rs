//! What the parts of a JSON document are made of.

use crate::infer::semantics::Semantics;

/// Part of a document.
#[derive(Clone, Debug)]
pub enum Document {
    /// Always this.
    Literal(serde_json::Value),
    /// The CRM column at this position.
    Domain(usize),
    /// Another column of the row.
    Column(String),
    /// What a name means.
    Means(Semantics),
    /// A list with these items.
    List(Vec<Self>),
    /// An object with these members.
    Object(Vec<(String, Self)>),
    /// The CRM column at this position, a document.
    Whole(usize),
    /// An object, with these members where it has them not.
    Over(Box<Self>, Vec<(String, Self)>),
}

impl Document {
    /// The columns of the row that it shows.
    pub fn columns(&self) -> Vec<String> {
        match self {
            Self::Column(name) => vec![name.clone()],
            Self::List(items) => items.iter().flat_map(Self::columns).collect(),
            Self::Object(members) | Self::Over(_, members) => {
                members.iter().flat_map(|(_, member)| member.columns()).collect()
            }
            Self::Literal(_) | Self::Domain(_) | Self::Whole(_) | Self::Means(_) => Vec::new(),
        }
    }
}

/// A document of the configuration, in which `$name` stands for what a column of that name would hold.
///
/// # Errors
/// It is no JSON.
pub fn template(text: &str) -> Result<serde_json::Value, String> {
    let mut written = String::new();
    let mut rest = text.chars().peekable();
    let mut is_in_text = false;
    while let Some(c) = rest.next() {
        written.push(c);
        match c {
            '"' => is_in_text = !is_in_text,
            '\\' if is_in_text => written.extend(rest.next()),
            '$' if !is_in_text => {
                written.pop();
                written.push_str("\"$");
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    written.push(c);
                }
                written.push('"');
            }
            _ => {}
        }
    }
    serde_json::from_str(&written).map_err(|error| error.to_string())
}

/// The name for which a text stands.
pub fn placeholder(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(name)
}
