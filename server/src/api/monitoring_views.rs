//! Figures, alerts and the last day, as they go over the wire. Ages are whole seconds, sizes bytes, moments RFC 3339 in UTC.

use serde::Serialize;
use stockroom::database::Pool;
use stockroom::disk::Disk;
use stockroom::monitoring::{
    Alert, DatabaseFigures, Figures, History, ImportFigures, Monitoring, OpenImport, Process, Series, WebhookFigures,
};
use stockroom::nodes::Node;
use stockroom::timestamp::Timestamp;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct MonitoringView {
    pub moment: String,
    /// What somebody must look after, the worst first.
    pub alerts: Vec<AlertView>,
    pub process: ProcessView,
    /// The processes that share the database, the oldest first; none with SQLite, whose process is alone.
    pub nodes: Vec<NodeView>,
    pub imports: ImportsView,
    pub webhooks: WebhooksView,
    /// Pictures that are not there, 10,000 at most of each.
    pub pictures_waiting: i64,
    pub pictures_failed: i64,
    /// New products and changes that searches for words do not see yet.
    pub search_behind: i64,
    pub database: DatabaseView,
    /// Those that the process writes to that answers.
    pub disks: Vec<DiskView>,
    /// The last 24 hours in half hours.
    pub history: HistoryView,
}

