//! The migration that deprecates a column.

use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::migrate::deprecation::column::{Column, Found};
use crate::migrate::deprecation::comment::Deprecation;
use crate::migrate::new::{Draft, normalised, render};
use crate::migrate::sql::identifier::fitted;
use crate::sql::{quote_identifier, quote_literal};

/// What is there for those who read the old name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    None,
    /// A view of the table that has the old name too.
    View,
    /// A generated column under the old name.
    Column,
}

/// What is to be deprecated.
#[derive(Clone, Debug)]
pub struct Request {
    pub column: Column,
    /// The last day on which it stays.
    pub until: Date,
    pub keep: Keep,
    /// What the database says of it, where it was asked.
    pub found: Option<Found>,
}

impl Request {
    /// Checks what needs no database.
    ///
    /// # Errors
    /// A day that is not after today.
    pub fn check(&self, today: Date) -> Result<()> {
        if self.until > today {
            return Ok(());
        }
        Err(Error::usage(format!("--after {} is not after today ({today}, UTC)", self.until))
            .with_hint("choose a day on which nobody will read the column any more"))
    }
}

/// The migration, as of today.
///
/// # Errors
/// A day that is not after today; a generated column without a type.
pub fn draft(request: &Request, today: Date) -> Result<Draft> {
    request.check(today)?;
    let Request { column, until, keep, found } = request;
    if *keep == Keep::Column && found.is_none() {
        return Err(Error::usage("--keep column needs the database, for the type of the column"));
    }
    let table = &column.table;
    let view = table.sibling(fitted(&format!("{}_with_{}", table.name, column.name)));
    let must_be_filled = found.as_ref().map(|found| found.is_not_null && !found.has_default);
    let comment = found.as_ref().and_then(|found| found.comment.as_deref());
    let deprecation = Deprecation { since: today, until: *until };
    let pairs = [
        ("table", table.sql()),
        ("table_name", quote_literal(&table.sql())),
        ("column", quote_identifier(&column.name)),
        ("deprecated", quote_identifier(&column.deprecated())),
        ("comment", quote_literal(&deprecation.to_string())),
        ("old_comment", comment.map_or_else(|| "NULL".to_owned(), quote_literal)),
        ("type", found.as_ref().map(|found| found.data_type.clone()).unwrap_or_default()),
        ("view", view.sql()),
        ("view_in_string", view.sql().replace('\'', "''")),
        ("view_in_format", view.sql().replace('%', "%%").replace('\'', "''")),
        ("until", until.to_string()),
    ];
    let pairs = pairs.each_ref().map(|(key, value)| (*key, value.as_str()));
    let of =
        |templates: &[&str]| templates.iter().map(|template| render(template, &pairs)).collect::<String>();
    let (kept, unkept, later) = match keep {
        Keep::None => ("", "", include_str!("later.sql")),
        Keep::View => {
            (include_str!("view.sql"), include_str!("view.down.sql"), include_str!("view.later.sql"))
        }
        Keep::Column => {
            (include_str!("column.sql"), include_str!("column.down.sql"), include_str!("column.later.sql"))
        }
    };
    let (nullable, required) = match must_be_filled {
        Some(true) => (include_str!("nullable.sql"), include_str!("nullable.down.sql")),
        Some(false) => ("", ""),
        None => (include_str!("perhaps_nullable.sql"), ""),
    };
    let lost_comment = if found.is_none() { include_str!("lost_comment.sql") } else { "" };
    let name = normalised(&format!("deprecate {} {}", table.name, column.name))?;
    Ok(Draft::new(
        name,
        format!("Deprecate {} of {}, to be removed after {until}", column.name, table.name),
        of(&[include_str!("up.sql"), nullable, kept, later]),
    )
    .undone_by(
        format!("Give {} of {} its name back", column.name, table.name),
        of(&[unkept, required, lost_comment, include_str!("down.sql")]),
    ))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use squawk_linter::{Linter, Rule};
    use squawk_syntax::SourceFile;

    use super::*;

    fn request(keep: Keep, found: Option<Found>) -> Request {
        let column = Column::parse("crm.\"It's %\".\"Old Field\"").expect("a column");
        Request { column, until: date(2025, 2, 27), keep, found }
    }

    fn found() -> Found {
        Found {
            data_type: "character varying(20) COLLATE pg_catalog.\"C\"".into(),
            is_not_null: true,
            has_default: false,
            comment: Some("it's \\ there".into()),
            functions: Vec::new(),
        }
    }

    #[test]
    fn a_strict_linter_is_content_with_what_is_kept_and_what_is_not() {
        let requests = [
            request(Keep::None, None),
            request(Keep::None, Some(found())),
            request(Keep::View, None),
            request(Keep::Column, Some(found())),
        ];
        for request in requests {
            let draft = draft(&request, date(2025, 1, 27)).expect("a migration");
            assert_eq!(draft.name, "deprecate_it_s_old_field");
            let comment = "'Deprecated: 2025-01-27. Remove after 2025-02-27'";
            assert!(draft.up.contains(comment), "{}", draft.up);
            for (text, is_up) in [(&draft.up, true), (&draft.down, false)] {
                let parsed = SourceFile::parse(text);
                assert!(parsed.errors().is_empty(), "{:?}\n{text}", parsed.errors());
                let mut linter = Linter::with_rules(&[], &[Rule::RequireTimeoutSettings]);
                linter.settings.assume_in_transaction = true;
                let findings = linter.lint(&parsed, text);
                assert!(!is_up || findings.is_empty(), "{findings:#?}\n{text}");
            }
        }
    }

    #[test]
    fn a_day_that_is_not_to_come_is_refused_and_a_kept_column_needs_a_type() {
        let today = request(Keep::None, None).until;
        assert!(draft(&request(Keep::None, None), today).is_err());
        let error = draft(&request(Keep::Column, None), date(2025, 1, 27)).expect_err("no type");
        assert!(error.to_string().contains("needs the database"), "{error}");
    }
}
