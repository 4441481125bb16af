//! What we say of squawk's rules. Their ids are squawk's.

use crate::migrate::lint::about::About;
use crate::migrate::lint::finding::Level;

pub const ADDING_FIELD_WITH_DEFAULT: About = About {
    id: "adding-field-with-default",
    level: Level::Warning,
    summary: "ADD COLUMN whose default or expression makes PostgreSQL rewrite the table",
    why: "A default that differs from row to row (a random UUID, nextval, a function of your own) and a stored generated \
          column are computed for every row while nobody can read or write the table. A constant or now() is not.",
    mend: "add the column without it, set the default in a second statement, and fill existing rows in batches",
    bad: "ALTER TABLE tasks ADD COLUMN token uuid DEFAULT gen_random_uuid();\n",
    good: "ALTER TABLE tasks ADD COLUMN token uuid;\nALTER TABLE tasks ALTER COLUMN token SET DEFAULT gen_random_uuid();\n",
    in_rollbacks: false,
};

pub const ADDING_FOREIGN_KEY: About = About {
    id: "adding-foreign-key-constraint",
    level: Level::Warning,
    summary: "A foreign key on an existing column, without NOT VALID",
    why: "All rows are compared with the other table while nobody can write to either of them.",
    mend: "add it NOT VALID, and VALIDATE CONSTRAINT in a later migration, which blocks nobody",
    bad: "ALTER TABLE tasks ADD CONSTRAINT tasks_owner_fkey FOREIGN KEY (owner_id) REFERENCES users (id);\n",
    good: "-- 20250301090000_owner.sql\n\
           ALTER TABLE tasks ADD CONSTRAINT tasks_owner_fkey FOREIGN KEY (owner_id) REFERENCES users (id) NOT VALID;\n\
           -- 20250301090001_validate_owner.sql\nALTER TABLE tasks VALIDATE CONSTRAINT tasks_owner_fkey;\n",
    in_rollbacks: false,
};

pub const CONSTRAINT_MISSING_NOT_VALID: About = About {
    id: "constraint-missing-not-valid",
    level: Level::Warning,
    summary: "A CHECK on existing columns without NOT VALID, or validated in the same transaction",
    why: "All rows are looked at while nobody can read or write the table. Nothing is reported of a CHECK on a column that \
          the same file adds: the table is locked already.",
    mend: "add it NOT VALID, and VALIDATE CONSTRAINT in a later migration, which blocks nobody",
    bad: "ALTER TABLE tasks ADD CONSTRAINT has_title CHECK (title <> '');\n",
    good: "-- 20250301090000_title.sql\nALTER TABLE tasks ADD CONSTRAINT has_title CHECK (title <> '') NOT VALID;\n\
           -- 20250301090001_validate_title.sql\nALTER TABLE tasks VALIDATE CONSTRAINT has_title;\n",
    in_rollbacks: false,
};

pub const ADDING_NOT_NULLABLE: About = About {
    id: "adding-not-nullable-field",
    level: Level::Warning,
    summary: "SET NOT NULL on an existing column without a validated CHECK",
    why: "All rows are looked at while nobody can read or write the table. After a validated CHECK (column IS NOT NULL) \
          PostgreSQL need not look.",
    mend: "add CHECK (column IS NOT NULL) NOT VALID in an earlier migration; VALIDATE it and SET NOT NULL in this one",
    bad: "ALTER TABLE tasks ALTER COLUMN title SET NOT NULL;\n",
    good: "-- 20250301090000_title.sql\n\
           ALTER TABLE tasks ADD CONSTRAINT has_title CHECK (title IS NOT NULL) NOT VALID;\n\
           -- 20250301090001_title_not_null.sql\n\
           ALTER TABLE tasks VALIDATE CONSTRAINT has_title;\nALTER TABLE tasks ALTER COLUMN title SET NOT NULL;\n",
    in_rollbacks: false,
};

pub const ADDING_PRIMARY_KEY: About = About {
    id: "adding-serial-primary-key-field",
    level: Level::Warning,
    summary: "PRIMARY KEY on an existing table without an index that was built before",
    why: "Nobody can read or write the table while the index is built, or all rows are given a number.",
    mend: "build a unique index CONCURRENTLY first, and add the key with USING INDEX",
    bad: "ALTER TABLE tasks ADD PRIMARY KEY (id);\n",
    good: "ALTER TABLE tasks ADD CONSTRAINT tasks_pkey PRIMARY KEY USING INDEX tasks_id;\n",
    in_rollbacks: false,
};

pub const CHANGING_COLUMN_TYPE: About = About {
    id: "changing-column-type",
    level: Level::Warning,
    summary: "Another type of a column, for which the table is rewritten",
    why: "Nobody can read or write the table while it and its indexes are rewritten, and clients may not expect the new \
          type. Nothing is reported where PostgreSQL only changes the catalog (varchar to text, a longer varchar).",
    mend: "add a column of the new type, fill it in batches, and let clients move to it; or see with `migrate rehearse` \
           how long it takes",
    bad: "ALTER TABLE tasks ALTER COLUMN id TYPE bigint;\n",
    good: "-- 20250301090000_a.sql\nCREATE TABLE tasks (title varchar(80));\n\
           -- 20250302090000_b.sql\nALTER TABLE tasks ALTER COLUMN title TYPE text;\n",
    in_rollbacks: false,
};

