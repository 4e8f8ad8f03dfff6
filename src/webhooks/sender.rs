//! Sends what is due to one webhook, as fast as it may: so many calls at once and in a second, none while the breaker is open.
//!
//! One process sends for a webhook at a time (its lease says which); what is under way is known here alone. A process that dies leaves
//! its deliveries due, and the next one sends them again under the same id.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sea_orm::{ConnectionTrait, FromQueryResult};
use time::OffsetDateTime;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::breaker::{Allowance, Breaker};
use super::client::{Answer, Call, Client};
use super::clock::Clock;
use super::record::Done;
use super::target::{Target, target};
use super::vault::Vault;
use super::{Cause, WebhookStatus, feed};
use crate::database::Database;
use crate::database::sql::Sql;
use crate::error::Result;

/// How old what is known about the webhook and its due deliveries may be.
const FRESH: Duration = Duration::from_millis(250);
/// Looks at the clock again, for retries that become due and pauses that end.
const LOOK: Duration = Duration::from_millis(500);
/// Due deliveries that are fetched together.
const FETCHED: usize = 50;
/// Calls of all webhooks at the same time.
pub(super) const CALLS: usize = 200;
/// Calls whose results may wait to be written, for each that may be under way: as many come twice when the process is killed.
const UNWRITTEN: usize = 4;
/// Calls that are under way when the process stops are waited for.
const DRAIN: Duration = Duration::from_secs(10);

/// What all senders of a process share.
#[derive(Clone)]
pub(super) struct Shared {
    pub database: Database,
    pub client: Client,
    pub vault: Vault,
    pub clock: Clock,
    pub owner: String,
    pub results: mpsc::Sender<Done>,
    /// Calls of all webhooks together.
    pub permits: Arc<Semaphore>,
    /// Webhooks that are being sent to.
    pub active: Arc<AtomicUsize>,
}

#[derive(Clone, Debug, FromQueryResult)]
struct Due {
    id: i64,
    tries: i64,
    cause: String,
    next_attempt_at: i64,
    message_id: String,
    body: String,
}

struct Called {
    due: Due,
    url: String,
    at: OffsetDateTime,
    answer: Answer,
}

struct Sender {
    shared: Shared,
    target: Arc<Target>,
    loaded: Instant,
    queue: VecDeque<Due>,
    calls: JoinSet<Called>,
    /// Deliveries that are being sent, or whose results are not written yet.
    busy: BTreeSet<i64>,
    written: FuturesUnordered<Written>,
    breaker: Breaker,
    /// They outlive the sender: a new one begins with what the one before has left.
    tokens: Arc<Mutex<Tokens>>,
    /// The last look found nothing that is due.
    is_drained: bool,
}

type Written = std::pin::Pin<Box<dyn Future<Output = i64> + Send + Sync>>;

/// Sends for a webhook until nothing is due, somebody else sends for it, or `stop` is cancelled.
pub(super) async fn run(
    shared: Shared,
    webhook: i64,
    (wake, tokens): (Arc<Notify>, Arc<Mutex<Tokens>>),
    stop: CancellationToken,
) -> Result<()> {
    let Some(target) = load(&shared, webhook).await? else {
        return Ok(());
    };
    let mut sender = Sender::new(shared, target, tokens);
    let outcome = sender.send_all(&wake, &stop).await;
    sender.drain().await;
    outcome
}

async fn load(shared: &Shared, webhook: i64) -> Result<Option<Target>> {
    let now = shared.clock.milliseconds();
    let target = target(shared.database.reader(), &shared.vault, webhook, now).await?;
    Ok(target.filter(|target| {
        target.row.status == WebhookStatus::Enabled.as_str() && target.row.lease_owner.as_ref() == Some(&shared.owner)
    }))
}

impl Sender {
    fn new(shared: Shared, target: Target, tokens: Arc<Mutex<Tokens>>) -> Self {
        let row = &target.row;
        Self {
            breaker: Breaker::restored(row.failures, row.open_until, row.openings),
            tokens,
            is_drained: false,
            target: Arc::new(target),
            loaded: Instant::now(),
            queue: VecDeque::new(),
            calls: JoinSet::new(),
            busy: BTreeSet::new(),
            written: FuturesUnordered::new(),
            shared,
        }
    }

