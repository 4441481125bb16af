//! Shell completions and the manual page, from the definitions that also parse.

use crate::error::{Error, Result};
use crate::terminal;

#[derive(Debug, clap::Args)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub fn completions(args: &CompletionArgs, mut main: clap::Command) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut main, "crm-seed", &mut text);
    terminal::print_data(&String::from_utf8_lossy(&text))
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Command whose page is printed instead of the main one
    command: Option<String>,
}

pub fn man(args: &ManArgs, main: clap::Command) -> Result<()> {
    let (command, title) = match &args.command {
        None => (main, "crm-seed".to_owned()),
        Some(name) => {
            let unknown = || Error::usage(format!("unknown command {name}"));
            let command = main.find_subcommand(name).cloned().ok_or_else(unknown)?;
            (command.bin_name(format!("crm-seed {name}")), format!("crm-seed-{name}"))
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command).title(title).render(&mut text)?;
    terminal::print_data(&String::from_utf8_lossy(&text))
}
