//! Why a file was not fetched, in words for whoever looks after the schedule. No word of it has a key in it.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::error::Error;
use crate::outbound::destination::Refused;
use crate::outbound::{self, NotFound, cause};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It may be there later. `retry_after`: what the server asked for, from now.
    Passing {
        problem: String,
        retry_after: Option<time::Duration>,
    },
    /// Asking again soon would not help.
    Final(String),
}

impl Failure {
    pub fn passing(problem: impl Into<String>) -> Self {
        Self::Passing {
            problem: problem.into(),
            retry_after: None,
        }
    }

    pub fn refused(refused: &Refused) -> Self {
        Self::Final(format!("The address may not be fetched. {refused}"))
    }

    pub fn too_large(limit: u64) -> Self {
        let limit = limit / 1024 / 1024;
        Self::Final(format!(
            "The file is larger than {limit} MB. Ask for a smaller one, or for the limit to be raised by whoever runs Stockroom."
        ))
    }

    /// Of an answer that is no file.
    pub fn answered(status: StatusCode, headers: &HeaderMap) -> Self {
        let is_passing = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        let problem = match status.as_u16() {
            401 | 403 => format!(
                "The server answered {status}: it does not give the file to this shop. Look at the header of the schedule."
            ),
            404 | 410 => format!("The server answered {status}: nothing is at this address."),
            429 => "The server answered 429: it has too much to do.".to_owned(),
            500..=599 => format!("The server answered {status}: it has a problem of its own."),
            _ => format!("The server answered {status} and gave no file."),
        };
        if is_passing {
            Self::Passing {
                problem,
                retry_after: outbound::retry_after(headers),
            }
        } else {
            Self::Final(problem)
        }
    }

    /// Where no answer came.
    pub fn unreachable(error: &reqwest::Error) -> Self {
        if let Some(refused) = cause::<Refused>(error) {
            return Self::refused(refused);
        }
        if let Some(not_found) = cause::<NotFound>(error) {
            return Self::passing(format!("{not_found}.").replacen("the name", "The name", 1));
        }
        if let Some(rustls::Error::InvalidCertificate(_)) = cause::<rustls::Error>(error) {
            return Self::Final(
                "The server's certificate cannot be trusted: it has expired, belongs to another name, or was issued by somebody unknown."
                    .to_owned(),
            );
        }
        if error.is_connect() || error.is_timeout() {
            return Self::passing("No connection to the server could be made.");
        }
        Self::passing("The server ended the connection without a proper answer.")
    }

    /// Of a bucket.
    pub fn of_bucket(error: &object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => {
                Self::Final("There is no such file in the bucket, or no such bucket.".to_owned())
            }
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                let problem = "The S3 service does not let this program at the file. Whoever runs Stockroom sets the key for it \
                    (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).";
                Self::Final(problem.to_owned())
            }
            _ => Self::passing("The S3 service did not answer as it should."),
        }
    }
}

/// What stops a fetch: something of theirs, which the run tells, or something of ours.
#[derive(Debug)]
pub(super) enum Stopped {
    Theirs(Failure),
    Ours(Error),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Theirs(failure)
    }
}

impl From<Error> for Stopped {
    /// What is refused is refused for what they sent.
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(problem) => Self::Theirs(Failure::Final(problem.detail)),
            ours => Self::Ours(ours),
        }
    }
}
