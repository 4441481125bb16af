//! Which default is the value of a column. One that calls a function, or says where we are (a tenant, a region, an
//! owner), is; one that only stands in until somebody says it (a name that is "Pending") is not; one that reads the
//! clock or draws by chance never is what a run makes, and is kept from a column that is to be NULL.

use super::{Decided, Decision};
use crate::catalog::Here;
use crate::infer::model::Generator;
use crate::infer::scalar_type::ScalarType;
use crate::infer::semantics::Semantics;
use crate::infer::uuid::random_uuid;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::{self, Expression, Pattern};

/// Words of columns that say where we are.
const PLACES: &str = "tenant account workspace org organization organisation company branch site region zone territory \
     realm environment env locale language lang currency timezone tz country state province county owner store office \
     division instance schema app application project space";
/// The same, of texts that are no names.
const REGIONS: &str =
    "tenant region zone territory country state province county currency timezone locale language";
/// Words of columns that say that something is in use.
const IN_USE: &str =
    "active enabled visible available published current valid verified confirmed approved activated";
/// Texts that stand in until somebody says something.
const STAND_INS: [&str; 14] = [
    "untitled",
    "unnamed",
    "unknown",
    "undefined",
    "tbd",
    "tba",
    "n/a",
    "na",
    "no name",
    "no title",
    "placeholder",
    "-",
    "?",
    "null",
];
/// Words of columns in which something may be pending.
const PROGRESS: &str = "status state stage phase step approval verification result outcome";
/// Digits of a text that a program draws by chance.
const DIGITS: usize = 32;
/// Characters of a UUID.
const UUID_DIGITS: usize = 36;
/// What they are.
const DRAWN_UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}";

/// The number as `to_char` writes it with zeros, in other words for the same.
fn with_zeros(sql: &str) -> String {
    let call = "to_char(\"row\", 'FM";
    let Some((before, after)) = sql.split_once(call) else { return sql.to_owned() };
    let Some((zeros, rest)) = after.split_once("'::text)") else { return sql.to_owned() };
    match !zeros.is_empty() && zeros.bytes().all(|zero| zero == b'0') {
        true => format!("{before}lpad((\"row\")::text, {}, '0'::text){rest}", zeros.len()),
        false => sql.to_owned(),
    }
}

/// Whether a list of words has one of a column's.
fn has(list: &str, words: &[String]) -> bool {
    list.split_whitespace().any(|known| words.iter().any(|word| word == known))
}

