//! The consistency rules as queries: each must return no row.

mod asking;
mod names;
mod on_purpose;
mod rules;

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use sqlx::{PgConnection, Row};

use crate::calendar::Day;
use crate::catalog::table_locks::{self, Deadline, Lock, Mode};
use crate::catalog::{self, Schema};
use crate::db::encoding;
use crate::db::query::{SETTINGS, error, execute};
use crate::db::target::Target;
use crate::error::{Error, Result};
use crate::infer::domain_views::DomainViews;
use crate::infer::overrides::Overrides;
use crate::infer::recognition;
use crate::letters::{self, Letters};
use crate::run::ledger::{self, Identity};
use crate::run::registry::{self, Home, Loaded};
use crate::sql::quote_identifier;
use asking::{Checked, SHOWN, ask};
use on_purpose::Purpose;

pub use rules::{Asked, RULES, Rule};

/// What a rule found.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Number of the rule, 1 to 15.
    pub rule: u32,
    /// Its name: `stage-and-probability`.
    pub name: &'static str,
    /// What the rule demands, for people.
    pub about: &'static str,
    /// Rows that break it; 0 where it holds.
    pub violations: i64,
    /// The first few of them.
    pub examples: Vec<String>,
    /// Why it was not checked.
    pub skipped: Option<String>,
    /// Loaded scenarios that break it on purpose.
    pub on_purpose: Vec<String>,
    /// Rows that break it and that no loaded scenario has planted: the examples are of them, if there are any.
    pub accidental: i64,
}

impl Outcome {
    /// Whether it is broken by rows of which no scenario says that it is on purpose.
    pub fn is_broken(&self) -> bool {
        self.accidental > 0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match (&self.skipped, self.violations) {
            (Some(_), _) => "skipped",
            (None, 0) => "ok",
            _ if !self.is_broken() => "allowed",
            _ => "FAIL",
        };
        write!(f, "{verdict:7}  {:>2} {:34}  {}", self.rule, self.name, self.about)?;
        if let Some(why) = &self.skipped {
            write!(f, " ({why})")?;
        }
        writeln!(f)?;
        let planted = self.violations - self.accidental;
        let scenarios = self.on_purpose.join(", ");
        if self.violations > 0 && !self.is_broken() {
            return writeln!(f, "            violations: {planted}, on purpose in scenario {scenarios}");
        }
        if self.violations > 0 {
            let others = match planted {
                0 => String::new(),
                planted => format!(" (and {planted} on purpose in scenario {scenarios})"),
            };
            writeln!(f, "            violations: {}{others}", self.accidental)?;
            for example in &self.examples {
                writeln!(f, "            {}", printable(example))?;
            }
        }
        Ok(())
    }
}

/// Runs every rule whose columns the target has, in a transaction that cannot write: all on one picture of the
/// database, in which no table is half loaded. The data is as of `as_of`, else of the last recorded run's day, else of
/// the default. A table that somebody has locked is waited for, for as long as `wait` says.
///
/// # Errors
/// A database in which no rule can be checked.
pub async fn run(
    target: &mut Target,
    as_of: Option<Day>,
    overrides: &Overrides,
    (wait, quiet): (Duration, bool),
) -> Result<Vec<Outcome>> {
    let connection = &mut target.connection;
    execute(connection, &format!("BEGIN READ ONLY; {SETTINGS}")).await?;
    let deadline = Deadline::within(wait);
    let schema = table_locks::introspect(connection, deadline, quiet).await?;
    execute(connection, "ROLLBACK").await?;
    let locks = locks(&schema, overrides)?;
    // Before the picture is taken: a TRUNCATE that is committed after it would show as an empty table.
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; \
                 SET LOCAL idle_in_transaction_session_timeout = 0";
    table_locks::begin(connection, begin, locks, deadline, quiet).await?;
    execute(connection, SETTINGS).await?;
    let schema = table_locks::introspect(connection, deadline, quiet).await?;
    let identity = Identity::of(connection).await?;
    let as_of = match as_of {
        Some(day) => day,
        None => {
            let tables = recognition::oids(&schema, overrides)?;
            let last = ledger::last_as_of(connection, &schema, &identity, &tables).await?;
            last.unwrap_or(Day::DEFAULT_AS_OF)
        }
    };
    let loaded = registry::all(connection, &schema, &Home::of(&schema, &identity)?).await?;
    let outcomes = check_all(connection, &schema, as_of, overrides, &loaded).await?;
    execute(connection, "ROLLBACK").await?;
    if outcomes.iter().all(|outcome| outcome.skipped.is_some()) {
        let hint = match schema.holds_nothing_but(crate::catalog::LEDGER, crate::migrate::HISTORY) {
            true => "check that it is the right database; `crm-seed migrate up` creates the tables",
            false => {
                "check that it is the right database; crm-seed.toml can say which table is which: tables.NAME.is = \"contacts\""
            }
        };
        return Err(Error::failed("no rule could be checked: no CRM tables recognised in the database")
            .with_hint(hint));
    }
    Ok(outcomes)
}

