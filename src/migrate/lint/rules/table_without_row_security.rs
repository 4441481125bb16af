//! "Forget to update RLS policies": new tables.

use std::collections::BTreeMap;

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
    let habits = Habits::of(&tables);
    let mut problems = Vec::new();
    for (name, table, made) in &tables {
        let security = &table.row_security;
        if security.is_unsure || security.is_enabled && security.policies > 0 {
            continue;
        }
        let habit = habits.before(name, made.file);
        let problem = |message| Problem::new(made.range.clone(), message);
        if !security.is_enabled && habit.is_of_most(habit.secured) {
            let message = format!("{name} has no row-level security, which most other tables have");
            problems.push((made.file, problem(message)));
        } else if security.is_enabled && habit.is_of_most(habit.with_policies) {
            let message =
                format!("{name} has row-level security but no policy: nobody but its owner sees a row");
            problems.push((made.file, problem(message).of_level(Level::Warning)));
        }
    }
    problems
}

/// How many tables there are, and how many of them have row-level security and policies.
#[derive(Clone, Copy, Default)]
struct Habit {
    tables: usize,
    secured: usize,
    with_policies: usize,
}

impl Habit {
    fn add(&mut self, table: &Table) {
        self.tables += 1;
        self.secured += usize::from(table.row_security.is_enabled);
        self.with_policies += usize::from(table.row_security.policies > 0);
    }

    /// Whether so many are most of the tables but the one that is asked about, which is none of them.
    const fn is_of_most(self, number: usize) -> bool {
        2 * number > self.tables.saturating_sub(1)
    }
}

/// The habit of each schema behind each file that made tables of it, in the order of the files.
struct Habits<'a>(BTreeMap<&'a str, Vec<(usize, Habit)>>);

impl<'a> Habits<'a> {
    fn of(tables: &[(&'a Name, &Table, &Origin)]) -> Self {
        let mut sorted: Vec<_> = tables.iter().collect();
        sorted.sort_by_key(|(_, _, made)| made.file);
        let mut habits: BTreeMap<&str, Vec<(usize, Habit)>> = BTreeMap::new();
        for (name, table, made) in sorted {
            let of_schema = habits.entry(&name.schema).or_default();
            let mut habit = of_schema.last().map_or_else(Habit::default, |(_, habit)| *habit);
            habit.add(table);
            match of_schema.last_mut() {
                Some((file, last)) if *file == made.file => *last = habit,
                _ => of_schema.push((made.file, habit)),
            }
        }
        Self(habits)
    }

    /// As it was when a table of this file came: what came later followed another habit, perhaps.
    fn before(&self, table: &Name, file: usize) -> Habit {
        let of_schema = self.0.get(table.schema.as_str()).map_or(&[][..], Vec::as_slice);
        let behind = of_schema.partition_point(|(of, _)| *of <= file);
        behind.checked_sub(1).map_or_else(Habit::default, |last| of_schema[last].1)
    }
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
        // What comes later is another habit.
        let first = format!(
            "-- 20250228090000_z.sql\nCREATE TABLE z (a int);\n{SECURE}{enable}CREATE POLICY p ON u USING (a = 1);"
        );
        assert_eq!(found(&RULE.about, &first), [""; 0]);
        assert_eq!(found(&RULE.about, "CREATE TABLE t (a int);\nCREATE TABLE u (a int);"), [""; 0]);
    }

    #[test]
    fn thousands_of_tables_are_judged_at_once() {
        let text: String = (0..20_000).map(|number| format!("CREATE TABLE t{number} (a int);\n")).collect();
        let began = std::time::Instant::now();
        assert_eq!(found(&RULE.about, &text), [""; 0]);
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
