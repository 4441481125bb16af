//! Tables and columns of the target by name: its own, or those that the domain has for them.

use crate::catalog::{Column, Schema};
use crate::domain::table::ColumnInfo;
use crate::domain::{TABLES, all_columns_of};
use crate::infer::column_match::{self, Found};
use crate::infer::domain_views::column_reading;
use crate::infer::overrides::Overrides;
use crate::infer::reading::Reading;
use crate::infer::recognition::{Recognition, domain_at};
use crate::suggestion::{quoted, suggestion};

/// What names can mean.
pub struct TargetNames<'a> {
    pub schema: &'a Schema,
    pub recognition: &'a Recognition,
    /// Tables that take part (positions): of several of a name these are meant.
    pub chosen: &'a [usize],
    pub overrides: &'a Overrides,
}

impl TargetNames<'_> {
    /// The table that a name means: one that is called so, with or without its schema, else the one that is the domain's.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn table(&self, name: &str) -> Result<usize, String> {
        let tables = || self.schema.tables.iter().enumerate();
        if let Some((at, _)) = tables().find(|(_, table)| format!("{}.{}", table.schema, table.name) == name)
        {
            return Ok(at);
        }
        let called: Vec<usize> = tables().filter(|(_, table)| table.name == name).map(|(at, _)| at).collect();
        let taking_part: Vec<usize> = called.iter().copied().filter(|at| self.chosen.contains(at)).collect();
        let visible: Vec<usize> =
            called.iter().copied().filter(|at| self.schema.tables[*at].visible).collect();
        for some in [&taking_part, &called, &visible] {
            if let [at] = some[..] {
                return Ok(at);
            }
        }
        if !called.is_empty() {
            let with_schema = called.iter().map(|at| &self.schema.tables[*at]);
            let names: Vec<String> =
                with_schema.map(|table| format!("{}.{}", table.schema, table.name)).collect();
            return Err(format!("several tables are called so: {}", names.join(", ")));
        }
        let domain = TABLES.iter().position(|table| table.info().name == name);
        match domain.map(|domain| self.recognition.roles[domain]) {
            Some(Some(found)) => Ok(found.at),
            Some(None) => Err("this database has no such table".into()),
            None => Err(format!("no such table in this database; {}", suggestion(name, &self.known()))),
        }
    }

    /// The target's table that is one of the domain's.
    pub fn table_of_domain(&self, name: &str) -> Option<usize> {
        let domain = TABLES.iter().position(|table| table.info().name == name)?;
        self.recognition.roles[domain].map(|found| found.at)
    }

    /// Whether a table bears the name that the domain has for it.
    pub fn is_bundled(&self, at: usize) -> bool {
        let domain = domain_at(&self.recognition.roles, at).map(|domain| TABLES[domain].info().name);
        domain == Some(self.schema.tables[at].name.as_str())
    }

    /// How the value of a column is read as that of the domain's, as SQL over the column; `None` where it cannot be told.
    pub fn reading(&self, at: usize, column: &Column, info: &ColumnInfo, now: i64) -> Option<String> {
        let domain = domain_at(&self.recognition.roles, at)?;
        let of = (TABLES[domain].info().name, info);
        match column_reading(self.schema, self.overrides, of, (&self.schema.tables[at], column), now) {
            Reading::Whole(sql) | Reading::Short(sql, _) => Some(sql),
            Reading::Not(_) => None,
        }
    }

    /// Names of tables that can be meant, those that take part first.
    fn known(&self) -> Vec<&str> {
        let of = |at: usize| self.schema.tables[at].name.as_str();
        let fillable = |at: &usize| {
            let table = &self.schema.tables[*at];
            table.is_fillable() && table.schema != crate::catalog::LEDGER
        };
        let others = (0..self.schema.tables.len()).filter(|at| !self.chosen.contains(at));
        let mut known: Vec<&str> =
            self.chosen.iter().copied().chain(others).filter(fillable).map(of).collect();
        known.extend(TABLES.iter().map(|table| table.info().name));
        let mut before = std::collections::HashSet::new();
        known.retain(|name| before.insert(*name));
        known
    }

    /// The table and the column that `deals.stage` means.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn column(&self, name: &str) -> Result<(usize, usize), String> {
        let dots = name.char_indices().filter(|(_, c)| *c == '.').map(|(at, _)| at);
        let mut best = None;
        for dot in dots {
            let (of, column) = (&name[..dot], &name[dot + 1..]);
            let found = self.table(of).and_then(|at| Ok((at, self.column_of(at, column)?)));
            // The fault of the longest name that is a table says most.
            match found {
                Ok(found) => return Ok(found),
                Err(why) if best.is_none() || self.table(of).is_ok() => best = Some(why),
                Err(_) => {}
            }
        }
        Err(best.unwrap_or_else(|| "write table.column".into()))
    }

    /// The column of a table that a name means.
    ///
    /// # Errors
    /// It has none, and which is near.
    pub fn column_of(&self, at: usize, name: &str) -> Result<usize, String> {
        let table = &self.schema.tables[at];
        if let Some(column) = table.columns.iter().position(|column| column.name == name) {
            return Ok(column);
        }
        let of_domain = self.of_domain(at).into_iter().find(|(_, info)| info.name == name);
        of_domain.map(|(column, _)| column).ok_or_else(|| {
            let known: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            let what = format!("{} has no column {}", table.qualified(), quoted(name));
            format!("{what}; {}", suggestion(name, &known))
        })
    }

    /// The columns of a table that are the domain's.
    pub fn of_domain(&self, at: usize) -> Vec<(usize, ColumnInfo)> {
        let is_column = |info: &ColumnInfo| {
            let domain = domain_at(&self.recognition.roles, at);
            domain.is_some_and(|domain| TABLES[domain].columns().iter().any(|own| own.name == info.name))
        };
        self.all_of_domain(at).into_iter().filter(|(_, info)| is_column(info)).collect()
    }

    /// The same with those that other schemas have for what the domain keeps in tables of links.
    pub fn all_of_domain(&self, at: usize) -> Vec<(usize, ColumnInfo)> {
        let roles = &self.recognition.roles;
        let Some(domain) = domain_at(roles, at) else { return Vec::new() };
        let overrides = self.overrides;
        let table = &self.schema.tables[at];
        let domain_of = |oid: u32| {
            let to = self.schema.tables.iter().position(|table| table.oid == oid)?;
            domain_at(roles, to)
        };
        let leads = column_match::leads(self.schema, table, &domain_of, overrides);
        let found: Vec<Option<Found>> =
            column_match::columns(domain, table, overrides, &leads).unwrap_or_default();
        let infos = all_columns_of(domain).to_vec();
        found.iter().zip(infos).filter_map(|(found, info)| Some((found.as_ref()?.at, info))).collect()
    }
}
