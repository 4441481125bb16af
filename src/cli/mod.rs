//! The command line: what was typed, what it means, and how it ends.

mod args;
mod doctor;
mod failure;
mod fit;
mod generate;
mod init;
mod manual;
mod migrate;
mod reset;
mod scenario;
mod seed;
mod serve;
mod template;
mod usage;
mod verify;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::cli::failure::Json;
use crate::db::local::WATCH_COMMAND;
use crate::error::{Error, Kind, Result};
use crate::interrupt;

const EXAMPLES: &str = "\
Examples:
  crm-seed --clean --seed 42                       into the local database, nothing to set up
  crm-seed --clean --seed 42 --database-url postgres://app@localhost/crm
  crm-seed --clean --scale 1000 --jobs 2           28,000 organizations, 50,000 opportunities
  crm-seed --scenario multi-stakeholder --clean --handles ids.json
                                                   a named test scenario, and the ids of its rows
  crm-seed scenario list                           the scenarios that are available
  crm-seed --dry-run                               show the plan, column by column
  crm-seed --if-changed --clean --yes --wait 60    what a deploy runs
  crm-seed reset                                   drop everything, apply your migrations, fill
  crm-seed migrate up                              apply your migrations only
  crm-seed --scenario demo --into test_1 --template
                                                   a database of its own for each worker of a test runner
  crm-seed generate --out data --format csv        the same data without a database
  crm-seed serve                                   a URL for psql or an app (Ctrl-C stops it)

The database is --database-url, else DATABASE_URL (also from .env), else the local database
in .crm-seed/, which the installed PostgreSQL runs, or the embedded one where there is none

Exit codes: 0 success, 1 failure, 2 usage error, 3 refused for safety, 4 database
unreachable, 5 a check found something, 130 interrupted.";

/// Fills a PostgreSQL CRM with deterministic, coherent data at bulk speed.
#[derive(Debug, Parser)]
#[command(
    name = "crm-seed",
    version,
    about,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
struct Cli {
    #[command(flatten)]
    seed: seed::Args,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check whether a database is ready to seed. Writes nothing (exit code 1 if not ready)
    Doctor(doctor::Args),
    /// Write the same data to files or stdout, without a database
    Generate(generate::Args),
    /// Generate a commented crm-seed.toml for a database
    Init(init::Args),
    /// Check the data against the consistency rules (exit code 5 if violated)
    Verify(verify::Args),
    /// List, show, create, validate and unload named test scenarios
    Scenario(scenario::Args),
    /// Create, check, rehearse, apply and roll back migrations (your own, or bundled)
    Migrate(migrate::Args),
    /// Drop everything in the database, apply the migrations and fill the tables
    Reset(reset::Args),
    /// Run the local database and print its URL (Ctrl-C stops it)
    Serve(serve::Args),
    /// Stop the local database
    Stop,
    #[command(hide = true, name = WATCH_COMMAND)]
    WatchLocalDatabase(serve::WatchArgs),
    /// Print shell completions
    Completions(manual::CompletionArgs),
    /// Print the manual page of crm-seed or of a command
    Man(manual::ManArgs),
}

impl Cli {
    /// Where its JSON goes.
    fn json(&self) -> Json {
        match &self.command {
            None => self.seed.json(),
            Some(Command::Generate(args)) => args.json(),
            Some(Command::Doctor(args)) => args.json(),
            Some(Command::Verify(args)) => args.json(),
            Some(Command::Scenario(args)) => args.json(),
            Some(Command::Migrate(args)) => args.json(),
            Some(Command::Reset(args)) => args.json(),
            Some(
                Command::Init(_)
                | Command::Serve(_)
                | Command::Stop
                | Command::WatchLocalDatabase(_)
                | Command::Completions(_)
                | Command::Man(_),
            ) => Json::No,
        }
    }
}

/// Parses, runs, tells the error, and gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors.
            let code = if error.use_stderr() { Kind::Usage.exit_code() } else { 0 };
            usage::tell(error);
            return ExitCode::from(code);
        }
    };
    silence_panics();
    let json = cli.json();
    let done = std::panic::catch_unwind(AssertUnwindSafe(|| run(cli)));
    match done.unwrap_or_else(|panic| Err(bug(panic.as_ref()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            failure::tell(&error, json);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

/// A panic is told as an error, once; who wants the backtrace sets `RUST_BACKTRACE`.
fn silence_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

/// The error that a panic is.
fn bug(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Error::failed(format!("internal error: {text}")).with_hint(
        "nothing was committed; please report this with the command and its output under RUST_BACKTRACE=1",
    )
}

fn run(cli: Cli) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // What serves until it is told to stop has done what it was asked for.
    let ends_well = matches!(cli.command, Some(Command::Serve(_)));
    let result = runtime.block_on(async {
        let work = act(cli);
        tokio::pin!(work);
        tokio::select! {
            // A signal is looked at first, so that no work begins after it.
            biased;
            () = signal() => {}
            result = &mut work => return result,
        }
        if ends_well {
            return Ok(());
        }
        if !interrupt::is_committing() {
            return Err(Error::new(Kind::Interrupted, interrupt::told()));
        }
        // What is told must be what the server made of it; who has no patience says so again.
        interrupt::signalled();
        tokio::select! {
            biased;
            () = signal() => Err(Error::new(
                Kind::Interrupted,
                "cancelled during COMMIT: the rows may or may not have been saved",
            )),
            result = &mut work => result,
            () = interrupt::released() => Err(Error::new(Kind::Interrupted, interrupt::told())),
        }
    });
    // A thread of the embedded server may still be waiting for a client.
    runtime.shutdown_background();
    result
}

async fn act(cli: Cli) -> Result<()> {
    match cli.command {
        None => seed::run(cli.seed).await,
        Some(Command::Doctor(args)) => doctor::run(args).await,
        Some(Command::Generate(args)) => generate::run(args).await,
        Some(Command::Init(args)) => init::run(args).await,
        Some(Command::Verify(args)) => verify::run(args).await,
        Some(Command::Scenario(args)) => scenario::run(args).await,
        Some(Command::Migrate(args)) => migrate::run(args).await,
        Some(Command::Reset(args)) => reset::run(args).await,
        Some(Command::Serve(args)) => serve::run(args).await,
        Some(Command::Stop) => serve::stop().await,
        Some(Command::WatchLocalDatabase(args)) => serve::watch(args).await,
        Some(Command::Completions(args)) => manual::completions(&args, Cli::command()),
        Some(Command::Man(args)) => manual::man(&args, Cli::command()),
    }
}

/// Ends when the user or the system asks the process to.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_says_what_it_does() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {argument}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
