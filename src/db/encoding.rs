//! Which letters a database that is not in UTF-8 can keep.

use std::collections::BTreeSet;

use sqlx::{PgConnection, Row};

use crate::db::query::{error, execute, fetch};
use crate::error::Result;

/// A setting of our own, by which a block of code answers.
const ANSWER: &str = "crm_seed.lacking";

/// Which of these letters the encoding (`server_encoding`) of the database lacks, as the server itself has it.
///
/// # Errors
/// Whatever the server says.
pub async fn lacking(
    connection: &mut PgConnection,
    encoding: &str,
    letters: &BTreeSet<char>,
) -> Result<BTreeSet<char>> {
    match encoding {
        "UTF8" => return Ok(BTreeSet::new()),
        // It keeps any bytes, and knows them for no letters.
        "SQL_ASCII" => return Ok(letters.clone()),
        _ => {}
    }
    let bytes = |letter: &char| -> String {
        let mut buffer = [0; 4];
        letter.encode_utf8(&mut buffer).bytes().map(|byte| format!("{byte:02x}")).collect()
    };
    let asked: Vec<String> = letters.iter().map(bytes).collect();
    let sql = format!(
        "DO $$ DECLARE letter text; lacking text := ''; BEGIN
           FOREACH letter IN ARRAY string_to_array('{}', ' ') LOOP
             BEGIN
               PERFORM convert_from(decode(letter, 'hex'), 'UTF8');
             EXCEPTION WHEN OTHERS THEN lacking := lacking || ' ' || letter;
             END;
           END LOOP;
           PERFORM set_config('{ANSWER}', lacking, true);
         END $$",
        asked.join(" ")
    );
    execute(connection, &sql).await?;
    let rows = fetch(connection, &format!("SELECT current_setting('{ANSWER}')")).await?;
    let answer: String = match rows.first() {
        Some(row) => row.try_get(0).map_err(error)?,
        None => String::new(),
    };
    let told: BTreeSet<&str> = answer.split_whitespace().collect();
    Ok(letters.iter().copied().filter(|letter| told.contains(bytes(letter).as_str())).collect())
}
