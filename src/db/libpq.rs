//! How PostgreSQL's own programs (`pg_dump`) come to the same database: by the variables of their environment, as
//! arguments are seen by every user of the machine.

use std::process::Command;

use sqlx::postgres::PgConnectOptions;

use crate::db::url::Url;

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
