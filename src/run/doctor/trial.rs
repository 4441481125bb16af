//! The rows of a run, loaded and rolled back: the server alone knows what its triggers, policies and constraints
//! make of them.

use crate::db::target::Target;
use crate::domain::counts::Counts;
use crate::error::{Error, Result};
use crate::infer::overrides::Concession;
use crate::plan::Plan;
use crate::run::doctor::look::Snapshot;
use crate::run::seed::{Existing, Request};

/// Maximum number of rows that are loaded in a trial.
const MOST: u64 = 20_000;

/// The result of a trial load.
pub enum Trial {
    /// So many rows were loaded and rolled back, and this gave way.
    Done(u64, Vec<Concession>),
    /// It was not made.
    Not(String),
    /// The server refuses them.
    Failed(Error),
}

/// Loads the rows of `request`, or of as many as `usual` says where those are very many, and rolls them back. Without
/// being asked (`wanted`) only on this machine, and only where no rows of others would be touched meanwhile.
///
/// # Errors
/// Everything that is wrong with explicit rows.
pub async fn run(
    target: &mut Target,
    request: &Request,
    look: &Snapshot,
    (wanted, usual): (bool, &Counts),
) -> Result<Trial> {
    let Ok(plan) = &look.plan else { return Ok(Trial::Not("there is no plan".into())) };
    if !plan.troubles.is_empty() {
        return Ok(Trial::Not("the plan cannot be loaded".into()));
    }
    if let Some(why) = reason_against(target, look, wanted) {
        return Ok(Trial::Not(why));
    }
    let mut request = Request { trial: true, quiet: true, yes: true, jobs: 1, ..request.clone() };
    if look.occupied.is_empty() {
        request.existing = Existing::Refuse;
    }
    if Plan::rows(plan) > MOST {
        request.scenario.counts = *usual;
    }
    let dataset = request.dataset(crate::domain::dataset::Origin::default())?;
    Ok(match request.run(target, dataset).await {
        Ok(outcome) => Trial::Done(outcome.report().rows, outcome.concessions().to_vec()),
        Err(error) if error.sqlstate() == Some("55P03") => Trial::Not(format!("{error:#}")),
        Err(error) => Trial::Failed(error),
    })
}

fn reason_against(target: &Target, look: &Snapshot, wanted: bool) -> Option<String> {
    let server = &look.schema.server;
    let lacks = look.lacks.is_some() || look.obstacle.is_some();
    let is_barred = server.in_recovery || server.read_only || lacks;
    if is_barred || look.is_empty {
        return Some("the database cannot be written to".into())
            .filter(|_| is_barred)
            .or(Some("the database is empty".into()));
    }
    if !look.occupied.is_empty() && (look.reach.is_some() || look.lacks_for_clean.is_some()) {
        return Some("the tables contain rows that cannot be deleted".into());
    }
    match () {
        () if wanted => None,
        () if !target.is_local => {
            Some("the database is on a remote host (add --try to load there and roll back)".into())
        }
        () if !look.not_ours.is_empty() => Some(
            "the tables contain rows that crm-seed did not create (add --try to load anyway and roll back)"
                .into(),
        ),
        () => None,
    }
}
