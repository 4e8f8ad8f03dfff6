//! One import as it goes on, for whoever waits for it: a stream of events, an answer that is held back, a bar in a terminal.
//!
//! A watcher subscribes first, then reads the import's row, then hears what is new; so it misses nothing and begins with the truth.
//! Every second the row is read again, for imports that another process works on.

use std::time::Duration;

use stockroom::error::Result;
use stockroom::imports::{self, Import, Progress};
use stockroom::services::Services;
use tokio::sync::watch;

/// How long the row may go unread.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// One watcher.
pub struct Watch {
    import: Import,
    news: watch::Receiver<Option<Progress>>,
    services: Services,
}

impl Watch {
    /// # Errors
    /// When there is no such import or the database fails.
    pub async fn open(services: &Services, import: i64) -> Result<Self> {
        let news = services.live.subscribe(import);
        Ok(Self {
            import: services.live.see(services.reader(), import).await?,
            news,
            services: services.clone(),
        })
    }

    /// The import as it was last seen.
    #[must_use]
    pub fn import(&self) -> &Import {
        &self.import
    }

    /// Whether nothing more will happen by itself.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.import.progress.status.is_at_rest()
    }

    /// Waits until something is new. Nothing is lost when this is dropped on the way.
    pub async fn news(&mut self) {
        let before = self.import.progress.clone();
        while self.import.progress == before {
            tokio::select! {
                changed = self.news.changed() => match changed {
                    Ok(()) => self.hear().await,
                    Err(_) => self.look().await,
                },
                () = tokio::time::sleep(LOOK_AGAIN) => self.look().await,
            }
        }
    }

    /// Waits until the import is over, and gives it.
    pub async fn end(mut self) -> Import {
        while !self.is_over() {
            self.news().await;
        }
        self.import
    }

    async fn hear(&mut self) {
        let heard = self.news.borrow_and_update().clone();
        match heard {
            // The row of one that rests also says when it ended, or what was found.
            Some(progress) if progress.status.is_at_rest() => self.look().await,
            Some(progress) => self.import.progress = progress,
            None => {}
        }
    }

    async fn look(&mut self) {
        match imports::get(self.services.reader(), self.import.job_id).await {
            Ok(import) => {
                if import.progress.status.is_at_rest() || import.progress.percent >= self.import.progress.percent {
                    self.import = import;
                }
                self.news = self.services.live.subscribe(self.import.job_id);
            }
            Err(error) => tracing::debug!(
                error = &error as &dyn std::error::Error,
                "an import could not be read again"
            ),
        }
    }
}
