//! Plan to encoded rows: in parallel, in order, in bounded memory.
//!
//! Invariants: rows are cut into chunks of a fixed number, whatever the number of workers or
//! the load method, so that neither can reach the digest; worker *w* of *n* makes chunks *w*,
//! *w + n*, ..., and the consumer takes from the workers in turn, so that the order needs no
//! sorting; a worker is at most `AHEAD` chunks ahead, and buffers come back to be used again.

use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc;

use crate::catalog::MONEY_DIGITS;
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::plan::{Plan, TablePlan};
use crate::sink::encode::Encoder;
use crate::sink::encode::copy_text;
use crate::value::Batch;

/// Rows in a chunk. Part of the digest's definition: another number is another digest.
pub const CHUNK: u64 = 1024;
/// Finished chunks that a worker may have waiting.
const AHEAD: usize = 2;

/// A run of encoded rows.
#[derive(Debug)]
pub struct Chunk {
    /// Position of the table in the plan.
    pub table: usize,
    /// Number of rows in the chunk.
    pub rows: u64,
    /// The rows as the encoder writes them.
    pub bytes: Vec<u8>,
    /// Hash of the rows as COPY text.
    hash: blake3::Hash,
}

struct Worker {
    chunks: mpsc::Receiver<Chunk>,
    used: std::sync::mpsc::Sender<Vec<u8>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// The rows of a plan, in order.
pub struct RowStream {
    workers: Vec<Worker>,
    next: usize,
    chunks_left: u64,
    digests: Vec<blake3::Hasher>,
}

/// Rows of one table that are made in the same way.
#[derive(Clone, Copy)]
struct Run {
    /// Position of the table in the plan.
    table: usize,
    /// They were spelled out.
    is_explicit: bool,
    rows: u64,
}

/// The rows of a plan: of each table the base rows, then the explicit ones, in chunks of their own,
/// so that these move no digest of those.
fn runs(plan: &Plan) -> Vec<Run> {
    let of = |(table, planned): (usize, &TablePlan)| {
        [(false, planned.rows), (true, planned.explicit)].map(|(is_explicit, rows)| Run {
            table,
            is_explicit,
            rows,
        })
    };
    plan.tables.iter().enumerate().flat_map(of).collect()
}

/// A chunk to be made: which rows of which run.
fn task(runs: &[Run], mut number: u64) -> Option<(Run, std::ops::Range<u64>)> {
    for run in runs {
        let chunks = run.rows.div_ceil(CHUNK);
        if number < chunks {
            let start = number * CHUNK;
            return Some((*run, start..(start + CHUNK).min(run.rows)));
        }
        number -= chunks;
    }
    None
}

impl RowStream {
    /// Starts `jobs` workers (at least one) on `plan`.
    pub fn start(dataset: &Arc<Dataset>, plan: &Arc<Plan>, encoder: Arc<dyn Encoder>, jobs: usize) -> Self {
        let runs = runs(plan);
        let chunks: u64 = runs.iter().map(|run| run.rows.div_ceil(CHUNK)).sum();
        let jobs = (jobs as u64).min(chunks).max(1);
        let workers = (0..jobs).map(|number| {
            let (send, chunks) = mpsc::channel(AHEAD);
            let (used, buffers) = std::sync::mpsc::channel();
            let work = Work {
                dataset: Arc::clone(dataset),
                plan: Arc::clone(plan),
                encoder: Arc::clone(&encoder),
                runs: runs.clone(),
                tasks: (number, jobs),
            };
            let thread = thread::spawn(move || work.run(&send, &buffers));
            Worker { chunks, used, thread: Some(thread) }
        });
        let digests = plan.tables.iter().map(|table| {
            let mut hasher = blake3::Hasher::new();
            // The names of the domain, not of the target's schema: a file and a database agree.
            hasher.update(table.name().as_bytes());
            for column in &table.header.columns {
                hasher.update(b"\0");
                hasher.update(column.as_bytes());
            }
            hasher
        });
        Self { workers: workers.collect(), next: 0, chunks_left: chunks, digests: digests.collect() }
    }

