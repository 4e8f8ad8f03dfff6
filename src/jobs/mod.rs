//! Background work: claim the next piece, do it, look again, and stop when asked to.
//!
//! The database's rows are the truth. A [`Wake`] only makes a worker look sooner; a poll finds what no wake announced.
//! Nothing here knows imports or any other noun.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

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

/// Tells a worker that there may be something to do. Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits for the next wake; one that came before is not lost.
    pub async fn woken(&self) {
        self.0.notified().await;
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
