//! Defaults of columns: which say the same for every row of a run, and what they say here.
//!
//! One that calls a function may say where we are (a tenant, a region, the role): the server is asked, in a
//! subtransaction that cannot write. One that reads the clock, draws by chance or takes numbers is not.

use sqlx::{PgConnection, Row};

use crate::catalog::{Column, DefaultFunction, Here, LEDGER, Schema};
use crate::db::query::{error, execute, fetch, is_refusal};
use crate::error::Result;

/// Words by which the answer differs from run to run: the clock, chance.
const CHANGING: [&str; 20] = [
    "now(",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtime",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
    "random",
    "gen_salt",
    "gen_random_uuid",
    "uuid_generate",
    "uuidv",
    "txid_current",
    "pg_current_xact_id",
    "'now'",
    "'today'",
    "'tomorrow'",
    "'yesterday'",
];
/// Names of functions that make something new at each call, whatever their texts show.
const MAKING: [&str; 9] =
    ["uuid", "ulid", "nanoid", "cuid", "snowflake", "generate", "gen_", "new_", "next_"];
/// What a function does that is more than reading.
const WRITING: [&str; 8] = ["nextval", "setval", "insert ", "update ", "delete ", "notify", "dblink", "http"];
/// Functions without parentheses.
const WORDS: [&str; 7] = [
    "current_user",
    "session_user",
    "current_role",
    "current_schema",
    "current_catalog",
    "system_user",
    "user",
];

/// Whether what SQL says differs from run to run, as it reads the clock or draws by chance.
pub fn reads_clock_or_chance(sql: &str) -> bool {
    let lower = sql.to_lowercase();
    CHANGING.iter().any(|word| lower.contains(word))
}

impl DefaultFunction {
    fn is_changing(&self) -> bool {
        let (name, source) = (self.name.to_lowercase(), self.source.to_lowercase());
        let is_known = matches!(self.language.as_str(), "sql" | "plpgsql");
        MAKING.iter().any(|word| name.contains(word))
            || reads_clock_or_chance(&source)
            || WRITING.iter().any(|word| source.contains(word))
            || (self.volatility == 'v' && (!is_known || source.trim().is_empty()))
    }
}

impl Column {
    /// Whether its default differs from row to row, or from run to run.
    pub fn has_changing_default(&self) -> bool {
        let Some(default) = &self.default else { return false };
        reads_clock_or_chance(default)
            || default.to_lowercase().contains("nextval")
            || self.default_functions.iter().any(DefaultFunction::is_changing)
    }

    /// Whether its default calls a function that says the same for every row of a run.
    pub fn has_telling_default(&self) -> bool {
        self.sequence.is_none() && !self.has_changing_default() && self.default.as_deref().is_some_and(calls)
    }
}

/// Whether SQL calls a function: a name before a parenthesis, but for the length of a type; or a word that is one.
fn calls(sql: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '.');
    let mut outside = String::new();
    for (at, piece) in sql.split('\'').enumerate() {
        if at % 2 == 0 {
            outside.push_str(&piece.to_lowercase());
            outside.push(' ');
        }
    }
    let is_call = |at: usize| {
        let before = &outside[..at];
        let name = before.trim_end_matches(is_name);
        let word = &before[name.len()..];
        !word.is_empty()
            && !name.ends_with("::")
            && !matches!(
                word,
                "varying" | "precision" | "in" | "any" | "and" | "or" | "not" | "case" | "when"
            )
    };
    outside.match_indices('(').any(|(at, _)| is_call(at))
        || outside.split(|c| !is_name(c)).any(|word| WORDS.contains(&word))
}

/// Milliseconds for all of them.
const PATIENCE: u32 = 2000;

/// Asks the server what the telling defaults of a schema say here.
///
/// # Errors
/// Whatever the server says of anything but the defaults.
pub async fn ask(connection: &mut PgConnection, schema: &mut Schema) -> Result<()> {
    let tables = schema.tables.iter_mut().filter(|table| table.is_fillable() && table.schema != LEDGER);
    let columns: Vec<&mut Column> =
        tables.flat_map(|table| &mut table.columns).filter(|column| column.has_telling_default()).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let mut expressions: Vec<String> = columns.iter().filter_map(|column| column.default.clone()).collect();
    expressions.sort_unstable();
    expressions.dedup();
    let begin = format!(
        "SAVEPOINT crm_seed_defaults; SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = {PATIENCE}"
    );
    let mut answers = all(connection, &begin, &expressions).await?;
    if answers.is_none() && expressions.len() > 1 {
        let mut each = Vec::new();
        for expression in &expressions {
            let one = all(connection, &begin, std::slice::from_ref(expression)).await?;
            each.extend(one.unwrap_or_else(|| vec![Here::Unknown]));
        }
        answers = Some(each);
    }
    let answers = answers.unwrap_or_else(|| vec![Here::Unknown; expressions.len()]);
    for column in columns {
        let at = expressions.iter().position(|expression| Some(expression) == column.default.as_ref());
        column.default_here = at.map_or(Here::Unknown, |at| answers[at].clone());
    }
    Ok(())
}

/// What all of these say; none where one of them fails.
async fn all(
    connection: &mut PgConnection,
    begin: &str,
    expressions: &[String],
) -> Result<Option<Vec<Here>>> {
    let asked: Vec<String> = expressions.iter().map(|expression| format!("({expression})::text")).collect();
    execute(connection, begin).await?;
    let answered = fetch(connection, &format!("SELECT {}", asked.join(", "))).await;
    execute(connection, "ROLLBACK TO SAVEPOINT crm_seed_defaults; RELEASE SAVEPOINT crm_seed_defaults")
        .await?;
    let rows = match answered {
        Ok(rows) => rows,
        Err(failure) if is_refusal(&failure) || failure.sqlstate() == Some("57014") => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let Some(row) = rows.first() else { return Ok(None) };
    let read = |at: usize| -> Result<Here> {
        let text: Option<String> = row.try_get(at).map_err(error)?;
        Ok(text.map_or(Here::Null, Here::Text))
    };
    (0..expressions.len()).map(read).collect::<Result<Vec<Here>>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_told_from_a_literal() {
        for telling in [
            "this_tenant()",
            "(current_setting('app.tenant'::text))::integer",
            "app.\"Region\"()",
            "CURRENT_USER",
        ] {
            assert!(calls(telling), "{telling}");
        }
        for literal in
            ["'now (or never)'::text", "(1 | 4)", "0::numeric(10,2)", "'x'::character varying(30)", "44"]
        {
            assert!(!calls(literal), "{literal}");
        }
    }

    #[test]
    fn the_clock_and_chance_are_known_by_their_words() {
        for changing in ["now()", "md5((random())::text)", "(CURRENT_DATE + 30)", "gen_random_uuid()"] {
            assert!(reads_clock_or_chance(changing), "{changing}");
        }
        assert!(!reads_clock_or_chance("'5f2d1c3e-0000-4000-8000-000000000001'::uuid"));
    }

    #[test]
    fn a_function_changes_by_what_it_does_not_by_how_it_is_declared() {
        let function = |name: &str, volatility: char, language: &str, source: &str| DefaultFunction {
            name: name.into(),
            language: language.into(),
            volatility,
            source: source.into(),
        };
        let setting = "SELECT current_setting('app.tenant')::int";
        assert!(!function("tenant", 'v', "sql", setting).is_changing());
        assert!(function("nanoid", 'v', "plpgsql", "...").is_changing());
        assert!(function("ticket", 'v', "plpgsql", "return nextval('tickets');").is_changing());
        assert!(function("f", 'v', "c", "f").is_changing());
    }
}
