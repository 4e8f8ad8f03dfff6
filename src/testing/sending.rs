//! A process that sends to webhooks, with a clock that the test moves.

use time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::jobs::Wake;
use crate::services::Services;
use crate::webhooks::clock::Clock;

pub struct Sending {
    clock: Clock,
    wake: Wake,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Sending {
    /// Begins to send, beside whatever else does.
    #[must_use]
    pub fn begin(services: &Services) -> Self {
        let (clock, stop) = (Clock::default(), CancellationToken::new());
        let mut dispatcher = services.dispatcher();
        dispatcher.clock = clock.clone();
        let wake = services.webhook_wake.clone();
        let task = tokio::spawn(dispatcher.run(wake.clone(), stop.clone()));
        Self {
            clock,
            wake,
            stop,
            task,
        }
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.wake.wake();
    }

    /// Stops in order: what is under way is sent and written down.
    pub async fn end(self) {
        self.stop.cancel();
        self.task.await.expect("sending ends well");
    }

    /// Stops at once, as a process does that is killed.
    pub async fn kill(self) {
        self.task.abort();
        drop(self.task.await);
    }
}
