//! What a value is made of.

use crate::calendar::DAY;
use crate::infer::kinds::TableKind;
use crate::infer::scalar_type::ScalarType;
use crate::random::Slot;
use crate::sqlexpr::value::Value;

/// The row that a value is made for.
pub struct Context<'a> {
    /// The present, in seconds.
    pub now: i64,
    /// When the row was made, where it says so.
    pub created: Option<i64>,
    /// The number of the row.
    pub number: u64,
    pub kind: TableKind,
    /// What a name is of: `Lead Type`.
    pub thing: &'a str,
    /// The values that the row has already, by the name of their column.
    pub known: &'a dyn Fn(&str) -> Option<Value>,
    /// Those of them that were not made up.
    pub certain: &'a dyn Fn(&str) -> Option<Value>,
    /// What the columns that are about one person, or one place, are all made of: see `together`.
    pub hidden: Slot,
    /// The column is about another person than the row's: an assistant, whoever is called in an emergency.
    pub is_of_other: bool,
}

/// The row and the column that a value is made for.
#[derive(Clone, Copy)]
pub(super) struct RuleContext<'a> {
    pub(super) slot: Slot,
    pub(super) context: &'a Context<'a>,
    pub(super) scalar: ScalarType,
    /// The kind of table whose rows are called so, where it is a certain one.
    pub(super) of_kind: Option<TableKind>,
}

/// Days before the present in which rows without a time of their own were made.
const PAST: i64 = 400;

impl RuleContext<'_> {
    /// The text of the first of these columns that the row has already.
    pub(super) fn known(&self, names: &[&str]) -> Option<String> {
        text_of(self.context.known, names)
    }

    /// The same, where it was not made up.
    pub(super) fn certain(&self, names: &[&str]) -> Option<String> {
        text_of(self.context.certain, names)
    }

    /// The same of the person whom the column is about.
    pub(super) fn certain_of_person(&self, names: &[&str]) -> Option<String> {
        self.certain(names).filter(|_| !self.context.is_of_other)
    }

    /// When the row was made, never after the present.
    pub(super) fn created(&self) -> i64 {
        self.context.created.unwrap_or(self.context.now - PAST * DAY).min(self.context.now)
    }

    /// A second as the type has it.
    pub(super) fn at(&self, second: i64) -> Value {
        match self.scalar {
            ScalarType::Date => Value::Date(second.div_euclid(DAY).clamp(-719_162, 2_932_896) as i32),
            ScalarType::Timestamp => Value::Timestamp(second),
            ScalarType::Integer | ScalarType::Decimal => second.into(),
            _ => {
                let mut text = Vec::new();
                let day = second.div_euclid(DAY).clamp(-719_162, 2_932_896) as i32;
                crate::calendar::write_date(&mut text, day);
                String::from_utf8_lossy(&text).into_owned().into()
            }
        }
    }
}

fn text_of(of: &dyn Fn(&str) -> Option<Value>, names: &[&str]) -> Option<String> {
    let text = |name: &&str| match of(name)? {
        Value::Text(text) => Some(text).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    names.iter().find_map(text)
}
