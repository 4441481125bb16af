//! Lines of the draft of a configuration.

/// A description of what is done, and the setting that has the same effect.
#[derive(Debug)]
pub struct Line {
    /// What is done; empty where the setting says it.
    pub about: String,
    /// The setting, as a TOML line without the leading `#`.
    pub setting: Option<String>,
}
