//! What follows from a catalog: who refers to whom, what a TRUNCATE reaches, what the role sees.

use super::{Policy, RelationKind, Schema, Server, Table};
use crate::error::{Error, Result};

impl Schema {
    /// The schema in which the tables called `names` are taken to be: that of the first of them
    /// that is found by its name alone, else the only one that has the first. A table of the same
    /// name elsewhere is another application's.
    ///
    /// # Errors
    /// Several schemas have it, and none is on the search path.
    pub fn home(&self, names: &[&str]) -> Result<Option<&str>> {
        for name in names {
            if let Some(table) = self.named(name).find(|table| table.visible) {
                return Ok(Some(&table.schema));
            }
        }
        for name in names {
            let schemas: Vec<&str> = self.named(name).map(|table| table.schema.as_str()).collect();
            match schemas[..] {
                [] => {}
                [schema] => return Ok(Some(schema)),
                _ => {
                    return Err(Error::usage(format!(
                        "several schemas have a table {name}: {}",
                        schemas.join(", ")
                    ))
                    .with_hint("say which: add ?options=-csearch_path%3DSCHEMA to the database URL"));
                }
            }
        }
        Ok(None)
    }

    fn named<'a, 'b>(&'a self, name: &'b str) -> impl Iterator<Item = &'a Table> + use<'a, 'b> {
        self.tables.iter().filter(move |table| table.name == name && table.is_fillable())
    }

    /// The table called `name` in the schema `home`.
    pub fn find(&self, home: &str, name: &str) -> Option<&Table> {
        self.named(name).find(|table| table.schema == home)
    }

    /// No table at all but those of `schema` and those called `name`, which are our own: a fresh
    /// database.
    pub fn holds_nothing_but(&self, schema: &str, name: &str) -> bool {
        self.tables.iter().all(|table| table.schema == schema || table.name == name)
    }

    /// The views that show any of `tables` (oids), also by way of other views: those nearest to
    /// the tables first.
    pub fn views_of(&self, tables: &[u32]) -> Vec<&Table> {
        let mut reached: Vec<u32> = tables.to_vec();
        let mut at = 0;
        while at < reached.len() {
            let source = reached[at];
            for link in self.view_sources.iter().filter(|link| link.source == source) {
                if !reached.contains(&link.view) {
                    reached.push(link.view);
                }
            }
            at += 1;
        }
        reached[tables.len()..].iter().filter_map(|oid| self.tables.iter().find(|t| t.oid == *oid)).collect()
    }

    /// The tables that a TRUNCATE of `tables` (oids) has to empty besides them, as they refer to them or inherit
    /// from them: oid and name, in the order of the names.
    pub fn reached_by_truncate(&self, tables: &[u32]) -> Vec<(u32, String)> {
        let mut reached: Vec<u32> = tables.to_vec();
        let mut found = Vec::new();
        let mut at = 0;
        while at < reached.len() {
            let to = reached[at];
            let referring = self.foreign_keys.iter().filter(|key| key.to == to);
            let referring = referring.map(|key| (key.from, key.from_name.clone()));
            let heirs = self.tables.iter().filter(|table| table.inherits_from.contains(&to));
            for (oid, name) in referring.chain(heirs.map(|heir| (heir.oid, heir.qualified()))) {
                if !reached.contains(&oid) {
                    reached.push(oid);
                    found.push((oid, name));
                }
            }
            at += 1;
        }
        found.sort_by(|a, b| a.1.cmp(&b.1));
        found
    }

    /// The table of this oid; none for a partition, which is part of its table.
    pub fn table(&self, oid: u32) -> Option<&Table> {
        self.tables.iter().find(|table| table.oid == oid)
    }
}

impl Schema {
    /// Whether a column of a table is part of a foreign key.
    pub fn is_part_of_key(&self, table: &Table, column: &str) -> bool {
        let mut keys = self.foreign_keys.iter().filter(|key| key.from == table.oid);
        keys.any(|key| key.columns.iter().any(|own| own == column))
    }
}

impl Table {
    /// Its primary key, where that is one column.
    pub fn single_key(&self) -> Option<&str> {
        let primary = self.uniques.iter().find(|unique| unique.primary)?;
        match &primary.columns[..] {
            [Some(column)] => Some(column),
            _ => None,
        }
    }

    /// Rows can be put into it.
    pub const fn is_fillable(&self) -> bool {
        matches!(self.kind, RelationKind::Table | RelationKind::Partitioned)
    }

    /// `schema.table` as SQL wants it; without the schema where the name alone finds it.
    pub fn qualified(&self) -> String {
        let name = crate::sql::quote_identifier(&self.name);
        if self.visible { name } else { format!("{}.{name}", crate::sql::quote_identifier(&self.schema)) }
    }

    /// Whether the role sees all rows of the table: no policy hides one from it.
    pub fn shows_all(&self, server: &Server) -> bool {
        let applies = |policy: &&Policy| policy.applies && matches!(policy.command, '*' | 'r');
        let open = |policy: &Policy| policy.permissive && policy.using.as_deref() == Some("true");
        !self.rls_applies(server)
            || self.policies.iter().filter(applies).any(open)
                && self.policies.iter().filter(applies).all(|policy| policy.permissive)
    }

    /// Whether row-level security applies to the role.
    pub const fn rls_applies(&self, server: &Server) -> bool {
        self.rls && !server.superuser && !server.bypass_rls && (!self.owned || self.rls_forced)
    }
}