    /// The next chunk; `None` after the last.
    ///
    /// # Errors
    /// Where a worker died, which is a bug of ours.
    pub async fn next(&mut self) -> Result<Option<Chunk>> {
        if self.chunks_left == 0 {
            return Ok(None);
        }
        let worker = &mut self.workers[self.next];
        let Some(chunk) = worker.chunks.recv().await else {
            return Err(Error::failed("a generator thread crashed: please report this as a bug"));
        };
        self.next = (self.next + 1) % self.workers.len();
        self.chunks_left -= 1;
        self.digests[chunk.table].update(chunk.hash.as_bytes());
        Ok(Some(chunk))
    }

    /// Takes a chunk's buffer back. Chunks come in turn, and so do the buffers.
    pub fn recycle(&self, buffer: Vec<u8>) {
        let worker = (self.next + self.workers.len() - 1) % self.workers.len();
        // A worker that is done needs no buffers any more.
        let _ = self.workers[worker].used.send(buffer);
    }

    /// The digest of each table, and of all: hex digits of 128 bits.
    pub fn digests(&self) -> (Vec<String>, String) {
        let mut all = blake3::Hasher::new();
        let tables = self.digests.iter().map(|hasher| {
            let hash = hasher.finalize();
            all.update(hash.as_bytes());
            short(hash)
        });
        let tables = tables.collect();
        (tables, short(all.finalize()))
    }
}

/// The digest of two digests.
pub fn joined(first: &str, second: &str) -> String {
    short(blake3::hash(format!("{first} {second}").as_bytes()))
}

fn short(hash: blake3::Hash) -> String {
    hash.to_hex()[..32].to_owned()
}

impl Drop for RowStream {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            worker.chunks.close();
        }
        for worker in &mut self.workers {
            while worker.chunks.try_recv().is_ok() {}
            if let Some(thread) = worker.thread.take() {
                // A panic there has been told as an error already.
                let _ = thread.join();
            }
        }
    }
}

struct Work {
    dataset: Arc<Dataset>,
    plan: Arc<Plan>,
    encoder: Arc<dyn Encoder>,
    runs: Vec<Run>,
    tasks: (u64, u64),
}

impl Work {
    fn run(&self, send: &mpsc::Sender<Chunk>, buffers: &std::sync::mpsc::Receiver<Vec<u8>>) {
        let (mut number, step) = self.tasks;
        let mut batch = Batch::default();
        let mut canonical = Vec::new();
        let mut source = None;
        while let Some((Run { table, is_explicit, .. }, rows)) = task(&self.runs, number) {
            number += step;
            let planned = &self.plan.tables[table];
            let count = rows.end - rows.start;
            if is_explicit {
                planned.fill_explicit(&self.dataset, rows, &mut batch);
            } else {
                let source = match &mut source {
                    Some((current, source)) if *current == table => source,
                    other => &mut other.insert((table, planned.source(&self.dataset))).1,
                };
                source.fill(rows, &mut batch);
            }
            if self.plan.money_digits != MONEY_DIGITS {
                let columns = planned.columns.iter().enumerate();
                for (at, _) in columns.filter(|(_, column)| column.type_name == "money") {
                    batch.restore_money(at, self.plan.money_digits);
                }
            }
            if !self.plan.letters.are_all() {
                batch.rewrite(|text| self.plan.letters.write(text));
            }
            let mut bytes = buffers.try_recv().unwrap_or_default();
            bytes.clear();
            self.encoder.rows(&planned.header, &batch, &mut bytes);
            let hash = if self.encoder.is_canonical() {
                blake3::hash(&bytes)
            } else {
                canonical.clear();
                copy_text::write_rows(&batch, &mut canonical);
                blake3::hash(&canonical)
            };
            if send.blocking_send(Chunk { table, rows: count, bytes, hash }).is_err() {
                return;
            }
        }
    }
}
