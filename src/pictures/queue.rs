//! Which pictures are fetched next, by which process, and what came of it.
//!
//! A picture that waits is due from `next_attempt_at` on. Whoever takes it moves that moment beyond the time in which it will have been
//! fetched and leaves its mark; whoever dies leaves it due again by that. Attempts are counted when they are over, so one that was
//! broken off with its process counts for nothing.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};

use super::Reference;
use super::client::Fetched;
use crate::database::Database;
use crate::database::clock::now;
use crate::database::sql::Sql;
use crate::error::Result;
use crate::imports::problem::ProblemKind;

/// From each of the five attempts at a picture to the next one, in seconds.
const PAUSES: [i64; 4] = [10, 60, 300, 1_800];
/// No server can put a picture off for longer.
const LONGEST: time::Duration = time::Duration::hours(1);

/// A picture whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(super) struct Due {
    pub id: i64,
    pub reference: String,
}

/// The pause after so many failed attempts, each up to a fifth shorter or longer; `None` when there is no further one. `luck` is between
/// 0 and 1.
pub(super) fn pause(attempts: i64, asked: Option<time::Duration>, luck: f64) -> Option<time::Duration> {
    let place = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let planned = time::Duration::seconds(*PAUSES.get(place)?) * (0.8 + 0.4 * luck.clamp(0.0, 1.0));
    Some(planned.max(asked.unwrap_or_default().min(LONGEST)))
}

/// Due pictures, the longest waiting first, without those of some hosts.
pub(super) async fn due(db: &impl ConnectionTrait, but: &[&str], limit: usize) -> Result<Vec<Due>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT id, reference FROM pictures WHERE state = 'waiting' AND next_attempt_at <= ");
    sql.bind(now());
    for host in but {
        for scheme in ["http://", "https://"] {
            let length = scheme.len() + host.len() + 1;
            // A name ends with the path or with the port.
            sql.push(&format!(" AND substr(reference, 1, {length}) NOT IN ("));
            sql.bind(format!("{scheme}{host}/")).push(", ");
            sql.bind(format!("{scheme}{host}:")).push(")");
        }
    }
    sql.push(&format!(" ORDER BY next_attempt_at, id LIMIT {limit}"));
    Ok(Due::find_by_statement(sql.statement()).all(db).await?)
}

/// Takes those of the pictures on that are still due, and says how often each has been attempted.
pub(super) async fn claim(
    db: &impl ConnectionTrait,
    owner: &str,
    ids: &[i64],
    lease: Duration,
) -> Result<HashMap<i64, i64>> {
    #[derive(FromQueryResult)]
    struct Claimed {
        id: i64,
        attempts: i64,
    }
    let now = now();
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("UPDATE pictures SET lease_token = ").bind(owner);
    sql.push(", next_attempt_at = ").bind(now + lease);
    sql.push(" WHERE id IN (SELECT id FROM pictures WHERE id IN (")
        .numbers(ids);
    let lock = if sql.is_postgres() {
        " FOR UPDATE SKIP LOCKED"
    } else {
        ""
    };
    sql.push(") AND state = 'waiting' AND next_attempt_at <= ").bind(now);
    sql.push(&format!("{lock}) AND state = 'waiting' AND next_attempt_at <= "));
    sql.bind(now).push(" RETURNING id, attempts");
    let claimed = Claimed::find_by_statement(sql.statement()).all(db).await?;
    Ok(claimed.into_iter().map(|row| (row.id, row.attempts)).collect())
}

/// Gives pictures back that this process has not fetched.
pub(super) async fn release(db: &impl ConnectionTrait, owner: &str, ids: &[i64]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("UPDATE pictures SET lease_token = NULL, next_attempt_at = ")
        .bind(now());
    sql.push(" WHERE id IN (")
        .numbers(ids)
        .push(") AND state = 'waiting' AND lease_token = ");
    sql.bind(owner);
    db.execute_raw(sql.statement()).await?;
    Ok(())
}

/// The picture is there. Says whether it was still this process's.
pub(super) async fn stored(database: &Database, owner: &str, id: i64, fetched: &Fetched, sha256: &str) -> Result<bool> {
    let transaction = database.begin().await?;
    let mut sql = Sql::new(transaction.get_database_backend());
    sql.push("UPDATE pictures SET state = 'stored', problem = NULL, sha256 = ")
        .bind(sha256);
    sql.push(", media_type = ").bind(fetched.format.media_type);
    sql.push(", width = ").bind(i64::from(fetched.format.width));
    sql.push(", height = ").bind(i64::from(fetched.format.height));
    sql.push(", size = ")
        .bind(i64::try_from(fetched.bytes.len()).unwrap_or(i64::MAX));
    sql.push(", attempts = 0, fetched_at = ").bind(now());
    finish(transaction, sql, owner, id, true).await
}

