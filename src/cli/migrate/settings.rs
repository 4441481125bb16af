//! How a run goes about it.

use crate::cli::args::TargetArgs;
use crate::db::target::Target;
use crate::error::Result;
use crate::migrate::Settings;

/// What a run against `target` hangs on.
///
/// # Errors
/// The connection is lost.
pub async fn settings(target: &mut Target, args: &TargetArgs) -> Result<Settings> {
    let keeps_session = target.ask_pooler().await?.keeps_session();
    Ok(Settings { keeps_session, wait: args.wanted().wait })
}
