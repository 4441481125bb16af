//! What a role or a database has set changes nothing: neither a byte nor whether it works.

use crate::harness::{Crm, Database};

const ODD: [&str; 14] = [
    "search_path = ''",
    "standard_conforming_strings = off",
    "extra_float_digits = -15",
    "\"DateStyle\" = 'German, DMY'",
    "\"IntervalStyle\" = 'sql_standard'",
    "\"TimeZone\" = 'Pacific/Kiritimati'",
    "bytea_output = 'escape'",
    "transform_null_equals = on",
    "quote_all_identifiers = on",
    "exit_on_error = on",
    "default_transaction_isolation = 'serializable'",
    "statement_timeout = '80ms'",
    "idle_in_transaction_session_timeout = '1ms'",
    "lock_timeout = '1ms'",
];

fn superuser(db: &Database) -> String {
    let role = db.role("");
    db.run(&format!("ALTER ROLE {role} SUPERUSER"));
    role
}

#[test]
fn settings_of_a_role_change_nothing() {
    let (Some(plain), Some(db)) = (Database::seeded("--seed 9"), Database::empty()) else { return };
    let role = superuser(&db);
    for setting in ODD {
        db.run(&format!("ALTER ROLE {role} SET {setting}"));
    }
    let option = format!("--database-url {}", db.url_of(&role));
    for arguments in ["--seed 9", "--clean --seed 9", "--clean --seed 9 --method insert"] {
        Crm::new().ok(&format!("{arguments} {option}"));
        assert_eq!(db.digests(), plain.digests(), "{arguments}");
    }
    Crm::new().ok(&format!("verify {option}"));
    Crm::new().ok(&format!("doctor {option}"));
    Crm::new().ok(&format!("--append --scale 3 {option}"));
    Crm::new().ok(&format!("-s task-inbox {option}"));
    Crm::new().ok(&format!("scenario unload task-inbox {option}"));
}

#[test]
fn an_expectation_sees_utc_and_the_usual_settings() {
    let Some(db) = Database::migrated() else { return };
    let role = superuser(&db);
    db.run(&format!("ALTER ROLE {role} SET \"TimeZone\" = 'America/New_York'"));
    Crm::new().ok(&format!("-s demo --clean --database-url {}", db.url_of(&role)));
}
