//! The newest state of each running import, for everybody who watches it, here or on another node.
//!
//! It is state, not a log: a slow watcher skips to the newest and nothing piles up. Whoever begins to watch subscribes first and
//! reads the import's row second, so that nothing falls between the two.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::ConnectionTrait;
use tokio::sync::watch;

use super::{Import, Progress, store};
use crate::database::bus::Bus;
use crate::error::Result;

/// Before the number of an import in the subjects of its news.
const SUBJECT: &str = "import ";

/// Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Live {
    // Held for a look into the map only, never across an await.
    running: Arc<Mutex<HashMap<i64, Running>>>,
    /// By which other processes hear of imports that run here.
    bus: Bus,
}

#[derive(Debug)]
struct Running {
    newest: watch::Sender<Option<Progress>>,
    /// Whether it runs in this process; otherwise it is here only while somebody watches.
    is_here: bool,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            newest: watch::channel(None).0,
            is_here: false,
        }
    }
}

impl Live {
    #[must_use]
    pub fn among(bus: &Bus) -> Self {
        Self {
            bus: bus.clone(),
            ..Self::default()
        }
    }

    fn with_running<T>(&self, look: impl FnOnce(&mut HashMap<i64, Running>) -> T) -> T {
        look(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The newest progress of an import, and news of it. The channel closes when the import is over.
    #[must_use]
    pub fn subscribe(&self, import: i64) -> watch::Receiver<Option<Progress>> {
        self.with_running(|running| {
            running.retain(|id, known| *id == import || known.is_here || known.newest.receiver_count() > 0);
            running.entry(import).or_default().newest.subscribe()
        })
    }

    /// The newest progress of an import that runs.
    fn latest(&self, import: i64) -> Option<Progress> {
        self.with_running(|running| running.get(&import)?.newest.borrow().clone())
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

    /// Tells those who watch here.
    pub(super) fn publish(&self, import: i64, progress: Progress) {
        self.with_running(|running| {
            let known = running.entry(import).or_default();
            known.is_here = true;
            known.newest.send_replace(Some(progress));
        });
    }

    /// Tells those who watch elsewhere.
    pub(super) fn tell_others(&self, import: i64, progress: &Progress) {
        if let Ok(body) = serde_json::to_string(progress) {
            self.bus.tell(&format!("{SUBJECT}{import}"), body);
        }
    }

    /// Tells everybody the last state and forgets the import.
    pub(super) fn close(&self, import: i64, last: Progress) {
        self.tell_others(import, &last);
        self.publish(import, last);
        self.with_running(|running| running.remove(&import));
    }

    /// The attempt here is over, and the import is not.
    pub(super) fn leave(&self, import: i64) {
        self.with_running(|running| {
            if let Some(known) = running.get_mut(&import) {
                known.is_here = false;
            }
        });
    }

    /// Takes what another process tells of an import that runs there. Says whether this was news of an import.
    pub fn hear(&self, subject: &str, body: &str) -> bool {
        let Some(import) = subject.strip_prefix(SUBJECT).and_then(|id| id.parse().ok()) else {
            return false;
        };
        // What cannot be read is of another version; its row can.
        if let Ok(progress) = serde_json::from_str::<Progress>(body) {
            self.with_running(|running| {
                if let Some(known) = running.get(&import).filter(|known| !known.is_here) {
                    let is_last = progress.status.is_at_rest();
                    known.newest.send_replace(Some(progress));
                    if is_last {
                        running.remove(&import);
                    }
                }
            });
        }
        true
    }
}
