//! `make bench`: speed and memory as ratios within one run, against the targets that we hold
//! ourselves to. Nothing here fails a build: machines differ, ratios drift; it prints a table.
//!
//! The server is a real one with PostgreSQL's own defaults for durability, not the settings with
//! which the tests save time: what is measured is what a user would wait for.

#[allow(dead_code, unused_imports, reason = "the tests' harness, of which a benchmark needs a part")]
#[path = "../tests/it/harness/mod.rs"]
mod harness;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crm_seed::calendar::Day;
use crm_seed::catalog::introspect;
use crm_seed::db::query::execute;
use crm_seed::db::target::{self, Wanted};
use crm_seed::domain::dataset::{Dataset, Origin};
use crm_seed::infer::overrides::Overrides;
use crm_seed::infer::table_selection::ExistingRows;
use crm_seed::plan::Plan;
use crm_seed::scenario::Scenario;
use crm_seed::sink::encode::copy_text;
use crm_seed::value::Batch;

use harness::{Crm, Database, Server};

/// Multiples of the default counts that make about two million, a hundred thousand and ten
/// million rows.
const TWO_MILLION: u64 = 2400;
const HUNDRED_THOUSAND: u64 = 121;
const TEN_MILLION: u64 = 12_150;

fn main() {
    // `cargo test --benches` runs benchmarks with `--test`: there is nothing to test here.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("{:58} {:>12} {:>12} {:>7}  target", "what", "crm-seed", "other", "ratio");
    // `cargo bench --bench bench -- drifted` prints the lines of drifted schemas alone.
    if std::env::args().any(|argument| argument == "drifted") {
        if let Some(server) = server() {
            drifted(&server);
        }
        return;
    }
    generation();
    memory();
    let Some(server) = server() else { return };
    drifted(&server);
    let database = server.database();
    Crm::new().ok(&format!("migrate up {}", database.option()));
    small_job(&database);
    bulk_load(&database);
}

fn line(what: &str, ours: &str, other: &str, ratio: f64, target: &str) {
    println!("{what:58} {ours:>12} {other:>12} {ratio:>7.2}  {target}");
}

/// A server as `initdb` leaves it.
fn server() -> Option<Server> {
    let mut server = Server::start()?;
    let settings = [
        "fsync",
        "full_page_writes",
        "synchronous_commit",
        "autovacuum",
        "wal_level",
        "max_wal_senders",
        "shared_buffers",
    ];
    for setting in settings {
        // The harness appends its settings to the file; ALTER SYSTEM overrides them.
        let default = match setting {
            "wal_level" => "'replica'",
            "max_wal_senders" => "10",
            "shared_buffers" => "'128MB'",
            _ => "on",
        };
        server.database_called("postgres").run(&format!("ALTER SYSTEM SET {setting} = {default}"));
    }
    server.stop();
    server.run();
    Some(server)
}

/// Rows made in this process by one thread, to nowhere.
fn generation() {
    let run = |scale: u64, encode: bool| {
        let mut scenario = Scenario::default_scenario();
        scenario.counts = scenario.counts.scaled(scale).expect("counts");
        let dataset =
            Dataset::new(42, Day::DEFAULT_AS_OF, &scenario.counts, &scenario.weights, Origin::default())
                .expect("a world");
        let plan = Plan::of_domain(&dataset);
        let (mut batch, mut bytes) = (Batch::default(), Vec::new());
        let started = Instant::now();
        for table in &plan.tables {
            let mut source = table.source(&dataset);
            for start in (0..table.rows).step_by(1024) {
                source.fill(start..(start + 1024).min(table.rows), &mut batch);
                if encode {
                    bytes.clear();
                    copy_text::write_rows(&batch, &mut bytes);
                }
            }
        }
        started.elapsed().as_secs_f64() / plan.rows() as f64 * 1e9
    };
    run(HUNDRED_THOUSAND, true);
    // As many rows in each sample of the small size as of the large one has time for.
    let mean =
        |scale, encode, times: u32| (0..times).map(|_| run(scale, encode)).sum::<f64>() / f64::from(times);
    let best = |scale, encode, times| (0..3).map(|_| mean(scale, encode, times)).fold(f64::MAX, f64::min);
    for (what, encode) in [("rows generated", false), ("rows generated and written as COPY text", true)] {
        let small = best(HUNDRED_THOUSAND, encode, 30);
        let large = best(TEN_MILLION, encode, 1);
        let rate = format!("{:.2} M/s", 1e3 / large);
        line(&format!("{what}, one core, 10 M rows"), &rate, "1 M/s", 1e3 / large, "at least 1");
        let (a, b) = (format!("{large:.0} ns"), format!("{small:.0} ns"));
        line("  time per row, 10 M rows against 100 k", &a, &b, large / small, "no increase");
    }
}

