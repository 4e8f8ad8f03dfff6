//! How many streams each caller has open: one that forgets to close them must not use up the connections of everybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stockroom::problem::Problem;

/// Seconds until it is worth asking again: those of a heartbeat. A stream is silent no longer than that, and whoever has gone is missed when it
/// speaks.
const AGAIN_AFTER: u32 = 15;

/// Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    most: usize,
    // Held for a look only, never across an await.
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    by_caller: HashMap<String, usize>,
    all: usize,
}

/// A place, for as long as the stream is open.
#[derive(Debug)]
pub struct Place {
    streams: Streams,
    caller: String,
}

impl Streams {
    pub fn at_most(most: usize) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// # Errors
    /// 429 when the caller has too many open.
    pub fn open(&self, caller: &str) -> Result<Place, Problem> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.by_caller.entry(caller.to_owned()).or_default();
        if *count >= self.most {
            let detail = format!(
                "You have {} streams of events open already. Close some, or ask for the state of the job instead.",
                self.most
            );
            return Err(Problem::new(429, "Too many streams", detail).with_retry_after(AGAIN_AFTER));
        }
        *count += 1;
        open.all += 1;
        Ok(Place {
            streams: self.clone(),
            caller: caller.to_owned(),
        })
    }
}

impl Place {
    /// How long it takes to serve all streams that are open, if each takes so long.
    pub fn spread(&self, each: Duration) -> Duration {
        each.saturating_mul(u32::try_from(self.streams.count()).unwrap_or(u32::MAX))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(count) = open.by_caller.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                open.by_caller.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AGAIN_AFTER, Duration, Streams};

    #[test]
    fn each_caller_has_places_of_their_own_and_gets_them_back() {
        let streams = Streams::at_most(2);
        let (one, two) = (streams.open("ana"), streams.open("ana"));
        assert!(one.is_ok() && two.is_ok());
        let refused = streams.open("ana").expect_err("no place");
        assert_eq!((refused.status, refused.retry_after), (429, Some(AGAIN_AFTER)));
        assert!(streams.open("ben").is_ok());
        assert_eq!(streams.count(), 2, "Ben has closed his");
        let spread = two.as_ref().map(|place| place.spread(Duration::from_millis(3)));
        assert_eq!(spread.ok(), Some(Duration::from_millis(6)));
        drop(one);
        assert!(streams.open("ana").is_ok());
    }
}
