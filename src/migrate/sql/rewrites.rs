//! Which actions of ALTER TABLE are likely to write a table anew. What a column's type was before does not stand in
//! the statement, so each change of a type counts, also one that the server makes without a rewrite.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

/// Functions that give the same for all rows of a statement, so that a column with them as its default is added
/// without touching rows. A function of the database's own is volatile unless it was declared otherwise.
const SAME_FOR_ALL_ROWS: &str = " abs age array_fill auth.uid ceil chr coalesce concat concat_ws convert_to \
    current_database current_query current_schema current_setting current_user date date_part date_trunc daterange \
    decode encode floor format greatest int4range int8range json_build_array json_build_object jsonb_build_array \
    jsonb_build_object least left length lower lpad make_date make_interval make_time make_timestamp \
    make_timestamptz md5 mod now nullif numrange pg_backend_pid power quote_ident quote_literal repeat replace right \
    round rpad session_user sha256 sqrt statement_timestamp string_to_array substr substring timezone to_char \
    to_date to_json to_jsonb to_number to_timestamp to_tsvector transaction_timestamp trim tsrange tstzrange \
    txid_current upper user ";

/// Whether an action of ALTER TABLE (a child node of the statement) is likely to rewrite the table.
pub fn rewrites(action: &SyntaxNode) -> bool {
    match action.kind() {
        SyntaxKind::SET_TABLESPACE
        | SyntaxKind::SET_LOGGED
        | SyntaxKind::SET_UNLOGGED
        | SyntaxKind::SET_ACCESS_METHOD => true,
        SyntaxKind::ALTER_COLUMN => action
            .children()
            .any(|option| matches!(option.kind(), SyntaxKind::SET_TYPE | SyntaxKind::SET_EXPRESSION)),
        SyntaxKind::ADD_COLUMN => {
            ast::AddColumn::cast(action.clone()).is_some_and(|added| fills_rows(&added))
        }
        _ => false,
    }
}

/// Whether each row gets a value of its own in a column that is added.
fn fills_rows(added: &ast::AddColumn) -> bool {
    let of_type = added.ty().map(|ty| ty.syntax().text().to_string().to_ascii_lowercase());
    let is_serial = of_type.is_some_and(|name| {
        matches!(
            name.trim().trim_start_matches("pg_catalog."),
            "serial" | "bigserial" | "smallserial" | "serial2" | "serial4" | "serial8"
        )
    });
    is_serial
        || added.constraints().any(|constraint| match constraint {
            ast::Constraint::DefaultConstraint(default) => default
                .expr()
                .is_some_and(|value| value.syntax().descendants().any(|node| is_volatile(&node))),
            ast::Constraint::GeneratedConstraint(generated) => !is_virtual(generated.syntax()),
            _ => false,
        })
}

/// `GENERATED ALWAYS AS (...) VIRTUAL` keeps nothing.
fn is_virtual(generated: &SyntaxNode) -> bool {
    let mut tokens = generated.descendants_with_tokens();
    tokens
        .any(|element| element.into_token().is_some_and(|token| token.text().eq_ignore_ascii_case("virtual")))
}

/// Whether a node is the call of a function that may give each row another value.
fn is_volatile(node: &SyntaxNode) -> bool {
    let Some(call) = ast::CallExpr::cast(node.clone()) else { return false };
    // What SQL has a form of its own for, like EXTRACT, is none of these.
    let Some(function) = call.expr() else { return false };
    let name = function.syntax().text().to_string().to_ascii_lowercase();
    let name = name.trim().trim_start_matches("pg_catalog.").trim_matches('"');
    !SAME_FOR_ALL_ROWS.contains(&format!(" {name} "))
}
