//! One scenario file by itself.

use super::check;
use super::document::{self, Document};
use super::location::{Problem, Problems};

/// Reads and checks the file called `file` that has these bytes, without any other file: where it
/// extends others, what depends on them is not checked. `rules` are the rules that it may break.
///
/// # Errors
/// All that is wrong, in the order of the file.
pub fn parse(file: &str, bytes: impl AsRef<[u8]>, rules: &[&str]) -> Result<Document, Vec<Problem>> {
    let mut problems = Problems::default();
    let document = document::read(&file.into(), bytes.as_ref(), rules, &mut problems);
    if let Some(document) = &document {
        check::check(document, document.extends.is_empty(), &mut problems);
    }
    problems.settle(true);
    match document {
        Some(document) if problems.is_empty() => Ok(document),
        _ => Err(problems.sorted()),
    }
}
