//! The figures of this moment, by a few queries that read little, however many products, events and deliveries there are.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use time::OffsetDateTime;

use super::figures::{
    Breaker, COUNTED_AT_MOST, DatabaseFigures, Figures, ImportFigures, OpenImport, PictureFigures, ScheduleFigures,
    WebhookFigures,
};
use super::{Alert, Monitoring, alerts, samples, system};
use crate::database::{Database, clock};
use crate::error::Result;
use crate::nodes;
use crate::products::search;
use crate::services::Services;
use crate::timestamp::Timestamp;
use crate::webhooks::{WebhookStatus, clock::Clock};

/// Everything that there is to see.
///
/// # Errors
/// When the database fails.
pub async fn look(services: &Services) -> Result<Monitoring> {
    let figures = figures(&services.database).await?;
    let system = system(&services.config, &services.disks, &services.tally).await;
    Ok(Monitoring {
        alerts: alerts(&figures, &system),
        history: samples::last_day(services.reader(), clock::now()).await?,
        figures,
        system,
    })
}

/// What somebody must look after, the worst first.
///
/// # Errors
/// When the database fails.
pub async fn troubles(services: &Services) -> Result<Vec<Alert>> {
    let figures = figures(&services.database).await?;
    let system = system(&services.config, &services.disks, &services.tally).await;
    Ok(alerts(&figures, &system))
}

/// # Errors
/// When the database fails.
pub async fn figures(database: &Database) -> Result<Figures> {
    let db = database.reader();
    let moment = clock::now();
    Ok(Figures {
        moment: moment.into(),
        imports: imports(db).await?,
        webhooks: webhooks(db).await?,
        schedules: schedules(db).await?,
        pictures: pictures(db).await?,
        search_behind: search::behind(db).await?,
        search_was_behind: samples::search_was_behind(db, moment).await?,
        database: size(database).await?,
        nodes: nodes::living(db).await?,
    })
}

#[derive(FromQueryResult)]
struct ImportRow {
    id: i64,
    kind: String,
    file_name: String,
    status: String,
    phase: Option<String>,
    percent: f64,
    rows_per_second: Option<f64>,
    lease_until: i64,
    now: i64,
    created_at: OffsetDateTime,
    queued_at: Option<OffsetDateTime>,
}

/// Open ones have an index of their own.
async fn imports(db: &impl ConnectionTrait) -> Result<ImportFigures> {
    const OPEN: &str = "status IN ('awaiting_confirmation', 'pending', 'processing')";
    let backend = db.get_database_backend();
    let to_be_confirmed =
        format!("SELECT count(*) AS counted FROM imports WHERE {OPEN} AND status = 'awaiting_confirmation'");
    let open = format!(
        "SELECT id, kind, file_name, status, phase, percent, rows_per_second, lease_until, {} AS now, created_at, queued_at
        FROM imports WHERE {OPEN} AND status <> 'awaiting_confirmation' ORDER BY id LIMIT 1000",
        clock::milliseconds(backend)
    );
    let rows = ImportRow::find_by_statement(Statement::from_string(backend, open))
        .all(db)
        .await?;
    Ok(ImportFigures {
        open: rows.into_iter().map(open_import).collect::<Result<_>>()?,
        to_be_confirmed: number(db, to_be_confirmed).await?,
    })
}

fn open_import(row: ImportRow) -> Result<OpenImport> {
    let word = serde_json::Value::String;
    let waiting_seconds = waiting_seconds(&row);
    Ok(OpenImport {
        id: row.id,
        kind: serde_json::from_value(word(row.kind))?,
        file_name: row.file_name,
        status: serde_json::from_value(word(row.status))?,
        phase: row.phase.map(|phase| serde_json::from_value(word(phase))).transpose()?,
        percent: row.percent,
        rows_per_second: row.rows_per_second,
        waiting_seconds,
    })
}

/// For how long no worker has been at it: since it was put in the queue, or since its worker has fallen silent.
fn waiting_seconds(row: &ImportRow) -> Option<i64> {
    let is_worked_on = row.status == "processing" && row.lease_until >= row.now;
    let since = match row.lease_until {
        until if row.status == "processing" && until > 0 => until,
        _ => row.queued_at.unwrap_or(row.created_at).unix_timestamp() * 1_000,
    };
    (!is_worked_on).then(|| (row.now - since).max(0) / 1_000)
}

#[derive(FromQueryResult)]
struct WebhookRow {
    id: i64,
    url: String,
    status: String,
    failing_since: Option<i64>,
    open_until: i64,
    openings: i64,
    waiting: i64,
    first_due: Option<i64>,
}

/// For each webhook the beginning of the index of what it has to send.
async fn webhooks(db: &impl ConnectionTrait) -> Result<Vec<WebhookFigures>> {
    const WAITING: &str = "FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.status IN ('pending', 'retrying')";
    let sql = format!(
        "SELECT w.id, w.url, w.status, w.failing_since, w.open_until, w.openings,
            (SELECT count(*) FROM (SELECT 1 {WAITING} LIMIT {COUNTED_AT_MOST}) AS beginning) AS waiting,
            CASE WHEN w.is_ordered THEN (SELECT d.next_attempt_at {WAITING} ORDER BY d.id LIMIT 1)
                ELSE (SELECT d.next_attempt_at {WAITING} ORDER BY d.next_attempt_at LIMIT 1) END AS first_due
        FROM webhooks w ORDER BY w.id"
    );
    let rows = WebhookRow::find_by_statement(Statement::from_string(db.get_database_backend(), sql));
    // Deliveries are timed by the clocks of those who send.
    let now = Clock::default().milliseconds();
    Ok(rows.all(db).await?.into_iter().map(|row| webhook(row, now)).collect())
}

