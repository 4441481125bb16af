//! The three scenarios of the playbook, to the letter.

use crate::harness::{Crm, Database};

#[test]
fn the_high_value_pipeline_has_three_deals() {
    let Some(db) = Database::seeded("-s high-value-pipeline") else { return };
    let deals = db.run("SELECT name, stage, amount, probability FROM opportunities ORDER BY amount DESC");
    assert_eq!(
        deals,
        "Enterprise Deal Q1\tdemo_scheduled\t500000.00\t85\n\
         Mid-Market Expansion\tfeedback_logged\t250000.00\t70\n\
         Small Business Package\tinitial_outreach\t50000.00\t20"
    );
}

#[test]
fn the_multi_stakeholder_deal_has_four_parties() {
    let Some(db) = Database::seeded("-s multi-stakeholder") else { return };
    let deals = db.run("SELECT name, stage, amount FROM opportunities");
    assert_eq!(deals, "Complex Multi-Party Deal\tawaiting_response\t750000.00");
    let parties = db.run(
        "SELECT p.role, o.organization_type FROM opportunity_participants p
         JOIN organizations o ON o.id = p.organization_id ORDER BY p.role::text",
    );
    assert_eq!(
        parties,
        "customer\tcustomer\ndistributor\tdistributor\npartner\tpartner\nprincipal\tprincipal"
    );
    assert_eq!(db.number("SELECT count(DISTINCT organization_id) FROM opportunity_participants"), 4);
}

#[test]
fn the_consultant_has_three_organizations() {
    let Some(db) = Database::seeded("-s contact-of-many-organizations") else { return };
    let links = db.run(
        "SELECT c.name, l.role, l.is_primary FROM contact_organizations l JOIN contacts c ON c.id = l.contact_id
         WHERE c.name LIKE 'Jane%' ORDER BY l.is_primary DESC, l.role",
    );
    assert_eq!(
        links,
        "Jane Consultant\tconsultant\tt\nJane Consultant\tadvisor\tf\nJane Consultant\tboard_member\tf"
    );
}

#[test]
fn all_three_go_together() {
    let Some(db) = Database::seeded("") else { return };
    let three = "-s high-value-pipeline -s multi-stakeholder -s contact-of-many-organizations";
    let report = Crm::new().json(&format!("{three} {}", db.option()));
    let names: Vec<&str> = report["scenarios"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|scenario| scenario["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["high-value-pipeline", "multi-stakeholder", "contact-of-many-organizations"]);
    assert_eq!(db.number("SELECT sum(amount)::bigint FROM opportunities WHERE id >= 2000000000"), 1_550_000);
    Crm::new().ok(&format!("verify {}", db.option()));
    // One goes, the others stay.
    Crm::new().ok(&format!("scenario unload multi-stakeholder {}", db.option()));
    assert_eq!(db.number("SELECT sum(amount)::bigint FROM opportunities WHERE id >= 2000000000"), 800_000);
}