/// Those of the tables that the rules read, and of the ledger.
fn locks(schema: &Schema, overrides: &Overrides) -> Result<Vec<Lock>> {
    let domain = recognition::oids(schema, overrides)?;
    let is_read = |table: &&catalog::Table| {
        table.may_select && (domain.contains(&table.oid) || table.schema == crate::catalog::LEDGER)
    };
    Ok(schema.tables.iter().filter(is_read).map(|table| Lock::of(table, Mode::AccessShare)).collect())
}

async fn check_all(
    connection: &mut PgConnection,
    schema: &Schema,
    as_of: Day,
    overrides: &Overrides,
    loaded: &[Loaded],
) -> Result<Vec<Outcome>> {
    let views = DomainViews::of(schema, overrides, as_of.midnight())?;
    let encoding = &schema.server.encoding;
    let asked = Asked { as_of, is_utf8: encoding == "UTF8" };
    let settings =
        format!("SET LOCAL search_path = {}, public", quote_identifier(views.home().unwrap_or("public")));
    execute(connection, &settings).await?;
    let queries: Vec<String> =
        RULES.iter().map(|rule| names::query(&views, rule, &rule.sql(&asked))).collect();
    // Our words stand in the rules, too: they are asked for as they were written.
    let own = queries.iter().flat_map(|query| letters::beyond_ascii(query)).collect();
    let (letters, _) = Letters::new(encoding, &encoding::lacking(connection, encoding, &own).await?);
    let mut outcomes = Vec::new();
    for (rule, query) in RULES.iter().zip(&queries) {
        let purpose = Purpose::of(rule, loaded);
        let mut outcome = Outcome {
            rule: rule.number,
            name: rule.name,
            about: rule.about,
            violations: 0,
            examples: Vec::new(),
            skipped: names::missing(&views, rule).or_else(|| unheard_of(rule, &letters)),
            on_purpose: purpose.scenarios.clone(),
            accidental: 0,
        };
        if outcome.skipped.is_none() {
            let sql = letters.write(query);
            let sql =
                format!("SELECT found.what, count(*) OVER () FROM ({sql}) AS found(what) LIMIT {SHOWN}");
            match ask(connection, rule, sql).await? {
                Checked::Rows(rows) => {
                    for row in &rows {
                        outcome.violations = row.try_get(1).map_err(error)?;
                        let example: Option<String> = row.try_get(0).map_err(error)?;
                        outcome.examples.push(example.unwrap_or_default());
                    }
                }
                Checked::OtherTypes(why) => outcome.skipped = Some(why),
            }
        }
        if purpose.scenarios.is_empty() {
            outcome.accidental = outcome.violations;
        } else if outcome.violations > 0 {
            let of_rule = (rule.sql(&asked), |query: &str| letters.write(query).into_owned());
            let accidents = purpose.accidents(connection, &views, rule, (&of_rule.0, &of_rule.1)).await?;
            if let Some(accidents) = accidents.filter(|accidents| accidents.count > 0) {
                (outcome.accidental, outcome.examples) = (accidents.count, accidents.examples);
            }
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// Why a rule about letters cannot hold in an encoding.
fn unheard_of(rule: &Rule, letters: &Letters) -> Option<String> {
    let is_so = rule.name.ends_with("-with-accents") && letters.lack('é');
    is_so.then(|| "the encoding of the database has no such letters".into())
}

/// `text` without characters that would move a terminal's cursor or change its colours.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(violations: i64, examples: &[&str], skipped: Option<&str>) -> Outcome {
        Outcome {
            rule: 6,
            name: "amount-is-sum-of-line-items",
            about: "amounts are sums",
            violations,
            examples: examples.iter().map(|example| (*example).to_owned()).collect(),
            skipped: skipped.map(str::to_owned),
            on_purpose: Vec::new(),
            accidental: violations,
        }
    }

    #[test]
    fn every_built_in_scenario_is_sound_and_breaks_rules_that_there_are() {
        let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        for (name, _) in crate::scenario::library::BUILTIN {
            let wanted = [(*name).to_owned()];
            let scenario = crate::scenario::Scenario::load(&wanted, None, &rules, false, false);
            assert!(scenario.is_ok(), "{name}: {}", scenario.expect_err("a fault"));
        }
    }

    #[test]
    fn a_verdict_is_a_line_and_violations_stand_below_it() {
        let name = "amount-is-sum-of-line-items       ";
        assert_eq!(outcome(0, &[], None).to_string(), format!("ok        6 {name}  amounts are sums\n"));
        assert_eq!(
            outcome(0, &[], Some("no amount")).to_string(),
            format!("skipped   6 {name}  amounts are sums (no amount)\n")
        );
        assert_eq!(
            outcome(7, &["one", "t\u{1b}wo"], None).to_string(),
            format!(
                "FAIL      6 {name}  amounts are sums\n            violations: \
                 7\n            one\n            t\u{fffd}wo\n"
            )
        );
    }
}
