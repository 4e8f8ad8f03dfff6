//! Somebody says how a file is to be read and where its columns go, before it is checked, or once more after that.

use std::collections::BTreeMap;

use csv::ByteRecord;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::ExprTrait as _};

use super::intake::check_catalog;
use super::matching::{self, Matching, match_by_hand, match_columns, memory};
use super::options::{ImportOptions, OtherColumns};
use super::preview::Samples;
use super::reading::{Rows, Sample};
pub use super::sniff::Wanted;
use super::sniff::{self, Layout};
use super::{FileFormat, Import, ImportKind, ImportStatus, ImportStep, Progress, queue, repeating, store};
use crate::database::clock::now;
use crate::entities::import::{Column, Entity, Model};
use crate::entities::import_problem;
use crate::error::Result;
use crate::problem::Problem;
use crate::services::Services;

/// Cells that are shown of each column, and their characters.
const CELLS: usize = 3;
const CELL_MAX: usize = 80;
/// Rows that are looked at for them.
const ROWS: usize = 200;

/// What somebody has said.
#[derive(Clone, Debug, Default)]
pub struct Rematch {
    pub wanted: Wanted,
    /// Field of each column by its place; columns that are not named go nowhere.
    pub columns: BTreeMap<usize, String>,
    pub options: ImportOptions,
    /// Whether the check may begin; otherwise the columns are only found anew.
    pub is_final: bool,
}

/// Fields that a column can go to.
#[must_use]
pub fn fields(kind: ImportKind) -> Vec<&'static str> {
    matching::choices(kind)
}

/// Some cells of each column, and what is new about the file.
///
/// # Errors
/// 404, or when the file is no longer stored.
pub async fn samples(services: &Services, id: i64) -> Result<Samples> {
    let db = services.reader();
    let row = store::find(db, id).await?;
    let import = store::import(&row)?;
    let sample = Sample::of(&services.storage, &services.workbooks, &row.file_key).await?;
    let remembered = memory::recall(db, import.kind).await?;
    let differences = memory::differences(&import.format, &remembered).unwrap_or_default();
    Ok(Samples {
        columns: cells(sample.text(import.format.sheet.as_deref()).into_owned(), &import.format),
        new: differences.new,
        gone: differences.gone,
        same_file: repeating::same_file(db, &row).await?,
    })
}

/// A file that cannot be read on shows what could be read.
fn cells(sample: Vec<u8>, format: &FileFormat) -> Vec<Vec<String>> {
    let mut columns = vec![Vec::new(); format.columns.len()];
    let Ok(mut rows) = Rows::open(std::io::Cursor::new(sample), format) else {
        return columns;
    };
    let mut record = ByteRecord::new();
    for _ in 0..ROWS {
        let Ok(Some(_)) = rows.next(&mut record) else { break };
        for (cell, column) in record.iter().zip(&mut columns) {
            let text = String::from_utf8_lossy(cell);
            let text = text.trim();
            if column.len() < CELLS && !text.is_empty() {
                column.push(text.chars().take(CELL_MAX).collect());
            }
        }
    }
    columns
}

/// Takes what somebody has said about a file that waits. If they may be final and fit the file, its check is next.
///
/// # Errors
/// 409 when the file waits no longer, 422 when the columns or the options cannot be so, 404.
pub async fn rematch(services: &Services, id: i64, rematch: Rematch) -> Result<Import> {
    let row = store::find(services.database.writer(), id).await?;
    let import = store::import(&row)?;
    if !import.kind.has_file() || import.progress.status != ImportStatus::AwaitingConfirmation {
        return Err(too_late().into());
    }
    check_catalog(&services.database, &rematch.options).await?;
    let layout = layout(services, &row, &import, &of_sheet(rematch.wanted, &import.format)).await?;
    let remembered = memory::recall(services.reader(), import.kind).await?;
    let known = match_columns(import.kind, &layout.headers, &remembered);
    let is_same = import
        .format
        .columns
        .iter()
        .map(|column| &column.header)
        .eq(&layout.headers);
    let (mut matching, step) = if rematch.is_final && is_same {
        let columns = match_by_hand(import.kind, &layout.headers, &rematch.columns, &known)?;
        (Matching { columns, ..known }, ImportStep::Check)
    } else {
        (known, ImportStep::Match)
    };
    if rematch.options.other_columns == OtherColumns::Keep && import.kind == ImportKind::Products {
        matching::keep_others(&mut matching);
    }
    save(
        services,
        &import,
        layout.with_columns(matching.columns),
        step,
        &rematch.options,
    )
    .await?;
    if step == ImportStep::Check {
        services.import_wake.wake();
    }
    super::get(services.database.writer(), id).await
}

/// A row that the form still has from another sheet says nothing about the one that was chosen now.
fn of_sheet(wanted: Wanted, now: &FileFormat) -> Wanted {
    let is_other = wanted.sheet.is_some() && wanted.sheet != now.sheet;
    let said = wanted.header_row.filter(|row| !is_other || *row != now.header_row);
    Wanted {
        header_row: said,
        ..wanted
    }
}

async fn layout(services: &Services, row: &Model, import: &Import, wanted: &Wanted) -> Result<Layout> {
    let sample = Sample::of(&services.storage, &services.workbooks, &row.file_key).await?;
    Ok(sniff::layout(
        import.kind,
        &sample,
        services.config.column_limit,
        wanted,
    )?)
}

async fn save(
    services: &Services,
    import: &Import,
    format: FileFormat,
    step: ImportStep,
    options: &ImportOptions,
) -> Result<()> {
    let waiting = Progress::waiting();
    let (status, message) = match step {
        ImportStep::Check => (ImportStatus::Pending, waiting.message),
        _ => (ImportStatus::AwaitingConfirmation, import.progress.message.clone()),
    };
    let transaction = services.database.begin().await?;
    // Problems that were found by reading the file in another way.
    import_problem::Entity::delete_many()
        .filter(import_problem::Column::ImportId.eq(import.job_id))
        .exec(&transaction)
        .await?;
    let saved = Entity::update_many()
        .col_expr(Column::Format, Expr::val(serde_json::to_string(&format)?))
        .col_expr(Column::Options, Expr::val(serde_json::to_string(options)?))
        .col_expr(Column::Step, Expr::val(step.as_str()))
        .col_expr(Column::Status, Expr::val(status.as_str()))
        .col_expr(Column::Message, Expr::val(message))
        .col_expr(Column::QueuedAt, Expr::val(now()))
        .col_expr(Column::Review, Expr::val(None::<String>))
        .filter(
            Column::Id
                .eq(import.job_id)
                .and(Column::Status.eq(ImportStatus::AwaitingConfirmation.as_str())),
        )
        .exec(&transaction)
        .await
        .map_err(queue::in_progress)?;
    if saved.rows_affected == 0 {
        return Err(too_late().into());
    }
    Ok(transaction.commit().await?)
}

fn too_late() -> Problem {
    Problem::conflict(
        "This file no longer waits for its columns to be matched. Upload it again to import it differently.",
    )
}
