//! The time as a sender sees it: that of the machine, or one that a test moves, because a plan of three days is tested in a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

use super::outbox::milliseconds;

/// Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds that it is ahead of the machine's.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + Duration::milliseconds(self.ahead.load(Ordering::Relaxed))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn milliseconds(&self) -> i64 {
        milliseconds(self.now())
    }

    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.whole_milliseconds()).unwrap_or(i64::MAX);
        self.ahead.fetch_add(by, Ordering::Relaxed);
    }
}
