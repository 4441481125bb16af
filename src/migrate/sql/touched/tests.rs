//! Statements in their many forms.

use super::*;

/// As `schema.name MODE`, with `made` and `rewritten` behind it.
fn read(statement: &str) -> Vec<String> {
    let line = |touched: Touched| {
        let schema = touched.schema.map(|schema| format!("{schema}.")).unwrap_or_default();
        let made = if touched.is_made { " made" } else { "" };
        let rewritten = if touched.is_rewritten { " rewritten" } else { "" };
        format!("{schema}{} {}{made}{rewritten}", touched.name, touched.lock.name())
    };
    tables(statement).into_iter().map(line).collect()
}

#[test]
fn definitions_touch_what_they_name() {
    for (statement, wanted) in [
        ("ALTER TABLE a ADD COLUMN x int", &["a ACCESS EXCLUSIVE"][..]),
        ("ALTER TABLE ONLY Crm.A ADD CHECK (x > 0)", &["crm.a ACCESS EXCLUSIVE"]),
        ("alter table if exists \"My Table\" enable row level security", &["My Table ACCESS EXCLUSIVE"]),
        ("ALTER TABLE a VALIDATE CONSTRAINT c", &["a SHARE UPDATE EXCLUSIVE"]),
        ("ALTER TABLE a ALTER COLUMN x SET STATISTICS 100", &["a SHARE UPDATE EXCLUSIVE"]),
        (
            "ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES s.\"B\" (id) NOT VALID",
            &["a SHARE ROW EXCLUSIVE", "s.B SHARE ROW EXCLUSIVE"],
        ),
        ("ALTER TABLE a ADD x int REFERENCES b", &["a ACCESS EXCLUSIVE", "b SHARE ROW EXCLUSIVE"]),
        ("ALTER TABLE a DISABLE TRIGGER ALL", &["a SHARE ROW EXCLUSIVE"]),
        ("ALTER TABLE a ATTACH PARTITION b DEFAULT", &["a SHARE UPDATE EXCLUSIVE", "b ACCESS EXCLUSIVE"]),
        ("ALTER TABLE s.a RENAME TO b", &["s.a ACCESS EXCLUSIVE", "s.b ACCESS EXCLUSIVE made"]),
        ("ALTER TABLE a RENAME COLUMN x TO y", &["a ACCESS EXCLUSIVE"]),
        (
            "CREATE TABLE a (x int REFERENCES b, y int, FOREIGN KEY (y) REFERENCES c, LIKE d)",
            &["a ACCESS EXCLUSIVE made", "b SHARE ROW EXCLUSIVE", "c SHARE ROW EXCLUSIVE", "d ACCESS SHARE"],
        ),
        ("CREATE TABLE a PARTITION OF b DEFAULT", &["a ACCESS EXCLUSIVE made", "b ACCESS EXCLUSIVE"]),
        ("CREATE TABLE a AS SELECT * FROM b", &["a ACCESS EXCLUSIVE made", "b ACCESS SHARE"]),
        (
            "CREATE VIEW v AS SELECT 1 FROM s.a JOIN b ON true",
            &["v ACCESS EXCLUSIVE made", "s.a ACCESS SHARE", "b ACCESS SHARE"],
        ),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1 FROM a", &["v ACCESS EXCLUSIVE made", "a ACCESS SHARE"]),
        ("CREATE UNIQUE INDEX i ON ONLY s.a (lower(x))", &["s.a SHARE"]),
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (x)", &["a SHARE UPDATE EXCLUSIVE"]),
        ("DROP INDEX s.i, CONCURRENT", &["s.i ACCESS EXCLUSIVE", "concurrent ACCESS EXCLUSIVE"]),
        ("REINDEX TABLE CONCURRENTLY a", &["a SHARE UPDATE EXCLUSIVE"]),
        ("REINDEX INDEX i", &["i SHARE"]),
        ("DROP TABLE IF EXISTS a, s.b CASCADE", &["a ACCESS EXCLUSIVE", "s.b ACCESS EXCLUSIVE"]),
        ("CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f()", &["a SHARE ROW EXCLUSIVE"]),
        ("DROP TRIGGER t ON a", &["a ACCESS EXCLUSIVE"]),
        ("CREATE POLICY p ON a USING (x IN (SELECT y FROM b))", &["a ACCESS EXCLUSIVE", "b ACCESS SHARE"]),
        ("ALTER POLICY p ON a TO public", &["a ACCESS EXCLUSIVE"]),
        ("COMMENT ON TABLE s.a IS 'x'", &["s.a SHARE UPDATE EXCLUSIVE"]),
        ("COMMENT ON COLUMN s.a.x IS 'x'", &["s.a SHARE UPDATE EXCLUSIVE"]),
        ("COMMENT ON CONSTRAINT c ON a IS 'x'", &["a SHARE UPDATE EXCLUSIVE"]),
        ("CREATE STATISTICS x ON y, z FROM a", &["a SHARE UPDATE EXCLUSIVE"]),
        ("GRANT SELECT ON a, TABLE_B TO public", &["a ACCESS SHARE", "table_b ACCESS SHARE"]),
    ] {
        assert_eq!(read(statement), wanted, "{statement}");
    }
}

