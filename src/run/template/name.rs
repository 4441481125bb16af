//! Names of databases: what may be given, and what templates are called.

/// What the names of templates begin with.
pub const TEMPLATE: &str = "crm_seed_template_";
/// What the names of databases begin with that are not finished.
pub const UNFINISHED: &str = "crm_seed_unfinished_";
/// What no name may begin with: it is crm-seed's.
const OURS: &str = "crm_seed_";
/// The server cuts off longer names.
const MOST_BYTES: usize = 63;
/// Databases of the server's own.
const OF_SERVER: [&str; 3] = ["postgres", "template0", "template1"];
/// Hexadecimal digits of a digest that are part of a name.
const DIGITS: usize = 16;

/// Why a name may not be that of a copy. Others would have to be written differently in a URL.
pub fn fault(name: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || name.len() > MOST_BYTES || !name.chars().all(is_plain) || name.starts_with('-') {
        return Some(format!("it must consist of 1 to {MOST_BYTES} letters, digits, _ and -"));
    }
    if OF_SERVER.contains(&name) {
        return Some("this database is the server's own".into());
    }
    name.starts_with(OURS).then(|| format!("names that begin with {OURS} are those of templates"))
}

/// The name of the template with this digest (in hexadecimal) of a database.
pub fn of_template(source: &str, digest: &str) -> String {
    let room = MOST_BYTES - TEMPLATE.len() - DIGITS - 1;
    let end = source.floor_char_boundary(room);
    format!("{TEMPLATE}{}_{}", &source[..end], &digest[..DIGITS.min(digest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_are_not_taken() {
        for name in ["test_1", "Test-1", "1", "a"] {
            assert_eq!(fault(name), None, "{name}");
        }
        let long = "a".repeat(64);
        for name in ["", "a b", "a/b", "a\"b", "-a", "é", "a\n", &long, "postgres", "template0", "template1"]
        {
            assert!(fault(name).is_some(), "{name}");
        }
        assert!(fault("crm_seed_template_app_0").is_some());
    }

    #[test]
    fn a_template_is_called_by_its_source_and_digest_in_63_bytes() {
        let digest = "0123456789abcdef0123";
        assert_eq!(of_template("app", digest), "crm_seed_template_app_0123456789abcdef");
        let name = of_template(&"é".repeat(40), digest);
        assert!(name.len() <= MOST_BYTES && name.ends_with("é_0123456789abcdef"), "{name}");
    }
}
