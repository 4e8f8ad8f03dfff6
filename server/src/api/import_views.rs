//! Imports, their checks and their changes as they go over the wire.

use std::collections::BTreeMap;

use serde::Serialize;
use stockroom::changes::ImportChange;
use stockroom::imports::plan::Proof;
use stockroom::imports::preview::PlannedChange;
use stockroom::imports::problem::RowProblem;
use stockroom::imports::review::{Alarm, Review};
use stockroom::imports::{Import, ImportKind, ImportStatus, MatchedColumn, Progress};
use utoipa::ToSchema;

use super::views::ProblemView;

/// One change that a job has made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportChangeView {
    /// None for a product that is still to be created.
    pub product_id: Option<i64>,
    /// None when the product has been deleted for good since.
    pub sku: Option<String>,
    /// The version that it made; none while it is only planned.
    pub version: Option<i64>,
    /// Row of the file, as a spreadsheet shows it; known while the change is planned.
    pub row: Option<i64>,
    /// `create`, `update`, `delete` or `restore`.
    #[schema(value_type = String, example = "update")]
    pub kind: stockroom::changes::ChangeKind,
    /// Each field that changed, with its value before and after.
    #[schema(value_type = BTreeMap<String, Vec<serde_json::Value>>)]
    pub fields: stockroom::changes::FieldChanges,
}

impl From<ImportChange> for ImportChangeView {
    fn from(change: ImportChange) -> Self {
        Self {
            product_id: Some(change.product_id),
            sku: change.sku,
            version: Some(change.version),
            row: None,
            kind: change.kind,
            fields: change.fields,
        }
    }
}

impl From<PlannedChange> for ImportChangeView {
    fn from(change: PlannedChange) -> Self {
        Self {
            product_id: change.product_id,
            sku: Some(change.sku),
            version: None,
            row: change.row,
            kind: change.kind,
            fields: change.fields,
        }
    }
}

/// What a check has found. Nothing of it has happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    pub created: i64,
    pub updated: i64,
    pub deleted: i64,
    /// Products that would be taken out of the bin.
    pub restored: i64,
    pub unchanged: i64,
    /// Rows that cannot be used.
    pub failed: i64,
    /// Products that the file does not list and that would be deactivated; among `updated`.
    pub missing: i64,
    /// Values that would be taken away.
    pub cleared: i64,
    /// How many products would change in each field.
    pub fields: BTreeMap<&'static str, i64>,
    pub new_catalogs: i64,
    pub alarms: Vec<AlarmView>,
    /// Whether `POST /imports/{id}/apply` needs `confirm=true`.
    pub needs_confirmation: bool,
}

/// Something about the file that looks like damage, or like a mistake.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlarmView {
    /// A word for programs.
    #[schema(value_type = String, example = "price_moved")]
    pub kind: stockroom::imports::review::AlarmKind,
    /// Cells or products that it is about.
    pub count: i64,
    pub column: Option<String>,
    /// The first few: row and value.
    #[schema(value_type = Vec<Object>)]
    pub examples: Vec<stockroom::imports::review::Example>,
    /// What it is and what to do.
    pub message: String,
    /// Whether it must be confirmed.
    pub must_be_answered: bool,
}

impl From<&Review> for CheckView {
    fn from(review: &Review) -> Self {
        let alarm = |alarm: &Alarm| AlarmView {
            kind: alarm.kind,
            count: alarm.count,
            column: alarm.column.clone(),
            examples: alarm.examples.clone(),
            message: format!("{}. {}", alarm.kind.title(), alarm.kind.advice()),
            must_be_answered: alarm.kind.must_be_answered(),
        };
        Self {
            created: review.created,
            updated: review.updated,
            deleted: review.deleted,
            restored: review.restored,
            unchanged: review.unchanged,
            failed: review.failed,
            missing: review.missing,
            cleared: review.cleared,
            fields: review
                .fields
                .iter()
                .map(|count| (count.field.as_str(), count.changed))
                .collect(),
            new_catalogs: review.new_catalogs,
            alarms: review.alarms.iter().map(alarm).collect(),
            needs_confirmation: review.proof() != Proof::Nothing,
        }
    }
}

