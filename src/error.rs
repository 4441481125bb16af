//! Errors as data: what kind (which decides the exit code), what happened, why, and what to do.
//!
//! An error says its own part only; what lies behind it is its source, as [`std::error::Error`] has it. `{error}` is
//! that one part, `{error:#}` the whole line for people: `loading contacts: duplicate key value ...`.

use std::fmt;

/// `Result` with our [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is. Each is an exit code; see [`Kind::exit_code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command failed.
    Failed,
    /// The command line or a file of the user's is wrong.
    Usage,
    /// Refused because something could be lost.
    Refused,
    /// The database could not be reached.
    Unreachable,
    /// The data breaks rules.
    Violations,
    /// The reader of our output went away: no error.
    BrokenPipe,
    /// Ctrl-C or a termination signal.
    Interrupted,
}

impl Kind {
    /// The exit code of the process.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::BrokenPipe => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Unreachable => 4,
            Self::Violations => 5,
            Self::Interrupted => 130,
        }
    }
}

/// What stands behind an error: one of ours, or of a library.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What the server tells of an error beside its message. None of it depends on the server's language, but for
/// `context`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerError {
    /// SQLSTATE: the five characters by which the server tells what it is.
    pub sqlstate: String,
    /// The constraint that a row breaks.
    pub constraint: Option<String>,
    /// The function of the server's own source that reports it: it tells apart what shares a SQLSTATE.
    pub routine: Option<String>,
    /// The character of the statement, from 1, at which it was found.
    pub position: Option<usize>,
    /// In which functions and statements it happened, the innermost first, a line each.
    pub context: Option<String>,
}

/// An error with its kind, message, hint and causes.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<Source>,
    hint: Option<String>,
    server: Option<Box<ServerError>>,
    is_connection_lost: bool,
}

impl Error {
    /// A failure of `kind`.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message, source: None, hint: None, server: None, is_connection_lost: false }
    }

    /// The command failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Refused, because data could be lost or the target is not allowed.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// The same, with what stands behind it. Its hint counts where there is none of its own.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An error that says what was being done, with this one behind it.
    #[must_use]
    pub fn context(self, what: impl fmt::Display) -> Self {
        Self::new(self.kind, what.to_string()).with_source(self)
    }

    /// The same in other words; what lies behind it stays.
    #[must_use]
    pub fn reworded(mut self, words: impl FnOnce(&str) -> String) -> Self {
        self.message = words(&self.message);
        self
    }

    /// The same, of another kind.
    #[must_use]
    pub const fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same, with what the server tells of it.
    #[must_use]
    pub fn of_server(mut self, server: ServerError) -> Self {
        self.server = Some(Box::new(server));
        self
    }

    /// The same, as the connection is gone: nobody knows what the server made of the last statement.
    #[must_use]
    pub const fn connection_lost(mut self) -> Self {
        self.is_connection_lost = true;
        self
    }

    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What to do about it, where we know.
    pub fn hint(&self) -> Option<&str> {
        self.ours().find_map(|error| error.hint.as_deref())
    }

    /// What the server tells of it; none where it is not the server's.
    pub fn server(&self) -> Option<&ServerError> {
        self.ours().find_map(|error| error.server.as_deref())
    }

    /// The five characters by which the server tells what it is; none where it is not the server's.
    pub fn sqlstate(&self) -> Option<&str> {
        self.server().map(|server| server.sqlstate.as_str())
    }

    /// Whether the connection is gone.
    pub fn is_connection_lost(&self) -> bool {
        self.ours().any(|error| error.is_connection_lost)
    }

    /// Its own part, without what lies behind it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What lies behind it, each in its own words, from the nearest to the first. Libraries like to say the cause in
    /// the message too: it is not said again then.
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = std::error::Error::source(self);
        while let Some(source) = next {
            let text = source.to_string();
            if !causes.last().unwrap_or(&self.message).ends_with(&text) {
                causes.push(text);
            }
            next = source.source();
        }
        causes
    }

    /// This error, and those of ours behind it.
    fn ours(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |error| error.source.as_ref()?.downcast_ref())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if f.alternate() {
            self.causes().iter().try_for_each(|cause| write!(f, ": {cause}"))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::new(Kind::BrokenPipe, "the output was closed by its reader")
        } else {
            Self::failed(error.to_string()).with_source(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::io;

    use super::*;

    fn of_the_server() -> Error {
        let server = ServerError { sqlstate: "23505".into(), ..ServerError::default() };
        Error::failed("duplicate key").of_server(server).with_hint("the server's hint")
    }

    #[test]
    fn an_error_says_its_own_part_and_with_its_sources_each_once() {
        let error = of_the_server().context("loading contacts").context("a run");
        assert_eq!(error.to_string(), "a run");
        assert_eq!(format!("{error:#}"), "a run: loading contacts: duplicate key");
        assert_eq!(error.causes(), ["loading contacts", "duplicate key"]);
        let source = error.source().and_then(|source| source.source()).map(ToString::to_string);
        assert_eq!(source.as_deref(), Some("duplicate key"));
    }

    #[test]
    fn what_is_known_of_the_source_is_known_of_the_error() {
        let error = of_the_server().context("loading contacts");
        assert_eq!((error.sqlstate(), error.hint()), (Some("23505"), Some("the server's hint")));
        assert_eq!(error.with_hint("another").hint(), Some("another"));
        let refused = Error::refused("not so").with_source(of_the_server());
        assert_eq!((refused.kind(), refused.sqlstate()), (Kind::Refused, Some("23505")));
        assert_eq!(Error::usage("typed").context("read").kind(), Kind::Usage);
        assert!(Error::failed("gone").connection_lost().context("committing").is_connection_lost());
        assert!(!refused.is_connection_lost() && Error::failed("ours").sqlstate().is_none());
    }

    #[test]
    fn other_words_keep_what_lies_behind() {
        let error = of_the_server().context("committing").reworded(|message| format!("{message} them"));
        assert_eq!(format!("{error:#}"), "committing them: duplicate key");
        assert_eq!(error.sqlstate(), Some("23505"));
    }

    #[test]
    fn what_a_library_says_of_its_own_cause_is_not_said_again() {
        let reset = || io::Error::new(io::ErrorKind::ConnectionReset, "reset by peer");
        let error = Error::failed("lost").with_source(sqlx::Error::Io(reset()));
        assert_eq!(format!("{error:#}"), "lost: error communicating with database: reset by peer");
        let error = Error::from(reset());
        assert_eq!(
            (error.to_string(), format!("{error:#}")),
            ("reset by peer".into(), "reset by peer".into())
        );
        let kind = error.source().and_then(|source| source.downcast_ref()).map(io::Error::kind);
        assert_eq!(kind, Some(io::ErrorKind::ConnectionReset));
    }
}
