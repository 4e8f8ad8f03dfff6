//! What is counted and measured over time. The names are those of the database and of the API.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    RowsApplied,
    ImportsCompleted,
    ImportsFailed,
    /// Calls to webhooks.
    CallsArrived,
    CallsFailed,
    Requests,
    /// Requests that were answered with 500 or more.
    ServerErrors,
    DatabaseBytes,
    /// Of the disk that has least.
    FreeBytes,
    WaitingImports,
    OldestDueSeconds,
    SearchBehind,
}

/// What becomes of several values when they are shown as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summing {
    Sum,
    Highest,
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Number,
    Bytes,
    Seconds,
}

impl Measure {
    pub const ALL: [Self; 12] = [
        Self::RowsApplied,
        Self::ImportsCompleted,
        Self::ImportsFailed,
        Self::CallsArrived,
        Self::CallsFailed,
        Self::Requests,
        Self::ServerErrors,
        Self::DatabaseBytes,
        Self::FreeBytes,
        Self::WaitingImports,
        Self::OldestDueSeconds,
        Self::SearchBehind,
    ];

    /// Those that each process counts for itself; they stand first above.
    pub const COUNTED: usize = 7;

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RowsApplied => "rows_applied",
            Self::ImportsCompleted => "imports_completed",
            Self::ImportsFailed => "imports_failed",
            Self::CallsArrived => "calls_arrived",
            Self::CallsFailed => "calls_failed",
            Self::Requests => "requests",
            Self::ServerErrors => "server_errors",
            Self::DatabaseBytes => "database_bytes",
            Self::FreeBytes => "free_bytes",
            Self::WaitingImports => "waiting_imports",
            Self::OldestDueSeconds => "oldest_due_seconds",
            Self::SearchBehind => "search_behind",
        }
    }

    /// As a heading.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::RowsApplied => "Rows applied",
            Self::ImportsCompleted => "Imports finished",
            Self::ImportsFailed => "Imports failed",
            Self::CallsArrived => "Webhook calls that arrived",
            Self::CallsFailed => "Webhook calls that failed",
            Self::Requests => "Requests",
            Self::ServerErrors => "Server errors",
            Self::DatabaseBytes => "Size of the database",
            Self::FreeBytes => "Free disk space",
            Self::WaitingImports => "Waiting imports",
            Self::OldestDueSeconds => "Age of the oldest due delivery",
            Self::SearchBehind => "Products not yet in the search",
        }
    }

    #[must_use]
    pub fn summing(self) -> Summing {
        match self {
            Self::DatabaseBytes | Self::FreeBytes => Summing::Last,
            Self::WaitingImports | Self::OldestDueSeconds | Self::SearchBehind => Summing::Highest,
            _ => Summing::Sum,
        }
    }

    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::DatabaseBytes | Self::FreeBytes => Unit::Bytes,
            Self::OldestDueSeconds => Unit::Seconds,
            _ => Unit::Number,
        }
    }

    /// Whether more of it is nothing to be glad of.
    #[must_use]
    pub fn is_trouble(self) -> bool {
        matches!(self, Self::ImportsFailed | Self::CallsFailed | Self::ServerErrors)
    }
}

impl std::str::FromStr for Measure {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|measure| measure.as_str() == name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, Summing};

    #[test]
    fn what_is_counted_stands_first_and_everything_has_a_name_of_its_own() {
        for (place, measure) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, place, "{measure:?}");
            assert_eq!(
                measure.summing() == Summing::Sum,
                place < Measure::COUNTED,
                "{measure:?}"
            );
            assert_eq!(measure.as_str().parse(), Ok(measure));
        }
    }
}
