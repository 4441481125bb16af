//! Texts for which a column has no room, shortened as what they are: a host keeps its top level, a mailbox its
//! domain, a telephone number its ten digits, a country becomes its code. Only a sentence may be cut.

use crate::infer::semantics::state_code;

/// Characters of a mailbox that are kept before those of its host are, if there are so many.
const LOCAL: usize = 8;
/// Ways to write what people call the country, the longest first.
const COUNTRY: [&str; 4] = ["United States of America", "United States", "USA", "US"];
/// Time zones by one of their towns, and as they are written in few letters.
const ZONES: [(&str, &str); 8] = [
    ("America/New_York", "EST5EDT"),
    ("America/Detroit", "EST5EDT"),
    ("America/Indiana/Indianapolis", "EST5EDT"),
    ("America/Chicago", "CST6CDT"),
    ("America/Denver", "MST7MDT"),
    ("America/Boise", "MST7MDT"),
    ("America/Phoenix", "MST"),
    ("America/Los_Angeles", "PST8PDT"),
];

/// `text` in at most `most` characters, for a column of these words; none where nothing so short is what it is.
pub fn abbreviate(text: &str, most: usize, words: &[String]) -> Option<String> {
    if count(text) <= most {
        return Some(text.to_owned());
    }
    if let Some((local, host)) = mailbox(text) {
        return short_mailbox(local, host, most);
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        return short_url(scheme, rest, most);
    }
    if is_host(text) {
        return short_host(text, most);
    }
    if let Some(digits) = telephone(text) {
        return fitting(&telephone_forms(&digits), most);
    }
    if let Some(forms) = code(text, words) {
        return fitting(&forms, most);
    }
    Some(cut(text, most))
}

/// The first of some ways to write the same that is short enough.
fn fitting<T: AsRef<str>>(forms: &[T], most: usize) -> Option<String> {
    forms.iter().map(AsRef::as_ref).find(|form| count(form) <= most).map(str::to_owned)
}

fn count(text: &str) -> usize {
    text.chars().count()
}

/// The beginning of a text, at the end of a word where there is one.
pub fn cut(text: &str, most: usize) -> String {
    let cut: String = text.chars().take(most).collect();
    let whole = cut.rfind(' ').filter(|at| *at * 3 > cut.len() * 2).map_or(cut.as_str(), |at| &cut[..at]);
    whole.trim_end_matches([' ', ',', '-', '&', '\'']).to_owned()
}

/// The two sides of an e-mail address.
pub fn mailbox(text: &str) -> Option<(&str, &str)> {
    let (local, host) = text.rsplit_once('@')?;
    let is_one = !local.is_empty() && !local.contains(|c: char| c.is_whitespace() || c == '@');
    (is_one && is_host(host)).then_some((local, host))
}

/// Whether a text is the name of a host, with its top level.
pub fn is_host(text: &str) -> bool {
    let Some((name, top)) = text.rsplit_once('.') else { return false };
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    top.len() >= 2
        && top.chars().all(|c| c.is_ascii_lowercase())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(is_label)
}

/// Whether a column of these words takes the name of a host: a domain, but not its page.
pub fn takes_host(words: &[String]) -> bool {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["domain", "domains", "host", "hostname", "fqdn"]) && !has(&["url", "urls", "uri", "link", "href"])
}

/// The host of a web page or a mailbox, without `www.`; the text where it is neither.
pub fn host_of(text: &str) -> &str {
    if let Some((_, host)) = mailbox(text) {
        return host;
    }
    let Some((_, rest)) = text.split_once("://") else { return text };
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}

/// A text in which the host, if there is one, has at most `most` characters.
pub fn with_host_within(text: &str, most: usize) -> String {
    let host = host_of(text);
    let is_one = is_host(host) && count(host) > most;
    match is_one.then(|| short_host(host, most)).flatten() {
        Some(short) => text.replacen(host, &short, 1),
        None => text.to_owned(),
    }
}

