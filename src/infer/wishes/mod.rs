//! What is asked of tables by name, on the command line or in a scenario, as it is said of this target: its tables and
//! columns by their own names, or those that the domain has for them. A number of rows becomes a setting of the table, as
//! crm-seed.toml has it, or one of the domain's counts; weights likewise.

mod weigh;

use crate::catalog::{Schema, Table};
use crate::domain::TABLES;
use crate::domain::counts::{Counts, Weights};
use crate::error::{Error, Result};
use crate::infer::overrides::{Overrides, ToldRows};
use crate::infer::recognition::{self, Recognition, domain_at};
use crate::infer::setting;
use crate::infer::table_key::is_required;
use crate::infer::table_selection::{self, ExistingRows};
use crate::infer::target_names::TargetNames;
use crate::scenario::wishes::{Meant, Wish, Wishes, is_counted, set_rows};

/// What a run goes by.
#[derive(Clone, Debug)]
pub struct Granted {
    pub counts: Counts,
    pub weights: Weights,
    pub overrides: Overrides,
}

/// Takes what is asked for, over what was said before: the later over the earlier. The present, in seconds, is what
/// CHECK constraints are read by.
///
/// # Errors
/// Usage: all names that the target lacks, each with the nearest; tables whose rows follow from others; counts that do
/// not fit one another.
pub fn grant(schema: &Schema, wishes: &Wishes, before: Granted, now: i64) -> Result<Granted> {
    let recognition = recognition::recognize(schema, &before.overrides)?;
    let choice = table_selection::choose(schema, &before.overrides, &ExistingRows::new(), &recognition)?;
    let chosen: Vec<usize> = choice.chosen.iter().map(|chosen| chosen.at).collect();
    let mut granting = Granting {
        schema,
        recognition: &recognition,
        chosen: &chosen,
        now,
        granted: before,
        faults: Vec::new(),
    };
    // What the domain took by itself may be meant for a table of the target that is called so.
    for Wish { name, .. } in &wishes.rows {
        match name.as_str() {
            "contacts" => granting.granted.counts.contacts = None,
            "products" => granting.granted.counts.products = None,
            _ => {}
        }
    }
    for wish in &wishes.rows {
        granting.rows(wish);
    }
    for wish in &wishes.weights {
        granting.weights(wish);
    }
    let Granting { granted, faults, .. } = granting;
    if !faults.is_empty() {
        return Err(Error::usage(faults.join("\n")).with_hint("nothing was changed"));
    }
    granted.counts.check()?;
    Ok(granted)
}

/// Wishes being granted.
struct Granting<'a> {
    schema: &'a Schema,
    recognition: &'a Recognition,
    /// Tables that take part already.
    chosen: &'a [usize],
    now: i64,
    granted: Granted,
    faults: Vec<String>,
}

impl Granting<'_> {
    fn names(&self) -> TargetNames<'_> {
        let Self { schema, recognition, chosen, .. } = *self;
        TargetNames { schema, recognition, chosen, overrides: &self.granted.overrides }
    }

    fn fault(&mut self, location: &str, name: &str, why: &str) {
        self.faults.push(format!("{location} {name}: {why}"));
    }

    /// A number of rows.
    fn rows(&mut self, wish: &Wish<u64>) {
        let Wish { location, name, value } = wish;
        let at = match self.names().table(name) {
            Ok(at) => at,
            // A kind of row that has no table of its own.
            Err(_) if is_counted(name) && TABLES.iter().all(|table| table.info().name != name) => {
                set_rows(&mut self.granted.counts, name, *value);
                return;
            }
            Err(why) => return self.fault(location, name, &why),
        };
        let table = &self.schema.tables[at];
        let Some(domain) = domain_at(&self.recognition.roles, at) else {
            return self.own_rows(wish, at, table);
        };
        let role = TABLES[domain].info().name;
        match set_rows(&mut self.granted.counts, role, *value) {
            Meant::Follows(why) => {
                let is = setting::is(self.schema, table, "");
                let called =
                    if table.name == role { String::new() } else { format!("it is taken for {role}; ") };
                let why =
                    format!("{called}{why} (or say {is} in crm-seed.toml, to have it filled by itself)");
                self.fault(location, name, &why);
            }
            _ => {
                let told = ToldRows { domain: role, location: format!("{location} {name}") };
                self.granted.overrides.told.push(told);
            }
        }
    }

    /// A table that is filled and cannot do without rows of another.
    fn needing(&self, table: &Table) -> Option<String> {
        let mut keys =
            self.schema.foreign_keys.iter().filter(|key| key.to == table.oid && key.from != table.oid);
        keys.find_map(|key| {
            let from =
                self.chosen.iter().map(|at| &self.schema.tables[*at]).find(|from| from.oid == key.from)?;
            let is_empty = self
                .granted
                .overrides
                .table(&from.schema, &from.name)
                .is_some_and(|said| said.rows == Some(0));
            (is_required(from, key) && !is_empty).then(|| from.name.clone())
        })
    }

    /// The same of a table that the domain does not know.
    fn own_rows(&mut self, wish: &Wish<u64>, at: usize, table: &Table) {
        let Wish { location, name, value } = wish;
        let overrides = &self.granted.overrides;
        if !table.is_fillable() {
            return self.fault(location, name, "it is no table that can be filled");
        }
        if Overrides::names(&overrides.exclude, &table.schema, &table.name) {
            return self.fault(location, name, "the table is excluded");
        }
        if let Some(other) = self.needing(table).filter(|_| *value == 0) {
            let why = format!("every row of {other} needs one of these (--exclude {other} leaves it out)");
            return self.fault(location, name, &why);
        }
        let overrides = &mut self.granted.overrides;
        let key = format!("{}.{}", table.schema, table.name);
        // Who asks for rows of a table asks for the table.
        if !self.chosen.contains(&at)
            && *value > 0
            && !Overrides::names(&overrides.include, &table.schema, &table.name)
        {
            overrides.include.push(key.clone());
        }
        let mut setting = overrides.table(&table.schema, &table.name).cloned().unwrap_or_default();
        (setting.rows, setting.asked) = (Some(*value), Some(format!("{location} {name}")));
        overrides.tables.insert(key, setting);
    }
}
