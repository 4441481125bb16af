//! The name of a migration, and what is named after it.

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// The most bytes of a name: with timestamp and `.down.sql` it is to fit a file system's 255.
const MOST_BYTES: usize = 200;

/// `text` as a migration may be called, in lower-case words: `Add tier!` is `add_tier`.
///
/// # Errors
/// Nothing is left of it, or too much.
pub fn normalised(text: &str) -> Result<String> {
    let plain = text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    let words: String =
        plain.map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let name = words.split_whitespace().collect::<Vec<_>>().join("_");
    match name.len() {
        0 => Err(Error::usage(format!("`{text}` is not a name for a migration"))
            .with_hint("say in a few words what it does: add_customer_tier")),
        length if length > MOST_BYTES => {
            Err(Error::usage(format!("the name has {length} characters; at most {MOST_BYTES} are possible")))
        }
        _ => Ok(name),
    }
}

/// What a migration of this name makes: `add_tier` makes `tier`, `create_visits_table` makes `visits`.
pub fn made_by(name: &str) -> &str {
    let made = ["add_", "create_", "new_"].iter().find_map(|verb| name.strip_prefix(verb)).unwrap_or(name);
    made.strip_suffix("_table").unwrap_or(made)
}

/// A name as the words of a sentence that begins with it.
pub fn sentence(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_lower_case_words() {
        let name = |text: &str| normalised(text).expect(text);
        assert_eq!(name("Add tier!"), "add_tier");
        assert_eq!(name("  add--Größe.down "), "add_gro_e_down");
        assert_eq!(name("Café 2"), "cafe_2");
        for bad in ["", " ", "!?", "文", &"a".repeat(300)] {
            assert!(normalised(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_tells_what_is_made() {
        assert_eq!(made_by("add_forecast_category"), "forecast_category");
        assert_eq!(made_by("create_opportunity_products_table"), "opportunity_products");
        assert_eq!(made_by("x"), "x");
        assert_eq!(sentence("add_customer_tier"), "Add customer tier");
    }
}
