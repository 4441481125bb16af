//! "Forget to update RLS policies": policies that restrict nobody.

use squawk_syntax::ast::{self, AstNode, NameLike};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::table_of;

pub const RULE: Rule = Rule {
    about: About {
        id: "policy-permits-everything",
        level: Level::Error,
        summary: "A policy that lets every role read and change every row",
        why: "FOR ALL (the default) TO public (the default) USING (true) is row-level security that secures nothing: \
              whoever may use the table sees and changes all of it, clients that are not signed in included.",
        mend: "say for whom (TO role), for what (FOR SELECT), or for which rows (USING a condition)",
        bad: "CREATE POLICY everybody ON tasks USING (true);\n",
        good: "CREATE POLICY everybody ON tasks FOR ALL TO authenticated USING (true);\n",
        in_rollbacks: false,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let ast::Stmt::CreatePolicy(node) = context.statement() else { return Vec::new() };
    let restricts = || {
        let kind = node.as_policy_type().and_then(|kind| kind.ident_token());
        kind.is_some_and(|kind| kind.text().eq_ignore_ascii_case("restrictive"))
    };
    let is_for_all = || {
        let command = node.policy_command().and_then(|command| command.command());
        command.is_none_or(|command| matches!(command, ast::PolicyCommandKind::PolicyCommandAll(_)))
    };
    let is_true =
        || node.using_expr_clause().and_then(|using| using.expr()).is_some_and(|expr| is_true(&expr));
    if restricts() || !is_for_all() || !is_to_public(node) || !is_true() {
        return Vec::new();
    }
    let of = table_of(node.on_table()).map(|table| format!(" of {table}")).unwrap_or_default();
    vec![Problem::at(node.syntax(), format!("this policy lets every role read and change every row{of}"))]
}

fn is_to_public(node: &ast::CreatePolicy) -> bool {
    let roles = node.policy_roles().and_then(|roles| roles.role_ref_list());
    let is_public = |role: ast::RoleRef| match role.role_ref_value() {
        Some(ast::RoleRefValue::RoleNameRef(name)) => name.text() == "public",
        _ => false,
    };
    roles.is_none_or(|roles| roles.role_refs().any(is_public))
}

fn is_true(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Literal(literal) => matches!(literal.kind(), Some(ast::LitKind::True(_))),
        ast::Expr::ParenExpr(_) => {
            expr.syntax().children().filter_map(ast::Expr::cast).any(|expr| is_true(&expr))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::lint::tests::{check_examples, found};

    #[test]
    fn its_examples_are_judged_right() {
        check_examples(&RULE.about);
    }

    #[test]
    fn policies_that_restrict_somebody_are_let_be() {
        for sql in [
            "CREATE POLICY p ON t FOR SELECT USING (true);",
            "CREATE POLICY p ON t TO admin USING (true);",
            "CREATE POLICY p ON t AS RESTRICTIVE USING (true);",
            "CREATE POLICY p ON t USING (owner = current_user);",
        ] {
            assert_eq!(found(&RULE.about, sql), [""; 0], "{sql}");
        }
        for sql in [
            "CREATE POLICY p ON t FOR ALL TO PUBLIC USING ((true)) WITH CHECK (true);",
            "CREATE POLICY p ON t USING (true);",
        ] {
            assert_eq!(found(&RULE.about, sql).len(), 1, "{sql}");
        }
    }
}
