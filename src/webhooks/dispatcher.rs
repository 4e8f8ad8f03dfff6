//! Watches over all webhooks: takes those on that have something to send and that nobody sends for, and starts a sender for each.
//!
//! Any number of processes may do this on one database. Nothing is kept here that the database does not have, so one may die at any time.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::client::Client;
use super::clock::Clock;
use super::sender::{self, CALLS, Shared, Tokens};
use super::vault::Vault;
use super::{leases, record, retention};
use crate::database::Database;
use crate::error::Result;
use crate::jobs::Wake;
use crate::monitoring::tally::Tally;

/// How long an event can lie unannounced.
const POLL: Duration = Duration::from_millis(500);
/// How long a process keeps its webhooks without saying that it is there.
const LEASE_MILLISECONDS: i64 = 6_000;
const RENEWAL: Duration = Duration::from_secs(2);
/// Results that wait to be written.
const RESULTS: usize = 1_000;
const SWEEP: Duration = Duration::from_secs(3_600);

/// Sends for webhooks on this machine.
#[derive(Clone, Debug)]
pub struct Dispatcher {
    pub database: Database,
    pub client: Client,
    pub vault: Vault,
    pub clock: Clock,
    pub tally: Tally,
    /// Days that deliveries are kept.
    pub days: i64,
}

struct Running {
    task: JoinHandle<()>,
    wake: Arc<Notify>,
}

impl Dispatcher {
    /// Sends until `stop` is cancelled; calls that are under way then are waited for.
    pub async fn run(self, wake: Wake, stop: CancellationToken) {
        let (results, received) = mpsc::channel(RESULTS);
        // No two processes ever have the same name, not even one after the other on the same machine.
        let owner = ulid::Ulid::new().to_string();
        let recording = record::run(self.database.clone(), owner.clone(), self.tally.clone(), received);
        let recorder = tokio::spawn(recording);
        let shared = Shared {
            database: self.database.clone(),
            client: self.client.clone(),
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            owner,
            results,
            permits: Arc::new(Semaphore::new(CALLS)),
            active: Arc::default(),
        };
        let mut round = Round {
            shared,
            running: HashMap::new(),
            tokens: HashMap::new(),
            renewed: Instant::now(),
            stop: stop.clone(),
        };
        let mut swept: Option<Instant> = None;
        while !stop.is_cancelled() {
            if let Err(error) = round.go().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "webhooks could not be looked after"
                );
            }
            if swept.is_none_or(|swept| swept.elapsed() > SWEEP) {
                swept = Some(Instant::now());
                if let Err(error) = self.sweep().await {
                    tracing::warn!(%error, "old deliveries could not be deleted");
                }
            }
            tokio::select! {
                () = wake.woken() => {}
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
        round.end().await;
        drop(recorder.await);
    }

    /// Deletes what is older than deliveries are kept, as it is done each hour meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<()> {
        retention::sweep(&self.database, self.days).await
    }
}

struct Round {
    shared: Shared,
    running: HashMap<i64, Running>,
    /// What each webhook has left of its calls of this second.
    tokens: HashMap<i64, Arc<Mutex<Tokens>>>,
    renewed: Instant,
    stop: CancellationToken,
}

impl Round {
    async fn go(&mut self) -> Result<()> {
        self.running.retain(|_, running| !running.task.is_finished());
        self.shared.active.store(self.running.len(), Ordering::Relaxed);
        let now = self.shared.clock.milliseconds();
        let mut wanted = leases::with_work(self.shared.database.reader(), now).await?;
        let is_new = wanted.iter().any(|id| !self.running.contains_key(id));
        for id in &wanted {
            if let Some(running) = self.running.get(id) {
                running.wake.notify_one();
            }
        }
        if !is_new && self.renewed.elapsed() < RENEWAL {
            return Ok(());
        }
        wanted.extend(
            self.running
                .keys()
                .copied()
                .filter(|id| !wanted.contains(id))
                .collect::<Vec<_>>(),
        );
        let ours = leases::lease(&self.shared.database, &self.shared.owner, &wanted, LEASE_MILLISECONDS).await?;
        self.renewed = Instant::now();
        for id in ours {
            if !self.running.contains_key(&id) {
                let running = self.start(id);
                self.running.insert(id, running);
            }
        }
        self.shared.active.store(self.running.len(), Ordering::Relaxed);
        Ok(())
    }

    fn start(&mut self, webhook: i64) -> Running {
        let wake = Arc::new(Notify::new());
        let tokens = self.tokens.entry(webhook).or_default().clone();
        let sending = sender::run(self.shared.clone(), webhook, (wake.clone(), tokens), self.stop.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = sending.await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    webhook,
                    "sending stopped and is taken up again"
                );
            }
        });
        Running { task, wake }
    }

    /// Waits for all senders, whose webhooks stay theirs meanwhile, then lets others have them.
    async fn end(self) {
        let webhooks: Vec<i64> = self.running.keys().copied().collect();
        let tasks = self.running.into_values().map(|running| running.task);
        let mut ended = std::pin::pin!(futures::future::join_all(tasks));
        let Shared {
            database,
            owner,
            results,
            ..
        } = self.shared;
        drop(results);
        loop {
            tokio::select! {
                _ = &mut ended => break,
                () = tokio::time::sleep(RENEWAL) => {
                    if let Err(error) = leases::lease(&database, &owner, &webhooks, LEASE_MILLISECONDS).await {
                        tracing::warn!(%error, "webhooks could not be kept until their calls are over");
                    }
                }
            }
        }
        if let Err(error) = leases::release(database.writer(), &owner).await {
            tracing::warn!(%error, "webhooks are given back only when their lease runs out");
        }
    }
}
