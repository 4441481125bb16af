//! What cannot be parsed.

use crate::migrate::lint::about::About;
use crate::migrate::lint::context::Problem;
use crate::migrate::lint::file::File;
use crate::migrate::lint::finding::Level;

pub const ABOUT: About = About {
    id: "syntax-error",
    level: Level::Warning,
    summary: "SQL that cannot be parsed here",
    why: "Rules see nothing of a statement that is not understood. Whether it is wrong is for the server to say: its \
          version may know more than this parser.",
    mend: "correct the statement, or see with `migrate try` or `migrate rehearse` whether the server takes it",
    bad: "CREATE TABLE (a int);\n",
    good: "CREATE TABLE t (a int);\n",
    in_rollbacks: true,
};

/// The first error of a file. Those behind it mostly follow from it.
pub fn problems(file: &File<'_>) -> Vec<Problem> {
    if file.is_too_deep {
        return vec![Problem::new(
            0..0,
            "the file is nested too deep to be parsed; no rule has looked at it",
        )];
    }
    let errors = file.parse.errors();
    let Some(first) = errors.first() else { return Vec::new() };
    let more = match errors.len() {
        1 => String::new(),
        all => format!(" (and {} more in this file)", all - 1),
    };
    let range = usize::from(first.range().start())..usize::from(first.range().end());
    vec![Problem::new(range, format!("syntax error: {}{more}", first.message()))]
}
