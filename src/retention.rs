//! How long things are kept, and whoever removes what is older: files and problem rows of imports, products in the bin, the audit log, keys of
//! requests. What webhooks were told has its own time, in [`crate::webhooks`].
//!
//! It removes in small pieces, each in a transaction of its own, and any number of processes may do it at the same time. Imports themselves
//! are never removed.

use time::{Duration, OffsetDateTime};

use crate::audit;
use crate::database::Database;
use crate::error::Result;
use crate::imports::{bin, retention as imports};
use crate::jobs::Wake;
use crate::once;
use crate::storage::Storage;

/// Days; 0 is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// Files of imports, from their end.
    pub files: i64,
    /// Problem rows of imports, from their end.
    pub problems: i64,
    /// Products in the bin.
    pub bin: i64,
    /// Lines of the audit log.
    pub audit: i64,
}

impl Default for Days {
    fn default() -> Self {
        Self {
            files: 90,
            problems: 365,
            bin: 30,
            audit: 730,
        }
    }
}

/// How long a key of a request stands for what was created under it: whoever asks again because no answer came does so soon.
const KEYS: Duration = Duration::days(30);

/// Removes what is older than it is kept.
#[derive(Clone, Debug)]
pub struct Retention {
    pub database: Database,
    pub storage: Storage,
    /// What lies in the bin is removed by a job.
    pub import_wake: Wake,
    pub days: Days,
}

impl Retention {
    /// # Errors
    /// When the database or the file store fails; whatever can be removed nevertheless is removed before that is said.
    pub async fn sweep(&self, now: OffsetDateTime) -> Result<()> {
        let before = |days: i64| (days > 0).then(|| now - Duration::days(days));
        let mut swept = once::forget(&self.database, now - KEYS).await;
        if let Some(before) = before(self.days.files) {
            swept = swept.and(imports::forget_files(&self.database, &self.storage, before).await);
        }
        if let Some(before) = before(self.days.problems) {
            swept = swept.and(imports::forget_problems(&self.database, before).await);
        }
        if let Some(before) = before(self.days.bin) {
            swept = swept.and(bin::empty(&self.database, before, now).await);
            self.import_wake.wake();
        }
        if let Some(before) = before(self.days.audit) {
            swept = swept.and(audit::forget(&self.database, before).await);
        }
        swept
    }
}
