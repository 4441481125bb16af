//! Rows that are there and that a scenario refers to by what their columns hold.

use sqlx::PgConnection;

use crate::calendar::Day;
use crate::catalog::{Schema, Table};
use crate::domain::TABLES;
use crate::domain::explicit::{ExistingRow, Lookup, Value};
use crate::domain::table::ColumnInfo;
use crate::error::{Error, Result};
use crate::infer::overrides::Overrides;
use crate::infer::own_rows::condition_text;
use crate::infer::recognition::{self, domain_at};
use crate::infer::target_names::TargetNames;
use crate::run::registry::Loaded;
use crate::run::scenario_rows::ScenarioFilter;
use crate::run::seed::before::Prepared;
use crate::run::seed::own_rows::{as_domain, rows, value};
use crate::run::seed::request::Request;
use crate::scenario::{Problem, Scenario, location};
use crate::sql::{quote_identifier, quote_literal};
use crate::suggestion::quoted;

/// Rows that are counted where there are several.
const MOST: usize = 100;

/// Finds the rows that a scenario looks up, but none of an earlier copy of it.
///
/// # Errors
/// Usage: tables and columns that the target lacks, lookups that find no row or several, each with its place in the file.
pub async fn find(
    connection: &mut PgConnection,
    schema: &Schema,
    overrides: &Overrides,
    scenario: &Scenario,
    (loaded, as_of): (&[Loaded], Day),
) -> Result<Vec<ExistingRow>> {
    let lookups = scenario.lookups();
    if lookups.is_empty() {
        return Ok(Vec::new());
    }
    let recognition = recognition::recognize(schema, overrides)?;
    let chosen: Vec<usize> = recognition.roles.iter().flatten().map(|found| found.at).collect();
    let names = TargetNames { schema, recognition: &recognition, chosen: &chosen, overrides };
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let mut employers = Vec::new();
    for (location, lookup) in lookups {
        match one(connection, &names, scenario, lookup, (loaded, as_of)).await? {
            Ok(mut row) => {
                row.employer = employer(&names, &row);
                employers.extend(row.employer.clone());
                found.push(row);
            }
            Err(why) => match location {
                Some(location) => problems.push(Problem { location: location.clone(), message: why }),
                None => return Err(Error::usage(why)),
            },
        }
    }
    for lookup in employers {
        let is_known = found.iter().any(|row: &ExistingRow| row.lookup == lookup);
        // A row that is hidden from the role is as good as none.
        if !is_known && let Ok(row) = one(connection, &names, scenario, &lookup, (loaded, as_of)).await? {
            found.push(row);
        }
    }
    if problems.is_empty() {
        return Ok(found);
    }
    Err(location::error(&location::sorted(problems)).with_hint("nothing was changed"))
}

/// The row of one lookup, or why there is not one.
async fn one(
    connection: &mut PgConnection,
    names: &TargetNames<'_>,
    scenario: &Scenario,
    lookup: &Lookup,
    (loaded, as_of): (&[Loaded], Day),
) -> Result<Result<ExistingRow, String>> {
    let at = match names.table(&lookup.table) {
        Ok(at) => at,
        Err(why) => return Ok(Err(format!("existing {}: {why}", quoted(&lookup.table)))),
    };
    let table = &names.schema.tables[at];
    let mut conditions = Vec::new();
    for (column, text) in &lookup.conditions {
        match condition(names, at, column, text.as_deref(), as_of) {
            Ok(condition) => conditions.push(condition),
            Err(why) => return Ok(Err(why)),
        }
    }
    conditions.extend(own_rows(table, scenario, loaded).into_iter().map(|own| format!("NOT ({own})")));
    let domain = domain_at(&names.recognition.roles, at);
    let infos = domain.map(|domain| of_domain(names, at, domain, as_of)).unwrap_or_default();
    let own = table.columns.iter().map(|column| format!("{}::text", quote_identifier(&column.name)));
    let known = infos.iter().filter_map(|(info, read)| Some(as_domain(info.holds.kind, read.as_ref()?)));
    let selected: Vec<String> = own.chain(known).collect();
    let sql = format!(
        "SELECT {} FROM {} t WHERE {} LIMIT {MOST}",
        selected.join(", "),
        table.qualified(),
        conditions.join(" AND ")
    );
    let told = told(lookup);
    let found = match rows(connection, &sql).await? {
        Ok(found) => found,
        Err(why) => return Ok(Err(format!("{told}: {why}"))),
    };
    let row = match &found[..] {
        [row] => row.clone(),
        [] => return Ok(Err(format!("no row of {told}"))),
        several if several.len() == MOST => {
            return Ok(Err(format!("{MOST} or more rows of {told}: say which is meant")));
        }
        several => return Ok(Err(format!("{} rows of {told}: say which is meant", several.len()))),
    };
    let mut texts = row.into_iter();
    let columns = table.columns.iter().map(|column| (column.name.clone(), texts.next().flatten())).collect();
    let values =
        infos.iter().map(|(info, read)| value(info, read.as_ref().and_then(|_| texts.next().flatten())));
    let domain = domain
        .map(|domain| (domain, values.map(|value| value.filter(|value| *value != Value::Null)).collect()));
    let key = table.single_key().map(str::to_owned);
    Ok(Ok(ExistingRow { lookup: lookup.clone(), table: table.oid, key, columns, employer: None, domain }))
}

