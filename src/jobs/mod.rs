//! Background work: claim the next piece, do it, look again, and stop when asked to.
//!
//! The database's rows are the truth. A [`Wake`] only makes a worker look sooner; a poll finds what no wake announced.
//! Nothing here knows imports or any other noun.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::database::bus::Bus;

/// What a look for work came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Worked,
    /// There was nothing to do.
    Idle,
}

/// A kind of work that is kept in the database.
pub trait Task: Send + Sync + 'static {
    /// Claims one piece of work and does it to its end.
    fn run_next(&self, stop: &CancellationToken) -> impl Future<Output = crate::error::Result<Outcome>> + Send;
}

/// Tells workers, here and in other processes, that there may be something to do. Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Wake {
    here: Arc<Notify>,
    /// Where others hear of it, and under which subject.
    others: Option<(Bus, &'static str)>,
}

impl Wake {
    /// One that others hear of as `subject`.
    #[must_use]
    pub fn among(bus: &Bus, subject: &'static str) -> Self {
        Self {
            here: Arc::default(),
            others: Some((bus.clone(), subject)),
        }
    }

    pub fn wake(&self) {
        self.wake_here();
        if let Some((bus, subject)) = &self.others {
            bus.tell(subject, String::new());
        }
    }

    /// Passes on what another process has said.
    pub fn wake_here(&self) {
        self.here.notify_one();
    }

    /// What others hear of it as.
    #[must_use]
    pub fn subject(&self) -> Option<&'static str> {
        self.others.as_ref().map(|(_, subject)| *subject)
    }

    /// Waits for the next wake; one that came before is not lost.
    pub async fn woken(&self) {
        self.here.notified().await;
    }
}

/// Does something again and again, `period` apart and for the first time after one, until `stop` is cancelled. What fails is done again the
/// next time.
pub async fn every<F>(period: Duration, stop: CancellationToken, task: impl Fn() -> F)
where
    F: Future<Output = crate::error::Result<()>>,
{
    loop {
        tokio::select! {
            () = tokio::time::sleep(period) => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = task().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what is done now and then has failed and will be tried again"
            );
        }
    }
}

/// How long work can lie unannounced, for example after its worker was killed.
const POLL: Duration = Duration::from_secs(1);

/// Works until `stop` is cancelled; a piece that is under way is told and waited for.
pub async fn work(task: impl Task, wake: Wake, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let outcome = task.run_next(&stop).await.unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "background work failed and will be tried again"
            );
            Outcome::Idle
        });
        if outcome == Outcome::Idle {
            tokio::select! {
                () = wake.woken() => {}
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;

    use super::every;
    use crate::error::Error;

    #[tokio::test]
    async fn what_is_done_now_and_then_is_done_again_after_it_has_failed_and_ends_when_asked() {
        let stop = CancellationToken::new();
        let (sender, mut done) = tokio::sync::mpsc::unbounded_channel();
        let task = move || {
            let sent = sender.send(());
            async move {
                sent.map_err(|_| Error::Stored("nobody listens".into()))
                    .and(Err(Error::Stored("away".into())))
            }
        };
        let repeated = tokio::spawn(every(Duration::from_millis(1), stop.clone(), task));
        for _ in 0..3 {
            done.recv().await.expect("once more");
        }
        stop.cancel();
        repeated.await.expect("it ends");
    }
}
