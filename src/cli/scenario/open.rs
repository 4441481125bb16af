//! A scenario with its rows, without a database.

use crate::calendar::Day;
use crate::cli::args::{LibraryArgs, rules};
use crate::domain::dataset::{Dataset, Origin};
use crate::error::Result;
use crate::run::seed;
use crate::scenario::{AsOf, Scenario};

/// The seed of what is shown.
const SEED: u64 = 42;

/// One scenario with its rows, of the default seed and its own as-of date.
pub fn open(wanted: &str, library: &LibraryArgs) -> Result<(Scenario, Dataset)> {
    let scenario = Scenario::load(&[wanted.to_owned()], library.directory()?, &rules(), false, true)?;
    let as_of = scenario.as_of.map_or(Day::DEFAULT_AS_OF, AsOf::day);
    let dataset = seed::dataset(SEED, as_of, &scenario, Origin::default())?;
    Ok((scenario, dataset))
}
