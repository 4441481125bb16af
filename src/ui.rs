//! Progress, sealed in here: a bar a table, on a terminal only, and only once the work has
//! lasted long enough for somebody to wonder.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::terminal;

/// Faster work shows no bar.
const PATIENCE: Duration = Duration::from_millis(700);

/// The bars of one run.
pub struct Progress {
    started: Instant,
    wanted: bool,
    tables: Vec<(String, u64)>,
    done: Vec<u64>,
    bars: Option<Bars>,
}

struct Bars {
    all: MultiProgress,
    tables: Vec<ProgressBar>,
    /// What goes on after the rows.
    last: Option<ProgressBar>,
}

impl Progress {
    /// Bars for `tables` and their rows; none where `quiet`, or where stderr is no terminal.
    pub fn new(tables: impl IntoIterator<Item = (String, u64)>, quiet: bool) -> Self {
        let tables: Vec<_> = tables.into_iter().collect();
        Self {
            started: Instant::now(),
            wanted: !quiet && std::io::stderr().is_terminal(),
            done: vec![0; tables.len()],
            tables,
            bars: None,
        }
    }

    /// `rows` more of table number `table` are done.
    pub fn advance(&mut self, table: usize, rows: u64) {
        self.done[table] += rows;
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        let bars = match &mut self.bars {
            Some(bars) => bars,
            none => none.insert(bars(&self.tables)),
        };
        for (bar, done) in bars.tables.iter().zip(&self.done) {
            bar.set_position(*done);
        }
    }

    /// The rows are through, but the work is not.
    pub fn then(&mut self, what: &'static str) {
        if let Some(bars) = &mut self.bars {
            let spinner = bars.all.add(ProgressBar::new_spinner().with_message(what));
            spinner.enable_steady_tick(Duration::from_millis(100));
            bars.last = Some(spinner);
        }
    }

    /// Takes the bars away.
    pub fn finish(&mut self) {
        if let Some(bars) = self.bars.take() {
            bars.tables.iter().chain(&bars.last).for_each(ProgressBar::finish_and_clear);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn bars(tables: &[(String, u64)]) -> Bars {
    let all = MultiProgress::new();
    let names: Vec<String> = tables.iter().map(|(name, _)| terminal::name(name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let template = format!("{{prefix:{width}}} {{bar:30}} {{human_pos:>11}} / {{human_len}}");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = |(name, (_, rows)): (String, &(String, u64))| {
        all.add(ProgressBar::new(*rows).with_style(style.clone()).with_prefix(name))
    };
    let tables = names.into_iter().zip(tables).map(bar).collect();
    Bars { all, tables, last: None }
}

/// Tells something in a line while the work goes on.
pub fn tell(line: &str) {
    terminal::tell(&format!("{line}\n"));
}

/// What somebody said to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `y`: for this run.
    Yes,
    /// `always`: for all runs to come.
    Always,
    /// Any other answer.
    No,
}

/// Asks a yes-or-no question on the terminal; `None` where there is nobody to ask.
pub fn confirm(question: &str) -> Option<bool> {
    ask(&format!("{question} [y/N]")).map(|answer| answer == Answer::Yes)
}

/// Asks a question on the terminal, which says what may be answered; `None` where there is nobody to ask.
pub fn ask(question: &str) -> Option<Answer> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    terminal::tell(&format!("{question} "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).ok()?;
    Some(match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        "a" | "always" => Answer::Always,
        _ => Answer::No,
    })
}
