//! What the target really is, as its catalog tells.

pub mod defaults;
mod examples;
mod introspect;
mod questions;
pub mod table_locks;

use serde::Deserialize;

pub use introspect::introspect;

/// The schema of the ledger, in which runs are recorded: no table there is the app's.
pub const LEDGER: &str = "crm_seed";

/// A database as one connection sees it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Schema {
    /// The server and our role on it.
    pub server: Server,
    /// Tables, partitioned tables, views and materialized views outside the system schemas.
    pub tables: Vec<Table>,
    /// Every foreign key of the database.
    pub foreign_keys: Vec<ForeignKey>,
    /// Which relations the views show.
    pub view_sources: Vec<ViewSource>,
    /// SQL that may read JSON documents, besides that of the tables themselves.
    #[serde(default)]
    pub json_uses: Vec<JsonUse>,
}

/// SQL that may read the JSON documents of a table: of views, indexes and functions.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct JsonUse {
    /// Oid of the table; none where it may be any that it names.
    pub table: Option<u32>,
    pub text: String,
}

/// A relation that a view shows.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct ViewSource {
    /// Oid of the view.
    pub view: u32,
    /// Oid of the relation.
    pub source: u32,
}

/// The server and our role on it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Server {
    /// Name of the database.
    pub database: String,
    /// Whom we act as.
    pub role: String,
    /// `server_version`.
    pub version: String,
    /// Superusers are held back by nothing.
    pub superuser: bool,
    /// Row-level security does not apply to the role.
    pub bypass_rls: bool,
    /// A standby that cannot be written.
    pub in_recovery: bool,
    /// `transaction_read_only`.
    pub read_only: bool,
    /// May create schemas here.
    pub may_create: bool,
    /// Digits behind the point of `money`, by the session's own `lc_monetary`: what a stored number of the type means.
    #[serde(default = "usual_money_digits")]
    pub money_digits: u32,
    /// `server_encoding`: in which letters the texts of the database can be.
    #[serde(default = "usual_encoding")]
    pub encoding: String,
}

/// Of most currencies, and of `lc_monetary = 'C'`.
pub const MONEY_DIGITS: u32 = 2;

fn usual_encoding() -> String {
    "UTF8".into()
}

const fn usual_money_digits() -> u32 {
    MONEY_DIGITS
}

/// What kind of relation it is, by `pg_class.relkind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum RelationKind {
    #[serde(rename = "r")]
    Table,
    #[serde(rename = "p")]
    Partitioned,
    #[serde(rename = "v")]
    View,
    #[serde(rename = "m")]
    MaterializedView,
    #[serde(rename = "f")]
    Foreign,
}

impl RelationKind {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Partitioned => "partitioned table",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::Foreign => "foreign table",
        }
    }
}

/// A table, view or other relation of `pg_class`.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Table {
    /// `pg_class.oid`.
    pub oid: u32,
    pub schema: String,
    pub name: String,
    pub kind: RelationKind,
    /// Found by its name alone.
    pub visible: bool,
    /// The role that owns it.
    pub owner: String,
    /// The role owns it, or is a member of its owner.
    pub owned: bool,
    /// Row-level security is on.
    pub rls: bool,
    /// Row-level security applies to the owner too.
    pub rls_forced: bool,
    /// The role may INSERT.
    pub may_insert: bool,
    /// The role may SELECT.
    pub may_select: bool,
    /// The role may TRUNCATE.
    pub may_truncate: bool,
    /// The role may UPDATE some column.
    pub may_update: bool,
    /// The role may DELETE.
    pub may_delete: bool,
    /// `p`ermanent, `u`nlogged or `t`emporary.
    pub persistence: char,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Primary key, unique constraints and indexes, exclusion constraints.
    pub uniques: Vec<Unique>,
    /// CHECK constraints of the table.
    pub checks: Vec<Check>,
    /// Triggers, but those of foreign keys.
    pub triggers: Vec<Trigger>,
    /// Policies of row-level security.
    pub policies: Vec<Policy>,
    /// Oids of the tables that it inherits from.
    pub inherits_from: Vec<u32>,
    /// `RANGE (occurred_at)`, where it is partitioned.
    pub partition_key: Option<String>,
    /// `FOR VALUES ...` of each partition.
    pub partitions: Vec<String>,
    /// What each partition takes, as SQL.
    pub partition_checks: Vec<Option<String>>,
}

