//! A schema as data, and as SQL.

use std::fmt::Write;

/// A column.
#[derive(Clone)]
pub struct Column {
    /// What we call it; nothing where the domain has it not.
    pub ours: &'static str,
    /// What it is called.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// NOT NULL.
    pub not_null: bool,
    /// What stands behind the type: a default, an identity, an expression.
    pub rest: String,
    /// What it is held to.
    pub checks: Vec<String>,
}

impl Column {
    /// A plain one.
    pub fn new(ours: &'static str, name: &str, kind: &str) -> Self {
        let (name, kind) = (name.to_owned(), kind.to_owned());
        Self { ours, name, kind, not_null: false, rest: String::new(), checks: Vec::new() }
    }

    /// Its name in SQL.
    pub fn quoted(&self) -> String {
        quote(&self.name)
    }

    /// Whether its type is one of texts.
    pub fn is_text(&self) -> bool {
        class(&self.kind) == Class::Text
    }
}

/// What can be said of a column, by its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Texts.
    Text,
    /// Numbers.
    Number,
    /// JSON with its operators.
    Json,
    /// Dates and moments.
    Time,
    /// Anything else.
    Other,
}

/// The class of a type.
pub fn class(kind: &str) -> Class {
    let word = kind.split(['(', ' ']).next().unwrap_or_default();
    match word {
        _ if kind.ends_with("[]") => Class::Other,
        "text" | "varchar" | "char" => Class::Text,
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double" => Class::Number,
        "jsonb" => Class::Json,
        "date" | "timestamp" | "timestamptz" => Class::Time,
        _ => Class::Other,
    }
}

/// A table.
pub struct Table {
    /// What we call it.
    pub ours: &'static str,
    /// It is none of the domain's.
    pub is_extra: bool,
    /// What it is called.
    pub name: String,
    /// The columns of its primary key.
    pub key: Vec<String>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Constraints of the table.
    pub constraints: Vec<String>,
    /// How it is partitioned.
    pub partition: Option<String>,
    /// Rows that it has from the beginning.
    pub rows: Vec<String>,
}

impl Table {
    /// Its name in SQL.
    pub fn quoted(&self) -> String {
        quote(&self.name)
    }

    /// The column that we call so.
    pub fn column(&self, ours: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.ours == ours)
    }

    /// Whether there is a column of this name, in whatever letters.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// A reference, declared or not.
pub struct Reference {
    /// The table that it is in.
    pub from: usize,
    /// Its column.
    pub column: String,
    /// The table that it leads to.
    pub to: usize,
    /// It is a foreign key.
    pub is_declared: bool,
    /// What stands behind the foreign key.
    pub rest: &'static str,
}

/// What must answer 0 of the rows of a schema.
pub struct Question {
    /// What is wrong otherwise.
    pub what: &'static str,
    /// A query for a number.
    pub query: String,
}

/// A schema.
pub struct Schema {
    /// Which one.
    pub number: u64,
    /// What stands before the tables.
    pub before: Vec<String>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The references.
    pub references: Vec<Reference>,
    /// Keys start with the tenant.
    pub has_tenants: bool,
    /// What stands behind the tables.
    pub after: Vec<String>,
    /// What must hold of its rows besides.
    pub questions: Vec<Question>,
}

impl Schema {
    /// As SQL.
    pub fn sql(&self) -> String {
        let mut sql = format!("-- Schema {}\n", self.number);
        for statement in &self.before {
            writeln!(sql, "{statement};").expect("a string");
        }
        for table in &self.tables {
            sql.push_str(&create(table));
        }
        for reference in self.references.iter().filter(|reference| reference.is_declared) {
            sql.push_str(&self.foreign_key(reference));
        }
        for statement in &self.after {
            writeln!(sql, "{statement};").expect("a string");
        }
        for table in self.tables.iter().filter(|table| !table.rows.is_empty()) {
            writeln!(sql, "INSERT INTO {} {};", table.quoted(), table.rows.join(", ")).expect("a string");
        }
        sql
    }

    fn foreign_key(&self, reference: &Reference) -> String {
        let (from, to) = (&self.tables[reference.from], &self.tables[reference.to]);
        let own = quote(&reference.column);
        let own = if to.key.len() > 1 { format!("tenant_id, {own}") } else { own };
        format!(
            "ALTER TABLE {} ADD FOREIGN KEY ({own}) REFERENCES {} ({}){};\n",
            from.quoted(),
            to.quoted(),
            list(&to.key),
            reference.rest
        )
    }
}

fn create(table: &Table) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(line).collect();
    if !table.key.is_empty() {
        lines.push(format!("PRIMARY KEY ({})", list(&table.key)));
    }
    lines.extend(table.constraints.iter().cloned());
    let partition = table.partition.as_ref().map(|by| format!(" PARTITION BY {by}")).unwrap_or_default();
    format!("CREATE TABLE {} (\n  {}\n){partition};\n", table.quoted(), lines.join(",\n  "))
}

fn line(column: &Column) -> String {
    let mut line = format!("{} {}", column.quoted(), column.kind);
    if column.not_null {
        line.push_str(" NOT NULL");
    }
    if !column.rest.is_empty() {
        write!(line, " {}", column.rest).expect("a string");
    }
    for check in &column.checks {
        write!(line, " CHECK ({})", check.replace("$c", &column.quoted())).expect("a string");
    }
    line
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ")
}

/// A name in SQL.
pub fn quote(name: &str) -> String {
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let is_reserved = ["primary", "user", "order", "default", "references"].contains(&name);
    if is_plain && !is_reserved { name.to_owned() } else { format!("\"{name}\"") }
}
