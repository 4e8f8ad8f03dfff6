//! A process that sends to webhooks, with a clock that the test moves; and one that can be killed.

use time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Shop;
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
    ///
    /// # Panics
    /// When sending ended badly.
    pub async fn end(self) {
        self.stop.cancel();
        self.task.await.expect("sending ends well");
    }
}

/// A whole process beside the test, with threads and connections of its own, which can be killed.
pub struct Process(Runtime);

impl Process {
    /// # Panics
    /// When the system gives no thread.
    #[must_use]
    pub fn send(shop: &Shop) -> Self {
        let config = (*shop.services.config).clone();
        Self::working(async move {
            let services = Services::connect(config).await.expect("the shop opens again");
            services.run_dispatcher(CancellationToken::new()).await;
        })
    }

    /// One that fetches pictures.
    ///
    /// # Panics
    /// When the system gives no thread.
    #[must_use]
    pub fn fetch(shop: &Shop) -> Self {
        let config = (*shop.services.config).clone();
        Self::working(async move {
            let services = Services::connect(config).await.expect("the shop opens again");
            services.run_fetcher(CancellationToken::new()).await;
        })
    }

    /// One that runs schedules.
    ///
    /// # Panics
    /// When the system gives no thread.
    #[must_use]
    pub fn schedule(shop: &Shop) -> Self {
        let config = (*shop.services.config).clone();
        Self::working(async move {
            let services = Services::connect(config).await.expect("the shop opens again");
            services.run_schedules(CancellationToken::new()).await;
        })
    }

    fn working(work: impl Future<Output = ()> + Send + 'static) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).enable_all().build().expect("threads");
        runtime.spawn(work);
        Self(runtime)
    }

    /// At whatever it is doing.
    pub fn kill(self) {
        self.0.shutdown_background();
    }
}
