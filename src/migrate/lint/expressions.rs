//! Expressions of defaults.

use squawk_syntax::ast::{self, AstNode};

/// Functions that give one value for a whole statement, in schemas as they usually are.
const STABLE: [&str; 30] = [
    "now",
    "timezone",
    "transaction_timestamp",
    "statement_timestamp",
    "current_setting",
    "date_trunc",
    "to_char",
    "to_date",
    "to_timestamp",
    "make_date",
    "make_interval",
    "age",
    "extract",
    "date_part",
    "lower",
    "upper",
    "concat",
    "coalesce",
    "nullif",
    "jsonb_build_object",
    "jsonb_build_array",
    "json_build_object",
    "json_build_array",
    "to_jsonb",
    "to_json",
    "array_append",
    "uid",
    "jwt",
    "md5",
    "nameconcatoid",
];

/// Whether a default is computed once, so that adding a column with it rewrites no row: it calls no function, or only
/// functions that are known to stay the same.
pub fn is_known_once(expr: &ast::Expr) -> bool {
    let calls = expr.syntax().descendants().filter_map(ast::CallExpr::cast);
    calls.into_iter().all(|call| match call.expr() {
        Some(ast::Expr::NameRef(name)) => STABLE.contains(&name.text().as_str()),
        Some(ast::Expr::FieldExpr(field)) => {
            field.field().is_some_and(|name| STABLE.contains(&name.text().as_str()))
        }
        // A form of its own, such as extract(... FROM ...): none of them is volatile.
        _ => true,
    })
}
