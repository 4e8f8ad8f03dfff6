//! How a process becomes one of the nodes of a database, and how it leaves.
//!
//! A lock of PostgreSQL's says who is there: it is let go with the connection that holds it, however its process ends. Whoever keeps files
//! in a folder holds it alone, all others share it.

use std::time::Duration;

use sea_orm::DatabaseBackend;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{Node, NodeRole, store};
use crate::database::Database;
use crate::database::clock::now;
use crate::disk::{Disk, Disks};
use crate::error::Result;
use crate::problem::Problem;
use crate::storage::Storage;

/// How often a node says that it lives; a third of how long it is believed.
const BEAT: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How long a beat waits for the disks.
const DISKS: Duration = Duration::from_secs(1);
/// A disk that does not answer for so long is not known any more.
const STALE: Duration = Duration::from_secs(15);

/// A process that wants to be a node.
#[derive(Clone, Debug)]
pub struct Newcomer {
    pub role: NodeRole,
    pub version: String,
    /// Of which it tells the others.
    pub disks: Disks,
    /// How long somebody in its place who is about to end is waited for.
    pub patience: Duration,
}

/// A node that lives, until this is [run](Membership::run) to its end.
#[derive(Debug)]
pub struct Membership {
    database: Database,
    node: Node,
    place: Place,
    disks: Disks,
    /// A look at the disks that has not ended yet, and since when.
    looking: Option<(Instant, JoinHandle<Vec<Disk>>)>,
    /// Nobody is with a database that is a file.
    lock: Option<PgConnection>,
}

/// Where its files are.
#[derive(Debug)]
struct Place {
    address: String,
    is_shared: bool,
}

impl Membership {
    /// Joins the nodes of a database.
    ///
    /// # Errors
    /// When this node and those that live there could not work together, or the database fails.
    pub async fn join(database: &Database, storage: &Storage, newcomer: Newcomer) -> Result<Self> {
        let is_alone = database.backend() != DatabaseBackend::Postgres;
        if is_alone && newcomer.role != NodeRole::All {
            return Err(needs_postgres(newcomer.role).into());
        }
        let place = Place {
            address: storage.address().to_owned(),
            is_shared: storage.is_shared(),
        };
        if !place.is_shared && newcomer.role != NodeRole::All {
            return Err(needs_bucket().into());
        }
        let mut membership = Self {
            database: database.clone(),
            node: Node {
                id: ulid::Ulid::new().to_string(),
                role: newcomer.role,
                host: host(),
                version: newcomer.version,
                started_at: now().into(),
                disks: Vec::new(),
            },
            place,
            disks: newcomer.disks,
            looking: None,
            lock: None,
        };
        if !is_alone {
            membership.enter(newcomer.patience).await?;
        }
        Ok(membership)
    }

    async fn enter(&mut self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        self.lock = loop {
            match self.locked().await? {
                Some(lock) => break Some(lock),
                None if Instant::now() > deadline => return Err(not_alone().into()),
                None => tokio::time::sleep(LOOK_AGAIN).await,
            }
        };
        if self.place.is_shared
            && let Some(other) = store::stranger(self.database.writer(), &self.place.address).await?
        {
            return Err(elsewhere(&other, &self.place.address).into());
        }
        self.tell().await
    }

    async fn locked(&self) -> Result<Option<PgConnection>> {
        let take = if self.place.is_shared {
            "SELECT pg_try_advisory_lock_shared(7310002)"
        } else {
            "SELECT pg_try_advisory_lock(7310002)"
        };
        let pool = self.database.writer().get_postgres_connection_pool();
        // Not one of the pool's: the lock goes with the connection.
        let mut connection = pool.acquire().await?.detach();
        if sqlx::query_scalar(take).fetch_one(&mut connection).await? {
            return Ok(Some(connection));
        }
        connection.close().await?;
        Ok(None)
    }

    /// Says now and then that the node lives, until `stop` is cancelled.
    pub async fn run(mut self, stop: CancellationToken) {
        if self.lock.is_none() {
            return;
        }
        loop {
            tokio::select! {
                () = tokio::time::sleep(BEAT) => {}
                () = stop.cancelled() => break,
            }
            if let Err(error) = self.beat().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "this node could not say that it lives"
                );
            }
        }
        drop(store::leave(self.database.writer(), &self.node).await);
        if let Some(lock) = self.lock {
            drop(lock.close().await);
        }
    }

    async fn beat(&mut self) -> Result<()> {
        let is_held = match &mut self.lock {
            Some(lock) => lock.ping().await.is_ok(),
            None => false,
        };
        if !is_held {
            // The database was away. Whoever took the place meanwhile keeps it; this node says so until it has it back.
            self.lock = self.locked().await?;
            if self.lock.is_none() {
                tracing::error!("{}", not_alone().detail);
            }
        }
        self.tell().await
    }

    async fn tell(&mut self) -> Result<()> {
        self.look().await;
        store::beat(self.database.writer(), &self.node, &self.place.address).await
    }

    /// Asks the disks. One that does not answer, as one of the network may not, holds no beat up: the node lives.
    async fn look(&mut self) {
        let disks = self.disks.clone();
        let begin = || (Instant::now(), spawn_blocking(move || disks.look()));
        let (since, looking) = self.looking.get_or_insert_with(begin);
        match timeout(DISKS, looking).await {
            Ok(seen) => {
                self.node.disks = seen.unwrap_or_default();
                self.looking = None;
            }
            Err(_) if since.elapsed() > STALE => self.node.disks.clear(),
            Err(_) => {}
        }
    }
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn needs_postgres(role: NodeRole) -> Problem {
    let detail = format!(
        "A node with the role {} needs others beside it, and SQLite is for one alone. Set DATABASE_URL to a PostgreSQL database, or \
         leave the role out.",
        role.as_str()
    );
    Problem::conflict(detail)
}

fn needs_bucket() -> Problem {
    Problem::conflict(
        "Several nodes must reach the same files, and STORAGE_URL names a folder of this machine. Set it to s3://bucket/prefix on all \
         nodes, or leave the role out.",
    )
}

fn not_alone() -> Problem {
    Problem::conflict(
        "Another node works with this database. One of the two keeps its files in a folder of its own machine, where the other would \
         not find them. Set STORAGE_URL to s3://bucket/prefix on all nodes, or end the other one first.",
    )
}

fn elsewhere(other: &Node, address: &str) -> Problem {
    let detail = format!(
        "The node {} works with this database and keeps its files elsewhere than in {address}. Set STORAGE_URL to the same on all nodes. \
         If that one has just been ended, try again in a quarter of a minute.",
        other.host
    );
    Problem::conflict(detail)
}
