//! `crm-seed serve`: the embedded PostgreSQL for psql or an app.

use crate::error::Result;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

#[cfg(feature = "embedded")]
pub async fn run(args: Args) -> Result<()> {
    let address = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, args.port));
    let serving = crate::db::embedded::serve(crate::db::target::embedded_directory(), address).await?;
    crate::terminal::print(&format!("{}\n", serving.url()))?;
    crate::terminal::tell("PostgreSQL 17, one connection at a time. Ctrl-C stops it.\n");
    // Ends with the signal that ends the command, or with the server.
    Err(serving.run().await)
}

#[cfg(not(feature = "embedded"))]
pub async fn run(_: Args) -> Result<()> {
    Err(crate::error::Error::usage("this build has no embedded PostgreSQL")
        .with_hint("build crm-seed with the feature `embedded` (on by default)"))
}
