//! Migration files that were written, as they are told.

use crate::error::Result;
use crate::migrate::new::Written;
use crate::terminal;

/// Prints the paths, one a line, or as a JSON array of migrations.
///
/// # Errors
/// Nobody reads the output any more.
pub fn print(files: &[Written], is_json: bool) -> Result<()> {
    if is_json {
        let entry = |written: &Written| {
            serde_json::json!({
                "name": written.name,
                "up": written.up.display().to_string(),
                "down": written.down.display().to_string(),
            })
        };
        let array: Vec<_> = files.iter().map(entry).collect();
        return terminal::print_data(&format!("{:#}\n", serde_json::Value::from(array)));
    }
    let lines = |written: &Written| format!("{}\n{}\n", written.up.display(), written.down.display());
    terminal::print(&files.iter().map(lines).collect::<String>())
}
