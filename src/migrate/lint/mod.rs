//! Looks at migrations before they run: rules of good practice, and squawk's.
//!
//! A directory is read as a whole and in order, so that a rule knows what earlier files made and deprecated. Each file
//! is parsed once; our rules (`rules/`) and squawk's share the tree. Nothing here needs a database.

mod about;
mod apply;
mod apply_alter;
mod baseline;
mod catalog;
mod comments;
mod context;
mod expressions;
mod file;
mod finding;
mod ignore;
mod keys;
mod names;
mod report;
mod rules;
mod sarif;
mod schema;
mod squawk;
mod squawk_rules;
mod syntax;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::migrate::layout::Directory;

pub use about::About;
pub use baseline::{Baseline, write as write_baseline};
pub use catalog::{all as all_rules, ids as rule_ids};
pub use finding::{Finding, Level};
pub use sarif::document as sarif;

use context::{Check, Context, Pair};
use file::File;
use report::Reports;
use schema::{Origin, Schema};

/// What a lint hangs on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The day on which it is: what is deprecated may be dropped after its date.
    pub today: Date,
    /// The ids of rules that are not asked.
    pub disabled: BTreeSet<String>,
}

/// The findings of a directory, in order of its migrations and their lines.
pub fn lint(directory: &Directory, settings: &Settings) -> Vec<Finding> {
    let files = read(directory);
    let mut reports = Reports::new(&files, &settings.disabled);
    let mut schema = Schema::default();
    for (number, file) in files.iter().enumerate() {
        reports.add_all(number, &syntax::ABOUT, syntax::problems(file));
        let violations = squawk::violations(file);
        for (at, statement) in file.statements.iter().enumerate() {
            let context = Context { file, number, at, schema: &schema, today: settings.today };
            ask(&context, &mut reports);
            for (about, problem) in squawk::problems(&context, &violations) {
                reports.add(number, about, problem);
            }
            if !file.is_down {
                let origin = Origin { file: number, statement: at, range: statement.range.clone() };
                apply::apply(&mut schema, &statement.node, &origin);
            }
        }
    }
    ask_about_pairs(directory, &files, &mut reports);
    for rule in rules::ALL {
        if let Check::End(check) = rule.check {
            check(&schema)
                .into_iter()
                .for_each(|(number, problem)| reports.add(number, &rule.about, problem));
        }
    }
    reports.findings()
}

/// The files of a directory, each migration's rollback behind it.
fn read(directory: &Directory) -> Vec<File<'_>> {
    let files = directory.migrations.iter().flat_map(|migration| {
        let up = File::read(&migration.name, &migration.up, false);
        let down = migration.down.as_ref().map(|down| File::read(&migration.name, down, true));
        std::iter::once(up).chain(down)
    });
    files.collect()
}

/// Asks our rules about a statement.
fn ask(context: &Context<'_>, reports: &mut Reports<'_>) {
    for rule in rules::ALL {
        let is_asked = !context.file.is_down || rule.about.in_rollbacks;
        if let (Check::Statement(check), true) = (rule.check, is_asked) {
            reports.add_all(context.number, &rule.about, check(context));
        }
    }
}

fn ask_about_pairs(directory: &Directory, files: &[File<'_>], reports: &mut Reports<'_>) {
    let has_rollbacks = directory.has_rollbacks();
    for rule in rules::ALL {
        let Check::Pair(check) = rule.check else { continue };
        for (number, up) in files.iter().enumerate().filter(|(_, file)| !file.is_down) {
            let down = files.get(number + 1).filter(|file| file.is_down);
            for problem in check(&Pair { up, down, has_rollbacks }) {
                let number = number + usize::from(problem.is_in_rollback);
                reports.add(number, &rule.about, problem);
            }
        }
    }
}
