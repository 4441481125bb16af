//! "Include rollback SQL in migration files."

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Pair, Problem, Rule};
use crate::migrate::lint::finding::Level;

pub const RULE: Rule = Rule {
    about: About {
        id: "missing-rollback",
        level: Level::Warning,
        summary: "A migration without rollback SQL",
        why: "`migrate down` cannot undo it. Rollback SQL that is written in an emergency has not been tested. In a \
              directory whose form has no rollbacks and none of whose migrations has one, nothing is reported.",
        mend: "write the SQL that undoes it into the .down.sql file beside it, and try it with `migrate rehearse`",
        bad: "-- 20250301090000_add_note.sql\nALTER TABLE tasks ADD COLUMN note text;\n",
        good: "-- 20250301090000_add_note.sql\nALTER TABLE tasks ADD COLUMN note text;\n\
               -- 20250301090000_add_note.down.sql\nALTER TABLE tasks DROP COLUMN note;\n",
        in_rollbacks: false,
    },
    check: Check::Pair(check),
};

fn check(pair: &Pair<'_>) -> Vec<Problem> {
    match pair.down {
        // A file that does nothing has nothing to undo.
        None if pair.has_rollbacks && !pair.up.statements.is_empty() => {
            vec![Problem::new(0..0, "the migration has no rollback")]
        }
        Some(down) if down.statements.is_empty() => {
            vec![Problem { is_in_rollback: true, ..Problem::new(0..0, "the rollback does nothing") }]
        }
        _ => Vec::new(),
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
    fn an_empty_rollback_is_found_and_an_empty_migration_is_not() {
        let up = "-- 20250301090000_x.sql\nSELECT 1;\n-- 20250301090000_x.down.sql\n";
        assert_eq!(found(&RULE.about, &format!("{up}-- nothing to do\n")), ["20250301090000_x.down.sql:1"]);
        assert_eq!(found(&RULE.about, "-- 20250301090000_x.sql\n-- done elsewhere\n"), [""; 0]);
    }
}
