//! Seeds a schema and looks at what became of it.

use serde_json::Value;

use super::dice::Dice;
use super::refusal;
use super::schema::{Column, Reference, Schema, Table, quote};
use crate::harness::{Crm, Database, Outcome, Server};

/// What became of a schema.
#[derive(Debug)]
pub enum Verdict {
    /// Its rows are in, with this digest.
    Seeded(String),
    /// They cannot be, as this error says.
    Refused(String),
}

/// All that is in the catalog of the schema.
const CATALOG: &str = "
  SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
    SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
                     attgenerated, pg_get_expr(d.adbin, d.adrelid)) AS line
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0
    UNION ALL
    SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
    WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled) FROM pg_trigger t WHERE NOT tgisinternal
    UNION ALL
    SELECT concat_ws(' ', relname, relrowsecurity, relforcerowsecurity) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
  ) AS lines";

/// A schema in a database of its own.
struct Trial<'a> {
    schema: &'a Schema,
    database: Database,
    arguments: String,
    is_loud: bool,
}

/// Seeds a schema.
///
/// # Errors
/// What should not be, in one line.
pub fn judge(server: &Server, schema: &Schema, is_loud: bool) -> Result<Verdict, String> {
    let database = server.database();
    let mut dice = Dice::new(schema.number, "owner");
    let (mut option, mut script) = (database.option(), schema.sql());
    if dice.chance(20) {
        let rights =
            format!("GRANT ALL ON DATABASE {} TO ROLE; GRANT ALL ON SCHEMA public TO ROLE", database.name());
        let role = database.role(&rights);
        option = format!("--database-url {}", database.url_of(&role));
        script = format!("SET ROLE {role};\n{script}");
    }
    database.try_run(&script).map_err(|error| format!("the generator made no SQL: {error}"))?;
    let arguments = format!("--clean --yes --seed {} --json {option}", schema.number);
    Trial { schema, database, arguments, is_loud }.judge()
}

