//! What a rollback left other than it was before its migration.
//!
//! What the rollback of a newer migration forgot is still there when the older ones are looked at: it is told of the
//! newer one alone.

use std::collections::BTreeSet;

use similar::TextDiff;

use crate::migrate::{Catalog, Line};
use crate::run::rehearsal::state::State;

/// Lines around a difference.
const CONTEXT: usize = 2;

/// What was told already of newer migrations.
#[derive(Debug, Default)]
pub struct Told {
    objects: BTreeSet<String>,
    lost: BTreeSet<(String, String)>,
    extra: Vec<Line>,
    tables: BTreeSet<String>,
}

/// What a rollback did not restore.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Of the catalog, as a unified diff; empty where it is as before.
    pub catalog: String,
    /// Tables whose rows are others than before, by their names with their schemas.
    pub tables: Vec<String>,
}

impl Told {
    /// Compares the state before a migration with that after its rollback. `after` is the newest that is known.
    pub fn compare(&mut self, before: &State, after: &State) -> Difference {
        let expected = text(&self.expected(&before.catalog));
        let found = text(&self.settled(&after.catalog));
        let catalog = if expected == found { String::new() } else { unified(&expected, &found) };
        self.learn(&before.catalog, &after.catalog);
        let changed = before.tables.iter().filter(|(name, digest)| {
            // One that is gone is missing in the catalog.
            after.tables.get(*name).is_some_and(|now| now != *digest) && !self.tables.contains(*name)
        });
        let tables: Vec<String> = changed.map(|(name, _)| name.clone()).collect();
        self.tables.extend(tables.iter().cloned());
        Difference { catalog, tables }
    }

    /// The catalog as it would be, had only the newer rollbacks forgotten something.
    fn expected(&self, catalog: &Catalog) -> Vec<Line> {
        let kept = catalog.lines.iter().filter(|line| !self.lost.contains(&key(line)));
        let mut lines: Vec<Line> = kept.chain(&self.extra).map(|line| self.settle(line)).collect();
        lines.sort();
        lines
    }

    fn settled(&self, catalog: &Catalog) -> Vec<Line> {
        let mut lines: Vec<Line> = catalog.lines.iter().map(|line| self.settle(line)).collect();
        lines.sort();
        lines
    }

    /// The order of what was told already says nothing more. Elsewhere a dropped column leaves a gap in the numbers,
    /// which is no difference: the lines are compared by their order.
    fn settle(&self, line: &Line) -> Line {
        let position = if self.objects.contains(&line.object) { 0 } else { line.position };
        Line { position, ..line.clone() }
    }

    fn learn(&mut self, before: &Catalog, after: &Catalog) {
        let keys = |catalog: &Catalog| catalog.lines.iter().map(key).collect::<BTreeSet<_>>();
        let (was, is) = (keys(before), keys(after));
        self.lost.extend(was.difference(&is).cloned());
        self.extra = after.lines.iter().filter(|line| !was.contains(&key(line))).cloned().collect();
        let texts = |catalog: &Catalog, object: &str| {
            let of_it = catalog.lines.iter().filter(|line| line.object == object);
            of_it.map(|line| line.text.clone()).collect::<Vec<_>>()
        };
        let objects: BTreeSet<&String> =
            before.lines.iter().chain(&after.lines).map(|line| &line.object).collect();
        let changed = objects.into_iter().filter(|object| texts(before, object) != texts(after, object));
        self.objects.extend(changed.cloned());
    }
}

fn key(line: &Line) -> (String, String) {
    (line.object.clone(), line.text.clone())
}

fn text(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("{}: {}\n", line.object, line.text)).collect()
}

fn unified(before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff()
        .context_radius(CONTEXT)
        .header("before the migration", "after its rollback")
        .to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn state(lines: &[(&str, i64, &str)]) -> State {
        let line = |(object, position, text): &(&str, i64, &str)| Line {
            object: (*object).to_owned(),
            part: 0,
            position: *position,
            text: (*text).to_owned(),
        };
        let mut lines: Vec<Line> = lines.iter().map(line).collect();
        lines.sort();
        State { catalog: Catalog { lines }, tables: BTreeMap::new() }
    }

    #[test]
    fn what_a_newer_rollback_forgot_is_not_told_of_an_older_one() {
        let mut told = Told::default();
        let oldest = state(&[("a", 1, "x"), ("a", 2, "y")]);
        let middle = state(&[("a", 1, "x"), ("a", 2, "y"), ("b", 0, "of the second")]);
        // The rollback of the third forgot an index, that of the second restores all.
        let after_third =
            state(&[("a", 1, "x"), ("a", 2, "y"), ("a", 3, "index"), ("b", 0, "of the second")]);
        let after_second = state(&[("a", 1, "x"), ("a", 2, "y"), ("a", 3, "index")]);
        let difference = told.compare(&middle, &after_third);
        assert!(difference.catalog.contains("+a: index"), "{difference:?}");
        assert_eq!(told.compare(&oldest, &after_second), Difference::default());
        // One that loses something of the same object is told of that.
        let lossy = state(&[("a", 1, "x"), ("a", 3, "index")]);
        let difference = told.compare(&oldest, &lossy);
        assert!(
            difference.catalog.contains("-a: y") && !difference.catalog.contains("+a: index"),
            "{difference:?}"
        );
    }

    #[test]
    fn the_order_of_columns_counts_and_gaps_in_their_numbers_do_not() {
        let before = state(&[("a", 1, "x"), ("a", 2, "y"), ("a", 3, "z")]);
        let last = state(&[("a", 1, "x"), ("a", 2, "y"), ("a", 4, "z")]);
        let first = state(&[("a", 2, "y"), ("a", 3, "z"), ("a", 4, "x")]);
        assert_eq!(Told::default().compare(&before, &last), Difference::default());
        assert_ne!(Told::default().compare(&before, &first).catalog, "");
    }
}