impl Table {
    /// Holds the rows of a partitioned table to what its partitions take together, where there is none for the
    /// rest, nor one by a hash.
    pub fn check_partitions(&mut self) {
        let takes_all = |bound: &String| bound.trim() == "DEFAULT" || bound.starts_with("FOR VALUES WITH");
        let checks: Option<Vec<String>> = self.partition_checks.iter().cloned().collect();
        let Some(checks) = checks.filter(|checks| !checks.is_empty()) else { return };
        if self.partitions.iter().any(takes_all) || checks.iter().any(|check| check.contains("NOT (")) {
            return;
        }
        let push = |table: &mut Self, definition: String| {
            let name = format!("partitions of {}", table.name);
            table.checks.push(Check { name, definition });
        };
        if let Some(span) = self.span() {
            push(self, span);
        }
        let any: Vec<String> = checks.iter().map(|check| format!("({check})")).collect();
        push(self, format!("CHECK ({})", any.join(" OR ")));
    }

    /// From the first value of the partitions of one column to behind the last.
    fn span(&self) -> Option<String> {
        let column = self.partition_key.as_deref()?.strip_prefix("RANGE (")?.strip_suffix(')')?;
        let bounds: Option<Vec<(&str, &str)>> = self
            .partitions
            .iter()
            .map(|bound| bound.strip_prefix("FOR VALUES FROM (")?.strip_suffix(')')?.split_once(") TO ("))
            .collect();
        let bounds = bounds.filter(|bounds| {
            bounds.iter().all(|(low, high)| low.starts_with('\'') && high.starts_with('\''))
        })?;
        // Days and moments of one width: their texts are in their order.
        let low = bounds.iter().map(|(low, _)| *low).min()?;
        let high = bounds.iter().map(|(_, high)| *high).max()?;
        let is_day = |text: &str| text.len() >= 12 && text.as_bytes().get(5) == Some(&b'-');
        let kind =
            self.columns.iter().find(|other| other.name == column.trim_matches('"'))?.type_name.clone();
        (is_day(low) && is_day(high))
            .then(|| format!("CHECK (({column} >= {low}::{kind}) AND ({column} < {high}::{kind}))"))
    }
}

/// A primary key, a unique constraint or index, or an exclusion constraint.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Unique {
    pub name: String,
    /// Its columns; `None` where an expression stands.
    pub columns: Vec<Option<String>>,
    /// The columns and expressions as SQL, where one of them is no column.
    pub expressions: Option<Vec<String>>,
    /// It holds for rows that meet this only.
    pub predicate: Option<String>,
    /// Two NULLs are the same.
    pub nulls_not_distinct: bool,
    /// It is the primary key.
    pub primary: bool,
    /// The operators of an exclusion constraint, one for each column or expression: no two rows may be such that all
    /// of them hold.
    pub operators: Option<Vec<String>>,
}

impl Unique {
    /// Whether it is an exclusion constraint.
    pub const fn is_exclusion(&self) -> bool {
        self.operators.is_some()
    }
}

/// A CHECK constraint of a table.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Check {
    pub name: String,
    /// `CHECK (...)`.
    pub definition: String,
}

/// A trigger that fires on INSERT.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Trigger {
    pub name: String,
    /// `pg_trigger.tgtype`.
    pub kind: i16,
    /// It fires in ordinary sessions: `tgenabled` is `O` or `A`.
    pub enabled: bool,
    /// The function that it calls.
    pub function: String,
    /// Source of that function, `pg_proc.prosrc`.
    pub source: String,
}

impl Trigger {
    /// Fires when rows are inserted.
    pub const fn is_on_insert(&self) -> bool {
        self.enabled && self.kind & 4 != 0
    }

    /// Fires before that, and for each row: it may change the row.
    pub const fn is_before_row(&self) -> bool {
        self.kind & 3 == 3
    }
}

