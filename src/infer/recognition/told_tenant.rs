//! Whose the rows are, as the configuration says: by the name of a table, or of a column.

use crate::catalog::Schema;
use crate::error::{Error, Result};
use crate::infer::overrides::Overrides;
use crate::infer::recognition::evidence::TableEvidence;
use crate::suggestion::suggestion;

/// What is said.
pub struct ToldTenant {
    /// The table to one row of which all rows belong.
    pub tables: Vec<usize>,
    /// The columns that say the same in all rows; `None` where nothing is said of them.
    pub columns: Option<Vec<String>>,
}

/// What the configuration says, if it says anything; an empty name says that there is no tenant.
///
/// # Errors
/// There is neither a table nor a column of that name; with its line.
pub fn read(
    schema: &Schema,
    tables: &[TableEvidence<'_>],
    overrides: &Overrides,
) -> Result<Option<ToldTenant>> {
    let Some(told) = &overrides.tenant else { return Ok(None) };
    let name = told.name.as_str();
    if name.is_empty() {
        return Ok(Some(ToldTenant { tables: Vec::new(), columns: Some(Vec::new()) }));
    }
    let is_it = |evidence: &TableEvidence<'_>| {
        let table = evidence.table;
        table.name == name || format!("{}.{}", table.schema, table.name) == name
    };
    let mut named = (0..tables.len()).filter(|at| is_it(&tables[*at]));
    if let Some(at) = named.clone().find(|at| tables[*at].table.visible).or_else(|| named.next()) {
        return Ok(Some(ToldTenant { tables: vec![at], columns: None }));
    }
    let has = |evidence: &TableEvidence<'_>| evidence.table.columns.iter().any(|column| column.name == name);
    if !tables.iter().any(has) {
        let all = tables.iter().map(|evidence| evidence.table);
        let mut known: Vec<&str> = all.clone().map(|table| table.name.as_str()).collect();
        known.extend(all.flat_map(|table| &table.columns).map(|column| column.name.as_str()));
        let why = format!(
            "{}: tenant = \"{name}\" is neither a table nor a column of this database",
            told.location
        );
        return Err(Error::usage(why).with_hint(suggestion(name, &known)));
    }
    // A foreign key says which table it is.
    let key = schema.foreign_keys.iter().find(|key| key.columns == [name]);
    let to = key.and_then(|key| schema.tables.iter().position(|table| table.oid == key.to));
    Ok(Some(ToldTenant { tables: to.into_iter().collect(), columns: Some(vec![name.to_owned()]) }))
}