    async fn send_all(&mut self, wake: &Notify, stop: &CancellationToken) -> Result<()> {
        loop {
            if stop.is_cancelled() || !self.refresh().await? {
                return Ok(());
            }
            self.start_calls().await?;
            if self.is_drained && self.allows_all() {
                if self.feed().await? {
                    continue;
                }
                if self.busy.is_empty() {
                    return Ok(());
                }
            }
            let pause = self.pause();
            tokio::select! {
                Some(called) = self.calls.join_next() => self.finish(called).await?,
                Some(delivery) = self.written.next() => { self.busy.remove(&delivery); }
                () = wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Looks again at the webhook from time to time: it may have another address or secret, or be somebody else's. Says whether to go on.
    async fn refresh(&mut self) -> Result<bool> {
        if self.loaded.elapsed() < FRESH {
            return Ok(true);
        }
        let Some(target) = load(&self.shared, self.target.row.id).await? else {
            return Ok(false);
        };
        // Enabled by hand while it waited for the end of a pause.
        if target.row.openings == 0 && self.target.row.openings > 0 && self.busy.is_empty() {
            self.breaker = Breaker::default();
        }
        (self.target, self.loaded) = (Arc::new(target), Instant::now());
        self.queue.clear();
        Ok(true)
    }

    async fn feed(&self) -> Result<bool> {
        let now = self.shared.clock.milliseconds();
        feed::advance(&self.shared.database, &self.shared.owner, &self.target, now).await
    }

    fn allows_all(&self) -> bool {
        self.breaker.allows(self.shared.clock.milliseconds()) == Allowance::All
    }

    /// Calls that may begin now.
    fn room(&mut self) -> usize {
        let row = &self.target.row;
        let most = match self.breaker.allows(self.shared.clock.milliseconds()) {
            Allowance::NoneUntil(_) => 0,
            Allowance::One => 1,
            Allowance::All if row.is_ordered => usize::from(self.busy.is_empty()),
            Allowance::All => usize::try_from(row.concurrency).unwrap_or(1),
        };
        // Receivers that take their time may not take everybody's.
        let share = (CALLS / self.shared.active.load(Ordering::Relaxed).max(1)).max(1);
        let free = most.min(share).saturating_sub(self.calls.len());
        let unwritten = (most * UNWRITTEN).saturating_sub(self.busy.len());
        free.min(unwritten).min(self.tokens().available(row.rate))
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        // Whoever panicked in the middle of an addition has broken nothing.
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn start_calls(&mut self) -> Result<()> {
        let room = self.room();
        if room > 0 && self.queue.is_empty() {
            self.queue = self.fetch().await?.into();
        }
        self.is_drained = room > 0 && self.queue.is_empty();
        for _ in 0..room {
            let Some(due) = self.queue.pop_front() else { break };
            self.tokens().take();
            self.busy.insert(due.id);
            self.start(due);
        }
        Ok(())
    }

    async fn fetch(&self) -> Result<Vec<Due>> {
        let now = self.shared.clock.milliseconds();
        let ordered = self.target.row.is_ordered;
        let limit = if ordered { 1 } else { FETCHED + self.busy.len() };
        let mut due = due(self.shared.database.reader(), self.target.row.id, now, ordered, limit).await?;
        due.retain(|due| !self.busy.contains(&due.id) && due.next_attempt_at <= now);
        Ok(due)
    }

    fn start(&mut self, due: Due) {
        let (shared, target) = (self.shared.clone(), self.target.clone());
        self.calls.spawn(async move {
            let _permit = shared.permits.acquire().await;
            let at = shared.clock.now();
            let call = Call {
                url: &target.row.url,
                headers: &target.headers,
                secrets: &target.secrets,
                timeout: Duration::from_secs(u64::try_from(target.row.timeout_seconds).unwrap_or(15)),
                message_id: &due.message_id,
                body: &due.body,
                timestamp: at.unix_timestamp(),
            };
            let answer = shared.client.call(call).await;
            Called {
                url: target.row.url.clone(),
                due,
                at,
                answer,
            }
        });
    }

    /// A call that ended badly ends the sender: whoever is next begins with what the database says.
    async fn finish(&mut self, called: std::result::Result<Called, tokio::task::JoinError>) -> Result<()> {
        let Called { due, url, at, answer } = called?;
        self.breaker.note(self.shared.clock.milliseconds(), answer.arrived());
        let (written, is_written) = oneshot::channel();
        let done = Done {
            webhook: self.target.row.id,
            delivery: due.id,
            tries: due.tries,
            cause: if due.cause == Cause::Replay.as_str() {
                Cause::Replay
            } else {
                Cause::Automatic
            },
            url,
            at,
            answer,
            breaker: self.breaker.clone(),
            written,
        };
        // Whoever writes results ends after all senders.
        if self.shared.results.send(done).await.is_ok() {
            self.written.push(Box::pin(async move {
                drop(is_written.await);
                due.id
            }));
        }
        Ok(())
    }

    /// Until there may be something to do that nobody announces: a retry, the end of a pause, the next call of a full second.
    fn pause(&self) -> Duration {
        self.tokens().until_next(self.target.row.rate).unwrap_or(LOOK).min(LOOK)
    }

    /// Waits for what is under way, and for its results to be written.
    async fn drain(mut self) {
        let rest = async {
            while let Some(called) = self.calls.join_next().await {
                if let Err(error) = self.finish(called).await {
                    tracing::error!(%error, "a call ended badly");
                }
            }
            while self.written.next().await.is_some() {}
        };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            tracing::info!(
                webhook = self.target.row.id,
                "calls under way are made again by whoever is next"
            );
        }
    }
}

/// Deliveries whose time has come, the longest waiting first; for an ordered webhook the first one that has not arrived, due or not.
async fn due(db: &impl ConnectionTrait, webhook: i64, now: i64, ordered: bool, limit: usize) -> Result<Vec<Due>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push(
        "SELECT d.id, d.tries, d.cause, d.next_attempt_at, e.message_id, e.body FROM webhook_deliveries d
        JOIN webhook_events e ON e.id = d.event_id WHERE d.status IN ('pending', 'retrying') AND d.webhook_id = ",
    );
    sql.bind(webhook);
    if ordered {
        sql.push(" ORDER BY d.id");
    } else {
        sql.push(" AND d.next_attempt_at <= ")
            .bind(now)
            .push(" ORDER BY d.next_attempt_at, d.id");
    }
    sql.push(&format!(" LIMIT {limit}"));
    Ok(Due::find_by_statement(sql.statement()).all(db).await?)
}

/// So many calls in a second: a bucket that fills with time, up to one second's worth.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    full: f64,
    at: Option<Instant>,
}

impl Tokens {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 1,000"
    )]
    fn available(&mut self, rate: i64) -> usize {
        let now = Instant::now();
        let gained = self.at.map_or(rate as f64, |at| (now - at).as_secs_f64() * rate as f64);
        self.full = (self.full + gained).min(rate as f64);
        self.at = Some(now);
        self.full as usize
    }

    fn take(&mut self) {
        self.full -= 1.0;
    }

    /// Until the next call may begin, if that is what calls wait for.
    #[expect(clippy::cast_precision_loss, reason = "at most 1,000")]
    fn until_next(&self, rate: i64) -> Option<Duration> {
        let missing = 1.0 - self.full;
        (missing > 0.0).then(|| Duration::try_from_secs_f64(missing / rate.max(1) as f64 + 0.001).unwrap_or(LOOK))
    }
}

#[cfg(test)]
mod tests {
    use super::Tokens;

    #[test]
    fn a_second_has_so_many_calls_and_no_more() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.available(25), 25);
        assert_eq!(tokens.until_next(25), None);
        (0..25).for_each(|_| tokens.take());
        assert_eq!(tokens.available(1), 0);
        let wait = tokens.until_next(25).expect("a pause").as_secs_f64();
        assert!(wait > 0.0 && wait < 0.05, "{wait}");
    }
}
