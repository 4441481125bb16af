//! A seeding changes rows, and nothing else: the catalog is afterwards what it was before, to
//! the byte.

use crate::harness::{Crm, Database};

#[test]
fn the_catalog_is_the_same_before_and_after() {
    let Some(db) = Database::migrated() else { return };
    let before = db.schema();
    assert!(before.contains("CREATE TABLE public.organizations"), "{before}");
    for arguments in [
        "--no-ledger",
        "--no-ledger --clean --yes --method insert",
        "--no-ledger --clean --yes --scale 300",
        "--no-ledger --append --seed 3",
    ] {
        Crm::new().ok(&format!("{arguments} {}", db.option()));
        assert_eq!(db.schema(), before, "{arguments}");
    }
}

#[test]
fn the_ledger_is_made_once() {
    let Some(db) = Database::seeded("") else { return };
    let before = db.schema();
    assert!(before.contains("CREATE TABLE crm_seed.ledger"), "{before}");
    for arguments in ["--clean", "--clean --scale 200 --seed 1", "--append", "--if-empty"] {
        Crm::new().ok(&format!("{arguments} {}", db.option()));
        assert_eq!(db.schema(), before, "{arguments}");
    }
}

#[test]
fn what_others_have_added_to_the_schema_stays() {
    let Some(db) = Database::migrated() else { return };
    db.run(
        "CREATE INDEX ON opportunities USING brin (created_at);
         CREATE INDEX \"Names, lower\" ON contacts (lower(name)) WHERE title IS NOT NULL;
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION touch();
         ALTER TABLE tasks DISABLE TRIGGER touch;
         ALTER TABLE contacts ADD CONSTRAINT named CHECK (name <> '') NOT VALID;
         ALTER TABLE tasks ALTER CONSTRAINT tasks_contact_id_fkey DEFERRABLE INITIALLY DEFERRED;
         ALTER TABLE products CLUSTER ON products_pkey;
         ALTER TABLE contacts SET (fillfactor = 80);
         ALTER TABLE products ALTER name SET STATISTICS 500;
         CREATE STATISTICS deal_statistics ON stage, status FROM opportunities;
         COMMENT ON INDEX idx_opportunities_stage IS 'the board''s';
         COMMENT ON CONSTRAINT tasks_opportunity_id_fkey ON tasks IS 'its \\ deal';
         ALTER TABLE opportunities RENAME CONSTRAINT opportunities_customer_organization_id_fkey TO \"Who buys\";
         ALTER INDEX idx_tasks_due_date RENAME TO \"Due, soon\";
         CREATE INDEX ON products USING hash (sku);
         CREATE INDEX wide ON opportunities (stage COLLATE \"C\" DESC NULLS LAST) INCLUDE (amount)
           WITH (fillfactor = 70);
         CREATE INDEX measured ON organizations ((lower(city) || state));
         ALTER INDEX measured ALTER COLUMN 1 SET STATISTICS 300;
         CREATE UNIQUE INDEX by_name ON opportunities (id, name);
         ALTER TABLE contacts REPLICA IDENTITY FULL;
         ALTER TABLE products ADD CONSTRAINT follows FOREIGN KEY (id) REFERENCES products (id)
           ON UPDATE CASCADE ON DELETE NO ACTION DEFERRABLE;
         ALTER TABLE opportunity_contacts ADD CONSTRAINT late FOREIGN KEY (contact_id)
           REFERENCES contacts NOT VALID;
         ALTER TABLE product_inventory DISABLE TRIGGER ALL;
         CREATE VIEW open_deals AS SELECT * FROM opportunities WHERE status = 'active';
         CREATE RULE none AS ON DELETE TO open_deals DO INSTEAD NOTHING",
    );
    let before = db.schema();
    for arguments in ["--no-ledger", "--no-ledger --clean --yes --scale 200"] {
        Crm::new().ok(&format!("{arguments} {}", db.option()));
        assert_eq!(db.schema(), before, "{arguments}");
    }
}

#[test]
fn a_failed_run_leaves_the_catalog_alone_too() {
    let Some(db) = Database::empty() else { return };
    let empty = db.schema();
    // The schema that is made on the way goes with the transaction.
    db.run("CREATE SCHEMA crm_seed; CREATE TABLE crm_seed.ledger (id int)");
    let before = db.schema();
    Crm::new().run(&format!("--scale 2 {}", db.option())).fails(3);
    assert_eq!(db.schema(), before);
    db.run("DROP SCHEMA crm_seed CASCADE");
    assert_eq!(db.schema(), empty);
}