#[test]
fn rows_touch_what_they_are_read_from_and_written_to() {
    for (statement, wanted) in [
        ("INSERT INTO s.a SELECT * FROM b", &["s.a ROW EXCLUSIVE", "b ACCESS SHARE"][..]),
        ("UPDATE a SET x = b.y FROM b WHERE true", &["a ROW EXCLUSIVE", "b ACCESS SHARE"]),
        ("DELETE FROM ONLY a USING b WHERE true", &["a ROW EXCLUSIVE", "b ACCESS SHARE"]),
        ("MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", &["a ROW EXCLUSIVE", "b ACCESS SHARE"]),
        ("TRUNCATE a, b", &["a ACCESS EXCLUSIVE", "b ACCESS EXCLUSIVE"]),
        ("SELECT * FROM a FOR UPDATE", &["a ROW SHARE"]),
        ("WITH w AS (SELECT * FROM a) INSERT INTO b SELECT * FROM w", &["a ACCESS SHARE", "b ROW EXCLUSIVE"]),
        ("COPY a FROM '/x'", &["a ROW EXCLUSIVE"]),
        ("COPY a TO '/x'", &["a ACCESS SHARE"]),
        ("LOCK TABLE a IN SHARE ROW EXCLUSIVE MODE", &["a SHARE ROW EXCLUSIVE"]),
        ("LOCK a, b", &["a ACCESS EXCLUSIVE", "b ACCESS EXCLUSIVE"]),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", &["v EXCLUSIVE"]),
        ("ANALYZE a (x)", &["a SHARE UPDATE EXCLUSIVE"]),
        (
            "DO $$ BEGIN IF true THEN UPDATE a SET x = 1; END IF; ALTER TABLE b ADD y int; END $$",
            &["a ROW EXCLUSIVE", "b ACCESS EXCLUSIVE"],
        ),
        ("UPDATE U&\"d\\0061t\" SET x = 1", &["dat ROW EXCLUSIVE"]),
        ("UPDATE \"a\"\"b\" SET x = 1", &["a\"b ROW EXCLUSIVE"]),
    ] {
        assert_eq!(read(statement), wanted, "{statement}");
    }
}

#[test]
fn what_is_stored_for_later_touches_nothing() {
    for statement in [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT x FROM a; END",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT x FROM a'",
        "PREPARE p AS DELETE FROM a",
        "SET search_path = a",
        "CREATE SEQUENCE s",
        "this is no SQL",
    ] {
        assert_eq!(read(statement), [""; 0], "{statement}");
    }
}

#[test]
fn rewrites_are_told() {
    let is_rewritten = |statement: &str| tables(statement).iter().any(|touched| touched.is_rewritten);
    for statement in [
        "ALTER TABLE a ALTER COLUMN x TYPE bigint",
        "ALTER TABLE a ALTER x SET DATA TYPE bigint USING x::bigint, ADD y int",
        "ALTER TABLE a ADD COLUMN x uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE a ADD COLUMN x timestamptz NOT NULL DEFAULT clock_timestamp()",
        "ALTER TABLE a ADD COLUMN x text DEFAULT ('a' || extensions.nanoid())",
        "ALTER TABLE a ADD COLUMN x bigserial",
        "ALTER TABLE a ADD COLUMN x int GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE a ADD COLUMN x int GENERATED ALWAYS AS (y + 1) STORED",
        "ALTER TABLE a SET TABLESPACE b",
        "ALTER TABLE a SET UNLOGGED",
        "VACUUM FULL a",
        "VACUUM (FULL, ANALYZE) a",
        "CLUSTER a USING i",
        "REFRESH MATERIALIZED VIEW v",
        "DO $$ BEGIN ALTER TABLE a ALTER x TYPE bigint; END $$",
    ] {
        assert!(is_rewritten(statement), "{statement}");
    }
    for statement in [
        "ALTER TABLE a ADD COLUMN x int DEFAULT 0",
        "ALTER TABLE a ADD COLUMN x timestamptz DEFAULT now()",
        "ALTER TABLE a ADD COLUMN x timestamptz DEFAULT CURRENT_TIMESTAMP",
        "ALTER TABLE a ADD COLUMN x text DEFAULT lower('A')",
        "ALTER TABLE a ALTER COLUMN x SET DEFAULT gen_random_uuid()",
        "ALTER TABLE a ADD CHECK (x > 0) NOT VALID",
        "VACUUM ANALYZE a",
        "CREATE TABLE a (x uuid DEFAULT gen_random_uuid())",
    ] {
        assert!(!is_rewritten(statement), "{statement}");
    }
}

#[test]
fn schemas_that_are_dropped_are_told() {
    assert_eq!(dropped_schemas("DROP SCHEMA IF EXISTS a, \"B c\" CASCADE"), ["a", "B c"]);
    assert_eq!(dropped_schemas("DROP TABLE a.b"), [""; 0]);
}
