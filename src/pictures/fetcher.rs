//! Fetches the pictures that wait: several at once, few of one host, each by one process at a time.
//!
//! Any number of processes may do this on one database. Nothing is kept here that the database does not have, so one may die at any time;
//! what it was fetching is fetched again when its lease has run out.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::client::{Client, Failure};
use super::queue::{self, Due};
use super::store;
use crate::database::Database;
use crate::error::Result;
use crate::jobs::Wake;
use crate::storage::Storage;

/// Pictures that a process fetches at the same time. Each is held in memory, of at most 20 MB.
const AT_ONCE: usize = 8;
/// Of these, pictures of one host.
const OF_HOST: usize = 2;
/// Due pictures that are looked at together.
const WINDOW: usize = 500;
/// Looks at what is due, one after the other, when other processes were faster.
const LOOKS: usize = 4;
/// How long a picture can lie unannounced.
const POLL: Duration = Duration::from_secs(1);
/// How often it is looked for pictures of others behind very many of hosts that are busy.
const LOOK_PAST: Duration = Duration::from_secs(10);
/// How long a picture is one process's. It is given up before that.
const LEASE: Duration = Duration::from_secs(300);
const WORK: Duration = Duration::from_secs(270);
/// What is under way when the process stops is waited for.
const DRAIN: Duration = Duration::from_secs(5);
const SWEEP: Duration = Duration::from_secs(3_600);

/// Fetches pictures on this machine.
#[derive(Clone, Debug)]
pub struct Fetcher {
    pub database: Database,
    pub storage: Storage,
    pub client: Client,
}

struct Round {
    fetcher: Fetcher,
    /// No two processes ever have the same.
    owner: String,
    /// Due pictures, as they were when they were looked at.
    queue: VecDeque<Due>,
    looked_past: Instant,
    running: JoinSet<()>,
    /// What each task fetches, and from which host.
    under_way: HashMap<Id, (i64, String)>,
}

impl Fetcher {
    /// Fetches until `stop` is cancelled.
    pub async fn run(self, wake: Wake, stop: CancellationToken) {
        let mut round = Round::of(self);
        let mut swept: Option<Instant> = None;
        while !stop.is_cancelled() {
            if swept.is_none_or(|swept| swept.elapsed() > SWEEP) {
                swept = Some(Instant::now());
                warn(queue::settle_late(&round.fetcher.database).await);
            }
            warn(round.fill().await);
            tokio::select! {
                Some(ended) = round.running.join_next_with_id() => round.note(ended),
                () = wake.woken() => {}
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
        round.end().await;
    }

    /// Fetches what is due now, and ends when nothing is left that others are not fetching.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fetch_due(self) -> Result<()> {
        queue::settle_late(&self.database).await?;
        let mut round = Round::of(self);
        loop {
            round.fill().await?;
            match round.running.join_next_with_id().await {
                Some(ended) => round.note(ended),
                None => return Ok(()),
            }
        }
    }
}

fn warn(outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "pictures could not be looked after"
        );
    }
}

impl Round {
    fn of(fetcher: Fetcher) -> Self {
        Self {
            fetcher,
            owner: ulid::Ulid::new().to_string(),
            queue: VecDeque::new(),
            looked_past: Instant::now(),
            running: JoinSet::new(),
            under_way: HashMap::new(),
        }
    }

    /// Begins to fetch what may be fetched now.
    async fn fill(&mut self) -> Result<()> {
        for _ in 0..LOOKS {
            if self.running.len() >= AT_ONCE {
                return Ok(());
            }
            if self.queue.is_empty() {
                self.queue = queue::due(self.fetcher.database.reader(), &[], WINDOW).await?.into();
            }
            let mut chosen = self.choose();
            if chosen.is_empty() && !self.queue.is_empty() && self.looked_past.elapsed() > LOOK_PAST {
                self.look_past().await?;
                chosen = self.choose();
            }
            if self.start(chosen).await? {
                return Ok(());
            }
            // Others were faster; what else is in the queue may be theirs, too.
            self.queue.clear();
        }
        Ok(())
    }

