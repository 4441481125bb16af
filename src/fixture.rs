//! Reads the tables of `fixtures/`, which are built into the binary.
//!
//! Their fields are parted by tabs and the items of a field by `|`; `-` is none. The first line is a header that names
//! the columns; lines that begin with `#` are comments. A bad table is a bug: who reads it panics and says the line,
//! and a unit test reads each.

use std::str::FromStr;

/// The rows of `fixtures/$name`: the fields of each, in the order of `$columns`.
macro_rules! fixture {
    ($name:literal, $columns:expr) => {
        $crate::fixture::rows(
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/", $name)),
            $columns,
        )
    };
}
pub(crate) use fixture;

/// The rows of a table whose text is `text`.
///
/// # Panics
/// Where its header does not name `columns`, or a row has more or fewer fields.
pub fn rows<const N: usize>(
    file: &'static str,
    text: &'static str,
    columns: [&str; N],
) -> impl Iterator<Item = [&'static str; N]> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    assert_eq!(header, columns, "header of fixtures/{file}");
    lines.map(move |line| {
        let fields: Vec<&str> = line.split('\t').collect();
        fields.try_into().unwrap_or_else(|_| panic!("fixtures/{file}: wrong number of fields: {line}"))
    })
}

/// A field that holds a number.
///
/// # Panics
/// Where it does not.
pub fn number<T: FromStr>(field: &str) -> T {
    field.parse().unwrap_or_else(|_| panic!("fixtures: {field} is not a number"))
}

/// A field, where it is not `-`.
pub fn some(field: &'static str) -> Option<&'static str> {
    (field != "-").then_some(field)
}

/// The items of a field.
pub fn list(field: &'static str) -> Vec<&'static str> {
    some(field).map_or_else(Vec::new, |field| field.split('|').collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    /// The tables of words, by the names of their files.
    fn tables() -> Vec<(String, String)> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let files = std::fs::read_dir(directory).expect("fixtures").flatten().map(|entry| entry.path());
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
        files
            .filter(|path| path.extension().is_some_and(|extension| extension == "tsv"))
            .filter(|path| !name(path).starts_with("golden"))
            .map(|path| (name(&path), std::fs::read_to_string(&path).expect("a table")))
            .collect()
    }

    #[test]
    fn every_text_is_trimmed_and_free_of_control_characters() {
        for (file, text) in tables() {
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                for word in line.split(['\t', '|']) {
                    assert!(word == word.trim() && !word.contains("  "), "{file}: {line}");
                    assert!(!word.is_empty() && !word.contains(char::is_control), "{file}: {line}");
                }
            }
        }
    }

    #[test]
    fn no_table_says_anything_twice() {
        for (file, text) in tables() {
            let mut seen = HashSet::new();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                assert!(seen.insert(line), "{file}: {line}");
            }
        }
    }
}
