//! `crm-seed scenario show NAME`.

use std::fmt::Write;

use serde_json::{Value, json};

use super::tree;
use crate::cli::args::LibraryArgs;
use crate::cli::failure::Json;
use crate::domain::TABLES;
use crate::domain::dataset::Dataset;
use crate::error::Result;
use crate::plan::Plan;
use crate::run::handles::Handles;
use crate::scenario::{AsOf, Break, Scenario};
use crate::terminal::{print, print_data};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scenario name or file path
    name: String,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    library: LibraryArgs,
}

impl Args {
    pub const fn json(&self) -> Json {
        Json::new(self.json, false)
    }
}

pub fn run(args: &Args) -> Result<()> {
    let (scenario, dataset) = super::open::open(&args.name, &args.library)?;
    match args.json {
        true => print_data(&format!("{:#}\n", as_json(&scenario, &dataset))),
        false => print(&as_text(&scenario, &dataset)),
    }
}

/// The base rows, in words.
fn base(scenario: &Scenario) -> String {
    let counts = scenario.counts;
    if counts.is_none() {
        return "no base rows: its rows are added to existing data".into();
    }
    format!(
        "{} principals, {} distributors, {} customers, {} opportunities, with their related rows",
        counts.principals, counts.distributors, counts.customers, counts.opportunities
    )
}

fn as_of(scenario: &Scenario) -> String {
    match scenario.as_of {
        Some(AsOf::Today) => "today".into(),
        Some(AsOf::Day(day)) => day.to_string(),
        None => crate::calendar::Day::DEFAULT_AS_OF.to_string(),
    }
}

fn as_text(scenario: &Scenario, dataset: &Dataset) -> String {
    let mut out = format!("{}: {}\n\n", scenario.name, scenario.title);
    for line in wrapped(&scenario.description, 96) {
        let _ = writeln!(out, "  {line}");
    }
    if let Some(catches) = &scenario.catches {
        let _ = writeln!(out, "\n  catches  {catches}");
    }
    let _ = writeln!(out, "\n  base     {}", base(scenario));
    let _ = writeln!(out, "  as of    {}", as_of(scenario));
    let _ = writeln!(out, "  rows     {}", Plan::of_domain(dataset).rows());
    if !dataset.explicit.is_empty() {
        let _ = writeln!(out, "\nExplicit rows (+ marks rows added because others require them):\n");
        out.push_str(&tree::text(dataset));
    }
    if !scenario.expectations.is_empty() {
        out.push_str("\nExpectations:\n\n");
        for expectation in &scenario.expectations {
            let _ = writeln!(out, "  {}: {}", expectation.name, expectation.wanted);
        }
    }
    for (_, rules) in scenario.breaks.iter().filter(|(_, rules)| !rules.is_empty()) {
        let _ = writeln!(
            out,
            "\nViolates on purpose: {}",
            rules.iter().map(broken).collect::<Vec<_>>().join(", ")
        );
    }
    out
}

/// A rule that is violated on purpose, with the rows that are named.
fn broken(rule: &Break) -> String {
    match &rule.handles {
        Some(handles) => format!("{} (by {})", rule.rule, handles.join(", ")),
        None => rule.rule.clone(),
    }
}

/// Lines of at most `width` characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

fn as_json(scenario: &Scenario, dataset: &Dataset) -> Value {
    let handles = Handles::of(dataset, scenario);
    let rows: Vec<Value> = dataset
        .explicit
        .iter()
        .map(|made| {
            let table = TABLES[made.table];
            let refers = tree::references(made).into_iter().map(|(column, table, id)| {
                let handle = tree::handle_of(dataset, table, id).map(str::to_owned);
                json!({ "column": column, "table": table, "id": id, "handle": handle })
            });
            let id = handles.id(&scenario.scenario_rows[made.scenario_index].scenario, &made.handle);
            json!({
                "handle": made.handle,
                "table": table.info().name,
                "id": id,
                "implied": made.is_implied,
                "refers_to": refers.collect::<Vec<_>>(),
            })
        })
        .collect();
    let expectations: Vec<Value> = scenario
        .expectations
        .iter()
        .map(|e| json!({ "name": e.name, "sql": e.sql, "wanted": e.wanted.to_string() }))
        .collect();
    let rules = || scenario.breaks.iter().flat_map(|(_, rules)| rules);
    let broken_by: serde_json::Map<String, Value> =
        rules().filter_map(|rule| Some((rule.rule.clone(), json!(rule.handles.as_ref()?)))).collect();
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "catches": scenario.catches,
        "as_of": as_of(scenario),
        "counts": scenario.counts,
        "rows": Plan::of_domain(dataset).rows(),
        "explicit": rows,
        "expect": expectations,
        "breaks": rules().map(|rule| &rule.rule).collect::<Vec<_>>(),
        "broken_by": broken_by,
    })
}
