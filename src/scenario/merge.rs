//! A scenario laid over those that it extends.

use super::breaks;
use super::document::Document;
use super::location::Problems;

impl Document {
    /// Lays `other`, which extends this one, over it. Its name and its texts are the other's.
    pub(super) fn lay_over(&mut self, other: Self, problems: &mut Problems) {
        self.location = other.location;
        self.name = other.name;
        self.title = other.title;
        self.description = other.description;
        self.catches = other.catches;
        self.extends = other.extends;
        self.as_of = other.as_of.or_else(|| self.as_of.take());
        for (total, each) in [("contacts", "contacts_per_customer"), ("products", "products_per_principal")] {
            if other.counts.contains_key(each) {
                self.counts.remove(total);
            }
        }
        self.counts.extend(other.counts);
        self.weights.lay_over(other.weights);
        self.tables.extend(other.tables);
        self.handles.strays.extend(other.handles.strays);
        for row in other.rows {
            match self.rows.iter_mut().find(|mine| mine.handle.value == row.handle.value) {
                Some(mine) if mine.table.name() == row.table.name() => mine.lay_over(row),
                Some(mine) => problems.add(
                    row.location(),
                    format!(
                        "the handle `{}` belongs to a row of {} at {}",
                        row.handle.value,
                        mine.table.name(),
                        mine.location()
                    ),
                ),
                None => self.rows.push(row),
            }
        }
        for expectation in other.expectations {
            match self.expectations.iter_mut().find(|mine| mine.name == expectation.name) {
                Some(mine) => *mine = expectation,
                None => self.expectations.push(expectation),
            }
        }
        breaks::lay_over(&mut self.breaks, other.breaks);
    }
}
