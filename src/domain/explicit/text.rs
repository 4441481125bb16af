//! Names in the letters that addresses may have.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest label of a domain name (RFC 1035).
const LONGEST_LABEL: usize = 63;

/// Letters that no decomposition leads to ASCII.
fn spelled_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        '&' => " and ",
        _ => return None,
    })
}

fn ascii(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut out = String::with_capacity(lower.len());
    for c in lower.nfkd().filter(|c| !is_combining_mark(*c)) {
        match spelled_out(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    }
    out
}

/// A person's name for a mailbox: lower-case letters and digits; empty where it has none in ASCII.
pub fn mailbox(name: &str) -> String {
    ascii(name).chars().filter(char::is_ascii_alphanumeric).take(32).collect()
}

/// An organization's name as a label of a domain; empty where it has no letter in ASCII.
pub fn domain_label(name: &str) -> String {
    let name = ascii(name).replace(['\'', '’'], "");
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut label = words.collect::<Vec<&str>>().join("-");
    label.truncate(LONGEST_LABEL);
    label.truncate(label.trim_end_matches('-').len());
    label
}

/// The host of a website or of an e-mail address, without `www.`.
pub fn host(address: &str) -> Option<&str> {
    let host = match address.split_once("://") {
        Some((_, rest)) => rest.split(['/', ':', '?', '#']).next(),
        None => address.rsplit_once('@').map(|(_, host)| host),
    }?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    (!host.is_empty()).then_some(host)
}

/// The area code of a telephone number such as `(614) 555-0123`.
pub fn area_code(phone: &str) -> Option<&str> {
    let code = phone.strip_prefix('(')?.get(..3)?;
    code.bytes().all(|b| b.is_ascii_digit()).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_addresses() {
        assert_eq!(mailbox("Zoë-Ann O'Brien"), "zoeannobrien");
        assert_eq!(mailbox("Łukasz Weiß"), "lukaszweiss");
        assert_eq!(mailbox("محمد"), "");
        assert_eq!(domain_label("Joe's Bar & Grill"), "joes-bar-and-grill");
        assert_eq!(domain_label("Café Zürich"), "cafe-zurich");
        assert_eq!(domain_label("🍕"), "");
        assert!(domain_label(&"word ".repeat(50)).len() <= LONGEST_LABEL);
    }

    #[test]
    fn hosts_and_area_codes_are_found() {
        assert_eq!(host("https://www.acme.example/shop"), Some("acme.example"));
        assert_eq!(host("info@acme.example"), Some("acme.example"));
        assert_eq!(host("nothing"), None);
        assert_eq!(area_code("(614) 555-0123"), Some("614"));
        assert_eq!(area_code("+44 20"), None);
        assert_eq!(area_code("(é1) 5"), None);
    }
}
