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
        is_disk_full(self)
    }
}

/// Asks each cause, also where libraries hide theirs from [`std::error::Error::source`].
fn is_disk_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let is_full = if let Some(error) = error.downcast_ref::<std::io::Error>() {
        let is_full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        is_full || error.get_ref().is_some_and(|inner| is_disk_full(inner))
    } else if let Some(Error::Refused(problem)) = error.downcast_ref::<Error>() {
        problem.status == 507
    } else if let Some(error) = error.downcast_ref::<rusqlite::Error>() {
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
    } else if let Some(RuntimeErr::SqlxError(error)) = error.downcast_ref::<RuntimeErr>() {
        is_disk_full(error.as_ref())
    } else if let Some(sqlx::Error::Database(error)) = error.downcast_ref::<sqlx::Error>() {
        // PostgreSQL's disk_full and SQLite's SQLITE_FULL.
        matches!(error.code().as_deref(), Some("53100" | "13"))
    } else {
        false
    };
    is_full || error.source().is_some_and(is_disk_full)
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
    fn a_database_file_that_cannot_grow_is_a_full_disk() {
        let small = rusqlite::Connection::open_in_memory().expect("a database");
        let fill = "PRAGMA max_page_count = 2; CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(100000));";
        let full = small.execute_batch(fill).expect_err("too small");
        assert!(Error::from(full).is_disk_full());
        assert!(!Error::from(small.execute_batch("nonsense").expect_err("no SQL")).is_disk_full());
    }
}
