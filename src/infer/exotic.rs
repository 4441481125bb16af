//! Types that few tables have, and that no name explains.

use crate::calendar::DAY;
use crate::random::Slot;
use crate::sqlexpr::LONGEST;
use crate::sqlexpr::value::Value;

/// Whether [`value`] knows the type.
pub fn is_known(base: &str, length: Option<usize>) -> bool {
    value(base, length, Slot::of(0), 0, 0).is_some()
}

/// A value of a type; ranges of different numbers do not overlap.
pub fn value(base: &str, length: Option<usize>, slot: Slot, number: u64, now: i64) -> Option<Value> {
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
        "int4range" | "int8range" | "numrange" => format!("[{},{})", number * 10, number * 10 + 5),
        "daterange" => {
            let day = now.div_euclid(DAY) - 2 * number as i64 - 2;
            format!("[{},{})", date(day), date(day + 1))
        }
        "tsrange" | "tstzrange" => {
            let start = now - 2 * 3600 * (number as i64 + 1);
            format!("[{},{})", moment(start), moment(start + 3600))
        }
        "int4multirange" | "int8multirange" | "nummultirange" => {
            format!("{{[{},{})}}", number * 10, number * 10 + 5)
        }
        _ => return None,
    };
    Some(Value::Text(text))
}

fn date(day: i64) -> String {
    crate::calendar::Day(day as i32).to_string()
}

fn moment(second: i64) -> String {
    crate::infer::column_type::text(&Value::Timestamp(second))
}