impl MonitoringView {
    pub fn new(seen: Monitoring, pools: Vec<Pool>) -> Self {
        let Figures { imports, webhooks, .. } = &seen.figures;
        Self {
            imports: imports.into(),
            webhooks: WebhooksView {
                waiting: seen.figures.waiting_deliveries(),
                oldest_due_seconds: seen.figures.oldest_due_seconds(),
                items: webhooks.iter().map(Into::into).collect(),
            },
            moment: seen.figures.moment.to_string(),
            alerts: seen.alerts.into_iter().map(Into::into).collect(),
            process: seen.system.process.into(),
            nodes: seen.figures.nodes.into_iter().map(Into::into).collect(),
            pictures_waiting: seen.figures.pictures.waiting,
            pictures_failed: seen.figures.pictures.failed,
            search_behind: seen.figures.search_behind,
            database: DatabaseView::new(seen.figures.database, pools),
            disks: seen.system.disks.into_iter().map(Into::into).collect(),
            history: seen.history.into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AlertView {
    /// `danger` or `warning`.
    #[schema(example = "warning")]
    pub severity: &'static str,
    /// What it is about.
    #[schema(example = "disk")]
    pub subject: &'static str,
    /// Number of the import, webhook or schedule that it is about.
    pub id: Option<i64>,
    pub title: String,
    pub happened: String,
    pub advice: String,
}

impl From<Alert> for AlertView {
    fn from(alert: Alert) -> Self {
        Self {
            severity: alert.severity.as_str(),
            subject: alert.subject.as_str(),
            id: alert.subject.id(),
            title: alert.title,
            happened: alert.happened,
            advice: alert.advice,
        }
    }
}

/// The process that answers; there may be others.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessView {
    pub version: String,
    pub started_at: String,
    pub uptime_seconds: i64,
    pub memory_bytes: Option<i64>,
    pub open_files: Option<i64>,
}

impl From<Process> for ProcessView {
    fn from(process: Process) -> Self {
        Self {
            version: process.version,
            started_at: process.started_at.to_string(),
            uptime_seconds: process.uptime_seconds,
            memory_bytes: process.memory_bytes,
            open_files: process.open_files,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NodeView {
    pub id: String,
    /// `all`, `web` or `worker`.
    #[schema(example = "worker")]
    pub role: &'static str,
    /// Name of its machine.
    pub host: String,
    pub version: String,
    pub started_at: String,
    /// Those that it writes to, as it saw them last; none where that is not known.
    pub disks: Vec<DiskView>,
}

impl From<Node> for NodeView {
    fn from(node: Node) -> Self {
        Self {
            id: node.id,
            role: node.role.as_str(),
            host: node.host,
            version: node.version,
            started_at: node.started_at.to_string(),
            disks: node.disks.into_iter().map(Into::into).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportsView {
    /// Those that run or wait for a worker, the oldest first; a thousand at most.
    pub open: Vec<OpenImportView>,
    pub waiting: i64,
    pub oldest_waiting_seconds: Option<i64>,
    pub to_be_confirmed: i64,
}

impl From<&ImportFigures> for ImportsView {
    fn from(imports: &ImportFigures) -> Self {
        Self {
            open: imports.open.iter().map(Into::into).collect(),
            waiting: imports.waiting(),
            oldest_waiting_seconds: imports.oldest_waiting_seconds(),
            to_be_confirmed: imports.to_be_confirmed,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OpenImportView {
    pub job_id: i64,
    pub kind: &'static str,
    pub file_name: String,
    pub status: &'static str,
    pub phase: Option<&'static str>,
    pub percent: f64,
    pub rows_per_second: Option<f64>,
    /// For how long no worker has been at it.
    pub waiting_seconds: Option<i64>,
}

impl From<&OpenImport> for OpenImportView {
    fn from(import: &OpenImport) -> Self {
        Self {
            job_id: import.id,
            kind: import.kind.as_str(),
            file_name: import.file_name.clone(),
            status: import.status.as_str(),
            phase: import.phase.map(|phase| phase.as_str()),
            percent: import.percent,
            rows_per_second: import.rows_per_second,
            waiting_seconds: import.waiting_seconds,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WebhooksView {
    /// Deliveries, 10,000 at most of each webhook.
    pub waiting: i64,
    pub oldest_due_seconds: Option<i64>,
    pub items: Vec<WebhookFiguresView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookFiguresView {
    pub id: i64,
    /// `enabled`, `disabled` or `disabled_automatically`.
    pub status: &'static str,
    /// Nothing has arrived since.
    pub failing_since: Option<String>,
    /// `closed`, `open` or `trying`.
    pub breaker: &'static str,
    pub waiting: i64,
    pub oldest_due_seconds: Option<i64>,
}

impl From<&WebhookFigures> for WebhookFiguresView {
    fn from(webhook: &WebhookFigures) -> Self {
        Self {
            id: webhook.id,
            status: webhook.status.as_str(),
            failing_since: webhook.failing_since.as_ref().map(Timestamp::to_string),
            breaker: webhook.breaker.as_str(),
            waiting: webhook.waiting,
            oldest_due_seconds: webhook.oldest_due_seconds,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DatabaseView {
    /// `SQLite` or `PostgreSQL`.
    pub engine: String,
    pub bytes: i64,
    /// Of SQLite's write-ahead log.
    pub wal_bytes: Option<i64>,
    pub pools: Vec<PoolView>,
}

impl DatabaseView {
    fn new(database: DatabaseFigures, pools: Vec<Pool>) -> Self {
        let pools = pools
            .into_iter()
            .map(|Pool { name, open, idle }| PoolView { name, open, idle });
        Self {
            engine: database.engine,
            bytes: database.bytes,
            wal_bytes: database.wal_bytes,
            pools: pools.collect(),
        }
    }
}

/// Connections of this process.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolView {
    pub name: &'static str,
    pub open: i64,
    pub idle: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DiskView {
    /// What it is needed for; `scratch` where that has a disk of its own.
    pub used_for: &'static str,
    pub free_bytes: i64,
    pub total_bytes: i64,
    /// What uploads leave free: one that would leave less is refused with 507.
    pub reserve_bytes: i64,
}

impl From<Disk> for DiskView {
    fn from(disk: Disk) -> Self {
        Self {
            used_for: disk.used_for.as_str(),
            free_bytes: disk.free_bytes,
            total_bytes: disk.total_bytes,
            reserve_bytes: disk.reserve_bytes,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryView {
    /// When each half hour began, the oldest first.
    pub starts: Vec<String>,
    pub series: Vec<SeriesView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesView {
    #[schema(example = "rows_applied")]
    pub measure: &'static str,
    pub label: &'static str,
    /// One for each half hour; `null` where nobody has measured.
    pub values: Vec<Option<i64>>,
}

impl From<History> for HistoryView {
    fn from(history: History) -> Self {
        let series = history.series.into_iter().map(|Series { measure, values }| SeriesView {
            measure: measure.as_str(),
            label: measure.label(),
            values,
        });
        Self {
            starts: history.starts.iter().map(Timestamp::to_string).collect(),
            series: series.collect(),
        }
    }
}
