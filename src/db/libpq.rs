//! How PostgreSQL's own programs (`pg_dump`) come to the same database: by the variables of their environment, as
//! arguments are seen by every user of the machine.

use std::process::Command;

use sqlx::postgres::PgConnectOptions;

use crate::db::url::Url;

/// The program that writes down a database.
pub const PG_DUMP: &str = "pg_dump";

/// The major version of the installed [`PG_DUMP`]; `None` where there is none.
pub fn dump_version() -> Option<i32> {
    let output = Command::new(PG_DUMP).arg("--version").output().ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0)` is 15.
fn major(text: &str) -> Option<i32> {
    let number = text.split_once("(PostgreSQL)")?.1.trim_start();
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Variables of libpq. The password may be among them.
#[derive(Clone, Default)]
pub struct Environment(Vec<(&'static str, String)>);

impl Environment {
    /// What leads where `options` lead, which were made of `url`. What the URL leaves to the environment or to a
    /// password file, those programs find there themselves.
    pub fn of(url: &Url, options: &PgConnectOptions) -> Self {
        let mut variables: Vec<(&'static str, String)> = url.variables().collect();
        if !url.has("host") || options.get_socket().is_some() {
            let socket = options.get_socket().map(|path| path.display().to_string());
            variables.push(("PGHOST", socket.unwrap_or_else(|| options.get_host().to_owned())));
        }
        let user = options.get_username();
        variables.push(("PGPORT", options.get_port().to_string()));
        variables.push(("PGUSER", user.to_owned()));
        variables.push(("PGDATABASE", options.get_database().unwrap_or(user).to_owned()));
        variables.push(("PGAPPNAME", options.get_application_name().unwrap_or("crm-seed").to_owned()));
        variables.extend(url.password().map(|password| ("PGPASSWORD", password)));
        variables.extend(url.get("options").map(|options| ("PGOPTIONS", options)));
        Self(variables)
    }

    /// Gives them to a program.
    pub fn apply(&self, command: &mut Command) {
        // A service would overrule them.
        command.env_remove("PGSERVICE").env_remove("PGSERVICEFILE");
        command.envs(self.0.iter().map(|(name, value)| (name, value)));
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("pg_dump (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("something else"), None);
    }

    fn variables(text: &str) -> Vec<(&'static str, String)> {
        let url = Url::parse(text).expect("a URL");
        let options = PgConnectOptions::from_str(&url.for_sqlx("db.example.com", 5433)).expect("options");
        Environment::of(&url, &options).0
    }

    #[test]
    fn a_url_becomes_variables() {
        let all = variables(
            "postgres://app:p%40ss@db.example.com:5433/crm?sslmode=require&options=-csearch_path%3Da",
        );
        for (name, value) in [
            ("PGHOST", "db.example.com"),
            ("PGPORT", "5433"),
            ("PGUSER", "app"),
            ("PGDATABASE", "crm"),
            ("PGPASSWORD", "p@ss"),
            ("PGSSLMODE", "require"),
            ("PGOPTIONS", "-csearch_path=a"),
        ] {
            let last = all.iter().rfind(|(known, _)| *known == name);
            assert_eq!(last.map(|(_, value)| value.as_str()), Some(value), "{name}");
        }
        assert!(
            !variables("postgres://app@db.example.com/crm").iter().any(|(name, _)| *name == "PGPASSWORD")
        );
    }
}
