//! What an app does to its database, and the people who look after it. A step is a psql script, made for a schema.

use super::ground::SCENARIOS;
use super::history::{Draw, History};
use crate::harness::MARK;

/// A step of the app's.
pub struct Step {
    /// What it does, for whoever reads a failure.
    pub what: String,
    /// How.
    pub script: String,
    /// The table whose next keys it takes, as `schema.table`: its count must be in order afterwards too.
    pub counted: Option<String>,
    /// It alters tables so that crm-seed may no longer know its own rows.
    pub estranges: bool,
}

impl Step {
    fn new(what: impl Into<String>, script: impl Into<String>) -> Self {
        Self { what: what.into(), script: script.into(), counted: None, estranges: false }
    }

    fn estranging(mut self) -> Self {
        self.estranges = true;
        self
    }
}

/// Which keys new rows get.
enum Keys {
    /// The next ones that the server counts.
    Default,
    /// Those behind the highest that is there, whoever has that.
    AfterHighest,
    /// Those behind the highest one that is not a scenario's.
    AfterHighestBase,
    /// From here on.
    From(i64),
}

/// A way to write a row of a table: columns and values behind the key, of which `MARKED` is the row's mark.
const WRITTEN: [(&str, &str, &str); 8] = [
    ("organizations", "name, organization_type", "MARKED, 'customer'"),
    ("organizations", "name, organization_type, created_at", "MARKED, 'prospect', '2025-06-01'"),
    ("contacts", "name", "MARKED"),
    ("opportunities", "name, customer_organization_id", "MARKED, (SELECT AGGREGATE(id) FROM organizations)"),
    ("products", "name, sku, principal_id", "MARKED, MARKED, (SELECT AGGREGATE(id) FROM organizations)"),
    (
        "tasks",
        "title, opportunity_id, contact_id",
        "MARKED, (SELECT AGGREGATE(id) FROM opportunities), (SELECT AGGREGATE(id) FROM contacts)",
    ),
    ("notes", "body, organization_id", "MARKED, (SELECT AGGREGATE(id) FROM organizations)"),
    ("billing.tasks", "title, organization_id", "MARKED, (SELECT AGGREGATE(id) FROM OWNER.organizations)"),
];

/// Links between people and what they have to do with.
const LINKED: [(&str, &str, &str); 2] = [
    ("contact_organizations", "organization_id", "organizations"),
    ("opportunity_contacts", "opportunity_id", "opportunities"),
];

