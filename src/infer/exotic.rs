//! Types that few tables have, and that no name explains.

use crate::infer::column_type::ColumnType;
use crate::random::Slot;
use crate::sqlexpr::LONGEST;
use crate::sqlexpr::value::Value;

/// Whether [`value`] knows the type.
pub fn is_known(column_type: &ColumnType) -> bool {
    value(column_type, Slot::of(0), 0, (0, 0)).is_some()
}

/// A value of a type for the row of a number, which was made at a second, where another is the present.
pub fn value(column_type: &ColumnType, slot: Slot, number: u64, (made, now): (i64, i64)) -> Option<Value> {
    if let Some(range) = &column_type.range {
        return Some(range.value(slot, made, now));
    }
    match column_type.digits.filter(|digits| digits.unit().is_none()) {
        Some(digits) => Some(Value::Text(digits.written(number))),
        None => of_base(&column_type.base, column_type.max_length, slot, number),
    }
}

fn of_base(base: &str, length: Option<usize>, slot: Slot, number: u64) -> Option<Value> {
    let (a, b) = (slot.between(0, 89), slot.child(1).between(0, 179));
    let text = match base {
        "point" => format!("({a},{b})"),
        "box" | "lseg" => format!("(({a},{b}),({},{}))", a + 1, b + 1),
        "path" | "polygon" => format!("(({a},{b}),({},{b}),({a},{}))", a + 1, b + 1),
        "line" => format!("{{1,-1,{a}}}"),
        "circle" => format!("<({a},{b}),1>"),
        // All of them must be there.
        "bit" if length.is_some_and(|length| length > LONGEST) => return None,
        "bit" | "varbit" => {
            let bits = slot.bits() ^ number;
            (0..length.unwrap_or(1).min(LONGEST))
                .map(|at| if bits >> (at % 64) & 1 == 1 { '1' } else { '0' })
                .collect()
        }
        "macaddr" => {
            format!("02:00:00:{:02x}:{:02x}:{:02x}", number >> 16 & 255, number >> 8 & 255, number & 255)
        }
        "macaddr8" => format!(
            "02:00:00:ff:fe:{:02x}:{:02x}:{:02x}",
            number >> 16 & 255,
            number >> 8 & 255,
            number & 255
        ),
        "xml" => "<note/>".into(),
        "tsvector" => "account food order".into(),
        "tsquery" => "food".into(),
        "hstore" => "\"source\"=>\"crm\"".into(),
        "ltree" => format!("crm.row{number}"),
        "pg_lsn" => format!("0/{number:X}"),
        "jsonpath" => "$".into(),
        _ => return None,
    };
    Some(Value::Text(text))
}