fn webhook(row: WebhookRow, now: i64) -> WebhookFigures {
    let status = match row.status.as_str() {
        "enabled" => WebhookStatus::Enabled,
        "disabled" => WebhookStatus::Disabled,
        _ => WebhookStatus::DisabledAutomatically,
    };
    let breaker = match row.openings {
        0 => Breaker::Closed,
        _ if now < row.open_until => Breaker::Open,
        _ => Breaker::Trying,
    };
    let is_sent_to = status == WebhookStatus::Enabled && breaker == Breaker::Closed;
    let due = row.first_due.filter(|due| is_sent_to && *due <= now);
    WebhookFigures {
        id: row.id,
        url: row.url,
        status,
        failing_since: row.failing_since.and_then(moment_of),
        breaker,
        waiting: row.waiting,
        oldest_due_seconds: due.map(|due| (now - due) / 1_000),
    }
}

/// From milliseconds since 1970.
fn moment_of(milliseconds: i64) -> Option<Timestamp> {
    let moment = OffsetDateTime::from_unix_timestamp(milliseconds.div_euclid(1_000)).ok()?;
    Some(moment.into())
}

async fn schedules(db: &impl ConnectionTrait) -> Result<Vec<ScheduleFigures>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
        status: String,
        failures: i64,
        paused_because: Option<String>,
    }
    const ALL: &str = "SELECT id, name, status, failures, paused_because FROM schedules ORDER BY id";
    let rows = Row::find_by_statement(Statement::from_string(db.get_database_backend(), ALL));
    let figures = |row: Row| {
        Ok(ScheduleFigures {
            id: row.id,
            name: row.name,
            status: serde_json::from_value(serde_json::Value::String(row.status))?,
            failures: row.failures,
            paused_because: row.paused_because,
        })
    };
    rows.all(db).await?.into_iter().map(figures).collect()
}

async fn pictures(db: &impl ConnectionTrait) -> Result<PictureFigures> {
    let count = |state: &str| {
        format!(
            "SELECT count(*) AS counted FROM (SELECT 1 FROM pictures WHERE state = '{state}' LIMIT {COUNTED_AT_MOST}) AS beginning"
        )
    };
    Ok(PictureFigures {
        waiting: number(db, count("waiting")).await?,
        failed: number(db, count("failed")).await?,
    })
}

/// SQLite's is that of its files.
async fn size(database: &Database) -> Result<DatabaseFigures> {
    let Some(file) = database.file() else {
        const SIZE: &str = "SELECT pg_database_size(current_database()) AS counted";
        return Ok(DatabaseFigures {
            engine: "PostgreSQL".to_owned(),
            bytes: number(database.reader(), SIZE.to_owned()).await?,
            wal_bytes: None,
        });
    };
    let mut wal = file.as_os_str().to_owned();
    wal.push("-wal");
    Ok(DatabaseFigures {
        engine: "SQLite".to_owned(),
        bytes: length(tokio::fs::metadata(file).await?),
        // It comes and goes.
        wal_bytes: Some(tokio::fs::metadata(wal).await.map_or(0, length)),
    })
}

fn length(file: std::fs::Metadata) -> i64 {
    i64::try_from(file.len()).unwrap_or(i64::MAX)
}

async fn number(db: &impl ConnectionTrait, sql: String) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Row {
        counted: i64,
    }
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Ok(Row::find_by_statement(statement)
        .one(db)
        .await?
        .map_or(0, |row| row.counted))
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::{ImportRow, waiting_seconds};

    fn waits(status: &str, lease_until: i64, queued_at: Option<i64>) -> Option<i64> {
        let at = |seconds: i64| OffsetDateTime::from_unix_timestamp(seconds).expect("a moment");
        waiting_seconds(&ImportRow {
            id: 1,
            kind: "products".to_owned(),
            file_name: "a.csv".to_owned(),
            status: status.to_owned(),
            phase: None,
            percent: 0.0,
            rows_per_second: None,
            lease_until,
            now: 1_000_000,
            created_at: at(100),
            queued_at: queued_at.map(at),
        })
    }

    #[test]
    fn an_import_waits_from_when_it_was_queued_or_left() {
        assert_eq!(waits("pending", 0, Some(990)), Some(10));
        assert_eq!(
            waits("pending", 0, None),
            Some(900),
            "from before this was written down"
        );
        assert_eq!(waits("pending", 0, Some(1_001)), Some(0), "clocks differ");
        assert_eq!(waits("processing", 1_004_000, Some(100)), None, "somebody works on it");
        assert_eq!(waits("processing", 940_000, Some(100)), Some(60), "its worker is gone");
        assert_eq!(waits("processing", 0, Some(970)), Some(30), "it was given back");
    }
}
