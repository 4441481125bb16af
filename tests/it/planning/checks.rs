//! CHECK constraints of any kind, as the server writes them: they need not make sense.

use crate::random_schemas::dice::Dice;

/// Numbers at the ends of what types hold, and beyond.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "'-1'::integer",
    "2",
    "0.5",
    "100",
    "32768",
    "9223372036854775807",
    "18446744073709551615",
    "'-9223372036854775808'::bigint",
    "79228162514264337593543950335",
    "'-79228162514264337593543950335'::numeric",
    "0.0000000000000000000000000001",
    "1e28",
    "1e400",
    "'NaN'::numeric",
    "'Infinity'::numeric",
];

const TEXTS: &[&str] = &[
    "''::text",
    "'a'::text",
    "'new'::text",
    "'1.5'::text",
    "'{}'::text",
    "'é\u{1f600}'::text",
    "'[1, null]'::jsonb",
    "'{\"a\": {\"b\": [1]}}'::jsonb",
    "'{a,b,NULL}'::text[]",
    "'\\x00'::bytea",
    "NULL::text",
    "'%_\\'::text",
    "E'\\u00e9\\n'::text",
    "'-infinity'::text",
    "'2024-02-30'::text",
];

const MOMENTS: &[&str] = &[
    "'2020-01-31'::date",
    "'0001-01-01'::date",
    "'9999-12-31'::date",
    "'infinity'::date",
    "'-infinity'::timestamp",
    "'9999-12-31 23:59:59'::timestamp without time zone",
    "'0001-01-01 00:00:00+00'::timestamp with time zone",
    "'10:20:30'::time without time zone",
    "now()",
    "CURRENT_DATE",
    "'1 year'::interval",
    "'9223372036854775807 days'::interval",
    "'-1 mons'::interval",
    "'178000000 years'::interval",
];

const PATTERNS: &[&str] = &[
    "'^[A-Z]{2}[0-9]{3}$'::text",
    "'^((((((a?){9}){9}){9}){9}){9}){9}$'::text",
    "'^\\w{1,255}$'::text",
    "'(a|b)*c+?'::text",
    "'[[:alpha:]]+'::text",
    "'^$'::text",
    "'('::text",
    "'^(x{0,200}){0,200}$'::text",
    "'.{255}.{255}.{255}.{255}'::text",
    "'\\mfoo\\M|\\d'::text",
    "'[^a-zé]{3,}'::text",
    "'***=a.b'::text",
    "'a%b_'::text",
    "'^(|a|)$'::text",
];

/// Functions and how many arguments they are given.
const FUNCTIONS: &[(&str, usize)] = &[
    ("length", 1),
    ("lower", 1),
    ("upper", 1),
    ("initcap", 1),
    ("btrim", 1),
    ("btrim", 2),
    ("strpos", 2),
    ("substring", 2),
    ("substring", 3),
    ("left", 2),
    ("right", 2),
    ("repeat", 2),
    ("replace", 3),
    ("reverse", 1),
    ("split_part", 3),
    ("ascii", 1),
    ("regexp_replace", 3),
    ("regexp_like", 2),
    ("similar_to_escape", 1),
    ("like_escape", 2),
    ("concat", 2),
    ("concat_ws", 3),
    ("abs", 1),
    ("round", 1),
    ("round", 2),
    ("trunc", 2),
    ("floor", 1),
    ("ceil", 1),
    ("mod", 2),
    ("power", 2),
    ("sign", 1),
    ("greatest", 2),
    ("least", 3),
    ("date_trunc", 2),
    ("age", 1),
    ("age", 2),
    ("make_date", 3),
    ("isfinite", 1),
    ("jsonb_typeof", 1),
    ("jsonb_array_length", 1),
    ("cardinality", 1),
    ("array_length", 2),
    ("array_ndims", 1),
    ("array_position", 2),
    ("array_remove", 2),
    ("array_to_string", 2),
    ("string_to_array", 2),
    ("num_nonnulls", 2),
    ("octet_length", 1),
];

