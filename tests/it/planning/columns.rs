//! Columns of any type, as the catalog tells of them.

use serde_json::{Value, json};

use crate::random_schemas::dice::Dice;

/// Type, base type and category. `#` stands for a length, `%` for a precision and a scale.
const TYPES: &[(&str, &str, char)] = &[
    ("numeric%", "numeric", 'N'),
    ("numeric%", "numeric", 'N'),
    ("numeric", "numeric", 'N'),
    ("smallint", "int2", 'N'),
    ("integer", "int4", 'N'),
    ("bigint", "int8", 'N'),
    ("oid", "oid", 'N'),
    ("regclass", "regclass", 'N'),
    ("real", "float4", 'N'),
    ("double precision", "float8", 'N'),
    ("money", "money", 'N'),
    ("text", "text", 'S'),
    ("character varying#", "varchar", 'S'),
    ("character#", "bpchar", 'S'),
    ("name", "name", 'S'),
    ("citext", "citext", 'S'),
    ("\"char\"", "char", 'Z'),
    ("bit#", "bit", 'V'),
    ("bit varying#", "varbit", 'V'),
    ("boolean", "bool", 'B'),
    ("date", "date", 'D'),
    ("timestamp without time zone", "timestamp", 'D'),
    ("timestamp(0) with time zone", "timestamptz", 'D'),
    ("time(0) without time zone", "time", 'D'),
    ("time with time zone", "timetz", 'D'),
    ("interval", "interval", 'T'),
    ("interval day to second(0)", "interval", 'T'),
    ("json", "json", 'U'),
    ("jsonb", "jsonb", 'U'),
    ("uuid", "uuid", 'U'),
    ("bytea", "bytea", 'U'),
    ("xml", "xml", 'U'),
    ("tsvector", "tsvector", 'U'),
    ("macaddr", "macaddr", 'U'),
    ("inet", "inet", 'I'),
    ("cidr", "cidr", 'I'),
    ("int4range", "int4range", 'R'),
    ("tstzrange", "tstzrange", 'R'),
    ("datemultirange", "datemultirange", 'R'),
    ("point", "point", 'G'),
    ("some_enum", "some_enum", 'E'),
    ("some_type", "some_type", 'C'),
];

/// Names that mean something, and some that do not.
pub const NAMES: &[&str] = &[
    "amount",
    "price",
    "quantity",
    "discount",
    "status",
    "code",
    "note",
    "score",
    "rating",
    "probability",
    "starts_on",
    "ends_on",
    "created_at",
    "email",
    "phone",
    "tags",
    "settings",
    "latitude",
    "x",
    "sort_order",
];

fn number(dice: &mut Dice, most: usize) -> i64 {
    let numbers = [0, 1, 2, 3, 5, 10, 28, 29, 30, 255, 500, 1000, 65_536, 10_485_760, 83_886_080];
    let fitting: Vec<i64> = numbers.into_iter().filter(|number| *number <= most as i64).collect();
    *dice.pick(&fitting)
}

/// The text of the modifier and what the catalog has of it.
fn modifier(dice: &mut Dice, name: &str, base: &str) -> (String, i64) {
    if name.ends_with('%') {
        let (precision, scale) = (number(dice, 1000).max(1), number(dice, 1000) * [1, -1][dice.below(2)]);
        return (format!("({precision},{scale})"), (precision << 16 | scale & 0x7ff) + 4);
    }
    if !name.ends_with('#') {
        return (String::new(), -1);
    }
    let is_bits = matches!(base, "bit" | "varbit");
    let length = number(dice, if is_bits { 83_886_080 } else { 10_485_760 }).max(1);
    (format!("({length})"), if is_bits { length } else { length + 4 })
}

/// A column called `name`, with the CHECK constraints of its domain.
pub fn column(dice: &mut Dice, name: &str, domain_checks: Option<Vec<String>>) -> Value {
    let (written, base, category) = *dice.pick(TYPES);
    let (modifier, typmod) = modifier(dice, written, base);
    let type_name = written.trim_end_matches(['%', '#']).to_owned() + &modifier;
    let labels = [vec![], vec!["one"], vec!["new", "in progress", "done", "infinity"]];
    let labels = (base == "some_enum").then(|| dice.pick(&labels).clone());
    let is_list = dice.chance(10);
    let defaults =
        ["0", "''::text", "'new'::text", "now()", "1e30", "'{}'::jsonb", "'infinity'::date", "NULL"];
    let default = dice.chance(20).then(|| *dice.pick(&defaults));
    json!({
        "name": name,
        "type": if is_list { format!("{type_name}[]") } else { type_name },
        "base": if is_list { format!("_{base}") } else { base.to_owned() },
        "typmod": typmod,
        "category": if is_list { 'A' } else { category },
        "element": is_list.then_some(base),
        "labels": labels,
        "domain_checks": domain_checks,
        "not_null": dice.chance(60),
        "has_default": default.is_some(),
        "default": default,
        "identity": false, "identity_always": false, "generated": false, "sequence": null,
        "owns_sequence": false, "may_set_sequence": false, "may_insert": true,
    })
}
