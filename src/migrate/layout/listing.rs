//! What is in a directory.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::migrate::files::Source;
use crate::text_file;

/// A directory and the names in it.
pub struct Listing {
    pub path: PathBuf,
    /// Files whose names end in `.sql`, sorted.
    pub files: Vec<String>,
    /// Other files, sorted.
    pub others: Vec<String>,
    /// Directories in it, sorted.
    pub folders: Vec<String>,
}

impl Listing {
    /// Looks into a directory.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(path: &Path) -> Result<Self> {
        let unreadable = |error: std::io::Error| Error::usage(path.display().to_string()).with_source(error);
        let (mut files, mut others, mut folders) = (Vec::new(), Vec::new(), Vec::new());
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = match entry.file_name().into_string() {
                Ok(name) => name,
                Err(name) if is_sql(&name.to_string_lossy()) => {
                    return Err(Error::usage(format!("{}: the name is not UTF-8", entry.path().display()))
                        .with_hint("rename the file"));
                }
                Err(_) => continue,
            };
            match () {
                // What is called as a migration and is a directory is told where it is read.
                () if name.ends_with(".sql") => files.push(name),
                () if entry.path().is_dir() => folders.push(name),
                () => others.push(name),
            }
        }
        for names in [&mut files, &mut others, &mut folders] {
            names.sort();
        }
        Ok(Self { path: path.to_owned(), files, others, folders })
    }

    /// An error about the directory.
    pub fn fault(&self, what: impl std::fmt::Display) -> Error {
        Error::usage(format!("{}: {what}", self.path.display()))
    }

    /// The text of a file, and what messages call it.
    ///
    /// # Errors
    /// It cannot be read, or is no text.
    pub fn text(&self, name: &str) -> Result<(String, String)> {
        let path = self.path.join(name);
        let text = text_file::text(&path, text_file::MOST_BYTES_OF_SQL)
            .map_err(|why| Error::usage(path.display().to_string()).with_source(why))?;
        if let Some(at) = text.find('\0') {
            let line = text[..at].lines().count().max(1);
            return Err(Error::usage(format!(
                "{}:{line}: it has a zero byte, which no SQL has",
                path.display()
            ))
            .with_hint("save the file as UTF-8 (UTF-16 without a byte order mark looks like this)"));
        }
        // Some editors begin a file with a byte order mark, which is no SQL.
        Ok((path.display().to_string(), text.trim_start_matches('\u{feff}').to_owned()))
    }

    /// A file that says itself whether it wants a transaction.
    ///
    /// # Errors
    /// As for [`text`](Self::text).
    pub fn source(&self, name: &str) -> Result<Source> {
        self.text(name).map(|(file, text)| Source::new(file, text))
    }
}

/// Whether a name says that it is SQL, in whatever case.
pub fn is_sql(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
}

/// The digits with which a name begins, where an underscore follows them.
pub fn leading_digits(name: &str) -> Option<&str> {
    let digits = first_digits(name);
    (!digits.is_empty() && name[digits.len()..].starts_with('_')).then_some(digits)
}

/// The digits with which a name begins, whatever follows them.
pub fn first_digits(name: &str) -> &str {
    &name[..name.bytes().take_while(u8::is_ascii_digit).count()]
}

/// A number as it is compared: `0007` is `7`.
pub fn plain_number(digits: &str) -> String {
    let plain = digits.trim_start_matches('0');
    if plain.is_empty() { "0".to_owned() } else { plain.to_owned() }
}
