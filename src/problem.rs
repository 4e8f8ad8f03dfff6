//! What people and programs are told when something cannot be done.
//!
//! One shape for the REST API (`application/problem+json`, RFC 9457), server functions and pages. It never carries what the
//! database or the operating system said; the log has that, under the same `reference`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A refusal or failure, in words that say what happened and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A few words, the same for every occurrence of its kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A sentence or two about this occurrence.
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Finds the log line of a failure that was ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Seconds after which the same may be tried again: the header `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

/// One field of the input that must change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl Problem {
    #[must_use]
    pub fn new(status: u16, title: &str, detail: impl Into<String>) -> Self {
        Self {
            title: title.to_owned(),
            status,
            detail: detail.into(),
            errors: Vec::new(),
            reference: None,
            retry_after: None,
        }
    }

    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, "The request could not be understood", detail)
    }

    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(
            404,
            "Not found",
            format!("There is no {what} at this address. It may have been deleted."),
        )
    }

    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(409, "That is not possible now", detail)
    }

    #[must_use]
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(422, "The input cannot be used as it is", detail)
    }

    /// Says when the same may be tried again.
    #[must_use]
    pub fn with_retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// Names one field of the input and what is wrong with it.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}

impl std::error::Error for Problem {}