/// Rows of schemas that moved away from the bundled one, made in this process by one thread, to nowhere.
fn drifted(server: &Server) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for name in ["companies", "documents", "all_checks"] {
        let database = server.database();
        let path = format!("{}/fixtures/schemas/{name}.sql", env!("CARGO_MANIFEST_DIR"));
        database.run(&fs::read_to_string(path).expect("a schema"));
        let wanted = Wanted { url: Some(database.url().to_owned()), ..Wanted::default() };
        let schema = runtime.block_on(async {
            let mut target = target::connect(&wanted).await.expect("the server");
            execute(&mut target.connection, "BEGIN").await.expect("a transaction");
            introspect(&mut target.connection).await.expect("a catalog")
        });
        let mut scenario = Scenario::default_scenario();
        scenario.counts = scenario.counts.scaled(20).expect("counts");
        let dataset =
            Dataset::new(42, Day::DEFAULT_AS_OF, &scenario.counts, &scenario.weights, Origin::default())
                .expect("a dataset");
        let (overrides, there) = (Overrides::default(), ExistingRows::new());
        let run = |plan: &Plan| {
            let (mut batch, started) = (Batch::default(), Instant::now());
            for table in &plan.tables {
                let mut source = table.source(&dataset);
                for start in (0..table.rows).step_by(1024) {
                    source.fill(start..(start + 1024).min(table.rows), &mut batch);
                }
            }
            started.elapsed().as_secs_f64() / plan.rows() as f64 * 1e9
        };
        let domain = run(&Plan::of_domain(&dataset));
        let plan = Plan::of_target(&dataset, &schema, &overrides, &there).expect("a plan");
        let ours = (0..3).map(|_| run(&plan)).fold(f64::MAX, f64::min);
        let (a, b) = (format!("{:.0} ns", ours), format!("{:.0} ns", domain));
        line(
            &format!("a row of {name}.sql against a bundled one"),
            &a,
            &b,
            ours / domain,
            "as low as possible",
        );
    }
}

/// The most memory that a process had, in MB, asked of the kernel until it ends.
fn peak_memory(mut command: Command) -> f64 {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("crm-seed");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    while child.try_wait().expect("the child").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let high_water = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = high_water.and_then(|value| value.split_whitespace().next()?.parse::<f64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0) / 1e3);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

