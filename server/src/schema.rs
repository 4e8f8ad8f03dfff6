//! The schema of the database, brought up to date when a node starts.
//!
//! During an upgrade, nodes of the new version and of the one before it work side by side: a migration leaves what the version before it
//! uses as it is. So a node that starts and finds the schema ahead of it works with that.

use migration::{Migrate as _, Migrator};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseConnection, DbErr, Statement, TransactionTrait as _};
use stockroom::database::Database;

/// Held while the schema changes, so that of nodes that start together one does it.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7310003)";

/// # Errors
/// When the database fails, or a migration does.
pub async fn update(database: &Database) -> Result<(), DbErr> {
    let db = database.writer();
    if database.backend() != DatabaseBackend::Postgres {
        return migrate(db).await;
    }
    // The lock is a transaction's of its own, which waits meanwhile: longer than is usual.
    let lock = db.begin().await?;
    lock.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0")
        .await?;
    lock.execute_unprepared(LOCK).await?;
    migrate(db).await?;
    lock.commit().await
}

async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    if is_ahead(db).await? {
        tracing::warn!(
            "the database is of a newer version than this program; end this one once the others are upgraded"
        );
        return Ok(());
    }
    Migrator::up(db, None).await
}

/// # Errors
/// When the schema is ahead of this program, which cannot take back what it does not know.
pub async fn refuse_newer(database: &Database) -> anyhow::Result<()> {
    if is_ahead(database.writer()).await? {
        anyhow::bail!(
            "the database is of a newer version than this program, which works with it as it is; run this command with the newer program"
        );
    }
    Ok(())
}

/// Whether every change that this program knows has been made, and others have been, too.
async fn is_ahead(db: &DatabaseConnection) -> Result<bool, DbErr> {
    let made = "SELECT version FROM seaql_migrations";
    let Ok(rows) = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), made))
        .await
    else {
        // There is no such table before the first change.
        return Ok(false);
    };
    let made = rows
        .iter()
        .map(|row| row.try_get::<String>("", "version"))
        .collect::<Result<Vec<_>, _>>()?;
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|known| known.name().to_owned())
        .collect();
    Ok(known.iter().all(|known| made.contains(known)) && made.len() > known.len())
}