pub const BAN_CHAR_FIELD: About = About {
    id: "ban-char-field",
    level: Level::Warning,
    summary: "A column of the type char(n)",
    why: "Values are padded with blanks, which count in some comparisons and not in others. It is no faster than text.",
    mend: "use text, with a CHECK of its length where that matters",
    bad: "CREATE TABLE countries (code char(2));\n",
    good: "CREATE TABLE countries (code text CHECK (length(code) = 2));\n",
    in_rollbacks: false,
};

pub const IDENTIFIER_TOO_LONG: About = About {
    id: "identifier-too-long",
    level: Level::Warning,
    summary: "A name of more than 63 bytes",
    why: "PostgreSQL cuts it off, so that two names may become one, and code that looks for the whole name finds nothing.",
    mend: "choose a shorter name",
    bad: "CREATE TABLE t (a int CONSTRAINT a_constraint_whose_name_is_so_long_that_postgresql_cuts_its_end_off CHECK (a > 0));\n",
    good: "CREATE TABLE t (a int CONSTRAINT a_is_positive CHECK (a > 0));\n",
    in_rollbacks: true,
};

pub const TRANSACTION_NESTING: About = About {
    id: "transaction-nesting",
    level: Level::Error,
    summary: "BEGIN, COMMIT or ROLLBACK inside a migration",
    why: "A run begins and ends the transaction itself, together with its history, and refuses the file. One BEGIN and \
          COMMIT around the whole file are fine.",
    mend: "remove it; a file that must not run in a transaction begins with the line `-- Transaction: none`",
    bad: "INSERT INTO tasks (title) VALUES ('a');\nCOMMIT;\nINSERT INTO tasks (title) VALUES ('b');\n",
    good: "BEGIN;\nINSERT INTO tasks (title) VALUES ('a');\nINSERT INTO tasks (title) VALUES ('b');\nCOMMIT;\n",
    in_rollbacks: true,
};

pub const BAN_DROP_SCHEMA: About = About {
    id: "ban-drop-schema",
    level: Level::Error,
    summary: "DROP SCHEMA",
    why: "With CASCADE all its tables and their rows are gone.",
    mend: "deprecate and drop its tables one by one, or say in the header why it can go: `-- Drop: reason`",
    bad: "DROP SCHEMA crm CASCADE;\n",
    good: "-- Drop: moved to another database in March\n\nDROP SCHEMA crm CASCADE;\n",
    in_rollbacks: false,
};

pub const BAN_DROP_DATABASE: About = About {
    id: "ban-drop-database",
    level: Level::Error,
    summary: "DROP DATABASE",
    why: "All that is in it is gone, and no rollback brings it back.",
    mend: "drop it by hand, not in a migration",
    bad: "-- Transaction: none\n\nDROP DATABASE crm;\n",
    good: "-- Transaction: none\n-- Drop: the database of the trial in March\n\nDROP DATABASE IF EXISTS trial;\n",
    in_rollbacks: false,
};

pub const BAN_TRUNCATE_CASCADE: About = About {
    id: "ban-truncate-cascade",
    level: Level::Error,
    summary: "TRUNCATE ... CASCADE",
    why: "It empties every table that refers to this one, directly or not, whatever their foreign keys say.",
    mend: "name the tables that are to be emptied, without CASCADE",
    bad: "TRUNCATE organizations CASCADE;\n",
    good: "TRUNCATE tasks, task_notes;\n",
    in_rollbacks: true,
};

pub const PARTITION_DETACH: About = About {
    id: "require-concurrent-partition-detach",
    level: Level::Warning,
    summary: "DETACH PARTITION without CONCURRENTLY",
    why: "Nobody can read or write the whole table until it is done.",
    mend: "add CONCURRENTLY, in a migration of its own that begins with the line `-- Transaction: none`",
    bad: "ALTER TABLE events DETACH PARTITION events_2023;\n",
    good: "-- Transaction: none\n\nALTER TABLE events DETACH PARTITION events_2023 CONCURRENTLY;\n",
    in_rollbacks: false,
};

pub const CONCURRENT_REINDEX: About = About {
    id: "require-concurrent-reindex",
    level: Level::Warning,
    summary: "REINDEX without CONCURRENTLY",
    why: "Nobody can write to the table until the index is built, nor read by that index.",
    mend: "add CONCURRENTLY, in a migration of its own that begins with the line `-- Transaction: none`",
    bad: "REINDEX INDEX tasks_title;\n",
    good: "-- Transaction: none\n\nREINDEX INDEX CONCURRENTLY tasks_title;\n",
    in_rollbacks: true,
};
