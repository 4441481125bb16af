//! Shell completions and the manual page, from the definitions that also parse.

use clap::CommandFactory;

use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub fn completions(args: &CompletionArgs) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "crm-seed", &mut text);
    super::print_data(&String::from_utf8_lossy(&text))
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The page of this command instead of the main one
    command: Option<String>,
}

pub fn man(args: &ManArgs) -> Result<()> {
    let main = super::Cli::command();
    let (command, title) = match &args.command {
        None => (main, "crm-seed".to_owned()),
        Some(name) => {
            let unknown = || Error::usage(format!("there is no command {name}"));
            let command = main.find_subcommand(name).cloned().ok_or_else(unknown)?;
            (command.bin_name(format!("crm-seed {name}")), format!("crm-seed-{name}"))
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command).title(title).render(&mut text)?;
    super::print_data(&String::from_utf8_lossy(&text))
}
