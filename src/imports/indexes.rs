//! The first load of a catalogue goes without those indexes of which each batch would write nearly every page; they are made at its end.
//!
//! Whoever reads meanwhile sorts by himself. Every import that ends, however it ends, leaves all indexes in place; one that is killed
//! goes on later, and then ends.

use super::work::{Stop, Work};
use crate::database::bulk::Bulk;
use crate::error::Result;

/// Drops them, if that can be done at once: nobody is made to wait behind somebody who reads.
pub(super) async fn drop_scattered(work: &mut Work) -> std::result::Result<(), Stop> {
    if work.statements.scattered.is_empty() {
        return Ok(());
    }
    work.bulk.begin().await?;
    match attempt(work).await {
        Ok(true) => Ok(work.bulk.commit().await?),
        Ok(false) => {
            work.bulk.rollback().await?;
            Err(Stop::Lost)
        }
        Err(error) => {
            tracing::info!(%error, "the indexes are in use and stay");
            Ok(work.bulk.rollback().await?)
        }
    }
}

/// Under the fencing token: a worker that was thought dead must not take away what its successor has made. Says whether it still holds.
async fn attempt(work: &mut Work) -> Result<bool> {
    if !work.is_ours().await? {
        return Ok(false);
    }
    if work.bulk.is_postgres() {
        work.bulk.execute("SET LOCAL lock_timeout = '300ms'", &[]).await?;
    }
    for (name, _) in work.statements.scattered {
        work.bulk.execute(&format!("DROP INDEX IF EXISTS {name}"), &[]).await?;
    }
    Ok(true)
}

/// Makes those that are missing, after the last of the small steps.
pub(super) async fn restore(bulk: &mut Bulk, scattered: &[(&str, &str)]) -> Result<()> {
    if scattered.is_empty() {
        return Ok(());
    }
    bulk.prepare_for_whole_tables().await?;
    for (name, definition) in scattered {
        bulk.execute(&create(name, definition), &[]).await?;
    }
    Ok(())
}

pub(super) fn create(name: &str, definition: &str) -> String {
    format!("CREATE INDEX IF NOT EXISTS {name} ON {definition}")
}
