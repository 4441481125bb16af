//! Shell completions and the manual page, from the definitions that also parse.

use clap::CommandFactory;

use crate::error::Result;

#[derive(Debug, clap::Args)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub fn completions(args: &CompletionArgs) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "crm-seed", &mut text);
    super::print(&String::from_utf8_lossy(&text))
}

pub fn man() -> Result<()> {
    let mut text = Vec::new();
    clap_mangen::Man::new(super::Cli::command()).render(&mut text)?;
    super::print(&String::from_utf8_lossy(&text))
}
