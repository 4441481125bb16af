//! What an error says of a name that is not known: which one may be meant, or which there are.

/// Names that are told where none is near.
const TOLD: usize = 12;
/// Characters of a name beyond which it is no slip of the finger: comparing takes time of their length squared.
const LONGEST: usize = 80;
/// Characters of an offending text that are shown.
const SHOWN: usize = 60;

/// The nearest of `known` to `name`, or where none is near the first of them.
pub fn suggestion(name: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(name, known) {
        return format!("did you mean {}?", quoted(near));
    }
    match known.len() {
        0 => "there are none".to_owned(),
        1..=TOLD => format!("use one of {}", known.join(", ")),
        all => format!("use one of {}, ... ({all} in all)", known[..TOLD].join(", ")),
    }
}

/// The one of `known` that is nearest to `name`, in whatever case: at most every third letter differs.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let length = name.chars().take(LONGEST + 1).count();
    if length > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), *known))
        .filter(|(distance, _)| *distance <= length.div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// `text` in backquotes, shortened, and with what cannot be seen made visible.
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    format!("`{}`", visible(&short))
}

/// `text` with escapes for characters that move a cursor, change its direction or have no width.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        if c.is_control() || hidden {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_told_or_the_first_ones() {
        let stages = ["closed_won", "demo_scheduled"];
        assert_eq!(suggestion("demo_schedule", &stages), "did you mean `demo_scheduled`?");
        assert_eq!(suggestion("Closed_Wno", &stages), "did you mean `closed_won`?");
        assert_eq!(suggestion("zzz", &["low", "high"]), "use one of low, high");
        assert_eq!(suggestion("zzz", &[]), "there are none");
        let many = suggestion(&"z".repeat(10_000), &["a"; 20]);
        assert_eq!(many, format!("use one of {}, ... (20 in all)", ["a"; 12].join(", ")));
    }

    #[test]
    fn texts_are_shortened_and_their_control_characters_shown() {
        assert_eq!(quoted("a\u{1b}[31m\nb\u{202e}"), "`a\\u{1b}[31m\\nb\\u{202e}`");
        assert_eq!(quoted(&"é".repeat(61)), format!("`{}…`", "é".repeat(60)));
    }
}
