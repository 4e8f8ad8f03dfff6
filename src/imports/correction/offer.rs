//! Which rows can be corrected, and what stands in them.

use sea_orm::ConnectionTrait;

use super::cells::OwnColumns;
use super::known::{KnownRow, known_rows};
use super::{CellProblem, Correctable, CorrectableRow, PAGE_ROWS};
use crate::error::Result;
use crate::imports::{FileFormat, problem_store};
use crate::services::Services;

/// Bytes of text in one row, and in all rows of a page, that a form can hold.
pub(super) const ROW_TEXT_MAX: usize = 1_000_000;
const PAGE_TEXT_MAX: usize = 2_000_000;

/// How many rows of an import have problems that nobody has corrected.
///
/// # Errors
/// When the database fails.
pub async fn open_rows(db: &impl ConnectionTrait, id: i64) -> Result<i64> {
    problem_store::count_open_rows(db, id).await
}

/// The first open problem rows of an import after the row `after`, as many as a page takes.
///
/// # Errors
/// 404 when there is no such import or its file is gone; 409 when its rows cannot be corrected one by one.
pub async fn correctable(services: &Services, id: i64, after: i64) -> Result<Correctable> {
    let db = services.reader();
    let import = crate::imports::get(db, id).await?;
    import.check_correctable()?;
    let total = open_rows(db, id).await?;
    // One more than are shown says whether there are others.
    let wanted = problem_store::open_rows_after(db, id, after, PAGE_ROWS as u64 + 1).await?;
    let columns = OwnColumns::of(&import.format);
    let known = known_rows(services, id, &import.format, &wanted[..wanted.len().min(PAGE_ROWS)]).await?;
    let mut rows = Vec::with_capacity(known.len());
    let mut length = 0;
    for row in known {
        let row = shown(&columns, &import.format, row);
        length += row.cells.iter().map(String::len).sum::<usize>();
        if length > PAGE_TEXT_MAX && !rows.is_empty() {
            break;
        }
        rows.push(row);
    }
    let next = rows
        .last()
        .map(|last| last.row)
        .filter(|last| wanted.last() > Some(last));
    Ok(Correctable {
        import,
        columns: columns.all,
        rows,
        total,
        next,
    })
}

fn shown(columns: &OwnColumns, format: &FileFormat, known: KnownRow) -> CorrectableRow {
    let KnownRow { row, problems, record } = known;
    let is_long = record.as_slice().len() > ROW_TEXT_MAX;
    let reason = |problem: crate::imports::problem::RowProblem| CellProblem {
        row,
        column: problem.column.and_then(|header| columns.called(format, &header)),
        message: problem.message,
    };
    let cells = columns.all.iter().filter(|_| !is_long);
    CorrectableRow {
        row,
        reasons: problems.into_iter().map(reason).collect(),
        cells: cells.map(|column| columns.shown(&record, column)).collect(),
        surplus: if is_long { Vec::new() } else { columns.surplus(&record) },
    }
}
