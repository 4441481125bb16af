//! Columns that repeat what a row says to which their own refers: `contact_email` beside `contact_id`, `company`
//! beside `account_id`, the `sku` of a line. The name is a path and an attribute: the path is one of the row's
//! references, by its column or by what it leads to; the attribute is a column there, by its name or by what the
//! domain calls it.

mod attribute;
mod copier;
mod path;

use crate::catalog::{Column, Table};
use crate::infer::column_type::ColumnType;
use crate::infer::geography::KnownList;
use crate::infer::model::{Copied, CopySource, ReferenceStrategy};
use crate::infer::names;
use crate::infer::scalar_type::ScalarType;
use crate::suggestion::suggestion;
pub use copier::{Copier, place_of};
use path::Route;

impl Copier<'_> {
    /// What a column is a copy of, by its name.
    pub fn meant(&self, column: &Column, column_type: &ColumnType) -> Option<Copied> {
        let words: Vec<String> =
            names::words(&column.name).iter().map(|word| names::singular(word)).collect();
        let is_decided = self.frame.known(self.member, &column.name).is_some();
        let routes =
            path::routes(self, &words).into_iter().filter(|(route, _)| !is_decided || route.is_named);
        let mut copied = Copied::default();
        let mut length = None;
        for (route, told) in routes {
            // Another reference of the same name is another table that a pair of columns may mean.
            let is_beside = length.is_some_and(|length| route.is_alternative && length == told);
            if (length.is_some() && !is_beside) || (is_decided && !self.says_more(&route, column_type)) {
                continue;
            }
            if let Some(source) = self.source(&route, &words, told, column_type) {
                copied.sources.push(source);
                length = Some(told);
                if !route.is_alternative {
                    break;
                }
            }
        }
        (!copied.sources.is_empty()).then_some(copied)
    }

    /// Whether a row of the domain repeats what another says rather than what the domain does: what is called like one of the
    /// domain's, or the name that the domain's value has in a list.
    fn says_more(&self, route: &Route, column_type: &ColumnType) -> bool {
        match self.references[self.member][route.reference].strategy {
            // A state is written by its code, however the list writes it.
            ReferenceStrategy::Named(_) => {
                let is_known = KnownList::of(&self.frame.chosen[route.to].name).is_some();
                column_type.labels.is_none() && !is_known
            }
            _ => self.frame.chosen[route.to].domain.is_some(),
        }
    }

    /// What a column is a copy of that is said to be one of a table's: `contacts.email`.
    ///
    /// # Errors
    /// There is no such table or column, or the row has no reference to it: why.
    pub fn asked(&self, own: &str, wanted: &str) -> Result<CopySource, String> {
        let Some((name, column)) = wanted.rsplit_once('.') else {
            return Err(format!("copy = \"{wanted}\" is no column of a table, like \"contacts.email\""));
        };
        let tables = &self.frame.schema.tables;
        let is_it = |table: &&Table| table.name == name || format!("{}.{}", table.schema, table.name) == name;
        let Some(table) = tables.iter().find(is_it) else {
            let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
            return Err(format!(
                "copy = \"{wanted}\": there is no table {name}; {}",
                suggestion(name, &names)
            ));
        };
        if table.columns.iter().all(|other| other.name != column) {
            let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            return Err(format!(
                "copy = \"{wanted}\": {name} has no column {column}; {}",
                suggestion(column, &names)
            ));
        }
        let references = self.references[self.member].iter().enumerate();
        let to = self.frame.member(table.oid);
        let leads =
            references.filter(|(_, reference)| Some(reference.to) == to && !place_of(reference).is_empty());
        let words: Vec<String> = names::words(own).iter().map(|word| names::singular(word)).collect();
        let best =
            leads.max_by_key(|(at, reference)| (path::told(reference, &words), std::cmp::Reverse(*at)));
        let Some((at, reference)) = best else {
            let own = &self.frame.table(self.member).name;
            return Err(format!("copy = \"{wanted}\": {own} has no reference to {name}"));
        };
        let is_in_circle = self.leads_back(reference.to);
        Ok(CopySource {
            reference: at,
            then: None,
            to: reference.to,
            columns: vec![column.to_owned()],
            is_in_circle,
        })
    }

    /// What a row says, at the end of a route, that the words behind the first few mean.
    fn source(
        &self,
        route: &Route,
        words: &[String],
        told: usize,
        column_type: &ColumnType,
    ) -> Option<CopySource> {
        let is_whole_name = told == words.len() && !route.is_named;
        let same = is_whole_name.then(|| attribute::of_same_name(self, route.to, words)).flatten();
        let found = same.or_else(|| attribute::columns(self, route.to, words, told))?;
        let (then, to, columns) = match found {
            attribute::Found::Columns(columns) => (route.then, route.to, columns),
            attribute::Found::Behind(reference, columns) if route.then.is_none() => {
                (Some(reference), self.references[route.to][reference].to, columns)
            }
            attribute::Found::Behind(..) => return None,
        };
        let table = self.frame.table(to);
        let fits = |name: &String| {
            let column = table.columns.iter().find(|column| column.name == *name);
            column.is_some_and(|column| is_compatible(column_type, &ColumnType::new(column, &[], 0)))
        };
        let is_whole = columns.len() == 1 || column_type.scalar == ScalarType::Text;
        (is_whole && columns.iter().all(fits)).then(|| CopySource {
            reference: route.reference,
            then,
            to,
            columns,
            is_in_circle: self.leads_back(to),
        })
    }
}

/// Whether one column can say what another says.
pub fn is_compatible(own: &ColumnType, theirs: &ColumnType) -> bool {
    let is_number = |scalar| matches!(scalar, ScalarType::Integer | ScalarType::Decimal);
    let is_time = |scalar| matches!(scalar, ScalarType::Date | ScalarType::Timestamp);
    match (own.scalar, theirs.scalar) {
        (ScalarType::Text, ScalarType::Text | ScalarType::Json | ScalarType::Integer | ScalarType::Uuid) => {
            true
        }
        (a, b) => a == b || (is_number(a) && is_number(b)) || (is_time(a) && is_time(b)),
    }
}
