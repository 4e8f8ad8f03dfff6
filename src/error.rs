//! Errors of the server's half: refusals that a person can act on, and failures that only the log explains.
//!
//! A [`Problem`] passes through unchanged. Everything else is ours: it is logged once, here, and the person sees a reference.

use std::io::ErrorKind;

use sea_orm::{DbErr, RuntimeErr};

use crate::disk;
use crate::problem::Problem;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for cannot be done, and the caller can do something about it.
    #[error("{0}")]
    Refused(#[from] Problem),
    #[error("the database failed")]
    Database(#[from] DbErr),
    #[error("bulk work in SQLite failed")]
    Sqlite(#[from] rusqlite::Error),
    #[error("bulk work in PostgreSQL failed")]
    Postgres(#[from] sqlx::Error),
    #[error("the file store failed")]
    Storage(#[from] object_store::Error),
    #[error("reading or writing a file failed")]
    Io(#[from] std::io::Error),
    #[error("a password could not be hashed: {0}")]
    Password(String),
    #[error("a background thread ended early")]
    Thread(#[from] tokio::task::JoinError),
    #[error("a stored value cannot be read: {0}")]
    Stored(String),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether a disk has no room left: ours, or that of a database.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        any_cause(self, &is_full)
    }

    /// Whether a file is not in the store, or not all of it.
    #[must_use]
    pub fn is_missing_file(&self) -> bool {
        any_cause(self, &|error| {
            matches!(error.downcast_ref(), Some(object_store::Error::NotFound { .. }))
        })
    }

    /// Whether the database or the file store does not do its work at this moment, and may do it in the next.
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Storage(object_store::Error::Generic { .. }))
            || any_cause(self, &is_unreachable)
            || self.is_unwritable()
    }

    /// Whether the database's disk does not take what is written, or its files may only be read.
    fn is_unwritable(&self) -> bool {
        any_cause(self, &is_unwritable)
    }
}

type Cause = dyn std::error::Error + 'static;

/// Asks each cause, also where libraries hide theirs from [`std::error::Error::source`].
fn any_cause(error: &Cause, holds: &dyn Fn(&Cause) -> bool) -> bool {
    let hidden: Option<&Cause> = if let Some(error) = error.downcast_ref::<std::io::Error>() {
        error.get_ref().map(|inner| inner as &Cause)
    } else if let Some(RuntimeErr::SqlxError(error)) = error.downcast_ref::<RuntimeErr>() {
        Some(error.as_ref())
    } else {
        None
    };
    let mut further = hidden.into_iter().chain(error.source());
    holds(error) || further.any(|error| any_cause(error, holds))
}

fn is_full(error: &Cause) -> bool {
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
    } else if let Some(Error::Refused(problem)) = error.downcast_ref::<Error>() {
        problem.status == 507
    } else if let Some(error) = error.downcast_ref::<rusqlite::Error>() {
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
    } else if let Some(sqlx::Error::Database(error)) = error.downcast_ref::<sqlx::Error>() {
        // PostgreSQL's disk_full and SQLite's SQLITE_FULL.
        matches!(error.code().as_deref(), Some("53100" | "13"))
    } else {
        false
    }
}

fn is_unreachable(error: &Cause) -> bool {
    if let Some(error) = error.downcast_ref::<rusqlite::Error>() {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
    } else if let Some(DbErr::ConnectionAcquire(_)) = error.downcast_ref::<DbErr>() {
        true
    } else if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| says_unreachable(&code)),
            _ => false,
        }
    } else {
        false
    }
}

fn is_unwritable(error: &Cause) -> bool {
    if let Some(error) = error.downcast_ref::<rusqlite::Error>() {
        use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly, SystemIoFailure};
        matches!(
            error.sqlite_error_code(),
            Some(CannotOpen | PermissionDenied | ReadOnly | SystemIoFailure)
        )
    } else if let Some(sqlx::Error::Database(error)) = error.downcast_ref::<sqlx::Error>() {
        error.code().is_some_and(|code| says_unwritable(&code))
    } else {
        false
    }
}

/// PostgreSQL's codes of connections, shut-downs and too many connections, and SQLite's of a file that is locked.
fn says_unreachable(code: &str) -> bool {
    match of_sqlite(code) {
        Some(code) => matches!(code, 5 | 6),
        None => code.starts_with("08") || matches!(code, "57P01" | "57P02" | "57P03" | "53300"),
    }
}

/// PostgreSQL's code of read-only transactions, and SQLite's of files that may not be written, cannot be opened, or whose disk fails.
fn says_unwritable(code: &str) -> bool {
    match of_sqlite(code) {
        Some(code) => matches!(code, 3 | 8 | 10 | 14),
        None => code == "25006",
    }
}

