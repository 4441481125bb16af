//! The modes in which PostgreSQL locks a relation, from the weakest to the strongest.

/// A lock mode, as `LOCK TABLE` names it.
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

impl LockMode {
    const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::AccessShare, "AccessShareLock", "ACCESS SHARE"),
        (Self::RowShare, "RowShareLock", "ROW SHARE"),
        (Self::RowExclusive, "RowExclusiveLock", "ROW EXCLUSIVE"),
        (Self::ShareUpdateExclusive, "ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"),
        (Self::Share, "ShareLock", "SHARE"),
        (Self::ShareRowExclusive, "ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"),
        (Self::Exclusive, "ExclusiveLock", "EXCLUSIVE"),
        (Self::AccessExclusive, "AccessExclusiveLock", "ACCESS EXCLUSIVE"),
    ];

    /// The mode that `pg_locks` calls so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name, _)| *name == text).map(|(mode, ..)| *mode)
    }

    /// As in `LOCK TABLE ... IN ... MODE`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(mode, ..)| *mode == self).map_or("", |(.., name)| name)
    }

    /// Whether others cannot write rows meanwhile: it conflicts with ROW EXCLUSIVE.
    pub fn blocks_writes(self) -> bool {
        self >= Self::Share
    }

    /// Whether others cannot even read meanwhile: it conflicts with ACCESS SHARE.
    pub fn blocks_reads(self) -> bool {
        self == Self::AccessExclusive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_block_what_their_conflict_table_says() {
        let blocking = LockMode::ALL.iter().filter(|(mode, ..)| mode.blocks_writes());
        let names: Vec<&str> = blocking.map(|(.., name)| *name).collect();
        assert_eq!(names, ["SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"]);
        assert_eq!(LockMode::parse("ShareLock"), Some(LockMode::Share));
        assert_eq!(LockMode::parse("SIReadLock"), None);
        assert!(LockMode::AccessExclusive.blocks_reads() && !LockMode::Exclusive.blocks_reads());
    }
}
