//! `crm-seed scenario list`.

use serde_json::{Value, json};

use crate::cli::args::LibraryArgs;
use crate::cli::failure::Json;
use crate::error::Result;
use crate::plan::Plan;
use crate::report::thousands;
use crate::scenario::library::{self, Source};
use crate::terminal::{print, print_data};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    library: LibraryArgs,
}

/// A line of the list.
struct Line {
    name: String,
    title: String,
    catches: Option<String>,
    rows: Option<u64>,
    file: Option<String>,
    wrong: Option<String>,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

pub fn run(args: &Args) -> Result<()> {
    let directory = args.library.directory()?;
    let lines: Vec<Line> =
        library::names(directory).into_iter().map(|name| line(name, &args.library)).collect();
    if args.json {
        let array: Vec<Value> = lines.iter().map(as_json).collect();
        return print_data(&format!("{:#}\n", Value::from(array)));
    }
    let width = lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
    print(&lines.iter().map(|line| text(line, width)).collect::<String>())
}

fn line(name: String, library: &LibraryArgs) -> Line {
    let source = library::find(&name, library.scenario_dir.as_deref(), None);
    let file = match source {
        Ok(Source::File(path)) => Some(path.display().to_string()),
        _ => None,
    };
    match super::open::open(&name, library) {
        Ok((scenario, dataset)) => Line {
            name,
            title: scenario.title,
            catches: scenario.catches,
            rows: Some(Plan::of_domain(&dataset).rows()),
            file,
            wrong: None,
        },
        // One file that is wrong does not hide the others.
        Err(error) => {
            let title = format!("(invalid: see `crm-seed scenario check {name}`)");
            Line { name, title, catches: None, rows: None, file, wrong: Some(format!("{error:#}")) }
        }
    }
}

fn text(line: &Line, width: usize) -> String {
    let rows = line.rows.map_or_else(|| "-".to_owned(), thousands);
    let file = line.file.as_ref().map(|file| format!("  ({file})")).unwrap_or_default();
    format!("{:width$}  {rows:>7} rows  {}{file}\n", line.name, line.title)
}

fn as_json(line: &Line) -> Value {
    json!({
        "name": line.name,
        "title": line.title,
        "catches": line.catches,
        "rows": line.rows,
        "file": line.file,
        "error": line.wrong,
    })
}
