//! Types of columns, and what becomes of values when a column gets another.

use squawk_syntax::ast::{self, AstNode};

/// A type as a file writes it, by one name for all its spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    /// In lower case, without its schema and modifiers: `numeric`, `timestamptz`, `task_priority`.
    pub base: String,
    /// What stands in parentheses.
    modifiers: Vec<u32>,
    is_array: bool,
}

/// What PostgreSQL does about values when a column's type changes without USING.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// All values stay what they are, and the table is not rewritten.
    Kept,
    /// All values stay what they are, in a table that is rewritten or scanned.
    Converted,
    /// Values may not fit, or lose something.
    Lossy,
    /// It refuses.
    Refused,
    /// It depends on what is not known here.
    Unknown,
}

/// From the narrowest to the widest.
const NUMBERS: [&str; 6] = ["smallint", "integer", "bigint", "numeric", "real", "double precision"];
const STRINGS: [&str; 5] = ["text", "varchar", "char", "citext", "name"];
/// Other types that are built in.
const OTHERS: [&str; 17] = [
    "boolean",
    "bytea",
    "cidr",
    "date",
    "inet",
    "interval",
    "json",
    "jsonb",
    "macaddr",
    "money",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "tsvector",
    "uuid",
    "xml",
];
/// Pairs beyond numbers and strings that are converted without USING.
const CONVERTED: [(&str, &str); 8] = [
    ("json", "jsonb"),
    ("jsonb", "json"),
    ("date", "timestamp"),
    ("date", "timestamptz"),
    ("timestamp", "timestamptz"),
    ("time", "interval"),
    ("time", "timetz"),
    ("cidr", "inet"),
];
/// Likewise, but what does not fit is cut off.
const LOSSY: [(&str, &str); 9] = [
    ("timestamp", "date"),
    ("timestamptz", "date"),
    ("timestamptz", "timestamp"),
    ("timestamp", "time"),
    ("timestamptz", "time"),
    ("timestamptz", "timetz"),
    ("timetz", "time"),
    ("interval", "time"),
    ("inet", "cidr"),
];

impl TypeName {
    pub fn of(ty: &ast::Type) -> Self {
        let is_array = matches!(ty, ast::Type::ArrayType(_));
        let text = ty.syntax().text().to_string().to_lowercase();
        let (outside, inside) = parted(&text);
        let words: Vec<&str> = outside
            .split(|c: char| c.is_whitespace() || matches!(c, '[' | ']'))
            .filter(|w| !w.is_empty())
            .collect();
        let words = words.join(" ");
        let last = words.rsplit('.').next().unwrap_or_default().trim_matches('"');
        let base = canonical(last.trim_end_matches(" array"));
        let modifiers = inside.split(',').filter_map(|number| number.trim().parse().ok()).collect();
        Self { base: base.to_owned(), modifiers, is_array }
    }

    /// Whether a column of it gets its values from a sequence.
    pub fn is_serial(&self) -> bool {
        matches!(
            self.base.as_str(),
            "serial" | "bigserial" | "smallserial" | "serial2" | "serial4" | "serial8"
        )
    }

    /// What happens to a column of this type that gets the type `to`; `is_enum` knows the enums of the schema.
    pub fn cast(&self, to: &Self, is_enum: impl Fn(&str) -> bool) -> Cast {
        let (from_base, to_base) = (self.stored(), to.stored());
        if self.is_array != to.is_array {
            // An array becomes a text by its output, and nothing becomes an array by itself.
            return match STRINGS.contains(&to_base) {
                true if self.is_array => Cast::Converted,
                _ => Cast::Refused,
            };
        }
        if from_base == to_base {
            return self.resized(to);
        }
        if STRINGS.contains(&to_base) {
            let is_kept = STRINGS.contains(&from_base) && from_base != "char" && to_base != "char";
            return if is_kept && to.modifiers.is_empty() { Cast::Kept } else { Cast::Converted };
        }
        let rank = |base: &str| NUMBERS.iter().position(|known| *known == base);
        if let (Some(from), Some(to)) = (rank(from_base), rank(to_base)) {
            return if from < to { Cast::Converted } else { Cast::Lossy };
        }
        let pair = (from_base, to_base);
        let is_builtin =
            |base: &str| rank(base).is_some() || STRINGS.contains(&base) || OTHERS.contains(&base);
        match pair {
            pair if CONVERTED.contains(&pair) => Cast::Converted,
            pair if LOSSY.contains(&pair) => Cast::Lossy,
            ("money", "numeric") | ("numeric" | "integer" | "bigint", "money") => Cast::Converted,
            (from, to) if is_builtin(to) && (is_builtin(from) || is_enum(from)) => Cast::Refused,
            (_, to) if is_enum(to) => Cast::Refused,
            // A domain, or a type that an extension brings its casts for.
            _ => Cast::Unknown,
        }
    }

