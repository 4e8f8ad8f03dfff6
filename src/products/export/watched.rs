//! Exports that somebody watches: how far each is, in the memory of the node that writes it, until it has been sent or given up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::products::ExportProgress;

/// Exports that are counted at the same time; whatever comes beyond that is written uncounted.
const AT_MOST: usize = 1_000;

/// Who watches: a session, and the word that its page has made up for this export.
type Name = (String, String);

/// Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    // Held for a look into the map only, never across an await.
    running: Arc<Mutex<HashMap<Name, ExportProgress>>>,
}

impl Exports {
    /// Counts an export for as long as the answer lives. There is none where too many are counted, or one of that name already.
    #[must_use]
    pub fn watch(&self, session: &str, word: &str) -> Watched {
        let name = (session.to_owned(), word.to_owned());
        self.with(|running| {
            if running.len() >= AT_MOST || running.contains_key(&name) {
                return None;
            }
            running.insert(name.clone(), ExportProgress::default());
            Some(Arc::new(Watch {
                exports: self.clone(),
                name,
            }))
        })
    }

    /// How far an export of this session is, while it is written and sent from here.
    #[must_use]
    pub fn progress(&self, session: &str, word: &str) -> Option<ExportProgress> {
        let name = (session.to_owned(), word.to_owned());
        self.with(|running| running.get(&name).copied())
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Name, ExportProgress>) -> T) -> T {
        act(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An export that is counted, or one that is not.
pub type Watched = Option<Arc<Watch>>;

/// Whoever holds the last one of an export ends its counting.
#[derive(Debug)]
pub struct Watch {
    exports: Exports,
    name: Name,
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
        self.exports.with(|running| running.get_mut(&self.name).map(change));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.exports.with(|running| running.remove(&self.name));
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_MOST, Exports};

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
}
