//! The numbers of rows as keys of any type.
//!
//! Invariant: a key says its number in an order that comparison keeps, so that a range of numbers is a range
//! of keys, whatever their type.

use crate::infer::column_type::ColumnType;
use crate::infer::digits::Digits;
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;
use crate::sqlexpr::Pattern;
use crate::sqlexpr::value::Value;

/// How numbers become keys.
#[derive(Clone, Debug)]
pub enum KeyForm {
    /// The row number itself.
    Number,
    /// UUIDs of version 8 (RFC 9562: ours to define): 62 bits of the table, then the number in decimal.
    Uuid {
        /// Upper 64 bits of every UUID of the column.
        high: u64,
    },
    /// ULIDs: ten letters of time and four of the table, then the number in decimal, whose digits are letters of
    /// theirs.
    Ulid {
        /// The first fourteen letters of every key of the column.
        prefix: String,
    },
    /// A prefix and so many digits.
    Text {
        /// Constant text before the number.
        prefix: String,
        /// Width to which the number is padded with zeros.
        digits: usize,
    },
    /// The texts of the pattern that a CHECK constraint asks for, in their order.
    Pattern {
        pattern: Pattern,
        /// Least and most characters.
        length: (usize, Option<usize>),
    },
}

/// Decimal digits of the highest number.
const MOST_DIGITS: usize = 15;
/// Characters of a UUID and of a ULID, as texts of this length are in the schemas of Laravel and others.
const UUID: usize = 36;
const ULID: usize = 26;
/// Decimal digits at the end of a ULID.
const ULID_DIGITS: usize = 12;
/// The letters of ULIDs, and the first ten of one of midnight of 2025-01-01 UTC.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME: &str = "01JGFJJZ00";

impl KeyForm {
    /// Of the keys of `table`; `None` where no number fits the type.
    pub fn of(table: &str, column_type: &ColumnType) -> Option<Self> {
        if let (ScalarType::Text, [pattern]) = (column_type.scalar, &column_type.facts.patterns[..]) {
            let length = (column_type.facts.min_length.unwrap_or(0), column_type.max_length);
            return Some(Self::Pattern { pattern: pattern.clone(), length });
        }
        match column_type.scalar {
            // Of odd digits the numbers of rows are no values.
            ScalarType::Decimal if column_type.digits.is_some_and(Digits::is_odd) => None,
            ScalarType::Integer | ScalarType::Decimal => Some(Self::Number),
            ScalarType::Uuid => Some(Self::uuid("crm-seed 1 uuid of table", table)),
            ScalarType::Text if column_type.labels.is_none() && column_type.max_length == Some(UUID) => {
                Some(Self::uuid("crm-seed 1 uuid of table", table))
            }
            ScalarType::Text if column_type.labels.is_none() && column_type.max_length == Some(ULID) => {
                Some(Self::ulid(table))
            }
            ScalarType::Text if column_type.labels.is_none() => {
                let word = names::words(table).first().map(|word| names::singular(word)).unwrap_or_default();
                let mut prefix: String = word.chars().filter(char::is_ascii_alphabetic).take(3).collect();
                prefix.push('_');
                let room = column_type.max_length.unwrap_or(prefix.len() + MOST_DIGITS);
                if room < prefix.len() + 6 {
                    prefix.clear();
                }
                Some(Self::Text { digits: (room - prefix.len().min(room)).min(MOST_DIGITS), prefix })
            }
            _ => None,
        }
    }

    /// UUIDs of a column that is no key.
    pub fn of_column(column: &str) -> Self {
        Self::uuid("crm-seed 1 uuid of column", column)
    }

    fn ulid(table: &str) -> Self {
        let hash = blake3::derive_key("crm-seed 1 ulid of table", table.as_bytes());
        let letters = hash[..ULID - TIME.len() - ULID_DIGITS].iter();
        let letters = letters.map(|byte| char::from(CROCKFORD[usize::from(byte % 32)]));
        Self::Ulid { prefix: TIME.chars().chain(letters).collect() }
    }

    fn uuid(context: &str, name: &str) -> Self {
        let hash = blake3::derive_key(context, name.as_bytes());
        let high =
            u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]);
        Self::Uuid { high: high & !0xf000 | 0x8000 }
    }

    /// The key of `number`.
    pub fn value(&self, number: u64) -> Value {
        match self {
            Self::Number => Value::Number(number.into()),
            Self::Uuid { high } => Value::Text(uuid(*high, number)),
            Self::Ulid { prefix } => Value::Text(format!("{prefix}{number:0ULID_DIGITS$}")),
            Self::Text { prefix, digits } => Value::Text(format!("{prefix}{number:0digits$}")),
            Self::Pattern { pattern, length: (least, most) } => {
                pattern.generate_nth_between(number, *least, *most).map_or(Value::Null, Value::Text)
            }
        }
    }

    /// The highest number that has a key.
    pub fn highest(&self, column_type: &ColumnType) -> u64 {
        match self {
            Self::Number => column_type.highest().unwrap_or(i64::MAX as u64),
            Self::Uuid { .. } => 10_u64.pow(MOST_DIGITS as u32) - 1,
            Self::Ulid { .. } => 10_u64.pow(ULID_DIGITS as u32) - 1,
            Self::Text { digits, .. } => 10_u64.saturating_pow(*digits as u32) - 1,
            Self::Pattern { pattern, length: (least, most) } => {
                pattern.count_between(*least, *most).saturating_sub(1)
            }
        }
    }
}

/// A UUID whose last fifteen digits are the number in decimal.
fn uuid(high: u64, number: u64) -> String {
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xffff);
    let digits = format!("{number:015}");
    format!("{a:08x}-{b:04x}-{c:04x}-8{}-{}", &digits[..3], &digits[3..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_the_order_of_their_numbers() {
        let forms = [
            KeyForm::Uuid { high: 0x1234_5678_9abc_8def },
            KeyForm::Text { prefix: "com_".into(), digits: 15 },
            KeyForm::ulid("companies"),
        ];
        for form in forms {
            let keys: Vec<String> = [1, 9, 10, 42, 2_000_000_000, 999_999_999_999]
                .into_iter()
                .map(|number| form.value(number).as_text().unwrap_or_default().to_owned())
                .collect();
            assert!(keys.is_sorted(), "{keys:?}");
        }
        let key = KeyForm::Uuid { high: 0x1234_5678_9abc_8def }.value(42);
        assert_eq!(key.as_text(), Some("12345678-9abc-8def-8000-000000000042"));
        let key = KeyForm::ulid("companies").value(42);
        let key = key.as_text().unwrap_or_default();
        assert!(key.len() == ULID && key.bytes().all(|letter| CROCKFORD.contains(&letter)), "{key}");
    }
}