/// A host of fewer characters: as many whole words as there is room for, and the first letters of the others. The
/// number that tells it from others stays.
fn short_host(host: &str, most: usize) -> Option<String> {
    let (name, top) = host.rsplit_once('.')?;
    let room = most.checked_sub(top.len() + 1).filter(|room| *room > 0)?;
    // Of `mail.maple-creek` the last label is the name.
    let name = name.rsplit('.').next().unwrap_or(name);
    let mut words: Vec<&str> = name.split('-').filter(|word| !word.is_empty()).collect();
    let number = words.pop_if(|word| word.bytes().all(|digit| digit.is_ascii_digit()));
    let tail = number.map(|number| format!("-{number}")).unwrap_or_default();
    let room = room.checked_sub(tail.len()).filter(|room| *room > 0)?;
    let initials = |words: &[&str]| words.iter().filter_map(|word| word.chars().next()).collect::<String>();
    let whole = |kept: usize| match kept == words.len() {
        true => words.join("-"),
        false => format!("{}-{}", words[..kept].join("-"), initials(&words[kept..])),
    };
    let short = (1..=words.len()).rev().map(whole).find(|form| count(form) <= room).unwrap_or_else(|| {
        let first: String = words.first().map_or("", |word| word).chars().take(room).collect();
        first
    });
    Some(format!("{short}{tail}.{top}")).filter(|_| !short.is_empty())
}

/// A mailbox of fewer characters, with both sides shortened where neither can be whole.
fn short_mailbox(local: &str, host: &str, most: usize) -> Option<String> {
    let room = most.checked_sub(1)?;
    let wanted = count(local).min(LOCAL);
    let host = match room.checked_sub(wanted) {
        Some(left) if count(host) <= left => host.to_owned(),
        Some(left) if left > count(".example") => short_host(host, left)?,
        _ => short_host(host, room.checked_sub(1)?)?,
    };
    let local = short_local(local, room - count(&host))?;
    Some(format!("{local}@{host}"))
}

/// `roscoe.blick` as `r.blick`, `rblick`, `rbli`.
fn short_local(local: &str, most: usize) -> Option<String> {
    if count(local) <= most {
        return Some(local.to_owned());
    }
    let mut forms = Vec::new();
    if let Some((first, last)) = local.split_once('.') {
        let initial: String = first.chars().take(1).collect();
        forms.extend([format!("{initial}.{last}"), format!("{initial}{}", last.replace('.', ""))]);
    }
    let last = forms.last().map_or(local, String::as_str);
    let begin: String = last.chars().take(most).collect();
    forms.push(begin.trim_end_matches(['.', '-', '_', '+']).to_owned());
    fitting(&forms, most).filter(|form| !form.is_empty())
}

/// A web address of fewer characters: without what every browser adds, without its path, with a short host.
fn short_url(scheme: &str, rest: &str, most: usize) -> Option<String> {
    let bare = rest.strip_prefix("www.").unwrap_or(rest);
    let host = host_of(bare.split(['/', '?', '#']).next().unwrap_or(bare));
    let forms =
        [format!("{scheme}://{bare}"), bare.to_owned(), format!("{scheme}://{host}"), host.to_owned()];
    if let Some(form) = fitting(&forms, most) {
        return Some(form);
    }
    let room = most.checked_sub(scheme.len() + "://".len());
    match room.filter(|room| *room >= 2 * count(".example")) {
        Some(room) => short_host(host, room).map(|host| format!("{scheme}://{host}")),
        None => short_host(host, most),
    }
}

