//! The database: SQLite beside the binary, or PostgreSQL.
//!
//! Owns the pools and their settings. On SQLite there is one writing connection, whose transactions begin as writers
//! ([`Database::begin`]), and a pool of readers beside it; on PostgreSQL both are one pool.

pub mod bulk;
pub mod clock;
pub(crate) mod paging;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::{
    ConnectOptions, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};

use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    engine: Engine,
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
        match url.strip_prefix("sqlite:") {
            Some(path) => Self::connect_sqlite(Path::new(path.trim_start_matches("//"))).await,
            None => Self::connect_postgres(url).await,
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
            engine: Engine::Sqlite { path: path.to_owned() },
        })
    }

    async fn connect_postgres(url: &str) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(10))
            .sqlx_logging_level(tracing_level())
            .set_application_name("stockroom");
        let pool = sea_orm::Database::connect(options).await?;
        Ok(Self {
            reader: pool.clone(),
            writer: pool,
            engine: Engine::Postgres,
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
        self.writer.begin_with_options(options).await
    }

    #[must_use]
    pub fn backend(&self) -> DatabaseBackend {
        match self.engine {
            Engine::Sqlite { .. } => DatabaseBackend::Sqlite,
            Engine::Postgres => DatabaseBackend::Postgres,
        }
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

fn sqlite_options(path: &Path, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging_level(tracing_level())
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "NORMAL")
                .pragma("foreign_keys", "ON")
                .pragma("busy_timeout", "10000")
                .pragma("cache_size", "-8000")
        });
    options
}

/// Statements are logged only where everything is.
fn tracing_level() -> log::LevelFilter {
    log::LevelFilter::Trace
}
