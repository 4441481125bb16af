//! `crm-seed generate`: the same data without a database.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::cli::args::{DataArgs, OutputArgs, WorkArgs};
use crate::cli::failure::Json;
use crate::domain::GENERATOR_VERSION;
use crate::domain::dataset::Origin;
use crate::error::{Error, Result};
use crate::note::{Note, NoteKind};
use crate::plan::Plan;
use crate::report::Report;
use crate::run::handles::Handles;
use crate::run::seed::{self, digests, progress};
use crate::sink::encode::{Encoder, Format};
use crate::sink::files::{self, Sink};
use crate::sink::generate::RowStream;
use crate::terminal;

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FormatArg {
    /// One CSV file per table, with header
    Csv,
    /// One script of INSERT statements, for any SQL client
    Sql,
    /// One script of COPY blocks for psql
    Copy,
    /// One file per table, one JSON object per line
    Jsonl,
}

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory for the files, or - for stdout
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
    /// Format of the files
    #[arg(long, short, value_enum, default_value_t = FormatArg::Csv)]
    format: FormatArg,
    /// Write only this table (required for csv and jsonl on stdout)
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// Overwrite files that crm-seed did not write or that were edited
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Args {
    pub fn json(&self) -> Json {
        Json::new(self.output.json, self.is_to_stdout() || self.data.are_handles_on_stdout())
    }

    const fn format(&self) -> Format {
        match self.format {
            FormatArg::Csv => Format::Csv,
            FormatArg::Sql => Format::Sql,
            FormatArg::Copy => Format::Copy,
            FormatArg::Jsonl => Format::JsonLines,
        }
    }

    fn is_to_stdout(&self) -> bool {
        self.out.as_os_str() == "-"
    }

    /// Where the rows go. Before any is made: files that are in the way are no surprise at the end.
    fn sink(&self, plan: &Plan) -> Result<Sink> {
        match self.is_to_stdout() {
            true => Ok(Sink::Stdout),
            false => Sink::directory(&self.out, plan, self.format(), self.force),
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    args.data.check_handles()?;
    let scenario = args.data.scenario(true)?;
    let as_of = args.data.as_of(&scenario);
    let dataset = Arc::new(seed::dataset(args.data.seed, as_of, &scenario, Origin::default())?);
    let mut plan = Plan::of_domain(&dataset);
    if let Some(table) = &args.table {
        plan.keep_only(table)?;
    }
    let (format, to_stdout) = (args.format(), args.is_to_stdout());
    if to_stdout && args.data.are_handles_on_stdout() {
        return Err(Error::usage("--out - and --handles - cannot both write to stdout"));
    }
    if to_stdout && !format.is_script() && plan.tables.len() > 1 {
        return Err(Error::usage("csv and jsonl can only write one table to stdout")
            .with_hint("choose one with --table, write to a directory, or use --format sql or copy"));
    }
    let sink = args.sink(&plan)?;
    let plan = Arc::new(plan);
    let encoder: Arc<dyn Encoder> = Arc::from(format.encoder(args.work.batch_size));
    let mut progress = progress(&plan, args.output.quiet);
    let started = Instant::now();
    let mut generator = RowStream::start(&dataset, &plan, Arc::clone(&encoder), args.work.jobs());
    let mut tables =
        files::write(&plan, &mut generator, encoder.as_ref(), format, sink, &mut progress).await?;
    progress.finish();
    let handles = Handles::of(&dataset, &scenario);
    let handles_to_stdout = args.data.write_handles(|format| handles.text(format))?;
    if args.output.quiet {
        return Ok(());
    }
    let digest = digests(&generator, &mut tables);
    let target = if to_stdout { "stdout".to_owned() } else { args.out.display().to_string() };
    let mut report = Report::new(
        (args.data.seed, as_of, GENERATOR_VERSION, &scenario.name),
        (tables, digest),
        (target, format!("{:?}", args.format).to_lowercase()),
        started.elapsed(),
    );
    report.scenarios = seed::scenarios(&dataset, &scenario, None);
    report.notes.clone_from(&scenario.notes);
    if !scenario.expectations.is_empty() {
        let text = "expectations were not checked: that needs a database";
        report.notes.push(Note::new(NoteKind::ExpectationSkipped, text));
    }
    let text = report.print(args.output.json, args.output.verbose);
    if to_stdout || handles_to_stdout {
        // Stdout is the data's.
        terminal::tell_report(&text, args.output.json);
        return Ok(());
    }
    terminal::print_report(&text, args.output.json)
}
