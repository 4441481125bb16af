//! Schemas that nobody thought of: made at random, each the same for ever, and seeded. Either the rows go in, and
//! then they hold together, or a refusal that names a table tells why before anything is written.
//!
//! `CRM_SEED_SOAK=400` tries so many instead of a few dozen, `100..200` those; `CRM_SEED_SCHEMA=17` tries one, and prints all.

mod around;
mod constraints;
pub mod dice;
mod generate;
mod habits;
mod judge;
mod naming;
mod refusal;
mod schema;
mod templates;

use std::collections::BTreeMap;

use crate::golden::{self, Golden};
use crate::harness::Server;
use crate::harness::campaign::{self, Campaign};
use judge::{Verdict, judge};

/// How many are tried in the ordinary tests.
const ORDINARY: u64 = 30;
/// What became of the ordinary ones.
const VERDICTS: Golden = Golden {
    about: "What becomes of the random schemas: number, tab, digest of the rows or kind of refusal.",
    bless: "random_schemas_are",
};
/// All of them.
const CAMPAIGN: Campaign<(), Result<Verdict, String>> = Campaign {
    things: "random schemas",
    worker: || (),
    failure: |verdict| verdict.as_ref().err().map(String::as_str),
};
/// Of a hundred, so many may be refused.
const MOST_REFUSED: usize = 5;
/// Of how many failures the SQL is printed.
const PRINTED: usize = 3;

/// What became of the schemas, by their number.
type Verdicts = BTreeMap<u64, Result<Verdict, String>>;

#[test]
fn random_schemas_are_seeded_or_refused_with_a_cause() {
    let Some(server) = Server::shared() else { return };
    if let Some(number) = campaign::only("CRM_SEED_SCHEMA") {
        println!("{}", generate::schema(number).sql());
        let verdict = judge(server, &generate::schema(number), true);
        println!("schema {number}: {verdict:?}");
        return assert!(verdict.is_ok(), "schema {number} fails");
    }
    let numbers = campaign::numbers("CRM_SEED_SOAK", ORDINARY);
    let verdicts = CAMPAIGN.run(numbers, |(), number| judge(server, &generate::schema(number), false));
    print!("{}", summary(&verdicts));
    let failures: Vec<u64> =
        verdicts.iter().filter(|(_, verdict)| verdict.is_err()).map(|(number, _)| *number).collect();
    for number in failures.iter().take(PRINTED) {
        println!("{}", generate::schema(*number).sql());
    }
    assert!(
        failures.is_empty(),
        "schemas {failures:?} fail: replay one with CRM_SEED_SCHEMA={}",
        failures[0]
    );
    let refused = verdicts.values().filter(|verdict| matches!(verdict, Ok(Verdict::Refused(_)))).count();
    assert!(
        refused * 100 <= verdicts.len() * MOST_REFUSED,
        "{refused} of {} schemas are refused, more than {MOST_REFUSED} in a hundred",
        verdicts.len()
    );
    if verdicts.contains_key(&0) && verdicts.len() as u64 >= ORDINARY {
        golden::hold("golden_random_schemas.tsv", &VERDICTS, &pinned(&verdicts));
    }
}

/// What the golden file says of the ordinary ones.
fn pinned(verdicts: &Verdicts) -> Vec<(String, String)> {
    let text = |verdict: &Result<Verdict, String>| match verdict {
        Ok(Verdict::Seeded(digest)) => digest.clone(),
        Ok(Verdict::Refused(error)) => format!("refused: {}", refusal::kind(error)),
        Err(why) => why.clone(),
    };
    let ordinary = verdicts.range(..ORDINARY);
    ordinary.map(|(number, verdict)| (number.to_string(), text(verdict))).collect()
}

/// How many were seeded, how many refused, for which reasons, and what failed.
fn summary(verdicts: &Verdicts) -> String {
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut seeded, mut failures) = (0, String::new());
    for (number, verdict) in verdicts {
        match verdict {
            Ok(Verdict::Seeded(_)) => seeded += 1,
            Ok(Verdict::Refused(error)) => {
                kinds.entry(refusal::kind(error)).or_default().push(format!("    {number}: {error}\n"));
            }
            Err(why) => failures += &format!("  schema {number} fails: {why}\n"),
        }
    }
    let refused: usize = kinds.values().map(Vec::len).sum();
    let failed = verdicts.len() - seeded - refused;
    let mut text =
        format!("{} random schemas: {seeded} seeded, {refused} refused, {failed} failed\n", verdicts.len());
    for (kind, errors) in kinds {
        text += &format!("  refused {} times: {kind}\n{}", errors.len(), errors.concat());
    }
    text + &failures
}

#[test]
fn a_schema_is_the_same_for_ever() {
    let all: String = (0..50).map(|number| generate::schema(number).sql()).collect();
    let hash = crm_seed::random::Keyed::new(0, &all, "").at(0).bits();
    assert_eq!(
        hash, 11_365_432_896_332_358_410,
        "the generator has changed, and all numbers mean other schemas"
    );
}