fn memory() {
    let crm = Crm::new();
    let at = |scale| peak_memory(crm.command(&format!("generate --out - --format copy --scale {scale}")));
    let (small, large) = (at(HUNDRED_THOUSAND), at(TEN_MILLION));
    let (a, b) = (format!("{large:.1} MB"), format!("{small:.1} MB"));
    line("peak memory, 10 M rows against 100 k", &a, &b, large / small, "at most 1.20, under 150 MB");
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn timed(command: &mut Command) -> f64 {
    let started = Instant::now();
    let output = command.stdout(Stdio::null()).output().expect("a program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    started.elapsed().as_secs_f64()
}

/// The default job on a running server against the least that psql can do there.
fn small_job(database: &Database) {
    let crm = Crm::new();
    let seed = format!("--clean --yes --quiet {}", database.option());
    crm.ok(&seed);
    let situation = format!("--scenario {SITUATION} --quiet {}", database.option());
    crm.ok(&situation);
    let (mut ours, mut real, mut wrapper, mut truncate) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut named = Vec::new();
    let tables = TABLES.join(", ");
    for _ in 0..30 {
        ours.push(timed(&mut crm.command(&seed)));
        named.push(timed(&mut crm.command(&situation)));
        real.push(timed(database.program("psql").args(["-Xc", "SELECT 1"])));
        wrapper.push(timed(Command::new("psql").args(["-X", "-d", database.url(), "-c", "SELECT 1"])));
        let sql = format!("TRUNCATE {tables}");
        truncate.push(timed(database.program("psql").args(["-Xc", &sql])));
    }
    let (ours, real) = (median(ours) * 1e3, median(real) * 1e3);
    let text = |ms: f64| format!("{ms:.1} ms");
    let wrapper = median(wrapper) * 1e3;
    line("default job against `psql -c 'select 1'`", &text(ours), &text(wrapper), ours / wrapper, "under 4");
    line("  against the psql binary, without Debian's wrapper", &text(ours), &text(real), ours / real, "");
    let truncate = median(truncate) * 1e3;
    line("  against `psql -c 'TRUNCATE ...'` alone", &text(ours), &text(truncate), ours / truncate, "");
    let named = median(named) * 1e3;
    let what = "scenario of 16 rows against `psql -c 'select 1'`";
    line(what, &text(named), &text(wrapper), named / wrapper, "under 4");
    line("  against the psql binary, without Debian's wrapper", &text(named), &text(real), named / real, "");
}

/// A scenario that stands beside any base.
const SITUATION: &str = "multi-stakeholder";

const TABLES: [&str; 10] = [
    "organizations",
    "contacts",
    "products",
    "opportunities",
    "contact_organizations",
    "opportunity_participants",
    "opportunity_contacts",
    "opportunity_products",
    "product_inventory",
    "tasks",
];

/// Two million rows end to end against psql, which finds them in files.
fn bulk_load(database: &Database) {
    let crm = Crm::new();
    let files = tempfile::tempdir().expect("a directory");
    let script = files.path().join("load.sql");
    crm.ok(&format!("generate --quiet --format copy --scale {TWO_MILLION} --out {}", files.path().display()));
    cut(&files.path().join("crm.sql"), files.path(), &script);
    let seed = format!("--clean --yes --quiet --scale {TWO_MILLION} {}", database.option());
    let (mut ours, mut psql) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        psql.push(timed(database.program("psql").args(["-Xq", "-v", "ON_ERROR_STOP=1", "-f"]).arg(&script)));
        ours.push(timed(&mut crm.command(&seed)));
    }
    let rows = database.number("SELECT count(*) FROM contacts");
    assert!(rows > 100_000, "the rows are there");
    let ratios: Vec<f64> = ours.iter().zip(&psql).map(|(a, b)| a / b).collect();
    let text = |seconds: f64| format!("{seconds:.1} s");
    line(
        "2 M rows against `psql \\copy` of files",
        &text(median(ours)),
        &text(median(psql)),
        median(ratios),
        "at most 1.05",
    );
}

/// Cuts a COPY script into a file of rows a table and a script that loads them by `\copy`, in one
/// transaction and after a TRUNCATE, as crm-seed does.
fn cut(source: &Path, directory: &Path, script: &Path) {
    let mut script = BufWriter::new(File::create(script).expect("the script"));
    writeln!(script, "BEGIN;\nTRUNCATE {};", TABLES.join(", ")).expect("the script");
    let mut rows: Option<BufWriter<File>> = None;
    for line in BufReader::new(File::open(source).expect("the rows")).lines() {
        let line = line.expect("a line");
        if let Some(heading) = line.strip_prefix("COPY ").and_then(|rest| rest.strip_suffix(" FROM stdin;")) {
            let table = heading.split(' ').next().unwrap_or_default();
            let path = directory.join(format!("{table}.rows"));
            writeln!(script, "\\copy {heading} from '{}'", path.display()).expect("the script");
            rows = Some(BufWriter::new(File::create(path).expect("a file")));
        } else if line == "\\." {
            rows = None;
        } else if let Some(rows) = &mut rows {
            writeln!(rows, "{line}").expect("a row");
        }
    }
    writeln!(script, "COMMIT;").expect("the script");
}
