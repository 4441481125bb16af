//! PostgreSQL's eight modes of locking a table, and which of them stand in each other's way.

/// How a relation is locked, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

use LockMode as M;

impl LockMode {
    const ALL: [Self; 8] = [
        M::AccessShare,
        M::RowShare,
        M::RowExclusive,
        M::ShareUpdateExclusive,
        M::Share,
        M::ShareRowExclusive,
        M::Exclusive,
        M::AccessExclusive,
    ];

    /// Its name in `LOCK TABLE` and in the manual.
    pub const fn name(self) -> &'static str {
        match self {
            M::AccessShare => "ACCESS SHARE",
            M::RowShare => "ROW SHARE",
            M::RowExclusive => "ROW EXCLUSIVE",
            M::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            M::Share => "SHARE",
            M::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            M::Exclusive => "EXCLUSIVE",
            M::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// The mode that `LOCK TABLE` (`ACCESS SHARE`) or `pg_locks` (`AccessShareLock`) calls so.
    pub fn read(text: &str) -> Option<Self> {
        let letters = |text: &str| text.replace([' ', '_'], "").to_ascii_lowercase();
        let wanted = letters(text);
        let wanted = wanted.strip_suffix("lock").unwrap_or(&wanted);
        Self::ALL.into_iter().find(|mode| letters(mode.name()) == wanted)
    }

    /// The weakest mode that does not get along with this one: nor do those above it, with one exception.
    const fn first_conflict(self) -> Self {
        match self {
            M::AccessShare => M::AccessExclusive,
            M::RowShare => M::Exclusive,
            M::RowExclusive => M::Share,
            M::ShareUpdateExclusive => M::ShareUpdateExclusive,
            M::Share | M::ShareRowExclusive => M::RowExclusive,
            M::Exclusive => M::RowShare,
            M::AccessExclusive => M::AccessShare,
        }
    }

    /// Whether two sessions cannot have a table locked in these modes at a time.
    pub fn conflicts_with(self, other: Self) -> bool {
        // SHARE gets along with itself alone of the stronger modes.
        let is_share_twice = self == M::Share && other == M::Share;
        other >= self.first_conflict() && !is_share_twice
    }

    /// Whether others cannot write rows meanwhile.
    pub fn blocks_writes(self) -> bool {
        self.conflicts_with(Self::RowExclusive)
    }

    /// Whether others cannot even read meanwhile.
    pub fn blocks_reads(self) -> bool {
        self.conflicts_with(Self::AccessShare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_conflict_as_the_manual_says() {
        // Table 13.2 of the manual, the weakest mode first.
        let table =
            ["-------X", "------XX", "----XXXX", "---XXXXX", "--XX-XXX", "--XXXXXX", "-XXXXXXX", "XXXXXXXX"];
        for (one, row) in M::ALL.into_iter().zip(table) {
            for (other, mark) in M::ALL.into_iter().zip(row.chars()) {
                assert_eq!(one.conflicts_with(other), mark == 'X', "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn names_are_read_in_either_form() {
        assert_eq!(M::read("ShareRowExclusiveLock"), Some(M::ShareRowExclusive));
        assert_eq!(M::read("access exclusive"), Some(M::AccessExclusive));
        assert_eq!(M::read("SIReadLock"), None);
    }
}
