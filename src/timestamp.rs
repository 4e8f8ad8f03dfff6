//! A moment as it is shown and sent: RFC 3339, UTC, whole seconds.
//!
//! It is text on purpose: the browser's half needs no calendar, and the order of the texts is the order of the moments.

use std::fmt;

use serde::{Deserialize, Serialize};

/// For example `2026-11-20T18:03:11Z`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// Takes text that is known to be RFC 3339 in UTC with whole seconds.
    #[must_use]
    pub fn from_rfc3339(text: String) -> Self {
        Self(text)
    }

    /// The value for a `datetime` attribute or a JSON field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For a table before the browser has put it in the reader's own zone: `2026-11-20 18:03:11 UTC`.
    #[must_use]
    pub fn in_utc(&self) -> String {
        format!("{} UTC", self.0.trim_end_matches('Z').replace('T', " "))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
