//! One database of a test's server, spoken to by psql.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::binaries::Binaries;
use super::server::Server;

/// What rows look like as text must not hang on the server's or the user's settings.
const SETTINGS: &str = "SET TIME ZONE 'UTC'; SET datestyle TO ISO; SET client_min_messages TO warning;\n";

/// The tables of the domain; every query below is made for each of them. The runner's history
/// and the ledger hold the time of day.
const TABLES: &str = "
  SELECT c.oid::regclass AS name, c.oid, coalesce((
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(i.indkey::int2[], a.attnum))
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = c.oid AND i.indisprimary), 'ctid') AS key
  FROM pg_class c
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migration_history'";

/// A database.
pub struct Database {
    binaries: Option<Binaries>,
    url: String,
    name: String,
    port: u16,
    owned: bool,
}

impl Database {
    /// A new and empty one on the shared server; `None` where no server is installed.
    pub fn empty() -> Option<Self> {
        Server::shared().map(Server::database)
    }

    /// A new one with the bundled schema and no rows.
    pub fn migrated() -> Option<Self> {
        let database = Self::empty()?;
        super::Crm::new().ok(&format!("migrate up {}", database.option()));
        Some(database)
    }

    /// A new one, seeded with the default counts and these arguments besides.
    pub fn seeded(arguments: &str) -> Option<Self> {
        let database = Self::empty()?;
        super::Crm::new().ok(&format!("{arguments} {}", database.option()));
        Some(database)
    }

    pub(super) fn new(binaries: Binaries, port: u16, name: String) -> Self {
        let url = format!("postgres://postgres@127.0.0.1:{port}/{name}");
        Self { binaries: Some(binaries), url, name, port, owned: false }
    }

    /// The one that a URL leads to.
    pub fn at(url: &str) -> Option<Self> {
        let binaries = Some(Binaries::find()?);
        Some(Self { binaries, url: url.to_owned(), name: String::new(), port: 0, owned: false })
    }

    pub(super) const fn owned(mut self) -> Self {
        self.owned = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, for a role that may do everything.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its URL for `role`.
    pub fn url_of(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{}", self.port, self.name)
    }

    /// What names it to crm-seed.
    pub fn option(&self) -> String {
        format!("--database-url {}", self.url)
    }

    /// A new role that may log in, with these rights: statements in which `ROLE` is its name.
    pub fn role(&self, rights: &str) -> String {
        static ROLES: AtomicU32 = AtomicU32::new(0);
        let role = format!("role_{}", ROLES.fetch_add(1, Ordering::Relaxed));
        self.run(&format!("CREATE ROLE {role} LOGIN;\n{}", rights.replace("ROLE", &role)));
        role
    }

    /// A program of the server's, against this database.
    pub fn program(&self, name: &str) -> Command {
        let binaries = self.binaries.as_ref().expect("a server is installed");
        let mut command = Command::new(binaries.path(name));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.arg("-d").arg(&self.url);
        command
    }

    fn psql(&self, script: &str) -> Output {
        let mut input: File = tempfile::tempfile().expect("a file for the script");
        input.write_all(script.as_bytes()).and_then(|()| input.rewind()).expect("the script");
        let mut psql = self.program("psql");
        psql.args(["-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1"]).stdin(Stdio::from(input));
        psql.output().expect("psql")
    }

    /// Runs a psql script and gives what it prints: fields parted by tabs, without the last
    /// line's end.
    #[track_caller]
    pub fn run(&self, script: &str) -> String {
        self.try_run(script).unwrap_or_else(|error| panic!("{error}\nin {script}"))
    }

    /// The same, with what psql has to say against it.
    pub fn try_run(&self, script: &str) -> Result<String, String> {
        let output = self.psql(&format!("{SETTINGS}{script}"));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    /// The one number that a query returns.
    #[track_caller]
    pub fn number(&self, query: &str) -> i64 {
        self.run(query).parse().unwrap_or_else(|_| panic!("no number: {query}"))
    }

    /// For each table and the first column of the lines that `select` gives of it, the second.
    /// `select` is SQL that `format` makes of the table's name (`%1$s`) and key (`%2$s`).
    #[track_caller]
    fn of_each(&self, select: &str) -> BTreeMap<String, String> {
        let script = format!("SELECT {select} FROM ({TABLES}) AS t ORDER BY 1 \\gexec\n");
        let lines = self.run(&script);
        let pair = |line: &str| line.split_once('\t').map(|(a, b)| (a.to_owned(), b.to_owned()));
        lines.lines().filter_map(pair).collect()
    }

    /// A digest of each table: all its rows in the order of its key.
    #[track_caller]
    pub fn digests(&self) -> BTreeMap<String, String> {
        self.of_each(
            "format($$SELECT '%1$s', count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY %2$s)), '')
              FROM %1$s AS t$$, name, key)",
        )
    }

    /// A digest of each column, as `table.column`.
    #[track_caller]
    pub fn column_digests(&self) -> BTreeMap<String, String> {
        let script = format!(
            "SELECT format($$SELECT '%1$s.%3$s',
                              md5(string_agg(coalesce(%3$I::text, '~'), E'\\n' ORDER BY %2$s)) FROM %1$s$$,
                           t.name, t.key, a.attname)
             FROM ({TABLES}) AS t
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \\gexec\n"
        );
        let lines = self.run(&script);
        let pair = |line: &str| line.split_once('\t').map(|(a, b)| (a.to_owned(), b.to_owned()));
        lines.lines().filter_map(pair).collect()
    }

    /// How many rows each table has.
    #[track_caller]
    pub fn counts(&self) -> BTreeMap<String, i64> {
        let counts = self.of_each("format('SELECT %L, count(*) FROM %s', name, name)");
        counts.into_iter().map(|(table, count)| (table, count.parse().expect("a count"))).collect()
    }

    /// Its catalog, to the byte, as `pg_dump --schema-only` has it, without `tables`.
    #[track_caller]
    pub fn schema_without(&self, tables: &[&str]) -> String {
        let mut dump = self.program("pg_dump");
        dump.arg("--schema-only").args(tables.iter().map(|table| format!("--exclude-table={table}*")));
        let output = dump.output().expect("pg_dump");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Newer minor versions put a random word on these lines.
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let is_random = |line: &&str| line.starts_with("\\restrict") || line.starts_with("\\unrestrict");
        text.lines().filter(|line| !is_random(line)).map(|line| format!("{line}\n")).collect()
    }

    /// Its catalog, to the byte.
    #[track_caller]
    pub fn schema(&self) -> String {
        self.schema_without(&[])
    }

    /// Waits until no crm-seed is connected any more: what was not committed is undone then.
    #[track_caller]
    pub fn wait_until_left(&self) {
        let query = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crm-seed' AND datname = '{}'",
            self.name
        );
        super::wait_for("crm-seed's connections to end", || (self.number(&query) == 0).then_some(()));
    }

    /// Waits until a crm-seed is in the middle of loading, and gives the server process that
    /// works for it.
    #[track_caller]
    pub fn wait_until_loading(&self) -> String {
        let query = format!(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'crm-seed' AND datname = '{}'
             AND state = 'active' AND query LIKE 'COPY opportunit%'",
            self.name
        );
        super::wait_for("a load", || Some(self.run(&query)).filter(|pid| !pid.is_empty()))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.owned {
            let postgres = Self {
                url: format!("postgres://postgres@127.0.0.1:{}/postgres", self.port),
                binaries: self.binaries.clone(),
                name: String::new(),
                port: self.port,
                owned: false,
            };
            // The cluster goes anyway, perhaps before this.
            let _ = postgres.try_run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}
