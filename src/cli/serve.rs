//! `crm-seed serve`: the local database for psql or an app; `crm-seed stop` stops it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::db::local_database::{self, Engine, StopAtEnd};
use crate::db::target::local_directory;
use crate::error::Result;
use crate::terminal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port on 127.0.0.1; 0 picks a free one [default: 54329, or the next that is free]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Which PostgreSQL runs it
    #[arg(long, value_enum, value_name = "ENGINE", default_value_t = Engine::Auto)]
    #[arg(env = "CRM_SEED_ENGINE", hide_env = true)]
    engine: Engine,
}

pub async fn run(args: Args) -> Result<()> {
    let directory = local_directory();
    match args.engine.is_installed(directory) {
        true => serve_installed(directory, args.port).await,
        false => serve_embedded(directory, args.port.unwrap_or(0)).await,
    }
}

/// Serves the private cluster of the installed PostgreSQL.
async fn serve_installed(directory: &Path, port: Option<u16>) -> Result<()> {
    let started = local_database::start(directory, port).await?;
    // One that ran before goes on afterwards.
    let _stop = started.is_new.then(|| StopAtEnd(directory));
    if let Some(wanted) = port.filter(|port| !started.is_new && ![0, started.running.port].contains(port)) {
        let port = started.running.port;
        terminal::tell(&format!(
            "note: it runs on port {port} already, not on {wanted}: `crm-seed stop` stops it\n"
        ));
    }
    // The URL is what was asked for: its password is of this cluster alone.
    terminal::print_data(&format!("{}\n", started.url(directory)?))?;
    let ends = if started.is_new { "Ctrl-C stops it." } else { "It ran before, and goes on after Ctrl-C." };
    terminal::tell(&format!("PostgreSQL {}. {ends}\n{}\n", started.version, started.psql()));
    // Ends with the signal that ends the command, or with the server.
    local_database::until_stopped(directory, &started.running).await?;
    terminal::tell("the local database was stopped\n");
    Ok(())
}

#[cfg(feature = "embedded")]
async fn serve_embedded(directory: &'static Path, port: u16) -> Result<()> {
    let address = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port));
    let serving = crate::db::embedded::serve(directory, address).await?;
    terminal::print(&format!("{}\n", serving.url()))?;
    terminal::tell("PostgreSQL 17, one connection at a time. Ctrl-C stops it.\n");
    // Ends with the signal that ends the command, or with the server.
    Err(serving.run().await)
}

#[cfg(not(feature = "embedded"))]
async fn serve_embedded(_: &Path, _: u16) -> Result<()> {
    Err(crate::error::Error::usage("this build has no embedded PostgreSQL")
        .with_hint("build crm-seed with the feature `embedded` (on by default), or install PostgreSQL"))
}

/// `crm-seed stop`.
pub async fn stop() -> Result<()> {
    let directory = local_directory();
    let text = match local_database::stop(directory).await? {
        true => "stopped the local database".to_owned(),
        false => "the local database is not running".to_owned(),
    };
    terminal::print(&format!("{text}, in {}\n", directory.display()))
}

/// Arguments of the process that looks after the local database.
#[derive(Debug, clap::Args)]
pub struct WatchArgs {
    /// Where the data of the local database is
    directory: PathBuf,
    /// Seconds without a client after which it is stopped
    #[arg(long)]
    seconds: Option<u64>,
}

/// Looks after the local database until it is gone.
pub async fn watch(args: WatchArgs) -> Result<()> {
    local_database::watch(&args.directory, args.seconds.map(Duration::from_secs)).await
}