/// What finds the organization for which a contact works that is there, where its row says so.
fn employer(names: &TargetNames<'_>, row: &ExistingRow) -> Option<Lookup> {
    let (domain, _) = row.domain.as_ref()?;
    let at = names.schema.tables.iter().position(|table| table.oid == row.table)?;
    let to = &names.schema.tables[names.table_of_domain("organizations")?];
    let (own, _) = names
        .all_of_domain(at)
        .into_iter()
        .find(|(_, info)| TABLES[*domain].info().name == "contacts" && info.name == "organization_id")?;
    let column = &names.schema.tables[at].columns[own].name;
    let key = names.schema.foreign_keys.iter().find(|key| {
        key.from == row.table && key.to == to.oid && key.columns.len() == 1 && key.columns[0] == *column
    })?;
    let (_, text) = row.columns.iter().find(|(name, _)| name == column)?;
    let conditions = vec![(key.to_columns[0].clone(), Some(text.clone()?))];
    Some(Lookup { table: format!("{}.{}", to.schema, to.name), conditions })
}

/// The condition that a column, by its own name or the domain's, holds this.
fn condition(
    names: &TargetNames<'_>,
    at: usize,
    name: &str,
    text: Option<&str>,
    as_of: Day,
) -> Result<String, String> {
    let position = names.column_of(at, name)?;
    let column = &names.schema.tables[at].columns[position];
    let of_domain = names.of_domain(at).into_iter().find(|(own, info)| *own == position && info.name == name);
    let read = match of_domain.filter(|_| column.name != name) {
        Some((_, info)) => names.reading(at, column, &info, as_of.midnight()),
        None => None,
    };
    let sql = read.unwrap_or_else(|| format!("t.{}", quote_identifier(&column.name)));
    let Some(text) = text else { return Ok(format!("{sql} IS NULL")) };
    let text = condition_text(column, text, as_of)?;
    Ok(format!("{sql} = {}", quote_literal(&text)))
}

/// The conditions that a row `t` is of an earlier copy of the scenario.
fn own_rows(table: &Table, scenario: &Scenario, loaded: &[Loaded]) -> Vec<String> {
    let parts = scenario.scenario_rows.iter();
    parts.filter_map(|part| ScenarioFilter::of(&part.scenario, loaded).of_table(table)).collect()
}

/// The columns of the domain's table, and how each is read where the target has it. Who the row refers to is not among them.
fn of_domain(
    names: &TargetNames<'_>,
    at: usize,
    domain: usize,
    as_of: Day,
) -> Vec<(ColumnInfo, Option<String>)> {
    let known = names.of_domain(at);
    let columns = &names.schema.tables[at].columns;
    let read = |info: ColumnInfo| {
        let found = known.iter().find(|(_, other)| other.name == info.name && info.holds.refers_to.is_none());
        let sql = found
            .filter(|_| info.name != "id")
            .and_then(|(own, _)| names.reading(at, &columns[*own], &info, as_of.midnight()));
        (info, sql)
    };
    TABLES[domain].columns().into_iter().map(read).collect()
}

/// `users with email = 'qa@example.test'`.
fn told(lookup: &Lookup) -> String {
    let condition = |(column, text): &(String, Option<String>)| match text {
        Some(text) => format!("{column} = {}", quoted(text)),
        None => format!("{column} NULL"),
    };
    let conditions: Vec<String> = lookup.conditions.iter().map(condition).collect();
    format!("{} has {}", lookup.table, conditions.join(" and "))
}

impl Request {
    /// Whether the rows that the scenario looks up are still those that were found, and stay.
    ///
    /// # Errors
    /// Refused: they are not, or `--clean` empties their table.
    pub(super) async fn check_lookups(
        &self,
        connection: &mut PgConnection,
        prepared: &Prepared,
    ) -> Result<()> {
        if self.scenario.existing.is_empty() {
            return Ok(());
        }
        let Prepared { schema, plan, loaded, .. } = prepared;
        let emptied = plan.emptied_oids();
        let reached = schema.reached_by_truncate(&emptied).into_iter().map(|(oid, _)| oid);
        let goes: Vec<u32> = match self.is_clean() {
            true => emptied.iter().copied().chain(reached).collect(),
            false => Vec::new(),
        };
        if let Some(row) = self.scenario.existing.iter().find(|row| goes.contains(&row.table)) {
            let table = schema.table(row.table).map_or_else(String::new, Table::qualified);
            return Err(Error::refused(format!("--clean empties {table}, in which the scenario looks up {}", told(&row.lookup)))
                .with_hint("nothing was changed; load without --clean, or give the row in the scenario and refer to it by its handle"));
        }
        let found = find(connection, schema, &self.overrides, &self.scenario, (loaded, self.as_of)).await?;
        let key = |rows: &[ExistingRow]| rows.iter().map(|row| row.columns.clone()).collect::<Vec<_>>();
        if key(&found) == key(&self.scenario.existing) {
            return Ok(());
        }
        Err(Error::failed("rows that the scenario looks up changed while the run waited for its locks")
            .with_hint("nothing was changed; run the same command again"))
    }
}
