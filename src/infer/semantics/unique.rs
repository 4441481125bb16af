//! Texts that do not repeat.

/// `base` with `number` in it, in at most `max_length` characters (of which there must be enough for the
/// digits).
///
/// Invariant: two numbers never share a text, whatever their bases are and whatever becomes of the case:
/// where the text ends in a digit, its last run of digits is the number, and a mark stands before it; else it is
/// a mailbox, and the run of digits before its last `@` is.
pub fn unique_text(base: &str, number: u64, max_length: Option<usize>) -> String {
    let base = base.trim();
    let mailbox = base.rsplit_once('@').filter(|(local, domain)| {
        !local.is_empty() && !local.contains(char::is_whitespace) && domain.contains('.') && is_domain(domain)
    });
    let (head, mark, tail) = match mailbox {
        // Digits of its own would run into the number.
        Some((local, domain)) => (local.trim_end_matches(is_digit), "", format!("@{domain}")),
        None if base.contains("://") || is_slug(base) => (base, "-", String::new()),
        None if is_code(base) => (base, "-", String::new()),
        None => (base, " ", String::new()),
    };
    let digits = if mailbox.is_none() && !base.contains("://") && is_code(base) {
        format!("{number:04}")
    } else {
        number.to_string()
    };
    let room = max_length.unwrap_or(usize::MAX);
    let fixed = mark.len() + digits.len() + tail.chars().count();
    if fixed < room {
        let head: String = head.chars().take(room - fixed).collect();
        let is_idle = |c: char| c.is_whitespace() || c == '-' || (mark.is_empty() && is_digit(c));
        let head = head.trim_end_matches(is_idle);
        if head.is_empty() {
            return format!("x{mark}{digits}{tail}");
        }
        return format!("{head}{mark}{digits}{tail}");
    }
    // No room for the shape: the number alone, which is shorter than any text above with the same digits.
    bare(number, room)
}

/// The digits of `number`, the last ones where there is no room for all.
fn bare(number: u64, room: usize) -> String {
    let digits = number.to_string();
    digits.get(digits.len().saturating_sub(room)..).unwrap_or_default().to_owned()
}

const fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_domain(text: &str) -> bool {
    // One that ended in a digit would make the text end as those of no mailbox do.
    text.ends_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}

fn is_slug(text: &str) -> bool {
    text.contains(['-', '_', '.'])
        && text.chars().any(|c| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

fn is_code(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}