const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "%", "^", "||", "->", "->>", "#>", "#>>", "@>", "<@", "&&", "?", "?|", "?&", "^@",
    "&", "|",
];

const COMPARISONS: &[&str] = &["=", "<>", "<", "<=", ">", ">="];

const TYPES: &[&str] = &[
    "text",
    "character varying(3)",
    "character(2)",
    "citext",
    "uuid",
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "numeric(4,2)",
    "numeric(3,-2)",
    "numeric(2,30)",
    "double precision",
    "money",
    "boolean",
    "date",
    "timestamp with time zone",
    "time without time zone",
    "interval",
    "jsonb",
    "inet",
    "text[]",
    "integer[]",
    "some_enum",
];

/// A constraint over `columns`.
pub fn check(dice: &mut Dice, columns: &[&str]) -> String {
    format!("CHECK ({})", condition(dice, columns, 0))
}

/// Something that is true or false.
fn condition(dice: &mut Dice, columns: &[&str], depth: usize) -> String {
    let value = |dice: &mut Dice| value(dice, columns, depth + 1);
    match dice.below(if depth > 3 { 6 } else { 10 }) {
        0..=2 => format!("({} {} {})", value(dice), dice.pick(COMPARISONS), value(dice)),
        3 => format!(
            "({} {} {})",
            value(dice),
            dice.pick(&["~", "!~", "~*", "~~", "!~~*"]),
            dice.pick(PATTERNS)
        ),
        4 => format!("({} = ANY (ARRAY[{}, {}]))", value(dice), value(dice), value(dice)),
        5 => format!("({} IS NOT NULL)", value(dice)),
        6 => format!("(NOT {})", condition(dice, columns, depth + 1)),
        7 => format!("({} IS DISTINCT FROM {})", value(dice), value(dice)),
        8 => {
            let sides: Vec<String> =
                (0..2 + dice.below(3)).map(|_| condition(dice, columns, depth + 1)).collect();
            format!("({})", sides.join(if dice.chance(50) { " OR " } else { " AND " }))
        }
        _ => format!("({} IS TRUE)", condition(dice, columns, depth + 1)),
    }
}

/// Something that has a value.
fn value(dice: &mut Dice, columns: &[&str], depth: usize) -> String {
    let inner = |dice: &mut Dice| value(dice, columns, depth + 1);
    match dice.below(if depth > 4 { 9 } else { 18 }) {
        0..=3 => (*dice.pick(columns)).to_owned(),
        4 | 5 => (*dice.pick(NUMBERS)).to_owned(),
        6 => (*dice.pick(TEXTS)).to_owned(),
        7 => (*dice.pick(MOMENTS)).to_owned(),
        8 => (*dice.pick(PATTERNS)).to_owned(),
        9..=11 => format!("({} {} {})", inner(dice), dice.pick(OPERATORS), inner(dice)),
        12..=14 => {
            let (name, count) = *dice.pick(FUNCTIONS);
            let arguments: Vec<String> = (0..count).map(|_| inner(dice)).collect();
            format!("{name}({})", arguments.join(", "))
        }
        15 => format!("({})::{}", inner(dice), dice.pick(TYPES)),
        16 => {
            let fields = ["year", "month", "epoch", "dow", "week", "century", "second", "day"];
            format!("EXTRACT({} FROM {})", dice.pick(&fields), inner(dice))
        }
        _ => match dice.below(5) {
            0 => format!("COALESCE({}, {})", inner(dice), inner(dice)),
            1 => format!("NULLIF({}, {})", inner(dice), inner(dice)),
            2 => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                condition(dice, columns, depth + 1),
                inner(dice),
                inner(dice)
            ),
            3 => format!("({})[{}]", inner(dice), inner(dice)),
            _ => format!("(- {})", inner(dice)),
        },
    }
}
