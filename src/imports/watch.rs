//! One import as it goes on, for whoever waits for it: a stream of events, an answer that is held back, a bar in a terminal.
//!
//! A watcher reads the import's row first and hears what is new after that, so it misses nothing and begins with the truth. Of what another process
//! works on, that one tells; in case it is not heard, the row is read now and then, once for however many watch it here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use sea_orm::DatabaseConnection;
use tokio::sync::watch;

use super::live::Live;
use super::{Import, Progress, store};
use crate::error::Result;

/// How long the row may go unread.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The imports that somebody watches in this process. Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Watches {
    reader: DatabaseConnection,
    live: Live,
    // Held for a look into the map only, never across an await.
    feeds: Arc<Mutex<HashMap<i64, Weak<Feed>>>>,
}

type Feed = watch::Sender<Option<Seen>>;

/// An import as it was seen.
#[derive(Clone, Debug)]
struct Seen {
    import: Arc<Import>,
    /// When its row was asked for, or the news of it was heard.
    at: Instant,
    /// As watchers tell it, once one of them has written it down.
    text: Arc<OnceLock<String>>,
}

impl Seen {
    fn new(import: Import, at: Instant) -> Self {
        Self {
            import: Arc::new(import),
            at,
            text: Arc::default(),
        }
    }
}

/// One watcher.
#[derive(Debug)]
pub struct Watch {
    seen: Seen,
    feed: watch::Receiver<Option<Seen>>,
    watches: Watches,
}

impl Watches {
    #[must_use]
    pub fn new(reader: DatabaseConnection, live: Live) -> Self {
        Self {
            reader,
            live,
            feeds: Arc::default(),
        }
    }

    /// Begins to watch an import.
    ///
    /// # Errors
    /// When there is no such import or the database fails.
    pub async fn open(&self, import: i64) -> Result<Watch> {
        let at = Instant::now();
        let import = self.live.see(&self.reader, import).await?;
        Ok(Watch {
            feed: self.follow(import.job_id),
            seen: Seen::new(import, at),
            watches: self.clone(),
        })
    }

    fn follow(&self, import: i64) -> watch::Receiver<Option<Seen>> {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = feeds.get(&import).and_then(Weak::upgrade) {
            let mut receiver = feed.subscribe();
            // What was told since the import was looked at is news.
            receiver.mark_changed();
            return receiver;
        }
        let (sender, receiver) = watch::channel(None);
        let sender = Arc::new(sender);
        feeds.insert(import, Arc::downgrade(&sender));
        tokio::spawn(self.clone().feed(import, sender));
        receiver
    }

    /// Sees what is new until nobody watches any more.
    async fn feed(self, import: i64, sender: Arc<Feed>) {
        let mut news = self.live.subscribe(import);
        let mut last = None;
        self.look(import, &mut last).await;
        loop {
            tell(&sender, last.as_ref());
            tokio::select! {
                changed = news.changed() => {
                    let heard = news.borrow_and_update().clone();
                    if changed.is_err() || !hear(&mut last, heard) {
                        self.look(import, &mut last).await;
                    }
                }
                () = tokio::time::sleep(LOOK_AGAIN) => self.look(import, &mut last).await,
                () = sender.closed() => {
                    if self.leave(import, &sender) {
                        return;
                    }
                }
            }
            if news.has_changed().is_err() {
                news = self.live.subscribe(import);
            }
        }
    }

    async fn look(&self, import: i64, last: &mut Option<Seen>) {
        let at = Instant::now();
        match store::get(&self.reader, import).await {
            Ok(import) => {
                let is_newer = last.as_ref().is_none_or(|last| {
                    let (before, now) = (&last.import.progress, &import.progress);
                    before.status.is_at_rest() || now.status.is_at_rest() || now.percent >= before.percent
                });
                if is_newer {
                    *last = Some(Seen::new(import, at));
                }
            }
            Err(error) => tracing::debug!(
                error = &error as &dyn std::error::Error,
                "an import could not be read again"
            ),
        }
    }

    /// Ends a feed, unless somebody has begun to watch meanwhile.
    fn leave(&self, import: i64, sender: &Feed) -> bool {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = sender.receiver_count() == 0;
        if is_over {
            feeds.remove(&import);
        }
        is_over
    }
}

/// Takes what was heard. Says whether that is all there is to know: the row of an import that rests also says when it ended, or what was found.
fn hear(last: &mut Option<Seen>, heard: Option<Progress>) -> bool {
    let (Some(last), Some(progress)) = (last, heard) else {
        return false;
    };
    if progress.status.is_at_rest() {
        return false;
    }
    let import = Import {
        progress,
        ..(*last.import).clone()
    };
    *last = Seen::new(import, Instant::now());
    true
}

/// Tells only what is new: thousands may be listening. That an import is at rest is told at each look: whoever came since the one before may have
/// seen the import later than that one asked, and passed over what it found.
fn tell(sender: &Feed, last: Option<&Seen>) {
    let Some(last) = last else { return };
    let is_new = |told: &Option<Seen>| {
        told.as_ref().is_none_or(|told| {
            let progress = &last.import.progress;
            told.import.progress != *progress || (progress.status.is_at_rest() && told.at < last.at)
        })
    };
    sender.send_if_modified(|told| {
        let is_new = is_new(told);
        if is_new {
            *told = Some(last.clone());
        }
        is_new
    });
}

impl Watch {
    /// The import as it was last seen.
    #[must_use]
    pub fn import(&self) -> &Import {
        &self.seen.import
    }

    /// The import as text. All watchers tell it alike, so only the first that comes to it writes it.
    pub fn text(&self, write: impl FnOnce(&Import) -> String) -> &str {
        self.seen.text.get_or_init(|| write(&self.seen.import))
    }

    /// Whether nothing more will happen by itself.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.seen.import.progress.status.is_at_rest()
    }

    /// Waits until something is new. Nothing is lost when this is dropped on the way.
    pub async fn news(&mut self) {
        loop {
            // One that has failed ends this at once, and the look begins another one.
            drop(self.feed.changed().await);
            if self.catch_up() {
                return;
            }
        }
    }

    /// Sees what there is by now. Says whether that is new.
    pub fn catch_up(&mut self) -> bool {
        if self.feed.has_changed().is_err() {
            self.feed = self.watches.follow(self.seen.import.job_id);
        }
        let told = self.feed.borrow_and_update().clone();
        // What was asked for before this watcher asked is no news to it.
        let new = told.filter(|told| told.at >= self.seen.at && told.import.progress != self.seen.import.progress);
        let is_new = new.is_some();
        if let Some(new) = new {
            self.seen = new;
        }
        is_new
    }

    /// Waits until the import is over, and gives it.
    pub async fn end(mut self) -> Import {
        while !self.is_over() {
            self.news().await;
        }
        Arc::unwrap_or_clone(self.seen.import)
    }
}
