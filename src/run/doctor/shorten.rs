//! Lists and texts, short enough for one screen.

use std::fmt::Write;

use crate::run::safety::{MissingRight, MissingRights};

/// Most characters in a line.
pub const WIDTH: usize = 100;
/// What a line of a section begins with.
const LABEL: usize = 11;
/// Names in a list that is not to be long.
const NAMES: usize = 6;

/// Names parted by commas; of many the first few, unless `all` are wanted.
pub fn names<T: AsRef<str>>(names: &[T], all: bool) -> String {
    let most = if all || names.len() <= NAMES + 1 { names.len() } else { NAMES };
    let mut text = names[..most].iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if most < names.len() {
        let _ = write!(text, " and {} more", names.len() - most);
    }
    text
}

/// `3 rows`, `1 row`.
pub fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A number with its thousands parted.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A section's line: what it is about, and what there is to say, broken at blanks.
pub fn section(out: &mut String, label: &str, text: &str) {
    let _ = write!(out, "{label:LABEL$}");
    let mut column = LABEL;
    for (at, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if at > 0 && column + 1 + length > WIDTH {
            let _ = write!(out, "\n{:indent$}", "", indent = LABEL + 2);
            column = LABEL + 2;
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}

/// `text` in at most `most` characters.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}

/// Rights that a role lacks, told by the right: of `INSERT on a, INSERT on b` one says `INSERT on a, b`.
pub fn rights(missing: &MissingRights, all: bool) -> String {
    let mut groups: Vec<(&MissingRight, Vec<&str>)> = Vec::new();
    for lacking in &missing.rights {
        let is_same = |known: &MissingRight| (known.right, known.reason) == (lacking.right, lacking.reason);
        match groups.iter_mut().find(|(known, _)| is_same(known)) {
            Some((_, objects)) => objects.push(&lacking.object),
            None => groups.push((lacking, vec![&lacking.object])),
        }
    }
    let told = groups
        .iter()
        .map(|(first, objects)| MissingRight { object: names(objects, all), ..(*first).clone() }.to_string());
    format!("role {} lacks privileges: {}", missing.role, told.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_told_by_the_right() {
        let lacking = |right, object: &str, reason| MissingRight { right, object: object.into(), reason };
        let missing = MissingRights {
            role: "app".into(),
            rights: vec![
                lacking("INSERT on", "a", None),
                lacking("SELECT on", "a", None),
                lacking("INSERT on", "b", None),
                lacking("UPDATE on sequence", "a_id_seq", None),
                lacking("TRUNCATE on", "a", None),
                lacking("TRUNCATE on", "c", Some("which references them")),
            ],
        };
        let told = "role app lacks privileges: INSERT on a, b; SELECT on a; UPDATE on sequence a_id_seq; \
                    TRUNCATE on a; TRUNCATE on c, which references them";
        assert_eq!(rights(&missing, false), told);
    }

    #[test]
    fn long_lists_are_counted() {
        let list: Vec<String> = (0..9).map(|number| format!("t{number}")).collect();
        assert_eq!(names(&list, false), "t0, t1, t2, t3, t4, t5 and 3 more");
        assert_eq!(names(&list[..7], false), "t0, t1, t2, t3, t4, t5, t6");
        assert!(names(&list, true).ends_with("t8"));
    }

    #[test]
    fn no_line_is_too_long() {
        let mut out = String::new();
        section(&mut out, "reasons", &"wordy ".repeat(60));
        assert!(out.lines().all(|line| line.len() <= WIDTH), "{out}");
        assert_eq!((grouped(1_234_567), grouped(999)), ("1,234,567".into(), "999".into()));
    }
}