impl Trial<'_> {
    fn judge(&self) -> Result<Verdict, String> {
        let (rows, catalog) = (self.database.counts(), self.database.run(CATALOG));
        let outcome = self.seed("")?;
        if self.database.run(CATALOG) != catalog {
            return Err("the catalog is not what it was".into());
        }
        if outcome.status.success() {
            let digest = self.seeded(&outcome)?;
            self.again(&digest)?;
            return Ok(Verdict::Seeded(digest));
        }
        let error = refusal::check(&outcome.stderr, self.schema)?;
        let ours = "SELECT count(*) FROM pg_namespace WHERE nspname = 'crm_seed'";
        if self.database.counts() != rows || self.database.number(ours) != 0 {
            return Err(format!("refused, but something was written: {error}"));
        }
        Ok(Verdict::Refused(error))
    }

    /// Runs it. Anything but success and a failure that it tells is an error.
    fn seed(&self, more: &str) -> Result<Outcome, String> {
        let outcome = Crm::new().run(&format!("{} {more}", self.arguments));
        if self.is_loud {
            println!("{outcome:#?}");
        }
        let is_told = matches!(outcome.status.code(), Some(0 | 1 | 3));
        if !is_told || outcome.stderr.contains("panicked") {
            return Err(format!("{}: {}", outcome.status, one_line(&outcome.stderr)));
        }
        Ok(outcome)
    }

    /// Holds the rows to what the report says, and to the references. Gives the digest.
    fn seeded(&self, outcome: &Outcome) -> Result<String, String> {
        let report = outcome.json();
        self.reported(&report)?;
        self.filled(&report)?;
        self.leading()?;
        self.counting()?;
        self.agreeing()?;
        Ok(report["digest"].as_str().unwrap_or_default().to_owned())
    }

    /// Each table has the rows that the report says.
    fn reported(&self, report: &Value) -> Result<(), String> {
        let tables = report["tables"].as_array().map_or(&[][..], Vec::as_slice);
        let name = |table: &Value| self.called(table["name"].as_str().unwrap_or_default());
        let there = self.numbers(tables.iter().map(|table| count(&name(table))))?;
        match tables.iter().zip(there).find(|(table, there)| table["rows"].as_i64() != Some(*there)) {
            None => Ok(()),
            Some((table, there)) => {
                Err(format!("{} has {there} rows, and the report says {}", name(table), table["rows"]))
            }
        }
    }

    /// No table of the domain is left out without a word.
    fn filled(&self, report: &Value) -> Result<(), String> {
        let notes = report["notes"].as_array().into_iter().flatten();
        let notes =
            notes.filter(|note| note["kind"] == "table_skipped" || note["kind"] == "row_count_differs");
        let told: Vec<&str> = notes.filter_map(|note| note["table"].as_str()).collect();
        let is_untold =
            |table: &&Table| !table.is_extra && !told.iter().any(|told| told.contains(&table.name));
        let tables: Vec<&Table> = self.schema.tables.iter().filter(is_untold).collect();
        let there = self.numbers(tables.iter().map(|table| count(&table.quoted())))?;
        match tables.iter().zip(there).find(|(_, there)| *there == 0) {
            None => Ok(()),
            Some((table, _)) => {
                Err(format!("{} ({}) is empty, and no note says why", table.name, table.ours))
            }
        }
    }

    /// What a table of the report is called: the domain's are there under our name.
    fn called(&self, name: &str) -> String {
        let mut domain = self.schema.tables.iter().filter(|table| !table.is_extra);
        domain.find(|table| table.ours == name).map_or_else(|| quote(name), Table::quoted)
    }

    /// References that are not declared lead to rows that are there.
    fn leading(&self) -> Result<(), String> {
        let references = || self.schema.references.iter().filter(|reference| !reference.is_declared);
        let there = self.numbers(references().map(|reference| self.orphans(reference)))?;
        let Some((reference, orphans)) = references().zip(there).find(|(_, orphans)| *orphans != 0) else {
            return Ok(());
        };
        let (from, to) = (&self.schema.tables[reference.from].name, &self.schema.tables[reference.to].name);
        Err(format!("{from}.{} has {orphans} values that {to} has not", reference.column))
    }

    /// Counts the values of a reference that lead nowhere.
    fn orphans(&self, reference: &Reference) -> String {
        let (from, to) = (&self.schema.tables[reference.from], &self.schema.tables[reference.to]);
        let column = quote(&reference.column);
        let key = quote(to.key.last().map_or("id", String::as_str));
        let value = if reference.rest == "[]" { format!("unnest({column})") } else { column };
        format!(
            "SELECT count(*) FROM (SELECT {value} AS v FROM {}) AS r WHERE v IS NOT NULL AND NOT EXISTS
             (SELECT FROM {} AS t WHERE t.{key}::text = r.v::text)",
            from.quoted(),
            to.quoted()
        )
    }

    /// The next key that the server counts is a new one.
    fn counting(&self) -> Result<(), String> {
        let is_counted =
            |column: &&Column| column.kind.ends_with("serial") || column.rest.ends_with("AS IDENTITY");
        let tables = || {
            let tables = self.schema.tables.iter();
            tables.filter_map(|table| Some((table, table.columns.iter().find(is_counted)?)))
        };
        let there = self.numbers(tables().map(|(table, column)| {
            let (name, key) = (table.quoted(), column.quoted());
            format!(
                "SELECT count(*) FROM (SELECT max({key}) AS highest FROM {name}) AS t
                 WHERE highest >= nextval(pg_get_serial_sequence('{name}', '{}'))",
                column.name
            )
        }))?;
        match tables().zip(there).find(|(_, behind)| *behind != 0) {
            None => Ok(()),
            Some(((table, _), _)) => Err(format!("the sequence of {} stands behind its rows", table.name)),
        }
    }

    /// Columns of a row, and rows that refer to each other, say the same.
    fn agreeing(&self) -> Result<(), String> {
        let questions = &self.schema.questions;
        let there = self.numbers(questions.iter().map(|question| question.query.clone()))?;
        match questions.iter().zip(there).find(|(_, count)| *count != 0) {
            None => Ok(()),
            Some((question, count)) => Err(format!("{count} times: {} ({})", question.what, question.query)),
        }
    }

    /// The number that each query returns.
    fn numbers(&self, queries: impl Iterator<Item = String>) -> Result<Vec<i64>, String> {
        let script = queries.collect::<Vec<_>>().join(";\n");
        let answer = self.database.try_run(&script).map_err(|error| one_line(&error))?;
        let number = |line: &str| line.parse().map_err(|_| format!("no number: {line}"));
        answer.lines().map(number).collect()
    }

    /// Twice the same, however it is loaded.
    fn again(&self, digest: &str) -> Result<(), String> {
        for more in ["", "--method insert"] {
            let outcome = self.seed(more)?;
            if !outcome.status.success() {
                return Err(format!("again {more}: {}", one_line(&outcome.stderr)));
            }
            self.seeded(&outcome).map_err(|why| format!("again {more}: {why}"))?;
            if outcome.json()["digest"] != digest {
                return Err(format!("another digest {more}"));
            }
        }
        Ok(())
    }
}

fn count(table: &str) -> String {
    format!("SELECT count(*) FROM {table}")
}

fn one_line(text: &str) -> String {
    text.lines().take(6).collect::<Vec<_>>().join(" / ")
}