    /// The type of its values: that of a serial is a number.
    fn stored(&self) -> &str {
        match self.base.as_str() {
            "serial" | "serial4" => "integer",
            "bigserial" | "serial8" => "bigint",
            "smallserial" | "serial2" => "smallint",
            base => base,
        }
    }

    /// The same type with other modifiers.
    fn resized(&self, to: &Self) -> Cast {
        match (self.modifiers.as_slice(), to.modifiers.as_slice()) {
            (from, to) if from == to => Cast::Kept,
            (_, []) if self.base != "char" => Cast::Kept,
            ([from], [to]) if self.base == "varchar" && from <= to => Cast::Kept,
            ([from, from_scale], [to, to_scale]) if from_scale == to_scale && from <= to => Cast::Kept,
            // Values that do not fit stop the migration; nothing is lost.
            _ => Cast::Converted,
        }
    }
}

/// A type's words, and what stands in its parentheses.
fn parted(text: &str) -> (String, &str) {
    match (text.find('('), text.rfind(')')) {
        (Some(open), Some(close)) if open < close => {
            (format!("{} {}", &text[..open], &text[close + 1..]), &text[open + 1..close])
        }
        _ => (text.to_owned(), ""),
    }
}

fn canonical(name: &str) -> &str {
    match name {
        "int" | "int4" => "integer",
        "int2" => "smallint",
        "int8" => "bigint",
        "decimal" => "numeric",
        "float4" => "real",
        "float8" | "float" => "double precision",
        "bool" => "boolean",
        "character varying" | "char varying" => "varchar",
        "character" | "bpchar" | "nchar" => "char",
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        "time with time zone" => "timetz",
        "time without time zone" => "time",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use squawk_syntax::SourceFile;

    use super::*;

    fn read(ty: &str) -> TypeName {
        let parse = SourceFile::parse(&format!("CREATE TABLE t (c {ty});"));
        let ty = parse.tree().syntax().descendants().find_map(ast::Type::cast).expect(ty);
        TypeName::of(&ty)
    }

    #[test]
    fn spellings_of_a_type_are_one() {
        for (one, other) in [
            ("int", "INTEGER"),
            ("character varying(20)", "varchar(20)"),
            ("timestamp(3) with time zone", "timestamptz(3)"),
            ("numeric( 10, 2 )", "decimal(10,2)"),
            ("public.\"Stage\"", "stage"),
            ("text[]", "text ARRAY"),
            ("pg_catalog.int8", "bigint"),
        ] {
            assert_eq!(read(one), read(other), "{one} {other}");
        }
    }

    #[test]
    fn what_becomes_of_values_is_what_the_server_does() {
        for (from, to, cast) in [
            ("varchar(20)", "text", Cast::Kept),
            ("varchar(20)", "varchar(40)", Cast::Kept),
            ("varchar(40)", "varchar(20)", Cast::Converted),
            ("numeric(10,2)", "numeric(12,2)", Cast::Kept),
            ("int", "bigint", Cast::Converted),
            ("bigserial", "integer", Cast::Lossy),
            ("timestamptz", "date", Cast::Lossy),
            ("text", "integer", Cast::Refused),
            ("text", "jsonb", Cast::Refused),
            ("boolean", "integer", Cast::Refused),
            ("text", "stage", Cast::Refused),
            ("stage", "text", Cast::Converted),
            ("text", "text[]", Cast::Refused),
            ("text", "some_domain", Cast::Unknown),
            ("some_domain", "text", Cast::Converted),
        ] {
            assert_eq!(read(from).cast(&read(to), |name| name == "stage"), cast, "{from} to {to}");
        }
    }
}