/// SQLite's code of an error without what it adds to say how. PostgreSQL's have five characters.
/// Sources: PostgreSQL's manual, appendix A; SQLite's "Result and Error Codes".
fn of_sqlite(code: &str) -> Option<u32> {
    let number = || code.parse::<u32>().ok();
    if code.len() == 5 {
        None
    } else {
        number().map(|code| code & 0xff)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Stored(error.to_string())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(problem) => problem,
            Error::Database(error) if holds_no_text(&error) => {
                Problem::bad_request("The request holds a character that is no text. Remove the control characters.")
            }
            ours => failure(&ours),
        }
    }
}

/// Whether PostgreSQL was given a NUL as part of a text, which only input can hold. SQLite takes it and finds nothing.
/// Source of the code: PostgreSQL's manual, appendix A, `character_not_in_repertoire`.
fn holds_no_text(error: &DbErr) -> bool {
    let (DbErr::Query(error) | DbErr::Exec(error)) = error else {
        return false;
    };
    let RuntimeErr::SqlxError(error) = error else {
        return false;
    };
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("22021")
}

/// Logs a failure of ours and says as much of it as helps: that it happened, and how to find it.
fn failure(error: &Error) -> Problem {
    let reference = format!("{:08x}", rand::random::<u32>());
    tracing::error!(reference, error = error as &dyn std::error::Error, "request failed");
    let problem = if error.is_disk_full() {
        disk::full()
    } else if error.is_unwritable() {
        Problem::new(
            503,
            "The database cannot be written",
            "Its files may only be read, or their disk fails. Nothing was changed. Tell your administrator the reference.",
        )
    } else if error.is_away() {
        Problem::new(
            503,
            "The service is busy or being looked after",
            "The database or the file store does not answer at this moment. Nothing was changed. Try again in a minute; if it stays so, tell your \
             administrator the reference.",
        )
    } else {
        Problem::new(
            500,
            "There is a problem with the service",
            "This is our fault, and nothing was changed. Try again; if it happens again, tell your administrator the reference.",
        )
    };
    Problem {
        reference: Some(reference),
        ..problem
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::Error;

    #[test]
    fn a_full_disk_is_known_however_deep_it_is_said() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let of_store = |source: io::Error| {
            Error::Storage(object_store::Error::Generic {
                store: "LocalFileSystem",
                source: Box::new(source),
            })
        };
        assert!(Error::Io(full()).is_disk_full());
        assert!(of_store(full()).is_disk_full());
        assert!(Error::Io(io::Error::other(of_store(full()))).is_disk_full());
        assert!(Error::Io(io::Error::other(Error::Refused(crate::disk::full()))).is_disk_full());
        assert!(!of_store(io::ErrorKind::PermissionDenied.into()).is_disk_full());
        assert!(!Error::Io(io::Error::other("full of bees")).is_disk_full());
    }

    #[test]
    fn a_database_that_is_locked_or_read_only_is_away_and_one_that_was_asked_nonsense_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || rusqlite::Connection::open(folder.path().join("a.db")).expect("a database");
        let (one, other) = (open(), open());
        one.execute_batch("CREATE TABLE a (b); BEGIN IMMEDIATE")
            .expect("locked");
        other.busy_timeout(std::time::Duration::ZERO).expect("impatient");
        let locked = other.execute_batch("INSERT INTO a VALUES (1)").expect_err("locked");
        assert!(Error::from(locked).is_away());
        one.execute_batch("ROLLBACK; PRAGMA query_only = ON")
            .expect("read-only");
        let read_only = Error::from(one.execute_batch("INSERT INTO a VALUES (1)").expect_err("read-only"));
        assert!(read_only.is_away() && read_only.is_unwritable());
        assert!(!Error::from(other.execute_batch("nonsense").expect_err("no SQL")).is_away());
        assert!(Error::Postgres(sqlx::Error::PoolTimedOut).is_away());
        for (code, is_away) in [
            ("57P01", true),
            ("08006", true),
            ("22021", false),
            ("23505", false),
            ("5", true),
            ("1032", false),
            ("2067", false),
        ] {
            assert_eq!(super::says_unreachable(code), is_away, "{code}");
        }
        for (code, is_unwritable) in [
            ("25006", true),
            ("1032", true),
            ("778", true),
            ("14", true),
            ("5", false),
        ] {
            assert_eq!(super::says_unwritable(code), is_unwritable, "{code}");
        }
    }

    #[test]
    fn a_database_file_that_cannot_grow_is_a_full_disk() {
        let small = rusqlite::Connection::open_in_memory().expect("a database");
        let fill = "PRAGMA max_page_count = 2; CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(100000));";
        let full = small.execute_batch(fill).expect_err("too small");
        assert!(Error::from(full).is_disk_full());
        assert!(!Error::from(small.execute_batch("nonsense").expect_err("no SQL")).is_disk_full());
    }

    #[test]
    fn a_file_that_is_gone_is_known_wherever_it_is_read() {
        let gone = || object_store::Error::NotFound {
            path: "uploads/x".to_owned(),
            source: "gone".into(),
        };
        assert!(Error::Storage(gone()).is_missing_file());
        assert!(Error::Io(io::Error::other(gone())).is_missing_file());
        assert!(!Error::Io(io::ErrorKind::NotFound.into()).is_missing_file());
    }
}
