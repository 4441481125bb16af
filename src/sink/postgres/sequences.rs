//! Sequences after a load: the app's next row must get a key that is free.

use std::collections::BTreeMap;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::catalog::{self, Schema};
use crate::db::query::{attempt, error, execute, fetch};
use crate::domain::explicit::ids;
use crate::error::{Error, Result};
use crate::note::{Note, NoteKind};
use crate::plan::{Plan, Sequence, TablePlan};
use crate::sql::{quote_identifier, quote_literal};

/// A sequence, and the columns of planned tables that draw from it.
struct Drawn<'a> {
    sequence: &'a Sequence,
    columns: Vec<(&'a TablePlan, &'a Sequence)>,
    /// Other tables whose rows may be looked at, and their columns that draw from it, too.
    others: Vec<(&'a catalog::Table, &'a catalog::Column)>,
    /// Some table that is not planned draws from it.
    is_shared: bool,
}

/// How a sequence counts, as `pg_sequence` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counting {
    start: i64,
    increment: i64,
    least: i64,
    most: i64,
}

/// Puts every sequence behind the highest key of all its columns below those of explicit rows, so that the app's rows
/// never come among these; by its increment, as frameworks take a whole block of it for granted, and below the lowest
/// where it counts down. One is set back only where all its tables were emptied (`is_clean`): elsewhere numbers that
/// it has given out may be in use where we do not look. Returns notes on those that have no number left.
///
/// `RESTART` is part of the transaction, `setval` is not: what it does stays when the rest is undone. A role that does
/// not own the sequence has only the latter, which therefore never lowers one; left too high it does no harm. In a
/// trial, which is undone in any case, such sequences are left alone.
pub async fn restart(
    connection: &mut PgConnection,
    plan: &Plan,
    schema: &Schema,
    (is_clean, is_trial): (bool, bool),
) -> Result<Vec<Note>> {
    let drawn = drawn(plan, schema);
    let mut notes = Vec::new();
    if drawn.is_empty() {
        return Ok(notes);
    }
    let countings = countings(connection, &drawn).await?;
    let asked: Vec<String> =
        drawn.values().zip(&countings).map(|(drawn, counting)| drawn.asked(*counting)).collect();
    let rows = fetch(connection, &format!("SELECT {}", asked.join(", "))).await?;
    let row = rows.first().ok_or_else(|| Error::failed("the server returned no row"))?;
    let mut sets: Vec<(&Drawn<'_>, i64, Counting)> = Vec::new();
    for ((number, drawn), counting) in drawn.values().enumerate().zip(countings) {
        let value = |at: usize| row.try_get::<Option<i64>, _>(3 * number + at).map_err(error);
        let (highest, lowest, next) = (value(0)?, value(1)?, value(2)?);
        let Some(first) = counting.first(highest, lowest) else {
            notes.push(drawn.used_up());
            continue;
        };
        let may_lower = is_clean && !drawn.is_shared;
        let is_behind = next.is_some_and(|next| counting.is_behind(next, first));
        if !(drawn.sequence.owned && !may_lower && is_behind) {
            sets.push((drawn, first, counting));
        }
    }
    let is_restarted = restart_owned(connection, &sets).await?;
    let raised = sets.iter().filter(|(drawn, ..)| !(is_trial || drawn.sequence.owned && is_restarted));
    let raises: Vec<String> = raised.map(|(drawn, first, counting)| drawn.raise(*first, *counting)).collect();
    if !raises.is_empty() {
        execute(connection, &raises.join(";\n")).await.map_err(told)?;
    }
    Ok(notes)
}

/// Restarts the sequences that are ours. Where a rule of the database keeps everybody from altering them, they are
/// left to be set in the app's own way, and it returns false.
async fn restart_owned(connection: &mut PgConnection, sets: &[(&Drawn<'_>, i64, Counting)]) -> Result<bool> {
    let owned = sets.iter().filter(|(drawn, ..)| drawn.sequence.owned);
    let restarts: Vec<String> = owned
        .map(|(drawn, first, _)| format!("ALTER SEQUENCE {} RESTART WITH {first}", drawn.sequence.name))
        .collect();
    if restarts.is_empty() {
        return Ok(true);
    }
    Ok(attempt(connection, &restarts.join(";\n")).await.map_err(told)?.is_none())
}

fn told(error: Error) -> Error {
    error.context("resetting the sequences")
}

fn drawn<'a>(plan: &'a Plan, schema: &'a Schema) -> BTreeMap<&'a str, Drawn<'a>> {
    let mut all: BTreeMap<&str, Drawn<'_>> = BTreeMap::new();
    // Rows that scenarios add to those of the app have numbers that no sequence gives.
    for table in plan.tables.iter().filter(|table| !table.is_added_to) {
        for sequence in table.target.iter().flat_map(|target| &target.sequences) {
            let drawn = all.entry(&sequence.name).or_insert(Drawn {
                sequence,
                columns: Vec::new(),
                others: Vec::new(),
                is_shared: false,
            });
            drawn.columns.push((table, sequence));
        }
    }
    let planned = plan.oids();
    for table in schema.tables.iter().filter(|table| !planned.contains(&table.oid)) {
        for column in &table.columns {
            let Some(drawn) = column.sequence.as_deref().and_then(|name| all.get_mut(name)) else { continue };
            drawn.is_shared = true;
            if table.may_select && is_whole(&column.base) {
                drawn.others.push((table, column));
            }
        }
    }
    all
}

fn is_whole(base: &str) -> bool {
    matches!(base, "int8" | "int4" | "int2")
}

async fn countings(
    connection: &mut PgConnection,
    drawn: &BTreeMap<&str, Drawn<'_>>,
) -> Result<Vec<Counting>> {
    let names: Vec<String> = drawn.keys().map(|name| format!("{}::regclass", quote_literal(name))).collect();
    let sql = format!(
        "SELECT s.seqstart, s.seqincrement, s.seqmin, s.seqmax
         FROM unnest(ARRAY[{}]) WITH ORDINALITY AS name(oid, n) JOIN pg_sequence s ON s.seqrelid = name.oid
         ORDER BY name.n",
        names.join(", ")
    );
    let read = |row: &PgRow| -> Result<Counting, sqlx::Error> {
        Ok(Counting {
            start: row.try_get(0)?,
            increment: row.try_get(1)?,
            least: row.try_get(2)?,
            most: row.try_get(3)?,
        })
    };
    fetch(connection, &sql).await?.iter().map(read).collect::<Result<_, _>>().map_err(error)
}

impl Drawn<'_> {
    /// The highest and the lowest key that the sequence might give, and what it would give next: unknown where we do
    /// not own it, and may not look.
    fn asked(&self, counting: Counting) -> String {
        let next = match self.sequence.owned {
            true => format!(
                "(SELECT last_value + is_called::int * {} FROM {})",
                counting.increment, self.sequence.name
            ),
            false => "NULL::bigint".into(),
        };
        format!(
            "greatest({})::bigint, least({})::bigint, {next}",
            self.keys("max", counting),
            self.keys("min", counting)
        )
    }

    fn keys(&self, of: &str, counting: Counting) -> String {
        let (least, most) = (counting.least, counting.most);
        let planned = self.columns.iter().map(|(table, sequence)| {
            let target = &table.header.table;
            // A text that has the number in it was made of the row's.
            if !is_whole(&sequence.base) {
                return format!("(SELECT nullif(count(*), 0) FROM {target})");
            }
            let column = quote_identifier(&sequence.column);
            // Others have none of those.
            let explicit = if table.is_domain() || table.explicit > 0 {
                format!(" AND {column} < {}", ids::FIRST)
            } else {
                String::new()
            };
            format!(
                "(SELECT {of}({column}) FROM {target} WHERE {column} BETWEEN {least} AND {most}{explicit})"
            )
        });
        let others = self.others.iter().map(|(table, column)| {
            let column = quote_identifier(&column.name);
            format!(
                "(SELECT {of}({column}) FROM {} WHERE {column} BETWEEN {least} AND {most})",
                table.qualified()
            )
        });
        planned.chain(others).collect::<Vec<_>>().join(", ")
    }

    /// It tells where it stands by going one further.
    fn raise(&self, first: i64, counting: Counting) -> String {
        let literal = quote_literal(&self.sequence.name);
        let farther = if counting.increment < 0 { "least" } else { "greatest" };
        format!("SELECT setval({literal}, {farther}({first}, nextval({literal})), false)")
    }

    fn used_up(&self) -> Note {
        let tables: Vec<&str> = self.columns.iter().map(|(table, _)| table.header.table.as_str()).collect();
        let text = format!(
            "sequence {} has no number left after the keys of {}: raise its MAXVALUE before the app inserts rows",
            self.sequence.name,
            tables.join(", ")
        );
        Note::new(NoteKind::SequenceExhausted, text)
    }
}

impl Counting {
    /// The first number that is free, and with it all that a framework takes of one step.
    fn first(self, highest: Option<i64>, lowest: Option<i64>) -> Option<i64> {
        let taken = if self.increment > 0 { highest } else { lowest };
        let Some(taken) = taken else { return Some(self.start) };
        let free = i128::from(taken) + i128::from(self.increment);
        let (start, step) = (i128::from(self.start), i128::from(self.increment));
        // So many steps from where it starts, and none where the keys are not there yet.
        let steps = ((free - start) / step + i128::from((free - start) % step != 0)).max(0);
        let first = match (free - start) * step.signum() > 0 {
            true => start + steps * step,
            false => start,
        };
        let first = i64::try_from(first).ok().filter(|first| (self.least..=self.most).contains(first));
        // One that counts down towards the keys begins above them.
        first.or_else(|| (self.increment < 0 && highest? < self.start).then_some(self.start))
    }

    /// Whether what comes next lies where `first` does, or farther.
    const fn is_behind(self, next: i64, first: i64) -> bool {
        if self.increment > 0 { next >= first } else { next <= first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn counting(start: i64, increment: i64, least: i64, most: i64) -> Counting {
        Counting { start, increment, least, most }
    }

    #[test]
    fn what_comes_next_is_free_by_the_step_and_the_direction() {
        let plain = counting(1, 1, 1, i64::MAX);
        assert_eq!(plain.first(Some(70), Some(1)), Some(71));
        assert_eq!(plain.first(None, None), Some(1));
        // A framework that gets 251 takes 202 to 251 for its own.
        assert_eq!(counting(1, 50, 1, i64::MAX).first(Some(199), Some(1)), Some(251));
        assert_eq!(counting(50, 50, 1, i64::MAX).first(Some(199), Some(1)), Some(250));
        assert_eq!(counting(1000, 1, 1, i64::MAX).first(Some(70), Some(1)), Some(1000));
        // Two servers take turns: one has the odd numbers.
        assert_eq!(counting(1, 2, 1, i64::MAX).first(Some(70), Some(1)), Some(73));
        assert_eq!(counting(-1, -1, i64::MIN, -1).first(None, None), Some(-1));
        assert_eq!(counting(-1, -1, i64::MIN, -1).first(Some(-3), Some(-70)), Some(-71));
        assert_eq!(counting(1000, -1, 1, 1000).first(Some(70), Some(1)), Some(1000));
        assert_eq!(counting(60, -1, 1, 60).first(Some(60), Some(1)), None);
        assert_eq!(counting(1, 1, 1, 70).first(Some(70), Some(1)), None);
        assert!(plain.is_behind(71, 71) && !plain.is_behind(70, 71));
    }
}
