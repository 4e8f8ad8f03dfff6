//! Whose turn it is to write, and who else wants to.
//!
//! SQLite lets whoever asks at the right moment write, so that somebody who begins one transaction after the other keeps all others out; and
//! whoever must wait asks again and again. Here transactions are let in one by one, in the order in which they came. Bulk work holds its turn
//! until its transaction is over, and sees whether anybody waits for it. Single statements do not stand in the line: they ask again and again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{self, OwnedMutexGuard};

/// Somebody who has changed something is likely to change something else for so long.
const AT_WORK: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, Default)]
pub(crate) struct Turn {
    lock: Arc<sync::Mutex<()>>,
    waiting: Arc<AtomicUsize>,
    // Held for a look at the clock only.
    changed: Arc<Mutex<Option<Instant>>>,
}

/// Lets the next one in when it is dropped.
pub(crate) type Held = OwnedMutexGuard<()>;

impl Turn {
    pub async fn wait(&self) -> Held {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiter = Waiter(&self.waiting);
        self.lock.clone().lock_owned().await
    }

    /// Whether anybody waits for whoever holds the turn.
    pub fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Somebody changes products, by hand or by a program.
    pub fn note_change(&self) {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether somebody of this process does so just now, besides bulk work.
    pub fn are_others_at_work(&self) -> bool {
        let changed = *self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.is_some_and(|moment| moment.elapsed() < AT_WORK)
    }
}

/// Counted until he is let in, or goes away.
struct Waiter<'a>(&'a AtomicUsize);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_holds_the_turn_sees_whether_anybody_waits() {
        let turn = Turn::default();
        let held = turn.wait().await;
        assert!(!turn.is_wanted());
        let mut next = Box::pin(turn.wait());
        assert!(futures::poll!(&mut next).is_pending());
        assert!(turn.is_wanted());
        drop(next);
        assert!(!turn.is_wanted(), "he has gone");
        let mut next = Box::pin(turn.wait());
        assert!(futures::poll!(&mut next).is_pending());
        drop(held);
        let _held = next.await;
        assert!(!turn.is_wanted(), "he is in");
    }

    #[test]
    fn whoever_has_just_changed_something_is_at_work() {
        let turn = Turn::default();
        assert!(!turn.are_others_at_work());
        turn.note_change();
        assert!(turn.clone().are_others_at_work());
    }
}
