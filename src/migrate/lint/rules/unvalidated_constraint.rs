//! "Add data validation after migration."

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Problem, Rule};
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::schema::Schema;

pub const RULE: Rule = Rule {
    about: About {
        id: "unvalidated-constraint",
        level: Level::Warning,
        summary: "A NOT VALID constraint that no file validates",
        why: "NOT VALID holds new rows to the constraint, not those that are there. Until VALIDATE CONSTRAINT has looked \
              at them, they may violate it, and the planner does not rely on it.",
        mend: "add ALTER TABLE ... VALIDATE CONSTRAINT in a later migration",
        bad: "ALTER TABLE tasks ADD CONSTRAINT has_title CHECK (title <> '') NOT VALID;\n",
        good: "-- 20250301090000_titles.sql\n\
               ALTER TABLE tasks ADD CONSTRAINT has_title CHECK (title <> '') NOT VALID;\n\
               -- 20250302090000_validate_titles.sql\n\
               ALTER TABLE tasks VALIDATE CONSTRAINT has_title;\n",
        in_rollbacks: false,
    },
    check: Check::End(check),
};

fn check(schema: &Schema) -> Vec<(usize, Problem)> {
    let left =
        schema.tables.iter().flat_map(|(name, table)| table.not_valid.iter().map(move |left| (name, left)));
    left.map(|(table, constraint)| {
        let name = constraint
            .name
            .as_deref()
            .map_or_else(|| "a constraint".to_owned(), |name| format!("constraint {name}"));
        let message = format!("{name} of {table} is NOT VALID, and no migration validates it");
        (constraint.origin.file, Problem::new(constraint.origin.range.clone(), message))
    })
    .collect()
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
    fn a_constraint_that_is_gone_needs_no_validation() {
        let add = "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\n";
        assert_eq!(found(&RULE.about, &format!("{add}ALTER TABLE t DROP CONSTRAINT c;")), [""; 0]);
        assert_eq!(found(&RULE.about, &format!("{add}DROP TABLE t;")), [""; 0]);
        assert_eq!(found(&RULE.about, &format!("{add}ALTER TABLE t VALIDATE CONSTRAINT other;")).len(), 1);
        let renamed = "ALTER TABLE t RENAME TO u;\nALTER TABLE u VALIDATE CONSTRAINT c;";
        assert_eq!(found(&RULE.about, &format!("{add}{renamed}")), [""; 0]);
        let in_code = "DO $$ BEGIN ALTER TABLE t VALIDATE CONSTRAINT c; END $$;";
        assert_eq!(found(&RULE.about, &format!("{add}{in_code}")), [""; 0]);
    }
}