/// A policy of row-level security.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Policy {
    pub name: String,
    /// `*`, or the letter of one command: `a` is INSERT.
    pub command: char,
    /// Rows are let through by any permissive one, and held back by each that is not.
    pub permissive: bool,
    /// It is for our role.
    pub applies: bool,
    /// What a row must meet to be seen.
    pub using: Option<String>,
    /// What a new row must meet.
    pub check: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Column {
    pub name: String,
    /// Its type as SQL writes it: `numeric(12,2)`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Name of the type without modifiers, of the base type of a SQL domain: `numeric`.
    pub base: String,
    /// `atttypmod`, of the base type of a SQL domain.
    pub typmod: i32,
    /// `pg_type.typcategory` of the base type.
    pub category: char,
    /// Name of the elements' type, where it is an array.
    pub element: Option<String>,
    /// Labels, where the type is an enum or an array of them.
    pub labels: Option<Vec<String>>,
    /// CHECK constraints of its type, a SQL domain, about `VALUE`.
    pub domain_checks: Option<Vec<String>>,
    /// CHECK constraints of the SQL domain of an array's elements, about `VALUE`.
    #[serde(default)]
    pub element_checks: Option<Vec<String>>,
    /// Name of the type of the bounds, where it is a range or multirange, or an array of them.
    #[serde(default)]
    pub range_of: Option<String>,
    /// It is a multirange, or an array of them.
    #[serde(default)]
    pub multirange: bool,
    /// NOT NULL, by the column itself or by its type, a SQL domain.
    pub not_null: bool,
    /// The column, or its type, has a default; false for generated columns.
    pub has_default: bool,
    /// The default as SQL.
    pub default: Option<String>,
    /// Functions of the database's own that it calls.
    #[serde(default)]
    pub default_functions: Vec<DefaultFunction>,
    /// What it says here, where it calls a function that says the same for every row.
    #[serde(skip)]
    pub default_here: Here,
    /// GENERATED ... AS IDENTITY.
    pub identity: bool,
    /// GENERATED ALWAYS AS IDENTITY.
    pub identity_always: bool,
    /// GENERATED ALWAYS AS (expression).
    pub generated: bool,
    /// That expression as SQL.
    #[serde(default)]
    pub generated_as: Option<String>,
    /// The sequence that numbers it, qualified and quoted: one of its own, or one that its
    /// default draws from.
    pub sequence: Option<String>,
    /// The role owns that sequence.
    pub owns_sequence: bool,
    /// The role may set that sequence without owning it.
    pub may_set_sequence: bool,
    /// The role may INSERT into this column.
    pub may_insert: bool,
    /// The comment on it, where it holds JSON documents.
    #[serde(default)]
    pub comment: Option<String>,
    /// Some of its documents, as one list, where it holds JSON.
    #[serde(skip)]
    pub examples: Option<String>,
}

impl Column {
    /// Whether it holds JSON documents.
    pub fn is_json(&self) -> bool {
        matches!(self.base.as_str(), "json" | "jsonb")
    }
}

/// A function of the database's own that a default calls.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct DefaultFunction {
    pub name: String,
    /// The language that it is written in.
    pub language: String,
    /// `i`mmutable, `s`table or `v`olatile.
    pub volatility: char,
    /// `pg_proc.prosrc`: of SQL and PL/pgSQL what stands between the quotes.
    pub source: String,
}

/// What a default says here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Here {
    /// Nobody asked, or the server did not tell.
    #[default]
    Unknown,
    Null,
    /// This, as text.
    Text(String),
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct ForeignKey {
    pub name: String,
    /// Oid of the table that has it; a partition with a key of its own is not among [`Schema::tables`].
    pub from: u32,
    /// That table's name for people.
    pub from_name: String,
    /// The same with its schema, quoted: what a statement calls it whatever the search path is.
    #[serde(default)]
    pub from_qualified: String,
    /// The role may lock it against writers.
    #[serde(default)]
    pub from_lockable: bool,
    /// Its columns, in the order of those that they refer to.
    pub columns: Vec<String>,
    /// Oid of the table that it refers to.
    pub to: u32,
    /// The columns of that table.
    pub to_columns: Vec<String>,
    /// It may be checked at the end of the transaction.
    pub deferrable: bool,
    /// It is, unless told otherwise.
    pub deferred: bool,
    /// What becomes of a row when the one that it refers to is deleted, as `pg_constraint.confdeltype` has it.
    pub on_delete: char,
    /// MATCH FULL: of its columns all are NULL or none is.
    #[serde(default)]
    pub match_full: bool,
}

impl ForeignKey {
    /// Whether a row is deleted with the one that it refers to.
    pub const fn deletes(&self) -> bool {
        self.on_delete == 'c'
    }

    /// The condition that the row `t` refers to a row `t` of a table (`parent`, in SQL) that meets one.
    pub fn leads_to(&self, parent: &str, condition: &str) -> String {
        let of = |columns: &[String]| {
            let columns = columns.iter().map(|column| format!("t.{}", crate::sql::quote_identifier(column)));
            columns.collect::<Vec<_>>().join(", ")
        };
        let (own, theirs) = (of(&self.columns), of(&self.to_columns));
        format!("({own}) IN (SELECT {theirs} FROM {parent} t WHERE {condition})")
    }

    /// Whether deleting a row changes or deletes those that refer to it, also where the role does not see them.
    pub const fn reaches_on_delete(&self) -> bool {
        matches!(self.on_delete, 'c' | 'n' | 'd')
    }
}
