//! Time, as the database keeps it: UTC in whole seconds, so that its text has one width and sorts as it should.

use sea_orm::DatabaseBackend;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// Now, in whole seconds.
#[must_use]
pub fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now)
}

/// The moment so many hours ago.
#[must_use]
pub fn hours_ago(hours: i64) -> Timestamp {
    let hours = time::Duration::hours(hours.clamp(0, 24 * 366));
    (now() - hours).into()
}

/// The time by the database's clock, in milliseconds since 1970: SQL on which all processes agree.
pub(crate) fn milliseconds(backend: DatabaseBackend) -> &'static str {
    match backend {
        DatabaseBackend::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        _ => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    }
}

impl TryFrom<&Timestamp> for OffsetDateTime {
    type Error = Problem;

    fn try_from(timestamp: &Timestamp) -> Result<Self, Problem> {
        Self::parse(timestamp.as_str(), &Rfc3339)
            .map_err(|_| Problem::bad_request("A moment is written like 2026-11-20T08:00:00Z."))
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        let whole = moment
            .to_offset(time::UtcOffset::UTC)
            .replace_nanosecond(0)
            .unwrap_or(moment);
        Self::from_rfc3339(whole.format(&Rfc3339).unwrap_or_default())
    }
}
