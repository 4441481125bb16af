//! A migration that is yet to be written.

/// What one migration is to say, below its header.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name without the timestamp.
    pub name: String,
    pub description: String,
    pub up: String,
    /// What its rollback does, for the header of the rollback.
    pub down_description: String,
    pub down: String,
    /// Whether one transaction is around it, both ways.
    pub in_transaction: bool,
}

impl Draft {
    /// One that runs in a transaction.
    pub fn new(name: impl Into<String>, description: impl Into<String>, up: String) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            up,
            down_description: String::new(),
            down: String::new(),
            in_transaction: true,
        }
    }

    /// The same, with what rolls it back.
    #[must_use]
    pub fn undone_by(mut self, description: impl Into<String>, down: String) -> Self {
        (self.down_description, self.down) = (description.into(), down);
        self
    }

    /// The same, each statement on its own.
    #[must_use]
    pub const fn without_transaction(mut self) -> Self {
        self.in_transaction = false;
        self
    }
}
