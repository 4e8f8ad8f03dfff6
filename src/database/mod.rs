//! The database: SQLite beside the binary, or PostgreSQL.
//!
//! Owns the pools and their settings. On SQLite there is one writing connection, whose transactions begin as writers
//! ([`Database::begin`]), and a pool of readers beside it; on PostgreSQL both are one pool.

pub mod bulk;
pub mod bus;
mod checkpoints;
pub mod clock;
pub(crate) mod paging;
pub(crate) mod sql;
mod turn;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnAcquireErr, ConnectOptions, ConnectionTrait as _, DatabaseBackend, DatabaseConnection, DatabaseTransaction,
    DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

use checkpoints::Checkpoints;
use tokio::time::timeout;
use turn::Turn;

use crate::error::Result;

/// How long somebody waits for his turn, or for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections to PostgreSQL, unless something else is said.
pub const CONNECTIONS: u32 = 16;

#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    engine: Engine,
    turn: Turn,
    /// Of SQLite.
    checkpoints: Option<Arc<Checkpoints>>,
}

/// What bulk work must know to open a connection of its own.
#[derive(Clone, Debug)]
pub(crate) enum Engine {
    Sqlite { path: PathBuf },
    Postgres,
}

impl Database {
    /// Opens the database and, for SQLite, creates its file.
    ///
    /// # Errors
    /// When it cannot be reached or its address is of neither kind.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_with(url, CONNECTIONS).await
    }

    /// The same with at most so many connections to PostgreSQL at a time, besides those of running imports.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn connect_with(url: &str, connections: u32) -> Result<Self> {
        match url.strip_prefix("sqlite:") {
            Some(path) => Self::connect_sqlite(Path::new(path.trim_start_matches("//"))).await,
            None => Self::connect_postgres(url, connections).await,
        }
    }

    async fn connect_sqlite(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            tokio::fs::create_dir_all(folder).await?;
        }
        let writer = sea_orm::Database::connect(sqlite_options(path, 1)).await?;
        let reader = sea_orm::Database::connect(sqlite_options(path, 4)).await?;
        Ok(Self {
            reader,
            writer,
            turn: Turn::default(),
            engine: Engine::Sqlite { path: path.to_owned() },
            checkpoints: Some(Arc::new(Checkpoints::begin(path)?)),
        })
    }

    async fn connect_postgres(url: &str, connections: u32) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .sqlx_logging_level(tracing_level())
            .set_application_name("stockroom")
            .map_sqlx_postgres_opts(|postgres| postgres.options(SETTINGS));
        let pool = sea_orm::Database::connect(options).await?;
        Ok(Self {
            reader: pool.clone(),
            writer: pool,
            turn: Turn::default(),
            engine: Engine::Postgres,
            checkpoints: None,
        })
    }

    /// For queries that change nothing.
    #[must_use]
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For single statements that change something.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// A transaction that writes. On SQLite it takes the write lock at once, so it waits for its turn instead of failing later.
    ///
    /// # Errors
    /// When the database is not reachable or stays locked.
    pub async fn begin(&self) -> std::result::Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let _turn = match self.engine {
            Engine::Sqlite { .. } => Some(timeout(PATIENCE, self.turn.wait()).await.map_err(|_| too_long())?),
            Engine::Postgres => None,
        };
        self.writer.begin_with_options(options).await
    }

    /// A transaction that changes products. Whoever follows the changes by their ids waits until all such transactions are over
    /// (see [`settled`]), because ids are given out in another order than transactions end.
    ///
    /// # Errors
    /// As [`Database::begin`].
    pub async fn begin_change(&self) -> std::result::Result<DatabaseTransaction, DbErr> {
        self.turn.note_change();
        let transaction = self.begin().await?;
        if self.backend() == DatabaseBackend::Postgres {
            transaction.execute_unprepared(CHANGING).await?;
        }
        Ok(transaction)
    }

    #[must_use]
    pub fn backend(&self) -> DatabaseBackend {
        match self.engine {
            Engine::Sqlite { .. } => DatabaseBackend::Sqlite,
            Engine::Postgres => DatabaseBackend::Postgres,
        }
    }

    /// How many connections there are, and how many of them nobody uses.
    #[must_use]
    pub fn pools(&self) -> Vec<Pool> {
        match self.engine {
            Engine::Sqlite { .. } => {
                let pools = [("read", &self.reader), ("write", &self.writer)];
                let of = |(name, db): (&'static str, &DatabaseConnection)| {
                    let pool = db.get_sqlite_connection_pool();
                    Pool::new(name, pool.size(), pool.num_idle())
                };
                pools.map(of).into()
            }
            Engine::Postgres => {
                let pool = self.writer.get_postgres_connection_pool();
                vec![Pool::new("all", pool.size(), pool.num_idle())]
            }
        }
    }

    /// The file of the database, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.engine {
            Engine::Sqlite { path } => Some(path),
            Engine::Postgres => None,
        }
    }

    pub(crate) fn turn(&self) -> &Turn {
        &self.turn
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// # Errors
    /// When the pools do not close in order.
    pub async fn close(self) -> Result<()> {
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

/// As if no connection could be had.
fn too_long() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
}

const SETTINGS: [(&str, &str); 6] = [
    // Where a page of an index is as near as any other; the default is meant for disks that turn.
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    // No transaction of ours waits for anything but the database. One that does is of a process that is frozen, and holds up all others.
    ("idle_in_transaction_session_timeout", "10s"),
    // So that a machine that is gone lets go of what it holds.
    ("tcp_keepalives_idle", "20"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "4"),
];

/// Connections of one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    pub name: &'static str,
    pub open: i64,
    pub idle: i64,
}

impl Pool {
    fn new(name: &'static str, open: u32, idle: usize) -> Self {
        let (open, idle) = (i64::from(open), i64::try_from(idle).unwrap_or(i64::MAX));
        // The two are not read at the same moment.
        let idle = idle.min(open);
        Self { name, open, idle }
    }
}

/// Held to the end of each transaction that changes products. SQLite has one writer at a time and needs none.
pub(crate) const CHANGING: &str = "SELECT pg_advisory_xact_lock_shared(7310001)";

/// Waits for the transactions that are changing products now: after it, every id that has been given out belongs to a row that is
/// there for good, or to none.
pub(crate) async fn settled(transaction: &DatabaseTransaction) -> std::result::Result<(), DbErr> {
    if transaction.get_database_backend() == DatabaseBackend::Postgres {
        transaction
            .execute_unprepared("SELECT pg_advisory_xact_lock(7310001)")
            .await?;
    }
    Ok(())
}

fn sqlite_options(path: &Path, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        // Files that stay open, with their caches, as many from the beginning as later on. They are opened anew twice an hour as sqlx does by
        // default: what `ANALYZE` has found out is read where a connection begins.
        .min_connections(connections)
        .idle_timeout(None)
        .acquire_timeout(PATIENCE)
        .sqlx_logging_level(tracing_level())
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "NORMAL")
                .pragma("foreign_keys", "ON")
                .pragma("busy_timeout", "10000")
                .pragma("wal_autocheckpoint", checkpoints::LAST_RESORT)
        });
    options
}

/// Statements are logged only where everything is.
fn tracing_level() -> log::LevelFilter {
    log::LevelFilter::Trace
}