impl Decision<'_> {
    /// What a default says that tells where we are, whatever the column refers to in all but declaration.
    pub(super) fn by_session(&self) -> Option<Decided> {
        let default = self.column_type.default.as_ref().filter(|default| self.is_told(default))?;
        self.takes(default).then(|| self.constant(default))
    }

    /// One and the same for all rows, where a function that says where we are says nothing here.
    fn elsewhere(&self) -> Option<Decided> {
        let column_type = &self.column_type;
        if self.column.default_here != Here::Null || !column_type.not_null {
            return None;
        }
        let value = match column_type.scalar {
            ScalarType::Uuid => {
                let hash = blake3::derive_key("crm-seed 1 uuid of all rows", column_type.name.as_bytes());
                let bits = hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
                Value::Text(random_uuid(bits))
            }
            ScalarType::Integer => Value::from(1),
            _ => return None,
        };
        let about = "one for all rows, as its default says nothing here";
        self.takes(&value).then(|| Decided::Generated(Generator::Constant(value), 0, about.into()))
    }

    /// Whether a default is more than something to begin with: 0, false and the like are that.
    fn is_told(&self, default: &Value) -> bool {
        let is_nothing = match default {
            Value::Number(number) => number.is_zero(),
            Value::Text(text) => text.is_empty() || text == "0",
            Value::Bool(_) | Value::Json(_) | Value::List(_) => true,
            _ => false,
        };
        let words = &self.column_type.words;
        // The state of a row is no place.
        let is_status = || words.iter().any(|word| word == "state") && self.meant() != ["state", "code"];
        let is_place = match self.column_type.scalar {
            ScalarType::Uuid => true,
            ScalarType::Text => has(REGIONS, words) && !is_status(),
            _ => has(PLACES, words) && !is_status(),
        };
        self.column.has_telling_default() || !is_nothing && is_place
    }

    /// Whether it can be the value of every row.
    fn takes(&self, default: &Value) -> bool {
        !self.is_in_key() && !self.is_alone_in_key() && self.passes(default)
    }

    /// No two rows may have the same.
    pub(super) fn is_alone_in_key(&self) -> bool {
        let name = Some(self.column.name.clone());
        self.table().uniques.iter().any(|unique| unique.columns == [name.clone()])
    }

    fn constant(&self, default: &Value) -> Decided {
        Decided::Generated(
            Generator::Constant(self.column_type.fit(default.clone())),
            0,
            "its default".into(),
        )
    }

    /// The default, where it is the value rather than what the name means.
    pub(super) fn default(&self, meaning: Semantics) -> Option<Decided> {
        if let Some(decided) = self.by_session().or_else(|| self.elsewhere()) {
            return Some(decided);
        }
        let column_type = &self.column_type;
        let default = column_type.default.as_ref().filter(|default| self.takes(default))?;
        let is_other_key = column_type.words.last().is_some_and(|word| word == "id");
        let is_kept = match column_type.scalar {
            _ if column_type.is_list || is_other_key || meaning.is_code() || meaning.is_unknown() => true,
            ScalarType::Json | ScalarType::Bytes => true,
            // A flag that is false until somebody has done something says so of none.
            ScalarType::Bool => *default != Value::Bool(false) || !has(IN_USE, &column_type.words),
            // Names, mailboxes and whatever else is each row's own.
            ScalarType::Text => !meaning.is_individual() && !self.stands_in(default),
            _ => false,
        };
        is_kept.then(|| self.constant(default))
    }

    /// Whether a text is there until somebody says something.
    fn stands_in(&self, default: &Value) -> bool {
        let text = default.as_text().unwrap_or_default().trim().to_lowercase();
        let is_pending = text == "pending" && !has(PROGRESS, &self.column_type.words);
        is_pending || STAND_INS.contains(&text.as_str()) || text.starts_with("untitled ")
    }

    /// What the server would put in a column that has a default like no other: drawn from the row's number.
    pub(super) fn drawn(&self, meaning: Semantics) -> Option<Decided> {
        let text = self.column.default.as_deref().filter(|_| self.column_type.is_default_changing)?;
        let by_chance = ["random", "uuid", "md5"].iter().any(|word| text.to_lowercase().contains(word));
        if self.column_type.scalar != ScalarType::Text || !by_chance || self.is_by_function() {
            return None;
        }
        if !self.column_type.not_null && meaning.is_always_null() {
            return None;
        }
        let room = self.column_type.max_length.unwrap_or(UUID_DIGITS);
        let pattern = match text.contains("uuid") && room >= UUID_DIGITS {
            true => DRAWN_UUID.to_owned(),
            false => format!("[0-9a-f]{{{}}}", room.min(DIGITS)),
        };
        let pattern = Pattern::regex(&pattern, false).ok()?;
        Some(Decided::Generated(Generator::Pattern(pattern), 0, "drawn as its default is".into()))
    }

    /// Whether a function of the app's own makes the default.
    pub(super) fn is_by_function(&self) -> bool {
        !self.column.default_functions.is_empty()
    }

    /// The default of a text that has the number of a sequence in it, with the row's place as that number.
    pub(super) fn numbered(&self) -> Option<Expression> {
        let text = self.column.default.as_deref()?;
        let start = text.find("nextval(")?;
        let end = start + text[start..].find(')')? + 1;
        let text = format!("{}\"row\"{}", &text[..start], &text[end..]);
        let expression = sqlexpr::read(&with_zeros(&text)).ok()?;
        let first = expression.value(&|_| Value::from(1), self.now);
        (expression.columns() == ["row"] && !first.is_null()).then_some(expression)
    }

    /// Left to the server, which fills it with what nobody knows beforehand.
    pub(super) fn left_to_server(&self) -> Decided {
        let default = self.column.default.as_deref().unwrap_or_default();
        Decided::ByServer(sqlexpr::brief(default))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_zeros_is_read() {
        let read = with_zeros("('ORD-'::text || to_char(\"row\", 'FM0000'::text))");
        assert_eq!(read, "('ORD-'::text || lpad((\"row\")::text, 4, '0'::text))");
        assert_eq!(with_zeros("to_char(\"row\", 'FM9999'::text)"), "to_char(\"row\", 'FM9999'::text)");
    }
}
