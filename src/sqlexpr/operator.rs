//! What stands between the operands of an expression.

/// The test after `IS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `IS NULL`, and `IS UNKNOWN`.
    Null,
    /// `IS TRUE`
    True,
    /// `IS FALSE`
    False,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    Differs,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// An operator between two values that is no comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Divided,
    /// `%`
    Modulo,
    /// `^`
    Power,
    /// `||`
    Concat,
    /// `->`
    Member,
    /// `->>`
    MemberText,
    /// `#>`
    Path,
    /// `#>>`
    PathText,
    /// `@>`
    Contains,
    /// `<@`
    ContainedIn,
    /// `&&`
    Overlaps,
    /// `?`
    HasKey,
    /// `?|`
    HasAnyKey,
    /// `?&`
    HasAllKeys,
    /// `^@`
    StartsWith,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `array[n]`
    Element,
}

impl Comparison {
    /// The comparison that is written so.
    pub fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "=" => Self::Equal,
            "<>" | "!=" => Self::Differs,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Whether it holds of two values that stand in this order.
    pub const fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Differs => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// The same with its sides exchanged.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// What holds where this does not.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::Equal => Self::Differs,
            Self::Differs => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }
}

impl Operator {
    /// `+`, `-`, `*`, `/`, `%`: of two values of one type a third.
    pub const fn is_arithmetic(self) -> bool {
        matches!(self, Self::Plus | Self::Minus | Self::Times | Self::Divided | Self::Modulo)
    }

    /// The operator that is written so, and how strongly it binds.
    pub fn of(symbol: &str) -> Option<(Self, u8)> {
        Some(match symbol {
            "+" => (Self::Plus, 8),
            "-" => (Self::Minus, 8),
            "*" => (Self::Times, 9),
            "/" => (Self::Divided, 9),
            "%" => (Self::Modulo, 9),
            "^" => (Self::Power, 10),
            "||" => (Self::Concat, 7),
            "->" => (Self::Member, 7),
            "->>" => (Self::MemberText, 7),
            "#>" => (Self::Path, 7),
            "#>>" => (Self::PathText, 7),
            "@>" => (Self::Contains, 7),
            "<@" => (Self::ContainedIn, 7),
            "&&" => (Self::Overlaps, 7),
            "?" => (Self::HasKey, 7),
            "?|" => (Self::HasAnyKey, 7),
            "?&" => (Self::HasAllKeys, 7),
            "^@" => (Self::StartsWith, 7),
            "&" => (Self::BitAnd, 7),
            "|" => (Self::BitOr, 7),
            _ => return None,
        })
    }
}