/// An import; also each `progress` event of its stream.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    pub job_id: i64,
    /// `products`, `catalogs`, `bulk_delete`, `bulk_update` or `undo`.
    #[schema(value_type = String, example = "products")]
    pub kind: ImportKind,
    pub file_name: String,
    /// Bytes.
    pub file_size: i64,
    /// Of the file's bytes, in hexadecimal; none of a job without a file.
    pub sha256: Option<String>,
    /// When the file was removed, because its time was over; null while it is kept, and of a job without a file.
    pub file_removed_at: Option<String>,
    /// When the problem rows were removed, because their time was over.
    pub problems_removed_at: Option<String>,
    pub format: FormatView,
    /// `match` (somebody must say where the columns go), `check` or `apply`.
    #[schema(value_type = String, example = "apply")]
    pub step: stockroom::imports::ImportStep,
    /// How the rows are taken: the fields of the upload.
    #[schema(value_type = Object)]
    pub options: stockroom::imports::options::ImportOptions,
    /// What the check has found, if there was one.
    pub check: Option<CheckView>,
    /// The import whose problem rows it brings back corrected.
    pub corrects: Option<i64>,
    /// What it does, if it has no file.
    #[schema(value_type = Option<Object>)]
    pub plan: Option<stockroom::imports::plan::Plan>,
    /// The job that this one takes back.
    pub undoes: Option<i64>,
    /// The job that took this one back.
    pub undone_by: Option<i64>,
    /// `awaiting_confirmation`, `pending`, `processing`, `completed`, `failed`, `cancelled` or `undone`.
    #[schema(value_type = String, example = "processing")]
    pub status: ImportStatus,
    /// What processing is doing: `reading`, `comparing`, `applying` or `undoing`.
    #[schema(value_type = Option<String>, example = "applying")]
    pub phase: Option<stockroom::imports::Phase>,
    /// Rows of the file; known once it has been read.
    pub total: Option<i64>,
    /// Rows whose fate is decided: the sum of the five counters below. While a checked import waits, they say what would happen.
    pub processed: i64,
    /// Rows read so far.
    pub read: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    /// Rows that could not be used.
    pub failed: i64,
    /// Rows that a later row with the same SKU replaced.
    pub superseded: i64,
    /// Of the whole job. Never goes down.
    pub percent: f64,
    pub rows_per_second: Option<f64>,
    pub eta_seconds: Option<i64>,
    pub message: String,
    pub error: Option<String>,
    pub created_by: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
}

/// An import that was waited for.
#[derive(Debug, Serialize, ToSchema)]
pub struct IngestView {
    #[serde(flatten)]
    pub import: ImportView,
    /// What became of the products.
    pub products: IngestedProducts,
    /// The first hundred problems and warnings; all are at `/imports/{id}/problems`.
    pub problems: Vec<ProblemView>,
}

/// Products that an import has created and updated; of a file that was only checked, that it would.
#[derive(Debug, Serialize, ToSchema)]
pub struct IngestedProducts {
    pub created: i64,
    pub updated: i64,
}

impl IngestView {
    #[must_use]
    pub fn new(import: Import, problems: Vec<RowProblem>) -> Self {
        let is_of_products = import.kind == ImportKind::Products;
        let import = ImportView::from(import);
        let (created, updated) = if is_of_products {
            (import.created, import.updated)
        } else {
            (0, 0)
        };
        Self {
            import,
            products: IngestedProducts { created, updated },
            problems: problems.into_iter().map(ProblemView::from).collect(),
        }
    }
}

/// What was found out about the file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormatView {
    #[schema(example = "UTF-8")]
    pub encoding: String,
    #[schema(value_type = String, example = ",")]
    pub delimiter: char,
    /// The sheet of a workbook, of those that are not hidden.
    pub sheet: Option<String>,
    pub sheets: Vec<String>,
    /// The row that names the columns, counted from 1.
    pub header_row: i64,
    pub columns: Vec<ColumnView>,
}

/// A column of the file and the field its cells go to, or none when it is not used.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnView {
    pub header: String,
    pub field: Option<String>,
}

impl From<MatchedColumn> for ColumnView {
    fn from(column: MatchedColumn) -> Self {
        Self {
            header: column.header,
            field: column.field,
        }
    }
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        let progress = foreseen(&import).unwrap_or(import.progress);
        Self {
            step: import.step,
            options: import.options,
            check: import.review.as_ref().map(CheckView::from),
            corrects: import.corrects,
            job_id: import.job_id,
            kind: import.kind,
            file_name: import.file_name,
            file_size: import.file_size,
            sha256: import.sha256,
            file_removed_at: import.file_removed_at.map(|moment| moment.to_string()),
            problems_removed_at: import.problems_removed_at.map(|moment| moment.to_string()),
            format: FormatView {
                encoding: import.format.encoding,
                delimiter: import.format.delimiter,
                sheet: import.format.sheet,
                sheets: import.format.sheets,
                header_row: import.format.header_row,
                columns: import.format.columns.into_iter().map(ColumnView::from).collect(),
            },
            plan: import.plan,
            undoes: import.undoes,
            undone_by: import.undone_by,
            status: progress.status,
            phase: progress.phase,
            total: progress.total,
            processed: progress.processed,
            read: progress.read,
            created: progress.created,
            updated: progress.updated,
            unchanged: progress.unchanged,
            failed: progress.failed,
            superseded: progress.superseded,
            percent: progress.percent,
            rows_per_second: progress.rows_per_second,
            eta_seconds: progress.eta_seconds,
            message: progress.message,
            error: progress.error,
            created_by: import.created_by,
            created_at: import.created_at.to_string(),
            started_at: import.started_at.map(|moment| moment.to_string()),
            finished_at: import.finished_at.map(|moment| moment.to_string()),
        }
    }
}

/// The counters of an import that was checked and waits: what would happen.
fn foreseen(import: &Import) -> Option<Progress> {
    let review = import.review.as_ref()?;
    let waits = import.progress.status == ImportStatus::AwaitingConfirmation;
    let mut progress = waits.then(|| import.progress.clone())?;
    progress.created = review.created;
    progress.updated = review.updated + review.restored + review.deleted;
    progress.processed = progress.decided();
    Some(progress)
}
