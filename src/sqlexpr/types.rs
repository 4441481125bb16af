//! The types of casts.

/// A type, as far as it matters to what a value of it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `text`, and `character varying` with its length.
    Text(Option<usize>),
    /// `char(n)`: spaces at its end do not count.
    Padded(Option<usize>),
    /// `citext`: the case of letters does not count.
    Caseless,
    /// Text in the order of its bytes: `COLLATE "C"`, `uuid`, `bytea`.
    Bytewise,
    /// `smallint`, `integer` and `bigint`, with their bytes.
    Integer(u8),
    /// `numeric`, with its digits after the point.
    Numeric(Option<u32>),
    /// `real` and `double precision`.
    Float,
    /// `money`.
    Money,
    /// `boolean`.
    Bool,
    /// `date`.
    Date,
    /// `timestamp`, with a time zone (which we take as UTC) or without.
    Timestamp,
    /// `time`.
    Time,
    /// `interval`.
    Interval,
    /// `json` and `jsonb`.
    Json,
    /// A type that has many texts for one value, so that texts that differ prove nothing.
    Odd(String),
    /// Any other, such as an enum: known by its text, its order unknown.
    Named(String),
    /// An array of this element type.
    Array(Box<Type>),
}

impl Type {
    /// The type of this name, with the numbers that stand behind it in parentheses.
    pub fn of(name: &str, sizes: &[u32]) -> Self {
        let size = sizes.first().map(|size| *size as usize);
        match name {
            "text" | "varchar" | "character varying" | "name" => Self::Text(size),
            "bpchar" => Self::Padded(size),
            "character" | "char" => Self::Padded(size.or(Some(1))),
            "citext" => Self::Caseless,
            "uuid" | "bytea" => Self::Bytewise,
            "smallint" | "int2" => Self::Integer(2),
            "integer" | "int" | "int4" => Self::Integer(4),
            "bigint" | "int8" => Self::Integer(8),
            "numeric" | "decimal" => Self::Numeric(size.map(|_| sizes.get(1).copied().unwrap_or_default())),
            "real" | "double precision" | "float4" | "float8" => Self::Float,
            "money" => Self::Money,
            "boolean" | "bool" => Self::Bool,
            "date" => Self::Date,
            "time" | "time without time zone" => Self::Time,
            "interval" => Self::Interval,
            "json" | "jsonb" => Self::Json,
            name if name.starts_with("timestamp") => Self::Timestamp,
            "inet"
            | "cidr"
            | "macaddr"
            | "macaddr8"
            | "xml"
            | "bit"
            | "bit varying"
            | "varbit"
            | "tsvector"
            | "time with time zone"
            | "timetz"
            | "hstore"
            | "ltree"
            | "regclass"
            | "oid"
            | "jsonpath" => Self::Odd(name.to_owned()),
            name if name.contains("range") => Self::Odd(name.to_owned()),
            name => Self::Named(name.to_owned()),
        }
    }

    /// Whether its values are numbers.
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Numeric(_) | Self::Float | Self::Money)
    }

    /// Whether a cast to it changes nothing that a comparison or a pattern would see.
    pub const fn is_wider(&self) -> bool {
        matches!(
            self,
            Self::Text(None)
                | Self::Padded(None)
                | Self::Caseless
                | Self::Bytewise
                | Self::Integer(8)
                | Self::Numeric(None)
                | Self::Float
                | Self::Timestamp
                | Self::Named(_)
        )
    }
}