/// The ten digits of a telephone number that is reserved for fiction, as all of ours are.
fn telephone(text: &str) -> Option<String> {
    let number = text.split_once(" x").map_or(text, |(number, _)| number);
    let is_sign = |c: char| matches!(c, ' ' | '(' | ')' | '+' | '-' | '.');
    if !number.chars().all(|c| c.is_ascii_digit() || is_sign(c)) {
        return None;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = if digits.len() == 11 { digits.strip_prefix('1')?.to_owned() } else { digits };
    (digits.len() == 10 && digits[3..].starts_with("55501")).then_some(digits)
}

/// Ways to write a telephone number, the longest first.
fn telephone_forms(digits: &str) -> [String; 5] {
    let (area, exchange, line) = (&digits[..3], &digits[3..6], &digits[6..]);
    [
        format!("({area}) {exchange}-{line}"),
        format!("{area}-{exchange}-{line}"),
        digits.to_owned(),
        format!("{exchange}-{line}"),
        format!("{exchange}{line}"),
    ]
}

/// The codes of what has one. A name like Georgia is a state only where the column says so.
fn code(text: &str, words: &[String]) -> Option<Vec<String>> {
    if COUNTRY.contains(&text) {
        return Some(COUNTRY.map(str::to_owned).to_vec());
    }
    if let Some((_, short)) = ZONES.iter().find(|(zone, _)| *zone == text) {
        return Some(vec![(*short).to_owned(), short[..3].to_owned()]);
    }
    if let Some((language, region)) = text.split_once(['-', '_'])
        && language.len() == 2
        && region.len() == 2
        && region.bytes().all(|letter| letter.is_ascii_uppercase())
    {
        return Some(vec![language.to_owned()]);
    }
    let is_state = |word: &String| matches!(word.as_str(), "state" | "province" | "region");
    let state = state_code(text);
    (state != text && words.iter().any(is_state)).then(|| vec![state.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(text: &str, expected: &[(usize, &str)]) {
        for (most, expected) in expected {
            let short = abbreviate(text, *most, &["state".to_owned()]);
            assert_eq!(short.as_deref(), Some(*expected), "{text} in {most}");
        }
    }

    #[test]
    fn a_host_keeps_its_top_level_and_its_number() {
        let host = "saffron-millstone-dairy.example";
        shows(
            host,
            &[
                (31, host),
                (30, "saffron-millstone-d.example"),
                (20, "saffron-md.example"),
                (12, "saff.example"),
            ],
        );
        shows("maple-creek-creamery-12.example", &[(24, "maple-creek-c-12.example")]);
        assert_eq!(abbreviate(host, 8, &[]), None);
    }

    #[test]
    fn a_web_address_is_still_one() {
        shows(
            "https://www.saffron-millstone-dairy.example",
            &[
                (40, "https://saffron-millstone-dairy.example"),
                (34, "saffron-millstone-dairy.example"),
                (30, "https://saffron-md.example"),
                (20, "saffron-md.example"),
            ],
        );
        shows(
            "https://linkedin.example/in/roscoe-blick",
            &[(34, "linkedin.example/in/roscoe-blick"), (26, "https://linkedin.example")],
        );
    }

    #[test]
    fn a_mailbox_is_at_a_reserved_domain() {
        shows("roscoe.blick@harvestbridge.example", &[(30, "r.blick@harvestbridge.example")]);
        for most in [30, 25, 20, 12] {
            let short = abbreviate("roscoe.blick@harvestbridge.example", most, &[]).expect("a mailbox");
            let (name, host) = short.split_once('@').expect("one @");
            assert!(name.starts_with('r') && host.starts_with('h') && host.ends_with(".example"), "{short}");
            assert!(short.len() <= most, "{short} in {most}");
        }
        assert_eq!(abbreviate("roscoe.blick@harvestbridge.example", 9, &[]), None);
    }

    #[test]
    fn a_telephone_number_has_its_ten_digits() {
        shows("(504) 555-0155", &[(13, "504-555-0155"), (11, "5045550155"), (9, "555-0155")]);
        assert_eq!(abbreviate("(504) 555-0155", 6, &[]), None);
        // Digits that are none are a text.
        shows("0012345678905", &[(12, "001234567890")]);
    }

    #[test]
    fn places_and_languages_become_their_codes() {
        shows("United States", &[(12, "USA"), (2, "US")]);
        shows("North Carolina", &[(10, "NC")]);
        assert_eq!(abbreviate("Georgia", 5, &["first".to_owned()]).as_deref(), Some("Georg"));
        shows("America/Chicago", &[(14, "CST6CDT"), (3, "CST")]);
        shows("en-US", &[(3, "en")]);
    }

    #[test]
    fn a_sentence_is_cut_at_a_word() {
        shows("Check the delivery route for Verity", &[(20, "Check the delivery"), (3, "Che")]);
    }

    #[test]
    fn a_host_is_shortened_the_same_way_wherever_it_stands() {
        for (text, expected) in [
            ("https://www.saffron-millstone-dairy.example", "https://www.saffron-md.example"),
            ("sales@saffron-millstone-dairy.example", "sales@saffron-md.example"),
            ("saffron-millstone-dairy.example", "saffron-md.example"),
            ("Saffron Millstone Dairy", "Saffron Millstone Dairy"),
        ] {
            assert_eq!(with_host_within(text, 20), expected);
        }
    }

    #[test]
    fn a_domain_is_a_host_and_its_address_is_none() {
        let is = |name: &str| takes_host(&crate::infer::names::words(name));
        assert!(is("domain") && is("emailDomain") && is("domain_name") && is("hostname"));
        assert!(!is("domain_url") && !is("domainNamePrimaryLinkUrl") && !is("website"));
    }
}
