//! The newest state of each running import, for everybody who watches it.
//!
//! It is state, not a log: a slow watcher skips to the newest and nothing piles up. Whoever begins to watch subscribes first and
//! reads the import's row second, so that nothing falls between the two.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::ConnectionTrait;
use tokio::sync::watch;

use super::{Import, Progress, store};
use crate::error::Result;

/// Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Live {
    // Held for a look into the map only, never across an await.
    running: Arc<Mutex<HashMap<i64, watch::Sender<Option<Progress>>>>>,
}

impl Live {
    /// The newest progress of an import, and news of it. The channel closes when the import is over.
    #[must_use]
    pub fn subscribe(&self, import: i64) -> watch::Receiver<Option<Progress>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|id, sender| *id == import || sender.receiver_count() > 0 || sender.borrow().is_some());
        running
            .entry(import)
            .or_insert_with(|| watch::channel(None).0)
            .subscribe()
    }

    /// The newest progress of an import that runs here.
    fn latest(&self, import: i64) -> Option<Progress> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(&import)?.borrow().clone()
    }

    /// An import as it is at this moment. Its row is written a little later than the news of it, and nobody who loads a page anew should
    /// see the bar go back.
    ///
    /// # Errors
    /// When there is no such import or the database fails.
    pub async fn see(&self, db: &impl ConnectionTrait, import: i64) -> Result<Import> {
        let latest = self.latest(import);
        let mut import = store::get(db, import).await?;
        let is_newer = |latest: &Progress| latest.percent >= import.progress.percent;
        if let Some(latest) = latest.filter(is_newer).filter(|_| !import.progress.status.is_over()) {
            import.progress = latest;
        }
        Ok(import)
    }

    pub(super) fn publish(&self, import: i64, progress: Progress) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running
            .entry(import)
            .or_insert_with(|| watch::channel(None).0)
            .send_replace(Some(progress));
    }

    /// Tells everybody the last state and forgets the import.
    pub(super) fn close(&self, import: i64, last: Progress) {
        self.publish(import, last);
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&import);
    }
}
