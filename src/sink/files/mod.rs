//! Into files or to stdout. A file bears its final name only once it is whole.

pub mod directory;
pub mod manifest;

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use crate::domain::explicit::ids;
use crate::error::Result;
use crate::plan::Plan;
use crate::report::TableReport;
use crate::sink::encode::{Encoder, Format};
use crate::sink::files::directory::Directory;
use crate::sink::generate::RowStream;
use crate::ui::Progress;

/// Name of the file that holds all tables of a script.
const SCRIPT: &str = "crm";

/// Where the rows are written.
pub enum Sink {
    /// Files in a directory.
    Directory(Directory),
    /// All to stdout, one table after the other.
    Stdout,
}

impl Sink {
    /// Into this directory, which is made where it is not there.
    ///
    /// # Errors
    /// See [`Directory::open`].
    pub fn directory(path: &Path, plan: &Plan, format: Format, force: bool) -> Result<Self> {
        let names: Vec<String> = match format.is_script() {
            true => vec![file_name(SCRIPT, format)],
            false => plan.tables.iter().map(|table| file_name(table.name(), format)).collect(),
        };
        Ok(Self::Directory(Directory::open(path, &names, force)?))
    }
}

/// What stands before and after all tables of a script.
fn frame(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Sql => ("-- Made by crm-seed.\nBEGIN;\n\n", "\nCOMMIT;\n"),
        Format::Copy => ("-- Made by crm-seed, for psql.\n\\set ON_ERROR_STOP on\nBEGIN;\n\n", "COMMIT;\n"),
        Format::Csv | Format::JsonLines => ("", ""),
    }
}

/// What a load into a database does after the rows: sequences behind the highest keys of base rows, and
/// materialized views that show the tables refreshed. In SQL that any runner takes.
fn epilogue(plan: &Plan) -> String {
    let mut sql = String::new();
    for table in plan.tables.iter().filter(|table| table.key() == ["id"]) {
        let name = &table.header.table;
        sql.push_str(&format!(
            "SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name} WHERE id < {};\n",
            ids::FIRST
        ));
    }
    let names: Vec<String> =
        plan.tables.iter().map(|table| format!("'{}'::regclass", table.header.table)).collect();
    sql.push_str(&format!(
        "DO $$ DECLARE shown regclass; BEGIN
  FOR shown IN
    SELECT DISTINCT c.oid::regclass FROM pg_rewrite r
    JOIN pg_class c ON c.oid = r.ev_class AND c.relkind = 'm' AND c.relispopulated
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_class'::regclass
    WHERE d.refobjid IN ({})
  LOOP EXECUTE format('REFRESH MATERIALIZED VIEW %s', shown); END LOOP;
END $$;
",
        names.join(", ")
    ));
    sql
}

/// Writes all rows of `plan`.
///
/// # Errors
/// A directory or file that cannot be written, and which; the finished files of a run that
/// fails later are not there either.
pub async fn write(
    plan: &Plan,
    generator: &mut RowStream,
    encoder: &dyn Encoder,
    format: Format,
    sink: Sink,
    progress: &mut Progress,
) -> Result<Vec<TableReport>> {
    let mut output = Output::open(sink, format)?;
    output.write(frame(format).0.as_bytes())?;
    let mut reports = Vec::new();
    let mut next = generator.next().await?;
    let mut edge = Vec::new();
    for (position, table) in plan.tables.iter().enumerate() {
        let started = Instant::now();
        output.begin_table(table.name())?;
        edge.clear();
        encoder.begin(&table.header, &mut edge);
        output.write(&edge)?;
        let mut bytes = edge.len() as u64;
        while let Some(chunk) = next.take_if(|chunk| chunk.table == position) {
            output.write(&chunk.bytes)?;
            bytes += chunk.bytes.len() as u64;
            progress.advance(position, chunk.rows);
            generator.recycle(chunk.bytes);
            next = generator.next().await?;
        }
        edge.clear();
        encoder.end(&table.header, &mut edge);
        output.write(&edge)?;
        bytes += edge.len() as u64;
        let seconds = started.elapsed().as_secs_f64();
        reports.push(table.report(bytes, seconds));
    }
    if format.is_script() {
        output.write(epilogue(plan).as_bytes())?;
    }
    output.write(frame(format).1.as_bytes())?;
    output.finish()?;
    Ok(reports)
}

enum Output {
    Directory { directory: Directory, format: Format },
    Stdout(BufWriter<std::io::Stdout>),
}

impl Output {
    fn open(sink: Sink, format: Format) -> Result<Self> {
        match sink {
            Sink::Stdout => Ok(Self::Stdout(BufWriter::with_capacity(1 << 16, std::io::stdout()))),
            Sink::Directory(mut directory) => {
                if format.is_script() {
                    directory.create(file_name(SCRIPT, format))?;
                }
                Ok(Self::Directory { directory, format })
            }
        }
    }

    fn begin_table(&mut self, table: &str) -> Result<()> {
        match self {
            Self::Directory { directory, format } if !format.is_script() => {
                directory.create(file_name(table, *format))
            }
            // A script is one file.
            Self::Directory { .. } | Self::Stdout(_) => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        match self {
            Self::Stdout(out) => Ok(out.write_all(bytes)?),
            Self::Directory { directory, .. } => directory.write(bytes),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut out) => Ok(out.flush()?),
            Self::Directory { directory, .. } => directory.finish(),
        }
    }
}

fn file_name(stem: &str, format: Format) -> String {
    format!("{stem}.{}", format.extension())
}
