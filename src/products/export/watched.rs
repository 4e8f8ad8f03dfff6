//! Exports that somebody watches: how far each is, until it has been sent or given up. Whoever watches may ask another node than the one that
//! writes it, which tells the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::database::bus::Bus;
use crate::products::ExportProgress;
use crate::storage::hex;

/// Exports that are counted at the same time, here and elsewhere; whatever comes beyond that is written uncounted.
const AT_MOST: usize = 1_000;
const SUBJECT: &str = "export ";
/// Other nodes are told so often at most.
const TOLD_EVERY: Duration = Duration::from_millis(250);
/// An export elsewhere of which nothing is heard for so long is not known any more: its node may be gone.
const SILENCE: Duration = Duration::from_secs(20);

/// Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    bus: Bus,
    // Held for a look into the map only, never across an await.
    known: Arc<Mutex<HashMap<String, Known>>>,
}

#[derive(Debug)]
struct Known {
    progress: ExportProgress,
    is_here: bool,
    /// When others were told of it, or this node was.
    told: Instant,
}

impl Known {
    fn new(progress: ExportProgress, is_here: bool) -> Self {
        Self {
            progress,
            is_here,
            told: Instant::now(),
        }
    }
}

impl Exports {
    pub(crate) fn new(bus: Bus) -> Self {
        Self {
            bus,
            known: Arc::default(),
        }
    }

    /// Counts an export for as long as the answer lives. There is none where too many are counted, or one of that name already.
    #[must_use]
    pub fn watch(&self, session: &str, word: &str) -> Watched {
        let name = name(session, word);
        self.with(|known| {
            forget_silent(known);
            if known.len() >= AT_MOST || known.contains_key(&name) {
                return None;
            }
            known.insert(name.clone(), Known::new(ExportProgress::default(), true));
            Some(Arc::new(Watch {
                exports: self.clone(),
                name,
            }))
        })
    }

    /// How far an export of this session is, while it is written and sent.
    #[must_use]
    pub fn progress(&self, session: &str, word: &str) -> Option<ExportProgress> {
        self.with(|known| {
            forget_silent(known);
            known.get(&name(session, word)).map(|known| known.progress)
        })
    }

    /// Takes what another process tells of an export there. Says whether this was news of an export.
    pub(crate) fn hear(&self, subject: &str, body: &str) -> bool {
        let Some(name) = subject.strip_prefix(SUBJECT) else {
            return false;
        };
        self.with(|known| match serde_json::from_str::<Option<ExportProgress>>(body) {
            _ if known.get(name).is_some_and(|known| known.is_here) => {}
            Ok(Some(progress)) => {
                forget_silent(known);
                if known.len() < AT_MOST || known.contains_key(name) {
                    known.insert(name.to_owned(), Known::new(progress, false));
                }
            }
            Ok(None) => drop(known.remove(name)),
            // Of another version.
            Err(_) => {}
        });
        true
    }

    fn tell(&self, name: &str, progress: Option<ExportProgress>) {
        if let Ok(body) = serde_json::to_string(&progress) {
            self.bus.tell(&format!("{SUBJECT}{name}"), body);
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, Known>) -> T) -> T {
        act(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Who watches: a session, and the word that its page has made up for this export. Only the digest is told to others.
fn name(session: &str, word: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(session);
    digest.update([0]);
    digest.update(word);
    hex(&digest)
}

fn forget_silent(known: &mut HashMap<String, Known>) {
    known.retain(|_, known| known.is_here || known.told.elapsed() < SILENCE);
}

/// An export that is counted, or one that is not.
pub type Watched = Option<Arc<Watch>>;

/// Whoever holds the last one of an export ends its counting.
#[derive(Debug)]
pub struct Watch {
    exports: Exports,
    name: String,
}

impl Watch {
    pub(super) fn add(&self, rows: usize) {
        self.update(|progress| progress.rows += rows as u64);
    }

    pub(super) fn set_total(&self, total: u64) {
        self.update(|progress| progress.total = Some(total));
    }

    pub(super) fn finish(&self) {
        self.update(|progress| progress.done = true);
    }

    fn update(&self, change: impl FnOnce(&mut ExportProgress)) {
        let news = self.exports.with(|known| {
            let known = known.get_mut(&self.name)?;
            change(&mut known.progress);
            let is_due = known.progress.done || known.told.elapsed() >= TOLD_EVERY;
            is_due.then(|| {
                known.told = Instant::now();
                known.progress
            })
        });
        if news.is_some() {
            self.exports.tell(&self.name, news);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.exports.with(|known| known.remove(&self.name));
        self.exports.tell(&self.name, None);
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_MOST, Exports, SUBJECT, name};
    use crate::products::ExportProgress;

    #[test]
    fn only_so_many_are_counted_and_each_until_nobody_holds_it() {
        let exports = Exports::default();
        let mut held: Vec<_> = (0..AT_MOST).map(|n| exports.watch("ana", &n.to_string())).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(exports.watch("ben", "one more").is_none());
        let other = held[7].clone();
        held.truncate(1);
        assert!(exports.progress("ana", "7").is_some(), "somebody still holds it");
        drop(other);
        assert_eq!(exports.progress("ana", "7"), None);
        assert!(exports.watch("ben", "one more").is_some());
    }

    #[test]
    fn an_export_is_known_to_its_own_session_only_and_once() {
        let exports = Exports::default();
        let watch = exports.watch("ana", "a").expect("a watch");
        watch.set_total(9);
        watch.add(5);
        watch.add(4);
        watch.finish();
        let progress = exports.progress("ana", "a").expect("progress");
        assert_eq!((progress.rows, progress.total, progress.done), (9, Some(9), true));
        assert_eq!(
            (exports.progress("ben", "a"), exports.progress("ana", "b")),
            (None, None)
        );
        assert!(
            exports.watch("ana", "a").is_none(),
            "two exports of one name would count together"
        );
    }

    #[test]
    fn what_another_node_tells_is_known_until_it_says_that_it_is_over() {
        let (here, there) = (Exports::default(), Exports::default());
        let subject = format!("{SUBJECT}{}", name("ana", "a"));
        let progress = ExportProgress {
            rows: 7,
            total: Some(9),
            done: false,
        };
        let news = serde_json::to_string(&Some(progress)).expect("JSON");
        assert!(there.hear(&subject, &news) && !there.hear("imports", ""));
        assert_eq!(there.progress("ana", "a"), Some(progress));
        assert_eq!(there.progress("ben", "a"), None);
        assert!(there.hear(&subject, "of another version"));
        assert_eq!(there.progress("ana", "a"), Some(progress));
        assert!(there.hear(&subject, "null"));
        assert_eq!(there.progress("ana", "a"), None);
        // Its own it knows better.
        let watch = here.watch("ana", "a").expect("a watch");
        watch.add(8);
        assert!(here.hear(&subject, &news) && here.hear(&subject, "null"));
        assert_eq!(here.progress("ana", "a").map(|progress| progress.rows), Some(8));
    }
}
