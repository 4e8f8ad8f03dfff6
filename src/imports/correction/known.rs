//! Open problem rows with what the file says in them.

use std::collections::{BTreeMap, BTreeSet};

use csv::ByteRecord;
use tokio::task::spawn_blocking;

use crate::error::Result;
use crate::imports::problem::RowProblem;
use crate::imports::reading::ReadError;
use crate::imports::returned::unreadable;
use crate::imports::{FileFormat, original, problem_store, reading};
use crate::services::Services;
use crate::storage::StoredFile;
use crate::workbook::Workbooks;

/// A row that could not be used, and that nobody has corrected yet.
pub(super) struct KnownRow {
    pub row: i64,
    pub problems: Vec<RowProblem>,
    pub record: ByteRecord,
}

/// Those of the rows that have open problems, in the order of the file.
pub(super) async fn known_rows(
    services: &Services,
    import: i64,
    format: &FileFormat,
    rows: &[i64],
) -> Result<Vec<KnownRow>> {
    let mut problems: BTreeMap<i64, Vec<RowProblem>> = BTreeMap::new();
    for problem in problem_store::open_problems_of(services.reader(), import, rows).await? {
        problems.entry(problem.row).or_default().push(problem);
    }
    if problems.is_empty() {
        return Ok(Vec::new());
    }
    let (_, file) = original::open(services.reader(), &services.storage, import).await?;
    let (format, workbooks) = (format.clone(), services.workbooks.clone());
    let wanted = problems.keys().copied().collect();
    let read = spawn_blocking(move || records(file, &format, &workbooks, wanted)).await?;
    let mut records = read.map_err(unreadable)?;
    let known = |(row, problems)| {
        let record = records.remove(&row)?;
        Some(KnownRow { row, problems, record })
    };
    Ok(problems.into_iter().filter_map(known).collect())
}

/// Reads the file up to the last row that is wanted.
fn records(
    file: StoredFile,
    format: &FileFormat,
    workbooks: &Workbooks,
    mut wanted: BTreeSet<i64>,
) -> std::result::Result<BTreeMap<i64, ByteRecord>, ReadError> {
    let mut rows = reading::open(file, format, workbooks)?;
    let (mut found, mut record) = (BTreeMap::new(), ByteRecord::new());
    while !wanted.is_empty() {
        let Some(row) = rows.next(&mut record)? else { break };
        if wanted.remove(&row) {
            found.insert(row, record.clone());
        }
    }
    Ok(found)
}
