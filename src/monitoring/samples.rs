//! Samples in the database: one row for each measure and five minutes, kept for two days. Counts are added to by every process, measured
//! values come from whoever is first.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use time::OffsetDateTime;

use super::history::{SLOT, SLOTS_TOGETHER, first, series};
use super::{History, Measure, Sample};
use crate::database::sql::Sql;
use crate::error::Result;

/// Slots that are kept: of two days.
const KEPT: i64 = 576;
/// How long the search must have been behind to be worth a word.
const BEHIND_FOR: i64 = 4;

pub(super) fn slot(moment: OffsetDateTime) -> i64 {
    moment.unix_timestamp().div_euclid(SLOT)
}

/// Adds to what other processes have counted.
pub(super) async fn add(db: &impl ConnectionTrait, slot: i64, counts: &[(Measure, i64)]) -> Result<()> {
    let conflict = " ON CONFLICT (slot, measure) DO UPDATE SET value = samples.value + excluded.value";
    insert(db, slot, counts, conflict).await
}

/// Writes down what somebody has measured, unless somebody else has.
pub(super) async fn put(db: &impl ConnectionTrait, slot: i64, values: &[(Measure, i64)]) -> Result<()> {
    insert(db, slot, values, " ON CONFLICT (slot, measure) DO NOTHING").await
}

async fn insert(db: &impl ConnectionTrait, slot: i64, values: &[(Measure, i64)], conflict: &str) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("INSERT INTO samples (slot, measure, value) VALUES ");
    for (place, (measure, value)) in values.iter().enumerate() {
        sql.push(if place == 0 { "(" } else { ", (" });
        sql.bind(slot).push(", ").bind(measure.as_str());
        sql.push(", ").bind(*value).push(")");
    }
    sql.push(conflict);
    db.execute_raw(sql.statement()).await?;
    Ok(())
}

pub(super) async fn forget_old(db: &impl ConnectionTrait, slot: i64) -> Result<()> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("DELETE FROM samples WHERE slot <= ").bind(slot - KEPT);
    db.execute_raw(sql.statement()).await?;
    Ok(())
}

/// Whether somebody has measured in this slot.
pub(super) async fn is_measured(db: &impl ConnectionTrait, slot: i64) -> Result<bool> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT value FROM samples WHERE slot = ").bind(slot);
    sql.push(" AND measure = ").bind(Measure::DatabaseBytes.as_str());
    Ok(db.query_one_raw(sql.statement()).await?.is_some())
}

/// The last day, as it is shown.
pub(super) async fn last_day(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<History> {
    let now = slot(now);
    let first = first(now);
    let starts = (first..=now).step_by(usize::try_from(SLOTS_TOGETHER).unwrap_or(1));
    let starts = starts.filter_map(|slot| OffsetDateTime::from_unix_timestamp(slot * SLOT).ok());
    Ok(History {
        starts: starts.map(Into::into).collect(),
        series: series(&since(db, first).await?, now),
    })
}

async fn since(db: &impl ConnectionTrait, first: i64) -> Result<Vec<Sample>> {
    #[derive(FromQueryResult)]
    struct Row {
        slot: i64,
        measure: String,
        value: i64,
    }
    let sql = format!("SELECT slot, measure, value FROM samples WHERE slot >= {first} ORDER BY slot");
    let rows = Row::find_by_statement(Statement::from_string(db.get_database_backend(), sql));
    let rows = rows.all(db).await?.into_iter();
    // A later version may have measured what this one does not know.
    let samples = rows.filter_map(|row| {
        Some(Sample {
            slot: row.slot,
            measure: row.measure.parse().ok()?,
            value: row.value,
        })
    });
    Ok(samples.collect())
}

/// The least by which the search was behind in the last twenty minutes; none before there are as many samples.
pub(super) async fn search_was_behind(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<Option<i64>> {
    let samples = since(db, slot(now) - BEHIND_FOR).await?.into_iter();
    let behind: Vec<i64> = samples
        .filter(|sample| sample.measure == Measure::SearchBehind)
        .map(|sample| sample.value)
        .collect();
    let is_known = i64::try_from(behind.len()).is_ok_and(|known| known >= BEHIND_FOR);
    Ok(behind.into_iter().min().filter(|_| is_known))
}
