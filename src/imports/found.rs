//! Problems that statements find in rows that were read without one.
//!
//! Finding them takes a while, and SQLite lets nobody write while a statement fills a table that everybody sees. So they are gathered in the
//! scratch, and handed over in small steps.

use super::work::{Stop, Work};
use crate::database::bulk::{Bulk, Cell};
use crate::error::Result;

const CREATE: &str = "CREATE {unlogged} TABLE {scratch:found} (row_no BIGINT NOT NULL, kind {text} NOT NULL, column_name {text}, value {text})";
const COUNT: &str = "SELECT count(*) FROM {scratch:found}";
const FORGET: &str = "DELETE FROM {scratch:found}";
/// `$1`: the import.
const HAND_OVER: &str = "INSERT INTO import_problems (import_id, row_no, kind, column_name, value)
    SELECT $1, row_no, kind, column_name, value FROM {scratch:found}";
/// The rows of a table of SQLite's that is only ever filled are numbered from 1 on.
const STEP: &str = " WHERE rowid > $2 AND rowid <= $3";
const ROWS: i64 = 5_000;

/// Makes the place for them.
pub(super) async fn gather(bulk: &mut Bulk) -> Result<()> {
    bulk.execute(CREATE, &[]).await.map(drop)
}

/// Removes what an earlier attempt has told, or some of it.
pub(super) async fn forget(work: &mut Work, condition: &str) -> std::result::Result<(), Stop> {
    let forget = format!(
        "DELETE FROM import_problems WHERE id IN
            (SELECT id FROM import_problems WHERE import_id = $1 AND {condition} LIMIT {ROWS})"
    );
    loop {
        work.wish.check()?;
        work.begin_ours().await?;
        let gone = work.bulk.execute(&forget, &[Cell::Int(work.claim.id)]).await?;
        work.bulk.commit().await?;
        if gone < ROWS.unsigned_abs() {
            return Ok(());
        }
    }
}

/// Shows everybody what has been found so far.
pub(super) async fn hand_over(work: &mut Work) -> std::result::Result<(), Stop> {
    let [found] = work.bulk.numbers(COUNT, &[]).await?;
    let import = Cell::Int(work.claim.id);
    let (statement, rows) = if work.bulk.is_postgres() {
        (HAND_OVER.to_owned(), found)
    } else {
        (format!("{HAND_OVER}{STEP}"), ROWS)
    };
    let mut from = 0;
    while from < found {
        work.wish.check()?;
        let step = [import, Cell::Int(from), Cell::Int(from + rows)];
        let parameters = if work.bulk.is_postgres() { &step[..1] } else { &step };
        work.bulk.begin().await?;
        work.bulk.execute(&statement, parameters).await?;
        work.commit_ours().await?;
        from += rows;
    }
    if found > 0 {
        work.bulk.execute(FORGET, &[]).await?;
    }
    Ok(())
}
