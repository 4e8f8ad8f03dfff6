//! Errors of the server's half: refusals that a person can act on, and failures that only the log explains.
//!
//! A [`Problem`] passes through unchanged. Everything else is ours: it is logged once, here, and the person sees a reference.

use sea_orm::{DbErr, RuntimeErr};

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
    let mut problem = Problem::new(
        500,
        "There is a problem with the service",
        "This is our fault, and nothing was changed. Try again; if it happens again, tell your administrator the reference.",
    );
    problem.reference = Some(reference);
    problem
}