impl History<'_> {
    /// Draws a step in the schema at `at`.
    pub fn app_step(&mut self, at: usize) -> Step {
        let ways = [26, 8, 7, 9, 5, 9, 7, 7, 4, 5, 3, 2, 2, 3, 3];
        let ways: Vec<(u64, usize)> = ways.into_iter().zip(0..).collect();
        match *self.draw.weighted(&ways) {
            0 => self.insert(at),
            1 => self.link(at),
            2 => self.take_a_scenario_s_ids(at),
            3 => self.replace(at),
            4 => self.replace_everything(at),
            5 => self.change_ours(at),
            6 => self.delete_ours(at),
            7 => self.delete_its_own(at),
            8 => self.empty_a_table(at),
            9 => self.add_a_column(at),
            10 => self.rewrite(at),
            11 => self.rename(at),
            12 => self.make_anew(at),
            13 => self.tidy(),
            _ => self.write_elsewhere(),
        }
    }

    /// What a table is called by now.
    pub fn called(&self, at: usize, table: &str) -> String {
        let renamed = self.renamed.get(&(at, table.to_owned()));
        renamed.cloned().unwrap_or_else(|| table.to_owned())
    }

    fn qualified(&self, at: usize, table: &str) -> String {
        if table.contains('.') {
            table.to_owned()
        } else {
            format!("{}.{}", self.schema(at), self.called(at, table))
        }
    }

    /// The marks of so many rows, as SQL over the row's number `n`.
    fn marks(&mut self, rows: usize) -> String {
        let first = self.marks;
        self.marks += rows;
        format!("'{MARK}-{}-' || ({first} + n)", self.number)
    }

    /// A script that runs as a whole or not at all, in the schema.
    fn script(&self, at: usize, sql: &str) -> String {
        format!("SET search_path TO {};\nBEGIN;\n{sql};\nCOMMIT", self.schema(at))
    }

    fn rows(
        &mut self,
        at: usize,
        (table, columns, values): (&str, &str, &str),
        keys: &Keys,
        rows: usize,
    ) -> String {
        let qualified = self.qualified(at, table);
        let aggregate = *self.draw.pick(&["min", "max"]);
        let values = values
            .replace("MARKED", &self.marks(rows))
            .replace("AGGREGATE", aggregate)
            .replace("OWNER", self.schema(0));
        let (key, id) = match keys {
            Keys::Default => (String::new(), String::new()),
            Keys::AfterHighest => {
                ("id, ".into(), format!("(SELECT coalesce(max(id), 0) FROM {qualified}) + n, "))
            }
            Keys::AfterHighestBase => {
                let highest = format!("(SELECT coalesce(max(id), 0) FROM {qualified} WHERE id < 2000000000)");
                ("id, ".into(), format!("{highest} + n, "))
            }
            Keys::From(first) => ("id, ".into(), format!("{first} - 1 + n, ")),
        };
        // A product needs its maker.
        let limit = if table == "products" { "WHERE EXISTS (SELECT FROM organizations)" } else { "" };
        format!(
            "INSERT INTO {qualified} ({key}{columns}) SELECT {id}{values} FROM generate_series(1, {rows}) AS n {limit}"
        )
    }

    /// The ways to write that the schema has tables for.
    fn written(&mut self, at: usize) -> (&'static str, &'static str, &'static str) {
        loop {
            let way = *self.draw.pick(&WRITTEN);
            if way.0 != "notes" || self.has_notes(at) {
                return way;
            }
        }
    }

    fn insert(&mut self, at: usize) -> Step {
        let way = self.written(at);
        let keys = match self.draw.below(10) {
            0 => Keys::AfterHighest,
            1 | 2 => Keys::AfterHighestBase,
            _ => Keys::Default,
        };
        let rows = 1 + self.draw.below(4);
        let sql = self.rows(at, way, &keys, rows);
        let mut step = Step::new(sql.clone(), self.script(at, &sql));
        step.counted = matches!(keys, Keys::Default).then(|| self.qualified(at, way.0));
        step
    }

    fn link(&mut self, at: usize) -> Step {
        let (table, column, other) = *self.draw.pick(&LINKED);
        let order = *self.draw.pick(&["", "DESC"]);
        let marks = self.marks(2);
        let sql = format!(
            "INSERT INTO {table} (contact_id, {column}, role)
             SELECT contact_id, other_id, {marks} FROM (
               SELECT c.id AS contact_id, o.id AS other_id, row_number() OVER (ORDER BY c.id {order}, o.id {order}) AS n
               FROM (SELECT id FROM contacts ORDER BY id {order} LIMIT 5) AS c,
                    (SELECT id FROM {other} ORDER BY id {order} LIMIT 5) AS o
               WHERE NOT EXISTS (SELECT FROM {table} AS l WHERE l.contact_id = c.id AND l.{column} = o.id)) AS free
             WHERE n <= 2"
        );
        let mut step = Step::new(format!("link contacts and {other} {order}"), self.script(at, &sql));
        step.counted = (table == "contact_organizations").then(|| self.qualified(at, table));
        step
    }

    /// Rows among the ids of a scenario, some of them just those of its own.
    fn take_a_scenario_s_ids(&mut self, at: usize) -> Step {
        let scenario = *self.draw.pick(&SCENARIOS);
        let way = WRITTEN[[0, 2, 3, 5][self.draw.below(4)]];
        let own = self.ground.ids(scenario, way.0);
        let first = match self.draw.chance(50) && !own.is_empty() {
            true => own[self.draw.below(own.len())],
            false => self.ground.first_id(scenario) + 1 + self.draw.below(9_000) as i64,
        };
        let sql = self.rows(at, way, &Keys::From(first), 2);
        // A scenario that is loaded has some of them.
        let sql = format!("{sql} ON CONFLICT DO NOTHING");
        Step::new(format!("among the ids of {scenario}: {sql}"), self.script(at, &sql))
    }

    /// Rows of ours go, and the app's get their keys.
    fn replace(&mut self, at: usize) -> Step {
        let (table, text, hold) = *self.draw.pick(&[
            ("tasks", "title", "false"),
            ("contacts", "name", "false"),
            ("opportunities", "name", "false"),
            (
                "organizations",
                "name",
                "EXISTS (SELECT FROM opportunities AS o WHERE t.id IN (o.customer_organization_id,
                   o.principal_organization_id, o.distributor_organization_id))
                 OR EXISTS (SELECT FROM opportunity_participants AS p WHERE p.organization_id = t.id)
                 OR EXISTS (SELECT FROM products AS p WHERE p.principal_id = t.id)
                 OR EXISTS (SELECT FROM billing.tasks AS b WHERE b.organization_id = t.id)",
            ),
        ]);
        let rows = *self.draw.pick(&[1, 3, 100_000]);
        let (marks, called) = (self.marks(1000), self.called(at, table));
        let more = if table == "organizations" { (", organization_type", ", 'customer'") } else { ("", "") };
        let sql = format!(
            "CREATE TEMP TABLE gone AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM {called} AS t
               WHERE NOT ({hold}) ORDER BY id LIMIT {rows};
             DELETE FROM {called} WHERE id IN (SELECT id FROM gone);
             INSERT INTO {called} (id, {text}{}) SELECT id, {marks}{} FROM gone",
            more.0, more.1
        );
        Step::new(format!("replace up to {rows} rows of {table}, key by key"), self.script(at, &sql))
    }

    /// What a restored backup, or an import, does.
    fn replace_everything(&mut self, at: usize) -> Step {
        let sql = "TRUNCATE organizations, contacts, products, opportunities RESTART IDENTITY CASCADE";
        let mut sqls = vec![sql.to_owned()];
        for way in [0, 2, 3, 5] {
            let rows = *self.draw.pick(&[1, 8, 28, 70]);
            sqls.push(self.rows(at, WRITTEN[way], &Keys::Default, rows));
        }
        Step::new("replace everything", self.script(at, &sqls.join(";\n")))
    }

    /// Rows that crm-seed made are its own after that too.
    fn change_ours(&mut self, at: usize) -> Step {
        let tasks = self.called(at, "tasks");
        let change = self.draw.pick(&[
            "UPDATE organizations SET phone = 'changed', updated_at = now() WHERE name NOT LIKE 'app-row-%'",
            "UPDATE contacts SET name = 'changed' WHERE id % 2 = 0 AND name NOT LIKE 'app-row-%'",
            "UPDATE opportunities SET amount = 7, stage = 'closed_won' WHERE name NOT LIKE 'app-row-%'",
            "UPDATE TASKS SET title = 'changed', due_date = NULL WHERE title NOT LIKE 'app-row-%'",
            "UPDATE opportunity_contacts SET is_primary = false WHERE role NOT LIKE 'app-row-%'",
        ]);
        let sql = change.replace("TASKS", &tasks);
        Step::new(sql.clone(), self.script(at, &sql))
    }

    fn delete_ours(&mut self, at: usize) -> Step {
        let tasks = self.called(at, "tasks");
        let delete = self.draw.pick(&[
            "DELETE FROM TASKS WHERE id % 2 = 1 AND title NOT LIKE 'app-row-%'",
            "DELETE FROM TASKS WHERE title NOT LIKE 'app-row-%'",
            "DELETE FROM opportunity_participants",
            "DELETE FROM contacts WHERE name NOT LIKE 'app-row-%' AND id % 3 = 0",
        ]);
        let sql = delete.replace("TASKS", &tasks);
        Step::new(sql.clone(), self.script(at, &sql))
    }

    /// All that the app wrote into the schema goes, as far as nothing of ours refers to it.
    fn delete_its_own(&mut self, at: usize) -> Step {
        let tasks = self.called(at, "tasks");
        let sql = format!(
            "DELETE FROM billing.tasks; DELETE FROM {tasks} WHERE title LIKE 'app-row-%';
             DELETE FROM contact_organizations WHERE role LIKE 'app-row-%';
             DELETE FROM opportunity_contacts WHERE role LIKE 'app-row-%';
             {}
             DELETE FROM opportunities WHERE name LIKE 'app-row-%' OR customer_organization_id IN (
               SELECT id FROM organizations WHERE name LIKE 'app-row-%');
             DELETE FROM opportunity_products WHERE product_id IN (
               SELECT id FROM products WHERE name LIKE 'app-row-%');
             DELETE FROM products WHERE name LIKE 'app-row-%' OR principal_id IN (
               SELECT id FROM organizations WHERE name LIKE 'app-row-%');
             DELETE FROM contacts WHERE name LIKE 'app-row-%';
             DELETE FROM organizations WHERE name LIKE 'app-row-%'",
            if self.has_notes(at) { "DELETE FROM notes WHERE body LIKE 'app-row-%';" } else { "" }
        );
        Step::new("delete what the app wrote", self.script(at, &sql))
    }

    fn empty_a_table(&mut self, at: usize) -> Step {
        let tasks = self.called(at, "tasks");
        let table = *self.draw.pick(&["TASKS", "opportunities CASCADE", "TASKS RESTART IDENTITY"]);
        let sql = format!("TRUNCATE {}", table.replace("TASKS", &tasks));
        Step::new(sql.clone(), self.script(at, &sql))
    }

    fn add_a_column(&mut self, at: usize) -> Step {
        let table = *self.draw.pick(&["organizations", "contacts", "opportunities", "tasks"]);
        let definition = *self.draw.pick(&["text", "integer NOT NULL DEFAULT 7", "boolean DEFAULT true"]);
        let sql =
            format!("ALTER TABLE {} ADD COLUMN extra_{} {definition}", self.called(at, table), self.steps());
        Step::new(sql.clone(), self.script(at, &sql))
    }

    /// Every row is written anew, and so none bears the transaction that made it.
    fn rewrite(&mut self, at: usize) -> Step {
        let tasks = self.called(at, "tasks");
        let alter = *self.draw.pick(&[
            "organizations ALTER employee_count TYPE bigint",
            "organizations ALTER employee_count TYPE integer",
            "TASKS ALTER notes TYPE varchar(2000)",
            "contacts ALTER department TYPE varchar(200)",
        ]);
        let sql = format!("ALTER TABLE {}", alter.replace("TASKS", &tasks));
        Step::new(sql.clone(), self.script(at, &sql)).estranging()
    }

    fn rename(&mut self, at: usize) -> Step {
        let tasks = self.called(at, "tasks");
        if self.draw.chance(50) {
            let to = if tasks == "tasks" { "todos" } else { "tasks" };
            self.renamed.insert((at, "tasks".into()), to.into());
            let sql = format!("ALTER TABLE {tasks} RENAME TO {to}");
            return Step::new(sql.clone(), self.script(at, &sql)).estranging();
        }
        let step = self.steps();
        let sql = format!(
            "ALTER TABLE contacts RENAME COLUMN title TO title_{step};
             ALTER TABLE contacts ADD COLUMN title text"
        );
        Step::new(sql.clone(), self.script(at, &sql)).estranging()
    }

    /// A table of the same name and with the same rows, which is another one.
    fn make_anew(&mut self, at: usize) -> Step {
        let tasks = self.called(at, "tasks");
        let sql = format!(
            "CREATE TABLE others (LIKE {tasks} INCLUDING ALL);
             INSERT INTO others SELECT * FROM {tasks};
             DROP TABLE {tasks};
             ALTER TABLE others RENAME TO {tasks};
             SELECT setval(pg_get_serial_sequence('{tasks}', 'id'), coalesce(max(id), 1)) FROM {tasks}
             WHERE id < 2000000000"
        );
        Step::new(format!("make {tasks} anew"), self.script(at, &sql)).estranging()
    }

    fn tidy(&mut self) -> Step {
        let sql = *self.draw.pick(&["VACUUM FULL", "VACUUM FREEZE", "VACUUM ANALYZE", "CHECKPOINT"]);
        Step::new(sql, sql)
    }

    fn write_elsewhere(&mut self) -> Step {
        let marks = self.marks(3);
        let sql = format!("INSERT INTO other.contacts (name) SELECT {marks} FROM generate_series(1, 3) AS n");
        Step::new(sql.clone(), sql)
    }
}

/// What the app must be able to do after every command: a row with the next key in each table whose count was in
/// order, and none of them stays.
pub fn probe(history: &History<'_>, at: usize, counted: &[String]) -> String {
    let is_counted = |table: &str| counted.contains(&history.qualified(at, table));
    let tasks = history.called(at, "tasks");
    let inserts = [
        (
            "organizations",
            "INSERT INTO organizations (name, organization_type) VALUES ('probe', 'customer')".to_owned(),
        ),
        ("contacts", "INSERT INTO contacts (name) VALUES ('probe')".to_owned()),
        ("opportunities", "INSERT INTO opportunities (name) VALUES ('probe')".to_owned()),
        ("tasks", format!("INSERT INTO {tasks} (title) VALUES ('probe')")),
        ("notes", "INSERT INTO notes (body) VALUES ('probe')".to_owned()),
    ];
    let inserts = inserts.iter().filter(|(table, _)| is_counted(table)).map(|(_, sql)| sql.clone());
    let inserts: Vec<String> = inserts.collect();
    format!("SET search_path TO {};\nBEGIN;\n{};\nROLLBACK", history.schema(at), inserts.join(";\n"))
}
