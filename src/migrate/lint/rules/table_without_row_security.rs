//! "Forget to update RLS policies": new tables.

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::{Check, Problem, Rule};
use crate::migrate::lint::finding::Level;
use crate::migrate::lint::names::Name;
use crate::migrate::lint::schema::{Origin, Schema, Table, TableKind};

pub const RULE: Rule = Rule {
    about: About {
        id: "table-without-row-security",
        level: Level::Error,
        summary: "A new table without row-level security, where most others of its schema have it",
        why: "Where row-level security decides who sees what, a table without it is open to everybody who may read it. A \
              table for which it is enabled, but which no policy lets anybody read, is reported as a warning. Later \
              files count, and code that enables it in a loop.",
        mend: "add ALTER TABLE ... ENABLE ROW LEVEL SECURITY and a CREATE POLICY for it",
        bad: "-- 20250301090000_tasks.sql\nCREATE TABLE tasks (id bigint, owner text);\n\
              ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;\n\
              CREATE POLICY own ON tasks USING (owner = current_user);\n\
              -- 20250302090000_notes.sql\nCREATE TABLE notes (id bigint, owner text);\n",
        good: "-- 20250301090000_tasks.sql\nCREATE TABLE tasks (id bigint, owner text);\n\
               ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;\n\
               CREATE POLICY own ON tasks USING (owner = current_user);\n\
               -- 20250302090000_notes.sql\nCREATE TABLE notes (id bigint, owner text);\n\
               ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n\
               CREATE POLICY own ON notes USING (owner = current_user);\n",
        in_rollbacks: false,
    },
    check: Check::End(check),
};

fn check(schema: &Schema) -> Vec<(usize, Problem)> {
    let tables: Vec<(&Name, &Table, &Origin)> = schema
        .tables
        .iter()
        .filter(|(_, table)| matches!(table.kind, TableKind::Ordinary | TableKind::Partitioned))
        .filter_map(|(name, table)| Some((name, table, table.made.as_ref()?)))
        .collect();
    let mut problems = Vec::new();
    for (name, table, made) in &tables {
        let security = &table.row_security;
        if security.is_unsure || security.is_enabled && security.policies > 0 {
            continue;
        }
        // The others as they were when this one came: what came later followed another habit, perhaps.
        let others = || {
            tables
                .iter()
                .filter(|(other, _, at)| other != name && other.schema == name.schema && at.file <= made.file)
        };
        let share = |has: fn(&Table) -> bool| {
            2 * others().filter(|(_, other, _)| has(other)).count() > others().count()
        };
        let problem = |message| Problem::new(made.range.clone(), message);
        if !security.is_enabled && share(|other| other.row_security.is_enabled) {
            let message = format!("{name} has no row-level security, which most other tables have");
            problems.push((made.file, problem(message)));
        } else if security.is_enabled && share(|other| other.row_security.policies > 0) {
            let message =
                format!("{name} has row-level security but no policy: nobody but its owner sees a row");
            problems.push((made.file, problem(message).of_level(Level::Warning)));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::lint::tests::{check_examples, found};

    const SECURE: &str = "-- 20250301090000_a.sql\nCREATE TABLE t (a int);\nALTER TABLE t ENABLE ROW LEVEL SECURITY;\n\
                          CREATE POLICY p ON t USING (a = 1);\n-- 20250302090000_b.sql\nCREATE TABLE u (a int);\n";

    #[test]
    fn its_examples_are_judged_right() {
        check_examples(&RULE.about);
    }

    #[test]
    fn later_files_loops_and_other_schemas_count() {
        assert_eq!(found(&RULE.about, SECURE), ["20250302090000_b.sql:1"]);
        let enable = "ALTER TABLE u ENABLE ROW LEVEL SECURITY;\n";
        let later = format!("{SECURE}-- 20250303090000_c.sql\n{enable}CREATE POLICY p ON u USING (a = 1);");
        assert_eq!(found(&RULE.about, &later), [""; 0]);
        let a_loop = "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', 'u'); END $$;";
        assert_eq!(found(&RULE.about, &format!("{SECURE}{a_loop}")), [""; 0]);
        assert_eq!(found(&RULE.about, &SECURE.replace("TABLE u", "TABLE internal.u")), [""; 0]);
        assert_eq!(found(&RULE.about, &format!("{SECURE}{enable}")), ["20250302090000_b.sql:1"]);
        assert_eq!(found(&RULE.about, "CREATE TABLE t (a int);\nCREATE TABLE u (a int);"), [""; 0]);
    }
}
