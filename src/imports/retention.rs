//! What is not kept for ever of an import that is over: its file, and its problem rows. The import says when they went.
//!
//! Nothing goes of an import that may still need it: one that waits or is worked on, or whose end is not long enough ago.

use sea_orm::{ConnectionTrait as _, FromQueryResult, Statement};
use time::OffsetDateTime;

use crate::database::Database;
use crate::database::clock::now;
use crate::error::Result;
use crate::storage::Storage;

/// Files that are looked for together, and problem rows that are deleted together: short enough that nobody waits.
const FILES: usize = 100;
const ROWS: u64 = 5_000;

/// `$1`: a moment before which it must have ended. One that nobody confirmed has no end, only a beginning.
const LONG_OVER: &str =
    "status IN ('completed', 'failed', 'cancelled', 'undone') AND coalesce(finished_at, created_at) < $1";

#[derive(FromQueryResult)]
struct Stored {
    file_key: String,
}

#[derive(FromQueryResult)]
struct Job {
    id: i64,
}

/// Removes files of imports that ended before a moment. Several imports may have one file; it stays as long as one of them needs it.
///
/// Somebody may begin with a file again just as it is removed: that import then says that its file is gone, and changes nothing.
pub(crate) async fn forget_files(database: &Database, storage: &Storage, before: OffsetDateTime) -> Result<()> {
    let old = format!(
        "SELECT file_key FROM imports WHERE file_key <> '' AND file_removed_at IS NULL
        GROUP BY file_key HAVING count(*) = count(CASE WHEN {LONG_OVER} THEN 1 END) LIMIT {FILES}"
    );
    loop {
        let statement = Statement::from_sql_and_values(database.backend(), &old, [before.into()]);
        let files = Stored::find_by_statement(statement).all(database.reader()).await?;
        for Stored { file_key } in &files {
            // The file first: if this ends in between, it is looked for once more.
            storage.delete(file_key).await?;
            mark_removed(database, file_key).await?;
        }
        if !files.is_empty() {
            tracing::info!(files = files.len(), "files of imports that are long over were removed");
        }
        if files.len() < FILES {
            return Ok(());
        }
    }
}

async fn mark_removed(database: &Database, file_key: &str) -> Result<()> {
    let mark = "UPDATE imports SET file_removed_at = $1 WHERE file_key = $2 AND file_removed_at IS NULL";
    let transaction = database.begin().await?;
    let values = [now().into(), file_key.into()];
    transaction
        .execute_raw(Statement::from_sql_and_values(database.backend(), mark, values))
        .await?;
    Ok(transaction.commit().await?)
}

/// Removes the problem rows of imports that ended before a moment.
pub(crate) async fn forget_problems(database: &Database, before: OffsetDateTime) -> Result<()> {
    let old = format!(
        "SELECT id FROM imports WHERE {LONG_OVER} AND EXISTS (SELECT 1 FROM import_problems p WHERE p.import_id = imports.id)
        ORDER BY id LIMIT {FILES}"
    );
    loop {
        let statement = Statement::from_sql_and_values(database.backend(), &old, [before.into()]);
        let jobs = Job::find_by_statement(statement).all(database.reader()).await?;
        for Job { id } in &jobs {
            while forget_some(database, *id).await? == ROWS {}
        }
        if !jobs.is_empty() {
            tracing::info!(
                imports = jobs.len(),
                "problem rows of imports that are long over were removed"
            );
        }
        if jobs.len() < FILES {
            return Ok(());
        }
    }
}

/// Some rows, and the word that they are no longer all there, in one transaction.
async fn forget_some(database: &Database, import: i64) -> Result<u64> {
    let mark = "UPDATE imports SET problems_removed_at = $1 WHERE id = $2 AND problems_removed_at IS NULL";
    let forget = format!(
        "DELETE FROM import_problems WHERE id IN (SELECT id FROM import_problems WHERE import_id = {import} LIMIT {ROWS})"
    );
    let transaction = database.begin().await?;
    let values = [now().into(), import.into()];
    transaction
        .execute_raw(Statement::from_sql_and_values(database.backend(), mark, values))
        .await?;
    let gone = transaction.execute_unprepared(&forget).await?.rows_affected();
    transaction.commit().await?;
    Ok(gone)
}
