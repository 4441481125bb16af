//! Files: all columns of a row that tell of its file tell of the same.

use std::sync::LazyLock;

use super::context::RuleContext;
use crate::fixture::fixture;
use crate::infer::word_lists::words;

/// What is told of a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum FilePart {
    /// `price-list.pdf`.
    Name,
    /// `documents/12/price-list.pdf`.
    Path,
    /// The address where it is.
    Url,
    /// `pdf`.
    Extension,
    /// `application/pdf`.
    ContentType,
}

impl FilePart {
    /// As the table of rules writes it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "name" => Self::Name,
            "path" => Self::Path,
            "url" => Self::Url,
            "extension" => Self::Extension,
            "content type" => Self::ContentType,
            _ => return None,
        })
    }

    /// It, of the row's file.
    pub(super) fn of(self, draw: &RuleContext<'_>) -> String {
        static FILES: LazyLock<Vec<&'static str>> =
            LazyLock::new(|| words("@files").unwrap_or_else(|error| panic!("{error}")));
        let name = draw.context.hidden.child(7).word(&FILES);
        let extension = || name.rsplit_once('.').map_or("pdf", |(_, extension)| extension);
        let number = draw.context.number;
        match self {
            Self::Name => name.to_owned(),
            Self::Path => format!("documents/{number}/{name}"),
            Self::Url => format!("https://files.example/documents/{number}/{name}"),
            Self::Extension => extension().to_owned(),
            Self::ContentType => content_type(extension()).to_owned(),
        }
    }
}

fn content_type(extension: &str) -> &'static str {
    static TYPES: LazyLock<Vec<[&'static str; 2]>> =
        LazyLock::new(|| fixture!("file_types.tsv", ["extension", "content_type"]).collect());
    let found = TYPES.iter().find(|[its, _]| *its == extension);
    found.map_or("application/octet-stream", |[_, content_type]| content_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_type() {
        for file in words("@files").expect("files") {
            let (_, extension) = file.rsplit_once('.').expect("an extension");
            assert_ne!(content_type(extension), "application/octet-stream", "{file}");
        }
    }
}
