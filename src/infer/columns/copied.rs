//! Columns that are copies of what a row says to which their own refers: by their names, or as the config file asks.

use super::{Columns, Decided, Decision, Otherwise};
use crate::error::{Error, Result};
use crate::infer::copies::{Copier, is_compatible, place_of};
use crate::infer::model::{Copied, CopySource, Generator};
use crate::infer::overrides::ColumnOverride;
use crate::infer::references::TargetView;

impl Decision<'_> {
    pub(super) fn copier(&self) -> Copier<'_> {
        Copier { frame: self.frame, member: self.member, references: self.all_references }
    }

    fn setting(&self) -> Option<&ColumnOverride> {
        let table = self.table();
        self.frame.overrides.column(&table.schema, &table.name, &self.column.name)
    }

    /// What its name says that it repeats; no two rows repeat what no two rows may have.
    pub(super) fn copied(&self) -> Option<Copied> {
        let is_said = self.setting().is_some_and(|setting| setting.is.is_some());
        let copied = self.copier().meant(self.column, &self.column_type);
        copied.filter(|_| !is_said && !self.is_alone_in_key())
    }

    /// A column that is a copy.
    pub(super) fn copy(&self, copied: Copied) -> Decided {
        let about = |source: &CopySource| {
            let by = place_of(&self.references[source.reference]);
            format!("{} of {} ({by})", source.columns.join(" and "), self.frame.table(source.to).qualified())
        };
        let about: Vec<String> = copied.sources.iter().map(about).collect();
        Decided::Generated(Generator::Copy(copied), 0, format!("a copy: {}", about.join(", or ")))
    }

    /// What the column is where it cannot be a copy.
    pub(super) fn otherwise(&self) -> Otherwise {
        match self.setting().filter(|setting| setting.copy.is_some()) {
            Some(setting) => Otherwise::Refused(setting.location.clone()),
            None => {
                let mut own = Decision { column_type: self.column_type.clone(), ..*self };
                let decided = own.of_its_own();
                Otherwise::Decided(Box::new((own.column_type, decided)))
            }
        }
    }

    /// The copy that the config file asks for: `contacts.email`.
    ///
    /// # Errors
    /// There is no such table or column, or the row has no reference to it.
    pub(super) fn asked_copy(&self, wanted: &str) -> std::result::Result<Decided, String> {
        let source = self.copier().asked(&self.column.name, wanted)?;
        let to = self.frame.table(source.to);
        let theirs = |name: &String| to.columns.iter().find(|column| column.name == *name);
        let column_type = |column| crate::infer::column_type::ColumnType::new(column, &[], self.now);
        if !source
            .columns
            .iter()
            .filter_map(theirs)
            .all(|column| is_compatible(&self.column_type, &column_type(column)))
        {
            return Err(format!("{wanted} does not fit its type {}", self.column_type.type_name));
        }
        Ok(self.copy(Copied { sources: vec![source] }))
    }
}

impl Columns {
    /// Takes back copies of what nobody knows beforehand: what the server makes, or a copy in a circle.
    ///
    /// # Errors
    /// The config file asks for one; the error has its line.
    pub fn check_copies(frame: &TargetView<'_>, columns: &mut [Self]) -> Result<()> {
        for member in 0..columns.len() {
            for (name, otherwise) in std::mem::take(&mut columns[member].otherwise) {
                let Some(at) =
                    columns[member].columns.iter().position(|column| column.column_type.name == name)
                else {
                    continue;
                };
                let Generator::Copy(copied) = &columns[member].columns[at].generator else { continue };
                if copied.sources.iter().all(|source| is_known(frame, columns, source)) {
                    continue;
                }
                let table = frame.table(member);
                let (column_type, decided) = match otherwise {
                    Otherwise::Decided(own) => {
                        let (column_type, decided) = *own;
                        Ok((column_type, decided?))
                    }
                    Otherwise::Refused(location) => Err(Error::usage(format!(
                        "{location}: {}.{name} cannot be a copy: what it copies is made by the server, or is a copy itself",
                        table.name
                    ))),
                }?;
                columns[member].columns.remove(at);
                let Some(column) = table.columns.iter().find(|column| column.name == name) else { continue };
                let count = columns[member].columns.len();
                columns[member].take(column, column_type, decided, None);
                // It keeps its place among those that are written.
                if columns[member].columns.len() > count {
                    columns[member].columns[at..].rotate_right(1);
                }
            }
        }
        Ok(())
    }
}

/// Whether what is copied is known when rows are made.
fn is_known(frame: &TargetView<'_>, columns: &[Columns], source: &CopySource) -> bool {
    if frame.chosen[source.to].is_there {
        return true;
    }
    source.columns.iter().all(|name| {
        let of_table = frame.table(source.to).columns.iter().find(|column| column.name == *name);
        match columns[source.to].columns.iter().find(|column| column.column_type.name == *name) {
            Some(column) => !(source.is_in_circle && matches!(column.generator, Generator::Copy(_))),
            // What is not written is NULL, or what its default says.
            None => of_table.is_some_and(|column| !column.generated && !column.has_default),
        }
    })
}