/// The attempt has failed, and this was the last one. Says whether the picture was still this process's.
pub(super) async fn failed(database: &Database, owner: &str, id: i64, attempts: i64, problem: &str) -> Result<bool> {
    let transaction = database.begin().await?;
    let mut sql = Sql::new(transaction.get_database_backend());
    sql.push("UPDATE pictures SET state = 'failed', problem = ")
        .bind(problem);
    sql.push(", attempts = ").bind(attempts);
    finish(transaction, sql, owner, id, true).await
}

/// The attempt has failed, and there is another one after a pause.
pub(super) async fn put_off(
    database: &Database,
    owner: &str,
    (id, attempts): (i64, i64),
    problem: &str,
    pause: time::Duration,
) -> Result<bool> {
    let transaction = database.begin().await?;
    let mut sql = Sql::new(transaction.get_database_backend());
    sql.push("UPDATE pictures SET problem = ").bind(problem);
    sql.push(", attempts = ").bind(attempts);
    sql.push(", next_attempt_at = ").bind(now() + pause);
    finish(transaction, sql, owner, id, false).await
}

async fn finish(
    transaction: DatabaseTransaction,
    mut change: Sql,
    owner: &str,
    id: i64,
    is_over: bool,
) -> Result<bool> {
    let next = if is_over { ", next_attempt_at = NULL" } else { "" };
    change.push(&format!(", lease_token = NULL{next} WHERE id = "));
    change.bind(id).push(" AND state = 'waiting' AND lease_token = ");
    change.bind(owner);
    let is_ours = transaction.execute_raw(change.statement()).await?.rows_affected() == 1;
    if is_ours && is_over {
        settle(&transaction, id).await?;
    }
    transaction.commit().await?;
    Ok(is_ours)
}

/// Nobody waits for a picture any more that is there or cannot be had; where it cannot, each row that asked for it is told.
async fn settle(transaction: &DatabaseTransaction, id: i64) -> Result<()> {
    let mut sql = Sql::new(transaction.get_database_backend());
    sql.push("INSERT INTO import_problems (import_id, row_no, kind, value) SELECT r.import_id, r.row_no, ");
    // PostgreSQL takes a value that is selected for a text only if it is told.
    sql.push("CAST(")
        .bind(ProblemKind::PictureUnreachable.code())
        .push(" AS TEXT)");
    sql.push(", p.reference FROM picture_requests r JOIN pictures p ON p.id = r.picture_id");
    sql.push(" WHERE p.state = 'failed' AND r.picture_id = ").bind(id);
    sql.push(" ORDER BY r.import_id, r.row_no");
    transaction.execute_raw(sql.statement()).await?;
    let mut sql = Sql::new(transaction.get_database_backend());
    sql.push("DELETE FROM picture_requests WHERE picture_id = ").bind(id);
    transaction.execute_raw(sql.statement()).await?;
    Ok(())
}

/// Settles what came in while its picture was just being finished with.
pub(super) async fn settle_late(database: &Database) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Late {
        picture_id: i64,
    }
    const LATE: &str = "SELECT DISTINCT r.picture_id FROM picture_requests r JOIN pictures p ON p.id = r.picture_id
        WHERE p.state <> 'waiting' LIMIT 1000";
    let mut sql = Sql::new(database.backend());
    sql.push(LATE);
    for late in Late::find_by_statement(sql.statement()).all(database.reader()).await? {
        let transaction = database.begin().await?;
        settle(&transaction, late.picture_id).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// The host of a reference; none when it is no address.
pub(super) fn host(reference: &str) -> Option<String> {
    let reference = Reference::stored(reference.to_owned());
    let url = reqwest::Url::parse(reference.address()?).ok()?;
    url.host_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::{host, pause};

    #[test]
    fn five_attempts_take_some_36_minutes() {
        let pauses: Vec<_> = (1..).map_while(|attempts| pause(attempts, None, 0.5)).collect();
        assert_eq!(pauses.len(), 4);
        assert_eq!(pauses.iter().copied().sum::<Duration>(), Duration::seconds(2_170));
        assert_eq!(pause(2, None, 0.0), Some(Duration::seconds(48)));
        assert_eq!(pause(2, None, 1.0), Some(Duration::seconds(72)));
        assert_eq!(pause(0, None, 0.5), None);
    }

    #[test]
    fn what_a_server_asks_for_is_kept_within_an_hour() {
        assert_eq!(pause(1, Some(Duration::minutes(2)), 0.5), Some(Duration::minutes(2)));
        assert_eq!(pause(1, Some(Duration::days(2)), 0.5), Some(Duration::hours(1)));
        assert_eq!(
            pause(4, Some(Duration::seconds(1)), 0.5),
            Some(Duration::minutes(30)),
            "not sooner than planned"
        );
        assert_eq!(pause(5, Some(Duration::seconds(1)), 0.5), None);
    }

    #[test]
    fn a_picture_of_a_workbook_has_no_host() {
        assert_eq!(host("https://a.example:8443/b"), Some("a.example".to_owned()));
        assert_eq!(host("sha256:00"), None);
    }
}
