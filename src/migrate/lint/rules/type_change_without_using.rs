//! "Change column types without casting."

use squawk_syntax::ast::{self, AstNode};

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Context, Problem, Rule};
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::column_ref;
use crate::migrate::lint::types::{Cast, TypeName};

pub const RULE: Rule = Rule {
    about: About {
        id: "type-change-without-using",
        level: Level::Error,
        summary: "ALTER COLUMN ... TYPE without USING, where values do not convert by themselves",
        why: "PostgreSQL refuses the change if there is no cast, and rounds or cuts off silently (a warning) if the cast \
              loses something. USING says what is to become of the values. Nothing is reported if no file shows what \
              the type was.",
        mend: "add USING with the expression that converts the values",
        bad: "-- 20250301090000_create.sql\nCREATE TABLE visits (id bigint, length text);\n\
              -- 20250302090000_numbers.sql\nALTER TABLE visits ALTER COLUMN length TYPE integer;\n",
        good: "-- 20250301090000_create.sql\nCREATE TABLE visits (id bigint, length text);\n\
               -- 20250302090000_numbers.sql\n\
               ALTER TABLE visits ALTER COLUMN length TYPE integer USING nullif(length, '')::integer;\n",
        in_rollbacks: false,
    },
    check: Check::Statement(check),
};

fn check(context: &Context<'_>) -> Vec<Problem> {
    let Some((node, table)) = context.alter_existing() else { return Vec::new() };
    let change = |action: ast::AlterTableAction| {
        let ast::AlterTableAction::AlterColumn(alter) = &action else { return None };
        let Some(ast::AlterColumnOption::SetType(set)) = alter.option() else { return None };
        let column = column_ref(alter.column_name_ref())?;
        let old = context.schema.column(&table, &column)?.ty.as_ref()?;
        if set.using_expr().is_some() {
            return None;
        }
        let new = TypeName::of(&set.ty()?);
        let (from, to) = (&old.base, &new.base);
        match old.cast(&new, |name| context.schema.enums.contains(name)) {
            Cast::Refused => {
                let message = format!("{table}.{column} does not convert from {from} to {to} by itself");
                Some(Problem::at(action.syntax(), message))
            }
            Cast::Lossy => {
                let message = format!("values of {table}.{column} may not fit when {from} becomes {to}");
                Some(Problem::at(action.syntax(), message).of_level(Level::Warning))
            }
            Cast::Kept | Cast::Converted | Cast::Unknown => None,
        }
    };
    node.actions().filter_map(change).collect()
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
    fn what_converts_by_itself_or_is_not_known_is_let_be() {
        let change = |from: &str, to: &str| {
            format!(
                "-- 20250301090000_a.sql\nCREATE TYPE stage AS ENUM ('a');\nCREATE TABLE t (a {from});\n\
                 -- 20250302090000_b.sql\nALTER TABLE t ALTER a TYPE {to};"
            )
        };
        for (from, to) in
            [("int", "bigint"), ("varchar(20)", "text"), ("some_domain", "int"), ("date", "timestamptz")]
        {
            assert_eq!(found(&RULE.about, &change(from, to)), [""; 0], "{from} {to}");
        }
        for (from, to) in
            [("text", "stage"), ("text", "jsonb"), ("bigint", "int"), ("stage", "int"), ("text", "text[]")]
        {
            assert_eq!(found(&RULE.about, &change(from, to)).len(), 1, "{from} {to}");
        }
        assert_eq!(found(&RULE.about, "ALTER TABLE t ALTER a TYPE int;"), [""; 0]);
    }
}
