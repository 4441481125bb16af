//! A text written otherwise, for a column whose CHECK constraint wants another form of it.

use crate::infer::abbreviate::abbreviate;
use crate::infer::semantics::ascii;
use crate::sqlexpr::value::Value;

/// Lengths to which a text is cut, the longest first.
const CUTS: [usize; 14] = [60, 40, 30, 24, 20, 16, 12, 10, 8, 6, 5, 4, 3, 2];
/// Mailboxes that nobody owns.
const NOBODYS: [&str; 4] = ["example.com", "example.org", "example.net", "company.example"];

/// The first other form of a text that is liked.
pub(super) fn of(value: &Value, is_liked: impl Fn(&Value) -> bool) -> Option<Value> {
    let text = value.as_text()?;
    let forms = forms(text);
    let liked = |form: String| Some(Value::Text(form)).filter(|form| !text_is_empty(form) && is_liked(form));
    forms.iter().find_map(|form| liked(form.clone())).or_else(|| {
        forms.iter().find_map(|form| {
            let shorter = CUTS.iter().filter(|most| form.chars().count() > **most);
            shorter.filter_map(|most| abbreviate(form, *most, &[])).find_map(liked)
        })
    })
}

fn text_is_empty(value: &Value) -> bool {
    value.as_text().is_none_or(str::is_empty)
}

/// Other ways to write a text.
pub fn forms(text: &str) -> Vec<String> {
    let plain = ascii(text);
    let only = |keep: fn(&char) -> bool| plain.chars().filter(keep).collect::<String>();
    let (letters, digits) = (only(char::is_ascii_alphabetic), only(char::is_ascii_digit));
    let words: Vec<String> = plain
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let mut forms = vec![plain.clone(), plain.to_ascii_lowercase(), plain.to_ascii_uppercase()];
    if let Some((local, _)) = plain.rsplit_once('@') {
        forms.extend(NOBODYS.iter().map(|domain| format!("{}@{domain}", local.to_ascii_lowercase())));
        return forms;
    }
    forms.extend(telephone(&digits));
    forms.extend(["-", "_", "", " ", "."].iter().flat_map(|between| {
        let joined = words.join(between);
        [joined.to_ascii_uppercase(), joined]
    }));
    forms.extend([letters.to_ascii_uppercase(), letters.to_ascii_lowercase(), letters, digits]);
    if let Some(rest) = plain.strip_prefix("https://") {
        forms.extend([format!("http://{rest}"), rest.to_owned(), rest.trim_start_matches("www.").to_owned()]);
    }
    forms
}

/// Ways to write a telephone number of ten digits.
fn telephone(digits: &str) -> Vec<String> {
    let (Some(area), Some(exchange), Some(line)) = (digits.get(..3), digits.get(3..6), digits.get(6..10))
    else {
        return Vec::new();
    };
    if digits.len() != 10 {
        return Vec::new();
    }
    [
        "{a}-{e}-{l}",
        "+1{a}{e}{l}",
        "1{a}{e}{l}",
        "{a}.{e}.{l}",
        "{a} {e} {l}",
        "{a} {e}-{l}",
        "({a}){e}-{l}",
        "+1 {a} {e} {l}",
        "+1-{a}-{e}-{l}",
        "+1 ({a}) {e}-{l}",
        "1-{a}-{e}-{l}",
        "1 ({a}) {e}-{l}",
        "{a}{e}{l}",
    ]
    .iter()
    .map(|form| form.replace("{a}", area).replace("{e}", exchange).replace("{l}", line))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlexpr::Pattern;

    #[test]
    fn what_is_known_is_written_as_the_pattern_wants_it() {
        for (text, pattern, expected) in [
            ("(504) 555-0190", r"^\d{3}-\d{3}-\d{4}$", Some("504-555-0190")),
            ("(504) 555-0190", r"^\+[1-9][0-9]{7,14}$", Some("+15045550190")),
            ("Yılmaz-O'Neil", "^[A-Za-z]{2,6}$", Some("Yilmaz")),
            ("maya@a.example", r"^[^@]+@.+\.com$", Some("maya@example.com")),
            ("Osprey Trellis Dairy", "^[a-z0-9-]{3,20}$", Some("osprey-trellis-dairy")),
            ("Ann", "^[0-9]+$", None),
        ] {
            let pattern = Pattern::regex(pattern, false).expect("a pattern");
            let found = of(&text.into(), |value| value.as_text().is_some_and(|text| pattern.matches(text)));
            assert_eq!(found.as_ref().and_then(Value::as_text), expected, "{text}");
        }
    }
}
