//! Into files or to stdout. A file bears its final name only once it is whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use tempfile::NamedTempFile;

use crate::crm::explicit::ids;
use crate::encode::{Encoder, Format};
use crate::error::{Error, Result};
use crate::generate::Generator;
use crate::plan::Plan;
use crate::report::TableReport;
use crate::ui::Progress;

/// Name of the file that holds all tables of a script.
const SCRIPT: &str = "crm";

/// Where files go.
pub enum Sink {
    /// Into a directory, which is made where it is not there.
    Directory(PathBuf),
    /// All to stdout, one table after the other.
    Stdout,
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
        let name = &table.heading.table;
        sql.push_str(&format!(
            "SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name} WHERE id < {};\n",
            ids::FIRST
        ));
    }
    let names: Vec<String> =
        plan.tables.iter().map(|table| format!("'{}'::regclass", table.heading.table)).collect();
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
    generator: &mut Generator,
    encoder: &dyn Encoder,
    format: Format,
    sink: &Sink,
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
        encoder.begin(&table.heading, &mut edge);
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
        encoder.end(&table.heading, &mut edge);
        output.write(&edge)?;
        bytes += edge.len() as u64;
        let seconds = started.elapsed().as_secs_f64();
        let name = table.name().to_owned();
        reports.push(TableReport { name, rows: table.all_rows(), bytes, seconds, digest: String::new() });
    }
    if format.is_script() {
        output.write(epilogue(plan).as_bytes())?;
    }
    output.write(frame(format).1.as_bytes())?;
    output.finish()?;
    Ok(reports)
}

/// Puts a file in the place of another, or where none is, at once.
///
/// # Errors
/// What cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.is_dir() {
        return Err(Error::failed(format!("cannot write {}: it is a directory", path.display())));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let write = || {
        let mut file = temporary("crm-seed", parent.unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    };
    write().map(drop).map_err(|error| fault(path, &error))
}

/// A file that is not there under its name yet.
fn temporary(name: &str, directory: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What an ordinary file gets, before the umask; a temporary one is for its owner only.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.prefix(&format!(".{name}-")).suffix(".part").tempfile_in(directory)
}

/// Files under temporary names, and the names that they get in the end.
struct Directory {
    path: PathBuf,
    format: Format,
    done: Vec<(NamedTempFile, PathBuf)>,
    current: Option<(BufWriter<NamedTempFile>, PathBuf)>,
}

enum Output {
    Directory(Directory),
    Stdout(BufWriter<std::io::Stdout>),
}

impl Output {
    fn open(sink: &Sink, format: Format) -> Result<Self> {
        match sink {
            Sink::Stdout => Ok(Self::Stdout(BufWriter::with_capacity(1 << 16, std::io::stdout()))),
            Sink::Directory(path) => {
                std::fs::create_dir_all(path).map_err(|error| fault(path, &error))?;
                let mut directory = Directory { path: path.clone(), format, done: Vec::new(), current: None };
                if format.is_script() {
                    directory.create(SCRIPT)?;
                }
                Ok(Self::Directory(directory))
            }
        }
    }

    fn begin_table(&mut self, table: &str) -> Result<()> {
        match self {
            Self::Directory(directory) if !directory.format.is_script() => directory.create(table),
            _ => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        match self {
            Self::Stdout(out) => Ok(out.write_all(bytes)?),
            Self::Directory(Directory { current: Some((file, path)), .. }) => {
                file.write_all(bytes).map_err(|error| fault(path, &error))
            }
            Self::Directory(_) => Ok(()),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut out) => Ok(out.flush()?),
            Self::Directory(mut directory) => {
                directory.close()?;
                if let Some((_, path)) = directory.done.iter().find(|(_, path)| path.is_dir()) {
                    return Err(Error::failed(format!("cannot write {}: it is a directory", path.display())));
                }
                // All are whole: now they get their names.
                for (file, path) in directory.done {
                    file.persist(&path).map_err(|error| fault(&path, &error.error))?;
                }
                Ok(())
            }
        }
    }
}

impl Directory {
    fn create(&mut self, name: &str) -> Result<()> {
        self.close()?;
        let path = self.path.join(format!("{name}.{}", self.format.extension()));
        let file = temporary(name, &self.path).map_err(|error| fault(&path, &error))?;
        self.current = Some((BufWriter::with_capacity(1 << 16, file), path));
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        if let Some((file, path)) = self.current.take() {
            let file = file.into_inner().map_err(|error| fault(&path, error.error()))?;
            File::sync_all(file.as_file()).map_err(|error| fault(&path, &error))?;
            self.done.push((file, path));
        }
        Ok(())
    }
}

fn fault(path: &Path, error: &std::io::Error) -> Error {
    Error::failed(format!("cannot write {}: {error}", path.display()))
}
