//! All that is in a database, in one look: every row of every schema, which rows are the app's, where the
//! sequences stand, and the catalog. The app of a test marks each row that it writes, so that whether a row was
//! lost does not hang on anything that crm-seed recorded.

use std::collections::{BTreeMap, BTreeSet};

use super::database::Database;

/// Rows that a test's app writes bear this word in a text column, with two numbers behind it.
pub const MARK: &str = "app-row";

/// Explicit rows of scenarios, and whatever an app puts among them, have ids from here on; sequences stay below.
const FIRST_EXPLICIT: i64 = 2_000_000_000;

/// What is in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// For each table, as `schema.table`: how many rows, and a digest of them all.
    pub tables: BTreeMap<String, (i64, String)>,
    /// The app's rows.
    pub marked: BTreeSet<Marked>,
    /// For each table with a counted key: where the count stands.
    pub sequences: BTreeMap<String, Sequence>,
    /// A digest of the catalog.
    pub catalog: String,
}

/// A row of the app's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marked {
    /// Its table, as `schema.table`.
    pub table: String,
    /// Its mark.
    pub mark: String,
    /// A digest of all that it says.
    pub digest: String,
}

/// Where the count of a table's keys stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The highest key below those of explicit rows.
    pub highest: i64,
    /// The key that the next row gets.
    pub next: i64,
}

impl Sequence {
    /// The next row would get a key that is taken, or one day will.
    pub const fn is_behind(self) -> bool {
        self.next <= self.highest
    }
}

/// The tables that are looked at.
const TABLES: &str = "
  SELECT c.oid, n.nspname || '.' || c.relname AS name, n.nspname = 'crm_seed' AS is_record
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// All that is in the catalog of the users' schemas, and of crm-seed's own.
const CATALOG: &str = "
  WITH own AS (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
  SELECT 'catalog', md5(string_agg(line, E'\\n' ORDER BY line)), '', '' FROM (
    SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
                     attgenerated, pg_get_expr(d.adbin, d.adrelid)) AS line
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    WHERE c.relnamespace IN (TABLE own) AND attnum > 0
    UNION ALL
    SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
    FROM pg_constraint WHERE connamespace IN (TABLE own)
    UNION ALL
    SELECT concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid) FROM pg_index
    JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace IN (TABLE own)
    UNION ALL
    SELECT concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled) FROM pg_trigger t WHERE NOT tgisinternal
    UNION ALL
    SELECT concat_ws(' ', oid::regclass, relkind, relpersistence, relrowsecurity, relforcerowsecurity)
    FROM pg_class WHERE relnamespace IN (TABLE own)
  ) AS lines";

impl State {
    /// What is in `database`.
    #[track_caller]
    pub fn of(database: &Database) -> Self {
        let answer = database.run(&format!(
            "SELECT format($$SELECT 'table', %L, count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text))
                             FROM %s AS t$$, name, oid::regclass) FROM ({TABLES}) AS t \\gexec
             SELECT format($$SELECT 'marked', %L, substring(t::text from '{MARK}-[0-9]+-[0-9]+'), md5(t::text)
                             FROM %s AS t WHERE t::text LIKE '%%{MARK}-%%'$$, name, oid::regclass)
             FROM ({TABLES}) AS t WHERE NOT is_record \\gexec
             SELECT format($$SELECT 'sequence', %L, coalesce(max(%I) FILTER (WHERE %2$I < {FIRST_EXPLICIT}), 0),
                                    (SELECT last_value + is_called::int FROM %s) FROM %s$$,
                           name, attname, counter, t.oid::regclass)
             FROM ({TABLES}) AS t
             JOIN pg_attribute a ON a.attrelid = t.oid AND attnum > 0 AND NOT attisdropped
             CROSS JOIN LATERAL pg_get_serial_sequence(t.oid::regclass::text, attname) AS counter
             WHERE counter IS NOT NULL AND NOT is_record \\gexec
             {CATALOG};"
        ));
        let mut state = Self {
            tables: BTreeMap::new(),
            marked: BTreeSet::new(),
            sequences: BTreeMap::new(),
            catalog: String::new(),
        };
        answer.lines().for_each(|line| state.read(line));
        state
    }

    fn read(&mut self, line: &str) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, name, third, fourth] = fields[..] else { panic!("no line of a state: {line}") };
        let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("no number: {line}"));
        match kind {
            "table" => {
                self.tables.insert(name.to_owned(), (number(third), fourth.to_owned()));
            }
            "marked" => {
                let (table, mark, digest) = (name.to_owned(), third.to_owned(), fourth.to_owned());
                self.marked.insert(Marked { table, mark, digest });
            }
            "sequence" => {
                let sequence = Sequence { highest: number(third), next: number(fourth) };
                self.sequences.insert(name.to_owned(), sequence);
            }
            _ => name.clone_into(&mut self.catalog),
        }
    }

    /// The app's rows that are here and are not in `later`, or say something else there.
    pub fn lost(&self, later: &Self) -> Vec<Marked> {
        self.marked.difference(&later.marked).cloned().collect()
    }

    /// The tables of which a row is not in `later`, or which have one more there.
    pub fn changed(&self, later: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.tables.keys().chain(later.tables.keys()).collect();
        let differs = |name: &&&String| self.tables.get(**name) != later.tables.get(**name);
        names.iter().filter(differs).map(|name| (*name).clone()).collect()
    }

    /// How many rows `table` has, named as `schema.table`; none where there is no such table.
    pub fn rows(&self, table: &str) -> i64 {
        self.tables.get(table).map_or(0, |(rows, _)| *rows)
    }

    /// What of it is other in `later`, where nothing should be: in a line, or `None`.
    pub fn difference(&self, later: &Self) -> Option<String> {
        let changed = self.changed(later);
        if !changed.is_empty() {
            let told = changed
                .iter()
                .map(|name| format!("{name} had {} rows and has {}", self.rows(name), later.rows(name)));
            return Some(told.collect::<Vec<_>>().join(", "));
        }
        if self.catalog != later.catalog {
            return Some("the catalog is not what it was".into());
        }
        let lowered = |(name, sequence): (&String, &Sequence)| {
            let now = later.sequences.get(name)?;
            (now.next < sequence.next)
                .then(|| format!("the count of {name} fell from {} to {}", sequence.next, now.next))
        };
        self.sequences.iter().find_map(lowered)
    }
}