    /// Puts pictures of other hosts before those in the queue, whose hosts are all busy.
    async fn look_past(&mut self) -> Result<()> {
        self.looked_past = Instant::now();
        let hosts: BTreeSet<String> = self
            .queue
            .iter()
            .filter_map(|due| queue::host(&due.reference))
            .collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let others = queue::due(self.fetcher.database.reader(), &hosts, WINDOW).await?;
        for due in others.into_iter().rev() {
            self.queue.push_front(due);
        }
        Ok(())
    }

    /// Takes those out of the queue for which there is room.
    fn choose(&mut self) -> Vec<(Due, String)> {
        let mut chosen: Vec<(Due, String)> = Vec::new();
        let mut kept = VecDeque::with_capacity(self.queue.len());
        for due in self.queue.drain(..) {
            let host = queue::host(&due.reference).unwrap_or_default();
            let under_way = self.under_way.values().filter(|(_, of)| *of == host).count();
            let with_it = chosen.iter().filter(|(_, of)| *of == host).count();
            if self.running.len() + chosen.len() < AT_ONCE && under_way + with_it < OF_HOST {
                chosen.push((due, host));
            } else {
                kept.push_back(due);
            }
        }
        self.queue = kept;
        chosen
    }

    /// Begins to fetch those that are still to be had. Says whether all were.
    async fn start(&mut self, chosen: Vec<(Due, String)>) -> Result<bool> {
        if chosen.is_empty() {
            return Ok(true);
        }
        let ids: Vec<i64> = chosen.iter().map(|(due, _)| due.id).collect();
        let claimed = queue::claim(self.fetcher.database.writer(), &self.owner, &ids, LEASE).await?;
        let are_all_ours = claimed.len() == chosen.len();
        for (due, host) in chosen {
            // Others may have been faster.
            let Some(attempts) = claimed.get(&due.id).copied() else {
                continue;
            };
            let (fetcher, owner, id) = (self.fetcher.clone(), self.owner.clone(), due.id);
            let task = self.running.spawn(async move {
                match tokio::time::timeout(WORK, fetcher.fetch(&owner, &due, attempts)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        picture = id,
                        "a picture could not be kept and is fetched again later"
                    ),
                    Err(_) => tracing::warn!(picture = id, "a picture took too long to be kept"),
                }
            });
            self.under_way.insert(task.id(), (id, host));
        }
        Ok(are_all_ours)
    }

    fn note(&mut self, ended: std::result::Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "fetching a picture ended badly");
                error.id()
            }
        };
        self.under_way.remove(&id);
    }

    /// Waits a little for what is under way and gives the rest back, for whoever is next.
    async fn end(mut self) {
        let rest = async {
            while let Some(ended) = self.running.join_next_with_id().await {
                match ended {
                    Ok((id, ())) => self.under_way.remove(&id),
                    Err(error) => self.under_way.remove(&error.id()),
                };
            }
        };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            self.running.shutdown().await;
        }
        let left: Vec<i64> = self.under_way.into_values().map(|(picture, _)| picture).collect();
        warn(queue::release(self.fetcher.database.writer(), &self.owner, &left).await);
    }
}

impl Fetcher {
    /// One attempt, and what came of it.
    async fn fetch(&self, owner: &str, due: &Due, attempts: i64) -> Result<()> {
        let reference = super::Reference::stored(due.reference.clone());
        let outcome = match reference.address() {
            Some(address) => self.client.get(address).await,
            None => Err(Failure::Final(
                "The picture came in a workbook and is not there any more. Import the workbook again.".to_owned(),
            )),
        };
        let attempts = attempts + 1;
        let is_ours = match outcome {
            Ok(fetched) => {
                let sha256 = store::put(&self.storage, &fetched.bytes).await?;
                queue::stored(&self.database, owner, due.id, &fetched, &sha256).await?
            }
            Err(Failure::Final(problem)) => queue::failed(&self.database, owner, due.id, attempts, &problem).await?,
            Err(Failure::Passing { problem, retry_after }) => {
                match queue::pause(attempts, retry_after, rand::random()) {
                    Some(pause) => queue::put_off(&self.database, owner, (due.id, attempts), &problem, pause).await?,
                    None => {
                        let problem = format!("{problem} It was tried {attempts} times.");
                        queue::failed(&self.database, owner, due.id, attempts, &problem).await?
                    }
                }
            }
        };
        if !is_ours {
            tracing::info!(picture = due.id, "somebody else has fetched this picture meanwhile");
        }
        Ok(())
    }
}
